"""Keep the hub up in the foreground, to look at the package by hand."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from .front_end import build
from .package import Package, packed
from .server import serving


def main() -> None:
    """Start, say where to look, and stay until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.local_hub", description=__doc__)
    parser.add_argument("tarball", nargs="?", type=Path, help="a packed one; by default in dist/js")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    arguments = parser.parse_args()
    try:
        package = Package(arguments.tarball or packed())
    except LookupError as error:
        sys.exit(str(error))
    stop = {signal.SIGINT, signal.SIGTERM}
    with tempfile.TemporaryDirectory(prefix="local-hub-") as site:
        build(package, Path(site))
        # Blocked and waited for, in the server's thread, too.
        signal.pthread_sigmask(signal.SIG_BLOCK, stop)
        with serving(Path(site), arguments.port) as url:
            name, version = package.manifest["name"], package.manifest["version"]
            sys.stdout.write(
                f"Construct Hub is at {url}, and the package at\n"
                f"  {url}/packages/{name}/v/{version}?lang=python\n"
                "Ctrl-C stops it\n"
            )
            sys.stdout.flush()
            signal.sigwait(stop)


if __name__ == "__main__":
    main()
