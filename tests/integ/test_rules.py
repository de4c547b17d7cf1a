"""A connection manager, its table and its schedule."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.integ.requests import connection_states, request_connection
from tests.integ.traffic import APPS
from tests.integ.waiting import wait_for, wait_until
from tests.local_aws.accounts import Account


def deploy(aws: Account, *accounts: str) -> None:
    aws.environment.update(ACCOUNTS=",".join(accounts))
    aws.deploy(APPS / "managed_service")


def output(aws: Account, name: str) -> str:
    return aws.outputs("Provider")[name]


def connect(aws: Account, name: str) -> str:
    """Request a connection in the account of the provider."""
    return request_connection(aws, output(aws, "ServiceName"), name=name)


def states(aws: Account) -> dict[str, str]:
    return connection_states(aws, output(aws, "ServiceId"))


@pytest.fixture(scope="module", autouse=True)
def stack(aws: Account) -> None:
    # With a VPC and a table, the template is larger than a request.
    aws.bootstrap()
    deploy(aws)


def put_customer(aws: Account, account: str, **attributes: Any) -> None:
    row = {"account": {"S": account}, **attributes}
    aws.client("dynamodb").put_item(TableName=output(aws, "Table"), Item=row)


def connection_of(aws: Account, endpoint_id: str) -> dict[str, Any]:
    filters = [{"Name": "service-id", "Values": [output(aws, "ServiceId")]}]
    found = aws.client("ec2").describe_vpc_endpoint_connections(Filters=filters)
    (connection,) = [
        each for each in found["VpcEndpointConnections"] if each["VpcEndpointId"] == endpoint_id
    ]
    return dict(connection)


def tag(aws: Account, endpoint_id: str, key: str, value: str) -> None:
    connection_id = connection_of(aws, endpoint_id)["VpcEndpointConnectionId"]
    tags = [{"Key": f"cdk-privatelink:{key}", "Value": value}]
    aws.client("ec2").create_tags(Resources=[connection_id], Tags=tags)


def unmatched(aws: Account) -> set[str]:
    """Return the endpoints that the manager found without a rule."""
    return {
        endpoint_id
        for endpoint_id in states(aws)
        if "cdk-privatelink:unmatched-since"
        in [tag["Key"] for tag in connection_of(aws, endpoint_id)["Tags"]]
    }


@pytest.mark.claim("manager-accepts-by-rule", "permissions-of-the-manager")
def test_requests_are_decided_by_rules_tables_and_deployments(aws: Account) -> None:
    # A notification of EC2 starts a run, and no rule matches.
    first = connect(aws, "First")
    wait_until(lambda: decided(aws, first, "leave"))
    assert states(aws) == {first: "pendingAcceptance"}
    # A deployment with another rule ends when the rule is in force.
    deploy(aws, aws.id)
    wait_for_states(aws, {first: "available"})
    # A notification starts a run, which accepts within the limit.
    second = connect(aws, "Second")
    wait_for_states(aws, {first: "available", second: "available"})
    third = connect(aws, "Third")
    wait_until(lambda: decided(aws, third, "wait"))
    assert states(aws) == {first: "available", second: "available", third: "pendingAcceptance"}
    # A row of the table is more generous, and the stream of the table starts a run.
    put_customer(aws, aws.id, limit={"N": "3"})
    wait_for_states(aws, dict.fromkeys([first, second, third], "available"))


@pytest.mark.claim(
    "tags-of-connections", "manager-disconnects-within-the-brake", "permissions-to-disconnect"
)
def test_customers_who_have_left_are_disconnected_within_the_brake(aws: Account) -> None:
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
    aws.run_schedules()
    # THEN one connection is rejected, and the brake and the operator hold the others
    wait_until(lambda: "rejected" in states(aws).values())
    aws.run_schedules()
    expected = {("disconnect", "disconnected"), ("block", "unchanged"), ("hold", "unchanged")}
    wait_until(lambda: expected <= decisions(aws))
    assert sorted(states(aws).values()) == ["available", "available", "rejected"]
    assert states(aws)[third] == "available"


def decisions(aws: Account) -> set[tuple[str, str]]:
    """Return the actions and outcomes in the log of the manager."""
    return {(each["action"], each["outcome"]) for each in read_log(aws)}


def decided(aws: Account, endpoint_id: str, action: str) -> bool:
    """Return whether a run of the manager has decided on an endpoint."""
    return (endpoint_id, action) in {(each["endpoint"], each["action"]) for each in read_log(aws)}


def read_log(aws: Account) -> list[dict[str, Any]]:
    groups = aws.resources("Provider", "AWS::Logs::LogGroup")
    (group,) = [each for each in groups if "ConnectionManagers" in each]
    lines = aws.logs(group)
    return [json.loads(line) for line in lines if line.startswith('{"service"')]


def wait_for_states(aws: Account, expected: dict[str, str]) -> None:
    wait_for(lambda: states(aws), expected)
