"""An interface endpoint to a service with Network Load Balancers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, NoReturn, cast

from aws_cdk import Aws, Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import (
    Argument,
    Arguments,
    Rule,
    boolean,
    cdk_object,
    list_of,
    optional,
)
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.metrics import MetricOptions
from .._internal.regions import REGION, region_condition
from .._internal.scopes import (
    checked_construction,
    child_path,
    named_construct,
    require_same_stage,
    reserved_construct,
    validate_id,
    validate_placement,
)
from .._internal.stack_cache import StackCache
from .._internal.subnets import (
    VPC,
    require_single_subnets,
    validate_ipv6,
    validate_one_per_zone,
)
from .._internal.tokens import is_literal
from ..errors import PrivateLinkValueError
from ..provider.alarms import THRESHOLD
from ..provider.connection_notifications import ConnectionEvent, add_notification
from ..provider.interface import IPrivateLinkEndpointService
from .acceptance import add_acceptance, validate_acceptance
from .address_types import resolve_record_types, validate_address_type
from .addresses import EndpointAddresses
from .aliases import RECORD_NAME, ZONE, add_alias_records
from .dns_names import split_regional_entry, zonal_dns_names
from .metrics import (
    MeasuredEndpoint,
    add_packets_dropped_alarms,
    endpoint_metric,
    warn_of_missing_metrics,
)
from .permissions import warn_of_missing_principal
from .ports import PORTS, default_tcp_port, resolve_ports, to_port, warn_of_unused_ports
from .private_dns import register_private_dns, resolve_private_dns_enabled
from .service_region import resolve_region, validate_allowed_region
from .service_resolution import is_cross_region, resolve_service, select_supported_subnets
from .vpc_peers import resolve_peers
from .zone_lookup import look_up_zones, require_literal_zones

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_sns as sns
    from typing_extensions import Unpack

_SECURITY_GROUP: Rule[ec2.ISecurityGroup] = cdk_object(
    "node",
    "security_group_id",
    "add_ingress_rule",
    problem="must be a security group",
    fix="pass security groups of `aws_ec2`, or leave it out for a new security group",
)


class InterfaceEndpoint(ec2.InterfaceVpcEndpoint):
    """An interface endpoint that follows the properties of its endpoint service.

    ::

        endpoint = InterfaceEndpoint(self, "Payments", vpc=vpc, service=service)

    It is an ``ec2.InterfaceVpcEndpoint``, with ``connections`` and all other members. Only
    ``add_to_policy()`` raises an error, because EC2 accepts no policy for these endpoints.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-saas.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        service: IPrivateLinkEndpointService | ec2.VpcEndpointService | str,
        ports: Sequence[int | ec2.Port] | None = None,
        private_dns_enabled: bool | None = None,
        subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup | ec2.SecurityGroup] | None = None,
        open: bool = True,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
        dns_record_ip_type: ec2.VpcEndpointDnsRecordIpType | None = None,
        lookup_supported_azs: bool = False,
        service_region: str | None = None,
        auto_accept: bool = False,
    ) -> None:
        """Connect a VPC to an endpoint service.

        For a service defined in the same app, CloudFormation creates the endpoint after the
        permissions of the service and the verification of its private DNS name.

        :param scope: The stack, or a construct in the stack, that contains this endpoint.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC to connect.
        :param service: The service, a service of aws-cdk-lib in the same app, or the name of an
            endpoint service as a string or token. The service must have Network Load Balancers.
        :param ports: The ports that the security groups admit, like ``[443, ec2.Port.udp(53)]``.
            Numbers are TCP ports. ``endpoint.connections`` has one default port: the first TCP port
            number, or 443 without any. Default: the ports on which load balancers that are defined
            in the same app listen so far, otherwise ``[443]``
        :param private_dns_enabled: ``True`` to resolve the private DNS name of the service to this
            endpoint in the VPC. EC2 allows this after the verification of the name and the
            acceptance of the connection: if the service requires acceptance, use
            ``auto_accept``, or deploy without the name first. Default: ``True`` if the service is
            defined in the same app, verifies its name (with a ``hosted_zone``, or with
            ``verify_private_dns()``), and requires no acceptance or ``auto_accept`` is ``True``.
            Otherwise ``False``.
        :param subnets: The subnets for the network interfaces, one per Availability Zone. Subnets
            in zones in which the service is certainly not available are left out. Default: the
            private subnets.
        :param security_groups: The security groups of the endpoint. Default: a new security group.
        :param open: ``True`` to let the security groups admit the whole VPC on the ports. Default:
            ``True``
        :param ip_address_type: The IP address types of the endpoint. Default: IPv4
        :param dns_record_ip_type: The DNS record types of the endpoint. Default: EC2 derives the
            types from ``ip_address_type``.
        :param lookup_supported_azs: ``True`` to look up the Availability Zones of the service with
            the CDK CLI at synthesis. It requires an existing service, passed by its literal name,
            and a stack with a literal account and Region. Default: ``False``
        :param service_region: The Region of the service, like ``"eu-west-1"``, if it is another
            one. The service must allow the Region of the endpoint. Default: the Region of the
            service or in its name, or the Region of the endpoint if the name is a token.
        :param auto_accept: ``True`` to accept the connection in the same deployment, for a service
            in the same account that requires acceptance. CloudFormation waits until the endpoint
            is available, and its private DNS name is enabled after that. What depends on this
            construct waits, too. Default: ``False``
        :raises PrivateLinkValueError: EC2 would reject a value, or the CDK rejects ``scope`` or
            ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        validate_placement(scope, id)
        # The constructor of the CDK creates all resources, so all checks come before it.
        path = child_path(scope, id)
        check = Arguments(path)
        checked_vpc = check("vpc", vpc, VPC)
        reference = resolve_service(
            Argument("service", path), service, type="network", consumer=scope
        )
        endpoint_ports = resolve_ports(check("ports", ports, PORTS), reference)
        check("open", open, boolean)
        groups = check("security_groups", security_groups, optional(list_of(_SECURITY_GROUP)))
        check("service_region", service_region, optional(REGION))
        region = resolve_region(service_region, reference, path)
        cross_region = is_cross_region(region, scope, is_explicit=service_region is not None)
        check("auto_accept", auto_accept, boolean)
        if auto_accept:
            validate_acceptance(Argument("auto_accept", path), reference, consumer=scope)
        has_private_dns = resolve_private_dns_enabled(
            check, private_dns_enabled, reference, checked_vpc, auto_accept=auto_accept
        )
        address_types = validate_address_type(check, ip_address_type, reference)
        record_types = resolve_record_types(check, dns_record_ip_type, address_types=address_types)
        if cross_region:
            validate_allowed_region(reference, consumer=scope, path=path)
        peers = resolve_peers(checked_vpc, address_types, path) if open else []
        check("lookup_supported_azs", lookup_supported_azs, boolean)
        if lookup_supported_azs:
            if cross_region:
                # The CLI queries the Region of the endpoint, where EC2 does not find the service.
                raise Argument("lookup_supported_azs", path).value_error(
                    "must be used with a service in the Region of the endpoint",
                    got=region,
                    fix="leave it out: endpoints to another Region can be in any zone",
                )
            reference = reference._replace(
                availability_zones=look_up_zones(reference.name, consumer=scope, path=path)
            )
        argument = Argument("subnets", path)
        selected = select_supported_subnets(
            argument, checked_vpc, subnets, reference, consumer=scope, one_per_zone=True
        )
        validate_one_per_zone(argument, selected, consumer=scope)
        if lookup_supported_azs:
            require_literal_zones(selected, path)

        with checked_construction(scope, id):
            super().__init__(
                scope,
                id,
                vpc=checked_vpc,
                service=_cdk_service(reference.name, default_tcp_port(endpoint_ports)),
                private_dns_enabled=has_private_dns and not auto_accept,
                subnets=ec2.SubnetSelection(subnets=selected.subnets),
                security_groups=groups,
                # The CDK would admit a CIDR block that is a token. cdk-nag takes a token for an
                # open security group.
                open=False,
                ip_address_type=ip_address_type,
                dns_record_ip_type=dns_record_ip_type,
                service_region=region if cross_region else None,
            )
        for peer in peers:
            for port in endpoint_ports:
                self.connections.allow_from(peer, to_port(port))
        resource = cast(ec2.CfnVPCEndpoint, self.node.default_child)
        self._service = reference
        # A token may stand for the Region of the endpoint.
        self._cross_region = bool(cross_region and is_literal(f"{region}"))
        self._subnets = selected.subnets
        self._address_types = address_types
        self._addresses: EndpointAddresses | None = None
        self._record_types = record_types
        self._vpc = checked_vpc
        if open:
            add_final_check(scope, lambda: warn_of_unused_ports(self, endpoint_ports, reference))
        account = StackCache.of(scope).account
        add_final_check(scope, lambda: warn_of_missing_principal(self, reference, account=account))
        if has_private_dns:
            register_private_dns(self, reference, checked_vpc, auto_accept=auto_accept)
        if "ipv6" in address_types:
            argument = Argument("ip_address_type", self)
            add_final_validation(self, lambda: validate_ipv6(argument, checked_vpc))
        if cross_region is None:
            # EC2 may reject the Region of the endpoint itself as the Region of the service.
            same_region = region_condition(cast(str, region), self)
            value = Fn.condition_if(same_region.logical_id, Aws.NO_VALUE, region)
            resource.service_region = value.to_string()
        if reference.ready is not None:
            resource.node.add_dependency(reference.ready)
        self._acceptance = (
            add_acceptance(
                self,
                [resource],
                reference,
                service_region=None if cross_region is False else region,
                private_dns_vpc=checked_vpc if has_private_dns else None,
            )
            if auto_accept
            else None
        )
        if auto_accept and has_private_dns:
            # With the value of the CDK, CloudFormation would switch the name off again.
            resource.add_property_deletion_override("PrivateDnsEnabled")

    @property
    def regional_dns_name(self) -> str:
        """The DNS name that resolves to the addresses of the endpoint in all Availability Zones.

        Like ``vpce-0123-a1b2.vpce-svc-0123.eu-west-1.vpce.amazonaws.com``, as a token. AWS does not
        promise it for services of AWS Marketplace.

        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-dns-hostnames
        """
        return Fn.select(1, split_regional_entry(self))

    @property
    def zonal_dns_names(self) -> dict[str, str]:
        """The DNS name for each Availability Zone of the endpoint, as tokens.

        A client that uses the name of its own zone stays in the zone:
        ``endpoint.zonal_dns_names[subnet.availability_zone]``. Subnets that are imported without
        their zone have no name here. AWS does not promise the names for services of AWS
        Marketplace.

        :raises PrivateLinkValueError: The service is in another Region, for which EC2 creates
            Regional names only.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-dns-hostnames
        """
        if self._cross_region:
            raise PrivateLinkValueError(
                "zonal_dns_names",
                "must be used on an endpoint in the Region of its service, since EC2 creates "
                "Regional names only for other Regions",
                got=f"`{self._service.display_name}`",
                fix="use `regional_dns_name`",
                scope=self,
            )
        require_single_subnets(Argument("zonal_dns_names", self), self._subnets)
        return zonal_dns_names(self.regional_dns_name, self._subnets)

    @property
    def dns_hosted_zone_id(self) -> str:
        """The id of the hosted zone of :attr:`regional_dns_name`, for alias records, as a token."""
        return Fn.select(0, split_regional_entry(self))

    @property
    def private_ip_addresses(self) -> list[str]:
        """The private IPv4 address in each subnet of the endpoint, in the order of the subnets.

        Tokens, for the rules of firewalls.

        The addresses stay the same until the subnets or the endpoint change. The first use adds a
        custom resource, since CloudFormation does not return the addresses.

        :raises PrivateLinkValueError: The endpoint has no IPv4 addresses, or the IAM role of the
            stack has no room for more permissions.
        """
        return self._get_addresses("private_ip_addresses", "ipv4", "PrivateIpAddresses")

    @property
    def ipv6_addresses(self) -> list[str]:
        """The IPv6 address in each subnet of the endpoint, in the order of the subnets.

        Tokens, for the rules of firewalls.

        The first use adds a custom resource, like :attr:`private_ip_addresses`.

        :raises PrivateLinkValueError: The endpoint has no IPv6 addresses, or the IAM role of the
            stack has no room for more permissions.
        """
        return self._get_addresses("ipv6_addresses", "ipv6", "Ipv6Addresses")

    def add_alias(
        self,
        id: str,
        *,
        zone: route53.HostedZone | route53.IHostedZone,
        record_name: str | None = None,
    ) -> list[route53.RecordSet]:
        """Add a name of your own for the endpoint: alias records in a private hosted zone.

        Every VPC of the zone resolves the name to the endpoint, for its address types. The name
        stays the same when you replace the endpoint.

        :param id: The id of the records in this construct.
        :param zone: The hosted zone, like a ``route53.PrivateHostedZone``.
        :param record_name: The name of the records in the zone, like ``"payments"``. Default: the
            name of the zone itself.
        :returns: The records, for the address types of the endpoint.
        :raises PrivateLinkValueError: The name is empty, or the zone is imported without its name
            or in another stage.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        :see: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-vpc-interface-endpoint.html
        """
        validate_id(id, scope=self)
        check = Arguments(self)
        checked_zone = check("zone", zone, ZONE)
        require_same_stage(check.argument("zone"), checked_zone, self)
        name = check("record_name", record_name, optional(RECORD_NAME))
        alias = named_construct(self._aliases, id)
        return add_alias_records(alias, self, checked_zone, name, record_types=self._record_types)

    def add_connection_notification(
        self,
        topic: sns.Topic | sns.ITopic,
        *,
        events: Sequence[ConnectionEvent] | None = None,
    ) -> None:
        """Send connection events of this endpoint to an SNS topic.

        The method extends the policies of the topic, and of the key that encrypts the topic, to
        allow it. If the topic or the key is imported, its policy must allow it already, and
        synthesis adds a warning. The policy of a key, or of a topic in another stack, allows all
        endpoints of the account and Region.

        :param topic: The topic. You can call the method again for the same topic to add events.
        :param events: The events to send. Default: every ``ConnectionEvent``.
        :raises PrivateLinkValueError: The list is empty, or the key of the topic is
            ``alias/aws/sns``.
        :raises PrivateLinkTypeError: The value is not a topic, or not a list of events.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/manage-notifications-endpoint.html
        """
        add_notification(
            self,
            topic,
            events,
            resource="vpc-endpoint",
            resource_id=self.vpc_endpoint_id,
        )

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return a metric of the endpoint, from the namespace ``AWS/PrivateLinkEndpoints``.

        :param metric_name: The name of the metric in CloudWatch, like ``"ActiveConnections"``.
        :param options: See :class:`MetricOptions`. ``dimensions_map`` narrows the metric by
            ``Subnet Id``. Default: the average over five minutes of the whole endpoint.
        :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an
            option.
        :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
        """
        return self._metric(metric_name, None, options)

    def metric_active_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of active connections through the endpoint.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("ActiveConnections", "Average", options)

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of bytes through the endpoint, in both directions.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("BytesProcessed", "Sum", options)

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of new connections through the endpoint.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("NewConnections", "Sum", options)

    def metric_packets_dropped(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of packets that the endpoint drops.

        An increase can indicate that the endpoint or the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("PacketsDropped", "Sum", options)

    def metric_rst_packets_received(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of reset packets that the endpoint receives from the service.

        An increase can indicate that the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("RstPacketsReceived", "Sum", options)

    def add_packets_dropped_alarms(self, id: str, *, threshold: float) -> list[cloudwatch.Alarm]:
        """Add the alarms that AWS recommends for endpoints.

        There is one alarm per subnet. Its state is ALARM when the endpoint drops more than
        ``threshold`` packets per minute in the subnet for five minutes. Minutes without traffic
        count as minutes without dropped packets. Add actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :param threshold: The number of dropped packets per minute that you tolerate.
        :returns: The alarms, in the order of the subnets.
        :raises PrivateLinkValueError: The threshold is negative.
        :raises PrivateLinkTypeError: The value is not a number.
        :see: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkEndpoints
        """
        validate_id(id, scope=self)
        Arguments(self)("threshold", threshold, THRESHOLD)
        require_single_subnets(Argument("add_packets_dropped_alarms", self), self._subnets)
        alarms = named_construct(self._alarms, id)
        self._warn_of_missing_metrics()
        return add_packets_dropped_alarms(alarms, self._measured, threshold)

    def add_to_policy(self, statement: iam.PolicyStatement) -> NoReturn:
        """Raise an error: EC2 accepts policies for endpoints to AWS services only.

        :param statement: Not used.
        :raises PrivateLinkValueError: Always.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        raise PrivateLinkValueError(
            "add_to_policy",
            "must not be called for an endpoint to an endpoint service, for which EC2 accepts full "
            "access only",
            got=f"`{statement.to_json()}`",
            fix="restrict the access with security groups",
            scope=self,
        )

    @cached_property
    def _measured(self) -> MeasuredEndpoint:
        return MeasuredEndpoint(
            self,
            "Interface",
            service_name=self._service.name,
            vpc=self._vpc,
            endpoint_id=self.vpc_endpoint_id,
            subnets=self._subnets,
        )

    def _metric(
        self, metric_name: str, statistic: str | None, options: MetricOptions
    ) -> cloudwatch.Metric:
        self._warn_of_missing_metrics()
        return endpoint_metric(self._measured, metric_name, statistic, options)

    def _warn_of_missing_metrics(self) -> None:
        if self._cross_region:
            warn_of_missing_metrics(self)

    @cached_property
    def _aliases(self) -> Construct:
        return reserved_construct(self, "Aliases")

    @cached_property
    def _alarms(self) -> Construct:
        return reserved_construct(self, "PacketsDroppedAlarms")

    def _get_addresses(self, member: str, address_type: str, attribute: str) -> list[str]:
        if address_type not in self._address_types:
            raise PrivateLinkValueError(
                member,
                f"must be used on an endpoint with {address_type.replace('ip', 'IP')} addresses",
                got=f"an endpoint with {' and '.join(sorted(self._address_types))}",
                fix="pass `ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK`",
                scope=self,
            )
        require_single_subnets(Argument(member, self), self._subnets)
        if self._addresses is None:
            self._addresses = EndpointAddresses(
                self, member, service_id=self._service.service_id, acceptance=self._acceptance
            )
        return self._addresses.get(attribute, count=len(self._subnets))


# One object for all endpoints to a service saves round trips.
@cache
def _cdk_service(name: str, port: int) -> ec2.IInterfaceVpcEndpointService:
    return cast(ec2.IInterfaceVpcEndpointService, ec2.InterfaceVpcEndpointService(name, port))
