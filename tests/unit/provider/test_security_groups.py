"""Security groups of Network Load Balancers: they must admit consumers, or not be enforced."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import LoadBalancers, PrivateLinkTypeError, PrivateLinkValueError
from tests.unit.templates import NETWORK_ARN, make_service, only

PROPERTY = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
MESSAGE = Match.string_like_regexp("No security group of the load balancer `Stack/Nlb` has an")


def make_load_balancer(stack: Stack, *groups: Any, **options: Any) -> elbv2.NetworkLoadBalancer:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
    )
    if "own_group" in options:
        options.pop("own_group")
        groups = (ec2.SecurityGroup(stack, "Group", vpc=vpc),)
    if groups:
        options["security_groups"] = list(groups)
    return elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc, **options)


def has_warning(stack: Stack) -> bool:
    return bool(Annotations.from_stack(stack).find_warning("/Stack/Payments", MESSAGE))


class TestWarning:
    def test_a_load_balancer_without_security_groups_adds_no_warning(self, stack: Stack) -> None:
        # A user may turn on the feature flag that adds a group.
        stack.node.set_context(
            "@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault",
            False,
        )
        make_service(stack, load_balancers=LoadBalancers.network(make_load_balancer(stack)))
        assert not has_warning(stack)

    def test_the_security_group_of_cdk_init_adds_a_warning(self, stack: Stack) -> None:
        stack.node.set_context(
            "@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault",
            True,
        )
        make_service(stack, load_balancers=LoadBalancers.network(make_load_balancer(stack)))
        assert has_warning(stack)

    def test_a_security_group_without_ingress_rule_adds_a_warning(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        assert has_warning(stack)

    def test_the_warning_can_be_acknowledged(self, stack: Stack) -> None:
        from aws_cdk import Annotations as ConstructAnnotations

        nlb = make_load_balancer(stack, own_group=True)
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        ConstructAnnotations.of(service).acknowledge_warning("cdk-privatelink:noIngressRule")
        assert not has_warning(stack)

    def test_a_rule_that_is_added_after_the_service_counts(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        nlb.connections.allow_from(ec2.Peer.ipv4("10.0.0.0/8"), ec2.Port.tcp(443))
        assert not has_warning(stack)

    def test_a_rule_for_another_security_group_counts(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        peer = ec2.SecurityGroup.from_security_group_id(stack, "Peer", "sg-0123456789abcdef0")
        nlb.connections.allow_from(peer, ec2.Port.tcp(443))
        assert not has_warning(stack)

    def test_a_rule_that_is_a_resource_of_the_user_counts(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        (group,) = nlb.connections.security_groups
        ec2.CfnSecurityGroupIngress(
            stack, "Rule", group_id=group.security_group_id, ip_protocol="tcp", cidr_ip="10.0.0.0/8"
        )
        assert not has_warning(stack)

    def test_an_imported_security_group_adds_no_warning(self, stack: Stack) -> None:
        group = ec2.SecurityGroup.from_security_group_id(stack, "Own", "sg-0123456789abcdef0")
        make_service(stack, load_balancers=LoadBalancers.network(make_load_balancer(stack, group)))
        assert not has_warning(stack)

    def test_an_l1_with_a_security_group_of_the_app_adds_a_warning(self, stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-0123456789abcdef0", availability_zones=["eu-west-1a"]
        )
        group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
        resource = elbv2.CfnLoadBalancer(
            stack,
            "Nlb",
            type="network",
            subnets=["subnet-0123456789abcdef0"],
            security_groups=[group.security_group_id],
        )
        make_service(stack, load_balancers=LoadBalancers.network(resource))
        assert has_warning(stack)

    def test_an_l1_with_an_imported_security_group_adds_no_warning(self, stack: Stack) -> None:
        resource = elbv2.CfnLoadBalancer(
            stack,
            "Nlb",
            type="network",
            subnets=["subnet-0123456789abcdef0"],
            security_groups=["sg-0123456789abcdef0"],
        )
        make_service(stack, load_balancers=LoadBalancers.network(resource))
        assert not has_warning(stack)

    def test_a_load_balancer_whose_enforcement_is_off_adds_no_warning(self, stack: Stack) -> None:
        nlb = make_load_balancer(
            stack,
            own_group=True,
            enforce_security_group_inbound_rules_on_private_link_traffic=False,
        )
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        assert not has_warning(stack)


class TestEgress:
    """The security group of ``cdk init`` has no outbound rule either."""

    FLAG = "@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault"

    def make(self, stack: Stack, *, flag: bool = True, enforce: bool = False) -> Any:
        stack.node.set_context(self.FLAG, flag)
        nlb = make_load_balancer(stack)
        balancers = LoadBalancers.network(nlb, enforce_security_groups=enforce)
        make_service(stack, load_balancers=balancers)
        return nlb

    def warnings_of(self, stack: Stack) -> list[str]:
        found = Annotations.from_stack(stack).find_warning("/Stack/Payments", Match.any_value())
        return [f"{each.entry.data}" for each in found if "noEgressRule" in f"{each.entry.data}"]

    @pytest.mark.parametrize("enforce", [True, False])
    def test_a_group_without_egress_rule_adds_a_warning(self, stack: Stack, enforce: bool) -> None:
        self.make(stack, enforce=enforce)
        (message,) = self.warnings_of(stack)
        assert message.startswith(
            "No security group of the load balancer `Stack/Nlb` has an egress rule, so the load "
            "balancer reaches no target. Allow the targets: "
            "`load_balancer.connections.allow_to(...)`. If this is intended, acknowledge"
        )

    @pytest.mark.parametrize("peer", ["address", "group"])
    def test_a_rule_that_is_added_later_counts(self, stack: Stack, peer: str) -> None:
        nlb = self.make(stack)
        group = ec2.SecurityGroup.from_security_group_id(stack, "Peer", "sg-0123456789abcdef0")
        to: Any = ec2.Peer.ipv4("10.0.0.0/16") if peer == "address" else group
        nlb.connections.allow_to(to, ec2.Port.tcp(443))
        assert self.warnings_of(stack) == []

    def test_a_load_balancer_without_groups_adds_no_warning(self, stack: Stack) -> None:
        nlb = self.make(stack, flag=False)
        # Without security groups, the call changes nothing.
        nlb.connections.allow_to(ec2.Peer.ipv4("10.0.0.0/16"), ec2.Port.tcp(443))
        assert self.warnings_of(stack) == []

    def test_a_group_that_allows_all_outbound_traffic_adds_no_warning(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        assert self.warnings_of(stack) == []


class TestEnforcement:
    def test_enforcement_is_not_written_by_default(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(stack, load_balancers=LoadBalancers.network(nlb))
        assert PROPERTY not in only(stack, LOAD_BALANCER)["Properties"]

    def test_enforcement_can_be_switched_off(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        make_service(
            stack, load_balancers=LoadBalancers.network(nlb, enforce_security_groups=False)
        )
        assert only(stack, LOAD_BALANCER)["Properties"][PROPERTY] == "off"
        assert not has_warning(stack)

    def test_enforcement_is_not_written_without_security_groups(self, stack: Stack) -> None:
        resource = elbv2.CfnLoadBalancer(
            stack, "Nlb", type="network", subnets=["subnet-0123456789abcdef0"]
        )
        make_service(
            stack, load_balancers=LoadBalancers.network(resource, enforce_security_groups=False)
        )
        assert PROPERTY not in only(stack, LOAD_BALANCER)["Properties"]

    def test_a_security_group_that_is_added_later_counts(self, stack: Stack) -> None:
        resource = elbv2.CfnLoadBalancer(
            stack, "Nlb", type="network", subnets=["subnet-0123456789abcdef0"]
        )
        make_service(
            stack, load_balancers=LoadBalancers.network(resource, enforce_security_groups=False)
        )
        resource.security_groups = ["sg-0123456789abcdef0"]
        assert only(stack, LOAD_BALANCER)["Properties"][PROPERTY] == "off"

    def test_load_balancers_change_only_with_a_service(self, stack: Stack) -> None:
        nlb = make_load_balancer(stack, own_group=True)
        LoadBalancers.network(nlb, enforce_security_groups=False)
        assert PROPERTY not in only(stack, LOAD_BALANCER)["Properties"]

    def test_an_arn_cannot_be_switched_off(self, stack: Stack) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(
                stack,
                load_balancers=LoadBalancers.network(NETWORK_ARN, enforce_security_groups=False),
            )
        assert str(error.value) == (
            "`enforce_security_groups` must be `True` for load balancers that the app does not "
            f"define, got load balancer `{NETWORK_ARN}`; switch the enforcement off where the load "
            "balancer is defined, and leave it out here  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [None, "off", 0])
    def test_another_type_is_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(
                stack,
                load_balancers=LoadBalancers.network(NETWORK_ARN, enforce_security_groups=wrong),
            )
        assert str(error.value) == (
            f"`enforce_security_groups` must be a bool, got `{wrong!r}`; pass `True` or `False`  "
            "[Stack/Payments]"
        )
