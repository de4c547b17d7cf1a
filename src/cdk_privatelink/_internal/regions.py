"""Regions, and from which of them consumers may connect."""

from __future__ import annotations

import re

from aws_cdk import Aws, CfnCondition, Fn, Stack
from constructs import Construct

from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .arguments import checked_list
from .scopes import told_as_ours
from .tokens import check_list_tokens, is_list_token, is_string_token

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+", re.ASCII)
_FIX = "pass names of regions like `eu-west-1`"


def checked_regions(regions: object, *, scope: Construct) -> list[str] | None:
    """Check the regions, if there are any, and return them without repetitions.

    :raises PrivateLinkTypeError: Not a list of strings.
    :raises PrivateLinkValueError: Nothing in it, or what cannot be a region.
    """
    if regions is None:
        return None
    argument = "allowed_regions"
    checked = checked_list(argument, regions, str, takes="regions", fix=_FIX, scope=scope)
    check_list_tokens(argument, checked, scope=scope)
    return [
        region if is_list_token(region) else checked_region(argument, region, scope=scope)
        for region in checked
    ]


def is_in(region: str, scope: Construct) -> CfnCondition:
    """Find or make the condition that a stack is in a region, where that depends.

    :raises PrivateLinkValueError: The stack has something else of its id.
    """
    stack = Stack.of(scope)
    condition_id = f"PrivateLinkIsIn-{region}"
    found = stack.node.try_find_child(condition_id)
    if isinstance(found, CfnCondition):
        return found
    with told_as_ours("scope", fix="give that construct another id", scope=scope):
        return CfnCondition(stack, condition_id, expression=Fn.condition_equals(Aws.REGION, region))


def checked_region(argument: str, region: object, *, scope: Construct | str) -> str:
    """Check that it can be a region.

    :raises PrivateLinkTypeError: It is not a string.
    :raises PrivateLinkValueError: It cannot be a region.
    """
    if not isinstance(region, str):
        raise PrivateLinkTypeError(
            argument, "takes a region", got=f"`{region!r}`", fix=_FIX, scope=scope
        )
    if not is_string_token(region) and not _REGION.fullmatch(region):
        raise PrivateLinkValueError(
            argument,
            "has something that is not a region",
            got=f"`{region}`",
            fix=_FIX,
            scope=scope,
        )
    return region
