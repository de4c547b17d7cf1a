"""Security groups of appliances, which admit packets and health checks."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import GatewayLoadBalancer, PrivateLinkTypeError, PrivateLinkValueError
from tests.unit.networks import catch_error, existing_vpc, find_unlinted

GROUP = "AWS::EC2::SecurityGroup"
BLOCKS = ["10.0.10.0/24", "10.0.11.0/24"]


def create_gateway(stack: Stack, **options: Any) -> GatewayLoadBalancer:
    return GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack), **options)


def create_group(stack: Stack, id: str = "Appliances") -> ec2.SecurityGroup:
    return ec2.SecurityGroup(stack, id, vpc=existing_vpc(stack, f"{id}Vpc"))


def rules(stack: Stack, name: str = "Appliances") -> list[tuple[Any, ...]]:
    """Return protocol, port and source of each rule that admits traffic."""
    (group,) = (
        each["Properties"]
        for key, each in find_unlinted(stack, GROUP).items()
        if key.startswith(name)
    )
    return [
        (each["IpProtocol"], each["FromPort"], each["ToPort"], each["CidrIp"])
        for each in group.get("SecurityGroupIngress", [])
    ]


def expected_rules(port: Any) -> list[tuple[Any, ...]]:
    return [
        rule
        for block in BLOCKS
        for rule in (("udp", 6081, 6081, block), ("tcp", port, port, block))
    ]


@pytest.mark.parametrize(
    ("health_check", "port"),
    [
        (None, 80),
        (elbv2.HealthCheck(protocol=elbv2.Protocol.TCP), 80),
        (elbv2.HealthCheck(port="8080"), 8080),
        (elbv2.HealthCheck(port="traffic-port"), 6081),
    ],
)
def test_geneve_and_health_checks_are_admitted_from_the_subnets_of_the_load_balancer(
    stack: Stack, health_check: Any, port: int
) -> None:
    create_gateway(stack, health_check=health_check).allow_to(create_group(stack))
    assert rules(stack) == expected_rules(port)


def test_the_port_of_the_health_check_can_be_a_token(stack: Stack) -> None:
    port = CfnParameter(stack, "Port").value_as_string
    gateway = create_gateway(stack, health_check=elbv2.HealthCheck(port=port))
    gateway.allow_to(create_group(stack))
    # The CDK writes rules with tokens as resources of their own.
    found = [each["Properties"] for each in find_unlinted(stack, f"{GROUP}Ingress").values()]
    assert [(each["IpProtocol"], each["FromPort"], each["CidrIp"]) for each in found] == [
        ("tcp", {"Ref": "Port"}, block) for block in BLOCKS
    ]


def test_instances_and_auto_scaling_groups_are_appliances(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
    machine: dict[str, Any] = {
        "vpc": vpc,
        "instance_type": ec2.InstanceType("c6in.large"),
        "machine_image": ec2.MachineImage.generic_linux({"eu-west-1": "ami-0123456789abcdef0"}),
        "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
    }
    machine["machine_image"] = ec2.MachineImage.latest_amazon_linux2023()
    instance = ec2.Instance(stack, "Instance", source_dest_check=False, **machine)
    group = autoscaling.AutoScalingGroup(stack, "Group", **machine)
    gateway.allow_to(instance, group)
    assert [len(rules(stack, name)) for name in ("InstanceInstance", "GroupInstance")] == [4, 4]


def test_several_calls_add_no_rule_twice(stack: Stack) -> None:
    gateway, group = create_gateway(stack), create_group(stack)
    gateway.allow_to(group)
    gateway.allow_to(group)
    assert rules(stack) == expected_rules(80)


def test_subnets_without_a_known_block_are_rejected(stack: Stack) -> None:
    subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef1")
    gateway = create_gateway(stack, vpc_subnets=ec2.SubnetSelection(subnets=[subnet]))
    group = create_group(stack)
    message = catch_error(stack, PrivateLinkValueError, lambda: gateway.allow_to(group))
    assert message.startswith("`vpc_subnets` must have known IPv4 CIDR blocks (")
    assert message.endswith(
        "got `Stack/Subnet`; import the subnet with its `ipv4_cidr_block`  [Stack/Gateway]"
    )
    assert rules(stack) == []


def test_something_without_security_groups_is_rejected(stack: Stack) -> None:
    gateway = create_gateway(stack)
    call: Any = gateway.allow_to
    assert catch_error(stack, PrivateLinkTypeError, lambda: call("i-0123456789abcdef0")) == (
        "`appliances[0]` must have security groups, got `'i-0123456789abcdef0'`; pass an "
        "`ec2.Instance`, an `autoscaling.AutoScalingGroup`, or something else with `connections`"
        "  [Stack/Gateway]"
    )


@pytest.mark.parametrize("peer", [ec2.Peer.ipv4("10.0.0.0/8"), ec2.Peer.any_ipv4()])
def test_a_peer_without_security_groups_is_rejected(stack: Stack, peer: Any) -> None:
    gateway = create_gateway(stack)
    message = catch_error(stack, PrivateLinkValueError, lambda: gateway.allow_to(peer))
    assert message == (
        f"`appliances[0]` must have security groups, got `{peer.unique_id}`; pass an "
        "`ec2.Instance`, an `autoscaling.AutoScalingGroup`, or something else with `connections`  "
        "[Stack/Gateway]"
    )
