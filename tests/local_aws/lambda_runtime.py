"""The execution environment of a Lambda function: a process for several invocations."""

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

_SCRIPT = Path(__file__).with_name("lambda_process.py")
# Long enough for a machine that is busy with other tests.
_STARTUP_SECONDS = 60


class Invocation(NamedTuple):
    """The outcome of one invocation."""

    result: Any
    failed: bool
    log: str
    seconds_left: float


class LambdaRuntime:
    """An execution environment, which stays warm until a timeout ends it."""

    def __init__(
        self, code: Path, *, handler: str, endpoint_url: str, variables: Mapping[str, str]
    ) -> None:
        """Start a process with the handler, without the environment variables of the machine."""
        # A file, not a pipe, so that output from before a kill is not lost.
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, str(_SCRIPT)],
            cwd=code,
            env=_environment(handler, endpoint_url) | dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._read = 0
        self._ready = self._read_line(_STARTUP_SECONDS) is not None

    @property
    def alive(self) -> bool:
        """True if the process can be invoked again."""
        return self._ready and self._process.poll() is None

    def invoke(self, event: Any, *, seconds: float, request_id: str) -> Invocation:
        """Run the handler until its end or its timeout."""
        end = time.monotonic() + seconds
        if not self.alive:
            failure = {"errorType": "Runtime.ImportModuleError", "errorMessage": "see the log"}
            return Invocation(failure, True, self._read_log(), seconds)
        invocation = {"event": event, "seconds": seconds, "request_id": request_id}
        assert self._process.stdin is not None
        print(json.dumps(invocation), file=self._process.stdin, flush=True)
        line = self._read_line(seconds)
        seconds_left = end - time.monotonic()
        if line:
            outcome = json.loads(line)
            return Invocation(outcome["result"], outcome["failed"], self._read_log(), seconds_left)
        self._process.kill()
        self._process.wait()
        message = f"{request_id} Task timed out after {seconds:.2f} seconds"
        failure = {"errorType": "Sandbox.Timedout", "errorMessage": message}
        return Invocation(failure, True, self._read_log() + message, seconds_left)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def _read_line(self, seconds: float) -> str | None:
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline() or None if readable else None

    def _read_log(self) -> str:
        self._log.seek(self._read)
        output = self._log.read()
        self._read += len(output)
        return output.decode(errors="replace")


def _environment(handler: str, endpoint_url: str) -> dict[str, str]:
    """Return the environment variables that every function has."""
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
