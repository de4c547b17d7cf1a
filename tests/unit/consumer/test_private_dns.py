"""Private DNS names in the VPC of an endpoint: one endpoint per VPC and service."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import Stack
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import InterfaceEndpoint, PrivateDns, PrivateLinkValueError
from tests.unit.networks import ENDPOINT, NAME, catch_error, existing_vpc
from tests.unit.templates import make_service, resources_of

WARNING = "cdk-privatelink:privateDnsNeedsAcceptance"


def named_service(stack: Stack, id: str = "Payments", **options: Any) -> Any:
    zone = route53.PublicHostedZone.from_hosted_zone_attributes(
        stack, f"{id}Zone", hosted_zone_id="Z0123456789", zone_name="example.com"
    )
    dns = PrivateDns(f"{id.lower()}.example.com", hosted_zone=zone)
    return make_service(stack, id, private_dns=dns, **options)


def enabled(stack: Stack) -> list[bool]:
    endpoints = resources_of(stack, ENDPOINT).values()
    return [each["Properties"]["PrivateDnsEnabled"] for each in endpoints]


class TestSecondEndpoint:
    def test_a_second_endpoint_in_the_vpc_has_no_private_name_by_default(
        self, stack: Stack
    ) -> None:
        service, vpc = named_service(stack, acceptance_required=False), existing_vpc(stack)
        InterfaceEndpoint(stack, "First", vpc=vpc, service=service)
        InterfaceEndpoint(stack, "Second", vpc=vpc, service=service)
        assert enabled(stack) == [True, False]

    @pytest.mark.parametrize("by_name", [False, True])
    def test_a_second_private_name_in_the_vpc_is_rejected(
        self, stack: Stack, by_name: bool
    ) -> None:
        service = NAME if by_name else named_service(stack, acceptance_required=False)
        vpc = existing_vpc(stack)
        options: dict[str, Any] = {"vpc": vpc, "service": service, "private_dns_enabled": True}
        InterfaceEndpoint(stack, "First", **options)
        assert catch_error(
            stack, PrivateLinkValueError, lambda: InterfaceEndpoint(stack, "Second", **options)
        ) == (
            "`private_dns_enabled` must not be `True` for two endpoints to one service in one VPC, "
            "got `Stack/First`; leave it out here, or pass `private_dns_enabled=False` to the "
            "other endpoint  [Stack/Second]"
        )

    def test_other_vpcs_and_services_have_private_names_of_their_own(self, stack: Stack) -> None:
        service = named_service(stack, acceptance_required=False)
        other = named_service(stack, "Other", acceptance_required=False)
        vpc = existing_vpc(stack)
        InterfaceEndpoint(stack, "First", vpc=vpc, service=service)
        InterfaceEndpoint(stack, "Second", vpc=vpc, service=other)
        InterfaceEndpoint(
            stack,
            "Third",
            vpc=existing_vpc(stack, "Vpc2", vpc_id="vpc-1123456789abcdef0"),
            service=service,
        )
        assert enabled(stack) == [True, True, True]

    def test_a_rejected_endpoint_reserves_no_name(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        options: dict[str, Any] = {"vpc": vpc, "service": NAME, "private_dns_enabled": True}
        with pytest.raises(PrivateLinkValueError):
            InterfaceEndpoint(stack, "First", **options, ports=[0])
        InterfaceEndpoint(stack, "Second", **options)


class TestAcceptance:
    def warnings_of(self, stack: Stack) -> list[str]:
        found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
        return [f"{each.entry.data}" for each in found if WARNING in f"{each.entry.data}"]

    def test_a_private_name_without_acceptance_adds_a_warning(self, stack: Stack) -> None:
        service = named_service(stack)
        InterfaceEndpoint(
            stack, "Endpoint", vpc=existing_vpc(stack), service=service, private_dns_enabled=True
        )
        assert self.warnings_of(stack) == [
            "EC2 rejects an endpoint with `private_dns_enabled=True` until its connection is "
            "accepted. Pass `auto_accept=True` if the service is in the same account, or "
            "`acceptance_required=False` to the service, or deploy the endpoint without it first. "
            "If the endpoint is accepted, acknowledge the warning: "
            f'`Annotations.of(endpoint).acknowledge_warning("{WARNING}")`. [ack: {WARNING}]'
        ]

    def test_the_warning_can_be_acknowledged(self, stack: Stack) -> None:
        service, vpc = named_service(stack), existing_vpc(stack)
        endpoint = InterfaceEndpoint(
            stack, "Endpoint", vpc=vpc, service=service, private_dns_enabled=True
        )
        ConstructAnnotations.of(endpoint).acknowledge_warning(WARNING)
        assert self.warnings_of(stack) == []

    @pytest.mark.parametrize("private_dns_enabled", [None, False])
    def test_an_endpoint_without_a_private_name_adds_no_warning(
        self, stack: Stack, private_dns_enabled: Any
    ) -> None:
        InterfaceEndpoint(
            stack,
            "Endpoint",
            vpc=existing_vpc(stack),
            service=named_service(stack),
            private_dns_enabled=private_dns_enabled,
        )
        assert self.warnings_of(stack) == []

    def test_a_service_without_acceptance_adds_no_warning(self, stack: Stack) -> None:
        InterfaceEndpoint(
            stack,
            "Endpoint",
            vpc=existing_vpc(stack),
            service=named_service(stack, acceptance_required=False),
            private_dns_enabled=True,
        )
        assert self.warnings_of(stack) == []
