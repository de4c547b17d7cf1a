"""The example `saas_cross_account`, deployed to two accounts with the real CDK CLI."""

from __future__ import annotations

import json

import pytest

from tests.deployment.examples.queries import (
    accept,
    connections_to,
    endpoints_of,
    find_internet_resources,
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


def test_provider_and_consumer_are_in_different_accounts(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    assert (provider.account.id, consumer.account.id) == (PROVIDER, CUSTOMER)
    own_services = consumer.client("ec2").describe_vpc_endpoint_service_configurations()
    assert own_services["ServiceConfigurations"] == []
    assert endpoints_of(provider) == []


def test_only_the_customer_is_allowed(provider: DeployedStack) -> None:
    service = service_of(provider)
    assert service["AcceptanceRequired"] is True
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    assert [each["Principal"] for each in permissions] == [f"arn:aws:iam::{CUSTOMER}:root"]


def test_only_the_customer_can_read_the_shared_parameters(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    arn = f"arn:aws:ssm:{provider.region}:{PROVIDER}:parameter/payments/endpoint-service"
    arns = [arn, f"{arn}-allowed-regions", f"{arn}-availability-zone-ids"]
    found = consumer.client("ssm").get_parameters(Names=arns)["Parameters"]
    assert len(found) == 3
    assert found[0]["Value"] == provider.outputs["ServiceName"]
    (share,) = provider.client("ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
    # The customer may be in another organization.
    assert share["allowExternalPrincipals"] is True
    stranger = provider.account.account("999999999999").client("ssm", provider.region)
    assert stranger.get_parameters(Names=arns)["InvalidParameters"] == arns


def test_operators_receive_every_event(provider: DeployedStack) -> None:
    response = provider.client("ec2").describe_vpc_endpoint_connection_notifications()
    (notification,) = response["ConnectionNotificationSet"]
    (topic,) = provider.client("sns").list_topics()["Topics"]
    assert notification["ConnectionNotificationArn"] == topic["TopicArn"]
    assert notification["ConnectionEvents"] == ["Accept", "Connect", "Delete", "Reject"]


def test_alarms_in_all_zones_notify_operators(provider: DeployedStack) -> None:
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


def test_the_vpcs_have_no_internet_access(provider: DeployedStack, consumer: DeployedStack) -> None:
    assert find_internet_resources(provider) == find_internet_resources(consumer) == []


def test_only_clients_can_use_the_endpoint(consumer: DeployedStack) -> None:
    (endpoint,) = endpoints_of(consumer)
    (group,) = endpoint["Groups"]
    response = consumer.client("ec2").describe_security_groups(GroupIds=[group["GroupId"]])
    (rule,) = response["SecurityGroups"][0]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (443, 443, [])
    assert len(rule["UserIdGroupPairs"]) == 1


def test_the_customer_is_connected_after_acceptance(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    # GIVEN an endpoint that was created with the service name in the shared parameter
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    # THEN the connection is pending
    assert endpoint["State"] == "pendingAcceptance"
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], CUSTOMER, "pendingAcceptance")]
    # WHEN the provider accepts the connection
    accept(provider, endpoint["VpcEndpointId"])
    # THEN both accounts have the connection
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], CUSTOMER, "available")]
    assert [each["State"] for each in endpoints_of(consumer)] == ["available"]
