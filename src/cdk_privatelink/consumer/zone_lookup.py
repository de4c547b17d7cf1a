"""The lookup of the Availability Zones of a service with the CDK CLI."""

from __future__ import annotations

from aws_cdk import ContextProvider
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.construct_cache import stack_of
from .._internal.subnets import SelectedSubnets
from .._internal.tokens import is_literal


def look_up_zones(name: str, *, consumer: Construct, path: str) -> list[str]:
    """Return the zones of an existing service, or an empty list until the CLI has the result.

    The endpoint of the CDK has the same option, and raises an error before the first lookup if a
    subnet is not in the zones of the stack. The error would keep the CLI from the lookup.
    """
    stack = stack_of(consumer)
    for expected, value in (
        ("the literal name of a service", name),
        ("a stack with a literal account", stack.account),
        ("a stack with a literal Region", stack.region),
    ):
        if not is_literal(value):
            raise Argument("lookup_supported_azs", path).value_error(
                f"must be used with {expected}",
                got=value,
                fix="pass `subnets` in the zones of the service instead",
            )
    zones: list[str] = ContextProvider.get_value(
        consumer,
        provider="endpoint-service-availability-zones",
        props={"serviceName": name},
        dummy_value=[],
    ).value
    return zones


def require_literal_zones(selected: SelectedSubnets, path: str) -> None:
    """Check that the zones of subnets are comparable with the zones of the service."""
    for subnet in selected.subnets:
        if not is_literal(subnet.availability_zone):
            raise Argument("lookup_supported_azs", path).value_error(
                "must be used with subnets in literal Availability Zones",
                got=subnet.node.path,
                fix="pass `subnets` in the zones of the service instead",
            )
