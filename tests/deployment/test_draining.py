"""Stacks whose operations delete, or keep, a service with connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.cdk_cli import DeploymentError

APP = Path(__file__).parent / "apps" / "drained_service"


def deploy(aws: LocalAws, *, service: str = "yes", drains: str = "yes", fails: str = "no") -> None:
    aws.environment.update(SERVICE=service, DRAINS=drains, FAILS=fails)
    aws.deploy(APP)


def connect(aws: LocalAws) -> str:
    """Create an endpoint to the service, and return its id."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=aws.outputs("Provider")["ServiceName"], VpcEndpointType="Interface"
    )
    return str(endpoint["VpcEndpoint"]["VpcEndpointId"])


def state_of(aws: LocalAws, endpoint_id: str) -> str:
    found = aws.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    return str(found["VpcEndpoints"][0]["State"])


def count_services(aws: LocalAws) -> int:
    found = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    return len(found["ServiceConfigurations"])


def status_of(aws: LocalAws) -> str:
    (stack,) = aws.client("cloudformation").describe_stacks(StackName="Provider")["Stacks"]
    return str(stack["StackStatus"])


def test_the_deletion_of_the_stack_disconnects_its_consumers(local_aws: LocalAws) -> None:
    # GIVEN a service with a connection
    deploy(local_aws)
    endpoint_id = connect(local_aws)
    assert state_of(local_aws, endpoint_id) == "available"
    # WHEN the stack is deleted
    local_aws.destroy(APP)
    # THEN the connection is rejected and the service is deleted
    assert state_of(local_aws, endpoint_id) == "rejected"
    assert count_services(local_aws) == 0


def test_without_the_call_the_deletion_of_the_stack_fails(local_aws: LocalAws) -> None:
    deploy(local_aws, drains="no")
    endpoint_id = connect(local_aws)
    with pytest.raises(DeploymentError, match="has existing active VPC Endpoint connections"):
        local_aws.destroy(APP)
    assert state_of(local_aws, endpoint_id) == "available"
    local_aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    local_aws.destroy(APP)


def test_only_updates_that_delete_the_service_disconnect_its_consumers(local_aws: LocalAws) -> None:
    # GIVEN a service without the call, and with a connection
    deploy(local_aws, drains="no")
    endpoint_id = connect(local_aws)

    # WHEN the update that adds the call is rolled back
    with pytest.raises(DeploymentError):
        deploy(local_aws, fails="yes")
    # THEN nothing is rejected
    assert status_of(local_aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert state_of(local_aws, endpoint_id) == "available"

    # WHEN the call is added, and removed again
    deploy(local_aws)
    deploy(local_aws, drains="no")
    # THEN nothing is rejected
    assert state_of(local_aws, endpoint_id) == "available"

    # WHEN the call is added, and the service is removed with it
    deploy(local_aws)
    deploy(local_aws, service="no")
    # THEN the connection is rejected and the service is deleted
    assert state_of(local_aws, endpoint_id) == "rejected"
    assert count_services(local_aws) == 1

    # WHEN the update that adds the service is rolled back
    with pytest.raises(DeploymentError):
        deploy(local_aws, fails="yes")
    # THEN the service is deleted again
    assert status_of(local_aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert count_services(local_aws) == 1
