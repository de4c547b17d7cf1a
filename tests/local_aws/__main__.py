"""Run the emulator in the foreground, to deploy an example by hand."""

from __future__ import annotations

import os
import shlex
import signal
import sys

from . import LocalAws


def main() -> None:
    """Start the emulator, print its variables, and wait for Ctrl-C or SIGTERM."""
    # `sigwait` is safer than a handler, whose exception can get lost in foreign code.
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    original = dict(os.environ)
    with LocalAws() as aws:
        for name in original.keys() - aws.environment.keys():
            sys.stdout.write(f"unset {name}\n")
        for name, value in aws.environment.items():
            if original.get(name) != value:
                sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write("# Ctrl-C stops it\n")
        sys.stdout.flush()
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
