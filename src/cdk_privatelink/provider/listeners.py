"""The ports on which the load balancers of a service listen."""

from __future__ import annotations

from typing import NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.tokens import is_number_token
from .load_balancers import LoadBalancers, are_all_defined, find_resources

# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
_TRANSPORTS = {
    "TCP": ("tcp",),
    "TLS": ("tcp",),
    "UDP": ("udp",),
    "QUIC": ("udp",),
    "TCP_UDP": ("tcp", "udp"),
    "TCP_QUIC": ("tcp", "udp"),
}


class ListenerPort(NamedTuple):
    """A port that receives traffic."""

    transport: str
    """``"tcp"`` or ``"udp"``."""
    number: int


def listeners_of(load_balancer: elbv2.CfnLoadBalancer) -> list[elbv2.CfnListener]:
    """Return all listeners of a load balancer, wherever they are in its stack."""
    stack = Stack.of(load_balancer)
    arn = stack.resolve(load_balancer.ref)
    return [each for each in _listeners_in(stack) if stack.resolve(each.load_balancer_arn) == arn]


def own_listener_ports(load_balancers: LoadBalancers) -> list[ListenerPort] | None:
    """Return the ports of the listeners that ``add_listener()`` has created so far.

    :returns: ``None`` if a load balancer or a port is unknown.
    """
    parents = [each.node.scope for each in find_resources(load_balancers)]
    own = [each for each in parents if isinstance(each, elbv2.NetworkLoadBalancer)]
    return _ports(load_balancers, [listener for each in own for listener in _listeners_in(each)])


def all_listener_ports(load_balancers: LoadBalancers) -> list[ListenerPort] | None:
    """Return the ports of all listeners.

    :returns: ``None`` if a load balancer or a port is unknown.
    """
    found = find_resources(load_balancers)
    return _ports(load_balancers, [listener for each in found for listener in listeners_of(each)])


def _ports(
    load_balancers: LoadBalancers, listeners: list[elbv2.CfnListener]
) -> list[ListenerPort] | None:
    if not are_all_defined(load_balancers):
        return None
    ports: list[ListenerPort] = []
    for listener in listeners:
        number, transports = listener.port, _TRANSPORTS.get(listener.protocol or "")
        if number is None or is_number_token(number) or transports is None:
            return None
        ports += [ListenerPort(transport, int(number)) for transport in transports]
    return list(dict.fromkeys(ports))


def _listeners_in(scope: Construct) -> list[elbv2.CfnListener]:
    return [each for each in scope.node.find_all() if isinstance(each, elbv2.CfnListener)]
