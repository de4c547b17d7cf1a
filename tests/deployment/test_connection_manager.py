"""A connection manager that the CLI deploys to the local AWS."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "managed_service"


def deploy(aws: LocalAws, *accounts: str) -> None:
    aws.environment.update(ACCOUNTS=",".join(accounts))
    aws.deploy(APP)


def output(aws: LocalAws, name: str) -> str:
    (stack,) = aws.client("cloudformation").describe_stacks(StackName="Provider")["Stacks"]
    return str({each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}[name])


def connect(aws: LocalAws) -> str:
    """Create an endpoint to the service in the account of the provider, and return its id."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=output(aws, "ServiceName"), VpcEndpointType="Interface"
    )
    return str(endpoint["VpcEndpoint"]["VpcEndpointId"])


def states(aws: LocalAws) -> dict[str, str]:
    found = aws.client("ec2").describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    return {each["VpcEndpointId"]: each["VpcEndpointState"] for each in found}


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> LocalAws:
    # With a VPC and a table, the template is larger than a request.
    local_aws.bootstrap()
    deploy(local_aws)
    return local_aws


def test_requests_are_decided_by_rules_tables_and_deployments(aws: LocalAws) -> None:
    # A notification of EC2 starts a run, and no rule matches.
    first = connect(aws)
    wait_for(aws, {first: "pendingAcceptance"})
    # A deployment with another rule ends when the rule is in force.
    deploy(aws, aws.id)
    assert states(aws) == {first: "available"}
    # A notification starts a run, which accepts within the limit.
    second = connect(aws)
    wait_for(aws, {first: "available", second: "available"})
    third = connect(aws)
    wait_for(aws, {first: "available", second: "available", third: "pendingAcceptance"})
    # A row of the table is more generous.
    row: dict[str, Any] = {"account": {"S": aws.id}, "limit": {"N": "3"}}
    aws.client("dynamodb").put_item(TableName=output(aws, "Table"), Item=row)
    aws.client("sqs").send_message(QueueUrl=queue_of(aws), MessageBody="a change of the table")
    wait_for(aws, dict.fromkeys([first, second, third], "available"))


def wait_for(aws: LocalAws, expected: dict[str, str]) -> None:
    """Wait for runs that something else than a deployment starts."""
    end = time.monotonic() + 60
    while states(aws) != expected and time.monotonic() < end:
        time.sleep(0.2)
    assert states(aws) == expected


def queue_of(aws: LocalAws) -> str:
    """Return the queue of the manager, not the one of dead letters."""
    (queue,) = [
        each for each in aws.client("sqs").list_queues()["QueueUrls"] if "DeadLetters" not in each
    ]
    return str(queue)
