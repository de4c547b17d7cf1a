from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import existing_vpc
from tests.unit.templates import EMPTY, make_service, only, template_of

ID = "vpce-svc-0123456789abcdef0"
NAME = f"com.amazonaws.vpce.eu-west-1.{ID}"
ACCOUNT = {"Ref": "AWS::AccountId"}


def output_value(stack: Stack, value: str) -> Any:
    CfnOutput(stack, "Value", value=value)
    # Imports create no resource, and a template needs one.
    ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
    return template_of(stack)["Outputs"]["Value"]["Value"]


class TestById:
    def test_a_service_by_id_has_the_name_of_its_region(self) -> None:
        stack = Stack(App(), "Stack", env=Environment(region="cn-north-1"))
        service = PrivateLinkEndpointService.from_service_id(stack, "Existing", ID)
        assert service.service_id == service.vpc_endpoint_service_id == ID
        name = f"cn.com.amazonaws.vpce.cn-north-1.{ID}"
        assert service.service_name == service.vpc_endpoint_service_name == name

    def test_the_name_of_a_service_by_id_contains_a_region_token(self, stack: Stack) -> None:
        service = PrivateLinkEndpointService.from_service_id(stack, "Existing", ID)
        prefix, *rest = output_value(stack, service.service_name)["Fn::Join"][1]
        assert prefix["Fn::FindInMap"][0] == "PrivateLinkServiceNamePrefix"
        assert rest == [".", {"Ref": "AWS::Region"}, f".{ID}"]

    def test_the_id_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Id")
        service = PrivateLinkEndpointService.from_service_id(
            stack, "Existing", parameter.value_as_string
        )
        assert output_value(stack, service.service_name)["Fn::Join"][1][-1] == {"Ref": "Id"}

    def test_the_arn_of_a_service_by_id_is_in_the_environment_of_the_stack(
        self, stack: Stack
    ) -> None:
        service = PrivateLinkEndpointService.from_service_id(stack, "Existing", ID)
        partition, region = {"Ref": "AWS::Partition"}, {"Ref": "AWS::Region"}
        end = f":vpc-endpoint-service/{ID}"
        assert output_value(stack, service.service_arn) == {
            "Fn::Join": ["", ["arn:", partition, ":ec2:", region, ":", ACCOUNT, end]]
        }

    @pytest.mark.parametrize(
        "wrong", ["", "vpce-0123456789abcdef0", "vpce-svc-", "vpce-svc-xyz", NAME, f"{ID} "]
    )
    def test_an_invalid_id_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            PrivateLinkEndpointService.from_service_id(stack, "Existing", wrong)
        assert str(error.value) == (
            f"`service_id` must be the id of an endpoint service, got `{wrong or EMPTY}`; "
            "pass an id like `vpce-svc-0123456789abcdef0`  [Stack/Existing]"
        )

    def test_an_id_that_is_not_a_string_is_rejected(self, stack: Stack) -> None:
        wrong: Any = None
        with pytest.raises(PrivateLinkTypeError) as error:
            PrivateLinkEndpointService.from_service_id(stack, "Existing", wrong)
        assert str(error.value) == (
            "`service_id` must be a string, got `None`; pass an id like "
            "`vpce-svc-0123456789abcdef0`  [Stack/Existing]"
        )


def connect(kind: Any, stack: Stack, id: str, service: str) -> None:
    kind(stack, id, vpc=existing_vpc(stack), service=service)


class TestConfusedTokens:
    """The id and the name of a service of the app are tokens, which are easy to confuse."""

    def test_the_name_instead_of_the_id_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            PrivateLinkEndpointService.from_service_id(stack, "Imported", service.service_name)
        assert str(error.value) == (
            "`service_id` must be the id of an endpoint service, got `the name of Stack/Payments`; "
            "pass `service.service_id`, or the service itself where a service is accepted  "
            "[Stack/Imported]"
        )

    @pytest.mark.parametrize(
        ("use", "argument"),
        [
            (PrivateLinkEndpointService.from_service_name, "service_name"),
            (partial(connect, InterfaceEndpoint), "service"),
            (partial(connect, GatewayLoadBalancerEndpoints), "service"),
        ],
    )
    def test_the_id_instead_of_the_name_is_rejected(
        self, stack: Stack, use: Any, argument: str
    ) -> None:
        service = make_service(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            use(stack, "It", service.service_id)
        assert str(error.value) == (
            f"`{argument}` must be the name of an endpoint service, got `the id of Stack/Payments`"
            "; pass `service.service_name`, or the service itself where a service is accepted  "
            "[Stack/It]"
        )


class TestByName:
    @pytest.mark.parametrize(
        ("prefix", "region", "partition"),
        [
            ("com.amazonaws.vpce", "eu-west-1", "aws"),
            ("com.amazonaws.vpce", "us-gov-west-1", "aws-us-gov"),
            ("cn.com.amazonaws.vpce", "cn-north-1", "aws-cn"),
            ("eu.amazonaws.vpce", "eusc-de-east-1", "aws-eusc"),
            ("gov.ic.c2s.vpce", "us-iso-east-1", "aws-iso"),
            ("gov.sgov.sc2s.vpce", "us-isob-east-1", "aws-iso-b"),
            ("uk.adc-e.cloud.vpce", "eu-isoe-west-1", "aws-iso-e"),
            ("gov.ic.hci.csp.vpce", "us-isof-south-1", "aws-iso-f"),
            # A Region that is new to the CDK.
            ("com.amazonaws.vpce", "zz-nowhere-9", "aws"),
        ],
    )
    def test_a_service_by_name_has_the_id_region_and_partition_of_the_name(
        self, stack: Stack, prefix: str, region: str, partition: str
    ) -> None:
        name = f"{prefix}.{region}.{ID}"
        service = PrivateLinkEndpointService.from_service_name(stack, "Existing", name)
        assert service.service_name == service.vpc_endpoint_service_name == name
        assert service.service_id == service.vpc_endpoint_service_id == ID
        assert service.env.region == region
        start = f"arn:{partition}:ec2:{region}:"
        assert output_value(stack, service.service_arn) == {
            "Fn::Join": ["", [start, ACCOUNT, f":vpc-endpoint-service/{ID}"]]
        }

    def test_the_name_can_be_a_token(self, stack: Stack) -> None:
        name = CfnParameter(stack, "Name").value_as_string
        service = PrivateLinkEndpointService.from_service_name(stack, "Existing", name)
        assert service.service_name == name
        # The prefixes before the Region differ in their number of labels.
        place = {"Fn::Select": [1, {"Fn::Split": [".vpce.", {"Ref": "Name"}]}]}
        region, service_id = (
            {"Fn::Select": [part, {"Fn::Split": [".", place]}]} for part in (0, 1)
        )
        assert output_value(stack, service.service_arn) == {
            "Fn::Join": [
                "",
                [
                    "arn:",
                    {"Ref": "AWS::Partition"},
                    ":ec2:",
                    region,
                    ":",
                    ACCOUNT,
                    ":vpc-endpoint-service/",
                    service_id,
                ],
            ]
        }

    def test_an_interface_endpoint_of_the_cdk_connects_to_a_service_by_name(
        self, stack: Stack
    ) -> None:
        service = PrivateLinkEndpointService.from_service_name(stack, "Existing", NAME)
        ec2.Vpc(stack, "Vpc").add_interface_endpoint(
            "Endpoint", service=ec2.InterfaceVpcEndpointService(service.service_name, 443)
        )
        assert only(stack, "AWS::EC2::VPCEndpoint")["Properties"]["ServiceName"] == NAME

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            ID,
            "com.amazonaws.eu-west-1.s3",
            f"com.example.vpce.eu-west-1.{ID}",
            "com.amazonaws.vpce.eu-west-1.vpce-0123",
            f"{NAME}.eu-west-1.vpce.amazonaws.com",
        ],
    )
    def test_an_invalid_name_is_rejected(self, stack: Stack, wrong: str) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            PrivateLinkEndpointService.from_service_name(stack, "Existing", wrong)
        assert str(error.value) == (
            f"`service_name` must be the name of an endpoint service, got `{wrong or EMPTY}`; "
            f"pass a name like `{NAME}`  [Stack/Existing]"
        )

    def test_a_name_that_is_not_a_string_is_rejected(self, stack: Stack) -> None:
        wrong: Any = 1
        with pytest.raises(PrivateLinkTypeError) as error:
            PrivateLinkEndpointService.from_service_name(stack, "Existing", wrong)
        assert str(error.value) == (
            f"`service_name` must be a string, got `1`; pass a name like `{NAME}`  [Stack/Existing]"
        )
