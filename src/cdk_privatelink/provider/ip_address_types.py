"""The IP address types with which consumers can connect."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..errors import PrivateLinkValueError
from .load_balancers import LoadBalancers, find_ipv4_only


def known_ip_address_types(load_balancers: LoadBalancers) -> list[str] | None:
    """Return the types that EC2 derives from the load balancers, ``None`` if it may be several."""
    return None if find_ipv4_only(load_balancers) is None else ["ipv4"]


def resolve_ip_address_types(
    types: Sequence[ec2.IpAddressType] | None, *, load_balancers: LoadBalancers, scope: Construct
) -> list[str] | None:
    """Return the address types as CloudFormation names them.

    :raises PrivateLinkValueError: IPv6 is among them, and a load balancer does not support it.
    """
    if types is None:
        return None
    ipv4_only = find_ipv4_only(load_balancers) if ec2.IpAddressType.IPV6 in types else None
    if ipv4_only is not None:
        raise PrivateLinkValueError(
            "supported_ip_address_types",
            "must not contain IPv6 unless every load balancer is dual-stack",
            got=f"IPv4 load balancer `{ipv4_only.node.path}`",
            fix="make that load balancer dual-stack, or leave out `ec2.IpAddressType.IPV6`",
            scope=scope,
        )
    return [address_type.value.lower() for address_type in types]
