"""Health checks of appliances."""

from __future__ import annotations

import re

from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from .._internal.arguments import (
    Argument,
    Arguments,
    instance_of,
    member_of,
    number,
    optional,
    seconds,
)
from .._internal.tokens import is_single_unknown
from .targets import GENEVE_PORT

_HTTP = (elbv2.Protocol.HTTP, elbv2.Protocol.HTTPS)
# Codes and ranges: `200,300-399`.
_CODES = re.compile(r"\d{3}([,-]\d{3})*", re.ASCII)
_HEALTH_CHECK = instance_of(
    elbv2.HealthCheck, problem="must be an `elbv2.HealthCheck`", fix="pass `elbv2.HealthCheck(...)`"
)
_THRESHOLD = number(at_least=2, at_most=10, whole=True, fix="pass a whole number between 2 and 10")


def validate_health_check(check: Arguments, value: elbv2.HealthCheck | None) -> None:
    """Check the limits of Elastic Load Balancing.

    :raises PrivateLinkTypeError: The value is not an ``elbv2.HealthCheck``.
    :raises PrivateLinkValueError: Gateway Load Balancers do not support a field.
    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/health-checks.html
    """
    health_check = check("health_check", value, optional(_HEALTH_CHECK))
    if health_check is None:
        return
    protocol = check(
        "health_check.protocol",
        health_check.protocol,
        optional(member_of(elbv2.Protocol, elbv2.Protocol.TCP, *_HTTP)),
    )
    if health_check.path is not None and protocol not in _HTTP:
        raise Argument("health_check.path", check.scope).value_error(
            "must be used with HTTP or HTTPS",
            got=health_check.path,
            fix="pass `protocol=elbv2.Protocol.HTTP`, or leave it out",
        )
    if health_check.healthy_grpc_codes is not None or (
        health_check.healthy_http_codes is not None and protocol not in _HTTP
    ):
        raise check.argument("health_check").value_error(
            "must have codes with HTTP or HTTPS only, and no codes of gRPC",
            got=health_check.healthy_grpc_codes or health_check.healthy_http_codes,
            fix="pass `protocol=elbv2.Protocol.HTTP`, or leave the codes out",
        )
    if health_check.enabled is False:
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
        raise check.argument("health_check.enabled").value_error(
            "must not be `False`, because Elastic Load Balancing always checks appliances",
            got=False,
            fix="leave it out",
        )
    check("health_check.port", health_check.port, optional(_port))
    check(
        "health_check.interval",
        health_check.interval,
        optional(seconds(at_least=5, at_most=300)),
    )
    check("health_check.timeout", health_check.timeout, optional(seconds(at_least=2, at_most=120)))
    _require_timeout_in_interval(check, health_check)
    if health_check.healthy_http_codes is not None:
        check("health_check.healthy_http_codes", health_check.healthy_http_codes, _http_codes)
    for name in ("healthy_threshold_count", "unhealthy_threshold_count"):
        check(f"health_check.{name}", getattr(health_check, name), optional(_THRESHOLD))


def health_check_port(health_check: elbv2.HealthCheck | None) -> int | str:
    """Return the TCP port of the health check of an appliance, possibly as a token.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/health-checks.html
    """
    port = health_check.port if health_check else None
    if port is None:
        return 80
    if port == "traffic-port":
        return GENEVE_PORT
    return int(port) if port.isdecimal() else port


def _require_timeout_in_interval(check: Arguments, health_check: elbv2.HealthCheck) -> None:
    """Check the timeout and the interval, each with its default.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/health-checks.html
    """
    interval, timeout = (
        default if value is None else None if value.is_unresolved() else value.to_seconds()
        for value, default in ((health_check.interval, 10), (health_check.timeout, 5))
    )
    if interval is not None and timeout is not None and timeout > interval:
        raise check.argument("health_check.timeout").value_error(
            f"must be at most the interval of {interval:g} seconds",
            got=f"{timeout:g} seconds",
            fix="pass a shorter `timeout` or a longer `interval`",
        )


def _http_codes(argument: Argument, value: object) -> str:
    """Require codes that Gateway Load Balancers support.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html
    """
    codes = f"{value}"
    is_valid = _CODES.fullmatch(codes) and all(
        200 <= int(code) <= 399 for code in re.findall(r"\d+", codes)
    )
    if not is_valid and not is_single_unknown(codes):
        raise argument.value_error(
            "must be HTTP codes between 200 and 399", got=codes, fix="pass codes like `200-399`"
        )
    return codes


def _port(argument: Argument, value: object) -> str:
    port = f"{value}"
    is_number = port.isdecimal() and 1 <= int(port) <= 65535
    if not (is_number or port == "traffic-port" or is_single_unknown(port)):
        raise argument.value_error(
            "must be `traffic-port` or between 1 and 65535",
            got=port,
            fix="pass a port number as a string, like `80`",
        )
    return port
