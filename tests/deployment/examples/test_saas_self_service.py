"""The example `saas_self_service`, deployed to two accounts with the real CDK CLI."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.deployment.examples.conftest import EXAMPLES
from tests.deployment.examples.queries import connections_to, endpoints_of, service_of
from tools.deployment import DeployedStack

EXAMPLE = "saas_self_service"
CUSTOMER = "444455556666"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SelfServiceProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SelfServiceConsumer"]


def add_customer(provider: DeployedStack, *options: str) -> str:
    """Run the command of the example, and return its output."""
    command = [sys.executable, str(EXAMPLES / EXAMPLE / "add_customer.py"), CUSTOMER, *options]
    environment = provider.account.environment
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return process.stdout


def test_everyone_may_ask_and_nobody_is_accepted_automatically(provider: DeployedStack) -> None:
    service = service_of(provider)
    assert service["AcceptanceRequired"] is True
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    assert [each["Principal"] for each in permissions] == ["*"]


def test_alarms_notify_operators(provider: DeployedStack) -> None:
    alarms = provider.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {"Blocked", "Failed", "ApproximateNumberOfMessagesVisible", "RstPacketsSent"} == {
        alarm["MetricName"] for alarm in alarms
    }
    topic = provider.outputs["OperatorsTopic"]
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)


def test_a_customer_in_the_table_is_connected_within_the_limit(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    # GIVEN a request of an account that is not in the table
    (endpoint,) = endpoints_of(consumer)
    first = endpoint["VpcEndpointId"]
    assert connections_to(provider) == [(first, CUSTOMER, "pendingAcceptance")]
    # WHEN the command adds the customer
    output = add_customer(provider, "--limit", "1")
    # THEN it shows the acceptance
    assert output.splitlines() == [
        f"{CUSTOMER} is in the table of {provider.outputs['ServiceName']}",
        *([f"{first} is pendingAcceptance"] if "pendingAcceptance" in output else []),
        f"{first} is available",
    ]
    assert [each["State"] for each in endpoints_of(consumer)] == ["available"]

    # WHEN the customer asks for another connection
    ec2 = consumer.client("ec2")
    second = ec2.create_vpc_endpoint(
        VpcId=endpoint["VpcId"],
        ServiceName=endpoint["ServiceName"],
        VpcEndpointType="Interface",
    )["VpcEndpoint"]["VpcEndpointId"]
    # THEN it waits until the limit is higher
    time.sleep(2)
    assert (second, CUSTOMER, "pendingAcceptance") in connections_to(provider)
    add_customer(provider, "--limit", "2")
    assert (second, CUSTOMER, "available") in connections_to(provider)
