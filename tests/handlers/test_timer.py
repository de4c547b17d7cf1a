"""The timer that ends all questions, where a scenario cannot reach."""

from __future__ import annotations

from pathlib import Path

from tests.handlers.harness import functions
from tests.local_aws.lambda_runtime import LambdaRuntime

SWALLOWING = """

class Swallows:
    slow = True

    def __del__(self):
        if Swallows.slow:
            Swallows.slow = False
            time.sleep(2)


def handler(event, context):
    def question():
        Swallows()
        raise RetryableError("said", "check")

    try:
        _poll(1, question, "in vain")
    except PermanentError as error:
        return f"{error}"
"""


def test_an_interruption_that_gets_lost_is_repeated(tmp_path: Path) -> None:
    # GIVEN Python in a `__del__`, where errors get lost, while the time runs out
    code = functions()["look_up_service_name"]["Code"]["ZipFile"]
    (tmp_path / "index.py").write_text(code + SWALLOWING)
    runtime = LambdaRuntime(tmp_path, handler="index.handler", endpoint_url="-", variables={})
    # THEN the questions end nevertheless
    try:
        ran = runtime.invoke({}, seconds=30, request_id="1")
    finally:
        runtime.close()
    assert "DeadlineExceeded" in ran.log
    assert ran.result == "in vain. Check check. Last response from EC2: said"
