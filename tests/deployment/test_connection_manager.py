"""A connection manager that the CLI deploys to the local AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
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


def put_customer(aws: LocalAws, account: str, **attributes: Any) -> None:
    row = {"account": {"S": account}, **attributes}
    aws.client("dynamodb").put_item(TableName=output(aws, "Table"), Item=row)


def connection_of(aws: LocalAws, endpoint_id: str) -> dict[str, Any]:
    found = aws.client("ec2").describe_vpc_endpoint_connections(
        Filters=[{"Name": "vpc-endpoint-id", "Values": [endpoint_id]}]
    )
    return dict(found["VpcEndpointConnections"][0])


def tag(aws: LocalAws, endpoint_id: str, key: str, value: str) -> None:
    connection_id = connection_of(aws, endpoint_id)["VpcEndpointConnectionId"]
    tags = [{"Key": f"cdk-privatelink:{key}", "Value": value}]
    aws.client("ec2").create_tags(Resources=[connection_id], Tags=tags)


def unmatched(aws: LocalAws) -> set[str]:
    """Return the endpoints that the manager found without a rule."""
    found = aws.client("ec2").describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    return {
        each["VpcEndpointId"]
        for each in found
        if "cdk-privatelink:unmatched-since" in [every["Key"] for every in each["Tags"]]
    }


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
    # A row of the table is more generous, and the stream of the table starts a run.
    put_customer(aws, aws.id, limit={"N": "3"})
    wait_for(aws, dict.fromkeys([first, second, third], "available"))


def test_customers_who_have_left_are_disconnected_within_the_brake(aws: LocalAws) -> None:
    first, second, third = states(aws)
    # GIVEN a connection that an operator holds, and a customer who has left
    tag(aws, third, "hold", "")
    deploy(aws)
    put_customer(aws, "999999999999")
    aws.client("dynamodb").delete_item(
        TableName=output(aws, "Table"), Key={"account": {"S": aws.id}}
    )
    wait_until(lambda: unmatched(aws) == {first, second})
    assert states(aws) == dict.fromkeys([first, second, third], "available")
    # WHEN the time is over, and the schedule starts a run
    for each in (first, second):
        tag(aws, each, "unmatched-since", f"{int(time.time()) - 200_000}")
    assert aws.run_schedules() == 1
    # THEN one connection is rejected, and the brake and the operator hold the others
    wait_until(lambda: "rejected" in states(aws).values())
    assert aws.run_schedules() == 1
    expected = {("disconnect", "disconnected"), ("block", "unchanged"), ("hold", "unchanged")}
    wait_until(lambda: expected <= decisions(aws))
    assert sorted(states(aws).values()) == ["available", "available", "rejected"]
    assert states(aws)[third] == "available"


def decisions(aws: LocalAws) -> set[tuple[str, str]]:
    """Return the actions and outcomes in the log of the manager."""
    (group,) = [
        each["logGroupName"]
        for each in aws.client("logs").describe_log_groups()["logGroups"]
        if "ConnectionManagers" in each["logGroupName"]
    ]
    lines = aws.logs(group)
    parsed = [json.loads(line) for line in lines if line.startswith('{"service"')]
    return {(each["action"], each["outcome"]) for each in parsed}


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for runs that something else than a deployment starts."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    assert condition()


def wait_for(aws: LocalAws, expected: dict[str, str]) -> None:
    wait_until(lambda: states(aws) == expected)
    assert states(aws) == expected
