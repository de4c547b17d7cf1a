"""The example `cross_region`, deployed to two Regions with the real CDK CLI."""

from __future__ import annotations

from tests.deployment.examples.queries import (
    accept,
    connections_to,
    endpoints_of,
    find_internet_resources,
    service_of,
    zones_of,
)
from tools.deployment import DeployedStack

EXAMPLE = "cross_region"


def test_the_service_allows_the_other_region(stacks: dict[str, DeployedStack]) -> None:
    provider = stacks["CrossRegionProvider"]
    assert provider.region == "eu-west-1"
    regions = service_of(provider)["SupportedRegions"]
    assert [each["Region"] for each in regions] == ["us-east-1", "eu-west-1"]


def test_the_endpoint_is_in_the_other_region(stacks: dict[str, DeployedStack]) -> None:
    provider, consumer = stacks["CrossRegionProvider"], stacks["CrossRegionConsumer"]
    assert endpoints_of(provider) == []
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    assert endpoint["ServiceRegion"] == "eu-west-1"
    assert zones_of(consumer, endpoint["SubnetIds"]) == ["us-east-1a", "us-east-1b"]


def test_no_other_resource_connects_the_regions(stacks: dict[str, DeployedStack]) -> None:
    for stack in stacks.values():
        assert find_internet_resources(stack) == []
        peerings = stack.client("ec2").describe_vpc_peering_connections()
        assert peerings["VpcPeeringConnections"] == []


def test_the_endpoint_is_available_after_acceptance(stacks: dict[str, DeployedStack]) -> None:
    provider, consumer = stacks["CrossRegionProvider"], stacks["CrossRegionConsumer"]
    endpoint_id = consumer.outputs["EndpointId"]
    owner = consumer.account.id
    assert connections_to(provider) == [(endpoint_id, owner, "pendingAcceptance")]
    accept(provider, endpoint_id)
    assert connections_to(provider) == [(endpoint_id, owner, "available")]
    assert [each["State"] for each in endpoints_of(consumer)] == ["available"]
