"""A service whose connections are rejected before it is deleted, beside another service.

Environment variables differ per deployment: `SERVICE` and `DRAINS` are `yes` or `no`. With
`FAILS=yes`, the last resource of the stack cannot be created.
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, CustomResource, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import IDependable

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService


def is_set(name: str) -> bool:
    return os.environ.get(name) == "yes"


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


def add_service(name: str) -> PrivateLinkEndpointService:
    nlb = elbv2.NetworkLoadBalancer(stack, f"{name}Nlb", vpc=vpc)
    return PrivateLinkEndpointService(
        stack,
        name,
        load_balancers=LoadBalancers.network(nlb),
        allowed_principals=[iam.AnyPrincipal()],
        acceptance_required=False,
    )


other = add_service("Orders")
last: list[IDependable] = [other]
if is_set("SERVICE"):
    service = add_service("Payments")
    CfnOutput(stack, "ServiceId", value=service.service_id)
    CfnOutput(stack, "ServiceName", value=service.service_name)
    if is_set("DRAINS"):
        service.reject_connections_on_delete()
    last.append(service)
if is_set("FAILS"):
    token = f"arn:aws:lambda:{stack.region}:{stack.account}:function:missing"
    CustomResource(stack, "Fails", service_token=token).node.add_dependency(*last)
app.synth()
