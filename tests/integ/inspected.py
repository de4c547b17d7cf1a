"""Packets that appliances have seen."""

from __future__ import annotations

import json

from tests.integ.traffic import APPS, assert_connected, request
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy


def deploy_inspected(aws: Account, name: str) -> tuple[DeployedStack, DeployedStack]:
    """Deploy the appliances and one network, and return the stacks."""
    stacks = ["InspectedSecurity", name]
    security, network = deploy(aws, APPS / "inspected_traffic", aws.context, stacks=stacks)
    return security, network


def assert_inspected(security: DeployedStack, network: DeployedStack) -> None:
    """Assert that a connection of a client passes through one appliance, both ways."""
    host = network.outputs["HostAddress"]
    # Earlier attempts may have ended on the way.
    client = assert_connected(network, f"http://{host}/").removeprefix("hello ")
    before = _count_packets(security)
    assert request(network, f"http://{host}/") == {"status": 200, "body": f"hello {client}"}
    after = _count_packets(security)
    seen = [
        [
            now.get(direction, 0) - then.get(direction, 0)
            for direction in (f"{client} > {host}", f"{host} > {client}")
        ]
        for then, now in zip(before, after, strict=True)
    ]
    # The other appliance has seen nothing.
    assert sorted(map(all, seen)) == [False, True], seen
    assert sorted(map(any, seen)) == [False, True], seen


def _count_packets(security: DeployedStack) -> list[dict[str, int]]:
    """Return the packets of each appliance, by source and destination."""
    addresses = security.outputs["ApplianceAddresses"].split(",")
    assert len(addresses) == 2
    replies = [request(security, f"http://{address}/") for address in addresses]
    return [json.loads(reply["body"]) for reply in replies]
