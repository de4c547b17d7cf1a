"""The alarms that AWS recommends for an endpoint service."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnOutput, CfnParameter, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from cdk_privatelink import (
    LoadBalancers,
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

    @pytest.mark.parametrize("kind", ["subnets", "mappings", "l1"])
    def test_alarms_are_for_the_zones_of_the_subnets_of_the_load_balancer(
        self, stack: Stack, kind: str
    ) -> None:
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
        subnet = vpc.private_subnets[1]
        load_balancers: dict[str, Callable[[], Any]] = {
            "subnets": lambda: elbv2.NetworkLoadBalancer(
                stack, "Nlb", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[subnet])
            ),
            "mappings": lambda: elbv2.NetworkLoadBalancer(
                stack, "Nlb", vpc=vpc, subnet_mappings=[elbv2.SubnetMapping(subnet=subnet)]
            ),
            "l1": lambda: elbv2.CfnLoadBalancer(
                stack, "Nlb", type="network", subnets=[subnet.subnet_id]
            ),
        }
        nlb = load_balancers[kind]()
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        service.add_rst_packets_sent_alarms("Rst", threshold=10)
        (alarm,) = resources_of(stack, ALARM).values()
        assert alarm["Properties"]["Dimensions"][0]["Value"] == {
            "Fn::Select": [1, {"Fn::GetAZs": ""}]
        }

    def test_an_l1_with_a_subnet_of_another_app_requires_availability_zones(
        self, stack: Stack
    ) -> None:
        nlb = elbv2.CfnLoadBalancer(
            stack, "Nlb", type="network", subnets=["subnet-0123456789abcdef0"]
        )
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        with pytest.raises(PrivateLinkValueError, match="must be passed for imported"):
            service.add_rst_packets_sent_alarms("Rst", threshold=10)

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
