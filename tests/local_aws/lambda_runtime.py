"""A Lambda function as a process of its own, which is invoked again and again while it lives."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

_INSIDE = Path(__file__).with_name("lambda_process.py")
# Far longer than it takes on a machine that is busy with other tests.
_SECONDS_TO_START_IN = 60


class Invocation(NamedTuple):
    """What came of one invocation."""

    result: Any
    failed: bool
    log: str
    seconds_left: float


class LambdaRuntime:
    """An execution environment: started cold, kept warm, dead after a timeout."""

    def __init__(
        self, code: Path, *, handler: str, endpoint_url: str, variables: Mapping[str, str]
    ) -> None:
        """Import the handler in a process that sees nothing of the machine that it runs on."""
        # To a file and not a pipe: what was printed before a kill is kept.
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, str(_INSIDE)],
            cwd=code,
            env=_environment(handler, endpoint_url) | dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._read = 0
        self._ready = self._next_line(_SECONDS_TO_START_IN) is not None

    @property
    def alive(self) -> bool:
        """Whether it can be invoked once more."""
        return self._ready and self._process.poll() is None

    def invoke(self, event: Any, *, seconds: float, request_id: str) -> Invocation:
        """Run the handler to its end or its timeout."""
        end = time.monotonic() + seconds
        if not self.alive:
            failure = {"errorType": "Runtime.ImportModuleError", "errorMessage": "see the log"}
            return Invocation(failure, True, self._new_log(), seconds)
        invocation = {"event": event, "seconds": seconds, "request_id": request_id}
        assert self._process.stdin is not None
        print(json.dumps(invocation), file=self._process.stdin, flush=True)
        line = self._next_line(seconds)
        left = end - time.monotonic()
        if line:
            outcome = json.loads(line)
            return Invocation(outcome["result"], outcome["failed"], self._new_log(), left)
        self._process.kill()
        self._process.wait()
        message = f"{request_id} Task timed out after {seconds:.2f} seconds"
        failure = {"errorType": "Sandbox.Timedout", "errorMessage": message}
        return Invocation(failure, True, self._new_log() + message, left)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def _next_line(self, seconds: float) -> str | None:
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline() or None if readable else None

    def _new_log(self) -> str:
        self._log.seek(self._read)
        printed = self._log.read()
        self._read += len(printed)
        return printed.decode(errors="replace")


def _environment(handler: str, endpoint_url: str) -> dict[str, str]:
    """Compose what every Lambda sees of the world."""
    return {
        "PATH": os.defpath,
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "*",
        "_HANDLER": handler,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "a-secret-key",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    }
