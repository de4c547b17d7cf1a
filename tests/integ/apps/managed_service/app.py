"""A service whose connections a manager accepts by rule.

Environment variables differ per deployment: `ACCOUNTS`, which may connect.
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, LegacyStackSynthesizer, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    LoadBalancers,
    PrivateLinkEndpointService,
)

app = App(default_stack_synthesizer=LegacyStackSynthesizer())
stack = Stack(app, "Provider")
vpc = ec2.Vpc(
    stack,
    "Vpc",
    max_azs=2,
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ],
)
service = PrivateLinkEndpointService(
    stack,
    "Payments",
    load_balancers=LoadBalancers.network(elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)),
    allowed_principals=[iam.AnyPrincipal()],
)
customers = dynamodb.Table(
    stack,
    "Customers",
    partition_key=dynamodb.Attribute(name="account", type=dynamodb.AttributeType.STRING),
    stream=dynamodb.StreamViewType.KEYS_ONLY,
)
accounts = [each for each in os.environ.get("ACCOUNTS", "").split(",") if each]
rules = [ConnectionRule.accounts(*accounts, limit=2)] if accounts else []
ConnectionManager(
    stack,
    "Connections",
    service=service,
    accept=[*rules, ConnectionRule.table(customers)],
    reject_unmatched_after=Duration.days(1),
    disconnect_unmatched_after=Duration.days(1),
    max_disconnects=1,
)
CfnOutput(stack, "ServiceId", value=service.service_id)
CfnOutput(stack, "ServiceName", value=service.service_name)
CfnOutput(stack, "Table", value=customers.table_name)
app.synth()
