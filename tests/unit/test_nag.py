"""The findings of the AwsSolutions pack of cdk-nag."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PayerResponsibility,
    PrivateDns,
    ServiceNameSource,
)
from tests.unit.networks import existing_vpc, vpc_of
from tests.unit.templates import make_service, only, template_of

ARN = "arn:aws:sns:eu-west-1:111122223333:alerts"
NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"


@pytest.fixture
def everything() -> Stack:
    """Create a stack with every resource of a provider."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    service = make_service(
        stack,
        allowed_principals=[iam.AnyPrincipal()],
        acceptance_required=False,
        allowed_regions=["us-east-1"],
        payer_responsibility=PayerResponsibility.SERVICE_OWNER,
        private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
    )
    service.add_connection_notification(sns.Topic.from_topic_arn(stack, "Topic", ARN))
    service.add_rst_packets_sent_alarms("Rst", threshold=1, availability_zones=["eu-west-1a"])
    service.reject_connections_on_delete()
    ConnectionManager(
        stack,
        "Manager",
        service=service,
        accept=[ConnectionRule.everyone()],
        disconnect_unmatched_after=Duration.days(30),
    )
    derived = make_service(stack, "Derived", service_name_source=ServiceNameSource.DERIVED)
    assert derived.service_name
    return stack


def add_consumers(stack: Stack, vpc: ec2.IVpc | ec2.Vpc) -> None:
    """Create every resource of a consumer, and a Gateway Load Balancer."""
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=vpc, targets=[targets.IpTarget("10.0.0.1")])
    service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway))
    endpoints = GatewayLoadBalancerEndpoints(stack, "Inspection", vpc=vpc, service=service)
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    endpoints.add_routes(
        subnets=isolated, destination="0.0.0.0/0", return_path="igw-0123456789abcdef0"
    )
    InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME)
    InterfaceEndpoint(
        stack, "Accepted", vpc=vpc, service=f"{NAME}1", auto_accept=True, private_dns_enabled=True
    )


def test_the_constructs_of_consumers_have_no_findings(stack: Stack) -> None:
    add_consumers(stack, existing_vpc(stack))
    assert findings_of(stack) == []


def test_the_constructs_of_consumers_in_a_new_vpc_have_no_findings(stack: Stack) -> None:
    vpc = vpc_of(
        stack,
        Public=ec2.SubnetType.PUBLIC,
        Private=ec2.SubnetType.PRIVATE_WITH_EGRESS,
        Isolated=ec2.SubnetType.PRIVATE_ISOLATED,
    )
    add_consumers(stack, vpc)
    # The app decides on flow logs of its VPC.
    assert findings_of(stack) == ["AwsSolutions-VPC7"]


def test_a_security_group_that_is_opened_later_has_a_finding(stack: Stack) -> None:
    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=NAME)
    endpoint.connections.allow_default_port_from_any_ipv4()
    assert findings_of(stack) == ["AwsSolutions-EC23"]


def test_a_load_balancer_of_the_app_without_access_logs_has_a_finding(stack: Stack) -> None:
    elbv2.CfnLoadBalancer(stack, "L1", type="gateway", subnets=["subnet-0123456789abcdef0"])
    assert findings_of(stack) == ["AwsSolutions-ELB2"]


def test_the_suppression_of_a_gateway_load_balancer_has_a_reason(stack: Stack) -> None:
    GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack))
    load_balancer = only(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert load_balancer["Metadata"]["cdk_nag"]["rules_to_suppress"] == [
        {
            "id": "AwsSolutions-ELB2",
            "reason": "Gateway Load Balancers have no access logs. VPC flow logs contain the same "
            "information",
        }
    ]


def findings_of(stack: Stack) -> list[str]:
    report = AwsSolutionsChecks(stack).validate_scope(stack)
    return [violation.rule_name for violation in report.violations]


def test_the_constructs_of_providers_have_no_findings(everything: Stack) -> None:
    assert findings_of(everything) == []


def test_a_role_of_the_app_with_wildcards_has_findings(everything: Stack) -> None:
    iam.Role(
        everything,
        "Role",
        assumed_by=iam.AccountRootPrincipal(),
        inline_policies={
            "All": iam.PolicyDocument(
                statements=[iam.PolicyStatement(actions=["ec2:*"], resources=["*"])]
            )
        },
    )
    assert findings_of(everything) == [
        "AwsSolutions-IAM5[Action::ec2:*]",
        "AwsSolutions-IAM5[Resource::*]",
    ]


def test_every_suppression_has_a_reason_for_both_versions_of_cdk_nag(everything: Stack) -> None:
    resources = template_of(everything)["Resources"]
    suppressed = {
        key: resource["Metadata"]["cdk_nag"]["rules_to_suppress"]
        for key, resource in resources.items()
        if "cdk_nag" in resource.get("Metadata", {})
    }
    of_action = {
        "id": "AwsSolutions-IAM5",
        "reason": "The action has no resource-level permissions",
    }
    of_role = of_action | {"applies_to": ["Resource::*"]}
    of_manager = {
        "id": "AwsSolutions-IAM5",
        "reason": "Parameters of this manager, and one tag of connections with unknown ids",
    }
    runtime = {"id": "AwsSolutions-L1", "reason": "Not every partition has a newer runtime"}
    assert list(suppressed.values()) == [
        *([of_role], [runtime], [of_action]),
        *([of_manager], [of_role], [runtime]),
    ]
    # cdk-nag 3 reads the same reasons from the construct tree.
    tree: list[Any] = [
        entry.data
        for construct in everything.node.find_all()
        for entry in construct.node.metadata
        if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    ]
    reasons = [reason for data in tree for reason in data.values()]
    assert reasons == [
        *(of_role["reason"], runtime["reason"], of_action["reason"]),
        *(of_manager["reason"], of_manager["reason"], of_role["reason"], runtime["reason"]),
    ]
