"""The ports on which clients reach a service through an interface endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, list_of, number, optional
from .._internal.tokens import is_number_token
from .._internal.warnings import add_warning
from ..provider.listeners import ListenerPort, all_listener_ports, own_listener_ports
from ..provider.service_reference import ServiceReference

Port: TypeAlias = "int | ec2.Port"

_FIX = "pass a port number like `443`, or an `ec2.Port` like `ec2.Port.udp(53)`"
_PORT_NUMBER = number(at_least=1, at_most=65535, whole=True, fix=_FIX)
_HTTPS = 443


def _port(argument: Argument, value: object) -> Port:
    if isinstance(value, ec2.Port):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise argument.type_error("must be a port number or an `ec2.Port`", got=value, fix=_FIX)
    # Tokens are floats.
    return _PORT_NUMBER(argument, value)  # type: ignore[return-value]


PORTS = optional(list_of(_port))


def resolve_ports(ports: Sequence[Port] | None, service: ServiceReference) -> list[Port]:
    """Return the ports. Default: the ports of the listeners in the app, or HTTPS."""
    if ports is not None:
        return list(ports)
    known = own_listener_ports(service.load_balancers) if service.load_balancers else None
    return [
        each.number if each.transport == "tcp" else ec2.Port.udp(each.number)
        for each in known or [ListenerPort("tcp", _HTTPS)]
    ]


def to_port(port: Port) -> ec2.Port:
    """Return the port as security groups accept it."""
    return port if isinstance(port, ec2.Port) else _tcp(port)


# One object for all endpoints saves round trips.
@cache
def _tcp(port: int) -> ec2.Port:
    return ec2.Port.tcp(port)


def default_tcp_port(ports: Sequence[Port]) -> int:
    """Return the first TCP port number, because the CDK accepts no other as the default port."""
    for port in ports:
        if not isinstance(port, ec2.Port):
            return port
        rule = _to_rule(port)
        if rule["ipProtocol"] == "tcp" and rule["fromPort"] == rule["toPort"]:
            return int(rule["fromPort"])
    return _HTTPS


def warn_of_unused_ports(
    endpoint: Construct, ports: Sequence[Port], service: ServiceReference
) -> None:
    """Warn about ports on which no load balancer of the service listens."""
    if service.load_balancers is None:
        return
    rules = [_to_rule(port) for port in ports]
    # A search in the whole stack takes time, so that it comes last.
    for find_ports in (own_listener_ports, all_listener_ports):
        known = find_ports(service.load_balancers)
        if known is None:
            return
        unused = [rule for rule in rules if not any(_may_match(rule, each) for each in known)]
        if not unused:
            return
    if known:
        admitted = ", ".join(f"{rule['ipProtocol']} {rule['fromPort']}" for rule in unused)
        received = ", ".join(f"{each.transport} {each.number}" for each in known)
        add_warning(
            endpoint,
            "cdk-privatelink:portWithoutListener",
            f"The security groups of this endpoint admit {admitted}, but the load balancers of the "
            f"service listen on {received} only. Pass the ports of the listeners as `ports`.",
            variable="endpoint",
        )


def _to_rule(port: Port) -> dict[str, Any]:
    """Return the protocol and the range of a port, as rules of security groups have them."""
    if isinstance(port, ec2.Port):
        return dict(port.to_rule_json())
    return {"ipProtocol": "tcp", "fromPort": port, "toPort": port}


def _may_match(rule: dict[str, object], port: ListenerPort) -> bool:
    """Return whether a rule of a security group may admit traffic to a listener."""
    if rule["ipProtocol"] not in ("tcp", "udp"):
        return True
    if rule["ipProtocol"] != port.transport:
        return False
    first, last = rule["fromPort"], rule["toPort"]
    if not isinstance(first, (int, float)) or not isinstance(last, (int, float)):
        return True
    return is_number_token(first) or is_number_token(last) or first <= port.number <= last
