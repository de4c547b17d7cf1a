"""The example `saas_self_service`, deployed to two accounts with the real CDK CLI."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.deployment.examples.conftest import EXAMPLES
from tests.deployment.queries import connections_to, describe, endpoints_of, service_of
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "saas_self_service"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SelfServiceProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SelfServiceConsumer"]


def add_customer(provider: DeployedStack, account: str, *options: str) -> list[str]:
    """Run the command of the example, and return the lines of its output."""
    script = EXAMPLES / EXAMPLE / "add_customer.py"
    process = subprocess.run(
        [sys.executable, str(script), account, *options, "--stack", provider.name],
        env=provider.account.environment | {"AWS_DEFAULT_REGION": provider.region},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.splitlines()


def is_held(provider: DeployedStack, endpoint_id: str) -> bool:
    """Return whether the manager has decided that a request waits, which it writes to its log."""
    return any(
        f'"endpoint": "{endpoint_id}"' in line and '"action": "wait"' in line
        for group in provider.resources("AWS::Logs::LogGroup")
        for line in provider.account.logs(group, provider.region)
    )


@contextmanager
def another_endpoint(consumer: DeployedStack, endpoint: dict[str, Any]) -> Iterator[str]:
    """Create an endpoint to the same service in the same subnets, and delete it at the end."""
    ec2 = consumer.client("ec2")
    names = "VpcId", "ServiceName", "VpcEndpointType", "SubnetIds"
    response = ec2.create_vpc_endpoint(**{name: endpoint[name] for name in names})
    endpoint_id = response["VpcEndpoint"]["VpcEndpointId"]
    try:
        yield endpoint_id
    finally:
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
        # Until then, CloudFormation could not delete the subnets.
        in_vpc = [{"Name": "vpc-id", "Values": [endpoint["VpcId"]]}]
        wait_for(
            lambda: (
                endpoint_id
                in [
                    each["VpcEndpointId"]
                    for each in ec2.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"]
                    if each["State"] != "deleted"
                ]
            ),
            False,
        )


def test_everyone_may_ask_and_nobody_is_accepted_automatically(provider: DeployedStack) -> None:
    service = service_of(provider)
    assert service["AcceptanceRequired"] is True
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    assert [each["Principal"] for each in permissions] == ["*"]


def test_alarms_notify_operators(provider: DeployedStack) -> None:
    alarms = describe(provider, "AWS::CloudWatch::Alarm")
    assert {"Blocked", "Failed", "ApproximateNumberOfMessagesVisible", "RstPacketsSent"} == {
        alarm["MetricName"] for alarm in alarms
    }
    topic = provider.outputs["OperatorsTopic"]
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)


@pytest.mark.claim("table-connects-customers")
def test_a_customer_in_the_table_is_connected_within_the_limit(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    # GIVEN a request of an account that is not in the table
    (endpoint,) = endpoints_of(consumer)
    first, customer = endpoint["VpcEndpointId"], consumer.account.id
    assert connections_to(provider) == [(first, customer, "pendingAcceptance")]
    # WHEN the command adds the customer
    title, *lines = add_customer(provider, customer, "--limit", "1")
    # THEN it shows the acceptance
    assert title == f"{customer} is in the table of {provider.outputs['ServiceName']}"
    # The command can miss the states on the way.
    states = ["pendingAcceptance", "pending", "available"]
    assert lines == [f"{first} is {state}" for state in states if f"{first} is {state}" in lines]
    assert lines[-1] == f"{first} is available"
    wait_for(lambda: [each["State"] for each in endpoints_of(consumer)], ["available"])

    # WHEN the customer asks for another connection
    with another_endpoint(consumer, endpoint) as second:
        # THEN it waits until the limit is higher
        wait_for(lambda: is_held(provider, second), True)
        assert (second, customer, "pendingAcceptance") in connections_to(provider)
        add_customer(provider, customer, "--limit", "2")
        assert (second, customer, "available") in connections_to(provider)
