"""Gateway Load Balancers, for which the CDK has an L1 only."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, cast

import jsii
from aws_cdk import (
    Annotations,
    Duration,
    IResolveContext,
    IStringProducer,
    Lazy,
    RemovalPolicy,
    Resource,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.arguments import (
    REMOVAL_POLICY,
    Argument,
    Arguments,
    boolean,
    member_of,
    optional,
    seconds,
)
from .._internal.cdk_nag import suppress_nag_rule
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import checked_construction, translate_cdk_errors
from .._internal.subnets import (
    VPC,
    find_zone,
    select_subnets,
    validate_ipv6,
    validate_one_per_zone,
)
from .health_check import validate_health_check
from .targets import GENEVE_PORT, resolve_targets, validate_registrations

if TYPE_CHECKING:
    from .targets import Appliance

# The only protocol between a Gateway Load Balancer and its targets.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html
_PROTOCOL = "GENEVE"
_EMPTY_GROUP_WARNING = "@aws-cdk/aws-elbv2:targetGroupSpecifyTargetTypeForEmptyTargetGroup"
_TARGET_TYPE = member_of(elbv2.TargetType, elbv2.TargetType.INSTANCE, elbv2.TargetType.IP)
_ADDRESS_TYPES = {
    elbv2.IpAddressType.IPV4: "ipv4",
    elbv2.IpAddressType.DUAL_STACK: "dualstack",
}


class FlowStickiness(Enum):
    """The packets that go to the same appliance.

    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html#flow-stickiness
    """

    TWO_TUPLE = "source_ip_dest_ip"
    """All packets between a source and a destination address."""

    THREE_TUPLE = "source_ip_dest_ip_proto"
    """All packets between a source and a destination address with one protocol."""

    FIVE_TUPLE = "none"
    """The packets of one connection: the same addresses, ports and protocol."""


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
        deregistration_delay: Duration | None = None,
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
        :param deregistration_delay: The time until a deregistered appliance is unused, at most one
            hour. Existing connections do not move to other appliances: they go on until they are
            idle. Default: five minutes, the default of AWS.
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
        check(
            "deregistration_delay",
            deregistration_delay,
            optional(seconds(at_least=0, at_most=3600)),
        )
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
                    key="load_balancing.cross_zone.enabled",
                    value="true" if cross_zone_enabled else "false",
                )
            ],
        )
        suppress_nag_rule(
            self._resource,
            "AwsSolutions-ELB2",
            reason="Gateway Load Balancers have no access logs. VPC flow logs contain the same "
            "information",
        )
        self._ip_address_type = ip_address_type
        zones = [find_zone(subnet) for subnet in selected.subnets]
        self._availability_zones = [zone for zone in zones if zone] if all(zones) else []
        if ip_address_type is elbv2.IpAddressType.DUAL_STACK:
            argument = Argument("ip_address_type", self)
            add_final_validation(self, lambda: validate_ipv6(argument, self._vpc))
        self._target_group = self._create_target_group(
            health_check, deregistration_delay, flow_stickiness
        )
        self._listener = elbv2.CfnListener(
            self,
            "Listener",
            load_balancer_arn=self._resource.ref,
            default_actions=[
                elbv2.CfnListener.ActionProperty(
                    type="forward", target_group_arn=self._target_group.target_group_arn
                )
            ],
        )
        self._add_targets(appliances)
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

    @property
    def _cfn_target_group(self) -> elbv2.CfnTargetGroup:
        return cast(elbv2.CfnTargetGroup, self._target_group.node.default_child)

    def _create_target_group(
        self,
        health_check: elbv2.HealthCheck | None,
        deregistration_delay: Duration | None,
        stickiness: FlowStickiness,
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
        is_sticky = stickiness is not FlowStickiness.FIVE_TUPLE
        group.set_attribute("stickiness.enabled", "true" if is_sticky else "false")
        if is_sticky:
            group.set_attribute("stickiness.type", stickiness.value)
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


@jsii.implements(IStringProducer)
class _OrInstance:
    """The type of the targets at synthesis, or instances without any targets."""

    def __init__(self, target_type: str) -> None:
        self._target_type = target_type

    def produce(self, context: IResolveContext) -> str:
        resolved: str | None = context.resolve(self._target_type)
        return resolved or "instance"
