"""CloudWatch metrics and alarms of endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.metrics import MetricOptions, add_recommended_alarm, create_metric
from .._internal.subnets import relative_path
from .._internal.warnings import add_warning

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch


class MeasuredEndpoint(NamedTuple):
    """An endpoint, with the values of its dimensions in CloudWatch."""

    scope: Construct
    """The construct that errors name."""
    type: Literal["Interface", "GatewayLoadBalancer"]
    service_name: str
    vpc: ec2.IVpc
    endpoint_id: str
    subnets: list[ec2.ISubnet]


def endpoint_metric(
    endpoint: MeasuredEndpoint, metric_name: str, statistic: str | None, options: MetricOptions
) -> cloudwatch.Metric:
    """Return a metric of an endpoint.

    :param statistic: The statistic without an option.
    """
    return create_metric(
        metric_name,
        scope=endpoint.scope,
        environment=Stack.of(endpoint.scope),
        namespace="AWS/PrivateLinkEndpoints",
        dimensions=_dimensions(endpoint),
        default_statistic=statistic,
        **options,
    )


def add_packets_dropped_alarms(
    scope: Construct, endpoint: MeasuredEndpoint, threshold: float
) -> list[cloudwatch.Alarm]:
    """Add one alarm per subnet for dropped packets in five minutes."""
    return [
        add_recommended_alarm(
            scope,
            f"Alarm{relative_path(subnet, endpoint.vpc)}",
            metric=endpoint_metric(
                endpoint,
                "PacketsDropped",
                "Sum",
                {"dimensions_map": {"Subnet Id": subnet.subnet_id}, "period": Duration.minutes(1)},
            ),
            description="The endpoint drops packets: the endpoint, or the service, may be "
            "unhealthy.",
            threshold=threshold,
            # CloudWatch gets values only while there is traffic.
            missing_is_good=True,
        )
        for subnet in endpoint.subnets
    ]


def warn_of_missing_metrics(endpoint: Construct) -> None:
    """Warn that CloudWatch has no values for an endpoint to another Region."""
    add_warning(
        endpoint,
        "cdk-privatelink:noMetricsAcrossRegions",
        "AWS publishes no metrics for endpoints to services in other Regions, so that graphs stay "
        "empty and the state of alarms is never ALARM. Measure in the clients, or at the "
        "load balancers of the service.",
        variable="endpoint",
        unless="AWS publishes them by now",
    )


def _dimensions(endpoint: MeasuredEndpoint) -> Mapping[str, str]:
    return {
        "Endpoint Type": endpoint.type,
        "Service Name": endpoint.service_name,
        "VPC Endpoint Id": endpoint.endpoint_id,
        "VPC Id": endpoint.vpc.vpc_id,
    }
