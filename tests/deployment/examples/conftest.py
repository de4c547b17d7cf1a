"""Fixtures for the tests of the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_aws import LocalAws
from tools.deployment import DeployedStack, deploy

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def stacks(request: pytest.FixtureRequest) -> Iterator[dict[str, DeployedStack]]:
    """Deploy the example of the test module to an empty emulator, and yield its stacks by name."""
    with LocalAws() as aws:
        yield {stack.name: stack for stack in deploy(aws, EXAMPLES / request.module.EXAMPLE)}
