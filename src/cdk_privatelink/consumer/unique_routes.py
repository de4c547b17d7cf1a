"""Routes of this library, which need a destination that no other route of the table has."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.construct_cache import (
    construct_path,
    jsii_reference,
    root_reference,
    stack_of,
    stage_path,
)
from .._internal.end_of_synthesis import add_final_validation
from .._internal.tokens import is_literal, referenced_resource

# The arguments that routes of this library come from, by stage and by construct.
_ARGUMENTS: dict[tuple[str, str | None], dict[str, Argument]] = {}
# The placeholders of the CDK are no hexadecimal numbers: different tables have the same one.
_TABLE_ID = re.compile(r"rtb-[0-9a-f]+", re.ASCII)


def add_route(
    scope: Construct,
    id: str,
    *,
    table_id: str,
    destination: str,
    argument: Argument,
    is_ipv6: bool = False,
    **target: str,
) -> ec2.CfnRoute:
    """Add a route. Another route to the same destination is an error at the end of synthesis.

    CloudFormation rejects the second route of a table to a destination.

    :param argument: The argument that the table comes from, for the error.
    :param target: The target of the route, as a property of ``ec2.CfnRoute``.
    """
    route = ec2.CfnRoute(
        scope,
        id,
        route_table_id=table_id,
        destination_cidr_block=None if is_ipv6 else destination,
        destination_ipv6_cidr_block=destination if is_ipv6 else None,
        **target,
    )
    stack = stack_of(scope)
    arguments = _ARGUMENTS.setdefault((root_reference(stack), stage_path(stack)), {})
    if not arguments:
        add_final_validation(stack, lambda: _validate(stack, arguments))
    arguments[jsii_reference(route)] = argument
    return route


def _validate(stack: Stack, arguments: Mapping[str, Argument]) -> None:
    """Compare all routes of a stage.

    :raises PrivateLinkValueError: Another route has the table and the destination of a route of
        this library.
    """
    found: dict[tuple[str, str], list[ec2.CfnRoute]] = {}
    for each in stack.node.root.node.find_all():
        if isinstance(each, ec2.CfnRoute) and stage_path(stack_of(each)) == stage_path(stack):
            destination = each.destination_cidr_block or each.destination_ipv6_cidr_block
            table = _identify_table(each.route_table_id, stack_of(each))
            if destination is not None and table is not None:
                key = table, _identify_block(destination, stack_of(each))
                found.setdefault(key, []).append(each)
    for routes in found.values():
        own = [each for each in map(jsii_reference, routes) if each in arguments]
        # Two routes with different conditions may never exist at the same time.
        if own and len(routes) > 1 and not any(each.cfn_options.condition for each in routes):
            raise arguments[own[0]].value_error(
                "must not have another route to the same destination",
                got="` and `".join(map(construct_path, routes)),
                fix="remove one of the routes",
            )


def _identify_table(table_id: str, stack: Stack) -> str | None:
    """Return a value that is equal for all tokens of a route table, ``None`` for a placeholder."""
    if is_literal(table_id):
        return table_id if _TABLE_ID.fullmatch(table_id) else None
    return _find_table(table_id) or _resolve(table_id, stack)


@cache
def _find_table(token: str) -> str | None:
    """Return the path of the route table of the app whose id a token is."""
    resource = referenced_resource(token)
    return construct_path(resource) if isinstance(resource, ec2.CfnRouteTable) else None


def _identify_block(block: str, stack: Stack) -> str:
    """Return a value that is equal for a CIDR block with and without host bits."""
    try:
        return str(ipaddress.ip_network(block, strict=False))
    except ValueError:
        return _resolve(block, stack)


def _resolve(value: Any, stack: Stack) -> str:
    """Return the value in the template of a stack, which other stacks can resolve differently."""
    return json.dumps([construct_path(stack), stack.resolve(value)], sort_keys=True)
