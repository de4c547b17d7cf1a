"""The example `central_endpoints`, deployed with the real CDK CLI.

The tests follow a packet from a subnet of a spoke to an endpoint and back, through the state of
Route 53 and EC2: no packet is sent.
"""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tests.deployment.queries import (
    connections_to,
    describe,
    endpoints_of,
    find_internet_resources,
    find_most_specific,
    get_tag,
    zones_of,
)
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "central_endpoints"
SPOKES = ["Orders", "Billing"]
NAMES = [
    "payments.services.internal",
    "secretsmanager.{region}.amazonaws.com",
    "sqs.{region}.amazonaws.com",
]

Item = dict[str, Any]


class Network:
    """The state of Route 53 and EC2, of the resources in a stack."""

    def __init__(self, stack: DeployedStack) -> None:
        self._stack = stack
        self._ec2 = stack.client("ec2")
        self.endpoints = endpoints_of(stack)
        self._subnets = describe(stack, "AWS::EC2::Subnet")
        self._tables = describe(stack, "AWS::EC2::RouteTable")
        self._attachments = describe(stack, "AWS::EC2::TransitGatewayVpcAttachment")

    def subnets_of(self, vpc: str) -> list[Item]:
        """Return the subnets of a VPC, without the subnets of the attachment."""
        group = "Endpoint" if vpc == "Endpoints" else "Workload"
        prefix = f"CentralPlatform/{vpc}/{group}Subnet"
        return [each for each in self._subnets if (get_tag(each, "Name") or "").startswith(prefix)]

    def resolve(self, vpc_id: str, name: str) -> Item:
        """Return the endpoint that a name resolves to in a VPC."""
        name = name.format(region=self._stack.region)
        route53 = self._stack.client("route53")
        zones = [
            each
            for each in route53.list_hosted_zones_by_vpc(
                VPCId=vpc_id, VPCRegion=self._stack.region
            )["HostedZoneSummaries"]
            if f".{name}.".endswith(f".{each['Name']}")
        ]
        assert zones, f"{vpc_id} resolves {name} on the internet"
        # Route 53 Resolver uses the most specific zone.
        zone = max(zones, key=lambda each: len(each["Name"]))
        response = route53.list_resource_record_sets(HostedZoneId=zone["HostedZoneId"])
        (alias,) = [
            each["AliasTarget"]
            for each in response["ResourceRecordSets"]
            if (each["Name"], each["Type"]) == (f"{name}.", "A")
        ]
        (endpoint,) = [
            each
            for each in self.endpoints
            if (each["DnsEntries"][0]["DnsName"], each["DnsEntries"][0]["HostedZoneId"])
            == (alias["DNSName"].rstrip("."), alias["HostedZoneId"])
        ]
        return endpoint

    def follow(self, subnet: Item, address: str) -> str | None:
        """Return the VPC that receives a packet from a subnet, or `None` if no route matches."""
        (table,) = [
            each
            for each in self._tables
            if subnet["SubnetId"] in [one.get("SubnetId") for one in each["Associations"]]
        ]
        route = find_most_specific(table["Routes"], address)
        if route is None:
            return None
        if route.get("GatewayId") == "local":
            return str(subnet["VpcId"])
        attachment = self.attachment_of(subnet["VpcId"])
        assert attachment["TransitGatewayId"] == route["TransitGatewayId"]
        # A transit gateway receives packets in the Availability Zones of the attachment only.
        assert subnet["AvailabilityZone"] in zones_of(self._stack, attachment["SubnetIds"])
        return self.find_receiver(attachment, address)

    def attachment_of(self, vpc_id: str) -> Item:
        """Return the attachment of a VPC."""
        (attachment,) = [each for each in self._attachments if each["VpcId"] == vpc_id]
        return attachment

    def find_receiver(self, attachment: Item, address: str) -> str | None:
        """Return the VPC that a transit gateway sends a packet from an attachment to."""
        (described,) = self._ec2.describe_transit_gateway_attachments(
            TransitGatewayAttachmentIds=[attachment["TransitGatewayAttachmentId"]]
        )["TransitGatewayAttachments"]
        routes = self._ec2.search_transit_gateway_routes(
            TransitGatewayRouteTableId=described["Association"]["TransitGatewayRouteTableId"],
            Filters=[{"Name": "state", "Values": ["active"]}],
        )["Routes"]
        route = find_most_specific(routes, address)
        return str(route["TransitGatewayAttachments"][0]["ResourceId"]) if route else None

    def interfaces_of(self, endpoint: Item) -> list[Item]:
        """Return the network interfaces of an endpoint."""
        return list(
            self._ec2.describe_network_interfaces(
                NetworkInterfaceIds=endpoint["NetworkInterfaceIds"]
            )["NetworkInterfaces"]
        )

    def admits(self, endpoint: Item, address: str, port: int) -> bool:
        """Return whether the security groups of an endpoint admit a client."""
        ids = [each["GroupId"] for each in endpoint["Groups"]]
        groups = self._ec2.describe_security_groups(GroupIds=ids)["SecurityGroups"]
        return any(
            rule["IpProtocol"] == "tcp"
            and rule["FromPort"] <= port <= rule["ToPort"]
            and ip_address(address) in ip_network(block["CidrIp"])
            for group in groups
            for rule in group["IpPermissions"]
            for block in rule["IpRanges"]
        )


@pytest.fixture(scope="module")
def platform(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["CentralPlatform"]


@pytest.fixture(scope="module")
def network(platform: DeployedStack) -> Network:
    return Network(platform)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spoke", SPOKES)
def test_spoke_resolves_and_reaches_the_endpoint_which_can_respond(
    network: Network, spoke: str, name: str
) -> None:
    subnets = network.subnets_of(spoke)
    assert len(subnets) == 2
    endpoint_subnets = {each["SubnetId"]: each for each in network.subnets_of("Endpoints")}
    for subnet in subnets:
        client = str(ip_network(subnet["CidrBlock"])[10])
        endpoint = network.resolve(subnet["VpcId"], name)
        assert network.admits(endpoint, client, 443)
        interfaces = network.interfaces_of(endpoint)
        assert {each["SubnetId"] for each in interfaces} == endpoint_subnets.keys()
        for interface in interfaces:
            to_endpoint = network.follow(subnet, interface["PrivateIpAddress"])
            assert to_endpoint == endpoint["VpcId"]
            # Transit gateways do not translate addresses: the endpoint responds to the client.
            response = network.follow(endpoint_subnets[interface["SubnetId"]], client)
            assert response == subnet["VpcId"]


@pytest.mark.parametrize("name", NAMES)
def test_the_vpc_of_the_endpoints_resolves_the_names_too(network: Network, name: str) -> None:
    vpc_id = network.subnets_of("Endpoints")[0]["VpcId"]
    assert network.resolve(vpc_id, name)["VpcId"] == vpc_id


def test_spokes_do_not_reach_each_other(network: Network) -> None:
    orders, billing = (network.subnets_of(spoke)[0] for spoke in SPOKES)
    address = str(ip_network(billing["CidrBlock"])[10])
    assert network.follow(orders, address) is None
    # Neither would they with a route of the team to the transit gateway.
    assert network.find_receiver(network.attachment_of(orders["VpcId"]), address) is None


def test_endpoints_admit_nobody_else(network: Network) -> None:
    assert len(network.endpoints) == len(NAMES)
    for endpoint in network.endpoints:
        for stranger in ("10.0.0.10", "10.3.0.10"):
            assert not network.admits(endpoint, stranger, 443)
        assert not network.admits(endpoint, "10.1.0.10", 80)


def test_endpoints_to_aws_accept_principals_of_the_account_only(
    platform: DeployedStack, network: Network
) -> None:
    (payments,) = [each for each in network.endpoints if "vpce-svc" in each["ServiceName"]]
    for endpoint in network.endpoints:
        assert endpoint["PrivateDnsEnabled"] is False
        if endpoint["VpcEndpointId"] != payments["VpcEndpointId"]:
            (statement,) = json.loads(endpoint["PolicyDocument"])["Statement"]
            assert statement["Condition"] == {
                "StringEquals": {"aws:PrincipalAccount": platform.account.id}
            }


def test_no_vpc_has_internet_access(stacks: dict[str, DeployedStack]) -> None:
    assert find_internet_resources(*stacks.values()) == []


def test_the_endpoint_service_of_the_example_is_connected(
    stacks: dict[str, DeployedStack], platform: DeployedStack
) -> None:
    provider = stacks["CentralProvider"]
    connection = platform.outputs["EndpointId"], platform.account.id, "available"
    wait_for(lambda: connections_to(provider), [connection])
