"""Gateway Load Balancers, which send traffic through appliances; the CDK itself has only an L1."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, cast

import jsii
from aws_cdk import Annotations, Duration, IResolveContext, IStringProducer, Lazy, Resource
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets_
from constructs import Construct

from .._internal.arguments import check_bool, check_kind, checked_resources
from .._internal.cdk_nag import justify
from .._internal.scopes import new_construct, told_as_ours
from .._internal.subnets import check_one_per_zone, checked_vpc, select
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .health_check import check_health_check

if TYPE_CHECKING:
    from aws_cdk import aws_autoscaling as autoscaling

    # Classes are named beside their interface, since their arguments have other names in Python,
    # which type checkers hold against them.
    Appliance: TypeAlias = (
        elbv2.INetworkLoadBalancerTarget
        | targets_.InstanceIdTarget
        | targets_.IpTarget
        | autoscaling.AutoScalingGroup
    )

# The one protocol and port that Gateway Load Balancers speak with their targets.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html
_PROTOCOL, _PORT = "GENEVE", 6081
_LONGEST_DELAY_SECONDS = 3600
_EMPTY_GROUP = "@aws-cdk/aws-elbv2:targetGroupSpecifyTargetTypeForEmptyTargetGroup"
_FIX = (
    "pass `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
    "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`"
)


class FlowStickiness(Enum):
    """What keeps packets together, so that they go through the same appliance.

    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html#flow-stickiness
    """

    TWO_TUPLE = "source_ip_dest_ip"
    """Source and destination address: all that two hosts say to each other."""

    THREE_TUPLE = "source_ip_dest_ip_proto"
    """Source and destination address, and the protocol."""

    FIVE_TUPLE = "none"
    """Addresses, ports and protocol: a single connection."""


class GatewayLoadBalancer(Resource):
    """A Gateway Load Balancer with its listener and the appliances that it sends traffic through.

    ::

        gateway = GatewayLoadBalancer(self, "Gateway", vpc=vpc, targets=[appliances])
        PrivateLinkEndpointService(
            self, "Inspection", load_balancers=LoadBalancers.gateway(gateway)
        )

    Appliances have to let the GENEVE packets in, on UDP port 6081, and what checks their health.

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
        """Make a Gateway Load Balancer.

        :param scope: The stack, or a construct in it, that this load balancer belongs to.
        :param id: The name of this construct within ``scope``.
        :param vpc: The VPC that the load balancer and its appliances are in.
        :param vpc_subnets: The subnets of the load balancer, at most one for each zone.
            Default: a private one of each zone of the VPC.
        :param targets: The appliances, all of one kind: instances (``InstanceTarget``,
            ``InstanceIdTarget`` or an ``AutoScalingGroup``) or addresses (``IpTarget``).
            Default: none, until :meth:`add_target` is called or something else registers them.
        :param target_type: ``elbv2.TargetType.INSTANCE`` or ``.IP``, where something else registers
            the appliances. Default: that of the targets, and instances if there are none.
        :param health_check: How to tell whether an appliance works, by TCP, HTTP or HTTPS.
            Default: that it answers on TCP port 80, which is the default of AWS.
        :param cross_zone_enabled: Whether appliances of all zones take the traffic of each.
            Otherwise a zone without a healthy appliance loses its traffic. AWS charges for what
            crosses zones. Default: ``False``
        :param flow_stickiness: What goes through the same appliance.
            Default: ``FlowStickiness.FIVE_TUPLE``, a single connection.
        :param deregistration_delay: How long an appliance that goes still keeps its connections.
            Default: the five minutes of AWS.
        :param ip_address_type: Whether packets of IPv6 are taken besides those of IPv4
            (``elbv2.IpAddressType.DUAL_STACK``). Default: IPv4 alone.
        :raises PrivateLinkValueError: What Elastic Load Balancing would refuse, or a place in the
            tree that the CDK refuses.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
        """
        with new_construct(scope, id):
            super().__init__(scope, id)
        # Everything is checked before any resource is made, so that an error leaves nothing behind.
        own_vpc = checked_vpc(vpc, scope=self)
        subnets = select(
            own_vpc,
            vpc_subnets,
            argument="vpc_subnets",
            scope=self,
            one_per_zone=vpc_subnets is None,
        )
        check_one_per_zone(subnets, argument="vpc_subnets", consumer=self, scope=self)
        _check_target_type(target_type, scope=self)
        appliances = _checked_targets([] if targets is None else targets, target_type, scope=self)
        check_health_check(health_check, scope=self)
        check_bool("cross_zone_enabled", cross_zone_enabled, scope=self)
        check_kind(
            "flow_stickiness",
            flow_stickiness,
            FlowStickiness,
            takes="a `FlowStickiness`",
            fix="pass one like `FlowStickiness.TWO_TUPLE`",
            scope=self,
        )
        _check_deregistration_delay(deregistration_delay, scope=self)
        address_type = _checked_ip_address_type(ip_address_type, scope=self)

        self._resource = elbv2.CfnLoadBalancer(
            self,
            "Resource",
            type=self.load_balancer_type,
            subnets=[subnet.subnet_id for subnet in subnets.subnets],
            ip_address_type=address_type,
            load_balancer_attributes=[
                elbv2.CfnLoadBalancer.LoadBalancerAttributeProperty(
                    key="load_balancing.cross_zone.enabled",
                    value="true" if cross_zone_enabled else "false",
                )
            ],
        )
        justify(
            self._resource,
            "AwsSolutions-ELB2",
            reason="Gateway Load Balancers have no access logs; flow logs of the VPC tell the same",
        )
        self._vpc = own_vpc
        self._ip_address_type = ip_address_type
        self._availability_zones = [subnet.availability_zone for subnet in subnets.subnets]
        self._target_type = target_type
        self._targets = self._make_target_group(health_check, deregistration_delay, flow_stickiness)
        elbv2.CfnListener(
            self,
            "Listener",
            load_balancer_arn=self._resource.ref,
            default_actions=[
                elbv2.CfnListener.ActionProperty(
                    type="forward", target_group_arn=self._targets.target_group_arn
                )
            ],
        )
        self._add(appliances)

    def add_target(self, *targets: Appliance) -> None:
        """Add appliances, of the kind that there is already.

        :param targets: Instances (``InstanceTarget``, ``InstanceIdTarget``, ``AutoScalingGroup``)
            or addresses (``IpTarget``), each as an argument of its own.
        :raises PrivateLinkValueError: Targets of another kind.
        :raises PrivateLinkTypeError: Something that is no target.
        """
        self._add(_checked_targets(targets, self._target_type, scope=self))

    @property
    def load_balancer_type(self) -> str:
        """``"gateway"``, which tells it from other load balancers."""
        return "gateway"

    @property
    def load_balancer_arn(self) -> str:
        """The ARN of the load balancer."""
        return self._resource.ref

    @property
    def load_balancer_full_name(self) -> str:
        """What CloudWatch calls the load balancer, like ``gwy/inspection/0123456789abcdef``."""
        return self._resource.attr_load_balancer_full_name

    @property
    def target_group_arn(self) -> str:
        """The ARN of the target group, to register appliances with."""
        return self._targets.target_group_arn

    @property
    def target_group_full_name(self) -> str:
        """What CloudWatch calls the target group, like ``targetgroup/inspection/0123456789``."""
        return self._targets.target_group_full_name

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC of the load balancer."""
        return self._vpc

    @property
    def availability_zones(self) -> list[str]:
        """The names of the zones that the load balancer is in."""
        return list(self._availability_zones)

    @property
    def ip_address_type(self) -> elbv2.IpAddressType:
        """Whether packets of IPv6 are taken besides those of IPv4."""
        return self._ip_address_type

    def _make_target_group(
        self,
        health_check: elbv2.HealthCheck | None,
        deregistration_delay: Duration | None,
        stickiness: FlowStickiness,
    ) -> elbv2.NetworkTargetGroup:
        # The CDK's own group knows how to take targets and checks of their health. What it does not
        # know is the protocol.
        group = elbv2.NetworkTargetGroup(
            self,
            "Targets",
            vpc=self._vpc,
            port=_PORT,
            target_type=self._target_type,
            health_check=health_check,
            deregistration_delay=deregistration_delay,
        )
        resource = cast(elbv2.CfnTargetGroup, group.node.default_child)
        resource.protocol = _PROTOCOL
        # Said even of an empty group: to say it later would replace the group, and what others have
        # registered with it.
        resource.target_type = Lazy.uncached_string(_OrInstance(cast(str, resource.target_type)))
        # Of this construct: older releases look for it on what is around a construct alone.
        Annotations.of(self).acknowledge_warning(_EMPTY_GROUP)
        sticky = stickiness is not FlowStickiness.FIVE_TUPLE
        group.set_attribute("stickiness.enabled", "true" if sticky else "false")
        if sticky:
            group.set_attribute("stickiness.type", stickiness.value)
        return group

    def _add(self, targets: Sequence[object]) -> None:
        fix = "pass targets of one kind"
        for target in targets:
            with told_as_ours("targets", fix=fix, scope=self):
                self._targets.add_target(cast(elbv2.INetworkLoadBalancerTarget, target))


@jsii.implements(IStringProducer)
class _OrInstance:
    """The type of the targets, once all of them are known, and that of instances without any."""

    def __init__(self, target_type: str) -> None:
        self._target_type = target_type

    def produce(self, context: IResolveContext) -> str:
        known: str | None = context.resolve(self._target_type)
        return known or "instance"


def _checked_targets(
    targets: object, declared: elbv2.TargetType | None, *, scope: Construct
) -> list[object]:
    checked = checked_resources(
        "targets",
        targets,
        "attach_to_network_target_group",
        takes="appliances",
        fix=_FIX,
        scope=scope,
    )
    known = declared
    for target in checked:
        if isinstance(target, (targets_.AlbArnTarget, targets_.LambdaTarget)):
            raise PrivateLinkValueError(
                "targets",
                "has a load balancer or function, which is no appliance",
                got=f"`{type(target).__name__}`",
                fix=_FIX,
                scope=scope,
            )
        kind = _kind_of(target)
        if kind is not None and known is not None and kind is not known:
            raise PrivateLinkValueError(
                "targets",
                "has targets of two kinds",
                got=f"`{type(target).__name__}` where `elbv2.TargetType.{known.name}` is meant",
                fix="pass either instances or addresses, and `target_type` of that kind",
                scope=scope,
            )
        known = known or kind
    return checked


def _kind_of(target: object) -> elbv2.TargetType | None:
    """Tell the kind of a target, unless it is one that somebody else has implemented."""
    if isinstance(target, targets_.IpTarget):
        return elbv2.TargetType.IP
    if isinstance(target, targets_.InstanceIdTarget) or hasattr(target, "auto_scaling_group_arn"):
        return elbv2.TargetType.INSTANCE
    return None


def _check_target_type(target_type: object, *, scope: Construct) -> None:
    allowed = (None, elbv2.TargetType.INSTANCE, elbv2.TargetType.IP)
    if target_type in allowed:
        return
    error = (
        PrivateLinkValueError if isinstance(target_type, elbv2.TargetType) else PrivateLinkTypeError
    )
    raise error(
        "target_type",
        "takes `elbv2.TargetType.INSTANCE` or `.IP`",
        got=f"`{target_type!r}`",
        fix="pass one of these, or leave it out",
        scope=scope,
    )


def _check_deregistration_delay(delay: object, *, scope: Construct) -> None:
    if delay is None:
        return
    argument, fix = "deregistration_delay", "pass a `Duration` of whole seconds, at most an hour"
    check_kind(argument, delay, Duration, takes="a `Duration`", fix=fix, scope=scope)
    delay = cast(Duration, delay)
    if delay.is_unresolved():
        return
    seconds = delay.to_seconds(integral=False)
    if seconds > _LONGEST_DELAY_SECONDS or seconds % 1:
        raise PrivateLinkValueError(
            argument,
            "has a fraction of a second" if seconds % 1 else "is longer than an hour",
            got=f"`{delay.to_human_string()}`",
            fix=fix,
            scope=scope,
        )


def _checked_ip_address_type(address_type: object, *, scope: Construct) -> str:
    argument = "ip_address_type"
    fix = "pass `elbv2.IpAddressType.IPV4` or `.DUAL_STACK`"
    takes = "an `elbv2.IpAddressType`"
    check_kind(argument, address_type, elbv2.IpAddressType, takes=takes, fix=fix, scope=scope)
    names = {elbv2.IpAddressType.IPV4: "ipv4", elbv2.IpAddressType.DUAL_STACK: "dualstack"}
    known = names.get(cast(elbv2.IpAddressType, address_type))
    if known is None:
        raise PrivateLinkValueError(
            argument,
            "is none that Gateway Load Balancers have",
            got=f"`{address_type}`",
            fix=fix,
            scope=scope,
        )
    return known
