"""The demo: what a newcomer runs first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import demo
from tests.local_aws import LocalAws

ROOT = Path(__file__).parents[2]


def test_it_shows_the_name_that_was_looked_up() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    name = process.stdout.rsplit("Consumers connect to ", 1)[1].strip()
    assert name.startswith("com.amazonaws.vpce.eu-west-1.vpce-svc-")
    assert f"PrivateLinkProvider.ServiceName = {name}" in process.stdout
    assert f"is named {name}" in process.stdout


def test_it_fails_when_ec2_says_something_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = demo.ask_ec2

    def ask_of_another(aws: LocalAws, service_id: str) -> dict[str, str]:
        return ask(aws, service_id) | {"ServiceName": "another"}

    monkeypatch.setattr(demo, "ask_ec2", ask_of_another)
    with pytest.raises(SystemExit) as stop:
        demo.main()
    assert stop.value.code == "\nFAILED: EC2 and the stack's outputs differ in ServiceName"
    assert "They agree" not in capsys.readouterr().out
