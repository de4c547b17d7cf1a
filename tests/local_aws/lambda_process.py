"""The script in the process of an emulated Lambda function. `lambda_runtime` starts it.

The script prints "ready", then reads one invocation per line from stdin and prints one outcome
per line to stdout. The output of the handler goes to stderr, the log.
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
        """Return the time until the process is killed."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Import the handler, then call it for each invocation."""
    outcomes, sys.stdout = sys.stdout, sys.stderr
    # Lambda adds a handler to the root logger, so functions do not call `basicConfig`.
    logging.basicConfig(format="[%(levelname)s]\t%(message)s")
    # Python adds the directory of this script, whose modules must not be importable.
    sys.path[0] = str(Path.cwd())
    module, name = os.environ["_HANDLER"].rsplit(".", 1)
    handler = getattr(importlib.import_module(module), name)
    # The functions import it on their first call. On a loaded machine, that would take their time.
    importlib.import_module("boto3")
    print("ready", file=outcomes, flush=True)
    for line in sys.stdin:
        print(json.dumps(_invoke(handler, **json.loads(line))), file=outcomes, flush=True)


def _invoke(handler: Any, *, event: Any, seconds: float, request_id: str) -> dict[str, Any]:
    try:
        return {"failed": False, "result": handler(event, Context(seconds, request_id))}
    except Exception as error:
        traceback.print_exc()
        # The format of Lambda.
        failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return {"failed": True, "result": failure}


if __name__ == "__main__":
    main()
