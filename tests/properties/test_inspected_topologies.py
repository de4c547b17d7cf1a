"""Packets and their responses pass through one endpoint in any dual-stack topology."""

from __future__ import annotations

import ipaddress
import itertools

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_privatelink import GatewayLoadBalancerEndpoints
from cdk_privatelink.assertions import Routes
from tests.unit.networks import NAME, group

# Blocks of the internet, which no VPC contains.
BLOCKS = st.sampled_from(["0.0.0.0/0", "198.51.100.0/24", "203.0.113.7/32"]) | st.sampled_from(
    ["::/0", "2001:db8::/32", "2001:db8::7/128"]
)
GROUPS = st.lists(st.sampled_from(["Orders", "Billing", "Data"]), min_size=1, unique=True)


def create_vpc(stack: Stack, groups: list[str], zones: int) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Vpc",
        ip_protocol=ec2.IpProtocol.DUAL_STACK,
        availability_zones=[f"eu-west-1{letter}" for letter in "abc"[:zones]],
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Endpoint", subnet_type=ec2.SubnetType.PUBLIC),
            *(
                ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
                for name in groups
            ),
        ],
    )


@given(
    groups=GROUPS,
    zones=st.integers(1, 3),
    blocks=st.lists(BLOCKS, min_size=1, max_size=4, unique=True),
    is_inspected_inside=st.booleans(),
)
@settings(max_examples=settings().max_examples // 4)
def test_all_connections_are_inspected_in_both_directions(
    groups: list[str], zones: int, blocks: list[str], is_inspected_inside: bool
) -> None:
    stack = Stack(App(), "Stack", env={"account": "111122223333", "region": "eu-west-1"})
    vpc = create_vpc(stack, groups, zones)
    endpoints = GatewayLoadBalancerEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        service=NAME,
        subnets=group("Endpoint"),
        ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK,
    )
    for name in groups:
        for block in blocks:
            endpoints.add_routes(subnets=group(name), destination=block)
    pairs = list(itertools.pairwise(groups)) if is_inspected_inside else []
    for name, other in pairs:
        endpoints.add_routes(subnets=group(name), destination=group(other))

    routes = Routes.from_stacks(stack)
    for name in groups:
        for subnet in vpc.select_subnets(subnet_group_name=name).subnets:
            for block in blocks:
                address = f"{ipaddress.ip_network(block).network_address}"
                routes.assert_inspected(source=subnet, destination=address)
    for name, other in pairs:
        for source in vpc.select_subnets(subnet_group_name=name).subnets:
            for destination in vpc.select_subnets(subnet_group_name=other).subnets:
                for ipv6 in (False, True):
                    routes.assert_inspected(source=source, destination=destination, ipv6=ipv6)
