"""Keep the emulator up in the foreground, to deploy an example by hand."""

from __future__ import annotations

import os
import shlex
import signal
import sys

from . import LocalAws


def main() -> None:
    """Start, print what to export, and stay until Ctrl-C or SIGTERM."""
    # Blocked and waited for: a handler's exception can get lost wherever the signal finds it.
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    outside = dict(os.environ)
    with LocalAws() as aws:
        for name in outside.keys() - aws.environment.keys():
            sys.stdout.write(f"unset {name}\n")
        for name, value in aws.environment.items():
            if outside.get(name) != value:
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write("# Ctrl-C stops it\n")
        sys.stdout.flush()
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
