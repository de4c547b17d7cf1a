"""Runs a handler once: ``handler_of_this_library.py FOLDER EVENT [SECONDS]``."""

import json
import logging
import sys
import time
from pathlib import Path

START = time.time()
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 180


class Context:
    """The part of a Lambda context that the handler uses."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time."""
        return int((START + SECONDS - time.time()) * 1000)


sys.path.insert(0, sys.argv[1])
# Lambda adds a handler to the root logger.
logging.basicConfig(stream=sys.stdout)
import index  # type: ignore[import-not-found]  # pyright: ignore[reportMissingImports]  # noqa: E402

index.handler(json.loads(sys.argv[2]), Context())
# Includes the peak memory. The value that the parent can read includes the memory of the parent.
sys.stdout.write(Path("/proc/self/status").read_text(encoding="utf-8"))
