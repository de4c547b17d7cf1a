"""Warnings about subnets in which a Gateway Load Balancer does not find enough free addresses.

It needs 8 in each subnet, and EC2 reserves 5:
https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import GatewayLoadBalancer, GatewayLoadBalancerEndpoints
from tests.unit.networks import NAME, existing_vpc, ids

WARNING = (
    "Other resources use 4 addresses of the subnet `Stack/Vpc/ApplianceSubnet1`, which leaves 7. "
    "A Gateway Load Balancer needs 8 free addresses in each of its subnets. Put it into other "
    "subnets, or into larger ones, like `ec2.SubnetConfiguration(cidr_mask=27, ...)`. If the load "
    "balancer exists already, acknowledge the warning: "
    '`Annotations.of(gateway).acknowledge_warning("cdk-privatelink:tooFewAddresses")`. '
    "[ack: cdk-privatelink:tooFewAddresses]"
)


def create_vpc(stack: Stack, *, cidr_mask: int = 28) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(
                name="Appliance",
                subnet_type=ec2.SubnetType.PRIVATE_ISOLATED,
                cidr_mask=cidr_mask,
            )
        ],
    )


def add_interfaces(stack: Stack, subnet: ec2.ISubnet, count: int) -> None:
    for number in range(count):
        ec2.CfnNetworkInterface(stack, f"Interface{number}", subnet_id=subnet.subnet_id)


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("/Stack/Gateway", Match.any_value())
    return [str(each.entry.data) for each in found]


def test_eight_free_addresses_are_no_warning(stack: Stack) -> None:
    vpc = create_vpc(stack)
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    add_interfaces(stack, vpc.isolated_subnets[0], 3)
    assert warnings_of(stack) == []


def test_seven_free_addresses_are_a_warning(stack: Stack) -> None:
    vpc = create_vpc(stack)
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    add_interfaces(stack, vpc.isolated_subnets[0], 4)
    assert warnings_of(stack) == [WARNING]


def test_every_kind_of_network_interface_counts(stack: Stack) -> None:
    vpc = create_vpc(stack)
    subnet = vpc.isolated_subnets[0]
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    # Another stack of the app.
    other = Stack(App.of(stack), "Other")
    ec2.CfnNatGateway(other, "Nat", subnet_id=subnet.subnet_id)
    ec2.CfnInstance(other, "Instance", subnet_id=subnet.subnet_id)
    elbv2.CfnLoadBalancer(other, "Balancer", type="network", subnets=[subnet.subnet_id])
    GatewayLoadBalancerEndpoints(
        other,
        "Endpoints",
        vpc=vpc,
        service=NAME,
        subnets=ec2.SubnetSelection(subnets=[subnet]),
    )
    assert warnings_of(stack) == [WARNING]


def test_an_attachment_to_a_transit_gateway_counts(stack: Stack) -> None:
    vpc = create_vpc(stack)
    subnet = vpc.isolated_subnets[0]
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    add_interfaces(stack, subnet, 3)
    ec2.CfnTransitGatewayVpcAttachment(
        stack,
        "Attachment",
        transit_gateway_id="tgw-0123456789abcdef0",
        vpc_id=vpc.vpc_id,
        subnet_ids=[subnet.subnet_id],
    )
    assert warnings_of(stack) == [WARNING]


@pytest.mark.parametrize("cidr_mask", [27, 24])
def test_a_larger_subnet_is_no_warning(stack: Stack, cidr_mask: int) -> None:
    vpc = create_vpc(stack, cidr_mask=cidr_mask)
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    add_interfaces(stack, vpc.isolated_subnets[0], 4)
    assert warnings_of(stack) == []


def test_a_subnet_of_unknown_size_is_no_warning(stack: Stack) -> None:
    vpc = existing_vpc(
        stack,
        isolated_subnet_ids=None,
        isolated_subnet_route_table_ids=None,
        isolated_subnet_ipv4_cidr_blocks=None,
        private_subnet_ids=ids("subnet", 1, 2),
        private_subnet_ipv4_cidr_blocks=None,
    )
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    add_interfaces(stack, vpc.private_subnets[0], 4)
    assert warnings_of(stack) == []
