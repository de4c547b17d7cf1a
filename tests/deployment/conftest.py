"""Fixtures for tests that deploy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local_aws import LocalAws


@pytest.fixture(scope="module")
def load_balancer(local_aws: LocalAws) -> str:
    """Create a Network Load Balancer outside of all stacks and return its ARN."""
    ec2, elbv2 = local_aws.client("ec2"), local_aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]
    created = elbv2.create_load_balancer(Name="nlb", Type="network", Subnets=[subnet["SubnetId"]])
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """Start an empty emulator for the tests of one module."""
    with LocalAws() as aws:
        yield aws
