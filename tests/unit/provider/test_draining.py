"""The rejection of all connections before a service is deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import CfnDeletionPolicy, NestedStack, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkValueError,
    ServiceNameSource,
)
from cdk_privatelink.provider import draining
from tests.unit.networks import ACCOUNT, catch_error
from tests.unit.templates import PERMISSIONS, SERVICE, make_service, only, resources_of, template_of

DRAINING, POLICY = "Custom::PrivateLinkDraining", "AWS::IAM::Policy"
FUNCTION = "AWS::Lambda::Function"
REJECT = "ec2:RejectVpcEndpointConnections"


def drain(stack: Stack, id: str = "Payments", **options: Any) -> PrivateLinkEndpointService:
    service = make_service(stack, id, **options)
    service.reject_connections_on_delete()
    return service


def dependencies(stack: Stack, id: str) -> set[str]:
    """Return the logical ids that a resource depends on, directly or not, without hashes."""
    resources = template_of(stack)["Resources"]

    def references(value: Any) -> set[str]:
        if isinstance(value, list):
            return {name for each in value for name in references(each)}
        if not isinstance(value, dict):
            return set()
        found = references([*value.values()])
        for key in ("Ref", "Fn::GetAtt", "DependsOn"):
            target = value.get(key, [])
            names = [target] if isinstance(target, str) else target
            found |= set(names if key == "DependsOn" else names[:1])
        return {name for name in found if name in resources}

    (start,) = [key for key in resources if key[:-8] == id]
    reached: set[str] = set()
    pending = {start}
    while pending:
        name = pending.pop()
        new = references(resources[name]) - reached
        reached |= new
        pending |= new
    return {key[:-8] for key in reached}


class TestDraining:
    def test_the_custom_resource_identifies_the_service(self, stack: Stack) -> None:
        drain(stack)
        ((logical_id, _),) = resources_of(stack, SERVICE).items()
        resource = only(stack, DRAINING)
        assert resource["Properties"].pop("ServiceToken")
        assert resource["Properties"] == {
            "ServiceId": {"Ref": logical_id},
            "LogicalId": logical_id,
            "ServiceTimeout": "1920",
        }
        assert only(stack, FUNCTION)["Properties"]["Timeout"] == 900

    def test_without_the_call_there_is_none_of_it(self, stack: Stack) -> None:
        make_service(stack)
        assert resources_of(stack, DRAINING) == {}
        assert resources_of(stack, POLICY) == {}

    def test_further_calls_change_nothing(self, stack: Stack) -> None:
        service = drain(stack)
        before = template_of(stack)
        service.reject_connections_on_delete()
        assert template_of(stack) == before

    def test_a_derived_name_and_a_gateway_need_no_lookup(self, stack: Stack) -> None:
        drain(stack, service_name_source=ServiceNameSource.DERIVED)
        assert only(stack, DRAINING)

    @pytest.mark.parametrize("is_late", [False, True])
    def test_a_deletion_policy_is_a_property_of_the_custom_resource(
        self, stack: Stack, is_late: bool
    ) -> None:
        service = make_service(stack)
        if is_late:
            service.reject_connections_on_delete()
        service.apply_removal_policy(RemovalPolicy.RETAIN)
        if not is_late:
            service.reject_connections_on_delete()
        assert only(stack, DRAINING)["Properties"]["DeletionPolicy"] == "Retain"

    @pytest.mark.parametrize("policy", [*CfnDeletionPolicy])
    def test_every_deletion_policy_is_written_as_in_the_template(
        self, stack: Stack, policy: CfnDeletionPolicy
    ) -> None:
        service = drain(stack)
        service.cfn_endpoint_service.cfn_options.deletion_policy = policy
        # cfn-lint rejects snapshots of services.
        resources = Template.from_stack(stack).to_json()["Resources"]
        found = {each["Type"]: each for each in resources.values()}
        assert found[DRAINING]["Properties"]["DeletionPolicy"] == found[SERVICE]["DeletionPolicy"]

    def test_a_former_logical_id_is_the_one_of_the_property(self, stack: Stack) -> None:
        service = drain(Construct(stack, "Moved"))  # type: ignore[arg-type]
        service.keep_logical_ids("Payments")
        ((logical_id, _),) = resources_of(stack, SERVICE).items()
        assert logical_id == "Payments130453D3"
        assert only(stack, DRAINING)["Properties"]["LogicalId"] == logical_id

    def test_a_nested_stack_reads_its_own_template(self, stack: Stack) -> None:
        nested = NestedStack(stack, "Nested")
        drain(nested)
        (policy,) = [
            each["Properties"]["PolicyDocument"]["Statement"][1]
            for key, each in resources_of(nested, POLICY).items()
            if "Draining" in key
        ]
        assert policy["Resource"] == {"Ref": "AWS::StackId"}


class TestOrder:
    @pytest.mark.parametrize("is_late", [False, True])
    def test_the_permissions_are_deleted_before_the_connections_are_rejected(
        self, stack: Stack, is_late: bool
    ) -> None:
        service = make_service(stack)
        if is_late:
            service.reject_connections_on_delete()
        service.allow_principals(iam.AccountPrincipal(ACCOUNT))
        if not is_late:
            service.reject_connections_on_delete()
        assert only(stack, PERMISSIONS)
        assert "PaymentsDraining" in dependencies(stack, "PaymentsPermissions")
        assert "Payments" in dependencies(stack, "PaymentsDraining")

    @pytest.mark.parametrize("is_late", [False, True])
    def test_a_manager_stops_before_the_permissions_are_deleted(
        self, stack: Stack, is_late: bool
    ) -> None:
        service = make_service(stack, allowed_principals=[iam.AccountPrincipal(ACCOUNT)])
        if not is_late:
            service.reject_connections_on_delete()
        rule = ConnectionRule.accounts(ACCOUNT)
        ConnectionManager(stack, "Manager", service=service, accept=[rule])
        if is_late:
            service.reject_connections_on_delete()
        for resource in ("ManagerQueueMapping", "ManagerRules"):
            needed = dependencies(stack, resource)
            assert {"PaymentsPermissions", "PaymentsDraining", "Payments"} <= needed

    def test_the_function_keeps_its_permissions_until_then(self, stack: Stack) -> None:
        drain(stack)
        needed = dependencies(stack, "PaymentsDraining")
        assert {
            "PaymentsCustomResourcePolicy",
            "PrivateLinkCustomResourcesDrainingPolicy",
        } <= needed


class TestPermissions:
    def test_a_service_may_be_drained_and_no_other_one(self, stack: Stack) -> None:
        service = drain(stack)
        statements = [
            statement
            for each in resources_of(stack, POLICY).values()
            for statement in each["Properties"]["PolicyDocument"]["Statement"]
        ]
        assert statements == [
            {
                "Action": REJECT,
                "Effect": "Allow",
                "Resource": stack.resolve(service.service_arn),
            },
            {
                "Action": "ec2:DescribeVpcEndpointConnections",
                "Effect": "Allow",
                "Resource": "*",
            },
            {
                "Action": ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
                "Effect": "Allow",
                "Resource": {"Ref": "AWS::StackId"},
            },
        ]

    def test_other_regions_need_one_more_action(self, stack: Stack) -> None:
        drain(stack, allowed_regions=["us-east-1"])
        policies = resources_of(stack, POLICY)
        (policy,) = [each for key, each in policies.items() if key.startswith("Payments")]
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Action"] == [REJECT, "vpce:AllowMultiRegion"]

    def test_a_verified_name_and_draining_share_a_policy(self, stack: Stack) -> None:
        zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        drain(stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone))
        policies = resources_of(stack, POLICY)
        (policy,) = [each for key, each in policies.items() if key.startswith("Payments")]
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        # A feature flag sorts the actions.
        assert sorted(statement["Action"]) == [
            REJECT,
            "ec2:StartVpcEndpointServicePrivateDnsVerification",
        ]

    def test_services_share_what_the_function_reads(self, stack: Stack) -> None:
        for name in ("Payments", "Orders"):
            drain(stack, name)
        assert len(resources_of(stack, POLICY)) == 3


class TestRejected:
    def test_more_services_than_the_role_has_room_for(self, stack: Stack) -> None:
        for number in range(43):
            drain(stack, f"S{number}", service_name_source=ServiceNameSource.DERIVED)
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        message = catch_error(stack, PrivateLinkValueError, service.reject_connections_on_delete)
        assert message.startswith(
            "`reject_connections_on_delete` must need permissions for which the IAM role of the "
            "stack has room"
        )
        # IAM counts the characters of all policies of a role, without white space.
        policies = Template.from_stack(stack).find_resources(POLICY).values()
        documents = [each["Properties"]["PolicyDocument"] for each in policies]
        characters = sum(len(json.dumps(each, separators=(",", ":"))) for each in documents)
        assert characters > 9_000

    def test_a_construct_with_the_same_id(self, stack: Stack) -> None:
        service = make_service(stack)
        Construct(service, draining._ID)
        message = catch_error(stack, PrivateLinkValueError, service.reject_connections_on_delete)
        assert message == (
            "`scope` must keep the ids of this library free, got `Stack/Payments/Draining`; give "
            "that construct another id  [Stack/Payments]"
        )
