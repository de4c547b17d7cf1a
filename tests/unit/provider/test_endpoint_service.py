from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import (
    App,
    Aws,
    CfnCondition,
    CfnParameter,
    Fn,
    RemovalPolicy,
    Stack,
    Tags,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from cdk_privatelink import (
    LoadBalancers,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.templates import (
    GATEWAY_ARN,
    NETWORK_ARN,
    PERMISSIONS,
    SERVICE,
    make_service,
    only,
    template_of,
)

ACCOUNT_ROOT = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::111122223333:root"]]}
ROLE_ARN = "arn:aws:iam::111122223333:role/consumer"


class TestService:
    def test_a_service_requires_acceptance_by_default(self, stack: Stack) -> None:
        make_service(stack)
        assert only(stack, SERVICE)["Properties"] == {
            "AcceptanceRequired": True,
            "NetworkLoadBalancerArns": [NETWORK_ARN],
        }

    def test_a_service_can_have_gateway_load_balancers(self, stack: Stack) -> None:
        make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN))
        assert only(stack, SERVICE)["Properties"] == {
            "AcceptanceRequired": True,
            "GatewayLoadBalancerArns": [GATEWAY_ARN],
        }

    def test_acceptance_can_be_switched_off(self, stack: Stack) -> None:
        make_service(stack, acceptance_required=False)
        assert only(stack, SERVICE)["Properties"]["AcceptanceRequired"] is False

    def test_acceptance_can_be_a_token(self, stack: Stack) -> None:
        parameter = CfnParameter(stack, "Acceptance")
        make_service(stack, acceptance_required=parameter.value)
        assert only(stack, SERVICE)["Properties"]["AcceptanceRequired"] == {"Ref": "Acceptance"}

    def test_acceptance_can_depend_on_a_condition(self, stack: Stack) -> None:
        closed = CfnCondition(stack, "Closed", expression=Fn.condition_equals(Aws.REGION, "x"))
        make_service(stack, acceptance_required=Fn.condition_if(closed.logical_id, True, False))
        assert only(stack, SERVICE)["Properties"]["AcceptanceRequired"] == {
            "Fn::If": ["Closed", True, False]
        }

    @pytest.mark.parametrize("wrong", ["true", 1, None, Stack()])
    def test_acceptance_of_another_type_is_rejected(self, stack: Stack, wrong: object) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack, acceptance_required=wrong)
        assert str(error.value) == (
            f"`acceptance_required` must be a bool or an `IResolvable`, got `{wrong!r}`; "
            "pass `True`, `False` or a token like `CfnParameter.value`  [Stack/Payments]"
        )

    def test_the_cloudformation_resource_is_the_default_child(self, stack: Stack) -> None:
        service = make_service(stack)
        assert service.node.default_child is service.cfn_endpoint_service
        assert isinstance(service.cfn_endpoint_service, ec2.CfnVPCEndpointService)

    def test_removal_policy_applies_to_the_service(self, stack: Stack) -> None:
        make_service(stack).apply_removal_policy(RemovalPolicy.RETAIN)
        assert only(stack, SERVICE)["DeletionPolicy"] == "Retain"

    @pytest.mark.parametrize(
        ("policy", "error_type", "problem"),
        [
            (
                RemovalPolicy.SNAPSHOT,
                PrivateLinkValueError,
                "must be a supported member of `RemovalPolicy`, got `RemovalPolicy.SNAPSHOT`",
            ),
            ("RETAIN", PrivateLinkTypeError, "must be a member of `RemovalPolicy`, got `'RETAIN'`"),
        ],
    )
    def test_an_unsupported_removal_policy_is_rejected(
        self, stack: Stack, policy: Any, error_type: type[Exception], problem: str
    ) -> None:
        service = make_service(stack)
        with pytest.raises(error_type) as error:
            service.apply_removal_policy(policy)
        assert str(error.value) == (
            f"`policy` {problem}; pass `RemovalPolicy.RETAIN`, "
            "`RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE` or `RemovalPolicy.DESTROY`"
            "  [Stack/Payments]"
        )

    def test_a_retained_service_retains_its_permissions(self, stack: Stack) -> None:
        service = make_service(stack, allowed_principals=[iam.AnyPrincipal()])
        service.apply_removal_policy(RemovalPolicy.RETAIN)
        assert only(stack, PERMISSIONS)["DeletionPolicy"] == "Retain"

    def test_permissions_that_are_added_later_are_retained_too(self, stack: Stack) -> None:
        service = make_service(stack)
        service.apply_removal_policy(RemovalPolicy.RETAIN)
        service.allow_principals(iam.AnyPrincipal())
        assert only(stack, PERMISSIONS)["DeletionPolicy"] == "Retain"

    def test_tags_reach_the_service(self, stack: Stack) -> None:
        Tags.of(make_service(stack)).add("Name", "payments")
        assert only(stack, SERVICE)["Properties"]["Tags"] == [{"Key": "Name", "Value": "payments"}]

    def test_other_resources_can_depend_on_the_service(self, stack: Stack) -> None:
        service = make_service(stack)
        ec2.CfnVPC(stack, "Later", cidr_block="10.0.0.0/16").node.add_dependency(service)
        assert set(only(stack, "AWS::EC2::VPC")["DependsOn"]) == {
            "Payments130453D3",
            "PaymentsServiceName33A27103",
        }

    def test_the_service_returns_its_load_balancers(self, stack: Stack) -> None:
        load_balancers = LoadBalancers.network(NETWORK_ARN)
        assert make_service(stack, load_balancers=load_balancers).load_balancers is load_balancers

    def test_the_service_returns_its_id_and_arn(self, stack: Stack) -> None:
        service = make_service(stack)
        assert stack.resolve(service.service_id) == {"Ref": "Payments130453D3"}
        assert stack.resolve(service.service_arn) == {
            "Fn::Join": [
                "",
                [
                    "arn:",
                    {"Ref": "AWS::Partition"},
                    ":ec2:",
                    {"Ref": "AWS::Region"},
                    ":",
                    {"Ref": "AWS::AccountId"},
                    ":vpc-endpoint-service/",
                    {"Ref": "Payments130453D3"},
                ],
            ]
        }

    def test_an_error_leaves_no_resource_behind(self, stack: Stack) -> None:
        with pytest.raises(PrivateLinkTypeError):
            make_service(stack, allowed_principals=["111122223333"])
        assert "Resources" not in template_of(stack)

    def test_two_apps_in_one_process_do_not_affect_each_other(self) -> None:
        templates = []
        for _ in range(2):
            stack = Stack(App(), "Stack")
            make_service(stack, allowed_principals=[iam.AnyPrincipal()])
            templates.append(template_of(stack))
        assert templates[0] == templates[1]
