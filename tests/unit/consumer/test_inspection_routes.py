"""Routes through Gateway Load Balancer endpoints: both directions by the endpoint of one zone."""

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
    existing_vpc,
    group,
    ids,
    refusal,
    routes_of,
    told,
    vpc_of,
)
from tests.unit.templates import GATEWAY_ARN, make_service, only, resources_of

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


def at_the_edge(stack: Stack, **more: Any) -> ec2.Vpc:
    """A VPC with endpoints between its internet gateway and its applications."""
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=24)
        for name, kind in (("Gate", PUBLIC), ("Application", ISOLATED), ("Database", ISOLATED))
    ]
    return ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=configuration, **more)


def through(
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
    return at_the_edge(stack)


@pytest.fixture
def endpoints(stack: Stack, vpc: ec2.Vpc) -> GatewayLoadBalancerEndpoints:
    return through(stack, vpc)


# The blocks that the CDK gives to the subnets of each group.
BLOCKS = {
    name: [f"10.0.{number}.0/24", f"10.0.{number + 1}.0/24"]
    for name, number in (("Application", 2), ("Database", 4))
}


def out_and_back(gateway: str, destination: str = "0.0.0.0/0") -> dict[str, dict[str, str]]:
    """What there is when applications reach out through a gateway."""
    return {
        "VpcApplicationSubnet1RouteTable": {destination: FIRST},
        "VpcApplicationSubnet2RouteTable": {destination: SECOND},
        gateway: dict(zip(BLOCKS["Application"], (FIRST, SECOND), strict=True)),
    }


class TestInternetGateway:
    TABLE = "VpcPrivateLinkRouteTableInternetGateway"

    def test_both_directions_by_the_endpoint_of_the_zone(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == out_and_back(self.TABLE)

    def test_the_gateway_gets_a_route_table(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        association = only(stack, ASSOCIATION)
        assert told(association["Properties"]["GatewayId"]) == "VpcIGW"
        assert told(association["Properties"]["RouteTableId"]) == self.TABLE
        # It can have one from when it is attached on.
        assert told(association["DependsOn"]) == ["VpcVPCGW"]
        (table,) = (
            each for key, each in resources_of(stack, TABLE).items() if told(key) == self.TABLE
        )
        assert told(table["Properties"]["VpcId"]) == "Vpc"

    def test_a_route_to_a_subnet_waits_for_it(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        waits = {
            told(key): told(route["DependsOn"])
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection") and "DependsOn" in route
        }
        assert waits == {
            f"InspectionRoutesInternetGatewaytoApplicationSubnet{number}": [
                f"VpcApplicationSubnet{number}Subnet"
            ]
            for number in (1, 2)
        }

    def test_repeated_calls(self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints) -> None:
        for _ in range(2):
            endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == out_and_back(self.TABLE)

    def test_calls_that_overlap(
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

    def test_several_destinations(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for block in ("192.0.2.0/24", "198.51.100.0/24"):
            endpoints.add_routes(subnets=APPLICATION, destination=block)
        found = routes_of(stack)
        assert found["VpcApplicationSubnet1RouteTable"] == {
            "192.0.2.0/24": FIRST,
            "198.51.100.0/24": FIRST,
        }
        # Answers come back one way.
        assert len(found[self.TABLE]) == 2

    def test_two_constructs_share_its_table(self, stack: Stack) -> None:
        vpc = at_the_edge(stack)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            through(stack, vpc, name).add_routes(subnets=subnets, destination="0.0.0.0/0")
        assert len(resources_of(stack, ASSOCIATION)) == 1
        assert routes_of(stack)[self.TABLE] == {
            block: f"{name}EndpointGateSubnet{zone}"
            for name, blocks in (("One", "Application"), ("Two", "Database"))
            for zone, block in enumerate(BLOCKS[blocks], start=1)
        }

    def test_two_constructs_cannot_both_have_the_same_way(self, stack: Stack) -> None:
        # GIVEN subnets whose traffic to one place is inspected by one service
        vpc = at_the_edge(stack)
        through(stack, vpc, "One").add_routes(subnets=APPLICATION, destination="192.0.2.0/24")
        two = through(stack, vpc, "Two")
        # THEN another one can have neither that
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: two.add_routes(subnets=APPLICATION, destination="192.0.2.0/24"),
        ) == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `ApplicationSubnet1` to `192.0.2.0/24`; call "
            "`add_routes()` once for both directions, and give each subnet a route table "
            "of its own  [Stack/Two]"
        )
        # AND nor what comes back from other places by the same gateway
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: two.add_routes(subnets=APPLICATION, destination="198.51.100.0/24"),
        )
        assert "got a route from `InternetGateway` to `10.0.2.0/24`" in message

    def test_its_id_is_the_same(
        self, stack: Stack, vpc: ec2.Vpc, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        assert vpc.internet_gateway_id is not None
        endpoints.add_routes(
            subnets=APPLICATION, destination="0.0.0.0/0", return_path=vpc.internet_gateway_id
        )
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert routes_of(stack) == out_and_back(self.TABLE)

    def test_a_block_known_at_deployment(
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
        routes = [told(key) for key in resources_of(stack, ROUTE) if key.startswith("Inspection")]
        assert routes[:2] == [
            "InspectionRoutesApplicationSubnet1toDestination0a4a547d",
            "InspectionRoutesApplicationSubnet2toDestination0a4a547d",
        ]

    def test_it_is_refused_where_endpoints_are_not_in_public_subnets(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Public=PUBLIC, Gate=EGRESS, Application=ISOLATED)
        endpoints = through(stack, vpc)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        ) == (
            "`return_path` must be passed unless the endpoints are in public subnets of a "
            "VPC of the same app, got `None`; pass the id of a gateway, or the subnets of "
            "NAT gateways or of transit gateway attachments  [Stack/Inspection]"
        )

    def test_it_is_refused_where_the_vpc_is_imported(self, stack: Stack) -> None:
        endpoints = through(stack, existing_vpc(stack), subnets=PRIVATE)
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=ISOLATED_ONES, destination="0.0.0.0/0"),
        )
        assert message.startswith(
            "`return_path` must be passed unless the endpoints are in public subnets"
        )


PRIVATE, ISOLATED_ONES = (
    ec2.SubnetSelection(subnet_type=EGRESS),
    ec2.SubnetSelection(subnet_type=ISOLATED),
)


class TestIpv6:
    @pytest.fixture
    def vpc(self, stack: Stack) -> ec2.Vpc:
        return at_the_edge(stack, ip_protocol=ec2.IpProtocol.DUAL_STACK)

    @pytest.fixture
    def endpoints(self, stack: Stack, vpc: ec2.Vpc) -> GatewayLoadBalancerEndpoints:
        return through(stack, vpc, ip_address_type=DUALSTACK)

    def test_both_directions(self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="::/0")
        endpoints.add_routes(subnets=APPLICATION, destination="::/0")
        routes = {
            told(key): route
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection")
        }
        assert set(routes) == {
            *(f"InspectionRoutesApplicationSubnet{n}to0" for n in (1, 2)),
            *(f"InspectionRoutesInternetGatewaytoApplicationSubnet{n}Ipv6" for n in (1, 2)),
        }
        for number, endpoint in ((1, FIRST), (2, SECOND)):
            forward = routes[f"InspectionRoutesApplicationSubnet{number}to0"]["Properties"]
            assert forward["DestinationIpv6CidrBlock"] == "::/0"
            back = routes[f"InspectionRoutesInternetGatewaytoApplicationSubnet{number}Ipv6"]
            block = back["Properties"]["DestinationIpv6CidrBlock"]
            assert told(block["Fn::Select"][1]["Fn::Cidr"][0]["Fn::Select"][1]) == [
                "Vpc",
                "Ipv6CidrBlocks",
            ]
            assert told(back["DependsOn"]) == [f"VpcApplicationSubnet{number}Subnet"]
            for properties in (forward, back["Properties"]):
                assert "DestinationCidrBlock" not in properties
                assert told(properties["VpcEndpointId"]) == endpoint

    def test_beside_ipv4(self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints) -> None:
        for block in ("0.0.0.0/0", "::/0"):
            endpoints.add_routes(subnets=APPLICATION, destination=block)
        assert len([key for key in resources_of(stack, ROUTE) if key.startswith("Insp")]) == 8
        assert len(resources_of(stack, ASSOCIATION)) == 1

    def test_between_subnets(self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        routes = [
            route["Properties"]
            for key, route in resources_of(stack, ROUTE).items()
            if key.startswith("Inspection")
        ]
        # Two subnets on either side, both directions, both kinds of addresses.
        assert len([each for each in routes if "DestinationCidrBlock" in each]) == 8
        assert len([each for each in routes if "DestinationIpv6CidrBlock" in each]) == 8

    @pytest.mark.parametrize(
        ("has", "block", "kind"), [(None, "::/0", "IPv4"), (IPV6, "0.0.0.0/0", "IPv6")]
    )
    def test_what_the_endpoints_do_not_have(
        self, stack: Stack, vpc: ec2.Vpc, has: Any, block: str, kind: str
    ) -> None:
        endpoints = through(stack, vpc, "One", ip_address_type=has)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=block),
        ) == (
            f"`destination` must be an {kind} CIDR block, like the endpoints, got `{block}`; pass "
            "`ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK` to the endpoints"
            "  [Stack/One]"
        )

    def test_subnets_without(self, stack: Stack) -> None:
        endpoints = through(stack, existing_vpc(stack), subnets=PRIVATE, ip_address_type=DUALSTACK)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=ISOLATED_ONES, destination="::/0", return_path="igw-0123456789"
            ),
        ) == (
            "`subnets` must have known IPv6 CIDR blocks, got `Stack/Vpc/IsolatedSubnet1`; "
            "pass subnets of a dual-stack VPC of the same app  [Stack/Inspection]"
        )


class TestNatGateways:
    def test_answers_come_in_by_all_of_them(self, stack: Stack) -> None:
        # GIVEN a NAT gateway in each zone, behind the endpoints
        vpc = vpc_of(stack, Public=PUBLIC, Gate=EGRESS, Application=ISOLATED)
        through(stack, vpc).add_routes(
            subnets=APPLICATION, destination="0.0.0.0/0", return_path=group("Public")
        )
        # THEN the endpoint of the application's zone has both directions, whichever it is
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
    def test_the_vpn_gateway_of_the_vpc(self, stack: Stack) -> None:
        vpc = at_the_edge(stack, vpn_gateway=True, vpn_route_propagation=[GATE])
        assert vpc.vpn_gateway_id is not None
        through(stack, vpc).add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=vpc.vpn_gateway_id
        )
        found = routes_of(stack)
        assert found == out_and_back("VpcPrivateLinkRouteTableVpnGateway", "172.16.0.0/12")
        association = only(stack, ASSOCIATION)
        assert told(association["Properties"]["GatewayId"]) == "VpcVpnGateway"
        assert "VpcVPCVPNGW" in told(association["DependsOn"])

    def test_beside_the_internet_gateway(self, stack: Stack) -> None:
        vpc = at_the_edge(stack, vpn_gateway=True, vpn_route_propagation=[GATE])
        endpoints = through(stack, vpc)
        endpoints.add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=vpc.vpn_gateway_id
        )
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        gateways = [
            told(each["Properties"]["GatewayId"])
            for each in resources_of(stack, ASSOCIATION).values()
        ]
        assert gateways == ["VpcVpnGateway", "VpcIGW"]

    @pytest.mark.parametrize("gateway", ["igw-0123456789abcdef0", "vgw-0123456789abcdef0"])
    def test_a_literal_id(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, gateway: str
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway)
        table = f"VpcPrivateLinkRouteTable{gateway.replace('-', '')}"
        assert routes_of(stack) == out_and_back(table, "172.16.0.0/12")
        assert only(stack, ASSOCIATION)["Properties"]["GatewayId"] == gateway

    def test_an_id_known_at_deployment(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        gateway = Fn.import_value("Gateway")
        for _ in range(2):
            endpoints.add_routes(
                subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway
            )
        found = routes_of(stack)
        assert found == out_and_back("VpcPrivateLinkRouteTableGatewaydd93f903", "172.16.0.0/12")
        properties = only(stack, ASSOCIATION)["Properties"]
        assert properties["GatewayId"] == {"Fn::ImportValue": "Gateway"}

    def test_ids_known_at_deployment_of_several_constructs(self, stack: Stack) -> None:
        # GIVEN two constructs that have both seen one gateway, each its own
        vpc = at_the_edge(stack)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            gateway = CfnParameter(stack, f"{name}Gateway").value_as_string
            through(stack, vpc, name).add_routes(
                subnets=subnets, destination="172.16.0.0/12", return_path=gateway
            )
        # THEN each gateway has its own table
        found = resources_of(stack, ASSOCIATION).values()
        assert [told(each["Properties"]["GatewayId"]) for each in found] == [
            "OneGateway",
            "TwoGateway",
        ]
        tables: dict[str, list[str]] = {
            each["Properties"]["RouteTableId"]["Ref"]: [] for each in found
        }
        assert len(tables) == 2
        # With the ways back of its own construct only.
        for key, route in resources_of(stack, ROUTE).items():
            if "RoutesGateway" in key:
                tables[route["Properties"]["RouteTableId"]["Ref"]].append(key[:3])
        assert list(tables.values()) == [["One"] * 2, ["Two"] * 2]

    def test_one_id_known_at_deployment_of_several_constructs(self, stack: Stack) -> None:
        # GIVEN a gateway that is the first to one construct, and the second to another
        vpc = at_the_edge(stack)
        gateway, other = (
            CfnParameter(stack, name).value_as_string for name in ("Gateway", "Destination")
        )
        through(stack, vpc, "One").add_routes(
            subnets=APPLICATION, destination="172.16.0.0/12", return_path=gateway
        )
        through(stack, vpc, "Two").add_routes(
            subnets=DATABASE, destination=other, return_path=gateway
        )
        # THEN it has one table, with all the ways back
        assert told(only(stack, ASSOCIATION)["Properties"]["GatewayId"]) == "Gateway"
        (table,) = (key for key in routes_of(stack) if "RouteTableGateway" in key)
        assert set(routes_of(stack)[table]) == {
            *BLOCKS["Application"],
            *BLOCKS["Database"],
        }

    @pytest.mark.parametrize(
        "wrong", ["", "nat-0123456789abcdef0", "tgw-0123456789abcdef0", "igw", "igw-x", "igw-1 "]
    )
    def test_what_can_have_no_route_table(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: str
    ) -> None:
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination="0.0.0.0/0", return_path=wrong
            ),
        ) == (
            "`return_path` must be the id of a gateway that can have a route table, got "
            f"`{wrong}`; pass the id of an internet or virtual private gateway, or subnets  "
            "[Stack/Inspection]"
        )

    @pytest.mark.parametrize("taken", ["PrivateLinkRoutes", "PrivateLinkRouteTableInternetGateway"])
    def test_an_id_of_this_library_that_is_taken(
        self, stack: Stack, vpc: ec2.Vpc, endpoints: GatewayLoadBalancerEndpoints, taken: str
    ) -> None:
        Construct(vpc, taken)
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        )
        assert message == (
            f"`scope` must keep the ids of this library free, got `Stack/Vpc/{taken}`; give that "
            "construct another id  [Stack/Inspection]"
        )


class TestBetweenSubnets:
    def test_both_directions_by_the_endpoint_of_the_first_ones(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        for _ in range(2):
            endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        assert routes_of(stack) == {
            **{
                f"VpcApplicationSubnet{zone}RouteTable": dict.fromkeys(BLOCKS["Database"], endpoint)
                for zone, endpoint in ((1, FIRST), (2, SECOND))
            },
            # Whatever the zone of the database, answers go by that of the application.
            **{
                f"VpcDatabaseSubnet{zone}RouteTable": dict(
                    zip(BLOCKS["Application"], (FIRST, SECOND), strict=True)
                )
                for zone in (1, 2)
            },
        }
        assert resources_of(stack, ASSOCIATION) == {}

    def test_each_route_waits_for_the_subnet_that_it_leads_to(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        for key, route in resources_of(stack, ROUTE).items():
            if key.startswith("Inspection"):
                (waits,) = told(route["DependsOn"])
                assert waits == f"Vpc{told(key).partition('to')[2]}Subnet"

    def test_the_other_way_round_is_a_contradiction(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination=DATABASE)
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=DATABASE, destination=APPLICATION),
        )
        # Within a zone it is the same; across zones, answers would take another endpoint.
        assert message == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `DatabaseSubnet1` to `10.0.3.0/24`; call "
            "`add_routes()` once for both directions, and give each subnet a route table "
            "of its own  [Stack/Inspection]"
        )

    def test_a_return_path(self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints) -> None:
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=APPLICATION, destination=DATABASE, return_path="igw-0123"
            ),
        ) == (
            "`return_path` must be left out for subnets, from which return traffic comes "
            "directly, got `igw-0123`; leave it out  [Stack/Inspection]"
        )


def attributes(stack: Stack, id: str, number: int, zone: str, **more: Any) -> ec2.ISubnet:
    return ec2.Subnet.from_subnet_attributes(
        stack, id, subnet_id=f"subnet-{number:017}", availability_zone=zone, **more
    )


class TestImported:
    RETURN = "igw-0123456789abcdef0"

    def test_a_vpc(self, stack: Stack) -> None:
        endpoints = through(stack, existing_vpc(stack), subnets=PRIVATE)
        endpoints.add_routes(
            subnets=ISOLATED_ONES, destination="0.0.0.0/0", return_path=self.RETURN
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
        # Nothing of this app has to be there before.
        assert "DependsOn" not in only(stack, ASSOCIATION)

    def test_its_gateway_has_one_table_for_two_constructs(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        for name, zone in (("One", "eu-west-1a"), ("Two", "eu-west-1b")):
            subnets = ec2.SubnetSelection(availability_zones=[zone], subnet_type=EGRESS)
            through(stack, vpc, name, subnets).add_routes(
                subnets=ec2.SubnetSelection(availability_zones=[zone], subnet_type=ISOLATED),
                destination="0.0.0.0/0",
                return_path=self.RETURN,
            )
        assert len(resources_of(stack, ASSOCIATION)) == 1
        assert routes_of(stack)["PrivateLinkRouteTableigw0123456789abcdef0"] == {
            "10.0.20.0/24": "OneEndpointPrivateSubnet1",
            "10.0.21.0/24": "TwoEndpointPrivateSubnet2",
        }

    def test_its_vpn_gateway(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, vpn_gateway_id="vgw-0123456789abcdef0")
        through(stack, vpc, subnets=PRIVATE).add_routes(
            subnets=ISOLATED_ONES, destination="172.16.0.0/12", return_path="vgw-0123456789abcdef0"
        )
        assert "PrivateLinkRouteTableVpnGateway" in routes_of(stack)

    def shared(self, stack: Stack, zones: tuple[str, str]) -> Callable[[], None]:
        """Route two subnets that have one route table."""
        endpoints = through(stack, existing_vpc(stack), subnets=PRIVATE)
        subnets = [
            attributes(
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

    def test_a_route_table_of_two_zones(self, stack: Stack) -> None:
        act = self.shared(stack, ("eu-west-1a", "eu-west-1b"))
        assert refusal(stack, PrivateLinkValueError, act) == (
            "`subnets` must not have a route through another endpoint to the same "
            "destination, got a route from `Shared1` to `0.0.0.0/0`; call `add_routes()` "
            "once for both directions, and give each subnet a route table of its own  "
            "[Stack/Inspection]"
        )

    def test_a_route_table_of_two_subnets_in_one_zone(self, stack: Stack) -> None:
        self.shared(stack, ("eu-west-1a", "eu-west-1a"))()
        endpoint = "InspectionEndpointPrivateSubnet1"
        assert routes_of(stack) == {
            "rtb-0123456789abcdef0": {"0.0.0.0/0": endpoint},
            "PrivateLinkRouteTableigw0123456789abcdef0": {
                "10.0.30.0/24": endpoint,
                "10.0.31.0/24": endpoint,
            },
        }

    @pytest.mark.parametrize(
        ("known", "fix"),
        [
            (
                {"route_table_id": "rtb-0123456789abcdef0"},
                "import the subnet with its `ipv4_cidr_block`",
            ),
            ({"ipv4_cidr_block": "10.0.3.0/24"}, "import the subnet with its `route_table_id`"),
        ],
    )
    def test_subnets_of_which_too_little_is_known(
        self, stack: Stack, known: dict[str, str], fix: str
    ) -> None:
        endpoints = through(stack, existing_vpc(stack), subnets=PRIVATE)
        other = ec2.SubnetSelection(subnets=[attributes(stack, "A", 90, "eu-west-1a", **known)])
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=other, destination="0.0.0.0/0", return_path=self.RETURN
            ),
        )
        assert message.startswith("`subnets` must have known ")
        assert message.endswith(f"; {fix}  [Stack/Inspection]")


class TestOtherStacks:
    def test_a_vpc_of_another_stack(self) -> None:
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        vpc = at_the_edge(network)
        endpoints = through(stack, vpc)
        endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        # THEN the table of the gateway is with the gateway, and all routes with the endpoints
        assert len(resources_of(network, ASSOCIATION)) == 1
        assert resources_of(stack, TABLE) == {}
        assert routes_of(network) == {}
        found = routes_of(stack)
        assert len(found) == 3
        assert all(table.startswith("Network:ExportsOutput") for table in found)
        assert stack.dependencies == [network]

    def test_endpoints_of_two_stacks(self) -> None:
        app = App()
        network = Stack(app, "Network")
        vpc = at_the_edge(network)
        for name, subnets in (("One", APPLICATION), ("Two", DATABASE)):
            through(Stack(app, name), vpc).add_routes(subnets=subnets, destination="0.0.0.0/0")
        assert len(resources_of(network, ASSOCIATION)) == 1

    def test_a_nested_stack(self, stack: Stack, vpc: ec2.Vpc) -> None:
        nested = NestedStack(stack, "Nested")
        through(nested, vpc).add_routes(subnets=APPLICATION, destination="0.0.0.0/0")
        assert len(routes_of(nested)) == 3
        waits = only(stack, "AWS::CloudFormation::Stack")["DependsOn"]
        assert {"VpcApplicationSubnet1Subnet", "VpcApplicationSubnet2Subnet"} <= {*told(waits)}


class TestRefused:
    def test_subnets_that_have_a_way_out(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Gate=PUBLIC, Application=EGRESS)
        endpoints = through(stack, vpc)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="0.0.0.0/0"),
        ) == (
            "`subnets` must not have another route to the same destination, got a route "
            "from `ApplicationSubnet1` to `0.0.0.0/0`; pass isolated subnets with a route "
            "table of their own, to which the CDK adds no route out of the VPC  "
            "[Stack/Inspection]"
        )
        # Another destination is free.
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12")
        assert len(routes_of(stack)) == 3

    def test_another_way_out_for_ipv6(self, stack: Stack) -> None:
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
        endpoints = through(stack, vpc, ip_address_type=DUALSTACK)
        assert "got a route from `ApplicationSubnet1` to `::/0`; " in refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination="::/0"),
        )

    @pytest.mark.parametrize("block", ["10.0.0.0/16", "10.0.4.0/24", "10.0.4.0/25", "10.0.4.7/24"])
    def test_a_block_within_the_vpc(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, block: str
    ) -> None:
        kept = str(ipaddress.ip_network(block, strict=False))
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=block),
        ) == (
            "`destination` must be outside of the VPC, in which EC2 routes to whole "
            f"subnets only, got `{kept}`; pass the subnets as an `ec2.SubnetSelection`  "
            "[Stack/Inspection]"
        )

    def test_the_same_block_written_otherwise(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.0.0/12")
        endpoints.add_routes(subnets=APPLICATION, destination="172.16.1.1/12")
        assert routes_of(stack) == out_and_back(
            "VpcPrivateLinkRouteTableInternetGateway", "172.16.0.0/12"
        )

    @pytest.mark.parametrize("side", ["destination", "return_path"])
    def test_both_sides_at_once(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, side: str
    ) -> None:
        def act() -> None:
            if side == "destination":
                endpoints.add_routes(subnets=APPLICATION, destination=APPLICATION)
            else:
                endpoints.add_routes(
                    subnets=APPLICATION, destination="0.0.0.0/0", return_path=APPLICATION
                )

        assert refusal(stack, PrivateLinkValueError, act) == (
            f"`{side}` must not contain a subnet that `subnets` contains, got "
            "`Stack/Vpc/ApplicationSubnet1`; pass the subnets on the other side of the "
            "appliances  [Stack/Inspection]"
        )

    def test_subnets_of_another_vpc(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints
    ) -> None:
        other = vpc_of(stack, "Other", Application=ISOLATED)
        strange = ec2.SubnetSelection(subnets=other.isolated_subnets)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=strange, destination="0.0.0.0/0"),
        ) == (
            "`subnets` must not contain a subnet of another VPC, got "
            "`Stack/Other/ApplicationSubnet1`; pass subnets of `Stack/Vpc`  "
            "[Stack/Inspection]"
        )

    def test_subnets_that_get_routes_of_a_vpn_gateway(self, stack: Stack) -> None:
        """What it propagates is narrower, and leads around the endpoints."""
        vpc = at_the_edge(stack, vpn_gateway=True, vpn_route_propagation=[APPLICATION])
        endpoints, gateway = through(stack, vpc), vpc.vpn_gateway_id
        assert refusal(
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
    def test_routes_that_have_to_wait_are_warned_of(
        self, stack: Stack, vpc: ec2.Vpc, acceptance: bool
    ) -> None:
        service = make_service(
            stack,
            load_balancers=LoadBalancers.gateway(GATEWAY_ARN),
            acceptance_required=acceptance,
        )
        endpoints = through(stack, vpc, service=service)
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
    def test_the_subnets_of_the_endpoints(
        self,
        stack: Stack,
        endpoints: GatewayLoadBalancerEndpoints,
        argument: str,
        subnets: Any,
        destination: Any,
        return_path: Any,
    ) -> None:
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=subnets, destination=destination, return_path=return_path
            ),
        ) == (
            f"`{argument}` must not contain a subnet of the endpoints, whose traffic would "
            "loop, got `Stack/Vpc/GateSubnet1`; pass other subnets  [Stack/Inspection]"
        )

    def test_zones_without_an_endpoint(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        one = ec2.SubnetSelection(availability_zones=["eu-west-1a"])
        endpoints = through(stack, vpc, subnets=one)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=ISOLATED_ONES, destination="0.0.0.0/0", return_path="igw-0123"
            ),
        ) == (
            "`subnets` must be in Availability Zones with an endpoint, got "
            "`Stack/Vpc/IsolatedSubnet2`; pass subnets in the zones of the endpoints, or "
            "create endpoints in all zones  [Stack/Inspection]"
        )

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
    def test_what_is_no_block(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: str
    ) -> None:
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=wrong),
        ) == (
            f"`destination` must be a CIDR block, got `{wrong}`; pass a CIDR block like "
            "`0.0.0.0/0` or `::/0`, or subnets of the VPC  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, ["0.0.0.0/0"], ec2.Peer.any_ipv4()])
    def test_what_is_no_destination(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, wrong: Any
    ) -> None:
        assert refusal(
            stack,
            PrivateLinkTypeError,
            lambda: endpoints.add_routes(subnets=APPLICATION, destination=wrong),
        ) == (
            f"`destination` must be a CIDR block or subnets, got `{wrong!r}`; pass a CIDR "
            "block like `0.0.0.0/0` or `::/0`, or subnets of the VPC  [Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", ["Application", 1, []])
    @pytest.mark.parametrize("argument", ["subnets", "return_path"])
    def test_what_is_no_selection(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, argument: str, wrong: Any
    ) -> None:
        arguments: dict[str, Any] = {"subnets": APPLICATION, argument: wrong}
        if isinstance(arguments.get("return_path"), str):
            return  # it could be a gateway
        assert refusal(
            stack,
            PrivateLinkTypeError,
            lambda: endpoints.add_routes(destination="0.0.0.0/0", **arguments),
        ) == (
            f"`{argument}` must be an `ec2.SubnetSelection`, got `{wrong!r}`; pass a "
            "selection like `ec2.SubnetSelection(subnet_group_name=...)`  "
            "[Stack/Inspection]"
        )

    @pytest.mark.parametrize("argument", ["subnets", "destination", "return_path"])
    def test_a_group_that_the_vpc_does_not_have(
        self, stack: Stack, endpoints: GatewayLoadBalancerEndpoints, argument: str
    ) -> None:
        arguments: dict[str, Any] = {
            "subnets": APPLICATION,
            "destination": "0.0.0.0/0",
            argument: group("Other"),
        }
        message = refusal(stack, PrivateLinkValueError, lambda: endpoints.add_routes(**arguments))
        assert message.startswith(
            f"`{argument}` must select subnets of the VPC (There are no subnet groups with name "
        )
        assert message.endswith("; pass a selection that the VPC has  [Stack/Inspection]")
