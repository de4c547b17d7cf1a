"""Scopes, ids and objects that only look like constructs of the CDK."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from aws_cdk import App, Aws, CfnParameter, Intrinsic, Stack, Stage
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import make_service, template_of


def imported(scope: Any, id: Any) -> object:
    return PrivateLinkEndpointService.from_service_id(scope, id, "vpce-svc-0123456789abcdef0")


MAKERS: list[Callable[[Any, Any], object]] = [make_service, imported]


def error_message(error_type: type[Exception], act: Callable[[], object]) -> str:
    with pytest.raises(error_type) as error:
        act()
    return str(error.value)


@pytest.mark.parametrize("make", MAKERS)
class TestScope:
    def test_a_scope_that_is_not_a_construct_is_rejected(
        self, make: Callable[[Any, Any], object]
    ) -> None:
        assert error_message(PrivateLinkTypeError, lambda: make("Stack", "Payments")) == (
            "`scope` must be a construct, got `'Stack'`; pass the stack or a construct in "
            "the stack  [Payments]"
        )

    @pytest.mark.parametrize(
        ("scope", "got", "path"),
        [
            (App(), "App", "Payments"),
            (Stage(App(), "Test"), "Test", "Test/Payments"),
            (Construct(Stage(App(), "Test"), "Offer"), "Test/Offer", "Test/Offer/Payments"),
        ],
    )
    def test_a_scope_outside_of_a_stack_is_rejected(
        self, make: Callable[[Any, Any], object], scope: Construct, got: str, path: str
    ) -> None:
        assert error_message(PrivateLinkValueError, lambda: make(scope, "Payments")) == (
            f"`scope` must be a stack or in a stack, got `{got}`; pass a stack or a "
            f"construct in a stack  [{path}]"
        )
        # No construct is left behind.
        assert scope.node.try_find_child("Payments") is None


@pytest.mark.parametrize("make", MAKERS)
class TestId:
    def test_an_id_that_is_not_a_string_is_rejected(
        self, stack: Stack, make: Callable[[Any, Any], object]
    ) -> None:
        assert error_message(PrivateLinkTypeError, lambda: make(stack, 1)) == (
            "`id` must be a string, got `1`; pass a string that is not empty and contains "
            "no token  [Stack/1]"
        )

    def test_an_empty_id_is_rejected(
        self, stack: Stack, make: Callable[[Any, Any], object]
    ) -> None:
        assert error_message(PrivateLinkValueError, lambda: make(stack, "")) == (
            "`id` must not be empty or a token, got `''`; pass a string that is not empty "
            "and contains no token  [Stack]"
        )

    def test_an_id_that_contains_a_token_is_rejected(
        self, stack: Stack, make: Callable[[Any, Any], object]
    ) -> None:
        token = CfnParameter(stack, "Name").value_as_string
        assert error_message(PrivateLinkValueError, lambda: make(stack, f"{token}-service")) == (
            f"`id` must not be empty or a token, got `{token}-service`; pass a string that "
            "is not empty and contains no token  [Stack]"
        )

    def test_an_id_that_is_in_use_is_rejected(
        self, stack: Stack, make: Callable[[Any, Any], object]
    ) -> None:
        make(stack, "Payments")
        message = error_message(PrivateLinkValueError, lambda: make(stack, "Payments"))
        assert message == (
            "`id` must be unique in its scope, got `Payments`, which another construct in `Stack` "
            "has; pass another id  [Stack/Payments]"
        )

    @pytest.mark.parametrize("id", ["1", "a/b", "Größe", "支付", "a" * 1000, "a b\n"])
    def test_every_other_id_is_accepted(
        self, stack: Stack, make: Callable[[Any, Any], object], id: str
    ) -> None:
        make(stack, id)
        template_of(stack)


class TestReservedIds:
    def test_a_child_with_the_id_of_the_permissions_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        Construct(service, "Permissions")
        message = error_message(
            PrivateLinkValueError, lambda: service.allow_principals(iam.AnyPrincipal())
        )
        assert message == (
            "`scope` must keep the ids of this library free, got `Stack/Payments/Permissions`; "
            "give that construct another id  [Stack/Payments]"
        )

    @pytest.mark.parametrize("taken", ["CustomResourcePolicy", "PrivateDnsVerification"])
    def test_a_child_with_an_id_of_the_verification_is_rejected(
        self, stack: Stack, taken: str
    ) -> None:
        service = make_service(stack, private_dns=PrivateDns("payments.example.com"))
        Construct(service, taken)
        assert error_message(PrivateLinkValueError, service.verify_private_dns) == (
            f"`scope` must keep the ids of this library free, got `Stack/Payments/{taken}`; "
            "give that construct another id  [Stack/Payments]"
        )

    def test_an_id_of_alarms_that_is_in_use_is_rejected(self, stack: Stack) -> None:
        def alarm() -> object:
            return make.add_rst_packets_sent_alarms(
                "Rst", threshold=1, availability_zones=["eu-west-1a"]
            )

        make = make_service(stack)
        alarm()
        assert error_message(PrivateLinkValueError, alarm) == (
            "`id` must be unique in its scope, got `Rst`, which another construct in "
            "`Stack/Payments/RstPacketsSentAlarms` has; pass another id  "
            "[Stack/Payments/RstPacketsSentAlarms/Rst]"
        )


class Lookalike(Construct):
    """A construct of the app with attributes like a resource of the CDK."""

    topic_arn = "arn:aws:sns:eu-west-1:111122223333:connections"
    hosted_zone_id = "Z0123456789"


class TestLookalikes:
    def test_a_construct_with_a_topic_arn_is_not_a_topic(self, stack: Stack) -> None:
        service: Any = make_service(stack)
        lookalike = Lookalike(stack, "Topic")
        message = error_message(
            PrivateLinkTypeError, lambda: service.add_connection_notification(lookalike)
        )
        assert message.startswith(
            f"`topic` must be an SNS topic, got `{lookalike!r}`; pass an `sns.Topic`"
        )

    def test_a_construct_with_a_hosted_zone_id_is_not_a_hosted_zone(self, stack: Stack) -> None:
        zone: Any = Lookalike(stack, "Zone")
        private_dns = PrivateDns("payments.example.com", hosted_zone=zone)
        message = error_message(
            PrivateLinkTypeError, lambda: make_service(stack, private_dns=private_dns)
        )
        assert message.startswith("`private_dns.hosted_zone` must be a hosted zone, got")

    @pytest.mark.parametrize("flag", [Path("a"), Intrinsic, MagicMock(), "true", 1])
    def test_values_that_are_true_are_not_booleans(self, stack: Stack, flag: Any) -> None:
        message = error_message(
            PrivateLinkTypeError, lambda: make_service(stack, acceptance_required=flag)
        )
        assert message.startswith(
            f"`acceptance_required` must be a bool or an `IResolvable`, got `{flag!r}`; "
        )


class TestListsInStrings:
    """The CDK cannot write a list into a string, and raises an error only at synthesis."""

    @pytest.mark.parametrize(
        ("argument", "options"),
        [
            (
                "load_balancers",
                lambda item: {"load_balancers": LoadBalancers.network(f"a{item}")},
            ),
            (
                "allowed_principals[0]",
                lambda item: {
                    "allowed_principals": [iam.ArnPrincipal(f"arn:aws:iam::{item}:root")]
                },
            ),
            ("allowed_regions[0]", lambda item: {"allowed_regions": [f"eu-{item}"]}),
            (
                "private_dns.domain_name",
                lambda item: {"private_dns": PrivateDns(f"{item}.example.com")},
            ),
        ],
    )
    def test_an_option_with_a_list_token_in_a_string_is_rejected(
        self, stack: Stack, argument: str, options: Callable[[str], dict[str, Any]]
    ) -> None:
        (item,) = CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list
        message = error_message(PrivateLinkValueError, lambda: make_service(stack, **options(item)))
        assert message.startswith(f"`{argument}` ")
        assert item in message

    @pytest.mark.parametrize("method", ["from_service_id", "from_service_name"])
    def test_an_import_with_a_list_token_in_a_string_is_rejected(
        self, stack: Stack, method: str
    ) -> None:
        (item,) = CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list
        take = getattr(PrivateLinkEndpointService, method)
        message = error_message(
            PrivateLinkValueError, lambda: take(stack, "Service", f"{item}{Aws.REGION}")
        )
        assert " of an endpoint service, got " in message


def test_another_error_of_the_cdk_is_translated(stack: Stack) -> None:
    stack.node.lock()
    with pytest.raises(PrivateLinkValueError) as error:
        make_service(stack)
    assert str(error.value).startswith("`scope` must accept the construct, but the CDK reports: ")
    assert str(error.value).endswith("; pass another scope  [Stack/Payments]")
