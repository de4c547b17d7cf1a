"""Services that move keep their logical ids."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnResource, NestedStack, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import (
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import catch_error
from tests.unit.templates import EMPTY, PERMISSIONS, make_service, resources_of

FIX = "pass the ids from the stack to the construct, like `Payments` or `Api/Payments`"


def make_full(scope: Construct, id: str) -> PrivateLinkEndpointService:
    """Create a service with each resource that a service can have."""
    stack = Stack.of(scope)
    zone = route53.PublicHostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789", zone_name="example.com"
    )
    options: dict[str, Any] = {"private_dns": PrivateDns("a.example.com", hosted_zone=zone)}
    return make_service(scope, id, **options)


def add_more(service: PrivateLinkEndpointService) -> None:
    service.allow_principals(iam.AccountPrincipal("111122223333"))
    service.add_connection_notification(sns.Topic(service.stack, "Topic"))
    service.add_rst_packets_sent_alarms("Rst", threshold=1, availability_zones=["eu-west-1a"])


def logical_ids(stack: Stack) -> set[str]:
    return set(Template.from_stack(stack).to_json()["Resources"])


@pytest.mark.parametrize("former", ["Payments", "Api/Payments", "Api v1/My Payments--2"])
@pytest.mark.parametrize("path", ["Offer", "Deep/Down/Offer"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_moved_service_keeps_every_logical_id(former: str, path: str, nested: bool) -> None:
    found = []
    for place, keep in ((former, False), (path, True)):
        app = App()
        stack: Stack = Stack(app, "Stack")
        if nested:
            stack = NestedStack(stack, "Nested")
        *parents, name = place.split("/")
        scope: Construct = stack
        for parent in parents:
            scope = Construct(scope, parent)
        service = make_full(scope, name)
        if keep:
            service.keep_logical_ids(former)
        # Resources that are added after the call keep their logical ids, too.
        add_more(service)
        found.append(logical_ids(stack))
    assert found[0] == found[1]
    assert len(found[0]) > 10


@pytest.mark.parametrize("wrong", ["", "/Payments", "Payments/", "Api//Payments"])
def test_a_path_that_cannot_be_is_rejected(stack: Stack, wrong: str) -> None:
    service = make_service(stack)
    assert catch_error(stack, PrivateLinkValueError, lambda: service.keep_logical_ids(wrong)) == (
        f"`former_path` must be the path of a construct in its stack, got `{wrong or EMPTY}`; "
        f"{FIX}  [Stack/Payments]"
    )


@pytest.mark.parametrize("wrong", [None, 1, ["Payments"]])
def test_a_path_of_another_type_is_rejected(stack: Stack, wrong: Any) -> None:
    service = make_service(stack)
    assert (
        catch_error(stack, PrivateLinkTypeError, lambda: service.keep_logical_ids(wrong))
        == f"`former_path` must be a string, got `{wrong!r}`; {FIX}  [Stack/Payments]"
    )


class TestPermissions:
    def test_the_permissions_are_a_public_attribute(self, stack: Stack) -> None:
        service = make_service(stack, allowed_principals=[iam.AccountPrincipal("111122223333")])
        permissions: CfnResource = service.cfn_permissions
        permissions.override_logical_id("Kept")
        assert list(resources_of(stack, PERMISSIONS)) == ["Kept"]

    def test_a_service_without_principals_has_no_permissions(self, stack: Stack) -> None:
        service = make_service(stack)
        assert catch_error(stack, PrivateLinkValueError, lambda: service.cfn_permissions) == (
            "`cfn_permissions` must be used on a service with allowed principals, got no "
            "principals; pass `allowed_principals`, or call `allow_principals()` first  "
            "[Stack/Payments]"
        )
        service.allow_principals(iam.AnyPrincipal())
        assert service.cfn_permissions.allowed_principals == ["*"]
