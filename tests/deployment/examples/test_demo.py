"""The demo, which a newcomer runs first."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.documentation.pages import blocks_of

ROOT = Path(__file__).parents[3]


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.demo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def without_ids(output: str) -> str:
    return re.sub(r"vpce-(svc-)?[0-9a-f]+|127\.0\.0\.1:\d+", "ID", output)


def test_demo_deploys_names_and_connects_the_default_example() -> None:
    process = run_demo()
    assert process.returncode == 0, process.stdout + process.stderr
    name = process.stdout.rsplit("Done: 1 endpoint is connected to ", 1)[1].strip()
    assert name.startswith("com.amazonaws.vpce.eu-west-1.vpce-svc-")
    assert f"ServiceName              {name}" in process.stdout
    assert f"is named {name}" in process.stdout
    (endpoint,) = set(re.findall(r"EndpointId +(vpce-\w+)", process.stdout))
    before, after = process.stdout.split("Describe the endpoints", 1)
    assert f"{endpoint}   pendingAcceptance, account 123456789012" in before
    assert f"{endpoint}   available, Interface endpoint to {name}" in after
    # CloudFormation's events are shown on request only.
    assert "CREATE_IN_PROGRESS" not in process.stdout
    # The README shows the end of this output.
    (shown,) = (each for each in blocks_of("README.md", "text") if "Done:" in each)
    assert without_ids(process.stdout).endswith(without_ids(shown))


def test_demo_deploys_a_named_example_and_shows_events_on_request() -> None:
    process = run_demo("cloudformation_template", "--events")
    assert process.returncode == 0, process.stdout + process.stderr
    name = process.stdout.rsplit("Done: no endpoint is connected yet. Consumers connect to ", 1)[1]
    assert f"SecurityVpcEndpointServiceName {name.strip()}" in process.stdout
    assert "CREATE_IN_PROGRESS" in process.stdout


def test_demo_rejects_an_unknown_example_and_lists_the_examples() -> None:
    process = run_demo("nothing")
    assert process.returncode == 2
    assert "invalid choice: 'nothing' (choose from" in process.stderr
    assert "cloudformation_template" in process.stderr
    assert process.stdout == ""
