"""Hundreds of principals."""

from __future__ import annotations

import json

from aws_cdk import App, CfnOutput, CfnParameter, LegacyStackSynthesizer, Stack
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.linter import findings
from tests.local_aws import LocalAws


def template_for(accounts: list[str]) -> str:
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    stack = Stack(app, "Stack")
    arn = CfnParameter(stack, "LoadBalancer").value_as_string
    service = PrivateLinkEndpointService(
        stack,
        "Payments",
        load_balancers=LoadBalancers.network(arn),
        allowed_principals=[iam.AccountPrincipal(account) for account in accounts],
    )
    CfnOutput(stack, "Id", value=service.service_id)
    template = json.dumps(app.synth().get_stack_by_name("Stack").template)
    assert findings(template) == []
    return template


def test_hundreds_of_principals_can_be_allowed_and_revoked(
    local_aws: LocalAws, load_balancer: str
) -> None:
    options = {
        "StackName": "Stack",
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": "LoadBalancer", "ParameterValue": load_balancer}],
    }
    accounts = [f"{number:012}" for number in range(1, 501)]
    cloudformation = local_aws.client("cloudformation")

    def allowed() -> set[str]:
        response = local_aws.client("ec2").describe_vpc_endpoint_service_permissions(
            ServiceId=local_aws.outputs("Stack")["Id"]
        )
        return {each["Principal"] for each in response["AllowedPrincipals"]}

    cloudformation.create_stack(TemplateBody=template_for(accounts), **options)
    assert allowed() == {f"arn:aws:iam::{account}:root" for account in accounts}
    cloudformation.update_stack(TemplateBody=template_for(accounts[250:]), **options)
    assert allowed() == {f"arn:aws:iam::{account}:root" for account in accounts[250:]}
