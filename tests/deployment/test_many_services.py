"""Hundreds of services, one stack of them as full as CloudFormation allows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.linter import findings
from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "many_services"
FUNCTION = "AWS::Lambda::Function"
# How many services each stack has, and how many of them are looked up.
STACKS = {"Full": (167, 165), "Red": (30, 30), "Green": (30, 30), "Blue": (30, 30)}


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws, load_balancer: str) -> LocalAws:
    local_aws.bootstrap()
    local_aws.deploy(APP, {"LoadBalancer": load_balancer})
    return local_aws


def resources_of(aws: LocalAws, stack: str) -> list[dict[str, Any]]:
    pages = aws.client("cloudformation").get_paginator("list_stack_resources")
    found = pages.paginate(StackName=stack)
    return [resource for page in found for resource in page["StackResourceSummaries"]]


@pytest.mark.parametrize("stack", STACKS)
def test_one_function_answers_for_all(aws: LocalAws, stack: str) -> None:
    services, looked_up = STACKS[stack]
    kinds = [resource["ResourceType"] for resource in resources_of(aws, stack)]
    assert kinds.count("AWS::EC2::VPCEndpointService") == services
    assert kinds.count("Custom::PrivateLinkServiceName") == looked_up
    assert kinds.count(FUNCTION) == 1
    (group,) = [
        resource["PhysicalResourceId"]
        for resource in resources_of(aws, stack)
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    ]
    answers = [line for line in aws.logs(group) if "Create: " in line]
    assert len(answers) == looked_up
    assert {line.split("Create: ")[1].strip() for line in answers} == {"SUCCESS"}


def test_the_full_one_is_full(aws: LocalAws) -> None:
    assert len(resources_of(aws, "Full")) == 500
    template = aws.client("cloudformation").get_template(StackName="Full")["TemplateBody"]
    assert findings(json.dumps(template)) == []


def test_each_has_the_name_that_ec2_gave_it(aws: LocalAws) -> None:
    answer = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    names = {each["ServiceName"] for each in answer["ServiceConfigurations"]}
    assert len(names) == sum(services for services, _ in STACKS.values())
    put_out = set(aws.outputs("Full").values())
    assert len(put_out) == 4
    assert put_out <= names


def test_they_go_as_they_came(aws: LocalAws) -> None:
    cloudformation = aws.client("cloudformation")
    for stack in STACKS:
        cloudformation.delete_stack(StackName=stack)
    answer = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    assert answer["ServiceConfigurations"] == []
    assert [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]] == [
        "CDKToolkit"
    ]
