"""What every endpoint service has, made here or elsewhere."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_ec2 import VPCEndpointServiceReference
from constructs import Construct

from .._internal.scopes import new_construct
from .metrics import MetricOptions, service_metric

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack


@jsii.implements(ec2.IVpcEndpointService)
class IPrivateLinkEndpointService(Resource):
    """An endpoint service: one that this app makes, or an existing one.

    Made by ``PrivateLinkEndpointService``, its ``from_service_id()`` and ``from_service_name()``.
    It is taken wherever the CDK takes an ``ec2.IVpcEndpointService``.
    """

    # That of the stack, unless something else is known.
    _partition: str | None = None

    def __init__(self, scope: Construct, id: str, *, region: str | None = None) -> None:
        """Put it into the tree; not for direct use."""
        with new_construct(scope, id) as stack:
            super().__init__(scope, id, region=region)
        # `self.stack` would be asked for, each time.
        self._stack = stack

    @property
    @abstractmethod
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""

    @property
    @abstractmethod
    def service_name(self) -> str:
        """The name that consumers connect to.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``.
        """

    @property
    def service_arn(self) -> str:
        """The ARN of the service, for IAM policies, in the account of the stack."""
        return self._stack.format_arn(
            partition=self._partition,
            service="ec2",
            region=self.env.region,
            resource="vpc-endpoint-service",
            resource_name=self.service_id,
        )

    @property
    def vpc_endpoint_service_id(self) -> str:
        """What the CDK calls :attr:`service_id`."""
        return self.service_id

    @property
    def vpc_endpoint_service_name(self) -> str:
        """What the CDK calls :attr:`service_name`."""
        return self.service_name

    @property
    def vpc_endpoint_service_ref(self) -> VPCEndpointServiceReference:
        """What the CDK refers to the service by."""
        return VPCEndpointServiceReference(service_id=self.service_id)

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Read a metric of the service, of the namespace ``AWS/PrivateLinkServices``.

        :param metric_name: The name that CloudWatch has for it, like ``"ActiveConnections"``.
        :param options: See :class:`MetricOptions`. ``dimensions_map`` narrows the metric down,
            by ``Az``, ``Load Balancer Arn`` or ``VPC Endpoint Id``. Default: the average over
            five minutes of the whole service.
        :raises PrivateLinkValueError: No name, or what ``cloudwatch.Metric`` refuses.
        :raises PrivateLinkTypeError: What is no option, or has another type.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
        """
        return service_metric(metric_name, service=self, service_id=self.service_id, **options)

    def metric_active_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many connections through endpoints are active.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("ActiveConnections", "Average", options)

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many bytes endpoints and the service exchange, both ways together.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("BytesProcessed", "Sum", options)

    def metric_endpoints_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many endpoints are connected to the service.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("EndpointsCount", "Average", options)

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many connections through endpoints are established.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("NewConnections", "Sum", options)

    def metric_rst_packets_sent(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many packets that reset a connection the service sends to endpoints.

        Many of them tell of unhealthy targets.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("RstPacketsSent", "Sum", options)

    def _metric(
        self, metric_name: str, statistic: str, options: MetricOptions
    ) -> cloudwatch.Metric:
        if options.get("statistic") is None:
            options["statistic"] = statistic
        return self.metric(metric_name, **options)
