"""Endpoints to a service with Gateway Load Balancers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, boolean
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.metrics import MetricOptions
from .._internal.scopes import (
    named_construct,
    reserved_construct,
    validate_id,
)
from .._internal.stack_cache import StackCache
from .._internal.subnets import (
    VPC,
    relative_path,
    require_own_environment,
    require_single_subnets,
    validate_ipv6,
    validate_one_per_zone,
    zone_of,
)
from ..provider.alarms import THRESHOLD
from ..provider.interface import IPrivateLinkEndpointService
from .acceptance import add_acceptance, validate_acceptance
from .address_types import validate_address_type
from .existing_endpoints import ExistingEndpoints, FirewallEndpoints
from .inspection_endpoints import InspectionEndpoints
from .interface import IGatewayLoadBalancerEndpoints
from .metrics import MeasuredEndpoint, add_packets_dropped_alarms, endpoint_metric
from .permissions import warn_of_missing_principal
from .service_resolution import is_cross_region, resolve_service, select_supported_subnets

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_networkfirewall as networkfirewall
    from typing_extensions import Unpack


class GatewayLoadBalancerEndpoints(InspectionEndpoints):
    """Endpoints to a service with Gateway Load Balancers, one per Availability Zone.

    ::

        endpoints = GatewayLoadBalancerEndpoints(
            self, "Inspection",
            vpc=vpc, service=service,
            subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
        )
        endpoints.add_routes(
            subnets=ec2.SubnetSelection(subnet_group_name="Application"),
            destination="0.0.0.0/0",
        )

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-load-balancer-endpoints.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        service: IPrivateLinkEndpointService | str,
        subnets: ec2.SubnetSelection | None = None,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
        auto_accept: bool = False,
    ) -> None:
        """Create one endpoint per subnet.

        For a service defined in the same app, CloudFormation creates the endpoints after the
        permissions of the service. If the service requires acceptance, EC2 rejects routes to an
        endpoint until its connection is accepted.

        :param scope: The stack, or a construct in the stack, that contains these endpoints.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC of the endpoints.
        :param service: The service, or the name of an endpoint service as a string or token. The
            service must have Gateway Load Balancers and be in the Region of the VPC.
        :param subnets: The subnets of the endpoints, one per Availability Zone. Put nothing else
            into these subnets. Subnets in zones in which the service is certainly not available are
            left out. Default: one private subnet per zone.
        :param ip_address_type: The IP address types of the endpoints. Default: IPv4
        :param auto_accept: ``True`` to accept the connections in the same deployment, for a service
            in the same account that requires acceptance. The routes, and what depends on this
            construct, wait until the endpoints are available. Default: ``False``
        :raises PrivateLinkValueError: EC2 would reject a value, or the CDK rejects ``scope`` or
            ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        super().__init__(scope, id)
        check = Arguments(self)
        checked_vpc = check("vpc", vpc, VPC)
        require_own_environment(check.argument("vpc"), checked_vpc, self)
        argument = check.argument("service")
        reference = resolve_service(argument, service, type="gateway", consumer=self)
        if is_cross_region(reference.region, self):
            raise argument.value_error(
                "must be in the Region of the VPC, unlike services for interface endpoints",
                got=reference.display_name,
                fix="pass a service in the Region of the VPC",
            )
        argument = check.argument("subnets")
        selected = select_supported_subnets(
            argument,
            checked_vpc,
            subnets,
            reference,
            consumer=self,
            one_per_zone=subnets is None,
        )
        validate_one_per_zone(argument, selected, consumer=self)
        address_types = validate_address_type(check, ip_address_type, reference)
        check("auto_accept", auto_accept, boolean)
        if auto_accept:
            validate_acceptance(check.argument("auto_accept"), reference, consumer=self)

        if "ipv6" in address_types:
            argument = check.argument("ip_address_type")
            add_final_validation(self, lambda: validate_ipv6(argument, checked_vpc))
        endpoints = {
            zone_of(subnet, self): ec2.CfnVPCEndpoint(
                self,
                f"Endpoint{relative_path(subnet, checked_vpc)}",
                vpc_endpoint_type="GatewayLoadBalancer",
                vpc_id=checked_vpc.vpc_id,
                service_name=reference.name,
                # EC2 accepts one subnet per endpoint.
                subnet_ids=[subnet.subnet_id],
                ip_address_type=ip_address_type and ip_address_type.value.lower(),
            )
            for subnet in selected.subnets
        }
        if reference.ready is not None:
            for endpoint in endpoints.values():
                endpoint.node.add_dependency(reference.ready)
        account = StackCache.of(scope).account
        add_final_check(
            scope,
            lambda: warn_of_missing_principal(
                self, reference, account=account, variable="endpoints"
            ),
        )
        acceptance = (
            add_acceptance(self, list(endpoints.values()), reference)
            if auto_accept and endpoints
            else None
        )
        self._set_endpoints(
            {zone: endpoint.ref for zone, endpoint in endpoints.items()},
            vpc=checked_vpc,
            subnets=selected.subnets,
            address_types=address_types,
            requires_acceptance=reference.requires_acceptance and not auto_accept,
            has_placeholder_subnets=selected.is_placeholder,
            after=acceptance,
        )
        self._service_name = reference.name

    @staticmethod
    def from_endpoint_ids(
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        endpoint_ids: Mapping[str, str],
        subnets: ec2.SubnetSelection | None = None,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
    ) -> IGatewayLoadBalancerEndpoints:
        """Import endpoints that exist already, to add routes through them.

        :param scope: The stack, or a construct in the stack, that contains the routes.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC of the endpoints.
        :param endpoint_ids: The id of the endpoint in each Availability Zone, like
            ``{"eu-west-1a": "vpce-0123456789abcdef0"}``. The zones and the ids can be tokens.
        :param subnets: The subnets of the endpoints. With them, ``add_routes()`` finds routes
            that would loop, and the default of ``return_path``. Default: unknown.
        :param ip_address_type: The IP address types of the endpoints. Default: IPv4
        :raises PrivateLinkValueError: The map is empty, or contains something other than zones and
            ids of endpoints.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        return ExistingEndpoints(
            scope,
            id,
            vpc=vpc,
            endpoint_ids=endpoint_ids,
            subnets=subnets,
            ip_address_type=ip_address_type,
        )

    @staticmethod
    def from_network_firewall(
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        firewall: networkfirewall.CfnFirewall,
        subnets: ec2.SubnetSelection,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
    ) -> IGatewayLoadBalancerEndpoints:
        """Use the endpoints of a firewall of AWS Network Firewall, to add routes through them.

        The endpoints are of the same kind. The template takes their ids from the attribute
        ``EndpointIds`` of the firewall, without a function.

        :param scope: The stack, or a construct in the stack, that contains the routes.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC of the firewall.
        :param firewall: The firewall, in ``subnet_mappings`` of which the subnets are.
        :param subnets: The subnets of the firewall, one per Availability Zone. Their zones must be
            known at synthesis, so that the stack needs a literal account and Region.
        :param ip_address_type: The IP address types of the endpoints. Default: IPv4
        :raises PrivateLinkValueError: A zone is a token, the firewall has no endpoint in a subnet,
            or the firewall is attached to a transit gateway.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-networkfirewall-firewall.html
        """
        return FirewallEndpoints(
            scope,
            id,
            vpc=vpc,
            firewall=firewall,
            subnets=subnets,
            ip_address_type=ip_address_type,
        )

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return a metric of each endpoint, from the namespace ``AWS/PrivateLinkEndpoints``.

        A widget of a dashboard accepts the list.

        :param metric_name: The name of the metric in CloudWatch, like ``"ActiveConnections"``.
        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        :returns: The metrics, in the order of ``vpc_endpoint_ids``.
        :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an
            option.
        :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
        """
        return self._metric(metric_name, None, options)

    def metric_active_connections(
        self, **options: Unpack[MetricOptions]
    ) -> list[cloudwatch.Metric]:
        """Return the number of active connections through each endpoint.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("ActiveConnections", "Average", options)

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of bytes through each endpoint, in both directions.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("BytesProcessed", "Sum", options)

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of new connections through each endpoint.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("NewConnections", "Sum", options)

    def metric_packets_dropped(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of packets that each endpoint drops.

        An increase can indicate that the endpoint or the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("PacketsDropped", "Sum", options)

    def metric_rst_packets_received(
        self, **options: Unpack[MetricOptions]
    ) -> list[cloudwatch.Metric]:
        """Return the number of reset packets that each endpoint receives from the service.

        An increase can indicate that the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("RstPacketsReceived", "Sum", options)

    def add_packets_dropped_alarms(self, id: str, *, threshold: float) -> list[cloudwatch.Alarm]:
        """Add the alarms that AWS recommends for endpoints.

        There is one alarm per endpoint. Its state is ALARM when the endpoint drops more than
        ``threshold`` packets per minute for five minutes. Minutes without traffic count as minutes
        without dropped packets. Add actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :param threshold: The number of dropped packets per minute that you tolerate.
        :returns: The alarms, in the order of ``vpc_endpoint_ids``.
        :raises PrivateLinkValueError: The threshold is negative.
        :raises PrivateLinkTypeError: The value is not a number.
        :see: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkEndpoints
        """
        validate_id(id, scope=self)
        Arguments(self)("threshold", threshold, THRESHOLD)
        require_single_subnets(Argument("add_packets_dropped_alarms", self), self._subnets)
        alarms = named_construct(self._alarms, id)
        return [
            alarm
            for endpoint in self._measured
            for alarm in add_packets_dropped_alarms(alarms, endpoint, threshold)
        ]

    def _metric(
        self, metric_name: str, statistic: str | None, options: MetricOptions
    ) -> list[cloudwatch.Metric]:
        return [
            endpoint_metric(endpoint, metric_name, statistic, options)
            for endpoint in self._measured
        ]

    @cached_property
    def _measured(self) -> list[MeasuredEndpoint]:
        return [
            MeasuredEndpoint(
                self,
                "GatewayLoadBalancer",
                service_name=self._service_name,
                vpc=self._vpc,
                endpoint_id=self._endpoint_ids[zone_of(subnet, self)],
                subnets=[subnet],
            )
            for subnet in self._subnets
        ]

    @cached_property
    def _alarms(self) -> Construct:
        return reserved_construct(self, "PacketsDroppedAlarms")
