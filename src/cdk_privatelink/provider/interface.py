"""The interface of endpoint services, which the app defines or imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aws_cdk import aws_ec2 as ec2

from .._internal.metrics import MetricOptions

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack


class IPrivateLinkEndpointService(
    ec2.IVpcEndpointService, ec2.IInterfaceVpcEndpointService, Protocol
):
    """An endpoint service, defined in the app or imported.

    Created by ``PrivateLinkEndpointService``, and by its methods ``from_service_id()`` and
    ``from_service_name()``. The CDK accepts it for every ``ec2.IVpcEndpointService``, and for
    every ``ec2.IInterfaceVpcEndpointService`` as in ``vpc.add_interface_endpoint()``.
    """

    @property
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""
        ...

    @property
    def service_name(self) -> str:
        """The name to which consumers connect.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``.
        """
        ...

    @property
    def service_arn(self) -> str:
        """The ARN of the service, for IAM policies, in the account of the stack."""
        ...

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return a metric of the service, from the namespace ``AWS/PrivateLinkServices``.

        :param metric_name: The name of the metric in CloudWatch, like ``"ActiveConnections"``.
        :param options: See :class:`MetricOptions`. ``dimensions_map`` narrows the metric by ``Az``,
            ``Load Balancer Arn`` or ``VPC Endpoint Id``. Default: the average over five minutes of
            the whole service.
        :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an
            option.
        :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
        """
        ...

    def metric_active_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of active connections through endpoints.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        ...

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of bytes between endpoints and the service, in both directions.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        ...

    def metric_endpoints_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of endpoints that are connected to the service.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        ...

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of new connections through endpoints.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        ...

    def metric_rst_packets_sent(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of reset packets that the service sends to endpoints.

        Many reset packets indicate unhealthy targets.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        ...
