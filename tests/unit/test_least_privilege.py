"""The exact permissions that the library grants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk_privatelink import PrivateDns, PrivateLinkEndpointService, ServiceNameSource
from tests.unit.templates import NOTIFICATION, PERMISSIONS, SERVICE, make_service, template_of

DERIVED = ServiceNameSource.DERIVED
ID = "vpce-svc-0123456789abcdef0"


def readable(value: Any) -> Any:
    """Return the value with deploy-time values in the syntax of ``Fn::Sub``."""
    if isinstance(value, list):
        return [readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["Fn::Join"]:
        return value["Fn::Join"][0].join(readable(value["Fn::Join"][1]))
    if list(value) in (["Ref"], ["Fn::GetAtt"], ["Fn::ImportValue"]):
        (name,) = value.values()
        return f"${{{name if isinstance(name, str) else '.'.join(name)}}}"
    return {key: readable(item) for key, item in value.items()}


def grants(stack: Stack) -> dict[str, Any]:
    """Return all grants by logical id: whole resources, or properties of other resources."""
    found = {}
    for logical_id, resource in template_of(stack).get("Resources", {}).items():
        kind, properties = resource["Type"], readable(resource.get("Properties", {}))
        if kind.startswith("AWS::IAM::") or kind.endswith(("Policy", "::Permission")):
            found[logical_id] = {"Type": kind, **properties}
        elif parts := dict(policies_in(properties)):
            found[logical_id] = {"Type": kind, **parts}
    return found


def policies_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the properties at any depth that are a policy or a role."""
    if isinstance(value, dict):
        for key, item in value.items():
            if "Polic" in key or key.startswith("Role") or key == "PermissionsBoundary":
                yield key, item
            else:
                yield from policies_in(item)
    if isinstance(value, list):
        for item in value:
            yield from policies_in(item)


def zone(stack: Stack) -> route53.IHostedZone:
    return route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")


@pytest.fixture
def stacks() -> tuple[Stack, Stack]:
    """Return a stack with every option of the library, and one with a topic that it notifies."""
    app = App()
    stack, other = Stack(app, "Stack"), Stack(app, "Other")
    hosted_zone = zone(stack)
    payments, orders = (
        make_service(
            stack,
            name,
            private_dns=PrivateDns(f"{name.lower()}.example.com", hosted_zone=hosted_zone),
            allowed_principals=[iam.AnyPrincipal()],
        )
        for name in ("Payments", "Orders")
    )
    external = make_service(stack, "External", private_dns=PrivateDns("external.example.com"))
    external.verify_private_dns()
    derived = make_service(stack, "Derived", service_name_source=DERIVED)
    for owner in (stack, other):
        topic = sns.Topic(owner, "Topic", master_key=kms.Key(owner, "Key"))
        for service in (payments, derived):
            service.add_connection_notification(topic)
    imported = [
        PrivateLinkEndpointService.from_service_id(stack, "ById", ID),
        PrivateLinkEndpointService.from_service_name(
            stack, "ByName", f"com.amazonaws.vpce.us-east-1.{ID}"
        ),
    ]
    orders.add_rst_packets_sent_alarms("Rst", threshold=1, availability_zones=["eu-west-1a"])
    for each in (payments, derived, *imported):
        CfnOutput(cast(Construct, each), "Name", value=each.service_name)
    return stack, other


SERVICES = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-endpoint-service"
FROM_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def function(role: str, id: str, log_group: str) -> dict[str, Any]:
    """Return a function and its role, whose permissions are the same for every function."""
    return {
        role: {
            "Type": "AWS::IAM::Role",
            "AssumeRolePolicyDocument": document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ),
            "Policies": [
                {
                    "PolicyName": "DescribeServicesAndLog",
                    "PolicyDocument": document(
                        {
                            "Effect": "Allow",
                            "Action": "ec2:DescribeVpcEndpointServiceConfigurations",
                            "Resource": "*",
                        },
                        {
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": f"${{{log_group}.Arn}}",
                        },
                    ),
                }
            ],
        },
        id: {"Type": "AWS::Lambda::Function", "Role": f"${{{role}.Arn}}"},
    }


VERIFY = "ec2:StartVpcEndpointServicePrivateDnsVerification"
REJECT = "ec2:RejectVpcEndpointConnections"


def service_policy(policy: str, service: str, action: str = VERIFY) -> dict[str, Any]:
    """Return the additional policy of the function for one service."""
    return {
        "Type": "AWS::IAM::Policy",
        "PolicyName": policy,
        "PolicyDocument": document(
            {
                "Effect": "Allow",
                "Action": action,
                "Resource": f"{SERVICES}/${{{service}}}",
            }
        ),
        "Roles": ["${PrivateLinkCustomResourcesRoleFE8CF8BD}"],
    }


def topic_policy(topic: str, *services: str) -> dict[str, Any]:
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Topics": [f"${{{topic}}}"],
        "PolicyDocument": document(
            *(
                {
                    "Sid": f"{number}",
                    "Effect": "Allow",
                    "Principal": {"Service": "vpce.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": f"${{{topic}}}",
                    "Condition": {
                        "ArnLike": {"aws:SourceArn": f"{SERVICES}/{service}"},
                        **FROM_THIS_ACCOUNT,
                    },
                }
                for number, service in enumerate(services)
            )
        ),
    }


KEY = {
    "Type": "AWS::KMS::Key",
    "KeyPolicy": document(
        # The CDK grants this to the account of every key.
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpce.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"{SERVICES}/*"},
                **FROM_THIS_ACCOUNT,
            },
        },
    ),
}


FUNCTION = function(
    "PrivateLinkCustomResourcesRoleFE8CF8BD",
    "PrivateLinkCustomResourcesFunction17E1402B",
    "PrivateLinkCustomResourcesLogGroup5D7125FD",
)
VERIFY_PAYMENTS = {
    "PaymentsCustomResourcePolicyCB92B591": service_policy(
        "PaymentsCustomResourcePolicyCB92B591", "Payments130453D3"
    )
}
DRAIN_PAYMENTS = {
    "PaymentsCustomResourcePolicyCB92B591": service_policy(
        "PaymentsCustomResourcePolicyCB92B591", "Payments130453D3", REJECT
    ),
    "PrivateLinkCustomResourcesDrainingPolicyE3DC9B68": {
        "Type": "AWS::IAM::Policy",
        "PolicyName": "PrivateLinkCustomResourcesDrainingPolicyE3DC9B68",
        "PolicyDocument": document(
            {
                "Effect": "Allow",
                "Action": "ec2:DescribeVpcEndpointConnections",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Action": ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
                "Resource": "${AWS::StackId}",
            },
        ),
        "Roles": ["${PrivateLinkCustomResourcesRoleFE8CF8BD}"],
    },
}
KEY_ID, TOPIC, TOPIC_POLICY = "Key961B73FD", "TopicBFC7AF6E", "TopicPolicyA1747468"


class TestEverything:
    def test_every_grant_in_the_stack_of_the_services_is_pinned(
        self, stacks: tuple[Stack, Stack]
    ) -> None:
        assert grants(stacks[0]) == {
            **FUNCTION,
            **VERIFY_PAYMENTS,
            "OrdersCustomResourcePolicyE6A0FF18": service_policy(
                "OrdersCustomResourcePolicyE6A0FF18", "OrdersA9B65338"
            ),
            "ExternalCustomResourcePolicyC16D626E": service_policy(
                "ExternalCustomResourcePolicyC16D626E", "External8A75D88F"
            ),
            TOPIC_POLICY: topic_policy(TOPIC, "${Payments130453D3}", "${Derived2F7F6E82}"),
            KEY_ID: KEY,
        }

    def test_every_grant_in_the_stack_of_the_topic_is_pinned(
        self, stacks: tuple[Stack, Stack]
    ) -> None:
        # One statement for both services, because it names neither.
        assert grants(stacks[1]) == {TOPIC_POLICY: topic_policy(TOPIC, "*"), KEY_ID: KEY}

    def test_each_wildcard_has_a_reason(self, stacks: tuple[Stack, Stack]) -> None:
        assert {found for stack in stacks for found in wildcards(grants(stack))} == {
            # EC2 supports no resource-level permissions for this action.
            ("ec2:DescribeVpcEndpointServiceConfigurations", "Resource", "*"),
            # In the policy of a key, the wildcard stands for the key.
            ("kms:Decrypt", "Resource", "*"),
            ("kms:GenerateDataKey*", "Resource", "*"),
            # SNS requires GenerateDataKey with and without the plain text.
            ("kms:GenerateDataKey*", "Action", "kms:GenerateDataKey*"),
            # Neither keys nor topics of other stacks can name a service that depends on them.
            ("kms:Decrypt", "Condition", f"{SERVICES}/*"),
            ("kms:GenerateDataKey*", "Condition", f"{SERVICES}/*"),
            ("sns:Publish", "Condition", f"{SERVICES}/*"),
            # The statement of the CDK for the account of the key.
            ("kms:*", "Action", "kms:*"),
            ("kms:*", "Resource", "*"),
        }


def wildcards(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the action, the element and the text of each wildcard in a statement."""
    if isinstance(value, list):
        for item in value:
            yield from wildcards(item)
    elif isinstance(value, dict) and "Effect" in value:
        for key, element in value.items():
            texts = [text for text in leaves(element) if "*" in text]
            for action in leaves(value["Action"]):
                own = [action] if key == "Action" else texts
                yield from ((action, key, text) for text in own if text in texts)
    elif isinstance(value, dict):
        yield from wildcards([*value.values()])


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return leaves([*value.values()])
    return [text for item in value for text in leaves(item)] if isinstance(value, list) else [value]


def make_derived(stack: Stack, **options: Any) -> PrivateLinkEndpointService:
    return make_service(stack, service_name_source=DERIVED, **options)


class TestSingleOption:
    @pytest.mark.parametrize(
        ("create", "allowed"),
        [
            (make_service, FUNCTION),
            (
                lambda stack: make_derived(
                    stack, private_dns=PrivateDns("example.com", hosted_zone=zone(stack))
                ),
                FUNCTION | VERIFY_PAYMENTS,
            ),
            (
                lambda stack: make_derived(
                    stack, private_dns=PrivateDns("example.com")
                ).verify_private_dns(),
                FUNCTION | VERIFY_PAYMENTS,
            ),
            (
                lambda stack: make_derived(stack).add_connection_notification(
                    sns.Topic(stack, "Topic")
                ),
                {TOPIC_POLICY: topic_policy(TOPIC, "${Payments130453D3}")},
            ),
            (
                lambda stack: make_derived(stack).reject_connections_on_delete(),
                FUNCTION | DRAIN_PAYMENTS,
            ),
        ],
        ids=[
            "lookup",
            "private DNS",
            "private DNS without a hosted zone",
            "notifications",
            "draining",
        ],
    )
    def test_an_option_adds_the_permissions_that_it_needs_only(
        self, stack: Stack, create: Callable[[Stack], object], allowed: dict[str, Any]
    ) -> None:
        create(stack)
        assert grants(stack) == allowed

    def test_options_that_need_no_permission_add_no_grant(self, stack: Stack) -> None:
        service = make_derived(
            stack,
            allowed_principals=[iam.AnyPrincipal()],
            private_dns=PrivateDns("payments.example.com"),
        )
        CfnOutput(stack, "Name", value=service.service_name)
        service.add_rst_packets_sent_alarms("Rst", threshold=1, availability_zones=["eu-west-1a"])
        arn = "arn:aws:sns:eu-west-1:111122223333:alerts"
        service.add_connection_notification(sns.Topic.from_topic_arn(stack, "Topic", arn))
        assert grants(stack) == {}
        assert {each["Type"] for each in template_of(stack)["Resources"].values()} == {
            SERVICE,
            PERMISSIONS,
            NOTIFICATION,
            "AWS::CloudWatch::Alarm",
        }


def test_customized_roles_are_reported_with_all_their_statements() -> None:
    # GIVEN an existing role
    app = App()
    stack = Stack(app, "Stack")
    precreated = {"Stack/PrivateLinkCustomResources/Role": "existing"}
    iam.Role.customize_roles(stack, use_precreated_roles=precreated)
    make_service(stack, private_dns=PrivateDns("example.com", hosted_zone=zone(stack)))
    # THEN the template contains the ARN of the role and no other IAM resource
    role = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role"
    assert grants(stack) == {
        "PrivateLinkCustomResourcesFunction17E1402B": {
            "Type": "AWS::Lambda::Function",
            "Role": f"{role}/existing",
        },
    }
    # AND the report of the CDK lists all permissions that the role needs
    report = json.loads((Path(app.synth().directory) / "iam-policy-report.json").read_text())
    describe = {
        "Effect": "Allow",
        "Action": "ec2:DescribeVpcEndpointServiceConfigurations",
        "Resource": "*",
    }
    log = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "(Stack/PrivateLinkCustomResources/LogGroup/Resource.Arn)",
    }
    start = {
        "Effect": "Allow",
        "Action": "ec2:StartVpcEndpointServicePrivateDnsVerification",
        "Resource": "arn:(PARTITION):ec2:(REGION):(ACCOUNT):vpc-endpoint-service/"
        "(Stack/Payments/Resource.Ref)",
    }
    assert {each["roleName"]: each["identityPolicyStatements"] for each in report["roles"]} == {
        "existing": [describe, log, start],
    }
