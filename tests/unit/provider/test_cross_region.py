"""Load balancers that AWS does not support for consumers in other Regions."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import Duration, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import LoadBalancers
from tests.unit.networks import existing_vpc
from tests.unit.templates import NETWORK_ARN, make_service

WARNING = "cdk-privatelink:otherRegionsNotSupported"
ONE_ZONE = "the load balancers are in one Availability Zone only"
TIMEOUT = "the listener `Stack/Nlb/Listener/Resource` has a custom TCP idle timeout"


def make_nlb(
    stack: Stack, zones: tuple[str, ...] = ("eu-west-1a", "eu-west-1b"), id: str = "Nlb"
) -> elbv2.NetworkLoadBalancer:
    vpc = existing_vpc(stack, f"{id}Vpc", zones=list(zones))
    return elbv2.NetworkLoadBalancer(stack, id, vpc=vpc)


def listen(nlb: elbv2.NetworkLoadBalancer, **options: Any) -> None:
    group = elbv2.NetworkTargetGroup(
        nlb, "Targets", vpc=nlb.vpc, port=443, target_type=elbv2.TargetType.IP
    )
    nlb.add_listener("Listener", port=443, default_target_groups=[group], **options)


def make(stack: Stack, *load_balancers: Any, regions: Any = ("us-east-1",)) -> Any:
    return make_service(
        stack, load_balancers=LoadBalancers.network(*load_balancers), allowed_regions=regions
    )


def reasons(stack: Stack) -> list[str]:
    start = "Consumers in other Regions may not be able to connect, because "
    found = Annotations.from_stack(stack).find_warning("/Stack/Payments", Match.any_value())
    return [
        f"{each.entry.data}".removeprefix(start).partition(". For other Regions, AWS requires")[0]
        for each in found
        if WARNING in f"{each.entry.data}"
    ]


def test_a_load_balancer_in_one_zone_adds_a_warning(stack: Stack) -> None:
    make(stack, make_nlb(stack, ("eu-west-1a",)))
    assert reasons(stack) == [ONE_ZONE]


def test_two_load_balancers_in_one_zone_each_add_no_warning(stack: Stack) -> None:
    make(stack, make_nlb(stack, ("eu-west-1a",)), make_nlb(stack, ("eu-west-1b",), "Nlb2"))
    assert reasons(stack) == []


def test_unknown_zones_add_no_warning(stack: Stack) -> None:
    make(stack, make_nlb(stack, ("eu-west-1a",)), NETWORK_ARN)
    assert reasons(stack) == []


def test_a_custom_idle_timeout_adds_a_warning(stack: Stack) -> None:
    nlb = make_nlb(stack)
    make(stack, nlb)
    # A listener that is added after the service counts.
    listen(nlb, tcp_idle_timeout=Duration.seconds(600))
    assert reasons(stack) == [TIMEOUT]


@pytest.mark.parametrize("timeout", [None, Duration.seconds(350)])
def test_the_default_idle_timeout_adds_no_warning(stack: Stack, timeout: Any) -> None:
    nlb = make_nlb(stack)
    make(stack, nlb)
    listen(nlb, tcp_idle_timeout=timeout)
    assert reasons(stack) == []


def test_a_service_for_its_own_region_adds_no_warning(stack: Stack) -> None:
    nlb = make_nlb(stack, ("eu-west-1a",))
    make(stack, nlb, regions=None)
    listen(nlb, tcp_idle_timeout=Duration.seconds(600))
    assert reasons(stack) == []


def test_the_warning_can_be_acknowledged(stack: Stack) -> None:
    service = make(stack, make_nlb(stack, ("eu-west-1a",)))
    ConstructAnnotations.of(service).acknowledge_warning(WARNING)
    assert reasons(stack) == []
