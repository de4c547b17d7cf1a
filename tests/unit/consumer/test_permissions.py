"""Consumers in accounts that no principal of the service allows."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
)
from tests.unit.networks import NAME, existing_vpc
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

WARNING = "cdk-privatelink:accountNotAllowed"
OWNER, CONSUMER = "111122223333", "444455556666"


def make_provider(
    app: App, account: str | None = OWNER, **options: Any
) -> PrivateLinkEndpointService:
    env = Environment(account=account, region="eu-west-1")
    return make_service(Stack(app, "Provider", env=env), **options)


def connect(
    app: App, service: Any, account: str | None = CONSUMER
) -> InterfaceEndpoint | GatewayLoadBalancerEndpoints:
    stack = Stack(app, "Stack", env=Environment(account=account, region="eu-west-1"))
    is_gateway = (
        isinstance(service, PrivateLinkEndpointService)
        and service.load_balancers.load_balancer_type == "gateway"
    )
    kind = GatewayLoadBalancerEndpoints if is_gateway else InterfaceEndpoint
    return kind(stack, "Endpoint", vpc=existing_vpc(stack), service=service)


def warnings_of(app: App) -> list[str]:
    stack = app.node.find_child("Stack")
    assert isinstance(stack, Stack)
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [f"{each.entry.data}" for each in found if WARNING in f"{each.entry.data}"]


@pytest.mark.parametrize("arn", [NETWORK_ARN, GATEWAY_ARN])
def test_an_account_that_no_principal_allows_adds_a_warning(arn: str) -> None:
    app = App()
    make = LoadBalancers.gateway if arn == GATEWAY_ARN else LoadBalancers.network
    connect(app, make_provider(app, load_balancers=make(arn)))
    variable = "endpoints" if arn == GATEWAY_ARN else "endpoint"
    assert warnings_of(app) == [
        "The service `Provider/Payments` does not allow the account 444455556666, so that EC2 does "
        "not find the service. Call "
        '`service.allow_principals(iam.AccountPrincipal("444455556666"))`. If this is intended, '
        f'acknowledge the warning: `Annotations.of({variable}).acknowledge_warning("{WARNING}")`. '
        f"[ack: {WARNING}]"
    ]


@pytest.mark.parametrize(
    "principal",
    [
        iam.AccountPrincipal("777788889999"),
        iam.ArnPrincipal("arn:aws:iam::777788889999:role/consumer"),
        iam.ServicePrincipal("firehose.amazonaws.com"),
    ],
)
def test_principals_of_others_add_a_warning(principal: Any) -> None:
    app = App()
    connect(app, make_provider(app, allowed_principals=[principal]))
    assert len(warnings_of(app)) == 1


@pytest.mark.parametrize(
    "principal",
    [
        iam.AccountPrincipal(CONSUMER),
        iam.ArnPrincipal(f"arn:aws:iam::{CONSUMER}:role/consumer"),
        iam.ArnPrincipal(f"arn:aws:iam::{CONSUMER}:user/consumer"),
        iam.AnyPrincipal(),
    ],
)
def test_a_principal_of_the_account_adds_no_warning(principal: Any) -> None:
    app = App()
    connect(app, make_provider(app, allowed_principals=[principal]))
    assert warnings_of(app) == []


def test_a_principal_that_is_added_after_the_endpoint_counts() -> None:
    app = App()
    service = make_provider(app)
    connect(app, service)
    service.allow_principals(iam.AccountPrincipal(CONSUMER))
    assert warnings_of(app) == []


@pytest.mark.parametrize("whole_arn", [True, False])
def test_a_principal_that_is_a_token_adds_no_warning(whole_arn: bool) -> None:
    app = App()
    service = make_provider(app)
    value = CfnParameter(service.stack, "Principal").value_as_string
    principal = iam.ArnPrincipal(value) if whole_arn else iam.AccountPrincipal(value)
    service.allow_principals(principal)
    connect(app, service)
    assert warnings_of(app) == []


@pytest.mark.parametrize(
    ("owner", "consumer"), [(OWNER, OWNER), (None, None), (OWNER, None), (None, CONSUMER)]
)
def test_the_same_account_and_unknown_accounts_add_no_warning(
    owner: str | None, consumer: str | None
) -> None:
    app = App()
    # A literal name, because the CDK does not pass tokens between unknown accounts.
    service = make_provider(app, account=owner)
    stack = Stack(app, "Stack", env=Environment(account=consumer, region="eu-west-1"))
    InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=service)
    resource = stack.node.find_child("Endpoint").node.default_child
    assert isinstance(resource, ec2.CfnVPCEndpoint)
    resource.service_name = NAME
    assert warnings_of(app) == []


def test_a_service_by_name_adds_no_warning() -> None:
    app = App()
    connect(app, NAME)
    assert warnings_of(app) == []


def test_the_warning_can_be_acknowledged() -> None:
    app = App()
    endpoint = connect(app, make_provider(app))
    ConstructAnnotations.of(endpoint).acknowledge_warning(WARNING)
    assert warnings_of(app) == []
