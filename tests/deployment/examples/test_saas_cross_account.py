"""The example `saas_cross_account`, deployed to two accounts with the real CDK CLI."""

from __future__ import annotations

import json

import pytest

from tests.deployment.examples.reading import (
    accept,
    connections_to,
    endpoints_of,
    leads_out,
    service_of,
)
from tools.deployment import DeployedStack

EXAMPLE = "saas_cross_account"
PROVIDER, CUSTOMER = "111122223333", "444455556666"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SaasProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SaasConsumer"]


def test_each_is_in_its_own_account(provider: DeployedStack, consumer: DeployedStack) -> None:
    assert (provider.account.id, consumer.account.id) == (PROVIDER, CUSTOMER)
    own = consumer.client("ec2").describe_vpc_endpoint_service_configurations()
    assert own["ServiceConfigurations"] == []
    assert endpoints_of(provider) == []


def test_the_customer_alone_may_ask(provider: DeployedStack) -> None:
    service = service_of(provider)
    assert service["AcceptanceRequired"] is True
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    assert [each["Principal"] for each in permissions] == [f"arn:aws:iam::{CUSTOMER}:root"]


def test_operators_are_told_of_every_event(provider: DeployedStack) -> None:
    answer = provider.client("ec2").describe_vpc_endpoint_connection_notifications()
    (notification,) = answer["ConnectionNotificationSet"]
    (topic,) = provider.client("sns").list_topics()["Topics"]
    assert notification["ConnectionNotificationArn"] == topic["TopicArn"]
    assert notification["ConnectionEvents"] == ["Accept", "Connect", "Delete", "Reject"]


def test_alarms_of_all_zones_may_tell_them(provider: DeployedStack) -> None:
    (topic,) = provider.client("sns").list_topics()["Topics"]
    alarms = provider.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["MetricName"] for alarm in alarms} == {"RstPacketsSent"}
    assert [alarm["AlarmActions"] for alarm in alarms] == [[topic["TopicArn"]]] * 3
    assert len(service_of(provider)["AvailabilityZones"]) == 3
    attributes = provider.client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])
    statements = json.loads(attributes["Attributes"]["Policy"])["Statement"]
    services = [
        each["Principal"].get("Service") for each in statements if each["Effect"] == "Allow"
    ]
    assert sorted(services) == ["cloudwatch.amazonaws.com", "vpce.amazonaws.com"]


def test_nothing_leads_out_of_the_vpcs(provider: DeployedStack, consumer: DeployedStack) -> None:
    assert leads_out(provider) == leads_out(consumer) == []


def test_only_clients_may_use_the_endpoint(consumer: DeployedStack) -> None:
    (endpoint,) = endpoints_of(consumer)
    (group,) = endpoint["Groups"]
    answer = consumer.client("ec2").describe_security_groups(GroupIds=[group["GroupId"]])
    (rule,) = answer["SecurityGroups"][0]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (443, 443, [])
    assert len(rule["UserIdGroupPairs"]) == 1


def test_the_customer_is_connected_once_accepted(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    # GIVEN an endpoint that was made from the name alone
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    # THEN it waits
    assert endpoint["State"] == "pendingAcceptance"
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], CUSTOMER, "pendingAcceptance")]
    # WHEN it is accepted
    accept(provider, endpoint["VpcEndpointId"])
    # THEN both sides see it
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], CUSTOMER, "available")]
    assert [each["State"] for each in endpoints_of(consumer)] == ["available"]
