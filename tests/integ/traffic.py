"""Requests of clients in a VPC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integ.waiting import wait_until
from tools.deployment import DeployedStack

APPS = Path(__file__).parent / "apps"


def request(stack: DeployedStack, url: str) -> dict[str, Any]:
    """Let the client in a stack request a URL, and return the response or the error."""
    response = stack.client("lambda").invoke(
        FunctionName=stack.outputs["ClientName"], Payload=json.dumps({"url": url})
    )
    return dict(json.loads(response["Payload"].read()))


def assert_connected(stack: DeployedStack, url: str) -> str:
    """Assert that a client gets a response, and return its body."""
    _require_packets(stack, url)
    wait_until(lambda: "body" in request(stack, url))
    body = str(request(stack, url)["body"])
    assert body.startswith("hello ")
    return body


def assert_not_connected(stack: DeployedStack, url: str) -> None:
    """Assert that a client gets no response."""
    _require_packets(stack, url)
    wait_until(lambda: all("error" in request(stack, url) for _ in range(3)))


def _require_packets(stack: DeployedStack, url: str) -> None:
    if not stack.account.forwards_packets:
        # The client runs, and has no network.
        assert set(request(stack, url)) == {"error"}
        pytest.skip("the local AWS forwards no packets")
