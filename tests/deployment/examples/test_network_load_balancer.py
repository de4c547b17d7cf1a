"""The example `network_load_balancer`, deployed with the real CDK CLI."""

from __future__ import annotations

import pytest

from tests.deployment.examples.queries import (
    accept,
    connections_to,
    endpoints_of,
    find_internet_resources,
    service_of,
    zones_of,
)
from tools.demo import Demo, Story
from tools.deployment import DeployedStack

EXAMPLE = "network_load_balancer"
NOT_DEFAULT = [{"Name": "is-default", "Values": ["false"]}]


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateLinkProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateLinkConsumer"]


def test_the_service_has_the_internal_load_balancer(provider: DeployedStack) -> None:
    service = service_of(provider)
    (load_balancer,) = provider.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert (load_balancer["Type"], load_balancer["Scheme"]) == ("network", "internal")
    assert service["NetworkLoadBalancerArns"] == [load_balancer["LoadBalancerArn"]]
    assert "GatewayLoadBalancerArns" not in service
    assert service["AcceptanceRequired"] is True


def test_the_principals_are_allowed(provider: DeployedStack) -> None:
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=provider.outputs["ServiceId"]
    )["AllowedPrincipals"]
    assert [permission["Principal"] for permission in permissions] == [
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:role/Consumer",
    ]
    allowed = provider.outputs["AllowedPrincipals"].split(",")
    assert allowed == [each["Principal"] for each in permissions]


def test_the_vpcs_have_no_internet_access(provider: DeployedStack) -> None:
    assert len(provider.client("ec2").describe_vpcs(Filters=NOT_DEFAULT)["Vpcs"]) == 2
    assert find_internet_resources(provider) == []


def test_the_lookup_logs_to_a_separate_log_group(provider: DeployedStack) -> None:
    service = service_of(provider)
    (log_group,) = provider.client("logs").describe_log_groups()["logGroups"]
    assert log_group["retentionInDays"] == 30
    log = "\n".join(provider.account.logs(log_group["logGroupName"]))
    assert f"{service['ServiceId']} is named {service['ServiceName']}" in log
    assert "http" not in log


def test_the_consumer_is_connected_after_acceptance(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    assert zones_of(consumer, endpoint["SubnetIds"]) == ["eu-west-1a", "eu-west-1b"]
    owner = consumer.account.id
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], owner, "pendingAcceptance")]
    accept(provider, endpoint["VpcEndpointId"])
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], owner, "available")]
    assert [each["State"] for each in endpoints_of(consumer)] == ["available"]


class TestDemo:
    """Failures of the demo."""

    def test_the_demo_fails_if_ec2_returns_another_name(
        self, stacks: dict[str, DeployedStack], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo = Demo([*stacks.values()], Story())
        (service,) = demo.services()
        monkeypatch.setattr(demo, "services", lambda: [service | {"ServiceName": "another"}])
        with pytest.raises(SystemExit) as stop:
            demo.compare_names()
        outputs = {service["ServiceId"]: service["ServiceName"]}
        assert stop.value.code == f"\nFAILED: the stacks output {outputs}"

    def test_the_demo_fails_if_an_endpoint_is_not_connected(
        self, stacks: dict[str, DeployedStack], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo = Demo([*stacks.values()], Story())
        monkeypatch.setattr(demo, "connections", lambda: {"vpce-another": "available"})
        with pytest.raises(SystemExit) as stop:
            demo.connect()
        assert stop.value.code == "\nFAILED: not all endpoints are connected"
