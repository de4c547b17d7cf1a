"""Run the hub in the foreground, to view the package."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from .front_end import build
from .package import Package, find_tarball
from .server import serving


def main() -> None:
    """Start the hub, print its URL, and wait for Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.local_hub", description=__doc__)
    parser.add_argument("tarball", nargs="?", type=Path, help="default: the tarball in dist/js")
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    arguments = parser.parse_args()
    try:
        package = Package(arguments.tarball or find_tarball())
    except LookupError as error:
        sys.exit(str(error))
    stop = {signal.SIGINT, signal.SIGTERM}
    with tempfile.TemporaryDirectory(prefix="local-hub-") as site:
        build(package, Path(site))
        # Blocked in the thread of the server too, which inherits the mask.
        signal.pthread_sigmask(signal.SIG_BLOCK, stop)
        with serving(Path(site), arguments.port) as url:
            name, version = package.manifest["name"], package.manifest["version"]
            sys.stdout.write(
                f"Construct Hub: {url}\nPackage:\n"
                f"  {url}/packages/{name}/v/{version}?lang=python\n"
                "Ctrl-C stops it\n"
            )
            sys.stdout.flush()
            signal.sigwait(stop)


if __name__ == "__main__":
    main()
