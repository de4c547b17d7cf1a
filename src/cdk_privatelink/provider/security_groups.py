"""Security groups of Network Load Balancers, which EC2 evaluates for traffic from endpoints.

https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
"""

from __future__ import annotations

from typing import Any

import jsii
from aws_cdk import IResolveContext, IStringProducer, Lazy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.end_of_synthesis import add_final_check
from .._internal.tokens import referenced_resource
from .._internal.warnings import add_warning

# The address of the only outbound rule of a group with `allow_all_outbound=False`.
_NOWHERE = "255.255.255.255/32"


def stop_enforcement(load_balancer: elbv2.CfnLoadBalancer) -> None:
    """Switch the evaluation off, if the load balancer has security groups after synthesis.

    AWS rejects the property for a load balancer without security groups.
    """
    load_balancer.enforce_security_group_inbound_rules_on_private_link_traffic = (
        Lazy.uncached_string(_OffWithSecurityGroups(load_balancer))
    )


def warn_of_missing_rules(load_balancer: elbv2.CfnLoadBalancer, *, service: Construct) -> None:
    """Add a warning at the end of synthesis if no security group has an ingress rule."""

    def check() -> None:
        if not (_is_enforced(load_balancer) and _admits_no_one(load_balancer)):
            return
        add_warning(
            service,
            "cdk-privatelink:noIngressRule",
            "No security group of the load balancer "
            f"`{load_balancer.node.path.removesuffix('/Resource')}` has an ingress rule, so the "
            "load balancer drops all traffic from consumers. Allow the IP addresses of the "
            "consumers, or pass `enforce_security_groups=False` to `LoadBalancers`.",
            variable="service",
        )

    add_final_check(load_balancer, check)


def warn_of_missing_egress(load_balancer: elbv2.CfnLoadBalancer, *, service: Construct) -> None:
    """Add a warning at the end of synthesis if no security group has an egress rule.

    Health checks need outbound rules, also if the inbound rules are not evaluated.
    """

    def check() -> None:
        groups = _find_groups(load_balancer)
        if not groups or any(_has_egress_rule(group) for group in groups):
            return
        add_warning(
            service,
            "cdk-privatelink:noEgressRule",
            "No security group of the load balancer "
            f"`{load_balancer.node.path.removesuffix('/Resource')}` has an egress rule, so the "
            "load balancer reaches no target. Allow the targets: "
            "`load_balancer.connections.allow_to(...)`.",
            variable="service",
        )

    add_final_check(load_balancer, check)


@jsii.implements(IStringProducer)
class _OffWithSecurityGroups:
    def __init__(self, load_balancer: elbv2.CfnLoadBalancer) -> None:
        self._load_balancer = load_balancer

    def produce(self, context: IResolveContext) -> str | None:  # noqa: ARG002
        return "off" if _resolve(self._load_balancer, "security_groups") else None


def _is_enforced(load_balancer: elbv2.CfnLoadBalancer) -> bool:
    name = "enforce_security_group_inbound_rules_on_private_link_traffic"
    return bool(_resolve(load_balancer, name) in (None, "on"))


def _admits_no_one(load_balancer: elbv2.CfnLoadBalancer) -> bool:
    if not _resolve(load_balancer, "security_groups"):
        return False
    groups = _find_groups(load_balancer)
    return bool(groups) and not any(_has_ingress_rule(group) for group in groups)


def _find_groups(load_balancer: elbv2.CfnLoadBalancer) -> list[ec2.CfnSecurityGroup]:
    """Return the security groups, or nothing if the app does not define all of them."""
    parent = load_balancer.node.scope
    if isinstance(parent, elbv2.NetworkLoadBalancer):
        groups = [each.node.default_child for each in parent.connections.security_groups]
    else:
        # An L1 has ids of security groups, mostly tokens of groups in the app.
        groups = [referenced_resource(each) for each in load_balancer.security_groups or []]
    known = [each for each in groups if isinstance(each, ec2.CfnSecurityGroup)]
    return known if len(known) == len(groups) else []


def _has_ingress_rule(group: ec2.CfnSecurityGroup) -> bool:
    return bool(_resolve(group, "security_group_ingress")) or _has_separate_rule(
        group, ec2.CfnSecurityGroupIngress
    )


def _has_egress_rule(group: ec2.CfnSecurityGroup) -> bool:
    rules = _resolve(group, "security_group_egress")
    # Without the property, EC2 allows everything. The CDK has a rule that allows nothing.
    allows_more = rules is None or any(rule.get("cidrIp") != _NOWHERE for rule in rules)
    return allows_more or _has_separate_rule(group, ec2.CfnSecurityGroupEgress)


def _has_separate_rule(
    group: ec2.CfnSecurityGroup,
    rule_type: type[ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress],
) -> bool:
    """Return whether a rule that is its own resource belongs to the group.

    The rule may be anywhere in the app, depending on its peer and on how the user defines it.
    """
    stack = Stack.of(group)
    ids = (stack.resolve(group.attr_group_id), stack.resolve(group.ref))
    return any(
        isinstance(each, rule_type) and Stack.of(each).resolve(each.group_id) in ids
        for each in group.node.root.node.find_all()
    )


def _resolve(resource: Any, property_name: str) -> Any:
    return Stack.of(resource).resolve(getattr(resource, property_name))
