"""Metrics and alarms of Gateway Load Balancers."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from cdk_privatelink import GatewayLoadBalancer, PrivateLinkTypeError, PrivateLinkValueError
from tests.unit.networks import catch_error, existing_vpc, find_unlinted
from tests.unit.templates import resources_of

ALARM = "AWS::CloudWatch::Alarm"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"


def create_gateway(stack: Stack, **options: Any) -> GatewayLoadBalancer:
    return GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack), **options)


def full_name(stack: Stack, resource_type: str, attribute: str) -> dict[str, Any]:
    (logical_id,) = find_unlinted(stack, resource_type)
    return {"Fn::GetAtt": [logical_id, attribute]}


def dimensions(alarm: dict[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


@pytest.mark.parametrize(
    ("method", "name", "statistic", "of_targets"),
    [
        ("metric_active_flow_count", "ActiveFlowCount", "Average", False),
        ("metric_consumed_lcus", "ConsumedLCUs", "Average", False),
        ("metric_healthy_host_count", "HealthyHostCount", "Minimum", True),
        ("metric_new_flow_count", "NewFlowCount", "Sum", False),
        ("metric_processed_bytes", "ProcessedBytes", "Sum", False),
        ("metric_rejected_flow_count", "RejectedFlowCount", "Sum", False),
        ("metric_tcp_elb_reset_count", "TCP_ELB_Reset_Count", "Sum", False),
        ("metric_unhealthy_host_count", "UnHealthyHostCount", "Maximum", True),
    ],
)
def test_each_metric_has_a_method_with_its_dimensions(
    stack: Stack, method: str, name: str, statistic: str, of_targets: bool
) -> None:
    metric = getattr(create_gateway(stack), method)()
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    (alarm,) = (each["Properties"] for each in resources_of(stack, ALARM).values())
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/GatewayELB", name)
    assert (alarm["Statistic"], alarm["Period"]) == (statistic, 300)
    expected = {"LoadBalancer": full_name(stack, LOAD_BALANCER, "LoadBalancerFullName")}
    if of_targets:
        expected["TargetGroup"] = full_name(stack, TARGETS, "TargetGroupFullName")
    assert dimensions(alarm) == expected


def test_any_other_metric_is_available_with_the_options_of_cloudwatch(stack: Stack) -> None:
    metric = create_gateway(stack).metric(
        "PeakBytesPerSecond",
        statistic=cloudwatch.Stats.MAXIMUM,
        period=Duration.minutes(1),
        dimensions_map={"AvailabilityZone": "eu-west-1a"},
    )
    assert (metric.metric_name, metric.statistic) == ("PeakBytesPerSecond", "Maximum")
    assert metric.period.to_seconds() == 60
    assert (metric.dimensions or {})["AvailabilityZone"] == "eu-west-1a"


def test_there_is_an_alarm_for_unhealthy_appliances_per_zone(stack: Stack) -> None:
    created = create_gateway(stack).add_unhealthy_host_alarms("Unhealthy")
    assert len(created) == 2
    alarms = [each["Properties"] for each in find_unlinted(stack, ALARM).values()]
    for alarm in alarms:
        assert (alarm["MetricName"], alarm["Statistic"]) == ("UnHealthyHostCount", "Maximum")
        assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (
            60,
            5,
            5,
        )
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert [dimensions(each) for each in alarms] == [
        {
            "AvailabilityZone": zone,
            "LoadBalancer": full_name(stack, LOAD_BALANCER, "LoadBalancerFullName"),
            "TargetGroup": full_name(stack, TARGETS, "TargetGroupFullName"),
        }
        for zone in ("eu-west-1a", "eu-west-1b")
    ]


def test_alarms_can_tolerate_unhealthy_appliances_in_some_zones(stack: Stack) -> None:
    gateway = create_gateway(stack)
    gateway.add_unhealthy_host_alarms(
        "Unhealthy", threshold=1, availability_zones=["eu-west-1b", "eu-west-1b"]
    )
    (alarm,) = (each["Properties"] for each in find_unlinted(stack, ALARM).values())
    assert alarm["Threshold"] == 1
    assert dimensions(alarm)["AvailabilityZone"] == "eu-west-1b"


def test_unknown_zones_are_an_error(stack: Stack) -> None:
    subnet = ec2.Subnet.from_subnet_id(stack, "Subnet", "subnet-0123456789abcdef1")
    gateway = create_gateway(stack, vpc_subnets=ec2.SubnetSelection(subnets=[subnet]))
    message = catch_error(
        stack, PrivateLinkValueError, lambda: gateway.add_unhealthy_host_alarms("Unhealthy")
    )
    assert message == (
        "`availability_zones` must be passed for subnets that are imported without their zones, "
        "got `None`; pass the names of the zones, like `eu-west-1a`  [Stack/Gateway]"
    )
    gateway.add_unhealthy_host_alarms("Unhealthy", availability_zones=["eu-west-1a"])


@pytest.mark.parametrize(
    ("options", "error_type", "message"),
    [
        (
            {"threshold": -1},
            PrivateLinkValueError,
            "`threshold` must be 0 or more, got `-1`; pass the number of unhealthy appliances that "
            "you tolerate  [Stack/Gateway]",
        ),
        (
            {"availability_zones": ["euw1-az1"]},
            PrivateLinkValueError,
            "`availability_zones[0]` must be the name of an Availability Zone, got `euw1-az1`; "
            "pass a name like `eu-west-1a`  [Stack/Gateway]",
        ),
        (
            {"id": ""},
            PrivateLinkValueError,
            "`id` must not be empty or a token, got `''`; pass a string that is not empty and "
            "contains no token  [Stack/Gateway]",
        ),
    ],
)
def test_bad_input_of_alarms_is_rejected(
    stack: Stack, options: dict[str, Any], error_type: type[Exception], message: str
) -> None:
    gateway = create_gateway(stack)
    arguments: dict[str, Any] = {"id": "Unhealthy"} | options
    found = catch_error(stack, error_type, lambda: gateway.add_unhealthy_host_alarms(**arguments))
    assert found == message


def test_a_wrong_option_of_a_metric_is_rejected(stack: Stack) -> None:
    with pytest.raises(PrivateLinkTypeError, match="must be options of a metric, got `'Period'`"):
        create_gateway(stack).metric_new_flow_count(Period=1)  # type: ignore[call-arg]


def test_a_construct_of_the_user_cannot_have_the_id_of_the_alarms(stack: Stack) -> None:
    gateway = create_gateway(stack)
    Construct(gateway, "UnhealthyHostAlarms")
    with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
        gateway.add_unhealthy_host_alarms("Unhealthy")
