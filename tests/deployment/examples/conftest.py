"""Fixtures for the tests of the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_aws import LocalAws
from tools.deployment import DeployedStack, deploy

EXAMPLES = Path(__file__).parents[3] / "examples"
NEIGHBORS = Path(__file__).with_name("neighbors.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stacks(request: pytest.FixtureRequest) -> Iterator[dict[str, DeployedStack]]:
    """Deploy the example of the test module to the emulator, and yield its stacks by id.

    The accounts have resources of other people.
    """
    with LocalAws() as aws:
        stacks = {stack.name: stack for stack in deploy(aws, EXAMPLES / request.module.EXAMPLE)}
        environments = {(each.account.id, each.region): each for each in stacks.values()}
        for stack in environments.values():
            add_neighbors(stack)
        yield stacks


def add_neighbors(stack: DeployedStack) -> None:
    """Create resources of other people in the account and Region of a stack."""
    cloudformation = stack.client("cloudformation")
    cloudformation.create_stack(StackName="Neighbors", TemplateBody=NEIGHBORS)
    (created,) = cloudformation.describe_stacks(StackName="Neighbors")["Stacks"]
    assert created["StackStatus"] == "CREATE_COMPLETE", created["StackStatusReason"]
