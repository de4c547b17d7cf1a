"""The demo of the examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "examples.demo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_deploys_provider_and_consumer() -> None:
    process = run()
    assert process.returncode == 0, process.stdout + process.stderr
    # The provider is deployed, and the service name is looked up.
    name = process.stdout.rsplit("Consumers connect to ", 1)[1].strip()
    assert name.startswith("com.amazonaws.vpce.eu-west-1.vpce-svc-")
    assert f"PrivateLinkProvider.ServiceName = {name}" in process.stdout
    assert f"is named {name}" in process.stdout
    # The consumer connects with the name, and the connection is listed.
    endpoint = process.stdout.split("PrivateLinkConsumer.EndpointId = ", 1)[1].split()[0]
    before, after = process.stdout.split("Once they are accepted", 1)
    assert f"{endpoint}   pendingAcceptance, of account 123456789012" in before
    assert f"{endpoint}   available, Interface endpoint to {name}" in after


def test_the_demo_accepts_the_name_of_an_example() -> None:
    process = run("cloudformation_template")
    assert process.returncode == 0, process.stdout + process.stderr
    name = process.stdout.rsplit("No one is connected yet. Consumers connect to ", 1)[1].strip()
    assert f"VpcEndpointService.SecurityVpcEndpointServiceName = {name}" in process.stdout


def test_the_demo_lists_the_examples_if_the_name_is_unknown() -> None:
    process = run("nothing")
    assert process.returncode == 1
    assert process.stderr.startswith("There is no example `nothing`, but cloudformation_template, ")
    assert process.stdout == ""
