"""Lambda functions that really run: each invocation is a Python process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto import settings
from moto.awslambda.models import LambdaFunction
from moto.core.utils import unix_time_millis

_INSIDE = Path(__file__).with_name("lambda_process.py")


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    # moto runs Lambdas in Docker, which a test machine need not have.
    return [patch.object(LambdaFunction, "_invoke_lambda", invoke)]


def server_url() -> str:
    """Tell where moto believes its server to be."""
    return f"{settings.moto_server_host()}:{settings.moto_server_port()}"


def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
    """Run the handler to its end or its timeout; give its answer, whether it failed, its log."""
    request_id = str(uuid.uuid4())
    stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{request_id}"
    timeout = float(function.timeout)
    with tempfile.TemporaryDirectory(prefix="local-aws-lambda-") as name:
        code, result, log = Path(name, "code"), Path(name, "result.json"), Path(name, "log.txt")
        zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(code)
        # To a file and not a pipe: what was printed before a kill is kept.
        with log.open("wb") as log_file:
            process = subprocess.Popen(
                [sys.executable, str(_INSIDE), str(result), str(time.time() + timeout), request_id],
                cwd=code,
                env=_environment(function, stream),
                stdin=subprocess.PIPE,
                stdout=log_file,
                stderr=subprocess.STDOUT,
            )
            try:
                process.communicate(json.dumps(event or {}).encode(), timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                message = f"{request_id} Task timed out after {timeout:.2f} seconds"
                log_file.write(message.encode())
                failure = {"errorType": "Sandbox.Timedout", "errorMessage": message}
                result.write_text(json.dumps(failure), encoding="utf-8")
        printed = log.read_text(encoding="utf-8", errors="replace")
        answer = result.read_text(encoding="utf-8") if result.exists() else "null"
    _write_log(function, stream, printed)
    return answer, process.returncode != 0, printed


def _environment(function: LambdaFunction, stream: str) -> dict[str, str]:
    """Compose what a Lambda sees of the world: nothing of the machine that the tests run on."""
    return {
        "PATH": os.defpath,
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "*",
        "_HANDLER": str(function.handler),
        "AWS_ENDPOINT_URL": server_url(),
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


def _write_log(function: LambdaFunction, stream: str, printed: str) -> None:
    now = int(unix_time_millis())
    events = [{"timestamp": now, "message": line} for line in printed.splitlines()]
    function.logs_backend.ensure_log_group(function.logs_group_name)
    function.logs_backend.create_log_stream(function.logs_group_name, stream)
    if events:
        function.logs_backend.put_log_events(function.logs_group_name, stream, events)
