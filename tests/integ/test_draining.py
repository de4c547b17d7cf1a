"""Stacks whose operations delete, or keep, a service with connections."""

from __future__ import annotations

import pytest
from aws_cdk import CfnOutput, CustomResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import IDependable

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.integ.requests import request_connection, state_of
from tests.integ.templates import add_vpc, create_stack, to_template
from tests.local_aws.accounts import Account
from tests.local_aws.cdk_cli import DeploymentError


def add_service(stack: Stack, vpc: ec2.Vpc, name: str) -> PrivateLinkEndpointService:
    nlb = elbv2.NetworkLoadBalancer(stack, f"{name}Nlb", vpc=vpc)
    return PrivateLinkEndpointService(
        stack,
        name,
        load_balancers=LoadBalancers.network(nlb),
        allowed_principals=[iam.AnyPrincipal()],
        acceptance_required=False,
    )


def deploy(aws: Account, *, service: bool = True, drains: bool = True, fails: bool = False) -> None:
    """Deploy a service beside another one.

    :param drains: The connections of the service are rejected before it is deleted.
    :param fails: The last resource of the stack cannot be created.
    """
    stack = create_stack()
    vpc = add_vpc(stack, max_azs=2)
    last: list[IDependable] = [add_service(stack, vpc, "Orders")]
    if service:
        payments = add_service(stack, vpc, "Payments")
        CfnOutput(stack, "ServiceId", value=payments.service_id)
        CfnOutput(stack, "ServiceName", value=payments.service_name)
        if drains:
            payments.reject_connections_on_delete()
        last.append(payments)
    if fails:
        token = f"arn:aws:lambda:{stack.region}:{stack.account}:function:missing"
        CustomResource(stack, "Fails", service_token=token).node.add_dependency(*last)
    aws.put_stack("Provider", to_template(stack))


def connect(aws: Account) -> str:
    """Create an endpoint to the service, and return its id."""
    return request_connection(aws, aws.outputs("Provider")["ServiceName"])


def exists(aws: Account, service_id: str) -> bool:
    found = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    return service_id in [each["ServiceId"] for each in found["ServiceConfigurations"]]


def status_of(aws: Account) -> str:
    stack_name = aws.stack_name("Provider")
    (stack,) = aws.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return str(stack["StackStatus"])


@pytest.mark.claim("drained-before-deletion")
def test_the_deletion_of_the_stack_disconnects_its_consumers(aws: Account) -> None:
    # GIVEN a service with a connection
    deploy(aws)
    endpoint_id, service_id = connect(aws), aws.outputs("Provider")["ServiceId"]
    assert state_of(aws, endpoint_id) == "available"
    # WHEN the stack is deleted
    aws.delete_stack("Provider")
    # THEN the connection is rejected and the service is deleted
    assert state_of(aws, endpoint_id) == "rejected"
    assert not exists(aws, service_id)
    aws.delete_stack("Request")


@pytest.mark.claim("connected-service-is-not-deleted")
def test_without_the_call_the_deletion_of_the_stack_fails(aws: Account) -> None:
    deploy(aws, drains=False)
    endpoint_id = connect(aws)
    with pytest.raises(DeploymentError, match="has existing active VPC Endpoint connections"):
        aws.delete_stack("Provider")
    assert state_of(aws, endpoint_id) == "available"
    aws.delete_stack("Request")
    aws.delete_stack("Provider")


@pytest.mark.claim("template-during-an-update")
def test_only_updates_that_delete_the_service_disconnect_its_consumers(aws: Account) -> None:
    # GIVEN a service without the call, and with a connection
    deploy(aws, drains=False)
    endpoint_id, service_id = connect(aws), aws.outputs("Provider")["ServiceId"]

    # WHEN the update that adds the call is rolled back
    with pytest.raises(DeploymentError):
        deploy(aws, fails=True)
    # THEN nothing is rejected
    assert status_of(aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert state_of(aws, endpoint_id) == "available"

    # WHEN the call is added, and removed again
    deploy(aws)
    deploy(aws, drains=False)
    # THEN nothing is rejected
    assert state_of(aws, endpoint_id) == "available"

    # WHEN the call is added, and the service is removed with it
    deploy(aws)
    deploy(aws, service=False)
    # THEN the connection is rejected and the service is deleted
    assert state_of(aws, endpoint_id) == "rejected"
    assert not exists(aws, service_id)

    other = aws.resources("Provider", "AWS::EC2::VPCEndpointService")
    assert len(other) == 1

    # WHEN the update that adds the service is rolled back
    with pytest.raises(DeploymentError):
        deploy(aws, fails=True)
    # THEN the service is deleted again
    assert status_of(aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.resources("Provider", "AWS::EC2::VPCEndpointService") == other
