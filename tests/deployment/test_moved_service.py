"""A live service that moves to another construct keeps its id and its principals."""

from __future__ import annotations

import json

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, LegacyStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.local_aws import LocalAws

PRINCIPAL = "arn:aws:iam::111122223333:root"


def template_for(path: str, keep: str | None) -> str:
    """Return the template of a stack with a service at a path."""
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    stack = Stack(app, "Stack")
    # CloudFormation rejects an update to the same template.
    stack.template_options.description = f"The service at {path}"
    *parents, name = path.split("/")
    scope: Construct = stack
    for parent in parents:
        scope = Construct(scope, parent)
    arn = CfnParameter(stack, "LoadBalancer").value_as_string
    service = PrivateLinkEndpointService(
        scope,
        name,
        load_balancers=LoadBalancers.network(arn),
        allowed_principals=[iam.AccountPrincipal("111122223333")],
    )
    if keep == "everything":
        service.keep_logical_ids("Payments")
    if keep == "the service":
        service.cfn_endpoint_service.override_logical_id("Payments130453D3")
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Name", value=service.service_name)
    return json.dumps(app.synth().get_stack_by_name("Stack").template)


@pytest.mark.parametrize(("keep", "expected"), [("everything", [PRINCIPAL]), ("the service", [])])
def test_a_moved_service_keeps_its_principals_if_all_logical_ids_stay(
    local_aws: LocalAws, load_balancer: str, keep: str, expected: list[str]
) -> None:
    stack_name = f"Moved-{len(expected)}"
    options = {
        "StackName": stack_name,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": "LoadBalancer", "ParameterValue": load_balancer}],
    }
    cloudformation, ec2 = local_aws.client("cloudformation"), local_aws.client("ec2")
    # GIVEN a service with a principal
    cloudformation.create_stack(TemplateBody=template_for("Payments", None), **options)
    before = local_aws.outputs(stack_name)
    # WHEN the service moves into another construct
    cloudformation.update_stack(TemplateBody=template_for("Api/Offer", keep), **options)
    # THEN it is the same service
    assert local_aws.outputs(stack_name) == before
    # AND its principals can still connect, but only if the permissions keep their logical id, too
    allowed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=before["Id"])
    assert [each["Principal"] for each in allowed["AllowedPrincipals"]] == expected
    cloudformation.delete_stack(StackName=stack_name)
