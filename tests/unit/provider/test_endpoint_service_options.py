"""Options of an endpoint service that need no tests of their own module."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import (
    LoadBalancers,
    PayerResponsibility,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import (
    EMPTY,
    GATEWAY_ARN,
    NETWORK_ARN,
    SERVICE,
    make_service,
    only,
    resources_of,
)

IPV4, IPV6 = ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6


def property_of(stack: Stack, name: str, **options: Any) -> Any:
    make_service(stack, **options)
    return only(stack, SERVICE)["Properties"].get(name)


def error_message(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    with pytest.raises(error_type) as error:
        make_service(stack, **options)
    assert resources_of(stack, SERVICE) == {}
    return str(error.value)


class TestAllowedRegions:
    def test_allowed_regions_are_deduplicated_in_the_given_order(self, stack: Stack) -> None:
        regions = ["us-east-1", "eu-west-1", "us-gov-west-1", "eusc-de-east-1", "us-east-1"]
        found = property_of(stack, "SupportedRegions", allowed_regions=regions)
        assert found == ["us-east-1", "eu-west-1", "us-gov-west-1", "eusc-de-east-1"]

    @pytest.mark.parametrize(
        ("regions", "expected"),
        [
            (["us-east-1"], ["us-east-1", "eu-west-1"]),
            (["eu-west-1", "us-east-1"], ["eu-west-1", "us-east-1"]),
        ],
    )
    def test_allowed_regions_contain_the_region_of_the_service_once(
        self, regions: list[str], expected: list[str]
    ) -> None:
        stack = Stack(App(), "Stack", env=Environment(region="eu-west-1"))
        assert property_of(stack, "SupportedRegions", allowed_regions=regions) == expected

    def test_allowed_regions_of_a_service_in_a_token_region_are_unchanged(
        self, stack: Stack
    ) -> None:
        found = property_of(stack, "SupportedRegions", allowed_regions=["us-east-1"])
        assert found == ["us-east-1"]

    def test_allowed_regions_of_gateway_load_balancers_are_rejected(self, stack: Stack) -> None:
        assert error_message(
            stack,
            PrivateLinkValueError,
            load_balancers=LoadBalancers.gateway(GATEWAY_ARN),
            allowed_regions=["us-east-1"],
        ) == (
            "`allowed_regions` must not be used with Gateway Load Balancers, for which EC2 does "
            "not support it, got `LoadBalancers.gateway()`; leave it out, or use Network Load "
            "Balancers  [Stack/Payments]"
        )

    def test_allowed_regions_can_come_from_a_generator(self, stack: Stack) -> None:
        regions = (f"eu-west-{number}" for number in (1, 2))
        found = property_of(stack, "SupportedRegions", allowed_regions=regions)
        assert found == ["eu-west-1", "eu-west-2"]

    def test_an_allowed_region_can_be_a_token(self, stack: Stack) -> None:
        region = CfnParameter(stack, "Region", allowed_values=["us-east-1"]).value_as_string
        found = property_of(stack, "SupportedRegions", allowed_regions=[region, "eu-west-1"])
        assert found == [{"Ref": "Region"}, "eu-west-1"]

    def test_allowed_regions_can_be_a_list_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Regions", type="CommaDelimitedList")
        found = property_of(stack, "SupportedRegions", allowed_regions=parameter.value_as_list)
        assert found == {"Ref": "Regions"}

    def test_a_list_token_beside_other_regions_is_rejected(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Regions", type="CommaDelimitedList")
        regions = [*parameter.value_as_list, "eu-west-1"]
        assert error_message(stack, PrivateLinkValueError, allowed_regions=regions) == (
            "`allowed_regions` must not mix a list token with other values, got a list token "
            "among 2 values; pass either the list token alone or single values"
            "  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        "wrong", ["Europe", "", "eu-west", "EU-WEST-1", "eu-west-1a", "eu_west_1", "*"]
    )
    def test_an_invalid_region_name_is_rejected(self, stack: Stack, wrong: str) -> None:
        assert error_message(
            stack, PrivateLinkValueError, allowed_regions=["eu-west-1", wrong]
        ) == (
            f"`allowed_regions[1]` must be the name of a Region, got `{wrong or EMPTY}`; pass "
            "a name like `eu-west-1`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ("eu-west-1", "` must be a list, got `'eu-west-1'`; put the value into a list"),
            ([None], "[0]` must be a string, got `None`; pass a name like `eu-west-1`"),
            (1, "` must be a list, got `1`; put the value into a list"),
        ],
    )
    def test_regions_that_are_not_a_list_of_strings_are_rejected(
        self, stack: Stack, wrong: Any, message: str
    ) -> None:
        assert error_message(stack, PrivateLinkTypeError, allowed_regions=wrong) == (
            f"`allowed_regions{message}  [Stack/Payments]"
        )

    def test_an_empty_list_of_regions_is_rejected(self, stack: Stack) -> None:
        assert error_message(stack, PrivateLinkValueError, allowed_regions=[]) == (
            "`allowed_regions` must not be empty, got `[]`; pass one element or more, or "
            "leave it out  [Stack/Payments]"
        )


class TestSupportedIpAddressTypes:
    @pytest.mark.parametrize(
        ("types", "expected"),
        [([IPV4], ["ipv4"]), ([IPV6, IPV4, IPV6], ["ipv6", "ipv4"]), ((IPV6,), ["ipv6"])],
    )
    def test_imported_load_balancers_can_have_every_address_type(
        self, stack: Stack, types: Any, expected: list[str]
    ) -> None:
        found = property_of(stack, "SupportedIpAddressTypes", supported_ip_address_types=types)
        assert found == expected

    @pytest.mark.parametrize("l1", [True, False])
    def test_a_dual_stack_load_balancer_can_have_ipv6(self, stack: Stack, l1: bool) -> None:
        vpc = ec2.Vpc(stack, "Vpc", ip_protocol=ec2.IpProtocol.DUAL_STACK)
        nlb: Any = (
            elbv2.CfnLoadBalancer(
                stack,
                "Nlb",
                type="network",
                ip_address_type="dualstack",
                subnets=vpc.select_subnets().subnet_ids,
            )
            if l1
            else elbv2.NetworkLoadBalancer(
                stack, "Nlb", vpc=vpc, ip_address_type=elbv2.IpAddressType.DUAL_STACK
            )
        )
        found = property_of(
            stack,
            "SupportedIpAddressTypes",
            load_balancers=LoadBalancers.network(nlb),
            supported_ip_address_types=[IPV6],
        )
        assert found == ["ipv6"]

    def test_a_load_balancer_whose_address_type_is_a_token_can_have_ipv6(
        self, stack: Stack
    ) -> None:
        address_type = CfnParameter(stack, "AddressType", allowed_values=["ipv4", "dualstack"])
        nlb = elbv2.CfnLoadBalancer(
            stack,
            "Nlb",
            type="network",
            ip_address_type=address_type.value_as_string,
            subnets=ec2.Vpc(stack, "Vpc").select_subnets().subnet_ids,
        )
        found = property_of(
            stack,
            "SupportedIpAddressTypes",
            load_balancers=LoadBalancers.network(nlb),
            supported_ip_address_types=[IPV6],
        )
        assert found == ["ipv6"]

    @pytest.mark.parametrize("kind", ["l1", "l1, explicit", "l2", "l2, explicit"])
    def test_ipv6_of_an_ipv4_load_balancer_is_rejected(self, stack: Stack, kind: str) -> None:
        vpc, is_explicit = ec2.Vpc(stack, "Vpc"), kind.endswith("that says so")
        nlb: Any = (
            elbv2.CfnLoadBalancer(
                stack,
                "Nlb",
                type="network",
                ip_address_type="ipv4" if is_explicit else None,
                subnets=vpc.select_subnets().subnet_ids,
            )
            if kind.startswith("l1")
            else elbv2.NetworkLoadBalancer(
                stack,
                "Nlb",
                vpc=vpc,
                ip_address_type=elbv2.IpAddressType.IPV4 if is_explicit else None,
            )
        )
        message = error_message(
            stack,
            PrivateLinkValueError,
            load_balancers=LoadBalancers.network(NETWORK_ARN, nlb),
            supported_ip_address_types=[IPV4, IPV6],
        )
        assert message == (
            "`supported_ip_address_types` must not contain IPv6 unless every load balancer "
            "is dual-stack, got IPv4 load balancer `Stack/Nlb`; make that load balancer "
            "dual-stack, or leave out `ec2.IpAddressType.IPV6`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ("ipv4", "` must be a list, got `'ipv4'`; put the value into a list"),
            (IPV4, f"` must be a list, got `{IPV4!r}`; put the value into a list"),
            (
                ["ipv4"],
                "[0]` must be a member of `ec2.IpAddressType`, got `'ipv4'`; pass "
                "`ec2.IpAddressType.IPV4` or `ec2.IpAddressType.IPV6`",
            ),
        ],
    )
    def test_address_types_that_are_not_a_list_of_members_are_rejected(
        self, stack: Stack, wrong: Any, message: str
    ) -> None:
        assert error_message(stack, PrivateLinkTypeError, supported_ip_address_types=wrong) == (
            f"`supported_ip_address_types{message}  [Stack/Payments]"
        )

    def test_an_empty_list_of_address_types_is_rejected(self, stack: Stack) -> None:
        assert error_message(stack, PrivateLinkValueError, supported_ip_address_types=[]) == (
            "`supported_ip_address_types` must not be empty, got `[]`; pass one element or "
            "more, or leave it out  [Stack/Payments]"
        )


class TestPayerResponsibility:
    WARNING = Match.exact(
        "The owner of this service pays for all of its endpoints, and EC2 does not allow you to "
        "revert this choice. If this is intended, acknowledge the warning: "
        '`Annotations.of(service).acknowledge_warning("cdk-privatelink:serviceOwnerPays")`. '
        "[ack: cdk-privatelink:serviceOwnerPays]"
    )

    def test_the_service_owner_as_payer_adds_a_warning(self, stack: Stack) -> None:
        payer = PayerResponsibility.SERVICE_OWNER
        found = property_of(stack, "PayerResponsibility", payer_responsibility=payer)
        assert found == "ServiceOwner"
        Annotations.from_stack(stack).has_warning("/Stack/Payments", self.WARNING)

    def test_the_warning_of_the_payer_can_be_acknowledged(self, stack: Stack) -> None:
        service = make_service(stack, payer_responsibility=PayerResponsibility.SERVICE_OWNER)
        cdk.Annotations.of(service).acknowledge_warning("cdk-privatelink:serviceOwnerPays")
        Annotations.from_stack(stack).has_no_warning("*", Match.any_value())

    @pytest.mark.parametrize("wrong", ["ServiceOwner", True, 1, False, ""])
    def test_a_payer_of_another_type_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert error_message(stack, PrivateLinkTypeError, payer_responsibility=wrong) == (
            "`payer_responsibility` must be a member of `PayerResponsibility`, got "
            f"`{wrong!r}`; pass `PayerResponsibility.SERVICE_OWNER`  [Stack/Payments]"
        )


class TestContributorInsights:
    @pytest.mark.parametrize("enabled", [True, False])
    def test_contributor_insights_can_be_on_and_off(self, stack: Stack, enabled: bool) -> None:
        found = property_of(stack, "ContributorInsightsEnabled", contributor_insights=enabled)
        assert found is enabled

    def test_contributor_insights_can_be_a_token(self, stack: Stack) -> None:
        value = CfnParameter(stack, "Insights", allowed_values=["true", "false"]).value
        found = property_of(stack, "ContributorInsightsEnabled", contributor_insights=value)
        assert found == {"Ref": "Insights"}

    @pytest.mark.parametrize("wrong", ["yes", "", 0])
    def test_contributor_insights_of_another_type_are_rejected(
        self, stack: Stack, wrong: Any
    ) -> None:
        assert error_message(stack, PrivateLinkTypeError, contributor_insights=wrong) == (
            f"`contributor_insights` must be a bool or an `IResolvable`, got `{wrong!r}`; "
            "pass `True`, `False` or a token like `CfnParameter.value`  [Stack/Payments]"
        )
