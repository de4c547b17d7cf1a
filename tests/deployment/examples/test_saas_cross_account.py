"""The example `saas_cross_account`, deployed to two accounts with the real CDK CLI."""

from __future__ import annotations

import json

import pytest

from tests.deployment.queries import (
    accept,
    connections_to,
    describe,
    endpoints_of,
    find_internet_resources,
    service_of,
)
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "saas_cross_account"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SaasProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["SaasConsumer"]


@pytest.fixture(scope="module")
def parameter_arns(provider: DeployedStack) -> list[str]:
    """Return the ARNs of the service name, the allowed Regions and the zones of the service."""
    arn = f"arn:aws:ssm:{provider.region}:{provider.account.id}:parameter/payments/endpoint-service"
    return [arn, f"{arn}-allowed-regions", f"{arn}-availability-zone-ids"]


def test_provider_and_consumer_are_in_different_accounts(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    assert provider.account.id != consumer.account.id
    assert consumer.resources("AWS::EC2::VPCEndpointService") == []
    assert endpoints_of(provider) == []
    services = consumer.client("ec2").describe_vpc_endpoint_service_configurations()
    own_services = [each["ServiceId"] for each in services["ServiceConfigurations"]]
    assert service_of(provider)["ServiceId"] not in own_services
    assert [each["OwnerId"] for each in endpoints_of(consumer)] == [consumer.account.id]


def test_only_the_customer_is_allowed(provider: DeployedStack, consumer: DeployedStack) -> None:
    service = service_of(provider)
    assert service["AcceptanceRequired"] is True
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"]
    )["AllowedPrincipals"]
    customer = f"arn:aws:iam::{consumer.account.id}:root"
    assert [each["Principal"] for each in permissions] == [customer]


def test_the_customer_can_read_the_shared_parameters(
    provider: DeployedStack, consumer: DeployedStack, parameter_arns: list[str]
) -> None:
    found = consumer.client("ssm").get_parameters(Names=parameter_arns)["Parameters"]
    values = {each["ARN"]: each["Value"] for each in found}
    assert values.keys() == set(parameter_arns)
    assert values[parameter_arns[0]] == provider.outputs["ServiceName"]
    (share_arn,) = provider.resources("AWS::RAM::ResourceShare")
    response = provider.client("ram").get_resource_shares(
        resourceOwner="SELF", resourceShareArns=[share_arn]
    )
    # moto returns all shares of the account.
    (share,) = (
        each for each in response["resourceShares"] if each["resourceShareArn"] == share_arn
    )
    # The customer may be in another organization.
    assert share["allowExternalPrincipals"] is True


# A real account cannot act as a third one.
@pytest.mark.local_only
def test_a_stranger_cannot_read_the_shared_parameters(
    provider: DeployedStack, parameter_arns: list[str]
) -> None:
    stranger = provider.account.account("999999999999").client("ssm", provider.region)
    response = stranger.get_parameters(Names=parameter_arns)
    assert response["InvalidParameters"] == parameter_arns


def test_operators_receive_every_event(provider: DeployedStack) -> None:
    (notification_id,) = provider.resources("AWS::EC2::VPCEndpointConnectionNotification")
    response = provider.client("ec2").describe_vpc_endpoint_connection_notifications(
        ConnectionNotificationId=notification_id
    )
    (notification,) = response["ConnectionNotificationSet"]
    (topic,) = provider.resources("AWS::SNS::Topic")
    assert notification["ServiceId"] == provider.outputs["ServiceId"]
    assert notification["ConnectionNotificationArn"] == topic
    assert sorted(notification["ConnectionEvents"]) == ["Accept", "Connect", "Delete", "Reject"]


def test_alarms_in_all_zones_notify_operators(provider: DeployedStack) -> None:
    (topic,) = provider.resources("AWS::SNS::Topic")
    alarms = describe(provider, "AWS::CloudWatch::Alarm")
    assert {alarm["MetricName"] for alarm in alarms} == {"RstPacketsSent"}
    assert [alarm["AlarmActions"] for alarm in alarms] == [[topic]] * 3
    assert len(service_of(provider)["AvailabilityZones"]) == 3
    attributes = provider.client("sns").get_topic_attributes(TopicArn=topic)
    statements = json.loads(attributes["Attributes"]["Policy"])["Statement"]
    services = [
        each["Principal"].get("Service") for each in statements if each["Effect"] == "Allow"
    ]
    assert sorted(services) == ["cloudwatch.amazonaws.com", "vpce.amazonaws.com"]


def test_the_vpcs_have_no_internet_access(provider: DeployedStack, consumer: DeployedStack) -> None:
    assert find_internet_resources(provider, consumer) == []


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
    endpoint_id, customer = endpoint["VpcEndpointId"], consumer.account.id
    assert connections_to(provider) == [(endpoint_id, customer, "pendingAcceptance")]
    # WHEN the provider accepts the connection
    accept(provider, endpoint_id)
    # THEN both accounts have the connection
    wait_for(lambda: connections_to(provider), [(endpoint_id, customer, "available")])
    wait_for(lambda: [each["State"] for each in endpoints_of(consumer)], ["available"])
