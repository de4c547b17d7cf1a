"""Appliances as targets of a Gateway Load Balancer.

https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as elbv2_targets

from .._internal.arguments import Argument, cdk_object, sequence_of

if TYPE_CHECKING:
    from aws_cdk import aws_autoscaling as autoscaling

    # The type names classes besides their interface: jsii gives other names to the parameters of
    # the interface, so that type checkers do not accept the classes for it.
    Appliance: TypeAlias = (
        elbv2.INetworkLoadBalancerTarget
        | elbv2_targets.InstanceIdTarget
        | elbv2_targets.IpTarget
        | autoscaling.AutoScalingGroup
    )

GENEVE_PORT = 6081

_FIX = (
    "pass an `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
    "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`"
)
_OBJECT = cdk_object("attach_to_network_target_group", problem="must be an appliance", fix=_FIX)


def resolve_targets(
    argument: Argument,
    targets: object,
    *,
    existing: Sequence[elbv2.INetworkLoadBalancerTarget],
    target_type: elbv2.TargetType | None,
) -> list[elbv2.INetworkLoadBalancerTarget]:
    """Return the appliances.

    :param existing: The appliances that the load balancer has already.
    :param target_type: The type that the appliances must have.
    :raises PrivateLinkTypeError: The value is not a list of appliances.
    :raises PrivateLinkValueError: An appliance is repeated, or has another type.
    """
    resolved: list[elbv2.INetworkLoadBalancerTarget] = []
    for target in sequence_of(_appliance)(argument, targets):
        actual = _type_of(target)
        if actual and target_type and actual is not target_type:
            raise argument.value_error(
                f"must have the type `elbv2.TargetType.{target_type.name}`",
                got=type(target).__name__,
                fix="pass either instances or IP addresses, and the same `target_type`",
            )
        target_type = target_type or actual
        if any(target is each for each in (*existing, *resolved)):
            raise _repeated(argument, type(target).__name__)
        resolved.append(target)
    return resolved


def validate_registrations(argument: Argument, group: elbv2.CfnTargetGroup) -> None:
    """Check the ids, addresses and ports at the end of synthesis.

    Until then, the CDK does not reveal them.

    :raises PrivateLinkValueError: Elastic Load Balancing would reject a target.
    """
    stack = Stack.of(group)
    target_type = stack.resolve(group.target_type)
    seen: set[str] = set()
    for target in stack.resolve(group.targets) or []:
        identity, port = target["id"], target.get("port", GENEVE_PORT)
        # The only port of a target: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
        if isinstance(port, (int, float)) and port != GENEVE_PORT:
            raise argument.value_error(
                f"must have the port {GENEVE_PORT}, the only port of GENEVE",
                got=f"port {port:g} of {identity}",
                fix="leave out the port",
            )
        if target_type == "ip" and isinstance(identity, str) and not _is_address(identity):
            raise argument.value_error(
                "must have valid IP addresses", got=identity, fix="pass an address like `10.0.0.10`"
            )
        key = json.dumps(identity, sort_keys=True)
        if key in seen:
            raise _repeated(argument, identity)
        seen.add(key)


def _appliance(argument: Argument, value: object) -> elbv2.INetworkLoadBalancerTarget:
    target = _OBJECT(argument, value)
    if isinstance(target, (elbv2_targets.AlbArnTarget, elbv2_targets.LambdaTarget)):
        raise argument.value_error(
            "must not be a load balancer or a function", got=type(target).__name__, fix=_FIX
        )
    return cast(elbv2.INetworkLoadBalancerTarget, target)


def _type_of(target: object) -> elbv2.TargetType | None:
    """Return the type of a target, or ``None`` for an implementation outside of the CDK."""
    if isinstance(target, elbv2_targets.IpTarget):
        return elbv2.TargetType.IP
    if isinstance(target, elbv2_targets.InstanceIdTarget) or hasattr(
        target, "auto_scaling_group_arn"
    ):
        return elbv2.TargetType.INSTANCE
    return None


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _repeated(argument: Argument, got: Any) -> Exception:
    return argument.value_error(
        "must not contain an appliance twice", got=got, fix="pass each appliance once"
    )
