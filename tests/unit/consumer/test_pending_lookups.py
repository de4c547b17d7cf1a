"""VPCs that the CLI has yet to look up, and VPCs that are imported with list tokens.

An error before the lookup would keep the CLI from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkValueError,
    TransitGatewayInspection,
)
from tests.unit.networks import NAME, ZONES, existing_vpc, group, ids, vpc_of

SELECTION_NAME = "Endpoints"
SELECTION = group(SELECTION_NAME)
BALANCER = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/one/0123456789abcdef"
)


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def known(app: App) -> Stack:
    return Stack(app, "Stack", env=Environment(account="111122223333", region="eu-west-1"))


@pytest.fixture
def pending(known: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_lookup(known, "Vpc", vpc_name="shared")


def test_members_of_an_interface_endpoint_have_stand_ins(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    endpoint = InterfaceEndpoint(
        known, "Endpoint", vpc=pending, service=NAME, subnets=SELECTION, open=False
    )
    assert Fn.join(",", endpoint.private_ip_addresses)
    assert endpoint.zonal_dns_names["eu-west-1a"]
    alarms = endpoint.add_packets_dropped_alarms("Dropped", threshold=1)
    rule = cloudwatch.AlarmRule.any_of(*alarms)
    cloudwatch.CompositeAlarm(known, "Any", alarm_rule=rule)
    app.synth()


def test_members_of_gateway_load_balancer_endpoints_have_stand_ins(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    endpoints = GatewayLoadBalancerEndpoints(
        known, "Endpoints", vpc=pending, service=NAME, subnets=SELECTION
    )
    assert Fn.join(",", endpoints.vpc_endpoint_ids)
    assert endpoints.add_packets_dropped_alarms("Dropped", threshold=1)
    app.synth()


def test_alarms_of_a_gateway_load_balancer_have_stand_ins(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    gateway = GatewayLoadBalancer(known, "Gateway", vpc=pending, vpc_subnets=SELECTION)
    assert gateway.add_unhealthy_host_alarms("Unhealthy")
    PrivateLinkEndpointService(
        known,
        "Service",
        load_balancers=LoadBalancers.gateway(gateway),
        follow_availability_zones=True,
    )
    app.synth()


def test_alarms_and_zones_of_a_service_have_stand_ins(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    balancer = elbv2.NetworkLoadBalancer(known, "Balancer", vpc=pending, vpc_subnets=SELECTION)
    service = PrivateLinkEndpointService(
        known,
        "Service",
        load_balancers=LoadBalancers.network(balancer),
        follow_availability_zones=True,
    )
    assert service.add_rst_packets_sent_alarms("Resets", threshold=1)
    app.synth()


@pytest.fixture
def placeholder_zones(known: Stack) -> ec2.Vpc:
    """Return a new VPC whose Availability Zones the CLI has yet to look up."""
    return vpc_of(
        known,
        "Own",
        Inspection=ec2.SubnetType.PUBLIC,
        Application=ec2.SubnetType.PRIVATE_ISOLATED,
    )


@pytest.mark.parametrize("are_literal", [True, False])
def test_zones_of_existing_endpoints_can_be_pending(
    app: App, known: Stack, placeholder_zones: ec2.Vpc, are_literal: bool
) -> None:
    zones = ZONES if are_literal else placeholder_zones.availability_zones
    assert are_literal or zones == ["dummy1a", "dummy1b"]
    endpoints = GatewayLoadBalancerEndpoints.from_endpoint_ids(
        known,
        "Endpoints",
        vpc=placeholder_zones,
        endpoint_ids=dict(zip(zones, ids("vpce", 1, 2), strict=True)),
        subnets=group("Inspection"),
    )
    endpoints.add_routes(subnets=group("Application"), destination="0.0.0.0/0")
    app.synth()


def test_subnets_with_literal_zones_can_be_inspected_by_endpoints_in_pending_zones(
    app: App, known: Stack, placeholder_zones: ec2.Vpc
) -> None:
    subnet = ec2.Subnet.from_subnet_attributes(
        known,
        "Subnet",
        subnet_id="subnet-0123456789abcdef0",
        availability_zone="eu-west-1a",
        ipv4_cidr_block="10.0.200.0/24",
        route_table_id="rtb-0123456789abcdef0",
    )
    GatewayLoadBalancerEndpoints(
        known, "Endpoints", vpc=placeholder_zones, service=NAME, subnets=group("Inspection")
    ).add_routes(subnets=ec2.SubnetSelection(subnets=[subnet]), destination="0.0.0.0/0")
    app.synth()


def test_the_return_path_of_a_pending_vpc_can_be_unknown(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    assert pending.vpn_gateway_id is None
    GatewayLoadBalancerEndpoints.from_endpoint_ids(
        known, "Endpoints", vpc=pending, endpoint_ids={"eu-west-1a": "vpce-0123456789abcdef0"}
    ).add_routes(
        subnets=group("Application"),
        destination="10.0.0.0/8",
        return_path=pending.vpn_gateway_id,
    )
    app.synth()


def test_alarms_in_pending_zones_have_stand_ins(
    app: App, known: Stack, placeholder_zones: ec2.Vpc
) -> None:
    zones = placeholder_zones.availability_zones
    gateway = GatewayLoadBalancer(
        known, "Gateway", vpc=placeholder_zones, vpc_subnets=group("Application")
    )
    assert gateway.add_unhealthy_host_alarms("Unhealthy", availability_zones=zones)
    service = PrivateLinkEndpointService(
        known, "Service", load_balancers=LoadBalancers.network(BALANCER)
    )
    assert service.add_rst_packets_sent_alarms("Resets", threshold=1, availability_zones=zones)
    app.synth()


def test_a_spoke_can_have_subnets_in_pending_and_in_literal_zones(app: App, known: Stack) -> None:
    spoke = ec2.Vpc(
        known,
        "Orders",
        ip_addresses=ec2.IpAddresses.cidr("10.129.0.0/16"),
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(
                name=SELECTION_NAME, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
            )
        ],
    )
    subnet = ec2.Subnet.from_subnet_attributes(
        known,
        "Subnet",
        subnet_id="subnet-0123456789abcdef0",
        availability_zone="eu-west-1a",
        ipv4_cidr_block="10.129.200.0/24",
        route_table_id="rtb-0123456789abcdef0",
    )
    add_spoke(known, spoke, SELECTION, subnets=ec2.SubnetSelection(subnets=[subnet]))
    app.synth()


LIST_MEMBERS: dict[str, Callable[[Any], object]] = {
    "add_packets_dropped_alarms": lambda endpoint: endpoint.add_packets_dropped_alarms(
        "Dropped", threshold=1
    ),
    "private_ip_addresses": lambda endpoint: endpoint.private_ip_addresses,
    "zonal_dns_names": lambda endpoint: endpoint.zonal_dns_names,
}


@pytest.fixture
def list_vpc(stack: Stack) -> ec2.IVpc:
    subnet_ids = CfnParameter(stack, "Subnets", type="List<AWS::EC2::Subnet::Id>").value_as_list
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=Fn.get_azs(),
        private_subnet_ids=subnet_ids,
    )


def add_spoke(
    stack: Stack,
    vpc: ec2.IVpc,
    selection: ec2.SubnetSelection,
    *,
    subnets: ec2.SubnetSelection | None = None,
) -> None:
    """Inspect the traffic of a VPC through the endpoints of another one."""
    central = vpc_of(
        stack,
        "Central",
        Nat=ec2.SubnetType.PUBLIC,
        Endpoint=ec2.SubnetType.PRIVATE_WITH_EGRESS,
        Attachment=ec2.SubnetType.PRIVATE_ISOLATED,
    )
    inspection = TransitGatewayInspection(
        stack,
        "Inspection",
        transit_gateway_id="tgw-0123456789abcdef0",
        endpoints=GatewayLoadBalancerEndpoints(
            stack, "Gates", vpc=central, service=NAME, subnets=group("Endpoint")
        ),
        attachment_subnets=group("Attachment"),
        nat_subnets=group("Nat"),
        spoke_cidrs=["10.128.0.0/9"],
    )
    inspection.add_spoke(
        "Spoke", vpc=vpc, attachment_subnets=selection, subnets=subnets or selection
    )


def test_a_spoke_can_be_pending(app: App, known: Stack, pending: ec2.IVpc) -> None:
    add_spoke(known, pending, SELECTION)
    app.synth()


def test_single_subnets_of_a_spoke_can_be_pending(
    app: App, known: Stack, pending: ec2.IVpc
) -> None:
    add_spoke(
        known,
        existing_vpc(known, "Orders", vpc_cidr_block="10.129.0.0/16"),
        ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        subnets=ec2.SubnetSelection(subnets=pending.private_subnets),
    )
    app.synth()


@pytest.mark.parametrize("block", ["10.128.0.0/9", "3.0.0.0/8"])
def test_the_vpc_of_the_inspection_can_be_pending(
    app: App, known: Stack, pending: ec2.IVpc, block: str
) -> None:
    # The CIDR block of the placeholder contains 3.0.0.0/8.
    endpoints = GatewayLoadBalancerEndpoints(
        known, "Endpoints", vpc=pending, service=NAME, subnets=SELECTION
    )
    TransitGatewayInspection(
        known,
        "Inspection",
        transit_gateway_id="tgw-0123456789abcdef0",
        endpoints=endpoints,
        attachment_subnets=group("Attachment"),
        nat_subnets=group("Nat"),
        spoke_cidrs=[block],
    )
    app.synth()


def test_a_list_token_for_the_subnets_of_a_spoke_is_an_error(
    stack: Stack, list_vpc: ec2.IVpc
) -> None:
    selection = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    with pytest.raises(PrivateLinkValueError, match="must be used with single subnets"):
        add_spoke(stack, list_vpc, selection)


@pytest.mark.parametrize("member", LIST_MEMBERS)
def test_a_list_token_for_subnets_is_an_error_if_single_subnets_matter(
    stack: Stack, list_vpc: ec2.IVpc, member: str
) -> None:
    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=list_vpc, service=NAME)
    with pytest.raises(PrivateLinkValueError) as error:
        LIST_MEMBERS[member](endpoint)
    assert str(error.value) == (
        f"`{member}` must be used with single subnets, not with a list token for the subnets of a "
        "VPC, got `Stack/Vpc/PrivateSubnet1`; import the VPC with a list of ids and of "
        "Availability Zones  [Stack/Endpoint]"
    )


def test_alarms_of_other_constructs_need_single_subnets(stack: Stack, list_vpc: ec2.IVpc) -> None:
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=list_vpc)
    endpoints = GatewayLoadBalancerEndpoints(stack, "Endpoints", vpc=list_vpc, service=NAME)
    calls: list[Callable[[], object]] = [
        lambda: gateway.add_unhealthy_host_alarms("Unhealthy"),
        lambda: endpoints.add_packets_dropped_alarms("Dropped", threshold=1),
    ]
    for call in calls:
        with pytest.raises(PrivateLinkValueError, match="must be used with single subnets"):
            call()


def test_routes_and_security_groups_need_single_subnets(stack: Stack, list_vpc: ec2.IVpc) -> None:
    private = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=list_vpc)
    endpoints = GatewayLoadBalancerEndpoints.from_endpoint_ids(
        stack, "Endpoints", vpc=list_vpc, endpoint_ids={"eu-west-1a": "vpce-0123456789abcdef0"}
    )
    calls: dict[str, Callable[[], object]] = {
        "allow_to": lambda: gateway.allow_to(ec2.SecurityGroup(stack, "Group", vpc=list_vpc)),
        "subnets": lambda: endpoints.add_routes(
            subnets=private, destination="0.0.0.0/0", return_path="igw-0123456789abcdef0"
        ),
    }
    for name, call in calls.items():
        with pytest.raises(PrivateLinkValueError, match=f"`{name}` must be used with single subn"):
            call()
