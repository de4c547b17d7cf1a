"""A connection passes through the same appliance in both directions."""

from __future__ import annotations

import json

import pytest

from tests.integ.traffic import APPS, assert_connected, request
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy


@pytest.fixture(scope="module")
def stacks(aws: Account) -> dict[str, DeployedStack]:
    deployed = deploy(aws, APPS / "inspected_traffic", aws.context)
    return {stack.id: stack for stack in deployed}


def count_packets(security: DeployedStack) -> list[dict[str, int]]:
    """Return the packets that each appliance has seen, by source and destination."""
    addresses = security.outputs["ApplianceAddresses"].split(",")
    assert len(addresses) == 2
    replies = [request(security, f"http://{address}/") for address in addresses]
    return [json.loads(reply["body"]) for reply in replies]


def assert_inspected(security: DeployedStack, stack: DeployedStack) -> None:
    """Assert that each connection of a client passes through one appliance, both ways."""
    host = stack.outputs["HostAddress"]
    client = assert_connected(stack, f"http://{host}/").removeprefix("hello ")
    seen = [
        (counts.get(f"{client} > {host}", 0), counts.get(f"{host} > {client}", 0))
        for counts in count_packets(security)
    ]
    assert any(sent and returned for sent, returned in seen), seen
    # An appliance that sees one direction only would drop the connection.
    assert all(bool(sent) == bool(returned) for sent, returned in seen), seen


@pytest.mark.claim("inspection-in-a-vpc", "appliances-reached")
def test_traffic_between_subnets_passes_through_one_appliance(
    stacks: dict[str, DeployedStack],
) -> None:
    assert_inspected(stacks["InspectedSecurity"], stacks["InspectedOneVpc"])


@pytest.mark.claim("inspection-behind-a-transit-gateway")
def test_traffic_between_vpcs_passes_through_one_appliance(
    stacks: dict[str, DeployedStack],
) -> None:
    assert_inspected(stacks["InspectedSecurity"], stacks["InspectedTwoVpcs"])
