"""Fixtures for tests that deploy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.integ.accounts import RealAws
from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account


class PublicZone(NamedTuple):
    """A public hosted zone outside of all stacks."""

    name: str
    id: str

    def context(self, subdomain: str) -> dict[str, str]:
        """Return the context of an app whose names are in a subdomain, without a zone of its own.

        Resolvers remember the records of each name.
        """
        return {"domain": f"{subdomain}.{self.name}", "hosted_zone_id": self.id}


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """Start an empty emulator for the tests of one module."""
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def load_balancer(local_aws: LocalAws) -> str:
    """Create a Network Load Balancer outside of all stacks and return its ARN."""
    ec2, elbv2 = local_aws.client("ec2"), local_aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]
    created = elbv2.create_load_balancer(Name="nlb", Type="network", Subnets=[subnet["SubnetId"]])
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture(scope="module")
def public_zone(aws: Account) -> PublicZone:
    """Return the zone of the option `--domain`, or create one in the emulator."""
    if isinstance(aws, RealAws):
        return PublicZone(aws.context["domain"], aws.context["hosted_zone_id"])
    name = "example.com"
    created = aws.client("route53").create_hosted_zone(Name=name, CallerReference=name)
    return PublicZone(name, created["HostedZone"]["Id"].removeprefix("/hostedzone/"))
