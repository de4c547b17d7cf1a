from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Duration, Environment, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from cdk_privatelink import (
    IPrivateLinkEndpointService,
    LoadBalancers,
    MetricOptions,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import (
    EMPTY,
    NETWORK_ARN,
    NETWORK_ARN_2,
    make_service,
    only,
    resources_of,
)

ALARM = "AWS::CloudWatch::Alarm"
THIS_SERVICE = {"Name": "Service Id", "Value": {"Ref": "Payments130453D3"}}


def alarm_on(stack: Stack, metric: cloudwatch.Metric) -> Any:
    """Return the properties of an alarm on the metric."""
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    return only(stack, ALARM)["Properties"]


class TestMetrics:
    @pytest.mark.parametrize(
        ("method", "name", "statistic"),
        [
            ("metric_active_connections", "ActiveConnections", "Average"),
            ("metric_bytes_processed", "BytesProcessed", "Sum"),
            ("metric_endpoints_count", "EndpointsCount", "Average"),
            ("metric_new_connections", "NewConnections", "Sum"),
            ("metric_rst_packets_sent", "RstPacketsSent", "Sum"),
        ],
    )
    def test_each_metric_has_a_method_with_a_suitable_statistic(
        self, stack: Stack, method: str, name: str, statistic: str
    ) -> None:
        found = alarm_on(stack, getattr(make_service(stack), method)())
        assert found["Namespace"] == "AWS/PrivateLinkServices"
        assert found["MetricName"] == name
        assert found["Statistic"] == statistic
        assert found["Dimensions"] == [THIS_SERVICE]
        assert found["Period"] == 300

    def test_any_other_metric_is_available_by_name(self, stack: Stack) -> None:
        found = alarm_on(stack, make_service(stack).metric("Another"))
        assert found["MetricName"] == "Another"
        assert found["Statistic"] == "Average"

    def test_a_metric_has_the_options_of_cloudwatch(self, stack: Stack) -> None:
        metric = make_service(stack).metric_bytes_processed(
            dimensions_map={"VPC Endpoint Id": "vpce-0123"},
            period=Duration.minutes(1),
            statistic=cloudwatch.Stats.MAXIMUM,
            unit=cloudwatch.Unit.BYTES,
        )
        found = alarm_on(stack, metric)
        assert found["Dimensions"] == [
            THIS_SERVICE,
            {"Name": "VPC Endpoint Id", "Value": "vpce-0123"},
        ]
        assert (found["Period"], found["Statistic"], found["Unit"]) == (60, "Maximum", "Bytes")

    @pytest.mark.parametrize(
        ("name", "error_type", "got"),
        [
            ("", PrivateLinkValueError, "must not be empty, got `''`"),
            (1, PrivateLinkTypeError, "must be a string, got `1`"),
        ],
    )
    def test_an_invalid_metric_name_is_rejected(
        self, stack: Stack, name: Any, error_type: type[Exception], got: str
    ) -> None:
        with pytest.raises(error_type) as error:
            make_service(stack).metric(name)
        assert str(error.value) == (
            f"`metric_name` {got}; pass a name like `ActiveConnections`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        ("options", "error_type", "problem"),
        [
            ({"Period": 1}, PrivateLinkTypeError, "must be options of a metric, got `'Period'`"),
            (
                {"period": Duration.seconds(7)},
                PrivateLinkValueError,
                "must be accepted by `cloudwatch.Metric` ('period' must be 1, 5, 10, 30, or a "
                "multiple of 60 seconds, received 7), got `period`",
            ),
            (
                {"period": 60},
                PrivateLinkTypeError,
                "must be accepted by `cloudwatch.Metric` (type of argument period must be one of "
                "(aws_cdk.Duration, NoneType); got int instead), got `period`",
            ),
        ],
    )
    def test_invalid_metric_options_are_rejected(
        self, stack: Stack, options: Any, error_type: type[Exception], problem: str
    ) -> None:
        with pytest.raises(error_type) as error:
            make_service(stack).metric_new_connections(**options)
        assert str(error.value) == (
            f"`options` {problem}; pass the options of `MetricOptions`  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [{"Az": 1}, {1: "Az"}, "Az", 0])
    def test_invalid_metric_dimensions_are_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack).metric("Another", dimensions_map=wrong)
        assert str(error.value) == (
            "`options` must have a `dimensions_map` from strings to strings, got "
            f'`{wrong!r}`; pass a map like `{{"Az": "eu-west-1a"}}`  [Stack/Payments]'
        )

    def test_options_that_are_none_have_their_defaults(self, stack: Stack) -> None:
        options: Any = {"dimensions_map": None, "statistic": None, "period": None}
        found = alarm_on(stack, make_service(stack).metric_bytes_processed(**options))
        assert found["Dimensions"] == [THIS_SERVICE]
        assert (found["Period"], found["Statistic"]) == (300, "Sum")

    def test_dimensions_cannot_replace_the_service_of_a_metric(self, stack: Stack) -> None:
        metric = make_service(stack).metric_new_connections(dimensions_map={"Service Id": "other"})
        assert alarm_on(stack, metric)["Dimensions"] == [THIS_SERVICE]

    def test_the_metric_options_have_the_names_of_the_cdk(self) -> None:
        parameters = inspect.signature(cloudwatch.MetricOptions).parameters
        assert set(MetricOptions.__annotations__) == set(parameters)

    def test_a_metric_has_the_environment_of_its_service(self) -> None:
        place = Environment(account="111122223333", region="eu-west-1")
        stack = Stack(App(), "Stack", env=place)
        metric = make_service(stack).metric_new_connections()
        assert (metric.region, metric.account) == ("eu-west-1", "111122223333")
        # An alarm in the same environment needs no environment of its own.
        assert "Dimensions" in alarm_on(stack, metric)

    def test_a_metric_of_an_environment_agnostic_stack_has_no_environment(
        self, stack: Stack
    ) -> None:
        metric = make_service(stack).metric_new_connections()
        assert (metric.region, metric.account) == (None, None)

    def test_the_options_can_set_the_environment_of_a_metric(self) -> None:
        place = Environment(account="111122223333", region="eu-west-1")
        service = make_service(Stack(App(), "Stack", env=place))
        metric = service.metric_new_connections(region="us-east-1", account="444455556666")
        assert (metric.region, metric.account) == ("us-east-1", "444455556666")

    @pytest.mark.parametrize(
        "existing",
        [
            lambda stack: PrivateLinkEndpointService.from_service_id(
                stack, "Existing", "vpce-svc-0123"
            ),
            lambda stack: PrivateLinkEndpointService.from_service_name(
                stack, "Existing", "com.amazonaws.vpce.eu-west-1.vpce-svc-0123"
            ),
        ],
        ids=["id", "name"],
    )
    def test_an_imported_service_has_metrics(
        self, stack: Stack, existing: Callable[[Stack], IPrivateLinkEndpointService]
    ) -> None:
        found = alarm_on(stack, existing(stack).metric_active_connections())
        assert found["Dimensions"] == [{"Name": "Service Id", "Value": "vpce-svc-0123"}]

    def test_a_metric_of_an_imported_service_has_the_region_of_the_service(
        self, stack: Stack
    ) -> None:
        existing = PrivateLinkEndpointService.from_service_name(
            stack, "Existing", "com.amazonaws.vpce.us-east-1.vpce-svc-0123"
        )
        assert existing.metric_new_connections().region == "us-east-1"


class TestRecommendedAlarms:
    def test_an_alarm_has_the_settings_that_aws_recommends(self, stack: Stack) -> None:
        service = make_service(stack)
        (alarm,) = service.add_rst_packets_sent_alarms(
            "Rst", threshold=10, availability_zones=["eu-west-1a"]
        )
        assert isinstance(alarm, cloudwatch.Alarm)
        assert only(stack, ALARM)["Properties"] == {
            "AlarmDescription": "Targets of the endpoint service may be unhealthy: they reset "
            "connections.",
            "Namespace": "AWS/PrivateLinkServices",
            "MetricName": "RstPacketsSent",
            "Dimensions": [
                {"Name": "Az", "Value": "eu-west-1a"},
                {"Name": "Load Balancer Arn", "Value": NETWORK_ARN},
                THIS_SERVICE,
            ],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 5,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 10,
        }

    def test_each_load_balancer_has_an_alarm_per_availability_zone(self, stack: Stack) -> None:
        load_balancers = LoadBalancers.network(NETWORK_ARN, NETWORK_ARN_2)
        service = make_service(stack, load_balancers=load_balancers)
        alarms = service.add_rst_packets_sent_alarms(
            "Rst", threshold=0, availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        )
        assert len(alarms) == 4
        found = [
            [each["Value"] for each in alarm["Properties"]["Dimensions"][:2]]
            for alarm in resources_of(stack, ALARM).values()
        ]
        assert found == [
            ["eu-west-1a", NETWORK_ARN],
            ["eu-west-1b", NETWORK_ARN],
            ["eu-west-1a", NETWORK_ARN_2],
            ["eu-west-1b", NETWORK_ARN_2],
        ]

    def test_alarms_default_to_the_availability_zones_of_the_vpc(self, stack: Stack) -> None:
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        service.add_rst_packets_sent_alarms("Rst", threshold=10)
        zones = [
            alarm["Properties"]["Dimensions"][0]["Value"]
            for alarm in resources_of(stack, ALARM).values()
        ]
        assert zones == [{"Fn::Select": [index, {"Fn::GetAZs": ""}]} for index in (0, 1)]

    def test_each_load_balancer_has_alarms_for_its_own_availability_zones(
        self, stack: Stack
    ) -> None:
        load_balancers = [
            elbv2.NetworkLoadBalancer(stack, name, vpc=ec2.Vpc(stack, f"{name} vpc", max_azs=count))
            for name, count in (("Small", 1), ("Large", 2))
        ]
        service = make_service(stack, load_balancers=LoadBalancers.network(*load_balancers))
        service.add_rst_packets_sent_alarms("Rst", threshold=10)
        dimensions = [
            each["Properties"]["Dimensions"] for each in resources_of(stack, ALARM).values()
        ]
        zones = [{"Fn::Select": [index, {"Fn::GetAZs": ""}]} for index in (0, 1)]
        assert [each[0]["Value"] for each in dimensions] == [zones[0], *zones]
        arns = [each[1]["Value"]["Ref"][:5] for each in dimensions]
        assert arns == ["Small", "Large", "Large"]

    def test_the_id_of_alarms_can_equal_an_id_of_this_library(self, stack: Stack) -> None:
        service, zones = make_service(stack), ["eu-west-1a"]
        service.add_rst_packets_sent_alarms("Permissions", threshold=1, availability_zones=zones)
        service.allow_principals(iam.AnyPrincipal())
        assert len(resources_of(stack, ALARM)) == 1

    def test_names_of_local_and_wavelength_zones_are_accepted(self, stack: Stack) -> None:
        zones = ["eu-west-1a", "us-gov-west-1b", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"]
        alarms = make_service(stack).add_rst_packets_sent_alarms(
            "Rst", threshold=1, availability_zones=zones
        )
        assert len(alarms) == 4

    def test_a_service_can_have_alarms_with_several_thresholds(self, stack: Stack) -> None:
        service, zones = make_service(stack), ["eu-west-1a"]
        service.add_rst_packets_sent_alarms("Warning", threshold=1, availability_zones=zones)
        service.add_rst_packets_sent_alarms("Critical", threshold=9, availability_zones=zones)
        alarms = resources_of(stack, ALARM).values()
        assert [alarm["Properties"]["Threshold"] for alarm in alarms] == [1, 9]

    def test_the_threshold_and_the_zone_of_an_alarm_can_be_tokens(self, stack: Stack) -> None:
        threshold = CfnParameter(stack, "Threshold", type="Number").value_as_number
        zone = CfnParameter(stack, "Zone").value_as_string
        make_service(stack).add_rst_packets_sent_alarms(
            "Rst", threshold=threshold, availability_zones=[zone]
        )
        properties = only(stack, ALARM)["Properties"]
        assert properties["Threshold"] == {"Ref": "Threshold"}
        assert properties["Dimensions"][0]["Value"] == {"Ref": "Zone"}


class TestRejectedAlarms:
    def error_message(self, stack: Stack, error_type: type[Exception], **options: Any) -> str:
        arguments: dict[str, Any] = {"threshold": 1, "availability_zones": ["eu-west-1a"]} | options
        load_balancers = arguments.pop("load_balancers", LoadBalancers.network(NETWORK_ARN))
        service = make_service(stack, load_balancers=load_balancers)
        with pytest.raises(error_type) as error:
            service.add_rst_packets_sent_alarms("Rst", **arguments)
        assert resources_of(stack, ALARM) == {}
        return str(error.value)

    @pytest.mark.parametrize("wrong", ["10", None, True, [10]])
    def test_a_threshold_that_is_not_a_number_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert self.error_message(stack, PrivateLinkTypeError, threshold=wrong) == (
            f"`threshold` must be a number, got `{wrong!r}`; pass the number of packets per "
            "minute that you tolerate  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [-1, -0.5])
    def test_a_negative_threshold_is_rejected(self, stack: Stack, wrong: float) -> None:
        assert self.error_message(stack, PrivateLinkValueError, threshold=wrong) == (
            f"`threshold` must be 0 or more, got `{wrong}`; pass the number of packets per "
            "minute that you tolerate  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", [math.inf, math.nan, 10**400])
    def test_an_infinite_threshold_is_rejected(self, stack: Stack, wrong: float) -> None:
        assert self.error_message(stack, PrivateLinkValueError, threshold=wrong) == (
            f"`threshold` must be a finite number, got `{wrong}`; pass the number of packets per "
            "minute that you tolerate  [Stack/Payments]"
        )

    def test_alarms_of_an_imported_load_balancer_require_availability_zones(
        self, stack: Stack
    ) -> None:
        assert self.error_message(stack, PrivateLinkValueError, availability_zones=None) == (
            "`availability_zones` must be passed for imported load balancers, whose zones "
            f"the app cannot know, got load balancer `{NETWORK_ARN}`; pass the names of the "
            "zones, like `eu-west-1a`  [Stack/Payments]"
        )

    def test_alarms_of_a_vpc_with_a_token_as_its_zones_require_availability_zones(
        self, stack: Stack
    ) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=Fn.split(",", Fn.import_value("Zones")),
            private_subnet_ids=["subnet-0123456789abcdef0"],
        )
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
        options = {"load_balancers": LoadBalancers.network(nlb), "availability_zones": None}
        assert self.error_message(stack, PrivateLinkValueError, **options).startswith(
            "`availability_zones` must be passed for imported load balancers, whose zones "
        )

    @pytest.mark.parametrize("wrong", ["", "euw1-az1", "eu-west-1", "eu-west-1a ", "EU-WEST-1A"])
    def test_an_invalid_zone_name_is_rejected(self, stack: Stack, wrong: str) -> None:
        assert self.error_message(stack, PrivateLinkValueError, availability_zones=[wrong]) == (
            "`availability_zones[0]` must be the name of an Availability Zone, got "
            f"`{wrong or EMPTY}`; pass a name like `eu-west-1a`  [Stack/Payments]"
        )

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ("eu-west-1a", "` must be a list, got `'eu-west-1a'`; put the value into a list"),
            ([1], "[0]` must be a string, got `1`; pass a name like `eu-west-1a`"),
            (1, "` must be a list, got `1`; put the value into a list"),
        ],
    )
    def test_zones_that_are_not_a_list_of_strings_are_rejected(
        self, stack: Stack, wrong: Any, message: str
    ) -> None:
        assert self.error_message(stack, PrivateLinkTypeError, availability_zones=wrong) == (
            f"`availability_zones{message}  [Stack/Payments]"
        )

    def test_an_empty_list_of_zones_is_rejected(self, stack: Stack) -> None:
        assert self.error_message(stack, PrivateLinkValueError, availability_zones=[]) == (
            "`availability_zones` must not be empty, got `[]`; pass one element or more, "
            "or leave it out  [Stack/Payments]"
        )

    def test_a_list_token_as_zones_is_rejected(self, stack: Stack) -> None:
        zones = CfnParameter(stack, "Zones", type="CommaDelimitedList").value_as_list
        CfnOutput(stack, "Output", value=Fn.join(",", zones))
        assert self.error_message(stack, PrivateLinkValueError, availability_zones=zones) == (
            "`availability_zones[0]` must be a single name, since there is one alarm per "
            f"Availability Zone, got `{zones[0]}`; pass a name like `eu-west-1a`  [Stack/Payments]"
        )

    def test_alarms_for_a_list_token_of_load_balancers_are_rejected(self, stack: Stack) -> None:
        arns = CfnParameter(stack, "Arns", type="CommaDelimitedList").value_as_list
        options = {"load_balancers": LoadBalancers.network(*arns)}
        assert self.error_message(stack, PrivateLinkValueError, **options) == (
            "`load_balancers` must be single values for alarms, one alarm per load "
            f"balancer, got the list token `{arns[0]}`; pass each load balancer to "
            "`LoadBalancers.network()` as a separate argument  [Stack/Payments]"
        )
