"""VPCs for tests of consumers, and the parts of their templates that tests assert."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnElement, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from tests.unit.templates import resources_of

ACCOUNT = "111122223333"
IRELAND, VIRGINIA = (
    Environment(account=ACCOUNT, region=region) for region in ("eu-west-1", "us-east-1")
)
ZONES = ["eu-west-1a", "eu-west-1b"]
NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
ENDPOINT = "AWS::EC2::VPCEndpoint"
GROUP = "AWS::EC2::SecurityGroup"


def ids(kind: str, start: int, count: int) -> list[str]:
    """Return ids in the format of EC2."""
    return [f"{kind}-{number:017}" for number in range(start, start + count)]


def existing_vpc(
    stack: Stack, id: str = "Vpc", *, zones: list[str] = ZONES, **attributes: Any
) -> ec2.IVpc:
    """Return an imported VPC with a private and an isolated subnet in each zone."""
    count = len(zones)
    defaults = {
        "vpc_id": "vpc-0123456789abcdef0",
        "vpc_cidr_block": "10.0.0.0/16",
        "availability_zones": zones,
        "private_subnet_ids": ids("subnet", 1, count),
        "private_subnet_route_table_ids": ids("rtb", 1, count),
        "private_subnet_ipv4_cidr_blocks": [f"10.0.1{n}.0/24" for n in range(count)],
        "isolated_subnet_ids": ids("subnet", 11, count),
        "isolated_subnet_route_table_ids": ids("rtb", 11, count),
        "isolated_subnet_ipv4_cidr_blocks": [f"10.0.2{n}.0/24" for n in range(count)],
    }
    return ec2.Vpc.from_vpc_attributes(stack, id, **defaults | attributes)


def vpc_of(stack: Stack, id: str = "Vpc", **groups: ec2.SubnetType) -> ec2.Vpc:
    """Create a VPC in two zones with the groups of subnets."""
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=24)
        for name, kind in groups.items()
    ]
    return ec2.Vpc(stack, id, max_azs=2, subnet_configuration=configuration or None)


def group(name: str) -> ec2.SubnetSelection:
    """Return a selection of the subnets of a group."""
    return ec2.SubnetSelection(subnet_group_name=name)


def find_unlinted(stack: Stack, resource_type: str) -> dict[str, Any]:
    """Return resources without linting, because cfn-lint warns about literal zone names."""
    return dict(Template.from_stack(stack).find_resources(resource_type))


def resolve_reference(value: Any) -> Any:
    """Return the target of a reference, without the hash at the end of its logical id."""
    if isinstance(value, list):
        return [resolve_reference(each) for each in value]
    if isinstance(value, dict):
        ((_, value),) = value.items()
        return resolve_reference(value)
    return re.sub(r"^([A-Za-z0-9]+)[0-9A-F]{8}$", r"\1", f"{value}")


def routes_of(stack: Stack, *, lint: bool = True) -> dict[str, dict[str, str]]:
    """Return the endpoint of each destination of each route table."""
    found: dict[str, dict[str, str]] = {}
    for route in (resources_of if lint else find_unlinted)(stack, "AWS::EC2::Route").values():
        properties = route["Properties"]
        if "VpcEndpointId" not in properties:
            continue
        destination = properties.get("DestinationCidrBlock") or properties.get(
            "DestinationIpv6CidrBlock"
        )
        table = found.setdefault(resolve_reference(properties["RouteTableId"]), {})
        assert resolve_reference(destination) not in table
        table[f"{resolve_reference(destination)}"] = resolve_reference(properties["VpcEndpointId"])
    return found


def elements(stack: Stack) -> list[str]:
    """Return the paths of all elements in the templates of the app."""
    found = stack.node.root.node.find_all()
    return [each.node.path for each in found if isinstance(each, CfnElement)]


def catch_error(stack: Stack, error_type: type[Exception], call: Callable[[], object]) -> str:
    """Return the message of the error that a call raises, and assert that the call adds nothing."""
    before = elements(stack)
    with pytest.raises(error_type) as error:
        call()
    assert elements(stack) == before
    return str(error.value)
