"""The implementation that defined and imported endpoint services share."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_ec2 import VPCEndpointServiceReference
from constructs import Construct

from .._internal.construct_cache import construct_path
from .._internal.metrics import MetricOptions, create_metric
from .._internal.scopes import checked_construction
from .service_reference import ServiceReference, identify_service

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack


@jsii.implements(ec2.IVpcEndpointService, ec2.IInterfaceVpcEndpointService)
class EndpointServiceBase(Resource):
    """The implementation that all endpoint services share."""

    # The partition of the stack, unless the subclass knows another one.
    _partition: str | None = None

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Add the construct to the tree."""
        with checked_construction(scope, id) as stack:
            super().__init__(scope, id, region=region, account=account)
        # Reading `self.stack` is a round trip every time.
        self._stack = stack

    @property
    @abstractmethod
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""

    @property
    @abstractmethod
    def service_name(self) -> str:
        """The name to which consumers connect.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``.
        """

    @property
    def service_arn(self) -> str:
        """The ARN of the service, for IAM policies.

        The account is the one of the stack, unless the import knows another one.
        """
        return self._stack.format_arn(
            partition=self._partition,
            service="ec2",
            region=self._environment[1],
            account=self._environment[0],
            resource="vpc-endpoint-service",
            resource_name=self.service_id,
        )

    @cached_property
    def _environment(self) -> tuple[str, str]:
        """The account and the Region of the service, possibly tokens."""
        environment = self.env
        return environment.account, environment.region

    @cached_property
    def _identity(self) -> tuple[str, str]:
        """The app and the id of the service, the same for a service and for its imports by id."""
        return identify_service(self._stack, self.service_id, self.service_name)

    @property
    def vpc_endpoint_service_id(self) -> str:
        """The name of :attr:`service_id` in the CDK."""
        return self.service_id

    @property
    def vpc_endpoint_service_name(self) -> str:
        """The name of :attr:`service_name` in the CDK."""
        return self.service_name

    @property
    def vpc_endpoint_service_ref(self) -> VPCEndpointServiceReference:
        """The reference of the CDK to the service."""
        return VPCEndpointServiceReference(service_id=self.service_id)

    @property
    def name(self) -> str:
        """The name of :attr:`service_name` in the CDK, for ``ec2.InterfaceVpcEndpoint``."""
        return self.service_name

    @property
    def port(self) -> float:
        """The port that an ``ec2.InterfaceVpcEndpoint`` opens for its VPC: 443.

        ``InterfaceEndpoint`` opens the ports of the listeners instead.
        """
        return 443

    @property
    def private_dns_default(self) -> bool:
        """The default of ``private_dns_enabled`` of an ``ec2.InterfaceVpcEndpoint``: ``False``."""
        return False

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
        return self._metric(metric_name, None, options)

    def metric_active_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of active connections through endpoints.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("ActiveConnections", "Average", options)

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of bytes between endpoints and the service, in both directions.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("BytesProcessed", "Sum", options)

    def metric_endpoints_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of endpoints that are connected to the service.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("EndpointsCount", "Average", options)

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of new connections through endpoints.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("NewConnections", "Sum", options)

    def metric_rst_packets_sent(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of reset packets that the service sends to endpoints.

        Many reset packets indicate unhealthy targets.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("RstPacketsSent", "Sum", options)

    def _metric(
        self, metric_name: str, statistic: str | None, options: MetricOptions
    ) -> cloudwatch.Metric:
        return create_metric(
            metric_name,
            scope=self,
            environment=self.env,
            namespace="AWS/PrivateLinkServices",
            dimensions={"Service Id": self.service_id},
            default_statistic=statistic,
            **options,
        )

    def _reference(self, consumer: Construct) -> ServiceReference:  # noqa: ARG002
        """Return everything that a consumer in the same app can know of the service."""
        return ServiceReference(
            self.service_name,
            region=self._environment[1],
            display_name=construct_path(self),
            service_id=self.service_id,
            identity=self._identity,
        )
