"""The example `central_endpoints`, deployed with the real CDK CLI.

The tests follow a packet from a subnet of a spoke to an endpoint and back, through the state of
Route 53 and EC2: no packet is sent.
"""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tests.deployment.examples.queries import (
    connections_to,
    endpoints_of,
    find_internet_resources,
    find_most_specific,
    get_tag,
    zones_of,
)
from tools.deployment import DeployedStack

EXAMPLE = "central_endpoints"
SPOKES = ["Orders", "Billing"]
NAMES = [
    "payments.services.internal",
    "secretsmanager.eu-west-1.amazonaws.com",
    "sqs.eu-west-1.amazonaws.com",
]


@pytest.fixture(scope="module")
def platform(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["CentralPlatform"]


def subnets_of(platform: DeployedStack, vpc: str) -> list[dict[str, Any]]:
    """Return the subnets of a VPC, without the subnets of the attachment."""
    found = platform.client("ec2").describe_subnets()["Subnets"]
    group = "Endpoint" if vpc == "Endpoints" else "Workload"
    prefix = f"CentralPlatform/{vpc}/{group}Subnet"
    return [each for each in found if (get_tag(each, "Name") or "").startswith(prefix)]


def resolve(platform: DeployedStack, vpc_id: str, name: str) -> dict[str, Any]:
    """Return the endpoint that a name resolves to in a VPC."""
    route53 = platform.client("route53")
    zones = [
        each
        for each in route53.list_hosted_zones()["HostedZones"]
        if f".{name}.".endswith(f".{each['Name']}")
        and vpc_id in [vpc["VPCId"] for vpc in route53.get_hosted_zone(Id=each["Id"])["VPCs"]]
    ]
    assert zones, f"{vpc_id} resolves {name} on the internet"
    # Route 53 Resolver uses the most specific zone.
    zone = max(zones, key=lambda each: len(each["Name"]))
    response = route53.list_resource_record_sets(HostedZoneId=zone["Id"])
    (alias,) = [
        each["AliasTarget"]
        for each in response["ResourceRecordSets"]
        if (each["Name"], each["Type"]) == (f"{name}.", "A")
    ]
    (endpoint,) = [
        each
        for each in endpoints_of(platform)
        if (each["DnsEntries"][0]["DnsName"], each["DnsEntries"][0]["HostedZoneId"])
        == (alias["DNSName"].rstrip("."), alias["HostedZoneId"])
    ]
    return endpoint


def follow(platform: DeployedStack, subnet: dict[str, Any], address: str) -> str | None:
    """Return the VPC that receives a packet from a subnet, or `None` if no route matches."""
    ec2 = platform.client("ec2")
    (table,) = [
        each
        for each in ec2.describe_route_tables()["RouteTables"]
        if subnet["SubnetId"] in [one.get("SubnetId") for one in each["Associations"]]
    ]
    route = find_most_specific(table["Routes"], address)
    if route is None:
        return None
    if route.get("GatewayId") == "local":
        return str(subnet["VpcId"])
    (attachment,) = [
        each
        for each in ec2.describe_transit_gateway_vpc_attachments()["TransitGatewayVpcAttachments"]
        if (each["TransitGatewayId"], each["VpcId"]) == (route["TransitGatewayId"], subnet["VpcId"])
    ]
    # A transit gateway receives packets in the Availability Zones of the attachment only.
    assert subnet["AvailabilityZone"] in zones_of(platform, attachment["SubnetIds"])
    return find_receiver(platform, attachment["TransitGatewayAttachmentId"], address)


def find_receiver(platform: DeployedStack, attachment_id: str, address: str) -> str | None:
    """Return the VPC that a transit gateway sends a packet from an attachment to."""
    ec2 = platform.client("ec2")
    (attachment,) = ec2.describe_transit_gateway_attachments(
        TransitGatewayAttachmentIds=[attachment_id]
    )["TransitGatewayAttachments"]
    routes = ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=attachment["Association"]["TransitGatewayRouteTableId"],
        Filters=[{"Name": "state", "Values": ["active"]}],
    )["Routes"]
    route = find_most_specific(routes, address)
    return str(route["TransitGatewayAttachments"][0]["ResourceId"]) if route else None


def interfaces_of(platform: DeployedStack, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    return list(
        platform.client("ec2").describe_network_interfaces(
            NetworkInterfaceIds=endpoint["NetworkInterfaceIds"]
        )["NetworkInterfaces"]
    )


def admits(platform: DeployedStack, endpoint: dict[str, Any], address: str, port: int) -> bool:
    """Return whether the security groups of an endpoint admit a client."""
    ids = [each["GroupId"] for each in endpoint["Groups"]]
    groups = platform.client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
    return any(
        rule["IpProtocol"] == "tcp"
        and rule["FromPort"] <= port <= rule["ToPort"]
        and ip_address(address) in ip_network(block["CidrIp"])
        for group in groups
        for rule in group["IpPermissions"]
        for block in rule["IpRanges"]
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spoke", SPOKES)
def test_spoke_resolves_and_reaches_the_endpoint_which_can_respond(
    platform: DeployedStack, spoke: str, name: str
) -> None:
    subnets = subnets_of(platform, spoke)
    assert len(subnets) == 2
    endpoint_subnets = {each["SubnetId"]: each for each in subnets_of(platform, "Endpoints")}
    for subnet in subnets:
        client = str(ip_network(subnet["CidrBlock"])[10])
        endpoint = resolve(platform, subnet["VpcId"], name)
        assert admits(platform, endpoint, client, 443)
        interfaces = interfaces_of(platform, endpoint)
        assert {each["SubnetId"] for each in interfaces} == endpoint_subnets.keys()
        for interface in interfaces:
            to_endpoint = follow(platform, subnet, interface["PrivateIpAddress"])
            assert to_endpoint == endpoint["VpcId"]
            # Transit gateways do not translate addresses: the endpoint responds to the client.
            response = follow(platform, endpoint_subnets[interface["SubnetId"]], client)
            assert response == subnet["VpcId"]


@pytest.mark.parametrize("name", NAMES)
def test_the_vpc_of_the_endpoints_resolves_the_names_too(
    platform: DeployedStack, name: str
) -> None:
    vpc_id = subnets_of(platform, "Endpoints")[0]["VpcId"]
    assert resolve(platform, vpc_id, name)["VpcId"] == vpc_id


def test_spokes_do_not_reach_each_other(platform: DeployedStack) -> None:
    orders, billing = (subnets_of(platform, spoke)[0] for spoke in SPOKES)
    address = str(ip_network(billing["CidrBlock"])[10])
    assert follow(platform, orders, address) is None
    # Neither would they with a route of the team to the transit gateway.
    response = platform.client("ec2").describe_transit_gateway_vpc_attachments()
    (attachment,) = [
        each["TransitGatewayAttachmentId"]
        for each in response["TransitGatewayVpcAttachments"]
        if each["VpcId"] == orders["VpcId"]
    ]
    assert find_receiver(platform, attachment, address) is None


def test_endpoints_admit_nobody_else(platform: DeployedStack) -> None:
    endpoints = endpoints_of(platform)
    assert len(endpoints) == len(NAMES)
    for endpoint in endpoints:
        for stranger in ("10.0.0.10", "10.3.0.10"):
            assert not admits(platform, endpoint, stranger, 443)
        assert not admits(platform, endpoint, "10.1.0.10", 80)


def test_endpoints_to_aws_accept_principals_of_the_account_only(platform: DeployedStack) -> None:
    (payments,) = [each for each in endpoints_of(platform) if "vpce-svc" in each["ServiceName"]]
    for endpoint in endpoints_of(platform):
        assert endpoint["PrivateDnsEnabled"] is False
        if endpoint["VpcEndpointId"] != payments["VpcEndpointId"]:
            (statement,) = json.loads(endpoint["PolicyDocument"])["Statement"]
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": platform.account.id}
            }


def test_no_vpc_has_internet_access(platform: DeployedStack) -> None:
    assert find_internet_resources(platform) == []


def test_the_endpoint_service_of_the_example_is_connected(
    stacks: dict[str, DeployedStack], platform: DeployedStack
) -> None:
    endpoint_id = platform.outputs["EndpointId"]
    expected = [(endpoint_id, platform.account.id, "available")]
    assert connections_to(stacks["CentralProvider"]) == expected
