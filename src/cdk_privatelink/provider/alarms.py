"""The alarms that AWS recommends for an endpoint service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from .._internal.arguments import number
from .._internal.metrics import add_recommended_alarm
from .._internal.tokens import is_list_token
from ..errors import PrivateLinkValueError
from .endpoint_service_base import EndpointServiceBase
from .load_balancers import LoadBalancers, zones_of

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

THRESHOLD = number(at_least=0, fix="pass the number of packets per minute that you tolerate")


def resolve_dimensions(
    zones: Sequence[str] | None,
    *,
    load_balancers: LoadBalancers,
    arns: Sequence[str],
    scope: Construct,
) -> list[tuple[str, str]]:
    """Return the ARN of each load balancer with each of its Availability Zones.

    :raises PrivateLinkValueError: The load balancers are a list token, or their zones are missing.
    """
    if any(is_list_token(arn) for arn in arns):
        raise PrivateLinkValueError(
            "load_balancers",
            "must be single values for alarms, one alarm per load balancer",
            got=f"the list token `{arns[0]}`",
            fix="pass each load balancer to `LoadBalancers.network()` as a separate argument",
            scope=scope,
        )
    if zones is not None:
        return [(arn, zone) for arn in arns for zone in zones]
    dimensions = []
    for arn, found in zip(arns, zones_of(load_balancers), strict=True):
        if found is None:
            raise PrivateLinkValueError(
                "availability_zones",
                "must be passed for imported load balancers, whose zones the app cannot know",
                got=f"load balancer `{arn}`",
                fix="pass the names of the zones, like `eu-west-1a`",
                scope=scope,
            )
        dimensions += [(arn, zone) for zone in found]
    return dimensions


def add_alarms(
    scope: Construct,
    service: EndpointServiceBase,
    dimensions: Sequence[tuple[str, str]],
    threshold: float,
) -> list[cloudwatch.Alarm]:
    """Add an alarm per load balancer and zone for resets of connections in five minutes."""
    return [
        add_recommended_alarm(
            scope,
            # ARNs and zones may be tokens, which ids cannot contain.
            f"Alarm{number}",
            metric=service.metric_rst_packets_sent(
                dimensions_map={"Az": zone, "Load Balancer Arn": arn},
                period=Duration.minutes(1),
            ),
            description="Targets of the endpoint service may be unhealthy: they reset connections.",
            threshold=threshold,
        )
        for number, (arn, zone) in enumerate(dimensions, start=1)
    ]
