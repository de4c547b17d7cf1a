"""Many connections in one call of EC2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integ.requests import connection_states, delete_vpc, tags_of
from tests.integ.traffic import APPS
from tests.integ.waiting import wait_until
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy

COUNT = 50


@pytest.fixture(scope="module")
def provider(aws: Account) -> DeployedStack:
    return deploy(aws, APPS / "traffic", aws.context, stacks=["TrafficProvider"])[0]


@pytest.fixture
def endpoint_ids(aws: Account, provider: DeployedStack) -> Iterator[list[str]]:
    """Create endpoints without network interfaces, and delete them."""
    ec2 = aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/24", **tags_of(aws, "vpc"))["Vpc"]["VpcId"]
    ids: list[str] = []
    try:
        for _ in range(COUNT):
            created = ec2.create_vpc_endpoint(
                VpcId=vpc_id,
                VpcEndpointType="Interface",
                PrivateDnsEnabled=False,
                ServiceName=provider.outputs["ServiceName"],
                **tags_of(aws, "vpc-endpoint"),
            )
            ids.append(created["VpcEndpoint"]["VpcEndpointId"])
        yield ids
    finally:
        delete_vpc(ec2, vpc_id, ids)


@pytest.mark.claim("fifty-per-call")
def test_ec2_accepts_and_rejects_fifty_endpoints_per_call(
    aws: Account, provider: DeployedStack, endpoint_ids: list[str]
) -> None:
    ec2, service_id = aws.client("ec2"), provider.outputs["ServiceId"]

    def decide(call: Callable[..., Any], state: str) -> None:
        response = call(ServiceId=service_id, VpcEndpointIds=endpoint_ids)
        assert response["Unsuccessful"] == []
        expected = dict.fromkeys(endpoint_ids, state)
        wait_until(lambda: connection_states(aws, service_id) == expected)

    decide(ec2.accept_vpc_endpoint_connections, "available")
    decide(ec2.reject_vpc_endpoint_connections, "rejected")
