"""The example `cross_region`, deployed to two Regions with the real CDK CLI."""

from __future__ import annotations

import pytest

from tests.deployment.queries import (
    accept,
    connections_to,
    endpoints_of,
    find_internet_resources,
    service_of,
    zones_of,
)
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "cross_region"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["CrossRegionProvider"]


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["CrossRegionConsumer"]


def test_the_service_allows_the_other_region(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    assert provider.region != consumer.region
    regions = service_of(provider)["SupportedRegions"]
    assert sorted(each["Region"] for each in regions) == sorted([provider.region, consumer.region])


def test_the_endpoint_is_in_the_other_region(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    assert endpoints_of(provider) == []
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["ServiceName"] == provider.outputs["ServiceName"]
    assert endpoint["ServiceRegion"] == provider.region
    zones = zones_of(consumer, consumer.resources("AWS::EC2::Subnet"))
    assert len(set(zones)) == 2
    assert zones_of(consumer, endpoint["SubnetIds"]) == zones


def test_no_other_resource_connects_the_regions(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    assert find_internet_resources(provider, consumer) == []
    for stack in (provider, consumer):
        vpc_ids = set(stack.resources("AWS::EC2::VPC"))
        assert len(vpc_ids) == 1
        peerings = stack.client("ec2").describe_vpc_peering_connections()["VpcPeeringConnections"]
        for each in peerings:
            peers = {each["RequesterVpcInfo"]["VpcId"], each["AccepterVpcInfo"]["VpcId"]}
            assert not peers & vpc_ids


@pytest.mark.claim("cross-region-endpoint")
def test_the_endpoint_is_available_after_acceptance(
    provider: DeployedStack, consumer: DeployedStack
) -> None:
    endpoint_id = consumer.outputs["EndpointId"]
    owner = consumer.account.id
    assert connections_to(provider) == [(endpoint_id, owner, "pendingAcceptance")]
    accept(provider, endpoint_id)
    wait_for(lambda: connections_to(provider), [(endpoint_id, owner, "available")])
    wait_for(lambda: [each["State"] for each in endpoints_of(consumer)], ["available"])
