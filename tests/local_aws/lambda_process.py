"""What runs inside the process of an emulated Lambda: `lambda_runtime` starts it as a script.

Arguments: the file for the result, the time of the kill (seconds since 1970), the request id.
The event comes in through stdin, the rest through the variables that AWS sets too.
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


class Context:
    """The part of a Lambda context that handlers use."""

    def __init__(self, deadline: float, request_id: str) -> None:
        self._deadline = deadline
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the handler has before it is killed."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> int:
    """Import and call the handler; leave its result, or its error as Lambda words it."""
    result, deadline, request_id = sys.argv[1:]
    # Lambda gives the root logger a handler, so handlers need no `basicConfig` of their own.
    logging.basicConfig(format="[%(levelname)s]\t%(message)s")
    # The script's own directory comes first by default: its neighbours are not the Lambda's.
    sys.path[0] = str(Path.cwd())
    try:
        module, name = os.environ["_HANDLER"].rsplit(".", 1)
        handler = getattr(importlib.import_module(module), name)
        answer = handler(json.load(sys.stdin), Context(float(deadline), request_id))
        Path(result).write_text(json.dumps(answer), encoding="utf-8")
    except Exception as error:
        traceback.print_exc()
        failure = {"errorType": type(error).__name__, "errorMessage": str(error)}
        Path(result).write_text(json.dumps(failure), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
