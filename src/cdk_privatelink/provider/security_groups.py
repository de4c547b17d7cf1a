"""Security groups of Network Load Balancers, which EC2 evaluates for traffic from endpoints.

https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
"""

from __future__ import annotations

from typing import Any

import jsii
from aws_cdk import (
    Annotations,
    AspectPriority,
    Aspects,
    IAspect,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct, IConstruct

_WARNING_ID = "cdk-privatelink:noIngressRule"


def stop_enforcement(load_balancer: elbv2.CfnLoadBalancer) -> None:
    """Switch the evaluation off, if the load balancer has security groups after synthesis.

    AWS rejects the property for a load balancer without security groups.
    """
    load_balancer.enforce_security_group_inbound_rules_on_private_link_traffic = (
        Lazy.uncached_string(_OffWithSecurityGroups(load_balancer))
    )


def warn_of_missing_rules(load_balancer: elbv2.CfnLoadBalancer, *, service: Construct) -> None:
    """Add a warning at the end of synthesis if no security group has an ingress rule."""
    Aspects.of(load_balancer).add(
        _IngressRuleWarning(load_balancer, service), priority=AspectPriority.READONLY
    )


@jsii.implements(IStringProducer)
class _OffWithSecurityGroups:
    def __init__(self, load_balancer: elbv2.CfnLoadBalancer) -> None:
        self._load_balancer = load_balancer

    def produce(self, context: IResolveContext) -> str | None:  # noqa: ARG002
        return "off" if _resolve(self._load_balancer, "security_groups") else None


@jsii.implements(IAspect)
class _IngressRuleWarning:
    """An aspect, since rules can be added after the service."""

    def __init__(self, load_balancer: elbv2.CfnLoadBalancer, service: Construct) -> None:
        self._load_balancer = load_balancer
        self._service = service

    def visit(self, node: IConstruct) -> None:  # noqa: ARG002
        if self._is_enforced() and self._admits_no_one():
            Annotations.of(self._service).add_warning_v2(
                _WARNING_ID,
                "No security group of the load balancer "
                f"`{self._load_balancer.node.path.removesuffix('/Resource')}` has an ingress rule, "
                "so the load balancer drops all traffic from consumers. Allow the IP addresses of "
                "the consumers, or pass `enforce_security_groups=False` to `LoadBalancers`. If "
                "this is intended, acknowledge the warning: "
                f'`Annotations.of(service).acknowledge_warning("{_WARNING_ID}")`.',
            )

    def _is_enforced(self) -> bool:
        name = "enforce_security_group_inbound_rules_on_private_link_traffic"
        return bool(_resolve(self._load_balancer, name) in (None, "on"))

    def _admits_no_one(self) -> bool:
        if not _resolve(self._load_balancer, "security_groups"):
            return False
        groups = self._find_groups()
        return bool(groups) and not any(_has_ingress_rule(group) for group in groups)

    def _find_groups(self) -> list[ec2.CfnSecurityGroup]:
        """Return the security groups, or nothing if the app does not define all of them."""
        parent = self._load_balancer.node.scope
        if not isinstance(parent, elbv2.NetworkLoadBalancer):
            # An L1 has ids of security groups, which may be tokens of any kind.
            return []
        groups = [each.node.default_child for each in parent.connections.security_groups]
        known = [each for each in groups if isinstance(each, ec2.CfnSecurityGroup)]
        return known if len(known) == len(groups) else []


def _has_ingress_rule(group: ec2.CfnSecurityGroup) -> bool:
    if _resolve(group, "security_group_ingress"):
        return True
    stack = Stack.of(group)
    group_id = stack.resolve(group.attr_group_id)
    # The rule may be anywhere in the app, depending on its peer and on how the user defines it.
    return any(
        isinstance(each, ec2.CfnSecurityGroupIngress)
        and Stack.of(each).resolve(each.group_id) in (group_id, stack.resolve(group.ref))
        for each in group.node.root.node.find_all()
    )


def _resolve(resource: Any, property_name: str) -> Any:
    return Stack.of(resource).resolve(getattr(resource, property_name))
