"""The timer of the functions, in a case that scenarios cannot cause."""

from __future__ import annotations

from pathlib import Path

from tests.handlers.harness import function_properties
from tests.local_aws.lambda_runtime import LambdaRuntime

HANDLER = """

class LosesExceptions:
    slow = True

    def __del__(self):
        if LosesExceptions.slow:
            LosesExceptions.slow = False
            time.sleep(2)


def handler(event, context):
    def describe():
        LosesExceptions()
        raise RetryableError("error", "check")

    try:
        _poll(1, describe, "timeout")
    except PermanentError as error:
        return f"{error}"
"""


def test_the_timer_repeats_an_interruption_that_was_lost(tmp_path: Path) -> None:
    # GIVEN a `__del__`, which loses exceptions, that runs at the deadline
    code = function_properties()["Code"]["ZipFile"]
    (tmp_path / "index.py").write_text(code + HANDLER)
    runtime = LambdaRuntime(tmp_path, handler="index.handler", endpoint_url="-", variables={})
    # THEN the function still ends
    try:
        invocation = runtime.invoke({}, seconds=30, request_id="1")
    finally:
        runtime.close()
    assert "DeadlineExceeded" in invocation.log
    assert invocation.result == "timeout. Check check. Last response from EC2: error"
