"""Stacks whose operations delete, or keep, a service with connections."""

from __future__ import annotations

import pytest

from tests.integ.requests import request_connection, state_of
from tests.integ.traffic import APPS
from tests.local_aws.accounts import Account
from tests.local_aws.cdk_cli import DeploymentError

APP = APPS / "drained_service"


def deploy(aws: Account, *, service: str = "yes", drains: str = "yes", fails: str = "no") -> None:
    aws.environment.update(SERVICE=service, DRAINS=drains, FAILS=fails)
    aws.deploy(APP)


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
    aws.destroy(APP)
    # THEN the connection is rejected and the service is deleted
    assert state_of(aws, endpoint_id) == "rejected"
    assert not exists(aws, service_id)
    aws.delete_stack("Request")


@pytest.mark.claim("connected-service-is-not-deleted")
def test_without_the_call_the_deletion_of_the_stack_fails(aws: Account) -> None:
    deploy(aws, drains="no")
    endpoint_id = connect(aws)
    with pytest.raises(DeploymentError, match="has existing active VPC Endpoint connections"):
        aws.destroy(APP)
    assert state_of(aws, endpoint_id) == "available"
    aws.delete_stack("Request")
    aws.destroy(APP)


@pytest.mark.claim("template-during-an-update")
def test_only_updates_that_delete_the_service_disconnect_its_consumers(aws: Account) -> None:
    # GIVEN a service without the call, and with a connection
    deploy(aws, drains="no")
    endpoint_id, service_id = connect(aws), aws.outputs("Provider")["ServiceId"]

    # WHEN the update that adds the call is rolled back
    with pytest.raises(DeploymentError):
        deploy(aws, fails="yes")
    # THEN nothing is rejected
    assert status_of(aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert state_of(aws, endpoint_id) == "available"

    # WHEN the call is added, and removed again
    deploy(aws)
    deploy(aws, drains="no")
    # THEN nothing is rejected
    assert state_of(aws, endpoint_id) == "available"

    # WHEN the call is added, and the service is removed with it
    deploy(aws)
    deploy(aws, service="no")
    # THEN the connection is rejected and the service is deleted
    assert state_of(aws, endpoint_id) == "rejected"
    assert not exists(aws, service_id)

    other = aws.resources("Provider", "AWS::EC2::VPCEndpointService")
    assert len(other) == 1

    # WHEN the update that adds the service is rolled back
    with pytest.raises(DeploymentError):
        deploy(aws, fails="yes")
    # THEN the service is deleted again
    assert status_of(aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.resources("Provider", "AWS::EC2::VPCEndpointService") == other
