"""The example `private_aws_services`, deployed with the real CDK CLI."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.deployment.queries import (
    connections_to,
    describe,
    endpoints_of,
    find_internet_resources,
    service_of,
    zones_of,
)
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "private_aws_services"


@pytest.fixture(scope="module")
def workload(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateServicesWorkload"]


@pytest.fixture(scope="module")
def endpoints(workload: DeployedStack) -> dict[str, dict[str, Any]]:
    """Return the endpoints by the last part of the service name."""
    return {each["ServiceName"].rsplit(".", 1)[1]: each for each in endpoints_of(workload)}


def statement(endpoint: dict[str, Any], account: str) -> dict[str, Any]:
    """Return the only statement of an endpoint policy, which is for principals of an account."""
    (only,) = json.loads(endpoint["PolicyDocument"])["Statement"]
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalAccount": account}}
    return dict(only)


def test_endpoints_of_all_types_are_in_the_vpc(
    stacks: dict[str, DeployedStack], workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    ours = service_of(stacks["PrivateServicesProvider"])["ServiceId"]
    kinds = {name: each["VpcEndpointType"] for name, each in endpoints.items()}
    assert kinds == {"s3": "Gateway", "dynamodb": "Gateway", "sqs": "Interface", ours: "Interface"}
    assert len({each["VpcId"] for each in endpoints.values()}) == 1
    wait_for(lambda: {each["State"] for each in endpoints_of(workload)}, {"available"})


def test_the_vpcs_have_no_internet_access(stacks: dict[str, DeployedStack]) -> None:
    assert find_internet_resources(*stacks.values()) == []
    for stack in stacks.values():
        subnets = describe(stack, "AWS::EC2::Subnet")
        assert {each["MapPublicIpOnLaunch"] for each in subnets} == {False}


def test_gateway_endpoints_are_in_the_routes_of_every_subnet(
    workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    tables = {
        association["SubnetId"]: table["RouteTableId"]
        for table in describe(workload, "AWS::EC2::RouteTable")
        for association in table["Associations"]
    }
    assert len(tables) == 2
    assert tables.keys() == set(workload.resources("AWS::EC2::Subnet"))
    for name in ("s3", "dynamodb"):
        assert set(endpoints[name]["RouteTableIds"]) == set(tables.values())


def test_policies_allow_one_bucket_one_table_and_one_queue(
    workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    account, region = workload.account.id, workload.region
    (bucket,) = workload.resources("AWS::S3::Bucket")
    through = statement(endpoints["s3"], account)
    assert through["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert through["Resource"] == f"arn:aws:s3:::{bucket}/*"

    (table,) = workload.resources("AWS::DynamoDB::Table")
    through = statement(endpoints["dynamodb"], account)
    assert through["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert through["Resource"] == f"arn:aws:dynamodb:{region}:{account}:table/{table}"

    (queue,) = workload.resources("AWS::SQS::Queue")
    through = statement(endpoints["sqs"], account)
    assert through["Action"] == ["sqs:ReceiveMessage", "sqs:SendMessage"]
    assert through["Resource"] == f"arn:aws:sqs:{region}:{account}:{queue.rsplit('/', 1)[1]}"


def test_interface_endpoints_are_in_two_zones_and_allow_only_the_workload(
    stacks: dict[str, DeployedStack], workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    ours = stacks["PrivateServicesProvider"].outputs["ServiceId"]
    zones = zones_of(workload, workload.resources("AWS::EC2::Subnet"))
    assert len(set(zones)) == 2
    allowed = set()
    for name in ("sqs", ours):
        assert zones_of(workload, endpoints[name]["SubnetIds"]) == zones
        ids = [each["GroupId"] for each in endpoints[name]["Groups"]]
        (group,) = workload.client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
        (rule,) = group["IpPermissions"]
        assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (443, 443, [])
        allowed |= {each["GroupId"] for each in rule["UserIdGroupPairs"]}
    assert len(allowed) == 1
    assert endpoints["sqs"]["PrivateDnsEnabled"] is True


def test_the_endpoint_service_of_the_example_is_connected(
    stacks: dict[str, DeployedStack], workload: DeployedStack
) -> None:
    provider = stacks["PrivateServicesProvider"]
    endpoint_id = workload.outputs["EndpointId"]
    connection = endpoint_id, provider.account.id, "available"
    wait_for(lambda: connections_to(provider), [connection])
