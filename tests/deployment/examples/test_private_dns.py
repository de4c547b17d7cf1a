"""The example `private_dns`, deployed with the real CDK CLI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.examples.queries import connections_to, endpoints_of, service_of
from tools.deployment import DeployedStack

EXAMPLE = "private_dns"
NAME = "payments.example.com"


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateDnsProvider"]


def zone(provider: DeployedStack, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a hosted zone and its records by type, without the default records."""
    route53 = provider.client("route53")
    (found,) = [each for each in route53.list_hosted_zones()["HostedZones"] if each["Name"] == name]
    response = route53.list_resource_record_sets(HostedZoneId=found["Id"])
    records = {each["Type"]: each for each in response["ResourceRecordSets"]}
    return found, {kind: each for kind, each in records.items() if kind not in ("NS", "SOA")}


def test_the_name_is_verified_with_the_record_in_the_public_zone(provider: DeployedStack) -> None:
    service = service_of(provider)
    assert service["PrivateDnsName"] == NAME
    verification = service["PrivateDnsNameConfiguration"]
    assert verification["State"] == "verified"
    public, records = zone(provider, "example.com.")
    assert public["Config"]["PrivateZone"] is False
    assert records["TXT"]["Name"] == f"{verification['Name']}.{NAME}."
    assert records["TXT"]["ResourceRecords"] == [{"Value": f'"{verification["Value"]}"'}]


def test_the_name_resolves_to_the_endpoint_in_the_consumer_vpc(
    stacks: dict[str, DeployedStack],
) -> None:
    consumer = stacks["PrivateDnsConsumer"]
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["PrivateDnsEnabled"] is True
    assert NAME in [each["DnsName"] for each in endpoint["DnsEntries"]]


def test_the_name_resolves_to_the_load_balancer_in_the_provider_vpc(
    provider: DeployedStack,
) -> None:
    home, records = zone(provider, f"{NAME}.")
    assert home["Config"]["PrivateZone"] is True
    (load_balancer,) = provider.client("elbv2").describe_load_balancers()["LoadBalancers"]
    alias = records["A"]["AliasTarget"]["DNSName"].rstrip(".")
    assert alias.removeprefix("dualstack.") == load_balancer["DNSName"]
    response = provider.client("route53").get_hosted_zone(Id=home["Id"])
    assert [each["VPCId"] for each in response["VPCs"]] == [load_balancer["VpcId"]]


def test_the_endpoint_is_connected(
    stacks: dict[str, DeployedStack], provider: DeployedStack
) -> None:
    endpoint_id = stacks["PrivateDnsConsumer"].outputs["EndpointId"]
    assert connections_to(provider) == [(endpoint_id, provider.account.id, "available")]
