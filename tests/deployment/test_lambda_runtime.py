"""The Lambda functions of the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.local_aws.lambda_runtime import LambdaRuntime

Start = Callable[[str], LambdaRuntime]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start functions, and stop them after the test."""
    with ExitStack() as cleanup:

        def start(code: str) -> LambdaRuntime:
            (tmp_path / "index.py").write_text(code)
            runtime = LambdaRuntime(
                tmp_path, handler="index.handler", endpoint_url="http://-", variables={"A": "1"}
            )
            cleanup.callback(runtime.close)
            return runtime

        yield start


def test_a_function_stays_warm(start: Start) -> None:
    runtime = start(
        "print('cold')\ncalls = []\n"
        "def handler(event, context):\n"
        "    calls.append(event)\n    print('warm', event)\n    return len(calls)\n"
    )
    invocations = [runtime.invoke(event, seconds=20, request_id="1") for event in "ab"]
    assert [(each.result, each.failed, each.log) for each in invocations] == [
        (1, False, "cold\nwarm a\n"),
        (2, False, "warm b\n"),
    ]


def test_a_function_does_not_inherit_the_environment_of_the_machine(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_MACHINE", "1")
    runtime = start("import os\ndef handler(event, context):\n    return dict(os.environ)\n")
    variables = runtime.invoke({}, seconds=20, request_id="1").result
    assert variables["A"] == "1"
    assert "OF_THE_MACHINE" not in variables


def test_a_function_can_be_invoked_again_after_an_error(start: Start) -> None:
    runtime = start("def handler(event, context):\n    return 1 // event\n")
    failed, fine = (runtime.invoke(event, seconds=20, request_id="1") for event in (0, 1))
    assert failed.failed
    assert failed.result["errorType"] == "ZeroDivisionError"
    assert "Traceback" in failed.log
    assert (fine.failed, fine.result) == (False, 1)


def test_a_function_is_killed_at_its_timeout(start: Start) -> None:
    runtime = start(
        "import time\ndef handler(event, context):\n    print('here')\n    time.sleep(60)\n"
    )
    killed = runtime.invoke({}, seconds=2, request_id="1")
    assert killed.failed
    assert killed.log == "here\n1 Task timed out after 2.00 seconds"
    assert not runtime.alive


def test_code_that_cannot_be_imported_fails_the_invocation(start: Start) -> None:
    runtime = start("import nothing_of_this_name\n")
    failed = runtime.invoke({}, seconds=20, request_id="1")
    assert failed.failed
    assert "nothing_of_this_name" in failed.log
    assert not runtime.alive
