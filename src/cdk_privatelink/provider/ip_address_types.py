"""By which kinds of IP addresses consumers may connect."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import checked_list
from ..errors import PrivateLinkValueError
from .load_balancers import LoadBalancers, first_without_ipv6


def checked_ip_address_types(
    types: object, *, load_balancers: LoadBalancers, scope: Construct
) -> list[str] | None:
    """Check the types, if there are any, and return what CloudFormation calls them.

    :raises PrivateLinkTypeError: Not a list of ``ec2.IpAddressType``.
    :raises PrivateLinkValueError: Nothing in it, or IPv6 with a load balancer that has none.
    """
    if types is None:
        return None
    argument = "supported_ip_address_types"
    checked = checked_list(
        argument,
        types,
        ec2.IpAddressType,
        takes="`ec2.IpAddressType`",
        fix="pass `ec2.IpAddressType.IPV4`, `ec2.IpAddressType.IPV6` or both",
        scope=scope,
    )
    if ec2.IpAddressType.IPV6 in checked:
        without = first_without_ipv6(load_balancers)
        if without is not None:
            raise PrivateLinkValueError(
                argument,
                "has IPv6, for which every load balancer has to be dualstack",
                got=f"load balancer `{without.node.path}` without it",
                fix="make that load balancer dualstack, or leave `ec2.IpAddressType.IPV6` out",
                scope=scope,
            )
    return [address_type.value.lower() for address_type in checked]
