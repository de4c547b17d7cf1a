"""Routes through Gateway Load Balancer endpoints, with the same endpoint in both directions."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Fn, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    LoadBalancers,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import (
    NAME,
    ZONES,
    catch_error,
    existing_vpc,
    group,
    ids,
    resolve_reference,
    routes_of,
    vpc_of,
)
from tests.unit.templates import EMPTY, GATEWAY_ARN, make_service, only, resources_of

ROUTE, TABLE = "AWS::EC2::Route", "AWS::EC2::RouteTable"
ASSOCIATION = "AWS::EC2::GatewayRouteTableAssociation"
PUBLIC, EGRESS, ISOLATED = (
    ec2.SubnetType.PUBLIC,
    ec2.SubnetType.PRIVATE_WITH_EGRESS,
    ec2.SubnetType.PRIVATE_ISOLATED,
)
APPLICATION, DATABASE, GATE = group("Application"), group("Database"), group("Gate")
DUALSTACK = ec2.VpcEndpointIpAddressType.DUALSTACK
IPV6 = ec2.VpcEndpointIpAddressType.IPV6
FIRST, SECOND = "InspectionEndpointGateSubnet1", "InspectionEndpointGateSubnet2"


def create_vpc(stack: Stack, **options: Any) -> ec2.Vpc:
    """Create a VPC with subnets for endpoints between the internet gateway and applications."""
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=24)
        for name, kind in (("Gate", PUBLIC), ("Application", ISOLATED), ("Database", ISOLATED))
    ]
    return ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=configuration, **options)


def create_endpoints(
    stack: Stack,
    vpc: ec2.IVpc | ec2.Vpc,
    id: str = "Inspection",
    subnets: ec2.SubnetSelection = GATE,
    **options: Any,
) -> GatewayLoadBalancerEndpoints:
    options.setdefault("service", NAME)
    return GatewayLoadBalancerEndpoints(stack, id, vpc=vpc, subnets=subnets, **options)


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    return create_vpc(stack)


@pytest.fixture
def endpoints(stack: Stack, vpc: ec2.Vpc) -> GatewayLoadBalancerEndpoints:
    return create_endpoints(stack, vpc)


# The CIDR blocks that the CDK allocates to each subnet group.
BLOCKS = {
    name: [f"10.0.{number}.0/24", f"10.0.{number + 1}.0/24"]
    for name, number in (("Application", 2), ("Database", 4))
}


def expected_routes(gateway: str, destination: str = "0.0.0.0/0") -> dict[str, dict[str, str]]:
    """Return the expected routes of applications that are inspected at a gateway."""
    return {
        "VpcApplicationSubnet1RouteTable": {destination: FIRST},
        "VpcApplicationSubnet2RouteTable": {destination: SECOND},
        gateway: dict(zip(BLOCKS["Application"], (FIRST, SECOND), strict=True)),
    }


class TestInternetGateway:
    TABLE = "VpcPrivateLinkRouteTableInternetGateway"

    def test_both_directions_have_the_endpoint_in_the_zone_of_the_subnet(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == expected_routes(self.TABLE)

    def test_the_internet_gateway_has_a_route_table(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        association = only(stack, ASSOCIATION)
        assert resolve_reference(association["Properties"]["GatewayId"]) == "VpcIGW"
        assert resolve_reference(association["Properties"]["RouteTableId"]) == self.TABLE
        # Only an attached gateway can have a route table.
        assert resolve_reference(association["DependsOn"]) == ["VpcVPCGW"]
        (table,) = (
            each
            for key, each in resources_of(stack, TABLE).items()
            if resolve_reference(key) == self.TABLE
        )
        assert resolve_reference(table["Properties"]["VpcId"]) == "Vpc"

    def test_a_return_route_depends_on_the_subnet(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        dependencies = {
            resolve_reference(key): resolve_reference(route["DependsOn"])
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection") and "DependsOn" in route
        }
        assert dependencies == {
            f"InspectionRoutesInternetGatewaytoApplicationSubnet{number}": [
                f"VpcApplicationSubnet{number}Subnet"
            ]
            for number in (1, 2)
        }

    def test_repeated_calls_add_no_routes(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for _ in range(2):
            endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == expected_routes(self.TABLE)

    def test_overlapping_calls_add_each_route_once(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=DATABASE, destination="0.0.0.0/0")
        endpoints.add_routes(
            subnets=ec2.SubnetSelection(subnet_type=ISOLATED), destination="0.0.0.0/0"
        )
        found = routes_of(stack)
        assert len(found) == 5
        assert set(found[self.TABLE]) == {*BLOCKS["Application"], *BLOCKS["Database"]}
        assert len(resources_of(stack, ASSOCIATION)) == 1

    def test_a_subnet_can_have_several_destinations(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for block in ("192.0.2.0/24", "198.51.100.0/24"):
            endpoints.add_routes(subnets=APPLICATION, destination=block)
        found = routes_of(stack)
        assert found["VpcApplicationSubnet1RouteTable"] == {
            "192.0.2.0/24": FIRST,
            "198.51.100.0/24": FIRST,
        }
        # Return traffic has one route per subnet.
        assert len(found[self.TABLE]) == 2

    def test_two_constructs_share_the_route_table_of_the_internet_gateway(
        self, stack: Stack
    ) -> None:
        vpc = create_vpc(stack)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            create_endpoints(stack, vpc, name).add_routes(subnets=subnets, destination="0.0.0.0/0")
        assert len(resources_of(stack, ASSOCIATION)) == 1
        assert routes_of(stack)[self.TABLE] == {
            block: f"{name}EndpointGateSubnet{zone}"
            for name, blocks in (("One", "Application"), ("Two", "Database"))
            for zone, block in enumerate(BLOCKS[blocks], start=1)
        }

    def test_two_constructs_with_the_same_route_are_rejected(self, stack: Stack) -> None:
        # GIVEN subnets whose traffic to one destination is inspected by one service
        vpc = create_vpc(stack)
        create_endpoints(stack, vpc, "One").add_routes(
            subnets=APPLICATION, destination="192.0.2.0/24"
        )
        two = create_endpoints(stack, vpc, "Two")
        # THEN another service cannot inspect the same traffic
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: two.add_routes(subnets=APPLICATION, destination="192.0.2.0/24"),
        ) == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `ApplicationSubnet1` to `192.0.2.0/24`; call "
            "`add_routes()` once for both directions, and give each subnet a route table "
            "of its own  [Stack/Two]"
        )
        # AND it cannot inspect return traffic from the same gateway
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: two.add_routes(subnets=APPLICATION, destination="198.51.100.0/24"),
        )
        assert "got a route from `InternetGateway` to `10.0.2.0/24`" in message

    def test_the_id_of_the_internet_gateway_is_the_same_as_the_default(
        self, stack: Stack, vpc: ec2.Vpc, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        assert vpc.internet_gateway_id is not None
        endpoints.add_routes(
            subnets=APPLICATION, destination="0.0.0.0/0", return_path=vpc.internet_gateway_id
        )
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == expected_routes(self.TABLE)

    def test_the_destination_can_be_a_token(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        block = CfnParameter(stack, "Block").value_as_string
        endpoints.add_routes(subnets=APPLICATION, destination=block)
        endpoints.add_routes(subnets=APPLICATION, destination=block)
        endpoints.add_routes(
            subnets=APPLICATION, destination=CfnParameter(stack, "Another").value_as_string
        )
        tables = routes_of(stack)
        assert tables["VpcApplicationSubnet2RouteTable"] == {"Block": SECOND, "Another": SECOND}
        routes = [
            resolve_reference(key)
            for key in resources_of(stack, ROUTE)
            if key.startswith("Inspection")
        ]
        assert routes[:2] == [
            "InspectionRoutesApplicationSubnet1toDestination0a4a547d",
            "InspectionRoutesApplicationSubnet2toDestination0a4a547d",
        ]

    def test_a_missing_return_path_is_rejected_for_endpoints_in_private_subnets(
        self, stack: Stack
    ) -> None:
        vpc = vpc_of(stack, Public=PUBLIC, Gate=EGRESS, Application=ISOLATED)
        endpoints = create_endpoints(stack, vpc)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        ) == (
            "`return_path` must be passed unless the endpoints are in public subnets of a "
            "VPC of the same app, got `None`; pass the id of a gateway, or the subnets of "
            "NAT gateways or of transit gateway attachments  [Stack/Inspection]"
        )

    def test_a_missing_return_path_is_rejected_for_an_imported_vpc(self, stack: Stack) -> None:
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=ISOLATED_SUBNETS, destination="0.0.0.0/0"),
        )
        assert message.startswith(
            "`return_path` must be passed unless the endpoints are in public subnets"
        )


PRIVATE_SUBNETS, ISOLATED_SUBNETS = (
    ec2.SubnetSelection(subnet_type=EGRESS),
    ec2.SubnetSelection(subnet_type=ISOLATED),
)


class TestIpv6:
    @pytest.fixture
    def vpc(self, stack: Stack) -> ec2.Vpc:
        return create_vpc(stack, ip_protocol=ec2.IpProtocol.DUAL_STACK)

    @pytest.fixture
    def endpoints(self, stack: Stack, vpc: ec2.Vpc) -> GatewayLoadBalancerEndpoints:
        return create_endpoints(stack, vpc, ip_address_type=DUALSTACK)

    def test_both_directions_have_ipv6_routes(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="::/0")
        endpoints.add_routes(subnets=APPLICATION, destination="::/0")
        routes = {
            resolve_reference(key): route
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection")
        }
        assert set(routes) == {
            *(f"InspectionRoutesApplicationSubnet{n}to0" for n in (1, 2)),
            *(f"InspectionRoutesInternetGatewaytoApplicationSubnet{n}Ipv6" for n in (1, 2)),
        }
        for number, endpoint in ((1, FIRST), (2, SECOND)):
            outbound = routes[f"InspectionRoutesApplicationSubnet{number}to0"]["Properties"]
            assert outbound["DestinationIpv6CidrBlock"] == "::/0"
            inbound = routes[f"InspectionRoutesInternetGatewaytoApplicationSubnet{number}Ipv6"]
            block = inbound["Properties"]["DestinationIpv6CidrBlock"]
            assert resolve_reference(block["Fn::Select"][1]["Fn::Cidr"][0]["Fn::Select"][1]) == [
                "Vpc",
                "Ipv6CidrBlocks",
            ]
            assert resolve_reference(inbound["DependsOn"]) == [
                f"VpcApplicationSubnet{number}Subnet"
            ]
            for properties in (outbound, inbound["Properties"]):
                assert "DestinationCidrBlock" not in properties
                assert resolve_reference(properties["VpcEndpointId"]) == endpoint

    @pytest.mark.parametrize(
        ("kind", "destination", "is_warned"),
        [(EGRESS, "::/0", True), (EGRESS, "0.0.0.0/0", False), (PUBLIC, "::/0", False)],
    )
    def test_an_egress_only_gateway_behind_the_endpoints_is_warned_about(
        self, stack: Stack, kind: ec2.SubnetType, destination: str, is_warned: bool
    ) -> None:
        configuration = [
            ec2.SubnetConfiguration(name=name, subnet_type=each)
            for name, each in (("Nat", PUBLIC), ("Gate", kind), ("Application", ISOLATED))
        ]
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            ip_protocol=ec2.IpProtocol.DUAL_STACK,
            subnet_configuration=configuration,
        )
        endpoints = create_endpoints(stack, vpc, ip_address_type=DUALSTACK)
        endpoints.add_routes(subnets=APPLICATION, destination=destination, return_path=group("Nat"))
        text = Match.string_like_regexp(".*to an egress-only internet gateway, which drops it.*")
        found = Annotations.from_stack(stack).find_warning("/Stack/Inspection", text)
        assert len(found) == is_warned

    def test_a_subnet_can_have_ipv4_and_ipv6_routes(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for block in ("0.0.0.0/0", "::/0"):
            endpoints.add_routes(subnets=APPLICATION, destination=block)
        assert len([key for key in resources_of(stack, ROUTE) if key.startswith("Insp")]) == 8
        assert len(resources_of(stack, ASSOCIATION)) == 1

    def test_routes_between_subnets_have_ipv4_and_ipv6(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        routes = [
            route["Properties"]
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection")
        ]
        # Two subnets on each side, both directions, both IP address types.
        assert len([each for each in routes if "DestinationCidrBlock" in each]) == 8
        assert len([each for each in routes if "DestinationIpv6CidrBlock" in each]) == 8

    @pytest.mark.parametrize(
        ("has", "block", "kind"), [(None, "::/0", "IPv4"), (IPV6, "0.0.0.0/0", "IPv6")]
    )
    def test_a_destination_of_another_ip_address_type_than_the_endpoints_is_rejected(
        self, stack: Stack, vpc: ec2.Vpc, has: Any, block: str, kind: str
    ) -> None:
        endpoints = create_endpoints(stack, vpc, "One", ip_address_type=has)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=block),
        ) == (
            f"`destination` must be an {kind} CIDR block, like the endpoints, got `{block}`; pass "
            "`ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK` to the endpoints"
            "  [Stack/One]"
        )

    def test_subnets_without_ipv6_cidr_blocks_are_rejected(self, stack: Stack) -> None:
        endpoints = create_endpoints(
            stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS, ip_address_type=DUALSTACK
        )
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=ISOLATED_SUBNETS, destination="::/0", return_path="igw-0123456789"
            ),
        ) == (
            "`subnets` must have known IPv6 CIDR blocks, got `Stack/Vpc/IsolatedSubnet1`; "
            "pass subnets of a dual-stack VPC of the same app  [Stack/Inspection]"
        )

    def test_destination_subnets_without_ipv6_cidr_blocks_are_rejected(
        self, stack: Stack, vpc: ec2.Vpc, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        zone = vpc.availability_zones[0]
        other = import_subnet(
            stack, "Other", 9, zone, ipv4_cidr_block="10.9.0.0/24", route_table_id="rtb-0123456789"
        )
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination=ec2.SubnetSelection(subnets=[other])
            ),
        ) == (
            "`destination` must have known IPv6 CIDR blocks, got `Stack/Other`; "
            "pass subnets of a dual-stack VPC of the same app  [Stack/Inspection]"
        )


class TestNatGateways:
    def test_return_traffic_from_every_nat_gateway_has_the_endpoint_in_the_zone_of_the_subnet(
        self, stack: Stack
    ) -> None:
        # GIVEN a NAT gateway per zone behind the endpoints
        vpc = vpc_of(stack, Public=PUBLIC, Gate=EGRESS, Application=ISOLATED)
        create_endpoints(stack, vpc).add_routes(
            subnets=APPLICATION, destination="0.0.0.0/0", return_path=group("Public")
        )
        # THEN the endpoint in the zone of the application inspects both directions
        blocks = ["10.0.4.0/24", "10.0.5.0/24"]
        assert routes_of(stack) == {
            "VpcApplicationSubnet1RouteTable": {"0.0.0.0/0": FIRST},
            "VpcApplicationSubnet2RouteTable": {"0.0.0.0/0": SECOND},
            **{
                f"VpcPublicSubnet{n}RouteTable": dict(zip(blocks, (FIRST, SECOND), strict=True))
                for n in (1, 2)
            },
        }
        assert resources_of(stack, ASSOCIATION) == {}


class TestOtherGateways:
    def test_the_return_path_can_be_the_vpn_gateway_of_the_vpc(self, stack: Stack) -> None:
        vpc = create_vpc(stack, vpn_gateway=True, vpn_route_propagation=[GATE])
        assert vpc.vpn_gateway_id is not None
        create_endpoints(stack, vpc).add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=vpc.vpn_gateway_id
        )
        found = routes_of(stack)
        assert found == expected_routes("VpcPrivateLinkRouteTableVpnGateway", "172.16.0.0/12")
        association = only(stack, ASSOCIATION)
        assert resolve_reference(association["Properties"]["GatewayId"]) == "VpcVpnGateway"
        assert "VpcVPCVPNGW" in resolve_reference(association["DependsOn"])

    def test_a_vpc_can_have_routes_for_the_vpn_gateway_and_the_internet_gateway(
        self, stack: Stack
    ) -> None:
        vpc = create_vpc(stack, vpn_gateway=True, vpn_route_propagation=[GATE])
        endpoints = create_endpoints(stack, vpc)
        endpoints.add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=vpc.vpn_gateway_id
        )
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        gateways = [
            resolve_reference(each["Properties"]["GatewayId"])
            for each in resources_of(stack, ASSOCIATION).values()
        ]
        assert gateways == ["VpcVpnGateway", "VpcIGW"]

    @pytest.mark.parametrize("gateway", ["igw-0123456789abcdef0", "vgw-0123456789abcdef0"])
    def test_the_return_path_can_be_a_literal_gateway_id(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, gateway: str
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway)
        table = f"VpcPrivateLinkRouteTable{gateway.replace('-', '')}"
        assert routes_of(stack) == expected_routes(table, "172.16.0.0/12")
        assert only(stack, ASSOCIATION)["Properties"]["GatewayId"] == gateway

    def test_the_return_path_can_be_a_token_gateway_id(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        gateway = Fn.import_value("Gateway")
        for _ in range(2):
            endpoints.add_routes(
                subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway
            )
        found = routes_of(stack)
        assert found == expected_routes("VpcPrivateLinkRouteTableGatewaydd93f903", "172.16.0.0/12")
        properties = only(stack, ASSOCIATION)["Properties"]
        assert properties["GatewayId"] == {"Fn::ImportValue": "Gateway"}

    def test_token_gateways_of_several_constructs_have_separate_route_tables(
        self, stack: Stack
    ) -> None:
        # GIVEN two constructs, each with one token gateway of another name
        vpc = create_vpc(stack)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            gateway = CfnParameter(stack, f"{name}Gateway").value_as_string
            create_endpoints(stack, vpc, name).add_routes(
                subnets=subnets, destination="172.16.0.0/12", return_path=gateway
            )
        # THEN each gateway has a separate route table
        found = resources_of(stack, ASSOCIATION).values()
        assert [resolve_reference(each["Properties"]["GatewayId"]) for each in found] == [
            "OneGateway",
            "TwoGateway",
        ]
        tables: dict[str, list[str]] = {
            each["Properties"]["RouteTableId"]["Ref"]: [] for each in found
        }
        assert len(tables) == 2
        # Each table has the return routes of one construct only.
        for key, route in resources_of(stack, ROUTE).items():
            if "RoutesGateway" in key:
                tables[route["Properties"]["RouteTableId"]["Ref"]].append(key[:3])
        assert list(tables.values()) == [["One"] * 2, ["Two"] * 2]

    def test_one_token_gateway_of_several_constructs_has_one_route_table(
        self, stack: Stack
    ) -> None:
        # GIVEN a gateway that is the first token of one construct, and the second of another
        vpc = create_vpc(stack)
        gateway, other = (
            CfnParameter(stack, name).value_as_string for name in ("Gateway", "Destination")
        )
        create_endpoints(stack, vpc, "One").add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway
        )
        create_endpoints(stack, vpc, "Two").add_routes(
            subnets=DATABASE, destination=other, return_path=gateway
        )
        # THEN the gateway has one route table with all return routes
        assert resolve_reference(only(stack, ASSOCIATION)["Properties"]["GatewayId"]) == "Gateway"
        (table,) = (key for key in routes_of(stack) if "RouteTableGateway" in key)
        assert set(routes_of(stack)[table]) == {
            *BLOCKS["Application"],
            *BLOCKS["Database"],
        }

    @pytest.mark.parametrize(
        "wrong", ["", "nat-0123456789abcdef0", "tgw-0123456789abcdef0", "igw", "igw-x", "igw-1 "]
    )
    def test_a_gateway_that_cannot_have_a_route_table_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: str
    ) -> None:
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination="0.0.0.0/0", return_path=wrong
            ),
        ) == (
            "`return_path` must be the id of a gateway that can have a route table, got "
            f"`{wrong or EMPTY}`; pass the id of an internet or virtual private gateway, or "
            "subnets  [Stack/Inspection]"
        )

    @pytest.mark.parametrize(
        "id_in_use", ["PrivateLinkRoutes", "PrivateLinkRouteTableInternetGateway"]
    )
    def test_an_id_of_this_library_that_is_in_use_is_rejected(
        self, stack: Stack, vpc: ec2.Vpc, endpoints: GatewayLoadBalancerEndpoints, id_in_use: str
    ) -> None:
        Construct(vpc, id_in_use)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        )
        assert message == (
            f"`scope` must keep the ids of this library free, got `Stack/Vpc/{id_in_use}`; give "
            "that construct another id  [Stack/Inspection]"
        )


class TestBetweenSubnets:
    def test_routes_between_subnets_have_the_endpoint_of_the_first_subnets(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for _ in range(2):
            endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        assert routes_of(stack) == {
            **{
                f"VpcApplicationSubnet{zone}RouteTable": dict.fromkeys(BLOCKS["Database"], endpoint)
                for zone, endpoint in ((1, FIRST), (2, SECOND))
            },
            # Return traffic has the endpoint in the zone of the application.
            **{
                f"VpcDatabaseSubnet{zone}RouteTable": dict(
                    zip(BLOCKS["Application"], (FIRST, SECOND), strict=True)
                )
                for zone in (1, 2)
            },
        }
        assert resources_of(stack, ASSOCIATION) == {}

    def test_each_route_depends_on_the_subnet_of_its_destination(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        for key, route in resources_of(stack, ROUTE).items():
            if key.startswith("Inspection"):
                (dependencies,) = resolve_reference(route["DependsOn"])
                assert dependencies == f"Vpc{resolve_reference(key).partition('to')[2]}Subnet"

    def test_routes_in_the_opposite_order_are_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=DATABASE, destination=APPLICATION),
        )
        # Across zones, return traffic would have another endpoint.
        assert message == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `DatabaseSubnet1` to `10.0.3.0/24`; call "
            "`add_routes()` once for both directions, and give each subnet a route table "
            "of its own  [Stack/Inspection]"
        )

    def test_a_return_path_between_subnets_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination=DATABASE, return_path="igw-0123"
            ),
        ) == (
            "`return_path` must be left out if the destination is a selection of subnets, got "
            "`igw-0123`; leave it out  [Stack/Inspection]"
        )


def import_subnet(stack: Stack, id: str, number: int, zone: str, **options: Any) -> ec2.ISubnet:
    return ec2.Subnet.from_subnet_attributes(
        stack, id, subnet_id=f"subnet-{number:017}", availability_zone=zone, **options
    )


class TestImported:
    RETURN = "igw-0123456789abcdef0"

    def test_an_imported_vpc_can_have_routes(self, stack: Stack) -> None:
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        endpoints.add_routes(
            subnets=ISOLATED_SUBNETS, destination="0.0.0.0/0", return_path=self.RETURN
        )
        first, second = (f"InspectionEndpointPrivateSubnet{number}" for number in (1, 2))
        assert routes_of(stack) == {
            ids("rtb", 11, 1)[0]: {"0.0.0.0/0": first},
            ids("rtb", 12, 1)[0]: {"0.0.0.0/0": second},
            "PrivateLinkRouteTableigw0123456789abcdef0": {
                "10.0.20.0/24": first,
                "10.0.21.0/24": second,
            },
        }
        # The imported gateway is already attached.
        assert "DependsOn" not in only(stack, ASSOCIATION)

    def test_two_constructs_share_the_route_table_of_an_imported_gateway(
        self, stack: Stack
    ) -> None:
        vpc = existing_vpc(stack)
        for name, zone in (("One", "eu-west-1a"), ("Two", "eu-west-1b")):
            subnets = ec2.SubnetSelection(availability_zones=[zone], subnet_type=EGRESS)
            create_endpoints(stack, vpc, name, subnets).add_routes(
                subnets=ec2.SubnetSelection(availability_zones=[zone], subnet_type=ISOLATED),
                destination="0.0.0.0/0",
                return_path=self.RETURN,
            )
        assert len(resources_of(stack, ASSOCIATION)) == 1
        assert routes_of(stack)["PrivateLinkRouteTableigw0123456789abcdef0"] == {
            "10.0.20.0/24": "OneEndpointPrivateSubnet1",
            "10.0.21.0/24": "TwoEndpointPrivateSubnet2",
        }

    def test_the_return_path_can_be_the_vpn_gateway_of_an_imported_vpc(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, vpn_gateway_id="vgw-0123456789abcdef0")
        create_endpoints(stack, vpc, subnets=PRIVATE_SUBNETS).add_routes(
            subnets=ISOLATED_SUBNETS,
            destination="172.16.0.0/12",
            return_path="vgw-0123456789abcdef0",
        )
        assert "PrivateLinkRouteTableVpnGateway" in routes_of(stack)

    def test_a_block_inside_of_an_imported_vpc_is_rejected(self, stack: Stack) -> None:
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        with pytest.raises(PrivateLinkValueError, match="must be outside of the VPC, in which EC2"):
            endpoints.add_routes(
                subnets=ISOLATED_SUBNETS, destination="10.0.128.0/25", return_path=self.RETURN
            )

    def test_the_vpn_gateways_of_imported_vpcs_have_route_tables_of_their_own(
        self, stack: Stack
    ) -> None:
        for number in range(2):
            vpc = existing_vpc(
                stack,
                f"Vpc{number}",
                vpc_id=ids("vpc", number, 1)[0],
                vpn_gateway_id=f"vgw-{number}",
                private_subnet_ids=ids("subnet", 100 * (number + 1), 2),
                isolated_subnet_route_table_ids=ids("rtb", 100 * (number + 1), 2),
            )
            create_endpoints(stack, vpc, f"Endpoints{number}", PRIVATE_SUBNETS).add_routes(
                subnets=ISOLATED_SUBNETS, destination="172.16.0.0/12", return_path=f"vgw-{number}"
            )
        associations = {
            each["Properties"]["GatewayId"]: resolve_reference(each["Properties"]["RouteTableId"])
            for each in resources_of(stack, ASSOCIATION).values()
        }
        assert associations == {
            "vgw-0": "PrivateLinkRouteTableVpnGateway",
            "vgw-1": "PrivateLinkRouteTablevgw1",
        }
        routes = routes_of(stack)
        for number, table in enumerate(associations.values()):
            assert set(routes[table].values()) == {
                f"Endpoints{number}EndpointPrivateSubnet{each}" for each in (1, 2)
            }

    def test_two_imports_of_a_vpc_share_the_route_table_of_its_vpn_gateway(
        self, stack: Stack
    ) -> None:
        for number, zone in enumerate(ZONES):
            vpc = existing_vpc(stack, f"Vpc{number}", vpn_gateway_id="vgw-0123456789abcdef0")
            subnets = ec2.SubnetSelection(availability_zones=[zone], subnet_type=EGRESS)
            create_endpoints(stack, vpc, f"Endpoints{number}", subnets).add_routes(
                subnets=ec2.SubnetSelection(availability_zones=[zone], subnet_type=ISOLATED),
                destination="172.16.0.0/12",
                return_path="vgw-0123456789abcdef0",
            )
        assert len(resources_of(stack, ASSOCIATION)) == 1

    def add_routes_to_shared_table(
        self, stack: Stack, zones: tuple[str, str]
    ) -> Callable[[], None]:
        """Return a call that adds routes for two subnets with one route table."""
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        subnets = [
            import_subnet(
                stack,
                f"Shared{number}",
                90 + number,
                zone,
                ipv4_cidr_block=f"10.0.3{number}.0/24",
                route_table_id="rtb-0123456789abcdef0",
            )
            for number, zone in enumerate(zones)
        ]
        return lambda: endpoints.add_routes(
            subnets=ec2.SubnetSelection(subnets=subnets),
            destination="0.0.0.0/0",
            return_path=self.RETURN,
        )

    def test_a_route_table_of_subnets_in_two_zones_is_rejected(self, stack: Stack) -> None:
        call = self.add_routes_to_shared_table(stack, ("eu-west-1a", "eu-west-1b"))
        assert catch_error(stack, PrivateLinkValueError, call) == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `Shared1` to `0.0.0.0/0`; call `add_routes()` "
            "once for both directions, and give each subnet a route table of its own  "
            "[Stack/Inspection]"
        )

    def test_a_route_table_of_two_subnets_in_one_zone_has_one_route(self, stack: Stack) -> None:
        self.add_routes_to_shared_table(stack, ("eu-west-1a", "eu-west-1a"))()
        endpoint = "InspectionEndpointPrivateSubnet1"
        assert routes_of(stack) == {
            "rtb-0123456789abcdef0": {"0.0.0.0/0": endpoint},
            "PrivateLinkRouteTableigw0123456789abcdef0": {
                "10.0.30.0/24": endpoint,
                "10.0.31.0/24": endpoint,
            },
        }

    @pytest.mark.parametrize(
        ("attributes", "fix"),
        [
            (
                {"route_table_id": "rtb-0123456789abcdef0"},
                "import the subnet with its `ipv4_cidr_block`",
            ),
            ({"ipv4_cidr_block": "10.0.3.0/24"}, "import the subnet with its `route_table_id`"),
        ],
    )
    def test_imported_subnets_with_missing_attributes_are_rejected(
        self, stack: Stack, attributes: dict[str, str], fix: str
    ) -> None:
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        other = ec2.SubnetSelection(
            subnets=[import_subnet(stack, "A", 90, "eu-west-1a", **attributes)]
        )
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=other, destination="0.0.0.0/0", return_path=self.RETURN
            ),
        )
        assert message.startswith("`subnets` must have known ")
        assert message.endswith(f"; {fix}  [Stack/Inspection]")


class TestOtherStacks:
    def test_the_vpc_can_be_in_another_stack(self) -> None:
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        vpc = create_vpc(network)
        endpoints = create_endpoints(stack, vpc)
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        # THEN the route table is in the stack of the gateway, without the routes
        assert len(resources_of(network, ASSOCIATION)) == 1
        assert resources_of(stack, TABLE) == {}
        assert routes_of(network) == {}
        found = routes_of(stack)
        assert len(found) == 3
        assert all(table.startswith("Network:ExportsOutput") for table in found)
        assert stack.dependencies == [network]

    def test_endpoints_in_two_stacks_share_the_route_table_of_the_gateway(self) -> None:
        app = App()
        network = Stack(app, "Network")
        vpc = create_vpc(network)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            create_endpoints(Stack(app, name), vpc).add_routes(
                subnets=subnets, destination="0.0.0.0/0"
            )
        assert len(resources_of(network, ASSOCIATION)) == 1

    def test_endpoints_can_be_in_a_nested_stack(self, stack: Stack, vpc: ec2.Vpc) -> None:
        nested = NestedStack(stack, "Nested")
        create_endpoints(nested, vpc).add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert len(routes_of(nested)) == 3
        dependencies = only(stack, "AWS::CloudFormation::Stack")["DependsOn"]
        assert {"VpcApplicationSubnet1Subnet", "VpcApplicationSubnet2Subnet"} <= {
            *resolve_reference(dependencies)
        }


class TestRefused:
    def test_subnets_with_a_route_to_the_same_destination_are_rejected(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Gate=PUBLIC, Application=EGRESS)
        endpoints = create_endpoints(stack, vpc)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        ) == (
            "`subnets` must not have another route to the same destination, got a route "
            "from `ApplicationSubnet1` to `0.0.0.0/0`; pass isolated subnets with a route "
            "table of their own, to which the CDK adds no route out of the VPC  "
            "[Stack/Inspection]"
        )
        # Another destination is accepted.
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12")
        assert len(routes_of(stack)) == 3

    def test_subnets_with_an_ipv6_route_to_the_same_destination_are_rejected(
        self, stack: Stack
    ) -> None:
        configuration = [
            ec2.SubnetConfiguration(name=name, subnet_type=kind)
            for name, kind in (("Gate", PUBLIC), ("Application", EGRESS))
        ]
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            ip_protocol=ec2.IpProtocol.DUAL_STACK,
            subnet_configuration=configuration,
        )
        endpoints = create_endpoints(stack, vpc, ip_address_type=DUALSTACK)
        assert "got a route from `ApplicationSubnet1` to `::/0`; " in catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="::/0"),
        )

    @pytest.mark.parametrize("block", ["10.0.0.0/16", "10.0.4.0/24", "10.0.4.0/25", "10.0.4.7/24"])
    def test_a_destination_within_the_vpc_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, block: str
    ) -> None:
        canonical = str(ipaddress.ip_network(block, strict=False))
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=block),
        ) == (
            "`destination` must be outside of the VPC, in which EC2 routes to whole "
            f"subnets only, got `{canonical}`; pass the subnets as an `ec2.SubnetSelection`  "
            "[Stack/Inspection]"
        )

    def test_another_notation_of_the_same_cidr_block_adds_no_routes(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12")
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.1.1/12")
        assert routes_of(stack) == expected_routes(
            "VpcPrivateLinkRouteTableInternetGateway", "172.16.0.0/12"
        )

    @pytest.mark.parametrize("side", ["destination", "return_path"])
    def test_the_same_subnets_on_both_sides_are_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, side: str
    ) -> None:
        def call() -> None:
            if side == "destination":
                endpoints.add_routes(subnets=APPLICATION, destination=APPLICATION)
            else:
                endpoints.add_routes(
                    subnets=APPLICATION, destination="0.0.0.0/0", return_path=APPLICATION
                )

        assert catch_error(stack, PrivateLinkValueError, call) == (
            f"`{side}` must not contain a subnet that `subnets` contains, got "
            "`Stack/Vpc/ApplicationSubnet1`; pass the subnets on the other side of the "
            "appliances  [Stack/Inspection]"
        )

    def test_subnets_of_another_vpc_are_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        other = vpc_of(stack, "Other", Application=ISOLATED)
        foreign = ec2.SubnetSelection(subnets=other.isolated_subnets)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=foreign, destination="0.0.0.0/0"),
        ) == (
            "`subnets` must not contain a subnet of another VPC, got "
            "`Stack/Other/ApplicationSubnet1`; pass subnets of `Stack/Vpc`  "
            "[Stack/Inspection]"
        )

    def test_subnets_with_propagated_routes_of_a_vpn_gateway_are_rejected(
        self, stack: Stack
    ) -> None:
        """Propagated routes are more specific and bypass the endpoints."""
        vpc = create_vpc(stack, vpn_gateway=True, vpn_route_propagation=[APPLICATION])
        endpoints, gateway = create_endpoints(stack, vpc), vpc.vpn_gateway_id
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway
            ),
        ) == (
            "`subnets` must not receive routes of the VPN gateway, which bypass the "
            "endpoints, got `Stack/Vpc/ApplicationSubnet1`; pass `vpn_route_propagation` "
            "to the VPC for the subnets of the endpoints only  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("acceptance", [True, False])
    def test_routes_to_a_service_that_requires_acceptance_add_a_warning(
        self, stack: Stack, vpc: ec2.Vpc, acceptance: bool
    ) -> None:
        service = make_service(
            stack,
            load_balancers=LoadBalancers.gateway(GATEWAY_ARN),
            acceptance_required=acceptance,
        )
        endpoints = create_endpoints(stack, vpc, service=service)
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        found = Annotations.from_stack(stack).find_warning(
            "/Stack/Inspection", Match.string_like_regexp("EC2 rejects routes to an endpoint")
        )
        assert len(found) == acceptance

    @pytest.mark.parametrize(
        ("argument", "subnets", "destination", "return_path"),
        [
            ("subnets", GATE, "0.0.0.0/0", None),
            ("destination", APPLICATION, GATE, None),
            ("return_path", APPLICATION, "0.0.0.0/0", GATE),
        ],
    )
    def test_the_subnets_of_the_endpoints_are_rejected(
        self,
        stack: Stack,
        endpoints: GatewayLoadBalancerEndpoints,
        argument: str,
        subnets: Any,
        destination: Any,
        return_path: Any,
    ) -> None:
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=subnets, destination=destination, return_path=return_path
            ),
        ) == (
            f"`{argument}` must not contain a subnet of the endpoints, whose traffic would "
            "loop, got `Stack/Vpc/GateSubnet1`; pass other subnets  [Stack/Inspection]"
        )

    def test_subnets_in_zones_without_an_endpoint_are_rejected(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        one = ec2.SubnetSelection(availability_zones=["eu-west-1a"])
        endpoints = create_endpoints(stack, vpc, subnets=one)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=ISOLATED_SUBNETS, destination="0.0.0.0/0", return_path="igw-0123"
            ),
        ) == (
            "`subnets` must be in Availability Zones with an endpoint, got "
            "`Stack/Vpc/IsolatedSubnet2`; pass subnets in the zones of the endpoints, import "
            "subnets with their `availability_zone`, and pass `env` to the stack if its zones are "
            "tokens  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("side", ["subnets", "destination", "return_path"])
    def test_a_route_table_that_the_endpoints_share_is_rejected(
        self, stack: Stack, side: str
    ) -> None:
        # GIVEN isolated subnets with the route table of the endpoint in their zone
        vpc = existing_vpc(stack, isolated_subnet_route_table_ids=ids("rtb", 1, 2))
        other = import_subnet(stack, "Other", 90, "eu-west-1a", route_table_id="rtb-90")
        endpoints = create_endpoints(stack, vpc, subnets=PRIVATE_SUBNETS)
        options: dict[str, Any] = {
            "subnets": ec2.SubnetSelection(subnets=[other]),
            "destination": "0.0.0.0/0",
            "return_path": "igw-0123",
        }
        if side == "destination":
            del options["return_path"]
        options[side] = ISOLATED_SUBNETS
        # THEN traffic from the endpoint would return to the endpoint
        assert catch_error(
            stack, PrivateLinkValueError, lambda: endpoints.add_routes(**options)
        ) == (
            f"`{side}` must not share a route table with the endpoints, whose traffic would loop, "
            "got `Stack/Vpc/IsolatedSubnet1`; give the subnets of the endpoints route tables of "
            "their own  [Stack/Inspection]"
        )

    def test_an_inspected_subnet_in_an_unknown_zone_is_rejected(self, stack: Stack) -> None:
        endpoints = create_endpoints(stack, existing_vpc(stack), subnets=PRIVATE_SUBNETS)
        subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef0")
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=ec2.SubnetSelection(subnets=[subnet]),
                destination="0.0.0.0/0",
                return_path="igw-0123",
            ),
        )
        assert "must be in Availability Zones with an endpoint, got `Stack/Subnet`" in message

    def test_endpoints_can_be_in_a_subnet_in_an_unknown_zone(self, stack: Stack) -> None:
        subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef0")
        endpoints = create_endpoints(
            stack, existing_vpc(stack), subnets=ec2.SubnetSelection(subnets=[subnet])
        )
        assert endpoints.availability_zones == []
        assert len(endpoints.vpc_endpoint_ids) == 1

    def test_a_destination_in_a_secondary_cidr_block_is_rejected(self, stack: Stack) -> None:
        vpc = create_vpc(stack)
        ec2.CfnVPCCidrBlock(stack, "Secondary", vpc_id=vpc.vpc_id, cidr_block="100.64.0.0/16")
        endpoints = create_endpoints(stack, vpc)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="100.64.8.0/24"),
        )
        assert message.startswith(
            "`destination` must be outside of the VPC, in which EC2 routes to whole subnets only, "
            "got `100.64.8.0/24`"
        )

    def test_the_secondary_cidr_block_of_another_vpc_is_no_part_of_the_vpc(
        self, stack: Stack
    ) -> None:
        other = vpc_of(stack, "Other", Application=ec2.SubnetType.PRIVATE_ISOLATED)
        ec2.CfnVPCCidrBlock(stack, "Secondary", vpc_id=other.vpc_id, cidr_block="100.64.0.0/16")
        endpoints = create_endpoints(stack, create_vpc(stack))
        endpoints.add_routes(subnets=APPLICATION, destination="100.64.0.0/16")

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            "anywhere",
            "10.0.0.0",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/255.0.0.0",
            "pl-0123",
            "/8",
        ],
    )
    def test_a_string_that_is_not_a_cidr_block_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: str
    ) -> None:
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=wrong),
        ) == (
            f"`destination` must be a CIDR block, got `{wrong or EMPTY}`; pass a CIDR block like "
            "`0.0.0.0/0` or `::/0`, or subnets of the VPC  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, ["0.0.0.0/0"], ec2.Peer.any_ipv4()])
    def test_a_destination_of_another_type_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: Any
    ) -> None:
        assert catch_error(
            stack,
            PrivateLinkTypeError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=wrong),
        ) == (
            f"`destination` must be a CIDR block or subnets, got `{wrong!r}`; pass a CIDR "
            "block like `0.0.0.0/0` or `::/0`, or subnets of the VPC  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", ["Application", 1, []])
    @pytest.mark.parametrize("argument", ["subnets", "return_path"])
    def test_a_value_that_is_not_a_selection_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, argument: str, wrong: Any
    ) -> None:
        arguments: dict[str, Any] = {"subnets": APPLICATION, argument: wrong}
        if isinstance(arguments.get("return_path"), str):
            return  # The string could be the id of a gateway.
        expected = (
            ("an `ec2.SubnetSelection`", "a selection like `ec2.SubnetSelection(")
            if argument == "subnets"
            else ("the id of a gateway or an `ec2.SubnetSelection`", "the id of an internet")
        )
        assert catch_error(
            stack,
            PrivateLinkTypeError,
            lambda: endpoints.add_routes(destination="0.0.0.0/0", **arguments),
        ).startswith(f"`{argument}` must be {expected[0]}, got `{wrong!r}`; pass {expected[1]}")

    @pytest.mark.parametrize("argument", ["subnets", "destination", "return_path"])
    def test_a_subnet_group_that_the_vpc_does_not_have_is_rejected(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, argument: str
    ) -> None:
        arguments: dict[str, Any] = {
            "subnets": APPLICATION,
            "destination": "0.0.0.0/0",
            argument: group("Other"),
        }
        message = catch_error(
            stack, PrivateLinkValueError, lambda: endpoints.add_routes(**arguments)
        )
        assert message.startswith(
            f"`{argument}` must select subnets of the VPC (There are no subnet groups with name "
        )
        assert message.endswith("; pass a selection that the VPC has  [Stack/Inspection]")
