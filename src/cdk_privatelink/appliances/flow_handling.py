"""The flows of an appliance that fails or leaves."""

from __future__ import annotations

from enum import Enum

from aws_cdk import Duration, Tokenization

from .._internal.arguments import Argument, Arguments, member_of, optional, seconds
from .flow_stickiness import FlowStickiness


class FlowHandling(Enum):
    """The handling of existing flows when an appliance fails or is deregistered.

    New flows go to healthy appliances in any case.

    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html
    """

    KEEP = "keep"
    """Existing flows keep going to the appliance, which may drop them. The default of AWS."""

    REBALANCE = "rebalance"
    """Existing flows go to healthy appliances, which may not know them."""

    RESET = "reset"
    """TCP clients and servers receive a reset, so that they connect again. AWS recommends it.

    It requires ``FlowStickiness.FIVE_TUPLE``. Flows of other protocols are kept.
    """


def validate_flows(
    check: Arguments,
    flow_handling: FlowHandling | None,
    tcp_idle_timeout: Duration | None,
    stickiness: FlowStickiness,
) -> None:
    """Check the options for flows.

    :raises PrivateLinkTypeError: A value has the wrong type.
    :raises PrivateLinkValueError: Elastic Load Balancing does not support a value, or the values
        together.
    """
    check("flow_handling", flow_handling, optional(member_of(FlowHandling)))
    check("tcp_idle_timeout", tcp_idle_timeout, optional(seconds(at_least=60, at_most=6000)))
    if flow_handling is FlowHandling.RESET:
        _require_five_tuple(check.argument("flow_handling"), "FlowHandling.RESET", stickiness)
    if tcp_idle_timeout is not None:
        got = tcp_idle_timeout.to_string()
        _require_five_tuple(check.argument("tcp_idle_timeout"), got, stickiness)


def target_group_attributes(flow_handling: FlowHandling | None) -> dict[str, str]:
    """Return the attributes of the target group.

    All of them are written: Elastic Load Balancing keeps the value of an attribute that a template
    does not contain any more.
    """
    if flow_handling is None:
        return {}
    failover = "rebalance" if flow_handling is FlowHandling.REBALANCE else "no_rebalance"
    resets = "true" if flow_handling is FlowHandling.RESET else "false"
    return {
        "target_failover.on_deregistration": failover,
        "target_failover.on_unhealthy": failover,
        "send_tcp_reset.on_deregistration.enabled": resets,
        "send_tcp_reset.on_unhealthy.enabled": resets,
    }


def listener_attributes(
    flow_handling: FlowHandling | None, tcp_idle_timeout: Duration | None
) -> dict[str, str]:
    """Return the attributes of the listener.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-listeners.html#listener-attributes
    """
    attributes = {}
    if flow_handling is not None:
        resets = "true" if flow_handling is FlowHandling.RESET else "false"
        attributes["send_tcp_reset.on_idle_timeout.enabled"] = resets
    if tcp_idle_timeout is not None:
        seconds_or_token = tcp_idle_timeout.to_seconds()
        attributes["tcp.idle_timeout.seconds"] = Tokenization.stringify_number(seconds_or_token)
    return attributes


def _require_five_tuple(argument: Argument, got: str, stickiness: FlowStickiness) -> None:
    if stickiness is not FlowStickiness.FIVE_TUPLE:
        raise argument.value_error(
            "must be used with `FlowStickiness.FIVE_TUPLE`",
            got=f"{got} with FlowStickiness.{stickiness.name}",
            fix="leave out `flow_stickiness`",
        )
