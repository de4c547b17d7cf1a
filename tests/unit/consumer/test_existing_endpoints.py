"""Endpoints that something else creates: imported ones, and those of AWS Network Firewall."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_networkfirewall as networkfirewall

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    IGatewayLoadBalancerEndpoints,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.intrinsics import evaluate
from tests.unit.networks import (
    IRELAND,
    catch_error,
    existing_vpc,
    find_unlinted,
    group,
    routes_of,
    vpc_of,
)
from tests.unit.templates import EMPTY, resources_of

PUBLIC, ISOLATED = ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_ISOLATED
IDS = {
    "eu-west-1a": "vpce-0123456789abcdef0",
    "eu-west-1b": "vpce-0123456789abcdef1",
}
GATEWAY = "igw-0123456789abcdef0"
FIX = 'pass a map like `{"eu-west-1a": "vpce-0123456789abcdef0"}`'


def known_stack() -> Stack:
    return Stack(App(), "Stack", env=IRELAND)


def imported(stack: Stack, **options: Any) -> IGatewayLoadBalancerEndpoints:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    options.setdefault("endpoint_ids", IDS)
    return GatewayLoadBalancerEndpoints.from_endpoint_ids(stack, "Existing", **options)


def create_firewall(
    stack: Stack, vpc: ec2.Vpc, selection: ec2.SubnetSelection, **options: Any
) -> networkfirewall.CfnFirewall:
    mappings = [
        networkfirewall.CfnFirewall.SubnetMappingProperty(subnet_id=subnet.subnet_id)
        for subnet in vpc.select_subnets(subnet_group_name=selection.subnet_group_name).subnets
    ]
    defaults = {"vpc_id": vpc.vpc_id, "subnet_mappings": mappings}
    return networkfirewall.CfnFirewall(
        stack,
        "Firewall",
        firewall_name="firewall",
        firewall_policy_arn="arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/one",
        **defaults | options,
    )


class TestImported:
    def test_routes_go_through_the_endpoint_of_each_zone_in_both_directions(self) -> None:
        stack = known_stack()
        isolated = ec2.SubnetSelection(subnet_type=ISOLATED)
        imported(stack).add_routes(subnets=isolated, destination="0.0.0.0/0", return_path=GATEWAY)
        one, two = IDS.values()
        assert routes_of(stack, lint=False) == {
            "rtb-00000000000000011": {"0.0.0.0/0": one},
            "rtb-00000000000000012": {"0.0.0.0/0": two},
            f"PrivateLinkRouteTable{GATEWAY.replace('-', '')}": {
                "10.0.20.0/24": one,
                "10.0.21.0/24": two,
            },
        }

    def test_ids_and_zones_are_available(self) -> None:
        endpoints = imported(known_stack())
        assert endpoints.availability_zones == list(IDS)
        assert endpoints.vpc_endpoint_ids == list(IDS.values())

    def test_zones_and_ids_can_be_tokens(self, stack: Stack) -> None:
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Application", subnet_type=ISOLATED)
            ],
        )
        endpoint_id = CfnParameter(stack, "EndpointId").value_as_string
        # Another token for the same zone.
        ids = {Fn.select(0, Fn.get_azs()): endpoint_id, Fn.select(1, Fn.get_azs()): "vpce-0a"}
        endpoints = imported(stack, vpc=vpc, endpoint_ids=ids)
        endpoints.add_routes(
            subnets=group("Application"), destination="0.0.0.0/0", return_path=GATEWAY
        )
        routes = [each["Properties"] for each in resources_of(stack, "AWS::EC2::Route").values()]
        assert [each["VpcEndpointId"] for each in routes] == [{"Ref": "EndpointId"}, "vpce-0a"] * 2

    def test_known_subnets_of_the_endpoints_prevent_loops(self) -> None:
        stack = known_stack()
        vpc = existing_vpc(stack)
        private = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        endpoints = imported(stack, vpc=vpc, subnets=private)
        with pytest.raises(PrivateLinkValueError, match="whose traffic would loop"):
            endpoints.add_routes(subnets=private, destination="0.0.0.0/0", return_path=GATEWAY)

    @pytest.mark.parametrize("group_of_endpoints", [None, "Application", "Nat"])
    def test_the_return_path_is_the_internet_gateway_only_for_endpoints_in_public_subnets(
        self, stack: Stack, group_of_endpoints: str | None
    ) -> None:
        vpc = vpc_of(stack, Nat=PUBLIC, Application=ISOLATED, Data=ISOLATED)
        endpoints = imported(
            stack,
            vpc=vpc,
            endpoint_ids=dict(zip(vpc.availability_zones, IDS.values(), strict=True)),
            subnets=group_of_endpoints and group(group_of_endpoints),
        )

        def add_routes() -> None:
            endpoints.add_routes(subnets=group("Data"), destination="0.0.0.0/0")

        if group_of_endpoints == "Nat":
            add_routes()
            assert "VpcPrivateLinkRouteTableInternetGateway" in routes_of(stack)
        else:
            message = catch_error(stack, PrivateLinkValueError, add_routes)
            assert message.startswith("`return_path` must be passed unless the endpoints are in")

    def test_a_zone_without_an_endpoint_is_rejected(self) -> None:
        stack = known_stack()
        endpoints = imported(stack, endpoint_ids={"eu-west-1a": "vpce-0a"})
        isolated = ec2.SubnetSelection(subnet_type=ISOLATED)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: endpoints.add_routes(
                subnets=isolated, destination="0.0.0.0/0", return_path=GATEWAY
            ),
        )
        assert message.startswith("`subnets` must be in Availability Zones with an endpoint, got ")

    def test_ipv6_needs_the_address_type(self) -> None:
        stack = known_stack()
        with pytest.raises(PrivateLinkValueError, match="must be an IPv4 CIDR block"):
            imported(stack).add_routes(
                subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
                destination="::/0",
                return_path=GATEWAY,
            )

    @pytest.mark.parametrize(
        ("ids", "error_type", "message"),
        [
            (
                ["vpce-0a"],
                PrivateLinkTypeError,
                "must be a map from Availability Zones to ids of endpoints, got `['vpce-0a']`; "
                + FIX,
            ),
            ({}, PrivateLinkValueError, "must not be empty, got `{}`; pass one element or more"),
            (
                {"eu-west-1a": "vpce-svc-0a"},
                PrivateLinkValueError,
                f"must contain ids of endpoints, got `vpce-svc-0a`; {FIX}",
            ),
            (
                {"eu-west-1a": ""},
                PrivateLinkValueError,
                f"must contain ids of endpoints, got `{EMPTY}`; {FIX}",
            ),
            (
                {"euw1-az1": "vpce-0a"},
                PrivateLinkValueError,
                "must be the name of an Availability Zone, got `euw1-az1`; pass a name like "
                "`eu-west-1a`",
            ),
            (
                {1: "vpce-0a"},
                PrivateLinkTypeError,
                "must be a string, got `1`; pass a name like `eu-west-1a`",
            ),
        ],
    )
    def test_a_wrong_map_is_rejected(
        self, ids: Any, error_type: type[Exception], message: str
    ) -> None:
        stack = known_stack()
        vpc = existing_vpc(stack)
        found = catch_error(stack, error_type, lambda: imported(stack, vpc=vpc, endpoint_ids=ids))
        assert found == f"`endpoint_ids` {message}  [Stack/Existing]"


class TestNetworkFirewall:
    def stack_with_firewall(
        self, **options: Any
    ) -> tuple[Stack, ec2.Vpc, networkfirewall.CfnFirewall]:
        stack = known_stack()
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            availability_zones=list(IDS),
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Firewall", subnet_type=PUBLIC),
                ec2.SubnetConfiguration(name="Application", subnet_type=ISOLATED),
            ],
        )
        return stack, vpc, create_firewall(stack, vpc, group("Firewall"), **options)

    def endpoints(
        self, stack: Stack, vpc: ec2.Vpc, firewall: Any, **options: Any
    ) -> IGatewayLoadBalancerEndpoints:
        options.setdefault("subnets", group("Firewall"))
        return GatewayLoadBalancerEndpoints.from_network_firewall(
            stack, "Endpoints", vpc=vpc, firewall=firewall, **options
        )

    @pytest.mark.parametrize(
        "attribute",
        [
            ["eu-west-1a:vpce-0a", "eu-west-1b:vpce-0b"],
            ["eu-west-1b:vpce-0b", "eu-west-1a:vpce-0a"],
            ["eu-west-1c:vpce-0c", "eu-west-1b:vpce-0b", "eu-west-1a:vpce-0a"],
        ],
    )
    def test_each_zone_has_its_endpoint_whatever_the_order_of_the_attribute(
        self, attribute: list[str]
    ) -> None:
        stack, vpc, firewall = self.stack_with_firewall()
        endpoints = self.endpoints(stack, vpc, firewall)
        found = [
            evaluate(stack.resolve(each), {"EndpointIds": attribute})
            for each in endpoints.vpc_endpoint_ids
        ]
        assert dict(zip(endpoints.availability_zones, found, strict=True)) == {
            "eu-west-1a": "vpce-0a",
            "eu-west-1b": "vpce-0b",
        }

    def test_routes_go_through_the_firewall_in_both_directions(self) -> None:
        stack, vpc, firewall = self.stack_with_firewall()
        endpoints = self.endpoints(stack, vpc, firewall)
        endpoints.add_routes(subnets=group("Application"), destination="0.0.0.0/0")
        routes = [
            each["Properties"]
            for each in find_unlinted(stack, "AWS::EC2::Route").values()
            if "VpcEndpointId" in each["Properties"]
        ]
        attribute = ["eu-west-1b:vpce-0b", "eu-west-1a:vpce-0a"]
        ids = [evaluate(each["VpcEndpointId"], {"EndpointIds": attribute}) for each in routes]
        assert ids == ["vpce-0a", "vpce-0b"] * 2
        assert find_unlinted(stack, "AWS::Lambda::Function") == {}

    def test_zones_that_are_tokens_are_rejected(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Firewall=PUBLIC)
        firewall = create_firewall(stack, vpc, group("Firewall"))
        message = catch_error(
            stack, PrivateLinkValueError, lambda: self.endpoints(stack, vpc, firewall)
        )
        assert message == (
            "`subnets` must be in Availability Zones whose names are known at synthesis, got "
            "`Stack/Vpc/FirewallSubnet1`; pass `env` with an account and a Region to the stack, or "
            "pass `availability_zones` to the VPC  [Stack/Endpoints]"
        )

    def test_a_firewall_at_a_transit_gateway_is_rejected(self) -> None:
        stack, vpc, firewall = self.stack_with_firewall(
            transit_gateway_id="tgw-0123456789abcdef0", subnet_mappings=None, vpc_id=None
        )
        message = catch_error(
            stack, PrivateLinkValueError, lambda: self.endpoints(stack, vpc, firewall)
        )
        assert message == (
            "`firewall` must have endpoints in a VPC, got `Stack/Firewall, which is attached to a "
            "transit gateway`; route to the attachment in the route tables of the transit gateway "
            "instead  [Stack/Endpoints]"
        )

    def test_subnets_without_the_firewall_are_rejected(self) -> None:
        stack, vpc, firewall = self.stack_with_firewall()
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: self.endpoints(stack, vpc, firewall, subnets=group("Application")),
        )
        assert message == (
            "`subnets` must be subnets of the firewall, got `Stack/Vpc/ApplicationSubnet1`; pass "
            "the subnets in the `subnet_mappings` of the firewall  [Stack/Endpoints]"
        )

    @pytest.mark.parametrize("firewall", ["firewall", None])
    def test_something_else_than_a_firewall_is_rejected(self, firewall: Any) -> None:
        stack, vpc, _ = self.stack_with_firewall()
        message = catch_error(
            stack, PrivateLinkTypeError, lambda: self.endpoints(stack, vpc, firewall)
        )
        assert message == (
            f"`firewall` must be a firewall, got `{firewall!r}`; pass a "
            "`networkfirewall.CfnFirewall`, or import its endpoints with `from_endpoint_ids()`"
            "  [Stack/Endpoints]"
        )
