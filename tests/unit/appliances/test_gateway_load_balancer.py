"""Gateway Load Balancers, their targets and their services."""

from __future__ import annotations

from typing import Any, cast

import jsii
import pytest
from aws_cdk import App, CfnParameter, Duration, Fn, RemovalPolicy, Stack, Tags, Token
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match, Template
from constructs import Construct

from cdk_privatelink import (
    FlowStickiness,
    GatewayLoadBalancer,
    LoadBalancers,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import catch_error, existing_vpc, group, ids, resolve_reference, vpc_of
from tests.unit.templates import EMPTY, SERVICE, make_service, only, resources_of, template_of

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
INSTANCE, ADDRESS = targets.InstanceIdTarget("i-0123456789abcdef0"), targets.IpTarget("10.0.0.1")
FIX = (
    "pass an `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
    "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`"
)
IPV4, DUAL_STACK = elbv2.IpAddressType.IPV4, elbv2.IpAddressType.DUAL_STACK


def create_gateway(stack: Stack, id: str = "Gateway", **options: Any) -> GatewayLoadBalancer:
    """Create a Gateway Load Balancer. Default: in an imported VPC."""
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack, f"{id}Vpc")
    return GatewayLoadBalancer(stack, id, **options)


def get_error(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return catch_error(stack, error_type, lambda: create_gateway(stack, **options))


def attributes(stack: Stack) -> dict[str, Any]:
    """Return the attributes of the target group."""
    found = only(stack, TARGETS)["Properties"]["TargetGroupAttributes"]
    return {each["Key"]: each["Value"] for each in found}


@jsii.implements(elbv2.INetworkLoadBalancerTarget)
class Appliance:
    """A target class of a user that registers appliances."""

    def __init__(self, kind: elbv2.TargetType, id: str) -> None:
        self._kind = kind
        self._id = id

    def attach_to_network_target_group(
        self, _target_group: elbv2.INetworkTargetGroup
    ) -> elbv2.LoadBalancerTargetProps:
        return elbv2.LoadBalancerTargetProps(target_type=self._kind, target_json={"id": self._id})


class TestResources:
    def test_a_load_balancer_has_a_target_group_and_a_listener_by_default(
        self, stack: Stack
    ) -> None:
        create_gateway(stack)
        load_balancer = only(stack, LOAD_BALANCER)
        assert load_balancer["Properties"] == {
            "Type": "gateway",
            "IpAddressType": "ipv4",
            "Subnets": ids("subnet", 1, 2),
            "LoadBalancerAttributes": [
                {"Key": "load_balancing.cross_zone.enabled", "Value": "false"}
            ],
        }
        # Without health check properties, the defaults of AWS apply.
        assert only(stack, TARGETS)["Properties"] == {
            "Protocol": "GENEVE",
            "Port": 6081,
            "TargetType": "instance",
            "VpcId": "vpc-0123456789abcdef0",
            "TargetGroupAttributes": [{"Key": "stickiness.enabled", "Value": "false"}],
        }
        # A listener of Gateway Load Balancers has neither a port nor a protocol.
        ((target_group, _),) = resources_of(stack, TARGETS).items()
        ((arn, _),) = resources_of(stack, LOAD_BALANCER).items()
        assert only(stack, LISTENER)["Properties"] == {
            "LoadBalancerArn": {"Ref": arn},
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": target_group}}],
        }
        assert len(template_of(stack)["Resources"]) == 3

    def test_a_load_balancer_can_be_in_selected_subnets(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Appliance=ec2.SubnetType.PRIVATE_ISOLATED, Web=ec2.SubnetType.PUBLIC)
        create_gateway(stack, vpc=vpc, vpc_subnets=group("Appliance"))
        subnets = only(stack, LOAD_BALANCER)["Properties"]["Subnets"]
        assert resolve_reference(subnets) == [
            "VpcApplianceSubnet1Subnet",
            "VpcApplianceSubnet2Subnet",
        ]

    def test_a_load_balancer_is_in_one_private_subnet_per_zone_by_default(
        self, stack: Stack
    ) -> None:
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        construct = create_gateway(stack, vpc=vpc)
        assert only(stack, LOAD_BALANCER)["Properties"]["Subnets"] == ids("subnet", 1, 2)
        assert construct.availability_zones == zones[:2]

    def test_cross_zone_load_balancing_can_be_enabled(self, stack: Stack) -> None:
        create_gateway(stack, cross_zone_enabled=True)
        (attribute,) = only(stack, LOAD_BALANCER)["Properties"]["LoadBalancerAttributes"]
        assert attribute == {"Key": "load_balancing.cross_zone.enabled", "Value": "true"}

    @pytest.mark.parametrize(("kind", "name"), [(IPV4, "ipv4"), (DUAL_STACK, "dualstack")])
    def test_the_ip_address_type_is_in_the_template(
        self, stack: Stack, kind: elbv2.IpAddressType, name: str
    ) -> None:
        assert create_gateway(stack, ip_address_type=kind).ip_address_type is kind
        assert only(stack, LOAD_BALANCER)["Properties"]["IpAddressType"] == name

    @pytest.mark.parametrize(
        ("stickiness", "expected"),
        [
            (FlowStickiness.FIVE_TUPLE, {"stickiness.enabled": "false"}),
            (
                FlowStickiness.THREE_TUPLE,
                {"stickiness.enabled": "true", "stickiness.type": "source_ip_dest_ip_proto"},
            ),
            (
                FlowStickiness.TWO_TUPLE,
                {"stickiness.enabled": "true", "stickiness.type": "source_ip_dest_ip"},
            ),
        ],
    )
    def test_flow_stickiness_is_in_the_target_group_attributes(
        self, stack: Stack, stickiness: FlowStickiness, expected: dict[str, str]
    ) -> None:
        create_gateway(stack, flow_stickiness=stickiness)
        assert attributes(stack) == expected

    @pytest.mark.parametrize("seconds", [0, 1, 3600])
    def test_the_deregistration_delay_is_in_the_target_group_attributes(
        self, stack: Stack, seconds: int
    ) -> None:
        create_gateway(stack, deregistration_delay=Duration.seconds(seconds))
        assert attributes(stack)["deregistration_delay.timeout_seconds"] == f"{seconds}"

    def test_the_deregistration_delay_can_be_a_token(self, stack: Stack) -> None:
        seconds = CfnParameter(stack, "Delay", type="Number").value_as_number
        create_gateway(stack, deregistration_delay=Duration.seconds(seconds))
        assert attributes(stack)["deregistration_delay.timeout_seconds"] == {"Ref": "Delay"}

    def test_the_health_check_is_in_the_target_group(self, stack: Stack) -> None:
        check = elbv2.HealthCheck(
            protocol=elbv2.Protocol.HTTP,
            port="8080",
            path="/health",
            interval=Duration.seconds(10),
            timeout=Duration.seconds(5),
            healthy_threshold_count=3,
            unhealthy_threshold_count=2,
        )
        create_gateway(stack, health_check=check)
        properties = only(stack, TARGETS)["Properties"]
        assert {key: value for key, value in properties.items() if "ealth" in key} == {
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "8080",
            "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 3,
            "UnhealthyThresholdCount": 2,
        }

    def test_a_load_balancer_returns_its_type_vpc_zones_names_and_arns(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        construct = create_gateway(stack, vpc=vpc)
        assert construct.load_balancer_type == "gateway"
        assert construct.vpc is vpc
        assert construct.availability_zones == ["eu-west-1a", "eu-west-1b"]
        names = [construct.load_balancer_full_name, construct.target_group_full_name]
        assert resolve_reference(stack.resolve(names)) == [
            ["Gateway", "LoadBalancerFullName"],
            ["GatewayTargets", "TargetGroupFullName"],
        ]
        assert resolve_reference(
            stack.resolve([construct.load_balancer_arn, construct.target_group_arn])
        ) == [
            "Gateway",
            "GatewayTargets",
        ]

    def test_the_returned_list_of_zones_is_a_copy(self, stack: Stack) -> None:
        construct = create_gateway(stack)
        construct.availability_zones.append("eu-west-1c")
        assert construct.availability_zones == ["eu-west-1a", "eu-west-1b"]

    def test_tags_and_removal_policies_apply_to_a_load_balancer(self, stack: Stack) -> None:
        construct = create_gateway(stack)
        Tags.of(construct).add("team", "security")
        construct.apply_removal_policy(RemovalPolicy.RETAIN)
        # A load balancer without its listener and target group drops all traffic.
        for kind in (LOAD_BALANCER, LISTENER, TARGETS):
            assert only(stack, kind)["DeletionPolicy"] == "Retain"
        tags = [{"Key": "team", "Value": "security"}]
        for kind in (LOAD_BALANCER, TARGETS):
            assert only(stack, kind)["Properties"]["Tags"] == tags


class TestTargets:
    def target_type_and_targets(self, stack: Stack) -> tuple[Any, Any]:
        properties = only(stack, TARGETS)["Properties"]
        return properties.get("TargetType"), properties.get("Targets")

    @pytest.mark.parametrize("add_later", [False, True])
    @pytest.mark.parametrize(
        ("target", "kind", "id"),
        [
            (INSTANCE, "instance", "i-0123456789abcdef0"),
            (ADDRESS, "ip", "10.0.0.1"),
            (Appliance(elbv2.TargetType.IP, "10.0.0.2"), "ip", "10.0.0.2"),
        ],
    )
    def test_a_target_can_be_an_instance_an_ip_address_or_a_custom_class(
        self, stack: Stack, target: Any, kind: str, id: str, add_later: bool
    ) -> None:
        if add_later:
            create_gateway(stack).add_target(target)
        else:
            create_gateway(stack, targets=[target])
        found, (registered,) = self.target_type_and_targets(stack)
        assert (found, next(iter(registered.values()))) == (kind, id)

    def test_a_target_can_be_an_instance_defined_in_the_app(self, stack: Stack) -> None:
        vpc = vpc_of(stack)
        instance = ec2.Instance(
            stack,
            "Appliance",
            vpc=vpc,
            instance_type=ec2.InstanceType("c7i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
        )
        create_gateway(stack, vpc=vpc, targets=[targets.InstanceTarget(instance)])
        kind, (registered,) = self.target_type_and_targets(stack)
        assert (kind, resolve_reference(registered)) == ("instance", "Appliance")

    def test_a_target_can_be_an_auto_scaling_group(self, stack: Stack) -> None:
        vpc = vpc_of(stack)
        appliances = autoscaling.AutoScalingGroup(
            stack,
            "Appliances",
            vpc=vpc,
            launch_template=ec2.LaunchTemplate(
                stack,
                "Appliance",
                instance_type=ec2.InstanceType("c7i.large"),
                machine_image=ec2.MachineImage.latest_amazon_linux2023(),
                security_group=ec2.SecurityGroup(stack, "Firewall", vpc=vpc),
            ),
        )
        create_gateway(stack, vpc=vpc, targets=[appliances])
        # THEN instances register themselves
        assert self.target_type_and_targets(stack) == ("instance", None)
        group_of = only(stack, "AWS::AutoScaling::AutoScalingGroup")["Properties"]
        assert resolve_reference(group_of["TargetGroupARNs"]) == ["GatewayTargets"]

    def test_several_targets_are_registered_in_order(self, stack: Stack) -> None:
        construct = create_gateway(stack, targets=(targets.IpTarget(f"10.0.0.{n}") for n in (1, 2)))
        construct.add_target(targets.IpTarget("10.0.0.3"), targets.IpTarget("10.0.0.4"))
        construct.add_target()
        _, registered = self.target_type_and_targets(stack)
        assert [each["Id"] for each in registered] == [f"10.0.0.{n}" for n in (1, 2, 3, 4)]

    @pytest.mark.parametrize("kind", [elbv2.TargetType.INSTANCE, elbv2.TargetType.IP])
    def test_a_target_type_can_be_set_without_targets(
        self, stack: Stack, kind: elbv2.TargetType
    ) -> None:
        create_gateway(stack, target_type=kind)
        assert self.target_type_and_targets(stack) == (kind.name.lower(), None)

    @pytest.mark.parametrize(
        ("elements", "kind", "wrong", "expected"),
        [
            ([INSTANCE, ADDRESS], None, "IpTarget", "INSTANCE"),
            ([ADDRESS, INSTANCE], None, "InstanceIdTarget", "IP"),
            ([ADDRESS], elbv2.TargetType.INSTANCE, "IpTarget", "INSTANCE"),
            ([INSTANCE], elbv2.TargetType.IP, "InstanceIdTarget", "IP"),
        ],
    )
    def test_targets_of_two_types_are_rejected(
        self,
        stack: Stack,
        elements: list[Any],
        kind: elbv2.TargetType | None,
        wrong: str,
        expected: str,
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, targets=elements, target_type=kind) == (
            f"`targets` must have the type `elbv2.TargetType.{expected}`, got `{wrong}`; pass "
            "either instances or IP addresses, and the same `target_type`  [Stack/Gateway]"
        )

    def test_a_later_target_of_another_type_is_rejected(self, stack: Stack) -> None:
        construct = create_gateway(stack, targets=[INSTANCE])
        message = catch_error(stack, PrivateLinkValueError, lambda: construct.add_target(ADDRESS))
        assert message.startswith("`targets` must have one type (")
        assert "'instance', adding 'ip'" in message
        assert message.endswith(
            "), got `IpTarget`; pass either instances or IP addresses  [Stack/Gateway]"
        )
        assert self.target_type_and_targets(stack) == ("instance", [{"Id": "i-0123456789abcdef0"}])

    def test_a_later_target_of_another_type_than_the_target_type_is_rejected(
        self, stack: Stack
    ) -> None:
        construct = create_gateway(stack, target_type=elbv2.TargetType.IP)
        assert catch_error(
            stack, PrivateLinkValueError, lambda: construct.add_target(INSTANCE)
        ) == (
            "`targets` must have the type `elbv2.TargetType.IP`, got `InstanceIdTarget`; "
            "pass either instances or IP addresses, and the same `target_type`  "
            "[Stack/Gateway]"
        )

    def test_a_target_that_is_a_load_balancer_is_rejected(self, stack: Stack) -> None:
        arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/0123456789"
        assert get_error(stack, PrivateLinkValueError, targets=[targets.AlbArnTarget(arn, 80)]) == (
            "`targets[0]` must not be a load balancer or a function, got `AlbArnTarget`; "
            "pass an `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
            "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`  "
            "[Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        "wrong",
        ["10.0.0.1", None, targets.IpTarget],
    )
    def test_an_element_that_is_not_an_appliance_is_rejected(
        self, stack: Stack, wrong: Any
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, targets=[wrong]) == (
            f"`targets[0]` must be an appliance, got `{wrong!r}`; {FIX}  [Stack/Gateway]"
        )

    @pytest.mark.parametrize("wrong", ["10.0.0.1", 1, INSTANCE])
    def test_targets_that_are_not_a_list_are_rejected(self, stack: Stack, wrong: Any) -> None:
        assert get_error(stack, PrivateLinkTypeError, targets=wrong) == (
            f"`targets` must be a list, got `{wrong!r}`; put the value into a list  [Stack/Gateway]"
        )

    def test_a_later_element_that_is_not_a_target_is_rejected(self, stack: Stack) -> None:
        construct: Any = create_gateway(stack, targets=[ADDRESS])
        # A list is not a target, and the element before it is not added.
        before = targets.IpTarget("10.0.0.2")
        message = catch_error(
            stack,
            PrivateLinkTypeError,
            lambda: construct.add_target(before, [targets.IpTarget("x")]),
        )
        assert message.startswith("`targets[1]` must be an appliance, got `[<")
        assert message.endswith(f"; {FIX}  [Stack/Gateway]")
        assert len(only(stack, TARGETS)["Properties"]["Targets"]) == 1

    @pytest.mark.parametrize("where", ["targets", "add_target", "both"])
    def test_an_appliance_that_is_passed_twice_is_rejected(self, stack: Stack, where: str) -> None:
        vpc = existing_vpc(stack)
        if where == "targets":
            message = get_error(stack, PrivateLinkValueError, vpc=vpc, targets=[INSTANCE, INSTANCE])
        else:
            gateway = create_gateway(stack, vpc=vpc, targets=[INSTANCE] if where == "both" else [])
            more = [INSTANCE] if where == "both" else [INSTANCE, INSTANCE]
            message = catch_error(stack, PrivateLinkValueError, lambda: gateway.add_target(*more))
        assert message == (
            "`targets` must not contain an appliance twice, got `InstanceIdTarget`; pass each "
            "appliance once  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("appliances", "expected"),
        [
            (
                [targets.IpTarget("10.0.0.1"), targets.IpTarget("10.0.0.1")],
                "must not contain an appliance twice, got `10.0.0.1`; pass each appliance once",
            ),
            (
                [targets.InstanceIdTarget("i-0123"), targets.InstanceIdTarget("i-0123")],
                "must not contain an appliance twice, got `i-0123`; pass each appliance once",
            ),
            (
                [targets.IpTarget("10.0.0.256")],
                "must have valid IP addresses, got `10.0.0.256`; pass an address like `10.0.0.10`",
            ),
            (
                [targets.IpTarget("10.0.0.1", 80)],
                "must have the port 6081, the only port of GENEVE, got `port 80 of 10.0.0.1`; "
                "leave out the port",
            ),
            (
                [targets.InstanceIdTarget("i-0123", 80)],
                "must have the port 6081, the only port of GENEVE, got `port 80 of i-0123`; "
                "leave out the port",
            ),
        ],
    )
    def test_a_registration_that_cannot_be_is_an_error_at_the_end(
        self, stack: Stack, appliances: Any, expected: str
    ) -> None:
        create_gateway(stack, targets=appliances)
        with pytest.raises(RuntimeError) as error:
            Template.from_stack(stack)
        assert f"`targets` {expected}  [Stack/Gateway]" in f"{error.value}"

    def test_registrations_with_the_port_and_tokens_are_accepted(self, stack: Stack) -> None:
        address = CfnParameter(stack, "Address").value_as_string
        port = CfnParameter(stack, "Port", type="Number").value_as_number
        create_gateway(
            stack,
            targets=[
                targets.IpTarget("10.0.0.1", 6081),
                targets.IpTarget("10.0.0.2", port),
                targets.IpTarget(address),
            ],
        )
        Template.from_stack(stack)


class TestRefused:
    def test_a_disabled_health_check_is_rejected(self, stack: Stack) -> None:
        assert get_error(
            stack, PrivateLinkValueError, health_check=elbv2.HealthCheck(enabled=False)
        ) == (
            "`health_check.enabled` must not be `False`, because Elastic Load Balancing always "
            "checks appliances, got `False`; leave it out  [Stack/Gateway]"
        )

    def test_a_load_balancer_can_be_in_a_subnet_in_an_unknown_zone(self, stack: Stack) -> None:
        subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef0")
        gateway = create_gateway(stack, vpc_subnets=ec2.SubnetSelection(subnets=[subnet]))
        assert gateway.availability_zones == []
        service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway))
        with pytest.raises(PrivateLinkValueError, match="whose zones the app cannot know"):
            service.add_rst_packets_sent_alarms("Alarms", threshold=1)

    @pytest.mark.parametrize("wrong", [RemovalPolicy.SNAPSHOT, "retain"])
    def test_an_unsupported_removal_policy_is_rejected(self, stack: Stack, wrong: Any) -> None:
        gateway = create_gateway(stack)
        expected = (
            PrivateLinkValueError if wrong is RemovalPolicy.SNAPSHOT else PrivateLinkTypeError
        )
        message = catch_error(stack, expected, lambda: gateway.apply_removal_policy(wrong))
        assert message.startswith("`policy` must be a")

    @pytest.mark.parametrize(
        ("health_check", "got"),
        [
            (elbv2.HealthCheck(healthy_http_codes="200"), "200"),
            (elbv2.HealthCheck(protocol=elbv2.Protocol.TCP, healthy_http_codes="200"), "200"),
            (elbv2.HealthCheck(protocol=elbv2.Protocol.HTTP, healthy_grpc_codes="12"), "12"),
        ],
    )
    def test_codes_that_the_health_check_does_not_have_are_rejected(
        self, stack: Stack, health_check: elbv2.HealthCheck, got: str
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, health_check=health_check) == (
            "`health_check` must have codes with HTTP or HTTPS only, and no codes of gRPC, got "
            f"`{got}`; pass `protocol=elbv2.Protocol.HTTP`, or leave the codes out  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("delay", "got"),
        [
            (Duration.seconds(3601), "Duration.seconds(3601)"),
            (Duration.days(1), "Duration.days(1)"),
            (Duration.millis(1500), "Duration.millis(1500)"),
        ],
    )
    def test_a_deregistration_delay_out_of_range_is_rejected(
        self, stack: Stack, delay: Duration, got: str
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, deregistration_delay=delay) == (
            f"`deregistration_delay` must be between 0 and 3600 whole seconds, got `{got}`; "
            "pass a `Duration` of 0 to 3600 whole seconds  [Stack/Gateway]"
        )

    def test_two_subnets_in_one_zone_are_rejected(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert get_error(stack, PrivateLinkValueError, vpc=vpc, vpc_subnets=both) == (
            "`vpc_subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/PrivateSubnet1` and `Stack/Vpc/IsolatedSubnet1`; pass "
            "`one_per_az=True` to `ec2.SubnetSelection`  [Stack/Gateway]"
        )

    def test_two_subnets_in_one_token_zone_are_rejected(self, stack: Stack) -> None:
        vpc = vpc_of(
            stack, One=ec2.SubnetType.PRIVATE_ISOLATED, Two=ec2.SubnetType.PRIVATE_ISOLATED
        )
        both = ec2.SubnetSelection(subnets=vpc.isolated_subnets)
        assert get_error(stack, PrivateLinkValueError, vpc=vpc, vpc_subnets=both).startswith(
            "`vpc_subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/OneSubnet1` and `Stack/Vpc/TwoSubnet1`; "
        )

    @pytest.mark.parametrize("kind", [elbv2.TargetType.LAMBDA, elbv2.TargetType.ALB])
    def test_an_unsupported_target_type_is_rejected(
        self, stack: Stack, kind: elbv2.TargetType
    ) -> None:
        assert get_error(stack, PrivateLinkValueError, target_type=kind) == (
            "`target_type` must be a supported member of `elbv2.TargetType`, got "
            f"`elbv2.{kind}`; pass "
            "`elbv2.TargetType.INSTANCE` or `elbv2.TargetType.IP`  [Stack/Gateway]"
        )

    def test_an_unsupported_ip_address_type_is_rejected(self, stack: Stack) -> None:
        kind = elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4
        assert get_error(stack, PrivateLinkValueError, ip_address_type=kind) == (
            "`ip_address_type` must be a supported member of `elbv2.IpAddressType`, got "
            f"`elbv2.{kind}`; pass `elbv2.IpAddressType.IPV4` or `elbv2.IpAddressType.DUAL_STACK` "
            " [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("option", "wrong", "expected", "fix"),
        [
            (
                "vpc",
                "vpc-0123456789abcdef0",
                "a VPC",
                "pass an `ec2.Vpc`, or import a VPC with `ec2.Vpc.from_lookup()`",
            ),
            (
                "vpc_subnets",
                ["subnet-0123456789abcdef0"],
                "an `ec2.SubnetSelection`",
                "pass a selection like `ec2.SubnetSelection(subnet_group_name=...)`",
            ),
            (
                "target_type",
                "ip",
                "a member of `elbv2.TargetType`",
                "pass `elbv2.TargetType.INSTANCE` or `elbv2.TargetType.IP`",
            ),
            (
                "health_check",
                {"port": "80"},
                "an `elbv2.HealthCheck`",
                "pass `elbv2.HealthCheck(...)`",
            ),
            ("cross_zone_enabled", "true", "a bool", "pass `True` or `False`"),
            (
                "flow_stickiness",
                "source_ip_dest_ip",
                "a member of `FlowStickiness`",
                "pass `FlowStickiness.TWO_TUPLE`, `FlowStickiness.THREE_TUPLE` or "
                "`FlowStickiness.FIVE_TUPLE`",
            ),
            (
                "deregistration_delay",
                60,
                "a `Duration`",
                "pass a `Duration` of 0 to 3600 whole seconds",
            ),
            (
                "ip_address_type",
                ec2.IpAddressType.IPV4,
                "a member of `elbv2.IpAddressType`",
                "pass `elbv2.IpAddressType.IPV4` or `elbv2.IpAddressType.DUAL_STACK`",
            ),
        ],
    )
    def test_an_option_of_another_type_is_rejected(
        self, stack: Stack, option: str, wrong: Any, expected: str, fix: str
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, **{option: wrong}) == (
            f"`{option}` must be {expected}, got `{wrong!r}`; {fix}  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            (
                "protocol",
                elbv2.Protocol.UDP,
                "must be a supported member of `elbv2.Protocol`, got `elbv2.Protocol.UDP`; "
                "pass `elbv2.Protocol.TCP`, `elbv2.Protocol.HTTP` or `elbv2.Protocol.HTTPS`",
            ),
            (
                "path",
                "/",
                "must be used with HTTP or HTTPS, got `/`; "
                "pass `protocol=elbv2.Protocol.HTTP`, or leave it out",
            ),
            (
                "port",
                "0",
                "must be `traffic-port` or between 1 and 65535, got `0`; "
                "pass a port number as a string, like `80`",
            ),
            (
                "port",
                "65536",
                "must be `traffic-port` or between 1 and 65535, got `65536`; "
                "pass a port number as a string, like `80`",
            ),
            (
                "port",
                "http",
                "must be `traffic-port` or between 1 and 65535, got `http`; "
                "pass a port number as a string, like `80`",
            ),
            (
                "interval",
                Duration.seconds(4),
                "must be between 5 and 300 whole seconds, got `Duration.seconds(4)`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "interval",
                Duration.seconds(301),
                "must be between 5 and 300 whole seconds, got `Duration.seconds(301)`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "interval",
                Duration.millis(5500),
                "must be between 5 and 300 whole seconds, got `Duration.millis(5500)`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "timeout",
                Duration.seconds(121),
                "must be between 2 and 120 whole seconds, got `Duration.seconds(121)`; "
                "pass a `Duration` of 2 to 120 whole seconds",
            ),
            (
                "timeout",
                Duration.seconds(11),
                "must be at most the interval of 10 seconds, got `11 seconds`; "
                "pass a shorter `timeout` or a longer `interval`",
            ),
            (
                "healthy_threshold_count",
                1,
                "must be between 2 and 10, got `1`; pass a whole number between 2 and 10",
            ),
            (
                "unhealthy_threshold_count",
                11,
                "must be between 2 and 10, got `11`; pass a whole number between 2 and 10",
            ),
            (
                "healthy_threshold_count",
                2.5,
                "must be a whole number, got `2.5`; pass a whole number between 2 and 10",
            ),
        ],
    )
    def test_an_unsupported_field_of_a_health_check_is_rejected(
        self, stack: Stack, field: str, value: Any, message: str
    ) -> None:
        wrong = elbv2.HealthCheck(**{field: value})
        assert get_error(stack, PrivateLinkValueError, health_check=wrong) == (
            f"`health_check.{field}` {message}  [Stack/Gateway]"
        )

    def test_a_health_check_path_with_tcp_is_rejected(self, stack: Stack) -> None:
        wrong = elbv2.HealthCheck(protocol=elbv2.Protocol.TCP, path="/")
        assert get_error(stack, PrivateLinkValueError, health_check=wrong) == (
            "`health_check.path` must be used with HTTP or HTTPS, got `/`; pass "
            "`protocol=elbv2.Protocol.HTTP`, or leave it out  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        "check",
        [
            {"interval": Duration.seconds(5), "timeout": Duration.seconds(2)},
            {"interval": Duration.seconds(300), "timeout": Duration.seconds(120)},
            {"healthy_threshold_count": 2, "unhealthy_threshold_count": 10},
            {"interval": Duration.seconds(120), "timeout": Duration.seconds(120)},
            {"timeout": Duration.seconds(10)},
            {"interval": Duration.seconds(Token.as_number(Fn.import_value("Seconds")))},
            {"protocol": elbv2.Protocol.HTTP, "healthy_http_codes": "200,301-399"},
            {"protocol": elbv2.Protocol.HTTP, "healthy_http_codes": Fn.import_value("Codes")},
            {"port": "1"},
            {"port": "65535"},
            {"port": "traffic-port"},
            {"protocol": elbv2.Protocol.HTTPS, "path": "/health"},
        ],
    )
    def test_valid_health_checks_are_accepted(self, stack: Stack, check: dict[str, Any]) -> None:
        create_gateway(stack, health_check=elbv2.HealthCheck(**check))
        properties = only(stack, TARGETS)["Properties"]
        assert any(name.startswith(("Health", "Unhealthy")) for name in properties)

    def test_a_timeout_over_the_interval_is_rejected(self, stack: Stack) -> None:
        wrong = elbv2.HealthCheck(interval=Duration.seconds(20), timeout=Duration.minutes(1))
        assert get_error(stack, PrivateLinkValueError, health_check=wrong) == (
            "`health_check.timeout` must be at most the interval of 20 seconds, got `60 seconds`; "
            "pass a shorter `timeout` or a longer `interval`  [Stack/Gateway]"
        )

    @pytest.mark.parametrize("codes", ["abc", "200-499", "199", "", "200,", "0-299"])
    def test_codes_that_gateway_load_balancers_do_not_support_are_rejected(
        self, stack: Stack, codes: str
    ) -> None:
        wrong = elbv2.HealthCheck(protocol=elbv2.Protocol.HTTP, healthy_http_codes=codes)
        assert get_error(stack, PrivateLinkValueError, health_check=wrong) == (
            "`health_check.healthy_http_codes` must be HTTP codes between 200 and 399, got "
            f"`{codes or EMPTY}`; pass codes like `200-399`  [Stack/Gateway]"
        )

    def test_a_target_that_is_a_function_is_rejected(self, stack: Stack) -> None:
        function = lambda_.Function.from_function_name(stack, "Function", "function")
        wrong = targets.LambdaTarget(function)
        assert get_error(stack, PrivateLinkValueError, targets=[wrong]).startswith(
            "`targets[0]` must not be a load balancer or a function, got `LambdaTarget`; "
        )

    def test_an_empty_target_group_has_a_target_type(self, stack: Stack) -> None:
        """A later type would replace the target group."""
        create_gateway(stack)
        assert only(stack, TARGETS)["Properties"]["TargetType"] == "instance"
        assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


class TestServices:
    def test_a_service_can_have_a_gateway_load_balancer(self, stack: Stack) -> None:
        make_service(stack, load_balancers=LoadBalancers.gateway(create_gateway(stack)))
        arns = only(stack, SERVICE)["Properties"]["GatewayLoadBalancerArns"]
        assert resolve_reference(arns) == ["Gateway"]

    def test_a_gateway_load_balancer_as_a_network_load_balancer_is_rejected(
        self, stack: Stack
    ) -> None:
        construct: Any = create_gateway(stack)
        load_balancers = LoadBalancers.network(construct)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: make_service(stack, load_balancers=load_balancers),
        )
        assert message == (
            "`load_balancers` must contain load balancers of one type only, got gateway "
            "load balancer `Stack/Gateway`; pass this load balancer to "
            "`LoadBalancers.gateway()`, in a service of its own  [Stack/Payments]"
        )

    def test_alarms_are_added_for_the_zones_of_the_load_balancer(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.gateway(create_gateway(stack)))
        service.add_rst_packets_sent_alarms("Rst", threshold=1)
        zones = [
            next(each["Value"] for each in dimensions if each["Name"] == "Az")
            for dimensions in (
                alarm["Properties"]["Dimensions"]
                for alarm in resources_of(stack, "AWS::CloudWatch::Alarm").values()
            )
        ]
        assert zones == ["eu-west-1a", "eu-west-1b"]

    def test_ipv6_with_an_ipv4_load_balancer_is_rejected(self, stack: Stack) -> None:
        both = [ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6]
        load_balancers = LoadBalancers.gateway(
            create_gateway(stack, "Dual", ip_address_type=DUAL_STACK), create_gateway(stack)
        )
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: make_service(
                stack, load_balancers=load_balancers, supported_ip_address_types=both
            ),
        )
        assert message == (
            "`supported_ip_address_types` must not contain IPv6 unless every load balancer "
            "is dual-stack, got IPv4 load balancer `Stack/Gateway`; make that load "
            "balancer dual-stack, or leave out `ec2.IpAddressType.IPV6`  [Stack/Payments]"
        )

    def test_ipv6_with_a_dual_stack_load_balancer_is_accepted(self, stack: Stack) -> None:
        load_balancers = LoadBalancers.gateway(create_gateway(stack, ip_address_type=DUAL_STACK))
        make_service(
            stack,
            load_balancers=load_balancers,
            supported_ip_address_types=[ec2.IpAddressType.IPV6],
        )
        assert only(stack, SERVICE)["Properties"]["SupportedIpAddressTypes"] == ["ipv6"]


def test_two_gateway_load_balancers_can_be_in_one_vpc(stack: Stack) -> None:
    vpc = existing_vpc(stack)
    for name in ("One", "Two"):
        create_gateway(stack, name, vpc=vpc)
    assert len(template_of(stack)["Resources"]) == 6


def test_a_scope_outside_of_a_stack_is_rejected() -> None:
    app = App()
    vpc = existing_vpc(Stack(app, "Network"))
    with pytest.raises(PrivateLinkValueError) as error:
        GatewayLoadBalancer(cast(Construct, app), "Gateway", vpc=vpc)
    assert str(error.value) == (
        "`scope` must be a stack or in a stack, got `App`; pass a stack or a construct "
        "in a stack  [Gateway]"
    )
