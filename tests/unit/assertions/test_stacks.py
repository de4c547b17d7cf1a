"""Routes of apps of the CDK: several stacks, tokens, and the routes of this library."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Fn, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_networkfirewall as networkfirewall
from aws_cdk.assertions import Template

from cdk_privatelink import GatewayLoadBalancerEndpoints
from cdk_privatelink.assertions import PrivateLinkAssertionError, Routes
from tests.unit.networks import IRELAND, NAME, VIRGINIA, ZONES, group, vpc_of

INTERNET = "198.51.100.7"
ISOLATED, PUBLIC = ec2.SubnetType.PRIVATE_ISOLATED, ec2.SubnetType.PUBLIC
EGRESS = ec2.SubnetType.PRIVATE_WITH_EGRESS


def types(hops: list[Any]) -> list[str]:
    return [each.type.removeprefix("AWS::EC2::") for each in hops]


def add_endpoints(stack: Stack, vpc: ec2.Vpc, **options: Any) -> GatewayLoadBalancerEndpoints:
    return GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Gate"), **options
    )


def test_the_routes_of_add_routes_are_inspected(stack: Stack) -> None:
    vpc = vpc_of(stack, Gate=PUBLIC, Application=ISOLATED)
    add_endpoints(stack, vpc).add_routes(subnets=group("Application"), destination="0.0.0.0/0")
    routes = Routes.from_stacks(stack)
    for subnet in vpc.isolated_subnets:
        routes.assert_inspected(source=subnet, destination=INTERNET)
    found = routes.trace(source=str(vpc.internet_gateway_id), destination=vpc.isolated_subnets[0])
    assert types(found) == ["InternetGateway", "VPCEndpoint", "Subnet"]
    assert [each.path for each in found] == [
        "Stack/Vpc/IGW",
        "Stack/Endpoints/EndpointGateSubnet1",
        "Stack/Vpc/ApplicationSubnet1/Subnet",
    ]


@pytest.mark.parametrize("destination", ["198.51.100.7", "2001:db8::7"])
def test_dual_stack_routes_are_inspected(stack: Stack, destination: str) -> None:
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        ip_protocol=ec2.IpProtocol.DUAL_STACK,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind)
            for name, kind in (("Gate", PUBLIC), ("Application", ISOLATED), ("Data", ISOLATED))
        ],
    )
    endpoints = add_endpoints(stack, vpc, ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK)
    for block in ("0.0.0.0/0", "::/0"):
        endpoints.add_routes(subnets=group("Application"), destination=block)
    endpoints.add_routes(subnets=group("Application"), destination=group("Data"))
    routes = Routes.from_stacks(stack)
    application, data = (
        vpc.select_subnets(subnet_group_name=n).subnets for n in ("Application", "Data")
    )
    routes.assert_inspected(source=application[1], destination=destination)
    for ipv6 in (False, True):
        routes.assert_inspected(source=application[0], destination=data[1], ipv6=ipv6)
    found = routes.trace(source=application[0], destination=data[0], ipv6=True)
    assert types(found) == ["Subnet", "VPCEndpoint", "Subnet"]


def test_nat_gateways_are_inspected_in_each_zone_only(stack: Stack) -> None:
    vpc = vpc_of(stack, Nat=PUBLIC, Gate=EGRESS, Application=ISOLATED)
    add_endpoints(stack, vpc).add_routes(
        subnets=group("Application"), destination="0.0.0.0/0", return_path=group("Nat")
    )
    routes = Routes.from_stacks(stack)
    for subnet in vpc.isolated_subnets:
        routes.assert_inspected(source=subnet, destination=INTERNET)


def test_the_endpoints_of_a_network_firewall_are_found_by_their_zones() -> None:
    stack = Stack(App(), "Stack", env=IRELAND)
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=ZONES,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind)
            for name, kind in (("Gate", PUBLIC), ("Application", ISOLATED))
        ],
    )
    firewall = networkfirewall.CfnFirewall(
        stack,
        "Firewall",
        firewall_name="firewall",
        firewall_policy_arn="arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/one",
        vpc_id=vpc.vpc_id,
        subnet_mappings=[
            networkfirewall.CfnFirewall.SubnetMappingProperty(subnet_id=each.subnet_id)
            for each in vpc.public_subnets
        ],
    )
    GatewayLoadBalancerEndpoints.from_network_firewall(
        stack, "Endpoints", vpc=vpc, firewall=firewall, subnets=group("Gate")
    ).add_routes(subnets=group("Application"), destination="0.0.0.0/0")
    routes = Routes.from_stacks(stack)
    for number, subnet in enumerate(vpc.isolated_subnets, 1):
        routes.assert_inspected(source=subnet, destination=INTERNET)
        found = routes.trace(source=subnet, destination=INTERNET)
        assert found[1].path == "Stack/Firewall"
        assert found[1].subnet == f"Stack/Vpc/GateSubnet{number}/Subnet"


def test_a_response_through_the_endpoint_of_another_zone_is_found(stack: Stack) -> None:
    vpc = vpc_of(stack, Gate=PUBLIC, Application=ISOLATED)
    add_endpoints(stack, vpc).add_routes(subnets=group("Application"), destination="0.0.0.0/0")
    template = Template.from_stack(stack).to_json()
    ids = [key for key, each in template["Resources"].items() if "VPCEndpoint" in each["Type"]]
    for each in template["Resources"].values():
        properties = each.get("Properties", {})
        if properties.get("DestinationCidrBlock") == "10.0.2.0/24":
            properties["VpcEndpointId"] = {"Ref": ids[1]}
    subnets = [
        key for key in template["Resources"] if key.startswith("VpcApplicationSubnet1Subnet")
    ]
    with pytest.raises(PrivateLinkAssertionError, match="must respond through the same endpoints"):
        Routes.from_templates({"T": template}).assert_inspected(
            source=f"T/{subnets[0]}", destination=INTERNET
        )


# Apps of `cdk init` have weak references.
REFERENCES = pytest.mark.parametrize("strength", ["weak", "strong"])


def app_with(strength: str) -> App:
    return App(context={"@aws-cdk/core:defaultCrossStackReferences": strength})


@REFERENCES
def test_references_to_other_stacks_are_followed(strength: str) -> None:
    app = app_with(strength)
    network, inspection = Stack(app, "Network", stack_name="other-name"), Stack(app, "Inspection")
    vpc = vpc_of(network, Gate=PUBLIC, Application=ISOLATED)
    add_endpoints(inspection, vpc).add_routes(
        subnets=group("Application"),
        destination="0.0.0.0/0",
        return_path=str(vpc.internet_gateway_id),
    )
    routes = Routes.from_stacks(network, inspection)
    routes.assert_inspected(source=vpc.isolated_subnets[0], destination=INTERNET)
    # Without its stack, the rest of the way is unknown.
    with pytest.raises(PrivateLinkAssertionError, match="or pass the stack that contains"):
        Routes.from_stacks(network).trace(source=vpc.isolated_subnets[0], destination=INTERNET)


@REFERENCES
def test_a_route_of_another_stack_that_bypasses_the_endpoint_is_found(strength: str) -> None:
    app = app_with(strength)
    network, other = Stack(app, "Network"), Stack(app, "Other")
    vpc = vpc_of(network, Gate=PUBLIC, Application=ISOLATED)
    add_endpoints(network, vpc).add_routes(subnets=group("Application"), destination="0.0.0.0/0")
    ec2.CfnRoute(
        other,
        "Bypass",
        route_table_id=vpc.isolated_subnets[0].route_table.route_table_id,
        destination_cidr_block="198.51.100.0/24",
        gateway_id="vgw-0123456789abcdef0",
    )
    routes = Routes.from_stacks(network, other)
    with pytest.raises(PrivateLinkAssertionError, match="must be reached through an endpoint"):
        routes.assert_inspected(source=vpc.isolated_subnets[0], destination=INTERNET)


@REFERENCES
def test_stacks_with_the_same_name_are_distinguished_by_their_region(strength: str) -> None:
    app = app_with(strength)
    gateways: dict[str, ec2.ISubnet] = {}
    stacks: list[Stack] = []
    for number, env in enumerate([IRELAND, VIRGINIA]):
        network = Stack(app, f"Network{number}", stack_name="network", env=env)
        other = Stack(app, f"Other{number}", stack_name="other", env=env)
        subnet = vpc_of(network, Application=ISOLATED).isolated_subnets[0]
        gateway = f"vgw-0123456789abcdef{number}"
        ec2.CfnRoute(
            other,
            "Route",
            route_table_id=subnet.route_table.route_table_id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway,
        )
        gateways[gateway] = subnet
        stacks += [network, other]
    routes = Routes.from_stacks(*stacks)
    for gateway, subnet in gateways.items():
        assert routes.trace(source=subnet, destination=INTERNET)[-1].path == gateway


def test_references_to_nested_stacks_are_followed_in_both_directions(stack: Stack) -> None:
    network, inspection = NestedStack(stack, "Network"), NestedStack(stack, "Inspection")
    vpc = vpc_of(network, Gate=PUBLIC, Application=ISOLATED)
    add_endpoints(inspection, vpc).add_routes(
        subnets=group("Application"),
        destination="0.0.0.0/0",
        return_path=str(vpc.internet_gateway_id),
    )
    CfnOutput(stack, "VpcId", value=vpc.vpc_id)
    routes = Routes.from_stacks(stack, network, inspection)
    routes.assert_inspected(source=vpc.isolated_subnets[0], destination=INTERNET)


def test_nested_stacks_have_the_values_that_their_parents_pass(stack: Stack) -> None:
    subnets: list[ec2.ISubnet] = []
    nested: list[Stack] = []
    for name, parameters in (
        ("One", {"Block": "198.51.100.0/24"}),
        ("Two", {"Block": "203.0.113.0/24"}),
    ):
        each = NestedStack(stack, name, parameters=parameters)
        vpc = vpc_of(each, Gate=PUBLIC, Application=ISOLATED)
        block = CfnParameter(each, "Block", default="198.51.100.0/24").value_as_string
        add_endpoints(each, vpc).add_routes(subnets=group("Application"), destination=block)
        subnets += vpc.isolated_subnets[:1]
        nested.append(each)
    routes = Routes.from_stacks(stack, *nested)
    routes.assert_inspected(source=subnets[0], destination=INTERNET)
    routes.assert_inspected(source=subnets[1], destination="203.0.113.7")
    with pytest.raises(PrivateLinkAssertionError, match="must have a route"):
        routes.assert_inspected(source=subnets[1], destination=INTERNET)
    # Without the parent, the value is unknown.
    with pytest.raises(PrivateLinkAssertionError, match="must be compared with literal CIDR"):
        Routes.from_stacks(*nested).assert_inspected(source=subnets[0], destination=INTERNET)


def test_a_template_parameter_has_its_default(stack: Stack) -> None:
    vpc = vpc_of(stack, Gate=PUBLIC, Application=ISOLATED)
    block = CfnParameter(stack, "Block", default="198.51.100.0/24").value_as_string
    add_endpoints(stack, vpc).add_routes(subnets=group("Application"), destination=block)
    routes = Routes.from_stacks(stack)
    routes.assert_inspected(source=vpc.isolated_subnets[0], destination=INTERNET)


def test_a_gateway_can_be_a_token(stack: Stack) -> None:
    vpc = vpc_of(stack, Nat=PUBLIC, Gate=EGRESS, Application=ISOLATED)
    gateway = Fn.import_value("Gateway")
    add_endpoints(stack, vpc).add_routes(
        subnets=group("Application"), destination="0.0.0.0/0", return_path=gateway
    )
    found = Routes.from_stacks(stack).trace(source=gateway, destination=vpc.isolated_subnets[0])
    assert types(found) == ["Unknown", "VPCEndpoint", "Subnet"]


def test_a_zone_can_be_a_token(stack: Stack) -> None:
    vpc = vpc_of(stack, Attachment=ISOLATED)
    attachment = ec2.CfnTransitGatewayVpcAttachment(
        stack,
        "Attachment",
        transit_gateway_id="tgw-0123456789abcdef0",
        vpc_id=vpc.vpc_id,
        subnet_ids=[each.subnet_id for each in vpc.isolated_subnets],
        options={"ApplianceModeSupport": "enable"},
    )
    routes = Routes.from_stacks(stack)
    for number, subnet in enumerate(vpc.isolated_subnets, 1):
        found = routes.trace(
            source=attachment.ref,
            destination=subnet,
            availability_zone=subnet.availability_zone,
        )
        assert found[0].subnet == f"Stack/Vpc/AttachmentSubnet{number}/Subnet"


@pytest.mark.parametrize("form", ["{}", "igw-{}", "igw-{}0"])
def test_a_gateway_can_be_a_template_parameter(stack: Stack, form: str) -> None:
    vpc = vpc_of(stack, Nat=PUBLIC, Gate=EGRESS, Application=ISOLATED)
    gateway = form.format(CfnParameter(stack, "Gateway").value_as_string)
    add_endpoints(stack, vpc).add_routes(
        subnets=group("Application"), destination="0.0.0.0/0", return_path=gateway
    )
    found = Routes.from_stacks(stack).trace(source=gateway, destination=vpc.isolated_subnets[0])
    assert types(found) == ["Unknown", "VPCEndpoint", "Subnet"]


def test_a_subnet_of_an_imported_vpc_is_rejected(stack: Stack) -> None:
    subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef0")
    ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
    with pytest.raises(ValueError, match="`source` must be a subnet, a gateway or an attachment"):
        Routes.from_stacks(stack).trace(source=subnet, destination=INTERNET)


def test_a_changed_logical_id_is_found(stack: Stack) -> None:
    vpc = vpc_of(stack, Gate=PUBLIC, Application=ISOLATED)
    resource = vpc.isolated_subnets[0].node.default_child
    assert isinstance(resource, ec2.CfnSubnet)
    resource.override_logical_id("Renamed")
    found = Routes.from_stacks(stack).trace(
        source=vpc.public_subnets[0], destination=vpc.isolated_subnets[0]
    )
    assert found[-1].path == "Stack/Vpc/ApplicationSubnet1/Subnet"


def test_the_package_does_not_import_the_assertions() -> None:
    code = "import sys, cdk_privatelink; assert 'cdk_privatelink.assertions' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
