from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from aws_cdk import App, CfnOutput, Environment, Fn, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink import (
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.templates import (
    LOOKUP,
    NETWORK_ARN,
    NETWORK_ARN_2,
    SERVICE,
    make_service,
    network_arn,
    only,
    resources_of,
    template_of,
)

FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
LOG_GROUP = "AWS::Logs::LogGroup"

PREFIXES = {
    "aws": "com.amazonaws.vpce",
    "aws-cn": "cn.com.amazonaws.vpce",
    "aws-us-gov": "com.amazonaws.vpce",
    "aws-iso": "gov.ic.c2s.vpce",
    "aws-iso-b": "gov.sgov.sc2s.vpce",
    "aws-iso-e": "uk.adc-e.cloud.vpce",
    "aws-iso-f": "gov.ic.hci.csp.vpce",
    "aws-eusc": "eu.amazonaws.vpce",
}


def make_derived(
    stack: Stack, id: str = "Payments", region: str = "eu-west-1"
) -> PrivateLinkEndpointService:
    return make_service(
        stack,
        id,
        load_balancers=LoadBalancers.network(network_arn(id).replace("eu-west-1", region)),
        service_name_source=ServiceNameSource.DERIVED,
    )


class TestLookup:
    def test_the_service_name_is_an_attribute_of_the_custom_resource(self, stack: Stack) -> None:
        service = make_service(stack)
        assert stack.resolve(service.service_name) == {
            "Fn::GetAtt": ["PaymentsServiceName33A27103", "ServiceName"]
        }

    @pytest.mark.parametrize(
        ("attribute", "key"),
        [
            ("availability_zones", "AvailabilityZones"),
            ("availability_zone_ids", "AvailabilityZoneIds"),
            ("base_endpoint_dns_names", "BaseEndpointDnsNames"),
        ],
    )
    def test_list_attributes_are_split_in_the_template(
        self, stack: Stack, attribute: str, key: str
    ) -> None:
        service = make_service(stack)
        assert stack.resolve(getattr(service, attribute)) == {
            "Fn::Split": [",", {"Fn::GetAtt": ["PaymentsServiceName33A27103", key]}]
        }

    def test_the_lookup_has_properties_that_change_with_the_service_and_its_load_balancers(
        self, stack: Stack
    ) -> None:
        # CloudFormation sends an Update whenever a property changes.
        make_service(stack, load_balancers=LoadBalancers.network(NETWORK_ARN, NETWORK_ARN_2))
        properties = only(stack, LOOKUP)["Properties"]
        assert properties["ServiceId"] == {"Ref": "Payments130453D3"}
        assert properties["LoadBalancerArns"] == [NETWORK_ARN, NETWORK_ARN_2]

    def test_cloudformation_waits_for_two_attempts_of_the_lookup(self, stack: Stack) -> None:
        make_service(stack)
        timeout = int(only(stack, LOOKUP)["Properties"]["ServiceTimeout"])
        assert timeout == 600
        # A lookup ends by itself, after two minutes and one for the response. Lambda invokes the
        # function again a minute after an attempt without a response.
        assert timeout > 2 * (120 + 60) + 60

    def test_a_stack_has_one_lookup_function_with_one_role_and_one_log_group(
        self, stack: Stack
    ) -> None:
        for index in range(3):
            make_service(stack, f"Service{index}")
        counts = {
            kind: len(resources_of(stack, kind))
            for kind in (SERVICE, LOOKUP, FUNCTION, ROLE, LOG_GROUP, "AWS::IAM::Policy")
        }
        assert counts == {
            SERVICE: 3,
            LOOKUP: 3,
            FUNCTION: 1,
            ROLE: 1,
            LOG_GROUP: 1,
            "AWS::IAM::Policy": 0,
        }

    def test_each_stack_has_its_own_lookup_function(self) -> None:
        app = App()
        outer, other = Stack(app, "Outer"), Stack(app, "Other")
        for stack in (outer, other, NestedStack(outer, "Inner")):
            make_service(stack)
        for stack in (outer, other):
            assert len(resources_of(stack, FUNCTION)) == 1

    def test_the_code_of_the_lookup_function_is_inline(self) -> None:
        app = App()
        stack = Stack(app, "Stack")
        make_service(stack)
        code = only(stack, FUNCTION)["Properties"]["Code"]
        assert list(code) == ["ZipFile"]
        module, handler = only(stack, FUNCTION)["Properties"]["Handler"].split(".")
        # Lambda gives this name to the file of inline code.
        assert module == "index"
        definitions = ast.parse(code["ZipFile"]).body
        assert handler in [getattr(node, "name", None) for node in definitions]
        assembly = app.synth()
        assert assembly.get_stack_by_name("Stack").assets[1:] == []  # the template itself is one

    def test_the_role_of_the_lookup_function_has_least_privilege(self, stack: Stack) -> None:
        make_service(stack)
        (log_group_id,) = resources_of(stack, LOG_GROUP)
        properties = only(stack, ROLE)["Properties"]
        assert set(properties) == {"AssumeRolePolicyDocument", "Policies"}
        ((policy),) = properties["Policies"]
        assert policy["PolicyDocument"]["Statement"] == [
            {
                "Effect": "Allow",
                "Action": "ec2:DescribeVpcEndpointServiceConfigurations",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": {"Fn::GetAtt": [log_group_id, "Arn"]},
            },
        ]

    def test_logs_are_retained_for_a_month_and_deleted_with_the_stack(self, stack: Stack) -> None:
        make_service(stack)
        ((log_group_id, log_group),) = resources_of(stack, LOG_GROUP).items()
        assert log_group["Properties"] == {"RetentionInDays": 30}
        assert log_group["DeletionPolicy"] == "Delete"
        assert only(stack, FUNCTION)["Properties"]["LoggingConfig"] == {
            "LogGroup": {"Ref": log_group_id}
        }


class TestDerived:
    def test_a_derived_name_that_is_not_used_adds_no_mapping(self, stack: Stack) -> None:
        make_derived(stack)
        assert "Mappings" not in template_of(stack)

    def test_a_derived_name_adds_a_mapping_to_the_stack_that_uses_it(self) -> None:
        app = App()
        provider, consumer = Stack(app, "Provider"), Stack(app, "Consumer")
        CfnOutput(consumer, "Name", value=make_derived(provider).service_name)
        # Only the stack that uses the name has the mapping.
        assert "Mappings" not in template_of(provider)
        template = template_of(consumer)
        prefix, *_, service_id = template["Outputs"]["Name"]["Value"]["Fn::Join"][1]
        assert [prefix["Fn::FindInMap"][0]] == list(template["Mappings"])
        assert "Fn::ImportValue" in service_id

    def test_a_derived_name_adds_a_mapping_to_the_nested_stack_that_uses_it(self) -> None:
        stage = Stage(App(), "Stage")
        provider, consumer = Stack(stage, "Provider"), Stack(stage, "Consumer")
        service = make_derived(provider)
        nested = NestedStack(consumer, "Nested")
        ec2.CfnVPCEndpoint(
            nested, "Endpoint", vpc_id=Fn.import_value("Vpc"), service_name=service.service_name
        )
        assert set(template_of(nested)["Mappings"]) == {"PrivateLinkServiceNamePrefix"}
        assert "Mappings" not in template_of(consumer)
        assert "Mappings" not in template_of(provider)

    def test_a_derived_name_adds_no_resource(self, stack: Stack) -> None:
        make_derived(stack)
        assert [r["Type"] for r in template_of(stack)["Resources"].values()] == [SERVICE]

    @pytest.mark.parametrize(
        ("region", "prefix"),
        [
            ("eu-west-1", PREFIXES["aws"]),
            ("cn-north-1", PREFIXES["aws-cn"]),
            ("us-gov-west-1", PREFIXES["aws-us-gov"]),
            ("us-iso-east-1", PREFIXES["aws-iso"]),
            ("us-isob-east-1", PREFIXES["aws-iso-b"]),
            ("eu-isoe-west-1", PREFIXES["aws-iso-e"]),
            ("us-isof-south-1", PREFIXES["aws-iso-f"]),
            ("eusc-de-east-1", PREFIXES["aws-eusc"]),
        ],
    )
    def test_a_derived_name_in_a_known_region_needs_no_mapping(
        self, region: str, prefix: str
    ) -> None:
        stack = Stack(App(), "Stack", env=Environment(region=region, account="111122223333"))
        service = make_derived(stack, region=region)
        assert stack.resolve(service.service_name) == {
            "Fn::Join": ["", [f"{prefix}.{region}.", {"Ref": "Payments130453D3"}]]
        }
        assert "Mappings" not in template_of(stack)

    def test_a_derived_name_in_a_region_that_is_a_token_uses_a_mapping(self, stack: Stack) -> None:
        for name in ("First", "Second"):
            CfnOutput(stack, f"{name}Name", value=make_derived(stack, name).service_name)
        second = template_of(stack)["Outputs"]["SecondName"]["Value"]
        assert second["Fn::Join"][1][:4] == [
            {
                "Fn::FindInMap": [
                    "PrivateLinkServiceNamePrefix",
                    {"Ref": "AWS::Partition"},
                    "Prefix",
                ]
            },
            ".",
            {"Ref": "AWS::Region"},
            ".",
        ]
        assert template_of(stack)["Mappings"] == {
            "PrivateLinkServiceNamePrefix": {
                partition: {"Prefix": prefix} for partition, prefix in PREFIXES.items()
            }
        }

    def test_a_derived_name_in_a_region_that_is_new_to_the_cdk_uses_a_mapping(self) -> None:
        stack = Stack(App(), "Stack", env=Environment(region="xx-new-1", account="111122223333"))
        parts = stack.resolve(make_derived(stack, region="xx-new-1").service_name)["Fn::Join"][1]
        assert (next(iter(parts[0])), parts[1]) == ("Fn::FindInMap", ".xx-new-1.")

    @pytest.mark.parametrize(
        ("attribute", "read"),
        [
            ("availability_zones", lambda service: service.availability_zones),
            ("availability_zone_ids", lambda service: service.availability_zone_ids),
            ("base_endpoint_dns_names", lambda service: service.base_endpoint_dns_names),
        ],
    )
    def test_an_attribute_of_the_lookup_is_rejected_for_a_derived_name(
        self, stack: Stack, attribute: str, read: Callable[[PrivateLinkEndpointService], list[str]]
    ) -> None:
        service = make_derived(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            read(service)
        assert str(error.value) == (
            f"`{attribute}` must be used on a service whose name is looked up, got "
            "`service_name_source=ServiceNameSource.DERIVED`; pass "
            "`ServiceNameSource.LOOKUP`  [Stack/Payments]"
        )


@pytest.mark.parametrize("wrong", ["lookup", None, True])
def test_a_service_name_source_of_another_type_is_rejected(stack: Stack, wrong: object) -> None:
    with pytest.raises(PrivateLinkTypeError) as error:
        make_service(stack, service_name_source=wrong)
    assert str(error.value) == (
        "`service_name_source` must be a member of `ServiceNameSource`, got "
        f"`{wrong!r}`; pass `ServiceNameSource.LOOKUP` or `ServiceNameSource.DERIVED`  "
        "[Stack/Payments]"
    )
    assert "Resources" not in template_of(stack)


def test_a_looked_up_name_can_be_used_in_another_stack() -> None:
    app = App()
    provider, consumer = Stack(app, "Provider"), Stack(app, "Consumer")
    CfnOutput(consumer, "Name", value=make_service(provider).service_name)
    exported = template_of(provider)["Outputs"].values()
    (export,) = [output["Export"]["Name"] for output in exported]
    assert template_of(consumer)["Outputs"]["Name"]["Value"] == {"Fn::ImportValue": export}
