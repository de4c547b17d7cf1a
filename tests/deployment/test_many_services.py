"""Hundreds of services, in one stack with the maximum number of resources and in another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.linter import findings
from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "many_services"
FUNCTION = "AWS::Lambda::Function"
# The number of services and of lookups in each stack.
STACKS = {"Full": (167, 165), "Small": (30, 30)}


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> LocalAws:
    local_aws.bootstrap()
    count = sum(services for services, _ in STACKS.values())
    local_aws.deploy(APP, {"LoadBalancers": ",".join(create_load_balancers(local_aws, count))})
    return local_aws


def create_load_balancers(aws: LocalAws, count: int) -> list[str]:
    """Create a load balancer for each service, and return their ARNs."""
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    created = [
        elbv2.create_load_balancer(Name=f"nlb-{number}", Type="network", Subnets=[subnet])
        for number in range(count)
    ]
    return [each["LoadBalancers"][0]["LoadBalancerArn"] for each in created]


def resources_of(aws: LocalAws, stack: str) -> list[dict[str, Any]]:
    pages = aws.client("cloudformation").get_paginator("list_stack_resources")
    found = pages.paginate(StackName=stack)
    return [resource for page in found for resource in page["StackResourceSummaries"]]


@pytest.mark.parametrize("stack", STACKS)
def test_one_function_per_stack_handles_all_lookups(aws: LocalAws, stack: str) -> None:
    services, lookups = STACKS[stack]
    kinds = [resource["ResourceType"] for resource in resources_of(aws, stack)]
    assert kinds.count("AWS::EC2::VPCEndpointService") == services
    assert kinds.count("Custom::PrivateLinkServiceName") == lookups
    assert kinds.count(FUNCTION) == 1
    (group,) = [
        resource["PhysicalResourceId"]
        for resource in resources_of(aws, stack)
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    ]
    responses = [line for line in aws.logs(group) if "Create: " in line]
    assert len(responses) == lookups
    assert {line.split("Create: ")[1].strip() for line in responses} == {"SUCCESS"}


def test_the_full_stack_has_the_maximum_number_of_resources(aws: LocalAws) -> None:
    assert len(resources_of(aws, "Full")) == 500


@pytest.mark.parametrize("stack", STACKS)
def test_cfn_lint_has_no_findings(aws: LocalAws, stack: str) -> None:
    template = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    assert findings(json.dumps(template)) == []


def test_outputs_are_the_service_names_of_ec2(aws: LocalAws) -> None:
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    names = {each["ServiceName"] for each in response["ServiceConfigurations"]}
    assert len(names) == sum(services for services, _ in STACKS.values())
    output_names = set(aws.outputs("Full").values())
    assert len(output_names) == 4
    assert output_names <= names


def test_all_services_can_be_deleted(aws: LocalAws) -> None:
    cloudformation = aws.client("cloudformation")
    for stack in STACKS:
        cloudformation.delete_stack(StackName=stack)
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    assert response["ServiceConfigurations"] == []
    assert [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]] == [
        "CDKToolkit"
    ]
