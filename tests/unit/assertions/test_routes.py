"""Packets in small templates, each of which has one kind of hop."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_privatelink import PrivateLinkError, PrivateLinkTypeError, PrivateLinkValueError
from cdk_privatelink.assertions import Hop, PrivateLinkAssertionError, Routes

INTERNET = "198.51.100.7"
INTERNET_IPV6 = "2001:db8::7"

Resources = dict[str, dict[str, Any]]


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def attribute(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def vpc(name: str = "Vpc", cidr: str = "10.0.0.0/16") -> Resources:
    return {name: resource("EC2::VPC", CidrBlock=cidr)}


def subnet(name: str, cidr: Any, vpc: str = "Vpc", zone: str = "a", **more: Any) -> Resources:
    """Return a subnet with a route table."""
    return {
        name: resource(
            "EC2::Subnet", VpcId=ref(vpc), CidrBlock=cidr, AvailabilityZone=zone, **more
        ),
        f"{name}Table": resource("EC2::RouteTable", VpcId=ref(vpc)),
        f"{name}Association": resource(
            "EC2::SubnetRouteTableAssociation",
            SubnetId=ref(name),
            RouteTableId=ref(f"{name}Table"),
        ),
    }


def route(table: str, destination: Any, **target: Any) -> Resources:
    kind = "DestinationIpv6CidrBlock" if ":" in f"{destination}" else "DestinationCidrBlock"
    if isinstance(destination, dict):
        kind = "DestinationCidrBlock"
    properties = {"RouteTableId": ref(f"{table}Table"), kind: destination, **target}
    return {f"{table}{destination}{len(target)}": resource("EC2::Route", **properties)}


def endpoint(name: str, in_subnet: str) -> Resources:
    return {
        name: resource(
            "EC2::VPCEndpoint",
            VpcEndpointType="GatewayLoadBalancer",
            SubnetIds=[ref(in_subnet)],
        )
    }


def internet_gateway(vpc: str = "Vpc") -> Resources:
    return {
        "Igw": resource("EC2::InternetGateway"),
        "IgwAttachment": resource(
            "EC2::VPCGatewayAttachment", VpcId=ref(vpc), InternetGatewayId=ref("Igw")
        ),
    }


def gateway_table(gateway: str = "Igw", vpc: str = "Vpc") -> Resources:
    return {
        f"{gateway}Table": resource("EC2::RouteTable", VpcId=ref(vpc)),
        f"{gateway}Association": resource(
            "EC2::GatewayRouteTableAssociation",
            GatewayId=ref(gateway),
            RouteTableId=ref(f"{gateway}Table"),
        ),
    }


def transit_gateway(**options: str) -> Resources:
    return {"Tgw": resource("EC2::TransitGateway", **options)}


def attachment(vpc: str, *subnets: str, **properties: Any) -> Resources:
    return {
        f"{vpc}Attachment": resource(
            "EC2::TransitGatewayVpcAttachment",
            TransitGatewayId=ref("Tgw"),
            VpcId=ref(vpc),
            SubnetIds=[ref(each) for each in subnets],
            **properties,
        )
    }


def relation(kind: str, attachment: str, table: str) -> Resources:
    return {
        f"{attachment}{kind}{table}": resource(
            f"EC2::TransitGatewayRouteTable{kind}",
            TransitGatewayAttachmentId=ref(attachment),
            TransitGatewayRouteTableId=ref(table),
        )
    }


def transit_table(name: str) -> Resources:
    return {name: resource("EC2::TransitGatewayRouteTable", TransitGatewayId=ref("Tgw"))}


def routes_of(*parts: Resources, without: str | None = None) -> Routes:
    """Return the routes of one template, whose name is `T`."""
    resources: Resources = {}
    for part in parts:
        assert not resources.keys() & part.keys()
        resources |= part
    if without is not None:
        del resources[without]
    return Routes.from_templates({"T": {"Resources": resources}})


def places(hops: list[Hop]) -> list[str]:
    """Return the logical ids of the places, with the subnets that they are in."""
    return [
        each.path.removeprefix("T/") + (f" in {each.subnet[2:]}" if each.subnet else "")
        for each in hops
    ]


def error_of(error_type: type[PrivateLinkError], routes: Routes, **arguments: Any) -> str:
    arguments = {"source": "T/App", "destination": INTERNET} | arguments
    with pytest.raises(error_type) as error:
        routes.trace(**arguments)
    return str(error.value)


def inspected_resources() -> Resources:
    """Return a VPC whose internet traffic passes through an endpoint."""
    return (
        vpc()
        | subnet("App", "10.0.1.0/24")
        | subnet("Gate", "10.0.2.0/24")
        | endpoint("Endpoint", "Gate")
        | internet_gateway()
        | gateway_table()
        | route("App", "0.0.0.0/0", VpcEndpointId=ref("Endpoint"))
        | route("Gate", "0.0.0.0/0", GatewayId=ref("Igw"))
        | route("Igw", "10.0.1.0/24", VpcEndpointId=ref("Endpoint"))
    )


def inspected(*, without: str | None = None, more: Resources | None = None) -> Routes:
    """Return the routes of a VPC whose internet traffic passes through an endpoint."""
    return routes_of(inspected_resources(), more or {}, without=without)


class TestInternetGateways:
    def test_a_packet_passes_through_the_endpoint_to_the_internet(self) -> None:
        assert inspected().trace(source="T/App", destination=INTERNET) == [
            Hop("AWS::EC2::Subnet", "T/App"),
            Hop("AWS::EC2::VPCEndpoint", "T/Endpoint", "T/Gate", "T/AppTable", "0.0.0.0/0"),
            Hop("AWS::EC2::InternetGateway", "T/Igw", None, "T/GateTable", "0.0.0.0/0"),
        ]

    def test_a_packet_from_the_internet_uses_the_route_table_of_the_gateway(self) -> None:
        assert inspected().trace(source="T/Igw", destination="T/App") == [
            Hop("AWS::EC2::InternetGateway", "T/Igw"),
            Hop("AWS::EC2::VPCEndpoint", "T/Endpoint", "T/Gate", "T/IgwTable", "10.0.1.0/24"),
            Hop("AWS::EC2::Subnet", "T/App", None, "T/GateTable", "10.0.0.0/16"),
        ]

    def test_without_a_route_table_a_gateway_uses_the_local_route(self) -> None:
        found = inspected(without="IgwAssociation").trace(source="T/Igw", destination="T/App")
        assert found[1:] == [Hop("AWS::EC2::Subnet", "T/App", None, "T/Igw", "10.0.0.0/16")]

    def test_a_response_uses_the_same_endpoint(self) -> None:
        routes = inspected()
        found = routes.trace_return(source="T/App", destination=INTERNET)
        assert places(found) == ["Igw", "Endpoint in Gate", "App"]
        routes.assert_inspected(source="T/App", destination=INTERNET)

    def test_a_response_that_bypasses_the_endpoint_is_found(self) -> None:
        routes = inspected(without="IgwAssociation")
        with pytest.raises(PrivateLinkAssertionError) as error:
            routes.assert_inspected(source="T/App", destination=INTERNET)
        assert str(error.value) == (
            "`destination` must respond through the same endpoints, got `T/Endpoint` for packets, "
            "and no endpoint for responses; pass `return_path` to `add_routes()`, and enable "
            "appliance mode for attachments of the VPC with the endpoints  [T/App]"
        )

    def test_a_packet_that_bypasses_the_endpoint_is_found(self) -> None:
        more = route("App", "198.51.100.0/24", GatewayId=ref("Igw"))
        with pytest.raises(PrivateLinkAssertionError) as error:
            inspected(more=more).assert_inspected(source="T/App", destination=INTERNET)
        assert str(error.value) == (
            "`destination` must be reached through an endpoint, got no endpoint on the way; add "
            "the routes with `add_routes()`  [T/App]"
        )

    def test_a_failed_assertion_is_a_failed_test(self) -> None:
        assert issubclass(PrivateLinkAssertionError, AssertionError)

    @pytest.mark.parametrize("gateway", ["igw-0123456789abcdef0", "vgw-0123456789abcdef0"])
    def test_a_gateway_of_another_app_is_the_last_or_the_first_place(self, gateway: str) -> None:
        association = resource(
            "EC2::GatewayRouteTableAssociation", GatewayId=gateway, RouteTableId=ref("IgwTable")
        )
        routes = routes_of(
            vpc(),
            subnet("App", "10.0.1.0/24"),
            subnet("Gate", "10.0.2.0/24"),
            endpoint("Endpoint", "Gate"),
            {"IgwTable": resource("EC2::RouteTable", VpcId=ref("Vpc")), "Way": association},
            route("App", "0.0.0.0/0", VpcEndpointId=ref("Endpoint")),
            route("Gate", "0.0.0.0/0", GatewayId=gateway),
            route("Igw", "10.0.1.0/24", VpcEndpointId=ref("Endpoint")),
        )
        routes.assert_inspected(source="T/App", destination=INTERNET)
        found = routes.trace(source=gateway, destination="T/App")
        assert places(found) == [gateway, "Endpoint in Gate", "App"]
        assert found[0].type in ("AWS::EC2::InternetGateway", "AWS::EC2::VPNGateway")

    def test_a_virtual_private_gateway_has_a_route_table_too(self) -> None:
        routes = routes_of(
            vpc(),
            subnet("App", "10.0.1.0/24"),
            subnet("Gate", "10.0.2.0/24"),
            endpoint("Endpoint", "Gate"),
            {
                "Vgw": resource("EC2::VPNGateway"),
                "Attached": resource(
                    "EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), VpnGatewayId=ref("Vgw")
                ),
            },
            gateway_table("Vgw"),
            route("App", "172.16.0.0/12", VpcEndpointId=ref("Endpoint")),
            route("Gate", "172.16.0.0/12", GatewayId=ref("Vgw")),
            route("Vgw", "10.0.1.0/24", VpcEndpointId=ref("Endpoint")),
        )
        routes.assert_inspected(source="T/App", destination="172.16.0.7")


class TestMostSpecificRoute:
    def test_traffic_within_the_vpc_is_local(self) -> None:
        found = inspected().trace(source="T/App", destination="10.0.2.20")
        assert found[1:] == [Hop("AWS::EC2::Subnet", "T/Gate", None, "T/AppTable", "10.0.0.0/16")]

    def test_a_route_to_a_subnet_is_more_specific_than_the_local_route(self) -> None:
        more = subnet("Data", "10.0.3.0/24") | route(
            "App", "10.0.3.0/24", VpcEndpointId=ref("Endpoint")
        )
        found = inspected(more=more).trace(source="T/App", destination="T/Data")
        assert places(found) == ["App", "Endpoint in Gate", "Data"]

    def test_a_route_can_replace_the_local_route(self) -> None:
        more = route("App", "10.0.0.0/16", VpcEndpointId=ref("Endpoint"))
        found = inspected(more=more).trace(source="T/App", destination="T/Gate")
        assert places(found) == ["App", "Endpoint in Gate", "Gate"]

    def test_an_explicit_local_route_is_local(self) -> None:
        more = route("App", "10.0.2.0/24", GatewayId="local")
        found = inspected(more=more).trace(source="T/App", destination="T/Gate")
        assert found[1].route == "10.0.2.0/24"

    def test_secondary_blocks_of_the_vpc_are_local(self) -> None:
        block = resource("EC2::VPCCidrBlock", VpcId=ref("Vpc"), CidrBlock="10.9.0.0/16")
        more = {"Block": block} | subnet("Other", "10.9.1.0/24")
        found = inspected(more=more).trace(source="T/App", destination="T/Other")
        assert found[1].route == "10.9.0.0/16"

    def test_entries_of_a_prefix_list_are_destinations(self) -> None:
        more = {
            "List": resource("EC2::PrefixList", Entries=[{"Cidr": "198.51.100.0/24"}]),
            "Listed": resource(
                "EC2::Route",
                RouteTableId=ref("AppTable"),
                DestinationPrefixListId=attribute("List", "PrefixListId"),
                GatewayId=ref("Igw"),
            ),
        }
        found = inspected(more=more).trace(source="T/App", destination=INTERNET)
        assert found[1] == Hop(
            "AWS::EC2::InternetGateway", "T/Igw", None, "T/AppTable", "198.51.100.0/24"
        )

    def test_a_missing_route_is_found_with_its_table(self) -> None:
        message = error_of(PrivateLinkAssertionError, inspected(without="App0.0.0.0/01"))
        assert message == (
            "`destination` must have a route in each route table on the way, got no route to "
            f"`{INTERNET}`; add a route to this route table, or pass the stack that contains the "
            "route  [T/AppTable]"
        )

    def test_an_address_without_a_subnet_is_found(self) -> None:
        message = error_of(PrivateLinkAssertionError, inspected(), destination="10.0.200.7")
        assert message == (
            "`destination` must be in a subnet of its VPC, got `10.0.200.7`; pass an address in a "
            "subnet, or all stacks of the network  [T/Vpc]"
        )

    @pytest.mark.parametrize("of_another_app", [True, False])
    def test_ec2_delivers_locally_in_a_vpc_with_unknown_blocks(self, of_another_app: bool) -> None:
        resources = (
            vpc(cidr=ref("Block"))  # type: ignore[arg-type]
            | subnet("App", "10.0.1.0/24")
            | subnet("Data", "10.0.3.0/24")
            | subnet("Gate", "10.0.2.0/24")
            | endpoint("Endpoint", "Gate")
            | route("App", "0.0.0.0/0", VpcEndpointId=ref("Endpoint"))
        )
        if of_another_app:
            del resources["Vpc"]
            for each in resources.values():
                if "VpcId" in each["Properties"]:
                    each["Properties"]["VpcId"] = "vpc-0123456789abcdef0"
        routes = routes_of(resources)
        found = routes.trace(source="T/App", destination="T/Data")
        assert found[1:] == [Hop("AWS::EC2::Subnet", "T/Data", None, "T/AppTable", "10.0.3.0/24")]
        # Other private addresses can be in the VPC, too.
        message = error_of(PrivateLinkAssertionError, routes, destination="10.0.9.7")
        name = "vpc-0123456789abcdef0" if of_another_app else "T/Vpc"
        assert message == (
            f"`destination` must be compared with literal CIDR blocks, got the VPC `{name}`, whose "
            "CIDR blocks are unknown; pass a literal CIDR block to the VPC in tests  [T/AppTable]"
        )
        # A public address is in none, and a route to a whole subnet replaces the local route.
        message = error_of(PrivateLinkAssertionError, routes)
        assert message.endswith("[T/GateTable]")
        resources |= route("App", "10.0.3.0/24", VpcEndpointId=ref("Endpoint"))
        found = routes_of(resources).trace(source="T/App", destination="T/Data")
        assert places(found) == ["App", "Endpoint in Gate", "Data"]

    def test_an_unknown_secondary_block_can_contain_the_address(self) -> None:
        block = resource("EC2::VPCCidrBlock", VpcId=ref("Vpc"), Ipv4IpamPoolId="ipam-pool-1")
        routes = inspected(more={"Block": block})
        message = error_of(PrivateLinkAssertionError, routes, destination="10.9.0.7")
        assert "the VPC `T/Vpc`, whose CIDR blocks are unknown" in message
        routes.assert_inspected(source="T/App", destination=INTERNET)

    def test_a_subnet_with_the_main_route_table_is_rejected(self) -> None:
        message = error_of(PrivateLinkAssertionError, inspected(without="AppAssociation"))
        assert message == (
            "`destination` must be reached through subnets whose route tables are in the "
            "templates, got a subnet without an association, or of another app; associate a route "
            "table with the subnet: the main route table of a VPC is not in its template  [T/App]"
        )

    def test_a_route_to_an_unknown_block_is_rejected(self) -> None:
        unknown = resource(
            "EC2::Route",
            RouteTableId=ref("AppTable"),
            DestinationCidrBlock={"Fn::ImportValue": "Block"},
            GatewayId=ref("Igw"),
        )
        routes = inspected(more={"Unknown": unknown})
        message = error_of(PrivateLinkAssertionError, routes)
        assert message == (
            "`destination` must be compared with literal CIDR blocks, got `T/Unknown`, whose "
            "destination is a token; pass literal CIDR blocks to the routes in tests  [T/AppTable]"
        )
        # Packets of IPv6 do not match a route of IPv4.
        message = error_of(PrivateLinkAssertionError, routes, destination=INTERNET_IPV6)
        assert "must have a route in each route table" in message

    def test_an_unknown_route_that_cannot_change_the_way_is_accepted(self) -> None:
        host = route("App", f"{INTERNET}/32", VpcEndpointId=ref("Endpoint"))
        same = route("App", {"Fn::ImportValue": "Block"}, VpcEndpointId=ref("Endpoint"))
        other = route("App", {"Fn::ImportValue": "Block"}, GatewayId=ref("Igw"))
        for more in (host | other, same):
            inspected(more=more).assert_inspected(source="T/App", destination=INTERNET)

    def test_unknown_entries_of_a_prefix_list_are_rejected(self) -> None:
        unknown = resource(
            "EC2::Route",
            RouteTableId=ref("AppTable"),
            DestinationPrefixListId="pl-0123456789abcdef0",
            GatewayId=ref("Igw"),
        )
        message = error_of(PrivateLinkAssertionError, inspected(more={"Unknown": unknown}))
        assert message == (
            "`destination` must be compared with literal CIDR blocks, got `T/Unknown`, which has "
            "the unknown entries of the prefix list `pl-0123456789abcdef0`; pass a `CfnPrefixList` "
            "with literal entries to the route in tests  [T/AppTable]"
        )

    def test_a_static_route_wins_over_an_entry_of_a_prefix_list(self) -> None:
        more = {
            "List": resource("EC2::PrefixList", Entries=[{"Cidr": "198.51.100.0/24"}]),
            "Listed": resource(
                "EC2::Route",
                RouteTableId=ref("AppTable"),
                DestinationPrefixListId=ref("List"),
                VpcEndpointId=ref("Endpoint"),
            ),
        } | route("App", "198.51.100.0/24", GatewayId=ref("Igw"))
        found = inspected(more=more).trace(source="T/App", destination=INTERNET)
        assert places(found) == ["App", "Igw"]

    def test_two_routes_to_the_same_destination_are_rejected(self) -> None:
        more = route("App", "0.0.0.0/0", GatewayId=ref("Igw"), Again=True)
        message = error_of(PrivateLinkAssertionError, inspected(more=more))
        assert message == (
            "`destination` must have one most specific route in each route table on the way, got "
            "routes to `0.0.0.0/0` with different targets; remove one of the routes  [T/AppTable]"
        )

    @pytest.mark.parametrize(
        ("table", "text"),
        [
            ({"Fn::Sub": "${AppTable}"}, "Fn::Sub(${AppTable})"),
            ({"Fn::If": ["C", ref("AppTable"), "rtb-1"]}, "Fn::If(C, T/AppTable, rtb-1)"),
            ({"Fn::ImportValue": "Table"}, "Fn::ImportValue(Table)"),
        ],
    )
    def test_a_route_in_an_unknown_table_can_be_in_each_table(self, table: Any, text: str) -> None:
        bypass = resource(
            "EC2::Route",
            RouteTableId=table,
            DestinationCidrBlock="198.51.100.0/24",
            GatewayId=ref("Igw"),
        )
        routes = inspected(more={"Bypass": bypass})
        message = error_of(PrivateLinkAssertionError, routes)
        assert message == (
            "`destination` must be reached without routes in unknown route tables, got `T/Bypass` "
            f"to `198.51.100.0/24` in `{text}`, which can be this table; pass all stacks of the "
            "network, and the route table as a plain reference  [T/AppTable]"
        )
        # Other destinations do not depend on it.
        routes.assert_inspected(source="T/App", destination="203.0.113.7")

    @pytest.mark.parametrize("table", [{"Fn::ImportValue": "Table"}, "rtb-0123456789abcdef0"])
    def test_a_default_route_in_the_table_of_another_app_is_accepted(self, table: Any) -> None:
        other = resource(
            "EC2::Route",
            RouteTableId=table,
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId="igw-0123456789abcdef0",
        )
        routes = inspected(more={"Other": other})
        routes.assert_inspected(source="T/App", destination=INTERNET)

    @pytest.mark.parametrize("table", [{"Fn::Sub": "${AppTable}"}, "rtb-0123456789abcdef0"])
    @pytest.mark.parametrize("source", ["App", "Igw"])
    def test_a_table_of_another_app_is_rejected(self, source: str, table: Any) -> None:
        resources = vpc() | subnet("App", "10.0.1.0/24") | internet_gateway() | gateway_table()
        resources[f"{source}Association"]["Properties"]["RouteTableId"] = table
        text = table if isinstance(table, str) else "Fn::Sub(${AppTable})"
        message = error_of(
            PrivateLinkAssertionError,
            routes_of(resources),
            source=f"T/{source}",
            destination="T/App",
        )
        assert message == (
            "`destination` must be reached through route tables of the templates, got an "
            f"association with `{text}`; pass the stack of the route table, and associations "
            f"without conditions  [{text}]"
        )

    @pytest.mark.parametrize("name", ["App0.0.0.0/01", "Bypass"])
    def test_a_route_with_a_condition_is_rejected(self, name: str) -> None:
        bypass = route("App", "198.51.100.0/24", GatewayId=ref("Igw"))
        resources = inspected_resources() | {"Bypass": next(iter(bypass.values()))}
        resources[name]["Condition"] = "Never"
        destination = "0.0.0.0/0" if name != "Bypass" else "198.51.100.0/24"
        if name != "Bypass":
            del resources["Bypass"]
        message = error_of(PrivateLinkAssertionError, routes_of(resources))
        assert message == (
            "`destination` must be reached without routes that depend on conditions, got "
            f"`T/{name}` to `{destination}` with the condition `Never`; remove the condition in "
            "tests  [T/AppTable]"
        )

    def test_an_association_with_a_condition_is_rejected(self) -> None:
        resources = inspected_resources()
        resources["AppAssociation"]["Condition"] = "Never"
        message = error_of(PrivateLinkAssertionError, routes_of(resources))
        assert "got an association with `Fn::If(Never, T/AppTable)`" in message

    def test_a_loop_is_found(self) -> None:
        routes = routes_of(
            vpc(),
            subnet("App", "10.0.1.0/24"),
            endpoint("Endpoint", "App"),
            route("App", "0.0.0.0/0", VpcEndpointId=ref("Endpoint")),
        )
        message = error_of(PrivateLinkAssertionError, routes)
        assert message == (
            "`destination` must be reached without a loop, got a packet that returns to "
            "`T/Endpoint`; change the routes on the way  [T/App]"
        )

    @pytest.mark.parametrize(
        "target",
        [
            {"NetworkInterfaceId": "eni-0123456789abcdef0"},
            {"VpcPeeringConnectionId": "pcx-0123456789abcdef0"},
        ],
    )
    def test_other_targets_are_rejected(self, target: dict[str, str]) -> None:
        more = route("App", "198.51.100.0/24", **target)
        message = error_of(PrivateLinkAssertionError, inspected(more=more))
        assert message == (
            "`destination` must be reached through gateways, endpoints, peering connections and "
            f"transit gateways of the templates, got a route to `{next(iter(target))}`; pass all "
            "stacks of the network, or test the rest of the way otherwise  [T/AppTable]"
        )

    def test_an_endpoint_of_another_app_is_the_last_place(self) -> None:
        existing = "vpce-0123456789abcdef0"
        more = {
            "ToData": resource(
                "EC2::Route",
                RouteTableId=ref("IgwTable"),
                DestinationCidrBlock="10.0.3.0/24",
                VpcEndpointId=existing,
            )
        }
        more |= subnet("Data", "10.0.3.0/24") | route("Data", "0.0.0.0/0", VpcEndpointId=existing)
        routes = inspected(more=more)
        sent = routes.trace(source="T/Data", destination=INTERNET)
        assert sent[1:] == [
            Hop("AWS::EC2::VPCEndpoint", existing, None, "T/DataTable", "0.0.0.0/0")
        ]
        assert routes.trace(source="T/Igw", destination="T/Data")[-1].path == existing
        # The subnet of the endpoint decides about the rest of the way.
        for follow in (routes.assert_inspected, routes.trace_return):
            with pytest.raises(PrivateLinkAssertionError) as error:
                follow(source="T/Data", destination=INTERNET)
            assert str(error.value) == (
                "`destination` must respond through endpoints with a known subnet, got "
                f"`{existing}`, with which the known way ends; compare the last places of "
                "`trace()` from the subnet and from the gateway  [T/Data]"
            )
        message = error_of(PrivateLinkValueError, routes, source=existing)
        assert "must be a subnet, a gateway or an attachment of the templates" in message

    def test_a_nat_gateway_of_another_app_is_rejected(self) -> None:
        more = route("App", "198.51.100.0/24", NatGatewayId="nat-0123456789abcdef0")
        message = error_of(PrivateLinkAssertionError, inspected(more=more))
        assert message == (
            "`destination` must be reached through NAT gateways with a known subnet, got "
            "`nat-0123456789abcdef0`; pass the stack of the NAT gateway  [T/AppTable]"
        )


def natted(*, without: str | None = None) -> Routes:
    """Return the routes of a VPC with a NAT gateway behind the endpoint."""
    return routes_of(
        vpc(),
        subnet("App", "10.0.1.0/24"),
        subnet("Gate", "10.0.2.0/24"),
        subnet("Public", "10.0.3.0/24"),
        endpoint("Endpoint", "Gate"),
        internet_gateway(),
        {"Nat": resource("EC2::NatGateway", SubnetId=ref("Public"))},
        route("App", "0.0.0.0/0", VpcEndpointId=ref("Endpoint")),
        route("Gate", "0.0.0.0/0", NatGatewayId=ref("Nat")),
        route("Public", "0.0.0.0/0", GatewayId=ref("Igw")),
        route("Public", "10.0.1.0/24", VpcEndpointId=attribute("Endpoint", "Id")),
        without=without,
    )


class TestNatGateways:
    def test_a_response_goes_to_the_nat_gateway_first(self) -> None:
        routes = natted()
        sent = routes.trace(source="T/App", destination=INTERNET)
        assert places(sent) == ["App", "Endpoint in Gate", "Nat in Public", "Igw"]
        received = routes.trace_return(source="T/App", destination=INTERNET)
        assert places(received) == ["Igw", "Nat in Public", "Endpoint in Gate", "App"]
        assert received[1].type == "AWS::EC2::NatGateway"
        routes.assert_inspected(source="T/App", destination=INTERNET)

    def test_a_missing_return_route_is_found(self) -> None:
        with pytest.raises(PrivateLinkAssertionError, match="no endpoint for responses"):
            natted(without="Public10.0.1.0/241").assert_inspected(
                source="T/App", destination=INTERNET
            )

    def test_a_packet_can_start_at_a_nat_gateway(self) -> None:
        found = natted().trace(source="T/Nat", destination="T/App")
        assert places(found) == ["Nat in Public", "Endpoint in Gate", "App"]


class TestOtherTargets:
    def test_a_peering_connection_delivers_in_the_other_vpc(self) -> None:
        routes = routes_of(
            vpc(),
            vpc("Peer", "10.1.0.0/16"),
            subnet("App", "10.0.1.0/24"),
            subnet("Data", "10.1.1.0/24", vpc="Peer"),
            {
                "Peering": resource(
                    "EC2::VPCPeeringConnection", VpcId=ref("Vpc"), PeerVpcId=ref("Peer")
                )
            },
            route("App", "10.1.0.0/16", VpcPeeringConnectionId=ref("Peering")),
            route("Data", "10.0.0.0/16", VpcPeeringConnectionId=ref("Peering")),
        )
        assert places(routes.trace(source="T/App", destination="T/Data")) == ["App", "Data"]
        assert places(routes.trace_return(source="T/App", destination="T/Data")) == ["Data", "App"]

    def test_responses_through_an_egress_only_gateway_bypass_the_endpoint(self) -> None:
        block = resource("EC2::VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True)
        routes = routes_of(
            vpc(),
            {"Block": block},
            subnet("App", "10.0.1.0/24", Ipv6CidrBlock={"Fn::Select": [0, blocks()]}),
            subnet("Gate", "10.0.2.0/24"),
            endpoint("Endpoint", "Gate"),
            {"Eigw": resource("EC2::EgressOnlyInternetGateway", VpcId=ref("Vpc"))},
            route("App", "::/0", VpcEndpointId=ref("Endpoint")),
            route("Gate", "::/0", EgressOnlyInternetGatewayId=ref("Eigw")),
        )
        sent = routes.trace(source="T/App", destination=INTERNET_IPV6)
        assert places(sent) == ["App", "Endpoint in Gate", "Eigw"]
        with pytest.raises(PrivateLinkAssertionError, match="no endpoint for responses"):
            routes.assert_inspected(source="T/App", destination=INTERNET_IPV6)


def blocks() -> dict[str, Any]:
    """Return the IPv6 CIDR blocks of the subnets of a VPC, as the CDK writes them."""
    block = {"Fn::Select": [0, attribute("Vpc", "Ipv6CidrBlocks")]}
    return {"Fn::Cidr": [block, 4, "64"]}


class TestIpv6:
    def test_blocks_that_amazon_assigns_are_compared(self) -> None:
        block = resource("EC2::VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True)
        to_app = {"Fn::Select": [1, blocks()]}
        back = resource(
            "EC2::Route",
            RouteTableId=ref("IgwTable"),
            DestinationIpv6CidrBlock=to_app,
            VpcEndpointId=ref("Endpoint"),
        )
        routes = routes_of(
            vpc(),
            {"Block": block, "Back": back},
            subnet("App", "10.0.1.0/24", Ipv6CidrBlock=to_app),
            subnet("Gate", "10.0.2.0/24", Ipv6CidrBlock={"Fn::Select": [0, blocks()]}),
            endpoint("Endpoint", "Gate"),
            internet_gateway(),
            gateway_table(),
            route("App", "::/0", VpcEndpointId=ref("Endpoint")),
            route("Gate", "::/0", GatewayId=ref("Igw")),
        )
        routes.assert_inspected(source="T/App", destination=INTERNET_IPV6)
        found = routes.trace(source="T/Igw", destination="T/App", ipv6=True)
        assert places(found) == ["Igw", "Endpoint in Gate", "App"]
        # IPv4 has no routes.
        message = error_of(PrivateLinkAssertionError, routes)
        assert "no route to" in message

    def test_literal_blocks_are_compared(self) -> None:
        block = resource("EC2::VPCCidrBlock", VpcId=ref("Vpc"), Ipv6CidrBlock="2001:db8:1::/56")
        more = {"Block": block} | subnet("Six", "10.0.3.0/24", Ipv6CidrBlock="2001:db8:1:1::/64")
        found = inspected(more=more).trace(source="T/App", destination="T/Six", ipv6=True)
        assert found[1].route == "2001:db8:1::/56"

    def test_a_subnet_without_ipv6_is_rejected(self) -> None:
        message = error_of(PrivateLinkValueError, inspected(), destination="T/Gate", ipv6=True)
        assert message == (
            "`destination` must be a subnet with a known IPv6 CIDR block, got a subnet without "
            "one, or with a token; pass `ipv6=False`, or literal CIDR blocks to the VPC in tests  "
            "[T/Gate]"
        )


def central(
    *parts: Resources,
    options: dict[str, str] | None = None,
    without: str | None = None,
) -> Routes:
    """Return the routes of two spokes behind a transit gateway, with a VPC for inspection."""
    return routes_of(*central_parts(options), *parts, without=without)


def central_with(changes: Resources) -> Routes:
    """Return the same routes with other resources."""
    resources: Resources = {}
    for each in (*central_parts(None), changes):
        resources |= each
    return routes_of(resources)


def central_parts(options: dict[str, str] | None) -> list[Resources]:
    options = options or {"ApplianceModeSupport": "enable"}
    zones = [
        part
        for number, zone in enumerate("ab")
        for part in (
            subnet(f"One{zone}", f"10.1.{number}.0/24", "One", zone),
            subnet(f"Two{zone}", f"10.2.{number}.0/24", "Two", zone),
            subnet(f"Gate{zone}", f"10.0.{number}.0/24", "Hub", zone),
            subnet(f"Hub{zone}", f"10.0.1{number}.0/24", "Hub", zone),
            endpoint(f"Endpoint{zone}", f"Gate{zone}"),
            route(f"One{zone}", "0.0.0.0/0", TransitGatewayId=ref("Tgw")),
            route(f"Two{zone}", "0.0.0.0/0", TransitGatewayId=attribute("Tgw", "Id")),
            route(f"Hub{zone}", "0.0.0.0/0", VpcEndpointId=ref(f"Endpoint{zone}")),
            route(f"Gate{zone}", "10.0.0.0/8", TransitGatewayId=ref("Tgw")),
        )
    ]
    return [
        vpc("Hub", "10.0.0.0/16"),
        vpc("One", "10.1.0.0/16"),
        vpc("Two", "10.2.0.0/16"),
        *zones,
        transit_gateway(
            DefaultRouteTableAssociation="disable", DefaultRouteTablePropagation="disable"
        ),
        attachment("Hub", "Huba", "Hubb", Options=options),
        attachment("One", "Onea", "Oneb"),
        attachment("Two", "Twoa", "Twob"),
        transit_table("OfSpokes"),
        transit_table("OfHub"),
        relation("Association", "OneAttachment", "OfSpokes"),
        relation("Association", "TwoAttachment", "OfSpokes"),
        relation("Association", "HubAttachment", "OfHub"),
        relation("Propagation", "OneAttachment", "OfHub"),
        relation("Propagation", "TwoAttachment", "OfHub"),
        {
            "ToHub": resource(
                "EC2::TransitGatewayRoute",
                TransitGatewayRouteTableId=ref("OfSpokes"),
                DestinationCidrBlock="0.0.0.0/0",
                TransitGatewayAttachmentId=attribute("HubAttachment", "Id"),
            )
        },
    ]


class TestTransitGateways:
    def test_a_packet_crosses_the_transit_gateway_twice(self) -> None:
        found = central().trace(source="T/Onea", destination="T/Twob")
        assert places(found) == [
            "Onea",
            "OneAttachment",
            "HubAttachment in Huba",
            "Endpointa in Gatea",
            "HubAttachment",
            "TwoAttachment in Twoa",
            "Twob",
        ]
        assert [each.route_table for each in found[1:]] == [
            "T/OneaTable",
            "T/OfSpokes",
            "T/HubaTable",
            "T/GateaTable",
            "T/OfHub",
            "T/TwoaTable",
        ]

    def test_in_appliance_mode_each_zone_is_checked(self) -> None:
        routes = central()
        for source in ("T/Onea", "T/Oneb"):
            for destination in ("T/Twoa", "T/Twob"):
                routes.assert_inspected(source=source, destination=destination)
        found = routes.trace(source="T/Onea", destination="T/Twoa", availability_zone="b")
        assert "HubAttachment in Hubb" in places(found)

    def test_a_zone_without_the_return_route_is_found(self) -> None:
        routes = central(without="Hubb0.0.0.0/01")
        with pytest.raises(PrivateLinkAssertionError, match=r"no route to .*T/HubbTable"):
            routes.assert_inspected(source="T/Onea", destination="T/Twoa")

    def test_without_appliance_mode_a_response_in_another_zone_is_found(self) -> None:
        routes = central(options={"ApplianceModeSupport": "disable"})
        routes.assert_inspected(source="T/Onea", destination="T/Twoa")
        with pytest.raises(PrivateLinkAssertionError) as error:
            routes.assert_inspected(source="T/Onea", destination="T/Twob")
        assert "`T/Endpointa` for packets, and `T/Endpointb` for responses" in str(error.value)

    def test_the_option_in_lower_case_of_the_cdk_is_no_appliance_mode(self) -> None:
        routes = central(options={"applianceModeSupport": "enable"})
        with pytest.raises(PrivateLinkAssertionError, match="same endpoints"):
            routes.assert_inspected(source="T/Onea", destination="T/Twob")

    def test_a_zone_without_an_attachment_is_rejected(self) -> None:
        more = subnet("Onec", "10.1.9.0/24", "One", "c") | route(
            "Onec", "0.0.0.0/0", TransitGatewayId=ref("Tgw")
        )
        message = error_of(PrivateLinkAssertionError, central(more), source="T/Onec")
        assert message == (
            "`destination` must be reached from Availability Zones with an attachment to the "
            "transit gateway, got `T/Onec` without an attachment in its zone; add a subnet of "
            "this zone to the attachment of the VPC  [T/OnecTable]"
        )

    def test_an_attachment_without_the_zone_of_the_packet_is_rejected(self) -> None:
        """The transit gateway selects any zone, another one for each direction."""
        one = vpc("One", "10.1.0.0/16") | subnet("Onec", "10.1.9.0/24", "One", "c")
        two = vpc("Two", "10.2.0.0/16") | subnet("Twoa", "10.2.0.0/24", "Two")
        parts = (
            one,
            two,
            transit_gateway(),
            attachment("One", "Onec"),
            route("Onec", "0.0.0.0/0", TransitGatewayId=ref("Tgw")),
        )
        several = subnet("Twob", "10.2.1.0/24", "Two", "b") | attachment("Two", "Twoa", "Twob")
        message = error_of(
            PrivateLinkAssertionError,
            routes_of(*parts, several),
            source="T/Onec",
            destination="T/Twoa",
        )
        assert message == (
            "`destination` must be reached in a certain Availability Zone, got an attachment "
            "without a subnet in the zone of the packet; add a subnet of this zone to the "
            "attachment, or enable appliance mode  [T/TwoAttachment]"
        )
        # With one subnet, there is nothing to select.
        found = routes_of(*parts, attachment("Two", "Twoa")).trace(
            source="T/Onec", destination="T/Twoa"
        )
        assert places(found) == ["Onec", "OneAttachment", "TwoAttachment in Twoa", "Twoa"]
        assert found[2].route_table == "T/Tgw, default route table"

    @pytest.mark.parametrize(
        ("options", "is_propagated"),
        [({"Ipv6Support": "enable"}, True), ({}, False), ({"Ipv6Support": "disable"}, False)],
    )
    def test_ipv6_propagates_with_ipv6_support_only(
        self, options: dict[str, str], is_propagated: bool
    ) -> None:
        parts = [
            part
            for number, name in enumerate(["One", "Two"])
            for part in (
                vpc(name, f"10.{number}.0.0/16"),
                {
                    f"{name}Block": resource(
                        "EC2::VPCCidrBlock",
                        VpcId=ref(name),
                        Ipv6CidrBlock=f"2001:db8:{number}::/56",
                    )
                },
                subnet(
                    f"{name}a",
                    f"10.{number}.0.0/24",
                    name,
                    Ipv6CidrBlock=f"2001:db8:{number}::/64",
                ),
                attachment(name, f"{name}a", Options=options),
                route(f"{name}a", "::/0", TransitGatewayId=ref("Tgw")),
                route(f"{name}a", "0.0.0.0/0", TransitGatewayId=ref("Tgw")),
            )
        ]
        routes = routes_of(transit_gateway(), *parts)
        arguments: dict[str, Any] = {"source": "T/Onea", "destination": "T/Twoa"}
        assert places(routes.trace(**arguments))[-1] == "Twoa"
        if is_propagated:
            assert places(routes.trace(**arguments, ipv6=True))[-1] == "Twoa"
        else:
            message = error_of(PrivateLinkAssertionError, routes, **arguments, ipv6=True)
            assert "got no route to `2001:db8:1::a`" in message

    @pytest.mark.parametrize("kind", ["route", "condition", "association"])
    def test_unknown_tables_and_conditions_of_transit_gateways_are_rejected(
        self, kind: str
    ) -> None:
        parts = {
            "route": {
                "Bypass": resource(
                    "EC2::TransitGatewayRoute",
                    TransitGatewayRouteTableId={"Fn::Sub": "${OfSpokes}"},
                    DestinationCidrBlock="10.2.0.0/16",
                    TransitGatewayAttachmentId=ref("TwoAttachment"),
                )
            },
            "condition": relation("Propagation", "TwoAttachment", "OfSpokes"),
            "association": relation("Association", "OneAttachment", "OfSpokes"),
        }[kind]
        (each,) = parts.values()
        if kind != "route":
            each["Condition"] = "Never"
        routes = central_with(parts)
        expected = {
            "route": "must be reached without routes in unknown route tables, got `T/Bypass`",
            "condition": "must be reached without routes that depend on conditions",
            "association": "got an association with `Fn::If(Never, T/OfSpokes)`",
        }[kind]
        message = error_of(PrivateLinkAssertionError, routes, source="T/Onea", destination="T/Twoa")
        assert expected in message

    def test_a_vpc_with_unknown_blocks_propagates_unknown_routes(self) -> None:
        routes = central_with(
            {"Two": resource("EC2::VPC", CidrBlock=ref("Block"))}
            | relation("Propagation", "TwoAttachment", "OfSpokes")
        )
        message = error_of(
            PrivateLinkAssertionError, routes, source="T/Onea", destination="10.2.200.7"
        )
        assert message.endswith("[T/OfSpokes]")
        assert "got the VPC `T/Two`, whose CIDR blocks are unknown" in message

    def test_a_blackhole_is_found(self) -> None:
        blackhole = resource(
            "EC2::TransitGatewayRoute",
            TransitGatewayRouteTableId=attribute("OfSpokes", "TransitGatewayRouteTableId"),
            DestinationCidrBlock="198.51.100.0/24",
            Blackhole=True,
        )
        message = error_of(PrivateLinkAssertionError, central({"Hole": blackhole}), source="T/Onea")
        assert message == (
            "`destination` must not be reached through a blackhole, got a static route for "
            "`198.51.100.0/24` without an attachment; remove the route, or add an attachment to "
            "it  [T/OfSpokes]"
        )

    def test_a_missing_route_of_the_transit_gateway_is_found(self) -> None:
        routes = central(without="TwoAttachmentPropagationOfHub")
        message = error_of(PrivateLinkAssertionError, routes, source="T/Onea", destination="T/Twoa")
        assert message.endswith(
            "got no route to `10.2.0.10`; add a route to this route table, or pass the stack that "
            "contains the route  [T/OfHub]"
        )

    def test_an_attachment_without_a_route_table_is_found(self) -> None:
        routes = central(without="OneAttachmentAssociationOfSpokes")
        message = error_of(PrivateLinkAssertionError, routes, source="T/Onea")
        assert message.endswith("[T/OneAttachment]")

    def test_a_static_route_wins_over_a_propagated_one(self) -> None:
        static = resource(
            "EC2::TransitGatewayRoute",
            TransitGatewayRouteTableId=ref("OfHub"),
            DestinationCidrBlock="10.2.0.0/16",
            TransitGatewayAttachmentId="tgw-attach-0123456789abcdef0",
        )
        found = central({"Static": static}).trace(source="T/Onea", destination="T/Twoa")
        assert found[-1] == Hop(
            "AWS::EC2::TransitGatewayAttachment",
            "tgw-attach-0123456789abcdef0",
            None,
            "T/OfHub",
            "10.2.0.0/16",
        )

    def test_a_vpn_attachment_is_the_last_place_and_the_first_one_of_responses(self) -> None:
        vpn = "tgw-attach-0123456789abcdef0"
        parts: Resources = {
            "ToVpn": resource(
                "EC2::TransitGatewayRoute",
                TransitGatewayRouteTableId=ref("OfHub"),
                DestinationCidrBlock="10.9.0.0/16",
                TransitGatewayAttachmentId=vpn,
            ),
            "OfVpn": resource(
                "EC2::TransitGatewayRouteTableAssociation",
                TransitGatewayRouteTableId=ref("OfSpokes"),
                TransitGatewayAttachmentId=vpn,
            ),
        }
        central(parts).assert_inspected(source="T/Onea", destination="10.9.0.7")

    @pytest.mark.parametrize(
        "function",
        [
            resource("EC2::TransitGatewayNetworkFunctionAttachment", TransitGatewayId=ref("Tgw")),
            resource("NetworkFirewall::Firewall", TransitGatewayId=ref("Tgw")),
        ],
    )
    def test_a_network_function_returns_packets_to_the_transit_gateway(
        self, function: dict[str, Any]
    ) -> None:
        routes = routes_of(
            vpc("One", "10.1.0.0/16"),
            vpc("Two", "10.2.0.0/16"),
            subnet("Onea", "10.1.0.0/24", "One"),
            subnet("Twoa", "10.2.0.0/24", "Two"),
            transit_gateway(
                DefaultRouteTableAssociation="disable", DefaultRouteTablePropagation="disable"
            ),
            attachment("One", "Onea"),
            attachment("Two", "Twoa"),
            route("Onea", "0.0.0.0/0", TransitGatewayId=ref("Tgw")),
            route("Twoa", "0.0.0.0/0", TransitGatewayId=ref("Tgw")),
            transit_table("OfSpokes"),
            transit_table("OfFunction"),
            relation("Association", "OneAttachment", "OfSpokes"),
            relation("Association", "TwoAttachment", "OfSpokes"),
            relation("Propagation", "OneAttachment", "OfFunction"),
            relation("Propagation", "TwoAttachment", "OfFunction"),
            {
                "Function": function,
                "FunctionAssociation": resource(
                    "EC2::TransitGatewayRouteTableAssociation",
                    TransitGatewayAttachmentId=attribute("Function", "TransitGatewayAttachmentId"),
                    TransitGatewayRouteTableId=ref("OfFunction"),
                ),
                "ToFunction": resource(
                    "EC2::TransitGatewayRoute",
                    TransitGatewayRouteTableId=ref("OfSpokes"),
                    DestinationCidrBlock="0.0.0.0/0",
                    TransitGatewayAttachmentId=attribute("Function", "TransitGatewayAttachmentId"),
                ),
            },
        )
        found = routes.trace(source="T/Onea", destination="T/Twoa")
        assert places(found) == [
            "Onea",
            "OneAttachment",
            "Function",
            "TwoAttachment in Twoa",
            "Twoa",
        ]
        routes.assert_inspected(source="T/Onea", destination="T/Twoa")

    def test_a_transit_gateway_of_another_app_is_the_last_place(self) -> None:
        tgw = "tgw-0123456789abcdef0"
        more = route("App", "10.128.0.0/9", TransitGatewayId=tgw)
        found = inspected(more=more).trace(source="T/App", destination="10.129.0.7")
        assert found[1:] == [
            Hop("AWS::EC2::TransitGateway", tgw, None, "T/AppTable", "10.128.0.0/9")
        ]

    def test_an_attachment_to_another_app_is_the_last_and_the_first_place(self) -> None:
        tgw = "tgw-0123456789abcdef0"
        attached = resource(
            "EC2::TransitGatewayAttachment",
            TransitGatewayId=tgw,
            VpcId=ref("Vpc"),
            SubnetIds=[ref("App")],
        )
        more = {"Attached": attached} | route("App", "10.128.0.0/9", TransitGatewayId=tgw)
        routes = inspected(more=more)
        sent = routes.trace(source="T/App", destination="10.129.0.7")
        assert places(sent) == ["App", "Attached"]
        received = routes.trace_return(source="T/App", destination="10.129.0.7")
        assert places(received) == ["Attached in App", "App"]
        found = routes.trace(source="T/Attached", destination=INTERNET)
        assert places(found) == ["Attached in App", "Endpoint in Gate", "Igw"]


class TestExpressions:
    """Values of properties, which CloudFormation evaluates."""

    @pytest.mark.parametrize(
        "block",
        [
            "198.51.100.0/24",
            {"Fn::Join": ["/", ["198.51.100.0", "24"]]},
            {"Fn::Select": [1, {"Fn::Split": [",", "10.0.0.0/8,198.51.100.0/24"]}]},
            {"Fn::Select": ["1", ["10.0.0.0/8", "198.51.100.0/24"]]},
            {"Fn::Select": [100, {"Fn::Cidr": ["198.51.0.0/16", 256, 8]}]},
        ],
    )
    def test_literal_expressions_are_evaluated(self, block: Any) -> None:
        more = route("App", block, GatewayId=ref("Igw"))
        found = inspected(more=more).trace(source="T/App", destination=INTERNET)
        assert found[1].route == "198.51.100.0/24"

    @pytest.mark.parametrize(
        "block", [attribute("Vpc", "CidrBlock"), {"Fn::GetAtt": "Vpc.CidrBlock"}]
    )
    def test_the_block_of_a_vpc_is_evaluated(self, block: Any) -> None:
        more = route("App", block, VpcEndpointId=ref("Endpoint"))
        found = inspected(more=more).trace(source="T/App", destination="T/Gate")
        assert places(found) == ["App", "Endpoint in Gate", "Gate"]

    @pytest.mark.parametrize(
        "block",
        [
            ref("AWS::StackName"),
            ref("Nowhere"),
            attribute("Vpc", "Ipv4Blocks"),
            attribute("Nowhere", "CidrBlock"),
            attribute("Vpc", "Outputs.Nowhere"),
            {"Fn::If": ["Condition", ["10.0.0.0/8"], {"Key": "a", "Value": "b"}]},
            {"Fn::If": ["Condition", {"Key": "a"}, "10.0.0.0/8"]},
            {"Fn::Split": [",", ref("Nowhere")]},
        ],
    )
    def test_unknown_blocks_are_rejected(self, block: Any) -> None:
        more = route("App", block, GatewayId=ref("Igw"))
        message = error_of(PrivateLinkAssertionError, inspected(more=more))
        assert "must be compared with literal CIDR blocks" in message

    def test_the_default_of_a_parameter_is_a_literal_unless_it_names_another_parameter(
        self,
    ) -> None:
        parameters = {
            "Block": {"Type": "String", "Default": "198.51.100.0/24"},
            "Path": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/block"},
        }
        resources = vpc() | subnet("App", "10.0.1.0/24") | internet_gateway()
        literal = route("App", ref("Block"), GatewayId=ref("Igw"))
        stored = route("App", ref("Path"), GatewayId=ref("Igw"))
        template = {"Parameters": parameters, "Resources": resources | literal}
        routes = Routes.from_templates({"T": template})
        assert places(routes.trace(source="T/App", destination=INTERNET)) == ["App", "Igw"]
        template = {"Parameters": parameters, "Resources": resources | stored}
        message = error_of(PrivateLinkAssertionError, Routes.from_templates({"T": template}))
        assert "must be compared with literal CIDR blocks" in message

    @pytest.mark.parametrize(
        "block",
        [
            {"Fn::Cidr": ["198.51.100.0/24", 2]},
            {"Fn::Select": [ref("Index"), ["198.51.100.0/24"]]},
            {"Fn::Select": [3, ["198.51.100.0/24"]]},
            {"Fn::Select": [0, {"Fn::Cidr": ["198.51.100.0/24", ref("Count"), 8]}]},
            {"Fn::Join": ["", ["198.51.100.0", ref("Length")]]},
            {"Fn::Split": [",", ref("Blocks")]},
            {"Fn::FindInMap": ["Blocks", "One", "Two"]},
            "198.51.100.0/33",
        ],
    )
    def test_other_expressions_are_unknown(self, block: Any) -> None:
        routes = inspected(more=route("App", block, GatewayId=ref("Igw")))
        message = error_of(PrivateLinkAssertionError, routes)
        assert "must be compared with literal CIDR blocks" in message

    def test_an_endpoint_of_an_unknown_expression_is_rejected(self) -> None:
        more = route("App", "198.51.100.0/24", VpcEndpointId={"Fn::ImportValue": "Endpoint"})
        message = error_of(PrivateLinkAssertionError, inspected(more=more))
        assert "got `Fn::ImportValue(Endpoint)`; pass the stack of the endpoint" in message

    def test_a_block_of_address_management_is_unknown(self) -> None:
        routes = routes_of(
            {"Vpc": resource("EC2::VPC", Ipv4IpamPoolId="ipam-pool-0123456789abcdef0")},
            subnet("App", {"Fn::Select": [0, {"Fn::Cidr": [attribute("Vpc", "CidrBlock"), 1, 8]}]}),
        )
        message = error_of(PrivateLinkValueError, routes, destination="T/App")
        assert "`destination` must be a subnet with a known IPv4 CIDR block" in message

    def test_the_path_in_the_metadata_of_a_resource_is_its_path(self) -> None:
        resources = vpc() | subnet("App", "10.0.1.0/24")
        resources["App"]["Metadata"] = {"aws:cdk:path": "Stack/App/Subnet"}
        routes = Routes.from_templates({"T": {"Resources": resources}})
        found = routes.trace(source="Stack/App/Subnet", destination="10.0.1.7")
        assert found[0] == Hop("AWS::EC2::Subnet", "Stack/App/Subnet")


class TestArguments:
    def test_a_source_of_another_app_is_rejected(self) -> None:
        message = error_of(PrivateLinkValueError, inspected(), source="subnet-0123456789abcdef0")
        assert message == (
            "`source` must be a subnet, a gateway or an attachment of the templates, got "
            "`subnet-0123456789abcdef0`; pass a subnet, and all stacks of the network to "
            "`from_stacks()`  [Routes]"
        )

    def test_a_source_that_is_no_string_is_rejected(self) -> None:
        message = error_of(PrivateLinkTypeError, inspected(), source=1)
        assert message == (
            "`source` must be a subnet or a string, got `int`; pass an `ec2.ISubnet`, an id or a "
            "path  [Routes]"
        )

    @pytest.mark.parametrize("value", ["10.0.0.0/8", "T/Igw", "example.com"])
    def test_a_destination_that_is_no_address_is_rejected(self, value: str) -> None:
        message = error_of(PrivateLinkValueError, inspected(), destination=value)
        assert message == (
            "`destination` must be an IP address, or a subnet of the templates, got "
            f"`{value}`; pass an address like `198.51.100.7`, or all stacks of the network to "
            "`from_stacks()`  [Routes]"
        )

    def test_a_zone_without_an_attachment_cannot_be_selected(self) -> None:
        message = error_of(
            PrivateLinkValueError, central(), source="T/Onea", availability_zone="eu-west-1c"
        )
        assert message == (
            "`availability_zone` must be an Availability Zone of an attachment to a transit "
            "gateway, got `eu-west-1c`; pass the zone of an attached subnet: "
            "`subnet.availability_zone`  [Routes]"
        )

    def test_a_zone_that_is_no_string_is_rejected(self) -> None:
        message = error_of(PrivateLinkTypeError, central(), source="T/Onea", availability_zone=3)
        assert message == (
            "`availability_zone` must be a string, got `int`; pass the zone of an attached subnet: "
            "`subnet.availability_zone`  [Routes]"
        )

    @pytest.mark.parametrize("templates", [None, [], {"T": None}, {"T": 5}])
    def test_templates_of_another_type_are_rejected(self, templates: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            Routes.from_templates(templates)
        assert str(error.value) == (
            f"`templates` must be a mapping of names to templates, got `{templates!r}`; pass "
            'templates like `{"Stack": Template.from_stack(stack)}`  [Routes]'
        )

    @pytest.mark.parametrize("content", [["Id", ["a"], {}], {}, {"Type": 5}])
    def test_a_resource_without_a_type_is_rejected(self, content: Any) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            Routes.from_templates({"T": {"Resources": {"Fn::ForEach::Each": content}}})
        assert str(error.value) == (
            "`templates` must have resources with a type, got `Fn::ForEach::Each`; pass the "
            "template after its transforms, without `Fn::ForEach`  [T]"
        )

    def test_a_list_of_stacks_is_rejected(self) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            Routes.from_stacks([])  # type: ignore[arg-type]
        assert str(error.value) == (
            "`stacks` must be stacks, got `list`; pass each stack as a separate argument  [Routes]"
        )

    def test_a_gateway_receives_no_responses(self) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            inspected().assert_inspected(source="T/Igw", destination="T/App")
        assert str(error.value) == (
            "`source` must be a subnet, which receives the response, got `T/Igw`; pass a subnet, "
            "and all stacks of the network to `from_stacks()`  [Routes]"
        )


class TestReferences:
    """References between templates."""

    @pytest.mark.parametrize(
        ("reference", "is_found"),
        [
            ({"Fn::GetStackOutput": {"StackName": "T", "OutputName": "Table"}}, True),
            ({"Fn::ImportValue": "t-table"}, True),
            ({"Fn::GetStackOutput": {"StackName": "U", "OutputName": "Table"}}, False),
            ({"Fn::GetStackOutput": {"StackName": "T", "OutputName": "Other"}}, False),
            ({"Fn::ImportValue": "other"}, False),
        ],
    )
    def test_outputs_are_found_by_stack_and_name(self, reference: Any, is_found: bool) -> None:
        table = {"Value": ref("AppTable"), "Export": {"Name": "t-table"}}
        bypass = resource(
            "EC2::Route",
            RouteTableId=reference,
            DestinationCidrBlock="198.51.100.0/24",
            GatewayId="vgw-0123456789abcdef0",
        )
        routes = Routes.from_templates(
            {
                "Other": {"Outputs": {"Table": {"Value": "rtb-0123456789abcdef0"}}},
                "T": {"Resources": inspected_resources(), "Outputs": {"Table": table}},
                "Peer": {"Resources": {"Bypass": bypass}},
            }
        )
        if is_found:
            hops = routes.trace(source="T/App", destination=INTERNET)
            assert [each.path for each in hops] == ["T/App", "vgw-0123456789abcdef0"]
        with pytest.raises(PrivateLinkAssertionError) as error:
            routes.assert_inspected(source="T/App", destination=INTERNET)
        problem = "an endpoint" if is_found else "without routes in unknown route tables"
        assert problem in str(error.value)

    def test_nested_stacks_have_their_own_parameters_and_outputs(self) -> None:
        nested = {
            "Parameters": {"Block": {"Type": "String", "Default": "198.51.100.0/24"}},
            "Resources": inspected_resources() | route("App", ref("Block"), GatewayId=ref("Igw")),
            "Outputs": {"Table": {"Value": ref("AppTable")}},
        }
        parent = {
            "One": resource("CloudFormation::Stack"),
            "Two": resource("CloudFormation::Stack", Parameters={"Block": "203.0.113.0/24"}),
            "Bypass": resource(
                "EC2::Route",
                RouteTableId=attribute("Two", "Outputs.Table"),
                DestinationCidrBlock="192.0.2.0/24",
                GatewayId="igw-0123456789abcdef0",
            ),
        }
        routes = Routes.from_templates(
            {"Parent": {"Resources": parent}, "One": nested, "Two": nested}
        )
        bypassed = {
            (name, destination)
            for name in ("One", "Two")
            for destination in ("198.51.100.7", "203.0.113.7", "192.0.2.7")
            if len(routes.trace(source=f"{name}/App", destination=destination)) == 2
        }
        assert bypassed == {
            ("One", "198.51.100.7"),
            ("Two", "203.0.113.7"),
            ("Two", "192.0.2.7"),
        }
