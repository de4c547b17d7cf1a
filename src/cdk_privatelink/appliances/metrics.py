"""CloudWatch metrics of Gateway Load Balancers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration
from constructs import Construct

from .._internal.metrics import MetricOptions, add_recommended_alarm, create_metric

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

    from .gateway_load_balancer import GatewayLoadBalancer

# The metrics that need the target group as well.
_OF_TARGETS = ("HealthyHostCount", "UnHealthyHostCount")


def gateway_metric(
    gateway: GatewayLoadBalancer, metric_name: str, statistic: str | None, options: MetricOptions
) -> cloudwatch.Metric:
    """Return a metric of a load balancer.

    :param statistic: The statistic without an option.
    """
    dimensions = {"LoadBalancer": gateway.load_balancer_full_name}
    if metric_name in _OF_TARGETS:
        dimensions["TargetGroup"] = gateway.target_group_full_name
    return create_metric(
        metric_name,
        scope=gateway,
        environment=gateway.env,
        namespace="AWS/GatewayELB",
        dimensions=dimensions,
        default_statistic=statistic,
        **options,
    )


def add_unhealthy_host_alarms(
    scope: Construct, gateway: GatewayLoadBalancer, zones: Sequence[str], threshold: float
) -> list[cloudwatch.Alarm]:
    """Add one alarm per Availability Zone for unhealthy appliances in five minutes."""
    return [
        add_recommended_alarm(
            scope,
            # Zones may be tokens, which ids cannot contain.
            f"Alarm{number}",
            metric=gateway_metric(
                gateway,
                "UnHealthyHostCount",
                "Maximum",
                {"dimensions_map": {"AvailabilityZone": zone}, "period": Duration.minutes(1)},
            ),
            description="Appliances of the Gateway Load Balancer are unhealthy.",
            threshold=threshold,
        )
        for number, zone in enumerate(zones, start=1)
    ]
