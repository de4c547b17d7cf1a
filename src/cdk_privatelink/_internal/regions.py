"""AWS Regions: their names, and conditions on them."""

from __future__ import annotations

import re

from aws_cdk import Aws, CfnCondition, Fn, Stack
from constructs import Construct

from .arguments import matching
from .scopes import reserved_id

REGION = matching(
    re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+", re.ASCII),
    problem="must be the name of a Region",
    fix="pass a name like `eu-west-1`",
)


def region_condition(region: str, scope: Construct) -> CfnCondition:
    """Return the condition that a stack is deployed to a Region, one per stack and Region.

    :raises PrivateLinkValueError: Another construct in the stack has the id of the condition.
    """
    stack = Stack.of(scope)
    condition_id = f"PrivateLinkIsIn-{region}"
    existing = stack.node.try_find_child(condition_id)
    if isinstance(existing, CfnCondition):
        return existing
    with reserved_id(stack, condition_id, scope=scope):
        return CfnCondition(stack, condition_id, expression=Fn.condition_equals(Aws.REGION, region))
