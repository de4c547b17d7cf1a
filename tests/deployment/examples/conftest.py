"""Fixtures for the tests of the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integ.accounts import open_aws
from tests.local_aws import LocalAws
from tools.deployment import DeployedStack, deploy

EXAMPLES = Path(__file__).parents[3] / "examples"
NEIGHBORS = Path(__file__).with_name("neighbors.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stacks(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> Iterator[dict[str, DeployedStack]]:
    """Deploy the example of the test module, and yield its stacks by id.

    The accounts have resources of other people.
    """
    example = EXAMPLES / request.module.EXAMPLE
    with open_aws(pytestconfig) as aws:
        stacks = {stack.id: stack for stack in deploy(aws, example, aws.context)}
        if isinstance(aws, LocalAws):
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
