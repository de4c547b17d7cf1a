"""The alarms that AWS recommends for an endpoint service."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration, Token
from constructs import Construct

from .._internal.arguments import checked_list
from .._internal.tokens import has_list_token, is_list_token, is_string_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .endpoint_service_base import IPrivateLinkEndpointService
from .load_balancers import LoadBalancers, zones_of

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

# A region, then a letter, or what tells a local zone or a Wavelength zone: `us-west-2-lax-1a`. Ids
# like `euw1-az1` are no names.
_ZONE = re.compile(r"(?=.{1,255}$)[a-z]{2,4}(-[a-z]+)+-\d+([a-z]|-[a-z0-9-]+)", re.ASCII)
_FIX = "pass the names of the zones, like `eu-west-1a`"


def check_threshold(threshold: object, *, scope: Construct) -> None:
    """Check that it can be counted up to.

    :raises PrivateLinkTypeError: It is no number.
    :raises PrivateLinkValueError: It is negative or without end.
    """
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        raise PrivateLinkTypeError(
            "threshold",
            "takes a number",
            got=f"`{threshold!r}`",
            fix="pass how many packets in a minute are too many",
            scope=scope,
        )
    # What is no finite number does not get through to the CDK, not even to ask if it is a token.
    finite = abs(threshold) <= sys.float_info.max
    if not finite or (threshold < 0 and not Token.is_unresolved(threshold)):
        raise PrivateLinkValueError(
            "threshold",
            "is not a number of packets",
            got=f"`{threshold}`",
            fix="pass how many packets in a minute are too many, 0 or more",
            scope=scope,
        )


def checked_zones(
    zones: object, *, load_balancers: LoadBalancers, arns: Sequence[str], scope: Construct
) -> list[tuple[str, str]]:
    """Tell which load balancers answer in which zones: pairs of an ARN and a zone.

    :raises PrivateLinkTypeError: Not a list of strings.
    :raises PrivateLinkValueError: Nothing in it, what cannot be a zone, or what is not known here.
    """
    if any(is_list_token(arn) for arn in arns):
        raise PrivateLinkValueError(
            "load_balancers",
            "is a list that is only known at deployment, with too little in it for an alarm each",
            got=f"`{arns[0]}`",
            fix="pass each load balancer as a value of its own",
            scope=scope,
        )
    if zones is not None:
        given = _checked_names(zones, scope)
        return [(arn, zone) for arn in arns for zone in given]
    pairs = []
    for arn, known in zip(arns, zones_of(load_balancers), strict=True):
        if known is None:
            raise PrivateLinkValueError(
                "availability_zones",
                "is left out, although the zones of a load balancer are not known here",
                got=f"load balancer `{arn}`",
                fix=_FIX,
                scope=scope,
            )
        pairs += [(arn, zone) for zone in known]
    return pairs


def add_alarms(
    scope: Construct,
    service: IPrivateLinkEndpointService,
    pairs: Sequence[tuple[str, str]],
    threshold: float,
) -> list[cloudwatch.Alarm]:
    """Alarm when a load balancer resets connections in a zone for five minutes in a row."""
    from aws_cdk import aws_cloudwatch as cloudwatch

    return [
        cloudwatch.Alarm(
            scope,
            # Neither ARN nor zone needs be known here, so they are numbered.
            f"Alarm{number}",
            metric=service.metric_rst_packets_sent(
                dimensions_map={"Az": zone, "Load Balancer Arn": arn},
                period=Duration.minutes(1),
            ),
            alarm_description="Targets of the endpoint service may be unhealthy: "
            "they reset connections.",
            threshold=threshold,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        )
        for number, (arn, zone) in enumerate(pairs, start=1)
    ]


def _checked_names(zones: object, scope: Construct) -> list[str]:
    argument = "availability_zones"
    names = checked_list(argument, zones, str, takes="zones", fix=_FIX, scope=scope)
    for name in names:
        if has_list_token(name):
            raise PrivateLinkValueError(
                argument,
                "has a list that is only known at deployment",
                got=f"`{name}`",
                fix="pass each zone as a value of its own",
                scope=scope,
            )
        if not is_string_token(name) and not _ZONE.fullmatch(name):
            raise PrivateLinkValueError(
                argument,
                "has something that is not the name of a zone",
                got=f"`{name}`",
                fix=_FIX,
                scope=scope,
            )
    return names
