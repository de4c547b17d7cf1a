"""A live service that moves to another construct keeps its id and its principals."""

from __future__ import annotations

import pytest
from aws_cdk import CfnOutput
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.integ.templates import add_vpc, create_stack, to_template
from tests.local_aws.accounts import Account


def template_for(path: str, keep: str | None) -> str:
    """Return the template of a stack with a service at a path."""
    stack = create_stack()
    # CloudFormation rejects an update to the same template.
    stack.template_options.description = f"The service at {path}"
    *parents, name = path.split("/")
    scope: Construct = stack
    for parent in parents:
        scope = Construct(scope, parent)
    vpc = add_vpc(stack, max_azs=1)
    service = PrivateLinkEndpointService(
        scope,
        name,
        load_balancers=LoadBalancers.network(elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)),
        allowed_principals=[iam.AccountRootPrincipal()],
    )
    if keep == "everything":
        service.keep_logical_ids("Payments")
    if keep == "the service":
        service.cfn_endpoint_service.override_logical_id("Payments130453D3")
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Name", value=service.service_name)
    return to_template(stack)


@pytest.mark.parametrize(
    "keep",
    [pytest.param("everything", marks=pytest.mark.claim("moved-service")), "the service"],
)
def test_a_moved_service_keeps_its_principals_if_all_logical_ids_stay(
    aws: Account, keep: str
) -> None:
    name = f"Moved{keep.title().replace(' ', '')}"
    # GIVEN a service with a principal
    before = aws.put_stack(name, template_for("Payments", None))
    # WHEN the service moves into another construct
    # THEN it is the same service
    assert aws.put_stack(name, template_for("Api/Offer", keep)) == before
    # AND its principals can still connect, but only if the permissions keep their logical id, too
    ec2 = aws.client("ec2")
    allowed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=before["Id"])
    expected = [f"arn:aws:iam::{aws.id}:root"] if keep == "everything" else []
    assert [each["Principal"] for each in allowed["AllowedPrincipals"]] == expected
    aws.delete_stack(name)
