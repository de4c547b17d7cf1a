"""The interfaces of endpoint services, which the app defines or imports."""

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

    Created by ``PrivateLinkEndpointService``, and by its methods ``from_service_id()``,
    ``from_service_name()`` and ``from_parameter()``. The CDK accepts it for every
    ``ec2.IVpcEndpointService``, and for every ``ec2.IInterfaceVpcEndpointService`` as in
    ``vpc.add_interface_endpoint()``.
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
        """The ARN of the service, for IAM policies.

        The account is the one of the stack, unless the import knows another one.
        """
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


class IPublishedEndpointService(IPrivateLinkEndpointService, Protocol):
    """An endpoint service that another stack has published in SSM parameters.

    Created by ``PrivateLinkEndpointService.from_parameter()``. CloudFormation reads the parameter
    of a property only if you use the property: a deployment fails if the parameter does not exist.
    """

    @property
    def availability_zone_ids(self) -> list[str]:
        """The ids of the Availability Zones of the service, as a list token.

        Use ``Fn.select`` and ``Fn.join`` with the list. An id stands for the same zone in every
        account. The parameter exists if the name of the service is looked up.
        """
        ...

    @property
    def allowed_regions(self) -> list[str]:
        """The Regions from which consumers can connect, as a list token.

        The first one is the Region of the service. Use ``Fn.select`` and ``Fn.join`` with the list.
        """
        ...

    @property
    def private_dns_name(self) -> str:
        """The private DNS name of the service, as a token.

        The parameter exists if the service has a private DNS name.
        """
        ...
