"""Gateway Load Balancers, their appliances, and services behind them."""

from __future__ import annotations

from typing import Any, cast

import jsii
import pytest
from aws_cdk import App, CfnParameter, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from cdk_privatelink import (
    FlowStickiness,
    GatewayLoadBalancer,
    LoadBalancers,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import existing_vpc, group, ids, refusal, told, vpc_of
from tests.unit.templates import SERVICE, make_service, only, resources_of, template_of

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
INSTANCE, ADDRESS = targets.InstanceIdTarget("i-0123456789abcdef0"), targets.IpTarget("10.0.0.1")
FIX = (
    "pass an `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
    "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`"
)
IPV4, DUAL_STACK = elbv2.IpAddressType.IPV4, elbv2.IpAddressType.DUAL_STACK


def gateway(stack: Stack, id: str = "Gateway", **options: Any) -> GatewayLoadBalancer:
    """A Gateway Load Balancer in an existing VPC, unless the options say else."""
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack, f"{id}Vpc")
    return GatewayLoadBalancer(stack, id, **options)


def said(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return refusal(stack, error_type, lambda: gateway(stack, **options))


def attributes(stack: Stack) -> dict[str, Any]:
    """Those of the target group."""
    found = only(stack, TARGETS)["Properties"]["TargetGroupAttributes"]
    return {each["Key"]: each["Value"] for each in found}


@jsii.implements(elbv2.INetworkLoadBalancerTarget)
class Appliance:
    """What a user may write to register appliances."""

    def __init__(self, kind: elbv2.TargetType, id: str) -> None:
        self._kind = kind
        self._id = id

    def attach_to_network_target_group(
        self, _target_group: elbv2.INetworkTargetGroup
    ) -> elbv2.LoadBalancerTargetProps:
        return elbv2.LoadBalancerTargetProps(target_type=self._kind, target_json={"id": self._id})


class TestResources:
    def test_what_is_there_by_default(self, stack: Stack) -> None:
        gateway(stack)
        load_balancer = only(stack, LOAD_BALANCER)
        assert load_balancer["Properties"] == {
            "Type": "gateway",
            "IpAddressType": "ipv4",
            "Subnets": ids("subnet", 1, 2),
            "LoadBalancerAttributes": [
                {"Key": "load_balancing.cross_zone.enabled", "Value": "false"}
            ],
        }
        # The health checks are those of AWS.
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

    def test_subnets_that_are_chosen(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Appliance=ec2.SubnetType.PRIVATE_ISOLATED, Web=ec2.SubnetType.PUBLIC)
        gateway(stack, vpc=vpc, vpc_subnets=group("Appliance"))
        subnets = only(stack, LOAD_BALANCER)["Properties"]["Subnets"]
        assert told(subnets) == ["VpcApplianceSubnet1Subnet", "VpcApplianceSubnet2Subnet"]

    def test_one_private_subnet_of_each_zone_by_default(self, stack: Stack) -> None:
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        made = gateway(stack, vpc=vpc)
        assert only(stack, LOAD_BALANCER)["Properties"]["Subnets"] == ids("subnet", 1, 2)
        assert made.availability_zones == zones[:2]

    def test_across_zones(self, stack: Stack) -> None:
        gateway(stack, cross_zone_enabled=True)
        (attribute,) = only(stack, LOAD_BALANCER)["Properties"]["LoadBalancerAttributes"]
        assert attribute == {"Key": "load_balancing.cross_zone.enabled", "Value": "true"}

    @pytest.mark.parametrize(("kind", "name"), [(IPV4, "ipv4"), (DUAL_STACK, "dualstack")])
    def test_ip_addresses(self, stack: Stack, kind: elbv2.IpAddressType, name: str) -> None:
        assert gateway(stack, ip_address_type=kind).ip_address_type is kind
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
    def test_stickiness(
        self, stack: Stack, stickiness: FlowStickiness, expected: dict[str, str]
    ) -> None:
        gateway(stack, flow_stickiness=stickiness)
        assert attributes(stack) == expected

    @pytest.mark.parametrize("seconds", [0, 1, 3600])
    def test_deregistration_delay(self, stack: Stack, seconds: int) -> None:
        gateway(stack, deregistration_delay=Duration.seconds(seconds))
        assert attributes(stack)["deregistration_delay.timeout_seconds"] == f"{seconds}"

    def test_a_delay_known_at_deployment(self, stack: Stack) -> None:
        seconds = CfnParameter(stack, "Delay", type="Number").value_as_number
        gateway(stack, deregistration_delay=Duration.seconds(seconds))
        assert attributes(stack)["deregistration_delay.timeout_seconds"] == {"Ref": "Delay"}

    def test_health_checks(self, stack: Stack) -> None:
        check = elbv2.HealthCheck(
            protocol=elbv2.Protocol.HTTP,
            port="8080",
            path="/health",
            interval=Duration.seconds(10),
            timeout=Duration.seconds(5),
            healthy_threshold_count=3,
            unhealthy_threshold_count=2,
        )
        gateway(stack, health_check=check)
        properties = only(stack, TARGETS)["Properties"]
        assert {key: it for key, it in properties.items() if "ealth" in key} == {
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "8080",
            "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 3,
            "UnhealthyThresholdCount": 2,
        }

    def test_what_it_tells(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        made = gateway(stack, vpc=vpc)
        assert made.load_balancer_type == "gateway"
        assert made.vpc is vpc
        assert made.availability_zones == ["eu-west-1a", "eu-west-1b"]
        names = [made.load_balancer_full_name, made.target_group_full_name]
        assert told(stack.resolve(names)) == [
            ["Gateway", "LoadBalancerFullName"],
            ["GatewayTargets", "TargetGroupFullName"],
        ]
        assert told(stack.resolve([made.load_balancer_arn, made.target_group_arn])) == [
            "Gateway",
            "GatewayTargets",
        ]

    def test_its_zones_cannot_be_changed(self, stack: Stack) -> None:
        made = gateway(stack)
        made.availability_zones.append("eu-west-1c")
        assert made.availability_zones == ["eu-west-1a", "eu-west-1b"]

    def test_tags_and_removal_policies(self, stack: Stack) -> None:
        made = gateway(stack)
        Tags.of(made).add("team", "security")
        made.apply_removal_policy(RemovalPolicy.RETAIN)
        assert only(stack, LOAD_BALANCER)["DeletionPolicy"] == "Retain"
        tags = [{"Key": "team", "Value": "security"}]
        for kind in (LOAD_BALANCER, TARGETS):
            assert only(stack, kind)["Properties"]["Tags"] == tags


class TestTargets:
    def registered(self, stack: Stack) -> tuple[Any, Any]:
        properties = only(stack, TARGETS)["Properties"]
        return properties.get("TargetType"), properties.get("Targets")

    @pytest.mark.parametrize("late", [False, True])
    @pytest.mark.parametrize(
        ("target", "kind", "id"),
        [
            (INSTANCE, "instance", "i-0123456789abcdef0"),
            (ADDRESS, "ip", "10.0.0.1"),
            (Appliance(elbv2.TargetType.IP, "10.0.0.2"), "ip", "10.0.0.2"),
        ],
    )
    def test_each_kind(self, stack: Stack, target: Any, kind: str, id: str, late: bool) -> None:
        if late:
            gateway(stack).add_target(target)
        else:
            gateway(stack, targets=[target])
        found, (registered,) = self.registered(stack)
        assert (found, next(iter(registered.values()))) == (kind, id)

    def test_instances_of_this_app(self, stack: Stack) -> None:
        vpc = vpc_of(stack)
        instance = ec2.Instance(
            stack,
            "Appliance",
            vpc=vpc,
            instance_type=ec2.InstanceType("c7i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
        )
        gateway(stack, vpc=vpc, targets=[targets.InstanceTarget(instance)])
        kind, (registered,) = self.registered(stack)
        assert (kind, told(registered)) == ("instance", "Appliance")

    def test_groups_of_instances(self, stack: Stack) -> None:
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
        gateway(stack, vpc=vpc, targets=[appliances])
        # THEN instances register themselves
        assert self.registered(stack) == ("instance", None)
        group_of = only(stack, "AWS::AutoScaling::AutoScalingGroup")["Properties"]
        assert told(group_of["TargetGroupARNs"]) == ["GatewayTargets"]

    def test_several(self, stack: Stack) -> None:
        made = gateway(stack, targets=(targets.IpTarget(f"10.0.0.{n}") for n in (1, 2)))
        made.add_target(targets.IpTarget("10.0.0.3"), targets.IpTarget("10.0.0.4"))
        made.add_target()
        _, registered = self.registered(stack)
        assert [each["Id"] for each in registered] == [f"10.0.0.{n}" for n in (1, 2, 3, 4)]

    @pytest.mark.parametrize("kind", [elbv2.TargetType.INSTANCE, elbv2.TargetType.IP])
    def test_a_kind_without_any(self, stack: Stack, kind: elbv2.TargetType) -> None:
        gateway(stack, target_type=kind)
        assert self.registered(stack) == (kind.name.lower(), None)

    @pytest.mark.parametrize(
        ("given", "kind", "wrong", "meant"),
        [
            ([INSTANCE, ADDRESS], None, "IpTarget", "INSTANCE"),
            ([ADDRESS, INSTANCE], None, "InstanceIdTarget", "IP"),
            ([ADDRESS], elbv2.TargetType.INSTANCE, "IpTarget", "INSTANCE"),
            ([INSTANCE], elbv2.TargetType.IP, "InstanceIdTarget", "IP"),
        ],
    )
    def test_two_kinds(
        self, stack: Stack, given: list[Any], kind: elbv2.TargetType | None, wrong: str, meant: str
    ) -> None:
        assert said(stack, PrivateLinkValueError, targets=given, target_type=kind) == (
            f"`targets` must have the type `elbv2.TargetType.{meant}`, got `{wrong}`; pass "
            "either instances or IP addresses, and the same `target_type`  [Stack/Gateway]"
        )

    def test_another_kind_later(self, stack: Stack) -> None:
        made = gateway(stack, targets=[INSTANCE])
        message = refusal(stack, PrivateLinkValueError, lambda: made.add_target(ADDRESS))
        assert message.startswith("`targets` must have one type (")
        assert "'instance', adding 'ip'" in message
        assert message.endswith(
            "), got `IpTarget`; pass either instances or IP addresses  [Stack/Gateway]"
        )
        assert self.registered(stack) == ("instance", [{"Id": "i-0123456789abcdef0"}])

    def test_another_kind_than_declared_later(self, stack: Stack) -> None:
        made = gateway(stack, target_type=elbv2.TargetType.IP)
        assert refusal(stack, PrivateLinkValueError, lambda: made.add_target(INSTANCE)) == (
            "`targets` must have the type `elbv2.TargetType.IP`, got `InstanceIdTarget`; "
            "pass either instances or IP addresses, and the same `target_type`  "
            "[Stack/Gateway]"
        )

    def test_a_load_balancer(self, stack: Stack) -> None:
        arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/0123456789"
        assert said(stack, PrivateLinkValueError, targets=[targets.AlbArnTarget(arn, 80)]) == (
            "`targets[0]` must not be a load balancer or a function, got `AlbArnTarget`; "
            "pass an `InstanceTarget`, `InstanceIdTarget` or `IpTarget` of "
            "`aws_elasticloadbalancingv2_targets`, or an `AutoScalingGroup`  "
            "[Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        "wrong",
        ["10.0.0.1", None, targets.IpTarget],
    )
    def test_an_element_that_is_not_an_appliance(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, targets=[wrong]) == (
            f"`targets[0]` must be an appliance, got `{wrong!r}`; {FIX}  [Stack/Gateway]"
        )

    @pytest.mark.parametrize("wrong", ["10.0.0.1", 1, INSTANCE])
    def test_targets_that_are_not_a_list(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, targets=wrong) == (
            f"`targets` must be a list, got `{wrong!r}`; put the value into a list  [Stack/Gateway]"
        )

    def test_what_is_no_target_later(self, stack: Stack) -> None:
        made: Any = gateway(stack, targets=[ADDRESS])
        # A list is no target, and what is before it is not added.
        before = targets.IpTarget("10.0.0.2")
        message = refusal(
            stack, PrivateLinkTypeError, lambda: made.add_target(before, [targets.IpTarget("x")])
        )
        assert message.startswith("`targets[1]` must be an appliance, got `[<")
        assert message.endswith(f"; {FIX}  [Stack/Gateway]")
        assert len(only(stack, TARGETS)["Properties"]["Targets"]) == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("delay", "got"),
        [
            (Duration.seconds(3601), "1 hour 1 second"),
            (Duration.days(1), "1 day"),
            (Duration.millis(1500), "1 second 500 millis"),
        ],
    )
    def test_deregistration_delays(self, stack: Stack, delay: Duration, got: str) -> None:
        assert said(stack, PrivateLinkValueError, deregistration_delay=delay) == (
            f"`deregistration_delay` must be between 0 and 3600 whole seconds, got `{got}`; "
            "pass a `Duration` of 0 to 3600 whole seconds  [Stack/Gateway]"
        )

    def test_two_subnets_in_one_zone(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert said(stack, PrivateLinkValueError, vpc=vpc, vpc_subnets=both) == (
            "`vpc_subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/PrivateSubnet1` and `Stack/Vpc/IsolatedSubnet1`; pass "
            "`one_per_az=True` to `ec2.SubnetSelection`  [Stack/Gateway]"
        )

    def test_two_subnets_in_one_zone_that_is_known_at_deployment(self, stack: Stack) -> None:
        vpc = vpc_of(
            stack, One=ec2.SubnetType.PRIVATE_ISOLATED, Two=ec2.SubnetType.PRIVATE_ISOLATED
        )
        both = ec2.SubnetSelection(subnets=vpc.isolated_subnets)
        assert said(stack, PrivateLinkValueError, vpc=vpc, vpc_subnets=both).startswith(
            "`vpc_subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/OneSubnet1` and `Stack/Vpc/TwoSubnet1`; "
        )

    @pytest.mark.parametrize("kind", [elbv2.TargetType.LAMBDA, elbv2.TargetType.ALB])
    def test_target_types(self, stack: Stack, kind: elbv2.TargetType) -> None:
        assert said(stack, PrivateLinkValueError, target_type=kind) == (
            f"`target_type` must be a supported member of `elbv2.TargetType`, got `{kind}`; pass "
            "`elbv2.TargetType.INSTANCE` or `elbv2.TargetType.IP`  [Stack/Gateway]"
        )

    def test_ip_addresses(self, stack: Stack) -> None:
        kind = elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4
        assert said(stack, PrivateLinkValueError, ip_address_type=kind) == (
            "`ip_address_type` must be a supported member of `elbv2.IpAddressType`, got "
            f"`{kind}`; pass `elbv2.IpAddressType.IPV4` or `elbv2.IpAddressType.DUAL_STACK` "
            " [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("option", "wrong", "takes", "fix"),
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
    def test_options_of_other_types(
        self, stack: Stack, option: str, wrong: Any, takes: str, fix: str
    ) -> None:
        assert said(stack, PrivateLinkTypeError, **{option: wrong}) == (
            f"`{option}` must be {takes}, got `{wrong!r}`; {fix}  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            (
                "protocol",
                elbv2.Protocol.UDP,
                "must be a supported member of `elbv2.Protocol`, got `Protocol.UDP`; "
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
                "must be between 5 and 300 whole seconds, got `4 seconds`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "interval",
                Duration.seconds(301),
                "must be between 5 and 300 whole seconds, got `5 minutes 1 second`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "interval",
                Duration.millis(5500),
                "must be between 5 and 300 whole seconds, got `5 seconds 500 millis`; "
                "pass a `Duration` of 5 to 300 whole seconds",
            ),
            (
                "timeout",
                Duration.seconds(121),
                "must be between 2 and 120 whole seconds, got `2 minutes 1 second`; "
                "pass a `Duration` of 2 to 120 whole seconds",
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
    def test_a_field_of_a_health_check_that_is_not_supported(
        self, stack: Stack, field: str, value: Any, message: str
    ) -> None:
        wrong = elbv2.HealthCheck(**{field: value})
        assert said(stack, PrivateLinkValueError, health_check=wrong) == (
            f"`health_check.{field}` {message}  [Stack/Gateway]"
        )

    def test_a_path_with_tcp(self, stack: Stack) -> None:
        wrong = elbv2.HealthCheck(protocol=elbv2.Protocol.TCP, path="/")
        assert said(stack, PrivateLinkValueError, health_check=wrong) == (
            "`health_check.path` must be used with HTTP or HTTPS, got `/`; pass "
            "`protocol=elbv2.Protocol.HTTP`, or leave it out  [Stack/Gateway]"
        )

    @pytest.mark.parametrize(
        "check",
        [
            {"interval": Duration.seconds(5), "timeout": Duration.seconds(2)},
            {"interval": Duration.seconds(300), "timeout": Duration.seconds(120)},
            {"healthy_threshold_count": 2, "unhealthy_threshold_count": 10},
            {"port": "1"},
            {"port": "65535"},
            {"port": "traffic-port"},
            {"protocol": elbv2.Protocol.HTTPS, "path": "/health"},
        ],
    )
    def test_health_checks_that_there_are(self, stack: Stack, check: dict[str, Any]) -> None:
        gateway(stack, health_check=elbv2.HealthCheck(**check))
        properties = only(stack, TARGETS)["Properties"]
        assert any(name.startswith(("Health", "Unhealthy")) for name in properties)

    def test_a_function(self, stack: Stack) -> None:
        function = lambda_.Function.from_function_name(stack, "Function", "function")
        wrong = targets.LambdaTarget(function)
        assert said(stack, PrivateLinkValueError, targets=[wrong]).startswith(
            "`targets[0]` must not be a load balancer or a function, got `LambdaTarget`; "
        )

    def test_the_type_is_said_of_an_empty_group(self, stack: Stack) -> None:
        """To say it later would replace the group."""
        gateway(stack)
        assert only(stack, TARGETS)["Properties"]["TargetType"] == "instance"
        assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


class TestServices:
    def test_they_can_be_behind_it(self, stack: Stack) -> None:
        make_service(stack, load_balancers=LoadBalancers.gateway(gateway(stack)))
        arns = only(stack, SERVICE)["Properties"]["GatewayLoadBalancerArns"]
        assert told(arns) == ["Gateway"]

    def test_not_as_a_network_load_balancer(self, stack: Stack) -> None:
        made: Any = gateway(stack)
        load_balancers = LoadBalancers.network(made)
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: make_service(stack, load_balancers=load_balancers),
        )
        assert message == (
            "`load_balancers` must contain load balancers of one type only, got gateway "
            "load balancer `Stack/Gateway`; pass this load balancer to "
            "`LoadBalancers.gateway()`, in a service of its own  [Stack/Payments]"
        )

    def test_its_zones_have_alarms(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway(stack)))
        service.add_rst_packets_sent_alarms("Rst", threshold=1)
        zones = [
            next(each["Value"] for each in dimensions if each["Name"] == "Az")
            for dimensions in (
                alarm["Properties"]["Dimensions"]
                for alarm in resources_of(stack, "AWS::CloudWatch::Alarm").values()
            )
        ]
        assert zones == ["eu-west-1a", "eu-west-1b"]

    def test_ipv6_needs_it_to_have_that(self, stack: Stack) -> None:
        both = [ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6]
        load_balancers = LoadBalancers.gateway(
            gateway(stack, "Dual", ip_address_type=DUAL_STACK), gateway(stack)
        )
        message = refusal(
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

    def test_ipv6(self, stack: Stack) -> None:
        load_balancers = LoadBalancers.gateway(gateway(stack, ip_address_type=DUAL_STACK))
        make_service(
            stack,
            load_balancers=load_balancers,
            supported_ip_address_types=[ec2.IpAddressType.IPV6],
        )
        assert only(stack, SERVICE)["Properties"]["SupportedIpAddressTypes"] == ["ipv6"]


def test_two_of_them_do_not_meet(stack: Stack) -> None:
    vpc = existing_vpc(stack)
    for name in ("One", "Two"):
        gateway(stack, name, vpc=vpc)
    assert len(template_of(stack)["Resources"]) == 6


def test_it_needs_a_stack() -> None:
    app = App()
    vpc = existing_vpc(Stack(app, "Network"))
    with pytest.raises(PrivateLinkValueError) as error:
        GatewayLoadBalancer(cast(Construct, app), "Gateway", vpc=vpc)
    assert str(error.value) == (
        "`scope` must be a stack or in a stack, got `App`; pass a stack or a construct "
        "in a stack  [Gateway]"
    )
