"""The example `transit_gateway_inspection`, deployed with the real CDK CLI.

The tests follow a packet and its response through the state of EC2: no packet is sent.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

import pytest

from tests.deployment.queries import (
    connections_to,
    describe,
    endpoints_of,
    find_most_specific,
    get_tag,
    service_of,
)
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "transit_gateway_inspection"
# The first and the second Availability Zone of the stack.
ZONES = [0, 1]
INTERNET = "198.51.100.7"

Item = dict[str, Any]


class Path(NamedTuple):
    """The endpoints and the NAT gateways that a packet passes through, and where it ends."""

    endpoints: list[str]
    nat_gateways: list[str]
    end: str


class Network:
    """The routes of a stack in EC2."""

    def __init__(self, stack: DeployedStack) -> None:
        self._ec2 = stack.client("ec2")
        self.subnets: dict[str, Item] = {
            each["SubnetId"]: each for each in describe(stack, "AWS::EC2::Subnet")
        }
        self.zones = sorted({each["AvailabilityZone"] for each in self.subnets.values()})
        self._tables = describe(stack, "AWS::EC2::RouteTable")
        self._attachments = describe(stack, "AWS::EC2::TransitGatewayVpcAttachment")
        # The subnets of endpoints and NAT gateways.
        self._locations: dict[str, str] = {
            each["VpcEndpointId"]: each["SubnetIds"][0] for each in endpoints_of(stack)
        }
        for each in describe(stack, "AWS::EC2::NatGateway"):
            self._locations[each["NatGatewayId"]] = each["SubnetId"]

    def find(self, vpc: str, group: str, zone: int) -> Item:
        """Return a subnet by the id of its VPC construct, its group and its zone."""
        (found,) = (
            each
            for each in self.subnets.values()
            if (get_tag(each, "Name") or "").startswith(f"TransitNetwork/{vpc}/{group}Subnet")
            and each["AvailabilityZone"] == self.zones[zone]
        )
        return found

    def follow(self, subnet: Item, address: str, *, selected_zone: int) -> Path:
        """Return the path of a packet that leaves a subnet.

        :param selected_zone: The zone that the transit gateway selects in appliance mode.
        """
        path = Path([], [], "")
        for _ in range(10):
            route = find_most_specific(self._routes_of(subnet), address)
            assert route is not None, f"{subnet['SubnetId']} has no route to {address}"
            if route.get("GatewayId") == "local":
                return path._replace(end=self._receiver(subnet["VpcId"], address))
            # EC2 returns the id of an endpoint as the id of a gateway.
            target = route.get("NatGatewayId") or route.get("GatewayId", "")
            if target.startswith("igw-"):
                return path._replace(end=target)
            if target.startswith("vpce-"):
                path.endpoints.append(target)
            elif target:
                path.nat_gateways.append(target)
            location = self._locations.get(target)
            subnet = (
                self.subnets[location]
                if location
                else self._cross_transit_gateway(subnet, address, selected_zone)
            )
        raise AssertionError(f"a loop to {address}")

    def respond(self, path: Path, client: str, *, selected_zone: int) -> Path:
        """Return the path of the response to a client."""
        start = self._locations[path.nat_gateways[-1]] if path.nat_gateways else path.end
        return self.follow(self.subnets[start], client, selected_zone=selected_zone)

    def _routes_of(self, subnet: Item) -> list[Item]:
        (table,) = (
            each
            for each in self._tables
            if subnet["SubnetId"] in [one.get("SubnetId") for one in each["Associations"]]
        )
        return list(table["Routes"])

    def _receiver(self, vpc_id: str, address: str) -> str:
        (receiver,) = (
            each["SubnetId"]
            for each in self.subnets.values()
            if each["VpcId"] == vpc_id and ip_address(address) in ip_network(each["CidrBlock"])
        )
        return str(receiver)

    def _cross_transit_gateway(self, subnet: Item, address: str, selected_zone: int) -> Item:
        """Return the subnet of the attachment through which a packet leaves."""
        entry = self._attachment(VpcId=subnet["VpcId"])
        zone = subnet["AvailabilityZone"]
        # A transit gateway receives packets in the Availability Zones of the attachment only.
        assert zone in self._by_zone(entry)
        (attachment,) = self._ec2.describe_transit_gateway_attachments(
            TransitGatewayAttachmentIds=[entry["TransitGatewayAttachmentId"]]
        )["TransitGatewayAttachments"]
        routes = self._ec2.search_transit_gateway_routes(
            TransitGatewayRouteTableId=attachment["Association"]["TransitGatewayRouteTableId"],
            Filters=[{"Name": "state", "Values": ["active"]}],
        )["Routes"]
        route = find_most_specific(routes, address)
        assert route is not None, f"{entry} has no route to {address}"
        (target,) = route["TransitGatewayAttachments"]
        receiver = self._attachment(TransitGatewayAttachmentId=target["TransitGatewayAttachmentId"])
        in_appliance_mode = receiver["Options"]["ApplianceModeSupport"] == "enable"
        return self._by_zone(receiver)[self.zones[selected_zone] if in_appliance_mode else zone]

    def _attachment(self, **properties: str) -> Item:
        ((name, value),) = properties.items()
        (found,) = (each for each in self._attachments if each[name] == value)
        return dict(found)

    def _by_zone(self, attachment: Item) -> dict[str, Item]:
        subnets = (self.subnets[each] for each in attachment["SubnetIds"])
        return {each["AvailabilityZone"]: each for each in subnets}


@pytest.fixture(scope="module")
def stack(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["TransitNetwork"]


@pytest.fixture(scope="module")
def network(stack: DeployedStack) -> Network:
    return Network(stack)


def address_in(subnet: Item) -> str:
    return str(ip_network(subnet["CidrBlock"])[10])


@pytest.mark.parametrize("selected_zone", ZONES)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("spoke", ["Orders", "Billing"])
def test_internet_traffic_of_a_spoke_passes_one_endpoint_in_both_directions(
    stack: DeployedStack, network: Network, spoke: str, zone: int, selected_zone: int
) -> None:
    client = network.find(spoke, "Workload", zone)
    sent = network.follow(client, INTERNET, selected_zone=selected_zone)
    assert sent.end.startswith("igw-")
    assert len(sent.nat_gateways) == 1
    (endpoint_id,) = sent.endpoints
    assert endpoint_id in stack.outputs["EndpointIds"].split(",")
    # A NAT gateway of the same zone, without traffic between zones.
    (endpoint,) = (each for each in endpoints_of(stack) if each["VpcEndpointId"] == endpoint_id)
    location = network.subnets[endpoint["SubnetIds"][0]]
    assert location["AvailabilityZone"] == network.zones[selected_zone]
    response = network.respond(sent, address_in(client), selected_zone=selected_zone)
    assert response == Path(sent.endpoints, [], client["SubnetId"])


@pytest.mark.parametrize("selected_zone", ZONES)
@pytest.mark.parametrize("server_zone", ZONES)
@pytest.mark.parametrize("client_zone", ZONES)
def test_traffic_between_spokes_passes_one_endpoint_in_both_directions(
    network: Network, client_zone: int, server_zone: int, selected_zone: int
) -> None:
    client = network.find("Orders", "Workload", client_zone)
    server = network.find("Billing", "Workload", server_zone)
    sent = network.follow(client, address_in(server), selected_zone=selected_zone)
    assert sent.end == server["SubnetId"]
    assert len(sent.endpoints) == 1
    response = network.respond(sent, address_in(client), selected_zone=selected_zone)
    assert response == Path(sent.endpoints, [], client["SubnetId"])


def test_spokes_have_no_internet_gateway(stack: DeployedStack, network: Network) -> None:
    (gateway,) = describe(stack, "AWS::EC2::InternetGateway")
    (attachment,) = gateway["Attachments"]
    assert attachment["VpcId"] == network.find("Inspection", "Nat", ZONES[0])["VpcId"]


def test_endpoints_are_connected_to_the_appliances(
    stacks: dict[str, DeployedStack], stack: DeployedStack
) -> None:
    appliances = stacks["TransitAppliances"]
    gateways = appliances.resources("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert len(gateways) == 1
    assert service_of(appliances)["GatewayLoadBalancerArns"] == gateways
    connected = {endpoint_id for endpoint_id, _, _ in connections_to(appliances)}
    assert connected == set(stack.outputs["EndpointIds"].split(","))
    (group,) = appliances.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    (scaling,) = describe(appliances, "AWS::AutoScaling::AutoScalingGroup")
    assert scaling["TargetGroupARNs"] == [group]


def test_flows_are_reset_and_stay_on_one_appliance(stacks: dict[str, DeployedStack]) -> None:
    appliances = stacks["TransitAppliances"]
    (group,) = appliances.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    elbv2 = appliances.client("elbv2")
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=group)
    values = {each["Key"]: each["Value"] for each in attributes["Attributes"]}
    assert values["stickiness.enabled"] == "false"
    assert values["send_tcp_reset.on_unhealthy.enabled"] == "true"


def test_appliances_admit_geneve_and_health_checks_of_the_load_balancer_only(
    stacks: dict[str, DeployedStack],
) -> None:
    (group,) = describe(stacks["TransitAppliances"], "AWS::EC2::SecurityGroup")
    rules = {(each["IpProtocol"], each["FromPort"]) for each in group["IpPermissions"]}
    assert rules == {("udp", 6081), ("tcp", 80)}
