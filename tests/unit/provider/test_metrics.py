from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk_privatelink import (
    IPrivateLinkEndpointService,
    MetricOptions,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import (
    make_service,
    only,
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
