"""The example `network_load_balancer`, deployed with the real CDK CLI."""

from __future__ import annotations

import pytest

from tests.deployment.queries import (
    accept,
    connections_to,
    describe,
    endpoints_of,
    find_internet_resources,
    service_of,
    zones_of,
)
from tests.integ.waiting import wait_for
from tools.demo import Demo, Story
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "network_load_balancer"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateLinkProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateLinkConsumer"]


def read_log(stack: DeployedStack, group: str) -> str:
    return "\n".join(stack.account.logs(group, stack.region))


def test_the_service_has_the_internal_load_balancer(provider: DeployedStack) -> None:
    service = service_of(provider)
    (load_balancer,) = describe(provider, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert (load_balancer["Type"], load_balancer["Scheme"]) == ("network", "internal")
    assert service["NetworkLoadBalancerArns"] == [load_balancer["LoadBalancerArn"]]
    assert "GatewayLoadBalancerArns" not in service
    assert service["AcceptanceRequired"] is True


@pytest.mark.claim("principals-of-others")
def test_the_principals_are_allowed(provider: DeployedStack) -> None:
    permissions = provider.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=provider.outputs["ServiceId"]
    )["AllowedPrincipals"]
    expected = [
        f"arn:aws:iam::{provider.account.id}:root",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::444455556666:role/Consumer",
    ]
    assert sorted(each["Principal"] for each in permissions) == sorted(expected)
    assert provider.outputs["AllowedPrincipals"].split(",") == expected


def test_the_vpcs_have_no_internet_access(provider: DeployedStack, consumer: DeployedStack) -> None:
    for stack in (provider, consumer):
        assert len(stack.resources("AWS::EC2::VPC")) == 1
    assert find_internet_resources(provider, consumer) == []


def test_the_lookup_logs_to_a_separate_log_group(provider: DeployedStack) -> None:
    service = service_of(provider)
    logs = provider.client("logs")
    (name,) = provider.resources("AWS::Logs::LogGroup")
    (log_group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert log_group["retentionInDays"] == 30
    line = f"{service['ServiceId']} is named {service['ServiceName']}"
    wait_for(lambda: line in read_log(provider, name), True)
    assert "http" not in read_log(provider, name)
    # Lambda creates the default log group, without a retention, if a function has no other.
    (function,) = provider.resources("AWS::Lambda::Function")
    default = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")
    assert default["logGroups"] == []


def test_the_consumer_is_connected_after_acceptance(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    zones = sorted(service_of(provider)["AvailabilityZones"])
    assert len(set(zones)) == 2
    assert zones_of(consumer, endpoint["SubnetIds"]) == zones
    owner = consumer.account.id
    assert connections_to(provider) == [(endpoint["VpcEndpointId"], owner, "pendingAcceptance")]
    accept(provider, endpoint["VpcEndpointId"])
    connection = endpoint["VpcEndpointId"], owner, "available"
    wait_for(lambda: connections_to(provider), [connection])
    wait_for(lambda: [each["State"] for each in endpoints_of(consumer)], ["available"])


# The demo runs in the local AWS only.
@pytest.mark.local_only
class TestDemo:
    """Failures of the demo."""

    def test_the_demo_fails_if_ec2_returns_another_name(
        self, stacks: dict[str, DeployedStack], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo = Demo([*stacks.values()], Story())
        service = service_of(stacks["PrivateLinkProvider"])
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
