"""Flows of appliances that fail or leave: attributes, and the rules of Elastic Load Balancing."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Stack

from cdk_privatelink import (
    FlowHandling,
    FlowStickiness,
    GatewayLoadBalancer,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import catch_error, existing_vpc
from tests.unit.templates import only

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
NOT_FIVE_TUPLE = [FlowStickiness.TWO_TUPLE, FlowStickiness.THREE_TUPLE]


def create_gateway(stack: Stack, **options: Any) -> GatewayLoadBalancer:
    return GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack), **options)


def get_error(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    vpc = existing_vpc(stack)
    return catch_error(
        stack, error_type, lambda: GatewayLoadBalancer(stack, "Gateway", vpc=vpc, **options)
    )


def attributes(stack: Stack, resource_type: str, name: str) -> dict[str, Any]:
    found = only(stack, resource_type)["Properties"].get(name, [])
    return {each["Key"]: each["Value"] for each in found}


@pytest.mark.parametrize(
    ("flow_handling", "failover", "resets"),
    [
        (FlowHandling.KEEP, "no_rebalance", "false"),
        (FlowHandling.REBALANCE, "rebalance", "false"),
        (FlowHandling.RESET, "no_rebalance", "true"),
    ],
)
def test_all_attributes_for_flows_are_written_together(
    stack: Stack, flow_handling: FlowHandling, failover: str, resets: str
) -> None:
    create_gateway(stack, flow_handling=flow_handling)
    assert attributes(stack, TARGETS, "TargetGroupAttributes") == {
        "stickiness.enabled": "false",
        "target_failover.on_deregistration": failover,
        "target_failover.on_unhealthy": failover,
        "send_tcp_reset.on_deregistration.enabled": resets,
        "send_tcp_reset.on_unhealthy.enabled": resets,
    }
    assert attributes(stack, LISTENER, "ListenerAttributes") == {
        "send_tcp_reset.on_idle_timeout.enabled": resets
    }


def test_nothing_is_written_without_the_options(stack: Stack) -> None:
    create_gateway(stack)
    assert attributes(stack, TARGETS, "TargetGroupAttributes") == {"stickiness.enabled": "false"}
    assert "ListenerAttributes" not in only(stack, LISTENER)["Properties"]
    keys = attributes(stack, LOAD_BALANCER, "LoadBalancerAttributes")
    assert list(keys) == ["load_balancing.cross_zone.enabled"]


@pytest.mark.parametrize("flow_handling", [FlowHandling.KEEP, FlowHandling.REBALANCE])
@pytest.mark.parametrize("stickiness", NOT_FIVE_TUPLE)
def test_other_stickiness_is_possible_without_resets(
    stack: Stack, flow_handling: FlowHandling, stickiness: FlowStickiness
) -> None:
    create_gateway(stack, flow_handling=flow_handling, flow_stickiness=stickiness)
    found = attributes(stack, TARGETS, "TargetGroupAttributes")
    assert found["stickiness.type"] == stickiness.value


@pytest.mark.parametrize("seconds", [60, 350, 6000])
def test_the_idle_timeout_is_an_attribute_of_the_listener(stack: Stack, seconds: int) -> None:
    create_gateway(stack, tcp_idle_timeout=Duration.seconds(seconds))
    assert attributes(stack, LISTENER, "ListenerAttributes") == {
        "tcp.idle_timeout.seconds": f"{seconds}"
    }


def test_the_idle_timeout_can_be_a_token(stack: Stack) -> None:
    seconds = CfnParameter(stack, "Timeout", type="Number").value_as_number
    create_gateway(stack, tcp_idle_timeout=Duration.seconds(seconds))
    assert attributes(stack, LISTENER, "ListenerAttributes") == {
        "tcp.idle_timeout.seconds": {"Ref": "Timeout"}
    }


@pytest.mark.parametrize("option", ["tcp_idle_timeout", "deregistration_delay"])
def test_minutes_that_are_a_token_are_rejected(stack: Stack, option: str) -> None:
    minutes = CfnParameter(stack, "Minutes", type="Number").value_as_number
    message = get_error(stack, PrivateLinkValueError, **{option: Duration.minutes(minutes)})
    assert message == (
        f"`{option}` must be in seconds if it is a token, which the CDK cannot convert, got "
        "`<token> minutes`; pass `Duration.seconds(...)`  [Stack/Gateway]"
    )


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false")])
def test_deletion_protection_is_an_attribute_of_the_load_balancer(
    stack: Stack, value: bool, text: str
) -> None:
    create_gateway(stack, deletion_protection=value)
    found = attributes(stack, LOAD_BALANCER, "LoadBalancerAttributes")
    assert found["deletion_protection.enabled"] == text


@pytest.mark.parametrize("stickiness", NOT_FIVE_TUPLE)
def test_resets_require_five_tuples(stack: Stack, stickiness: FlowStickiness) -> None:
    assert get_error(
        stack,
        PrivateLinkValueError,
        flow_handling=FlowHandling.RESET,
        flow_stickiness=stickiness,
    ) == (
        "`flow_handling` must be used with `FlowStickiness.FIVE_TUPLE`, got `FlowHandling.RESET "
        f"with FlowStickiness.{stickiness.name}`; leave out `flow_stickiness`  [Stack/Gateway]"
    )


@pytest.mark.parametrize("stickiness", NOT_FIVE_TUPLE)
def test_an_idle_timeout_requires_five_tuples(stack: Stack, stickiness: FlowStickiness) -> None:
    assert get_error(
        stack,
        PrivateLinkValueError,
        tcp_idle_timeout=Duration.minutes(10),
        flow_stickiness=stickiness,
    ) == (
        "`tcp_idle_timeout` must be used with `FlowStickiness.FIVE_TUPLE`, got "
        f"`Duration.minutes(10) with FlowStickiness.{stickiness.name}`; leave out "
        "`flow_stickiness`  [Stack/Gateway]"
    )


@pytest.mark.parametrize(
    ("timeout", "got"),
    [
        (Duration.seconds(59), "Duration.seconds(59)"),
        (Duration.seconds(6001), "Duration.seconds(6001)"),
        (Duration.millis(60_500), "Duration.millis(60500)"),
    ],
)
def test_an_idle_timeout_out_of_range_is_rejected(
    stack: Stack, timeout: Duration, got: str
) -> None:
    assert get_error(stack, PrivateLinkValueError, tcp_idle_timeout=timeout) == (
        f"`tcp_idle_timeout` must be between 60 and 6000 whole seconds, got `{got}`; pass a "
        "`Duration` of 60 to 6000 whole seconds  [Stack/Gateway]"
    )


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("flow_handling", "reset", "must be a member of `FlowHandling`, got `'reset'`"),
        ("tcp_idle_timeout", 600, "must be a `Duration`, got `600`"),
        ("deletion_protection", "true", "must be a bool, got `'true'`"),
    ],
)
def test_a_wrong_type_is_rejected(stack: Stack, option: str, value: Any, message: str) -> None:
    found = get_error(stack, PrivateLinkTypeError, **{option: value})
    assert found.startswith(f"`{option}` {message}; ")
