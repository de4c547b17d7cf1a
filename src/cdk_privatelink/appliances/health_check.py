"""How a Gateway Load Balancer tells whether its appliances work."""

from __future__ import annotations

import sys
from typing import cast

from aws_cdk import Duration, Token
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.arguments import check_kind
from ..errors import PrivateLinkValueError

# https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/health-checks.html
_INTERVAL, _TIMEOUT, _THRESHOLD = (5, 300), (2, 120), (2, 10)
_HTTP = (elbv2.Protocol.HTTP, elbv2.Protocol.HTTPS)
_THE_USUAL_PORT = "traffic-port"


def check_health_check(check: object, *, scope: Construct) -> None:
    """Check that Elastic Load Balancing can check the health of appliances so, if it is said.

    :raises PrivateLinkTypeError: It is no ``elbv2.HealthCheck``.
    :raises PrivateLinkValueError: A protocol, port, path, time or number that it does not have.
    """
    if check is None:
        return
    fix = "pass `elbv2.HealthCheck(...)`"
    takes = "an `elbv2.HealthCheck`"
    check_kind("health_check", check, elbv2.HealthCheck, takes=takes, fix=fix, scope=scope)
    check = cast(elbv2.HealthCheck, check)
    problems = [
        *_protocol_and_path(check),
        *_port(check.port),
        *_seconds("interval", check.interval, *_INTERVAL),
        *_seconds("timeout", check.timeout, *_TIMEOUT),
        *_threshold("healthy_threshold_count", check.healthy_threshold_count),
        *_threshold("unhealthy_threshold_count", check.unhealthy_threshold_count),
    ]
    for problem, got in problems:
        raise PrivateLinkValueError(
            "health_check", problem, got=f"`{got}`", fix="pass what that allows", scope=scope
        )


def _protocol_and_path(check: elbv2.HealthCheck) -> list[tuple[str, object]]:
    protocol = check.protocol
    if protocol not in (None, elbv2.Protocol.TCP, *_HTTP):
        return [("has a `protocol` other than TCP, HTTP and HTTPS", protocol)]
    if check.path is not None and protocol not in _HTTP:
        return [("has a `path`, which only HTTP and HTTPS have", check.path)]
    return []


def _port(port: str | None) -> list[tuple[str, object]]:
    if port in (None, _THE_USUAL_PORT) or Token.is_unresolved(port):
        return []
    known = port.isdecimal() and 1 <= int(port) <= 65535 if port else False
    return [] if known else [("has a `port` that is none", port)]


def _seconds(
    name: str, duration: Duration | None, least: int, most: int
) -> list[tuple[str, object]]:
    if duration is None or duration.is_unresolved():
        return []
    seconds = duration.to_seconds(integral=False)
    if seconds == int(seconds) and least <= seconds <= most:
        return []
    return [(f"has a `{name}` that is not {least} to {most} whole seconds", f"{seconds:g}")]


def _threshold(name: str, count: float | None) -> list[tuple[str, object]]:
    least, most = _THRESHOLD
    if count is None:
        return []
    # What is no finite number does not get through to the CDK, not even to ask if it is a token.
    finite = abs(count) <= sys.float_info.max
    if finite and Token.is_unresolved(count):
        return []
    if finite and count == int(count) and least <= count <= most:
        return []
    return [(f"has a `{name}` that is not {least} to {most}", count)]
