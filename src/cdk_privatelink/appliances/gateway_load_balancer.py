"""Gateway Load Balancers, for which the CDK has an L1 only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

import jsii
from aws_cdk import (
    Annotations,
    Duration,
    IResolveContext,
    IStringProducer,
    Lazy,
    RemovalPolicy,
    Resource,
    Token,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.arguments import (
    REMOVAL_POLICY,
    Argument,
    Arguments,
    Rule,
    boolean,
    cdk_object,
    member_of,
    number,
    optional,
    seconds,
    sequence_of,
)
from .._internal.cdk_nag import suppress_nag_rule
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.regions import ZONE_NAMES
from .._internal.scopes import (
    checked_construction,
    named_construct,
    reserved_construct,
    translate_cdk_errors,
    validate_id,
)
from .._internal.subnets import (
    VPC,
    find_zone,
    ipv4_block_of,
    require_own_environment,
    require_single_subnets,
    select_subnets,
    validate_ipv6,
    validate_one_per_zone,
)
from .._internal.transit_gateways import find_attachments, has_appliance_mode
from .._internal.warnings import add_warning
from .flow_handling import (
    FlowHandling,
    listener_attributes,
    target_group_attributes,
    validate_flows,
)
from .flow_stickiness import FlowStickiness
from .health_check import health_check_port, validate_health_check
from .metrics import add_unhealthy_host_alarms, gateway_metric
from .subnet_addresses import warn_of_few_addresses
from .targets import GENEVE_PORT, resolve_targets, validate_registrations

if TYPE_CHECKING:
    from aws_cdk import aws_autoscaling as autoscaling
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack

    from .._internal.metrics import MetricOptions
    from .targets import Appliance

    # The type names a class besides its interface: type checkers reject classes of jsii for it.
    Connectable: TypeAlias = ec2.IConnectable | ec2.Instance | autoscaling.AutoScalingGroup

# The only protocol between a Gateway Load Balancer and its targets.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html
_PROTOCOL = "GENEVE"
_EMPTY_GROUP_WARNING = "@aws-cdk/aws-elbv2:targetGroupSpecifyTargetTypeForEmptyTargetGroup"
_TARGET_TYPE = member_of(elbv2.TargetType, elbv2.TargetType.INSTANCE, elbv2.TargetType.IP)
_NO_GROUPS = "must have security groups"
_CONNECTABLE_FIX = (
    "pass an `ec2.Instance`, an `autoscaling.AutoScalingGroup`, or something else with "
    "`connections`"
)
_CONNECTABLE: Rule[ec2.IConnectable] = cdk_object(
    "connections", problem=_NO_GROUPS, fix=_CONNECTABLE_FIX
)
_THRESHOLD = number(at_least=0, fix="pass the number of unhealthy appliances that you tolerate")
_ADDRESS_TYPES = {
    elbv2.IpAddressType.IPV4: "ipv4",
    elbv2.IpAddressType.DUAL_STACK: "dualstack",
}


class GatewayLoadBalancer(Resource):
    """A Gateway Load Balancer with its listener and the appliances that receive the traffic.

    ::

        gateway = GatewayLoadBalancer(self, "Gateway", vpc=vpc, targets=[appliances])
        PrivateLinkEndpointService(
            self, "Inspection", load_balancers=LoadBalancers.gateway(gateway)
        )

    The security groups of the appliances must allow GENEVE packets on UDP port 6081, and the health
    checks.

    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/introduction.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        targets: Sequence[Appliance] | None = None,
        target_type: elbv2.TargetType | None = None,
        health_check: elbv2.HealthCheck | None = None,
        cross_zone_enabled: bool = False,
        flow_stickiness: FlowStickiness = FlowStickiness.FIVE_TUPLE,
        flow_handling: FlowHandling | None = None,
        tcp_idle_timeout: Duration | None = None,
        deregistration_delay: Duration | None = None,
        deletion_protection: bool | None = None,
        ip_address_type: elbv2.IpAddressType = elbv2.IpAddressType.IPV4,
    ) -> None:
        """Create a Gateway Load Balancer.

        :param scope: The stack, or a construct in the stack, that contains this load balancer.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC of the load balancer and its appliances.
        :param vpc_subnets: The subnets of the load balancer, at most one per Availability Zone.
            Default: one private subnet per Availability Zone of the VPC.
        :param targets: The appliances, all of one type: instances (``InstanceTarget``,
            ``InstanceIdTarget`` or an ``AutoScalingGroup``) or IP addresses (``IpTarget``).
            Default: none, until you call :meth:`add_target` or register appliances otherwise.
        :param target_type: ``elbv2.TargetType.INSTANCE`` or ``elbv2.TargetType.IP``, if you
            register the appliances otherwise. Default: the type of the targets, or instances
            without any targets.
        :param health_check: The health check of an appliance, by TCP, HTTP or HTTPS. Default: a
            connection to TCP port 80, the default of AWS.
        :param cross_zone_enabled: ``True`` to send appliances traffic from all Availability Zones.
            Otherwise, a zone without a healthy appliance loses its traffic. AWS charges for traffic
            between zones. Default: ``False``
        :param flow_stickiness: The packets that go to the same appliance. Default:
            ``FlowStickiness.FIVE_TUPLE``, the packets of one connection.
        :param flow_handling: The handling of existing flows when an appliance fails or is
            deregistered. AWS recommends ``FlowHandling.RESET``. To go back to the default of AWS
            later, pass ``FlowHandling.KEEP``: without the option, the template writes nothing, and
            the load balancer keeps what it has. Default: nothing is written, so that a new load
            balancer keeps existing flows.
        :param tcp_idle_timeout: The time after which the load balancer forgets a TCP flow without
            packets, between 60 and 6,000 seconds, with ``FlowStickiness.FIVE_TUPLE`` only. Longer
            times suit clients that rarely send packets. Default: 350 seconds, the default of AWS.
        :param deregistration_delay: The time until a deregistered appliance is unused, at most one
            hour. With ``FlowHandling.REBALANCE`` and ``FlowHandling.RESET``, existing flows leave
            the appliance after this time. Otherwise, they go on until they are idle. Default: five
            minutes, the default of AWS.
        :param deletion_protection: ``True`` to protect the load balancer from deletion, also by
            CloudFormation. Pass ``False`` before you delete it. Default: nothing is written, so
            that a new load balancer is not protected.
        :param ip_address_type: The IP address types of the packets.
            ``elbv2.IpAddressType.DUAL_STACK`` adds IPv6. Default: IPv4
        :raises PrivateLinkValueError: Elastic Load Balancing would reject a value, or the CDK
            rejects ``scope`` or ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
        """
        with checked_construction(scope, id):
            super().__init__(scope, id)
        # All checks come first, so that an error leaves no resource behind.
        check = Arguments(self)
        self._vpc = check("vpc", vpc, VPC)
        require_own_environment(check.argument("vpc"), self._vpc, self)
        subnets_argument = Argument("vpc_subnets", self)
        selected = select_subnets(
            self._vpc, subnets_argument, vpc_subnets, one_per_zone=vpc_subnets is None
        )
        validate_one_per_zone(subnets_argument, selected, consumer=self)
        self._targets: list[elbv2.INetworkLoadBalancerTarget] = []
        self._target_type = check("target_type", target_type, optional(_TARGET_TYPE))
        appliances = self._resolve_targets(() if targets is None else targets)
        validate_health_check(check, health_check)
        check("cross_zone_enabled", cross_zone_enabled, boolean)
        check("flow_stickiness", flow_stickiness, member_of(FlowStickiness))
        validate_flows(check, flow_handling, tcp_idle_timeout, flow_stickiness)
        check(
            "deregistration_delay",
            deregistration_delay,
            optional(seconds(at_least=0, at_most=3600)),
        )
        check("deletion_protection", deletion_protection, optional(boolean))
        check(
            "ip_address_type",
            ip_address_type,
            member_of(elbv2.IpAddressType, *_ADDRESS_TYPES),
        )

        self._resource = elbv2.CfnLoadBalancer(
            self,
            "Resource",
            type=self.load_balancer_type,
            subnets=[subnet.subnet_id for subnet in selected.subnets],
            ip_address_type=_ADDRESS_TYPES[ip_address_type],
            load_balancer_attributes=[
                elbv2.CfnLoadBalancer.LoadBalancerAttributeProperty(
                    key=key, value="true" if value else "false"
                )
                for key, value in {
                    "load_balancing.cross_zone.enabled": cross_zone_enabled,
                    "deletion_protection.enabled": deletion_protection,
                }.items()
                if value is not None
            ],
        )
        suppress_nag_rule(
            self._resource,
            "AwsSolutions-ELB2",
            reason="Gateway Load Balancers have no access logs. VPC flow logs contain the same "
            "information",
        )
        self._ip_address_type = ip_address_type
        self._subnets = selected.subnets
        self._health_check_port = health_check_port(health_check)
        zones = [find_zone(subnet) for subnet in selected.subnets]
        self._availability_zones = [zone for zone in zones if zone] if all(zones) else []
        if ip_address_type is elbv2.IpAddressType.DUAL_STACK:
            argument = Argument("ip_address_type", self)
            add_final_validation(self, lambda: validate_ipv6(argument, self._vpc))
        self._target_group = self._create_target_group(
            health_check,
            deregistration_delay,
            _stickiness_attributes(flow_stickiness) | target_group_attributes(flow_handling),
        )
        attributes = listener_attributes(flow_handling, tcp_idle_timeout)
        self._listener = elbv2.CfnListener(
            self,
            "Listener",
            load_balancer_arn=self._resource.ref,
            default_actions=[
                elbv2.CfnListener.ActionProperty(
                    type="forward", target_group_arn=self._target_group.target_group_arn
                )
            ],
            listener_attributes=[
                elbv2.CfnListener.ListenerAttributeProperty(key=key, value=value)
                for key, value in attributes.items()
            ]
            or None,
        )
        self._add_targets(appliances)
        if flow_stickiness is not FlowStickiness.FIVE_TUPLE:
            add_final_check(self, self._warn_of_appliance_mode)
        add_final_check(self, lambda: warn_of_few_addresses(self, self._subnets))
        add_final_validation(
            self, lambda: validate_registrations(Argument("targets", self), self._cfn_target_group)
        )

    def add_target(self, *targets: Appliance) -> None:
        """Add appliances of the same type as the existing ones.

        :param targets: Instances (``InstanceTarget``, ``InstanceIdTarget``, ``AutoScalingGroup``)
            or IP addresses (``IpTarget``), each as a separate argument.
        :raises PrivateLinkValueError: The targets have another type.
        :raises PrivateLinkTypeError: A value is not a target.
        """
        self._add_targets(self._resolve_targets(targets))

    def allow_to(self, *appliances: Connectable) -> None:
        """Let the load balancer reach appliances, in their security groups.

        The security groups admit GENEVE packets on UDP port 6081, and the port of the health check,
        from the subnets of the load balancer. Instances also need ``source_dest_check=False``,
        because they forward packets of others, and security groups without ``allow_all_outbound``
        need an egress rule for the GENEVE packets that return to the load balancer.

        :param appliances: Instances, Auto Scaling groups, or everything else with security groups,
            each as a separate argument.
        :raises PrivateLinkValueError: A subnet of the load balancer has no known IPv4 CIDR block,
            or a value is an ``ec2.Peer``, which has no security groups.
        :raises PrivateLinkTypeError: A value has no security groups.
        :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html#target-security-groups
        """
        checked = Arguments(self)("appliances", appliances, sequence_of(_connectable))
        require_single_subnets(Argument("allow_to", self), self._subnets)
        argument = Argument("vpc_subnets", self)
        blocks = [ipv4_block_of(argument, subnet) for subnet in self._subnets]
        geneve, health_check = ec2.Port.udp(GENEVE_PORT), _to_tcp_port(self._health_check_port)
        for appliance in checked:
            for block in blocks:
                peer = ec2.Peer.ipv4(block)
                appliance.connections.allow_from(peer, geneve, "GENEVE")
                appliance.connections.allow_from(peer, health_check, "Health check")

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return a metric of the load balancer, from the namespace ``AWS/GatewayELB``.

        :param metric_name: The name of the metric in CloudWatch, like ``"PeakBytesPerSecond"``.
        :param options: See :class:`MetricOptions`. ``dimensions_map`` narrows the metric by
            ``AvailabilityZone``. Default: the average over five minutes.
        :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an
            option.
        :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
        :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/cloudwatch-metrics.html
        """
        return gateway_metric(self, metric_name, None, options)

    def metric_active_flow_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of active flows from clients to appliances.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return gateway_metric(self, "ActiveFlowCount", "Average", options)

    def metric_consumed_lcus(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of load balancer capacity units, for which AWS charges.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return gateway_metric(self, "ConsumedLCUs", "Average", options)

    def metric_healthy_host_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of healthy appliances.

        :param options: See :class:`MetricOptions`. Default: the minimum over five minutes.
        """
        return gateway_metric(self, "HealthyHostCount", "Minimum", options)

    def metric_new_flow_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of new flows from clients to appliances.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return gateway_metric(self, "NewFlowCount", "Sum", options)

    def metric_processed_bytes(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of bytes from and to appliances, without health checks.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return gateway_metric(self, "ProcessedBytes", "Sum", options)

    def metric_rejected_flow_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of flows that the load balancer rejects.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return gateway_metric(self, "RejectedFlowCount", "Sum", options)

    def metric_tcp_elb_reset_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of TCP resets that the load balancer sends.

        It sends resets with ``FlowHandling.RESET`` only.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return gateway_metric(self, "TCP_ELB_Reset_Count", "Sum", options)

    def metric_unhealthy_host_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of unhealthy appliances.

        :param options: See :class:`MetricOptions`. Default: the maximum over five minutes.
        """
        return gateway_metric(self, "UnHealthyHostCount", "Maximum", options)

    def add_unhealthy_host_alarms(
        self,
        id: str,
        *,
        threshold: float = 0,
        availability_zones: Sequence[str] | None = None,
    ) -> list[cloudwatch.Alarm]:
        """Add alarms for unhealthy appliances, one per Availability Zone.

        The state of an alarm is ALARM when more than ``threshold`` appliances of the zone are
        unhealthy for five minutes. Add actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :param threshold: The number of unhealthy appliances that you tolerate in a zone. Default: 0
        :param availability_zones: The names of the Availability Zones of the load balancer.
            Duplicates are removed. Default: the zones of its subnets.
        :returns: The alarms, in the order of the zones.
        :raises PrivateLinkValueError: The threshold is negative, or the zones are unknown.
        :raises PrivateLinkTypeError: The value is not a number, or not a list of names.
        """
        validate_id(id, scope=self)
        check = Arguments(self)
        check("threshold", threshold, _THRESHOLD)
        zones = check("availability_zones", availability_zones, optional(ZONE_NAMES))
        if not (zones or self._availability_zones):
            raise check.argument("availability_zones").value_error(
                "must be passed for subnets that are imported without their zones",
                got=None,
                fix="pass the names of the zones, like `eu-west-1a`",
            )
        if not zones:
            require_single_subnets(check.argument("add_unhealthy_host_alarms"), self._subnets)
        alarms = named_construct(self._alarms, id)
        return add_unhealthy_host_alarms(alarms, self, zones or self._availability_zones, threshold)

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Apply a removal policy to the load balancer, its listener and its target group.

        :param policy: ``RemovalPolicy.RETAIN`` keeps all of them, so that the load balancer still
            sends traffic to the appliances. Default: CloudFormation deletes them.
        :raises PrivateLinkValueError: The policy is ``RemovalPolicy.SNAPSHOT``.
        :raises PrivateLinkTypeError: The value is not a ``RemovalPolicy``.
        """
        Arguments(self)("policy", policy, REMOVAL_POLICY)
        for resource in (self._resource, self._listener, self._cfn_target_group):
            resource.apply_removal_policy(policy)

    @property
    def load_balancer_type(self) -> str:
        """The type of the load balancer: ``"gateway"``."""
        return "gateway"

    @property
    def load_balancer_arn(self) -> str:
        """The ARN of the load balancer."""
        return self._resource.ref

    @property
    def load_balancer_full_name(self) -> str:
        """The name of the load balancer in CloudWatch, like ``gwy/inspection/0123456789abcdef``."""
        return self._resource.attr_load_balancer_full_name

    @property
    def target_group_arn(self) -> str:
        """The ARN of the target group, for the registration of appliances."""
        return self._target_group.target_group_arn

    @property
    def target_group_full_name(self) -> str:
        """The name of the target group in CloudWatch, like ``targetgroup/inspection/01234567``."""
        return self._target_group.target_group_full_name

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC of the load balancer."""
        return self._vpc

    @property
    def availability_zones(self) -> list[str]:
        """The names of the Availability Zones of the load balancer.

        The list is empty if a subnet is imported without its zone.
        """
        return list(self._availability_zones)

    @property
    def ip_address_type(self) -> elbv2.IpAddressType:
        """The IP address types of the packets."""
        return self._ip_address_type

    @cached_property
    def _alarms(self) -> Construct:
        return reserved_construct(self, "UnhealthyHostAlarms")

    @property
    def _cfn_target_group(self) -> elbv2.CfnTargetGroup:
        return cast(elbv2.CfnTargetGroup, self._target_group.node.default_child)

    def _warn_of_appliance_mode(self) -> None:
        """Warn if AWS does not support the stickiness with a transit gateway of the app.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html
        """
        for attachment in find_attachments(self):
            if has_appliance_mode(attachment):
                add_warning(
                    self,
                    "cdk-privatelink:stickinessInApplianceMode",
                    f"The attachment `{attachment.node.path}` of a transit gateway is in appliance "
                    "mode, with which AWS supports `FlowStickiness.FIVE_TUPLE` only. Leave out "
                    "`flow_stickiness`.",
                    variable="gateway",
                    unless="traffic of this transit gateway does not reach the load balancer",
                )
                return

    def _create_target_group(
        self,
        health_check: elbv2.HealthCheck | None,
        deregistration_delay: Duration | None,
        attributes: Mapping[str, str],
    ) -> elbv2.NetworkTargetGroup:
        # The target group of the CDK supports targets and health checks. Only its protocol differs.
        group = elbv2.NetworkTargetGroup(
            self,
            "Targets",
            vpc=self._vpc,
            port=GENEVE_PORT,
            target_type=self._target_type,
            health_check=health_check,
            deregistration_delay=deregistration_delay,
        )
        resource = cast(elbv2.CfnTargetGroup, group.node.default_child)
        resource.protocol = _PROTOCOL
        # An empty group gets a type, too: adding the type later would replace the group, with all
        # targets that are registered otherwise.
        resource.target_type = Lazy.uncached_string(_OrInstance(cast(str, resource.target_type)))
        # Older releases of the CDK look for the acknowledgment on the parents only.
        Annotations.of(self).acknowledge_warning(_EMPTY_GROUP_WARNING)
        for key, value in attributes.items():
            group.set_attribute(key, value)
        return group

    def _add_targets(self, targets: Sequence[elbv2.INetworkLoadBalancerTarget]) -> None:
        for target in targets:
            self._register(target)
            self._targets.append(target)

    def _register(self, target: elbv2.INetworkLoadBalancerTarget) -> None:
        with translate_cdk_errors(
            Argument("targets", self),
            "must have one type",
            got=lambda: f"`{type(target).__name__}`",
            fix="pass either instances or IP addresses",
        ):
            self._target_group.add_target(target)

    def _resolve_targets(self, targets: object) -> list[elbv2.INetworkLoadBalancerTarget]:
        return resolve_targets(
            Argument("targets", self),
            targets,
            existing=self._targets,
            target_type=self._target_type,
        )


def _connectable(argument: Argument, value: object) -> ec2.IConnectable:
    connectable = _CONNECTABLE(argument, value)
    # An `ec2.Peer` has connections without security groups. A security group is a peer, too.
    if hasattr(connectable, "can_inline_rule") and not connectable.connections.security_groups:
        peer = cast(ec2.IPeer, connectable)
        raise argument.value_error(_NO_GROUPS, got=peer.unique_id, fix=_CONNECTABLE_FIX)
    return connectable


def _to_tcp_port(port: int | str) -> ec2.Port:
    # The CDK accepts a string with a token as a number.
    return ec2.Port.tcp(port if isinstance(port, int) else Token.as_number(port))


def _stickiness_attributes(stickiness: FlowStickiness) -> dict[str, str]:
    if stickiness is FlowStickiness.FIVE_TUPLE:
        return {"stickiness.enabled": "false"}
    return {"stickiness.enabled": "true", "stickiness.type": stickiness.value}


@jsii.implements(IStringProducer)
class _OrInstance:
    """The type of the targets at synthesis, or instances without any targets."""

    def __init__(self, target_type: str) -> None:
        self._target_type = target_type

    def produce(self, context: IResolveContext) -> str:
        resolved: str | None = context.resolve(self._target_type)
        return resolved or "instance"
