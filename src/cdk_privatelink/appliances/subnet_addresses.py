"""The free addresses of subnets, of which a Gateway Load Balancer needs some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.subnets import find_ipv4_block
from .._internal.transit_gateways import Attachment
from .._internal.warnings import add_warning

# https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html
_REQUIRED = 8
# https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_RESERVED = 5
# The smallest subnet of EC2. The next larger one has room for 19 other network interfaces.
_SMALLEST_BLOCK = "/28"
_SMALLEST_SIZE = 16


def warn_of_few_addresses(load_balancer: Construct, subnets: Sequence[ec2.ISubnet]) -> None:
    """Warn of the smallest subnets if other resources of the app use too many of their addresses.

    :param subnets: The subnets of the load balancer. Their size may be unknown.
    """
    small = [subnet for subnet in subnets if _is_smallest(subnet)]
    if not small:
        return
    used = [
        subnet_id
        for each in load_balancer.node.root.node.find_all()
        if each.node.scope is not load_balancer
        for subnet_id in _subnet_ids(each)
    ]
    for subnet in small:
        others = used.count(subnet.subnet_id)
        free = _SMALLEST_SIZE - _RESERVED - others
        if free < _REQUIRED:
            add_warning(
                load_balancer,
                "cdk-privatelink:tooFewAddresses",
                f"Other resources use {others} addresses of the subnet `{subnet.node.path}`, which "
                f"leaves {free}. A Gateway Load Balancer needs {_REQUIRED} free addresses in each "
                "of its subnets. Put it into other subnets, or into larger ones, like "
                "`ec2.SubnetConfiguration(cidr_mask=27, ...)`.",
                variable="gateway",
                unless="the load balancer exists already",
            )


def _subnet_ids(resource: object) -> Iterator[str | None]:
    """Return the subnets in which a resource uses an address, once per address."""
    if isinstance(resource, (ec2.CfnInstance, ec2.CfnNatGateway, ec2.CfnNetworkInterface)):
        yield resource.subnet_id
    elif isinstance(resource, ec2.CfnVPCEndpoint | Attachment):
        yield from resource.subnet_ids or ()
    elif isinstance(resource, elbv2.CfnLoadBalancer):
        yield from resource.subnets or ()


def _is_smallest(subnet: ec2.ISubnet) -> bool:
    return (find_ipv4_block(subnet) or "").endswith(_SMALLEST_BLOCK)
