"""Names of AWS Regions and Availability Zones, and conditions on Regions."""

from __future__ import annotations

import re

from aws_cdk import Aws, CfnCondition, Fn, Stack
from constructs import Construct

from .arguments import Argument, list_of, matching
from .scopes import reserved_id
from .tokens import is_list_token

REGION = matching(
    re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+", re.ASCII),
    problem="must be the name of a Region",
    fix="pass a name like `eu-west-1`",
)
_ZONE_FIX = "pass a name like `eu-west-1a`"
# A Region and a letter, or the suffix of a Local Zone or a Wavelength Zone: `us-west-2-lax-1a`. Ids
# of zones, like `euw1-az1`, are not names. `dummy1a` is a placeholder of the CDK until the CLI has
# looked up the zones: an error would keep the CLI from the lookup.
ZONE_NAME = matching(
    re.compile(r"(?=.{1,255}$)[a-z]{2,4}(-[a-z]+)+-\d+([a-z]|-[a-z0-9-]+)|dummy1[a-z]", re.ASCII),
    problem="must be the name of an Availability Zone",
    fix=_ZONE_FIX,
)


def _single_zone_name(argument: Argument, value: object) -> str:
    if isinstance(value, str) and is_list_token(value):
        raise argument.value_error(
            "must be a single name, since there is one alarm per Availability Zone",
            got=value,
            fix=_ZONE_FIX,
        )
    return ZONE_NAME(argument, value)


ZONE_NAMES = list_of(_single_zone_name)


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
