"""The example `private_aws_services`, deployed with the real CDK CLI."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.deployment.examples.queries import (
    connections_to,
    endpoints_of,
    find_internet_resources,
    get_tag,
    service_of,
    zones_of,
)
from tools.deployment import DeployedStack

EXAMPLE = "private_aws_services"


@pytest.fixture(scope="module")
def workload(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateServicesWorkload"]


@pytest.fixture(scope="module")
def endpoints(workload: DeployedStack) -> dict[str, dict[str, Any]]:
    """Return the endpoints by the last part of the service name."""
    return {each["ServiceName"].rsplit(".", 1)[1]: each for each in endpoints_of(workload)}


def statement(endpoint: dict[str, Any]) -> dict[str, Any]:
    """Return the only statement of an endpoint policy."""
    (only,) = json.loads(endpoint["PolicyDocument"])["Statement"]
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    return dict(only)


def test_endpoints_of_all_types_are_in_the_vpc(
    stacks: dict[str, DeployedStack], endpoints: dict[str, dict[str, Any]]
) -> None:
    ours = service_of(stacks["PrivateServicesProvider"])["ServiceId"]
    kinds = {name: each["VpcEndpointType"] for name, each in endpoints.items()}
    assert kinds == {"s3": "Gateway", "dynamodb": "Gateway", "sqs": "Interface", ours: "Interface"}
    assert len({each["VpcId"] for each in endpoints.values()}) == 1
    assert {each["State"] for each in endpoints.values()} == {"available"}


def test_the_vpcs_have_no_internet_access(workload: DeployedStack) -> None:
    assert find_internet_resources(workload) == []
    response = workload.client("ec2").describe_subnets()
    assert {
        each["MapPublicIpOnLaunch"] for each in response["Subnets"] if get_tag(each, "Name")
    } == {False}


def test_gateway_endpoints_are_in_the_routes_of_every_subnet(
    workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    response = workload.client("ec2").describe_route_tables()
    of_workload = {
        each["RouteTableId"]
        for each in response["RouteTables"]
        if "PrivateServicesWorkload" in (get_tag(each, "Name") or "")
    }
    assert len(of_workload) == 2
    for name in ("s3", "dynamodb"):
        assert set(endpoints[name]["RouteTableIds"]) == of_workload


def test_policies_allow_one_bucket_one_table_and_one_queue(
    workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    (bucket,) = [
        each["Name"]
        for each in workload.client("s3").list_buckets()["Buckets"]
        if each["Name"].startswith("privateservices")
    ]
    through = statement(endpoints["s3"])
    assert through["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert through["Resource"] == f"arn:aws:s3:::{bucket}/*"

    (table,) = workload.client("dynamodb").list_tables()["TableNames"]
    through = statement(endpoints["dynamodb"])
    assert through["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert through["Resource"] == f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}"

    (queue,) = workload.client("sqs").list_queues()["QueueUrls"]
    through = statement(endpoints["sqs"])
    assert through["Action"] == ["sqs:ReceiveMessage", "sqs:SendMessage"]
    assert through["Resource"] == f"arn:aws:sqs:eu-west-1:123456789012:{queue.rsplit('/', 1)[1]}"


def test_interface_endpoints_are_in_two_zones_and_allow_only_the_workload(
    stacks: dict[str, DeployedStack], workload: DeployedStack, endpoints: dict[str, dict[str, Any]]
) -> None:
    ours = stacks["PrivateServicesProvider"].outputs["ServiceId"]
    allowed = set()
    for name in ("sqs", ours):
        assert zones_of(workload, endpoints[name]["SubnetIds"]) == ["eu-west-1a", "eu-west-1b"]
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
    assert connections_to(provider) == [(endpoint_id, provider.account.id, "available")]
