"""Services that are retained while their load balancers are not."""

from __future__ import annotations

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import GatewayLoadBalancer, LoadBalancers, PrivateLinkEndpointService
from tests.unit.networks import existing_vpc
from tests.unit.templates import NETWORK_ARN, make_service

WARNING = "cdk-privatelink:loadBalancerNotRetained"
RETAIN = RemovalPolicy.RETAIN


def make(stack: Stack) -> tuple[elbv2.NetworkLoadBalancer, PrivateLinkEndpointService]:
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack))
    return nlb, make_service(stack, load_balancers=LoadBalancers.network(nlb, NETWORK_ARN))


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("/Stack/Payments", Match.any_value())
    return [f"{each.entry.data}" for each in found if WARNING in f"{each.entry.data}"]


@pytest.mark.parametrize("policy", [RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])
def test_a_load_balancer_that_is_not_retained_adds_a_warning(
    stack: Stack, policy: RemovalPolicy
) -> None:
    _, service = make(stack)
    service.apply_removal_policy(policy)
    assert warnings_of(stack) == [
        "The service is retained, but its load balancer `Stack/Nlb` is not. The deletion of the "
        "stack fails then, because the service uses the load balancer. Apply "
        "`RemovalPolicy.RETAIN` to the load balancer with its listeners and target groups. If this "
        "is intended, acknowledge the warning: "
        f'`Annotations.of(service).acknowledge_warning("{WARNING}")`. [ack: {WARNING}]'
    ]


def test_a_load_balancer_that_is_retained_later_adds_no_warning(stack: Stack) -> None:
    nlb, service = make(stack)
    service.apply_removal_policy(RETAIN)
    nlb.apply_removal_policy(RETAIN)
    assert warnings_of(stack) == []


def test_a_gateway_load_balancer_that_is_retained_adds_no_warning(stack: Stack) -> None:
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack))
    service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway))
    service.apply_removal_policy(RETAIN)
    gateway.apply_removal_policy(RETAIN)
    assert warnings_of(stack) == []


@pytest.mark.parametrize("policies", [[], [RemovalPolicy.DESTROY], [RETAIN, RemovalPolicy.DESTROY]])
def test_a_service_that_is_not_retained_adds_no_warning(
    stack: Stack, policies: list[RemovalPolicy]
) -> None:
    _, service = make(stack)
    for policy in policies:
        service.apply_removal_policy(policy)
    assert warnings_of(stack) == []


def test_the_warning_can_be_acknowledged(stack: Stack) -> None:
    _, service = make(stack)
    service.apply_removal_policy(RETAIN)
    ConstructAnnotations.of(service).acknowledge_warning(WARNING)
    assert warnings_of(stack) == []
