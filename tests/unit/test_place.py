"""Where a service may be put, and what is said where it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack, Stage
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import make_service, template_of


def imported(scope: Any, id: Any) -> object:
    return PrivateLinkEndpointService.from_service_id(scope, id, "vpce-svc-0123456789abcdef0")


MAKERS: list[Callable[[Any, Any], object]] = [make_service, imported]


def message(error_type: type[Exception], act: Callable[[], object]) -> str:
    with pytest.raises(error_type) as error:
        act()
    return str(error.value)


@pytest.mark.parametrize("make", MAKERS)
class TestScope:
    def test_what_is_no_construct(self, make: Callable[[Any, Any], object]) -> None:
        assert message(PrivateLinkTypeError, lambda: make("Stack", "Payments")) == (
            "`scope` takes a construct, got `'Stack'`; pass the stack, or a construct in it"
            "  [Payments]"
        )

    @pytest.mark.parametrize(
        ("scope", "got", "path"),
        [
            (App(), "App", "Payments"),
            (Stage(App(), "Test"), "Test", "Test/Payments"),
            (Construct(Stage(App(), "Test"), "Offer"), "Test/Offer", "Test/Offer/Payments"),
        ],
    )
    def test_outside_of_any_stack(
        self, make: Callable[[Any, Any], object], scope: Construct, got: str, path: str
    ) -> None:
        assert message(PrivateLinkValueError, lambda: make(scope, "Payments")) == (
            f"`scope` is outside of any stack, got `{got}`; pass a stack, or a construct in it"
            f"  [{path}]"
        )
        # Nothing is in the way once there is a stack.
        assert scope.node.try_find_child("Payments") is None


@pytest.mark.parametrize("make", MAKERS)
class TestId:
    def test_what_is_no_string(self, stack: Stack, make: Callable[[Any, Any], object]) -> None:
        assert message(PrivateLinkTypeError, lambda: make(stack, 1)) == (
            "`id` takes a string, got `1`; pass a string that is not empty and known here"
            "  [Stack/1]"
        )

    def test_none_at_all(self, stack: Stack, make: Callable[[Any, Any], object]) -> None:
        assert message(PrivateLinkValueError, lambda: make(stack, "")) == (
            "`id` cannot be that of a construct, got ``; pass a string that is not empty and known "
            "here  [Stack]"
        )

    def test_one_known_at_deployment(
        self, stack: Stack, make: Callable[[Any, Any], object]
    ) -> None:
        token = CfnParameter(stack, "Name").value_as_string
        assert message(PrivateLinkValueError, lambda: make(stack, f"{token}-service")) == (
            f"`id` cannot be that of a construct, got `{token}-service`; pass a string that is not "
            "empty and known here  [Stack]"
        )

    def test_one_that_is_taken(self, stack: Stack, make: Callable[[Any, Any], object]) -> None:
        make(stack, "Payments")
        said = message(PrivateLinkValueError, lambda: make(stack, "Payments"))
        assert said.startswith(
            "`scope` is refused by the CDK, got `There is already a Construct with name 'Payments' "
            "in Stack"
        )
        assert said.endswith(
            "; pass a stack or a construct in it, and an `id` that is free there  [Stack/Payments]"
        )

    @pytest.mark.parametrize("id", ["1", "a/b", "Größe", "支付", "a" * 1000, "a b\n"])
    def test_others(self, stack: Stack, make: Callable[[Any, Any], object], id: str) -> None:
        make(stack, id)
        template_of(stack)


class TestTakenIds:
    def test_that_of_the_permissions(self, stack: Stack) -> None:
        service = make_service(stack)
        Construct(service, "Permissions")
        said = message(PrivateLinkValueError, lambda: service.allow_principals(iam.AnyPrincipal()))
        assert said.startswith(
            "`allow_principals` is refused by the CDK, got `There is already a Construct with name "
            "'Permissions' in "
        )
        assert said.endswith("; keep the id `Permissions` free  [Stack/Payments]")

    def test_that_of_the_verification(self, stack: Stack) -> None:
        service = make_service(stack, private_dns=PrivateDns("payments.example.com"))
        Construct(service, "PrivateDnsVerification")
        assert message(PrivateLinkValueError, service.verify_private_dns) == (
            "`verify_private_dns` needs an id that is taken, got `PrivateDnsVerification`; give "
            "that construct another id  [Stack/Payments]"
        )
