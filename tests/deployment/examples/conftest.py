"""Fixtures for the tests of the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integ.accounts import open_aws
from tools.deployment import DeployedStack, deploy

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def stacks(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> Iterator[dict[str, DeployedStack]]:
    """Deploy the example of the test module, and yield its stacks by name."""
    example = EXAMPLES / request.module.EXAMPLE
    with open_aws(pytestconfig) as aws:
        yield {stack.name: stack for stack in deploy(aws, example, aws.context)}
