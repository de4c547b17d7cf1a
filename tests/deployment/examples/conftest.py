"""Fixtures for the tests of the examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy

EXAMPLES = Path(__file__).parents[3] / "examples"
NEIGHBORS = Path(__file__).with_name("neighbors.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def deployed(aws: Account, request: pytest.FixtureRequest) -> list[DeployedStack]:
    """Deploy the example of the test module."""
    return deploy(aws, EXAMPLES / request.module.EXAMPLE, aws.context)


@pytest.fixture(scope="module")
def stacks(aws: Account, deployed: list[DeployedStack]) -> dict[str, DeployedStack]:
    """Return the stacks of the example by id, in accounts with resources of other people."""
    if isinstance(aws, LocalAws):
        environments = {(each.account.id, each.region): each for each in deployed}
        for stack in environments.values():
            add_neighbors(stack)
    return {stack.id: stack for stack in deployed}


def add_neighbors(stack: DeployedStack) -> None:
    """Create resources of other people in the account and Region of a stack."""
    cloudformation = stack.client("cloudformation")
    cloudformation.create_stack(StackName="Neighbors", TemplateBody=NEIGHBORS)
    (created,) = cloudformation.describe_stacks(StackName="Neighbors")["Stacks"]
    assert created["StackStatus"] == "CREATE_COMPLETE", created["StackStatusReason"]
