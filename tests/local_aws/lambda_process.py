"""What runs inside the process of an emulated Lambda: `lambda_runtime` starts it as a script.

It says that it is ready, then takes one invocation a line from stdin and gives one outcome a line
to stdout. What the handler prints goes to stderr, the log.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The part of a Lambda context that handlers use."""

    def __init__(self, seconds: float, request_id: str) -> None:
        self._deadline = time.time() + seconds
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the handler has before it is killed."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Import the handler, then call it as often as asked."""
    outcomes, sys.stdout = sys.stdout, sys.stderr
    # Lambda gives the root logger a handler, so handlers need no `basicConfig` of their own.
    logging.basicConfig(format="[%(levelname)s]\t%(message)s")
    # The script's own directory comes first by default: its neighbours are not the Lambda's.
    sys.path[0] = str(Path.cwd())
    module, name = os.environ["_HANDLER"].rsplit(".", 1)
    handler = getattr(importlib.import_module(module), name)
    print("ready", file=outcomes, flush=True)
    for line in sys.stdin:
        print(json.dumps(_outcome(handler, **json.loads(line))), file=outcomes, flush=True)


def _outcome(handler: Any, *, event: Any, seconds: float, request_id: str) -> dict[str, Any]:
    try:
        return {"failed": False, "result": handler(event, Context(seconds, request_id))}
    except Exception as error:
        traceback.print_exc()
        # As Lambda words it.
        failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return {"failed": True, "result": failure}


if __name__ == "__main__":
    main()
