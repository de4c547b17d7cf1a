"""CloudWatch metrics and alarms of interface endpoints and of Gateway Load Balancer endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import IRELAND, NAME, VIRGINIA, catch_error, existing_vpc, find_unlinted
from tests.unit.templates import resources_of

ALARM = "AWS::CloudWatch::Alarm"
METRICS = [
    ("metric_active_connections", "ActiveConnections", "Average"),
    ("metric_bytes_processed", "BytesProcessed", "Sum"),
    ("metric_new_connections", "NewConnections", "Sum"),
    ("metric_packets_dropped", "PacketsDropped", "Sum"),
    ("metric_rst_packets_received", "RstPacketsReceived", "Sum"),
]
SUBNETS = ["subnet-00000000000000001", "subnet-00000000000000002"]
Endpoints = InterfaceEndpoint | GatewayLoadBalancerEndpoints


def connect(stack: Stack, kind: Any = InterfaceEndpoint, **options: Any) -> Any:
    vpc = existing_vpc(stack, zones=["eu-west-1a", "eu-west-1b"])
    return kind(stack, "Endpoint", vpc=vpc, **{"service": NAME} | options)


def alarms(stack: Stack) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources_of(stack, ALARM).values()]


def dimensions(alarm: dict[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


def endpoint_ids(stack: Stack) -> list[dict[str, str]]:
    return [{"Ref": each} for each in resources_of(stack, "AWS::EC2::VPCEndpoint")]


@pytest.mark.parametrize(("method", "name", "statistic"), METRICS)
def test_each_metric_of_an_interface_endpoint_has_a_method(
    stack: Stack, method: str, name: str, statistic: str
) -> None:
    metric = getattr(connect(stack), method)()
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    (found,) = alarms(stack)
    (endpoint_id,) = endpoint_ids(stack)
    assert (found["Namespace"], found["MetricName"]) == ("AWS/PrivateLinkEndpoints", name)
    assert (found["Statistic"], found["Period"]) == (statistic, 300)
    assert dimensions(found) == {
        "Endpoint Type": "Interface",
        "Service Name": NAME,
        "VPC Endpoint Id": endpoint_id,
        "VPC Id": "vpc-0123456789abcdef0",
    }


@pytest.mark.parametrize(("method", "name", "statistic"), METRICS)
def test_each_metric_of_gateway_load_balancer_endpoints_has_a_method(
    stack: Stack, method: str, name: str, statistic: str
) -> None:
    metrics = getattr(connect(stack, GatewayLoadBalancerEndpoints), method)()
    for number, metric in enumerate(metrics):
        metric.create_alarm(stack, f"Alarm{number}", threshold=1, evaluation_periods=1)
    assert {(each["MetricName"], each["Statistic"]) for each in alarms(stack)} == {
        (name, statistic)
    }
    assert [dimensions(each) for each in alarms(stack)] == [
        {
            "Endpoint Type": "GatewayLoadBalancer",
            "Service Name": NAME,
            "VPC Endpoint Id": endpoint_id,
            "VPC Id": "vpc-0123456789abcdef0",
        }
        for endpoint_id in endpoint_ids(stack)
    ]


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
def test_any_other_metric_is_available_by_name_with_the_options_of_cloudwatch(
    stack: Stack, kind: Any
) -> None:
    found = connect(stack, kind).metric(
        "Another",
        dimensions_map={"Subnet Id": SUBNETS[0]},
        period=Duration.minutes(1),
        statistic=cloudwatch.Stats.MAXIMUM,
    )
    metric = found if isinstance(found, cloudwatch.Metric) else found[0]
    assert metric.metric_name == "Another"
    assert metric.statistic == "Maximum"
    assert metric.period.to_seconds() == 60
    assert (metric.dimensions or {})["Subnet Id"] == SUBNETS[0]


def test_a_widget_accepts_the_metrics_of_gateway_load_balancer_endpoints(stack: Stack) -> None:
    endpoints = connect(stack, GatewayLoadBalancerEndpoints)
    widget = cloudwatch.GraphWidget(left=endpoints.metric_bytes_processed())
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[[widget]])
    (dashboard,) = resources_of(stack, "AWS::CloudWatch::Dashboard").values()
    assert f"{dashboard}".count("BytesProcessed") == 2


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
def test_a_metric_has_the_environment_of_the_endpoint(kind: Any) -> None:
    app = App()
    endpoint = connect(Stack(app, "Stack", env=IRELAND), kind)
    found = endpoint.metric_packets_dropped()
    metric = found if isinstance(found, cloudwatch.Metric) else found[0]
    other = Stack(app, "Other", env=VIRGINIA)
    widget = cloudwatch.GraphWidget(left=[metric])
    cloudwatch.Dashboard(other, "Dashboard", widgets=[[widget]])
    (dashboard,) = find_unlinted(other, "AWS::CloudWatch::Dashboard").values()
    assert '"region":"eu-west-1"' in f"{dashboard['Properties']['DashboardBody']}"


@pytest.mark.parametrize(
    ("kind", "type"),
    [(InterfaceEndpoint, "Interface"), (GatewayLoadBalancerEndpoints, "GatewayLoadBalancer")],
)
def test_there_is_an_alarm_for_dropped_packets_per_subnet(
    stack: Stack, kind: Any, type: str
) -> None:
    created = connect(stack, kind).add_packets_dropped_alarms("Dropped", threshold=10)
    assert len(created) == 2
    found = alarms(stack)
    for alarm in found:
        assert alarm["Namespace"] == "AWS/PrivateLinkEndpoints"
        assert alarm["MetricName"] == "PacketsDropped"
        assert (alarm["Statistic"], alarm["Period"], alarm["Threshold"]) == ("Sum", 60, 10)
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (5, 5)
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"
    ids = endpoint_ids(stack)
    assert [dimensions(each) for each in found] == [
        {
            "Endpoint Type": type,
            "Service Name": NAME,
            "Subnet Id": subnet,
            "VPC Endpoint Id": ids[number % len(ids)],
            "VPC Id": "vpc-0123456789abcdef0",
        }
        for number, subnet in enumerate(SUBNETS)
    ]


def test_an_alarm_keeps_its_logical_id_when_another_subnet_is_removed() -> None:
    def alarm_ids(zones: list[str]) -> dict[str, Any]:
        stack = Stack(App(), "Stack", env=IRELAND)
        endpoint = InterfaceEndpoint(
            stack,
            "Endpoint",
            vpc=existing_vpc(stack),
            service=NAME,
            subnets=ec2.SubnetSelection(
                subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, availability_zones=zones
            ),
        )
        endpoint.add_packets_dropped_alarms("Dropped", threshold=10)
        return {
            dimensions(each["Properties"])["Subnet Id"]: key
            for key, each in find_unlinted(stack, ALARM).items()
        }

    both, second = alarm_ids(["eu-west-1a", "eu-west-1b"]), alarm_ids(["eu-west-1b"])
    assert len(both) == 2
    assert second.items() <= both.items()


def test_the_dimensions_of_a_service_that_is_a_token_are_tokens(stack: Stack) -> None:
    endpoint = connect(stack, service=CfnParameter(stack, "Name").value_as_string)
    endpoint.add_packets_dropped_alarms("Dropped", threshold=10)
    assert {str(dimensions(each)["Service Name"]) for each in alarms(stack)} == {"{'Ref': 'Name'}"}


def test_a_threshold_can_be_a_token(stack: Stack) -> None:
    threshold = Token.as_number(CfnParameter(stack, "Threshold", type="Number").value)
    connect(stack).add_packets_dropped_alarms("Dropped", threshold=threshold)
    assert {str(each["Threshold"]) for each in alarms(stack)} == {"{'Ref': 'Threshold'}"}


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
@pytest.mark.parametrize(
    ("options", "error_type", "message"),
    [
        (
            {"threshold": -1},
            PrivateLinkValueError,
            "`threshold` must be 0 or more, got `-1`; pass the number of packets per minute that "
            "you tolerate  [Stack/Endpoint]",
        ),
        (
            {"threshold": "10"},
            PrivateLinkTypeError,
            "`threshold` must be a number, got `'10'`; pass the number of packets per minute that "
            "you tolerate  [Stack/Endpoint]",
        ),
        (
            {"id": 1},
            PrivateLinkTypeError,
            "`id` must be a string, got `1`; pass a string that is not empty and contains no token"
            "  [Stack/Endpoint/1]",
        ),
    ],
)
def test_bad_input_of_alarms_is_rejected(
    stack: Stack, kind: Any, options: dict[str, Any], error_type: type[Exception], message: str
) -> None:
    endpoint = connect(stack, kind)
    arguments = {"id": "Dropped", "threshold": 10} | options
    alarms_id = arguments.pop("id")
    found = catch_error(
        stack, error_type, lambda: endpoint.add_packets_dropped_alarms(alarms_id, **arguments)
    )
    assert found == message


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
def test_wrong_options_of_metrics_are_rejected(stack: Stack, kind: Any) -> None:
    with pytest.raises(PrivateLinkTypeError) as error:
        connect(stack, kind).metric_packets_dropped(Period=1)
    assert str(error.value) == (
        "`options` must be options of a metric, got `'Period'`; pass the options of "
        "`MetricOptions`  [Stack/Endpoint]"
    )


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
def test_alarms_with_another_id_are_further_alarms(stack: Stack, kind: Any) -> None:
    endpoint = connect(stack, kind)
    endpoint.add_packets_dropped_alarms("Few", threshold=1)
    endpoint.add_packets_dropped_alarms("Many", threshold=100)
    assert len(alarms(stack)) == 4


@pytest.mark.parametrize("kind", [InterfaceEndpoint, GatewayLoadBalancerEndpoints])
def test_a_construct_of_the_user_cannot_have_the_id_of_the_alarms(stack: Stack, kind: Any) -> None:
    endpoint = connect(stack, kind)
    Construct(endpoint, "PacketsDroppedAlarms")
    with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
        endpoint.add_packets_dropped_alarms("Dropped", threshold=10)


class TestOtherRegions:
    ID = "cdk-privatelink:noMetricsAcrossRegions"

    @pytest.mark.parametrize("method", ["metric_bytes_processed", "add_packets_dropped_alarms"])
    def test_metrics_of_an_endpoint_to_another_region_are_warned_about(self, method: str) -> None:
        stack = Stack(App(), "Stack", env=VIRGINIA)
        endpoint = connect(stack)
        options = {"threshold": 10} if method.startswith("add") else {}
        arguments = ["Dropped"] if method.startswith("add") else []
        getattr(endpoint, method)(*arguments, **options)
        text = (
            "AWS publishes no metrics for endpoints to services in other Regions, so that graphs "
            "stay empty and the state of alarms is never ALARM."
        )
        found = Annotations.from_stack(stack).find_warning(
            "/Stack/Endpoint", Match.string_like_regexp(text)
        )
        assert len(found) == 1
        assert self.ID in f"{found[0].entry.data}"

    @pytest.mark.parametrize("environment", [IRELAND, None])
    def test_there_is_no_warning_in_the_same_or_in_an_unknown_region(
        self, environment: Any
    ) -> None:
        stack = Stack(App(), "Stack", env=environment)
        connect(stack).add_packets_dropped_alarms("Dropped", threshold=10)
        Annotations.from_stack(stack).has_no_warning("*", Match.string_like_regexp(".*Regions.*"))

    def test_an_endpoint_without_metrics_has_no_warning(self) -> None:
        stack = Stack(App(), "Stack", env=VIRGINIA)
        connect(stack)
        Annotations.from_stack(stack).has_no_warning("*", Match.string_like_regexp(".*metrics.*"))

    def test_a_region_that_is_a_token_is_not_warned_about(self) -> None:
        stack = Stack(App(), "Stack")
        name, region = (CfnParameter(stack, each).value_as_string for each in ("Name", "Region"))
        connect(stack, service=name, service_region=region).metric_packets_dropped()
        Annotations.from_stack(stack).has_no_warning("*", Match.string_like_regexp(".*metrics.*"))
