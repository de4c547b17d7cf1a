"""Lambda functions that really run, where moto would need Docker."""

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
    """List what to change in moto while the emulator runs."""
    return [_functions_that_run()]


def server_url() -> str:
    """Tell where moto believes its server to be."""
    return f"{settings.moto_server_host()}:{settings.moto_server_port()}"


@contextmanager
def _functions_that_run() -> Iterator[None]:
    # By what a change of starts it anew.
    runtimes: dict[tuple[object, ...], LambdaRuntime] = {}
    with ExitStack() as cleanup:

        def invoke(function: LambdaFunction, event: str | None = None) -> tuple[str, bool, str]:
            """Run the handler; give its answer, whether it failed, its log."""
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
            given = json.loads(event or "{}")
            ran = runtime.invoke(given, seconds=function.timeout, request_id=request_id)
            _write_log(function, f"{time.strftime('%Y/%m/%d')}/[$LATEST]{request_id}", ran.log)
            return json.dumps(ran.result), ran.failed, ran.log

        cleanup.enter_context(patch.object(LambdaFunction, "_invoke_lambda", invoke))
        yield


def _variables(function: LambdaFunction) -> dict[str, str]:
    """List what a function sees besides what all of them do."""
    return {
        **credentials(function.account_id),
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": str(function.function_name),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": str(function.logs_group_name),
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


def _write_log(function: LambdaFunction, stream: str, printed: str) -> None:
    now = int(unix_time_millis())
    events = [{"timestamp": now, "message": line} for line in printed.splitlines()]
    function.logs_backend.ensure_log_group(function.logs_group_name)
    function.logs_backend.create_log_stream(function.logs_group_name, stream)
    if events:
        function.logs_backend.put_log_events(function.logs_group_name, stream, events)
