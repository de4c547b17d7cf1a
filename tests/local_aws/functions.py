"""Lambda functions that run in processes instead of Docker containers."""

from __future__ import annotations

import io
import json
import tempfile
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto import settings
from moto.awslambda.models import LambdaFunction
from moto.core.utils import unix_time_millis

from .accounts import credentials
from .lambda_runtime import LambdaRuntime


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    return [_run_functions()]


def server_url() -> str:
    """Return the URL of the server in the settings of moto."""
    return f"{settings.moto_server_host()}:{settings.moto_server_port()}"


@contextmanager
def _run_functions() -> Iterator[None]:
    # The keys are all values whose change requires a new process.
    runtimes: dict[tuple[object, ...], LambdaRuntime] = {}
    with ExitStack() as cleanup:

        def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
            """Run the handler and return its result, whether it failed, and its log."""
            variables = _variables(function)
            key = (function.code_bytes, function.handler, *variables.items())
            runtime = runtimes.get(key)
            if runtime is None or not runtime.alive:
                code = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="local-aws-"))
                zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(code)
                runtimes[key] = runtime = LambdaRuntime(
                    Path(code),
                    handler=str(function.handler),
                    endpoint_url=server_url(),
                    variables=variables,
                )
                cleanup.callback(runtime.close)
            request_id = str(uuid.uuid4())
            # moto passes the event of an API call as a dictionary.
            payload = event if isinstance(event, dict) else json.loads(event or "{}")
            invocation = runtime.invoke(payload, seconds=function.timeout, request_id=request_id)
            _write_log(
                function, f"{time.strftime('%Y/%m/%d')}/[$LATEST]{request_id}", invocation.log
            )
            return json.dumps(invocation.result), invocation.failed, invocation.log

        cleanup.enter_context(patch.object(LambdaFunction, "_invoke_lambda", invoke))
        yield


def _variables(function: LambdaFunction) -> dict[str, str]:
    """Return the environment variables of one function."""
    return {
        **credentials(function.account_id),
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": str(function.function_name),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": str(function.logs_group_name),
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


def _write_log(function: LambdaFunction, stream: str, log: str) -> None:
    now = int(unix_time_millis())
    events = [{"timestamp": now, "message": line} for line in log.splitlines()]
    function.logs_backend.ensure_log_group(function.logs_group_name)
    function.logs_backend.create_log_stream(function.logs_group_name, stream)
    if events:
        function.logs_backend.put_log_events(function.logs_group_name, stream, events)
