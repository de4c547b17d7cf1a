"""The example `private_dns`, deployed with the real CDK CLI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.conftest import PublicZone
from tests.deployment.examples.conftest import EXAMPLES
from tests.deployment.queries import connections_to, describe, endpoints_of, service_of
from tests.integ.templates import put_record
from tests.integ.waiting import wait_for
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy

pytestmark = pytest.mark.claim("examples-deploy")
EXAMPLE = "private_dns"


@pytest.fixture(scope="module")
def deployed(aws: Account, public_zone: PublicZone) -> list[DeployedStack]:
    """Deploy the example as its README describes it, with a subdomain of the public zone."""
    context = aws.context | {"domain": f"{aws.stack_name('private-dns')}.{public_zone.name}"}
    (domain,) = deploy(aws, EXAMPLES / EXAMPLE, context, stacks=["PrivateDnsDomain"])
    put_record(aws, public_zone.id, context["domain"], "NS", name_servers_of(domain))
    return deploy(aws, EXAMPLES / EXAMPLE, context)


@pytest.fixture(scope="module")
def provider(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["PrivateDnsProvider"]


@pytest.fixture(scope="module")
def name(stacks: dict[str, DeployedStack]) -> str:
    """Return the private DNS name, which is in the public zone of the example."""
    public, _ = zone(stacks["PrivateDnsDomain"])
    return f"payments.{public['HostedZone']['Name'].rstrip('.')}"


def name_servers_of(stack: DeployedStack) -> list[str]:
    """Return the name servers of the hosted zone of a stack."""
    (zone_id,) = stack.resources("AWS::Route53::HostedZone")
    return list(stack.client("route53").get_hosted_zone(Id=zone_id)["DelegationSet"]["NameServers"])


def zone(stack: DeployedStack) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the hosted zone of a stack and its records by type, without the default records."""
    route53 = stack.client("route53")
    (zone_id,) = stack.resources("AWS::Route53::HostedZone")
    response = route53.list_resource_record_sets(HostedZoneId=zone_id)
    records = {each["Type"]: each for each in response["ResourceRecordSets"]}
    return route53.get_hosted_zone(Id=zone_id), {
        kind: each for kind, each in records.items() if kind not in ("NS", "SOA")
    }


def test_the_name_is_verified_with_the_record_in_the_public_zone(
    stacks: dict[str, DeployedStack], provider: DeployedStack, name: str
) -> None:
    service = service_of(provider)
    assert service["PrivateDnsName"] == name
    verification = service["PrivateDnsNameConfiguration"]
    assert verification["State"] == "verified"
    public, records = zone(stacks["PrivateDnsDomain"])
    assert public["HostedZone"]["Config"]["PrivateZone"] is False
    assert records["TXT"]["Name"] == f"{verification['Name']}.{name}."
    assert records["TXT"]["ResourceRecords"] == [{"Value": f'"{verification["Value"]}"'}]


def test_the_name_resolves_to_the_endpoint_in_the_consumer_vpc(
    stacks: dict[str, DeployedStack], name: str
) -> None:
    consumer = stacks["PrivateDnsConsumer"]
    (endpoint,) = endpoints_of(consumer)
    assert endpoint["VpcEndpointId"] == consumer.outputs["EndpointId"]
    assert endpoint["PrivateDnsEnabled"] is True
    assert name in [each["DnsName"] for each in endpoint["DnsEntries"]]


def test_the_name_resolves_to_the_load_balancer_in_the_provider_vpc(
    provider: DeployedStack, name: str
) -> None:
    home, records = zone(provider)
    assert home["HostedZone"]["Name"] == records["A"]["Name"] == f"{name}."
    assert home["HostedZone"]["Config"]["PrivateZone"] is True
    (load_balancer,) = describe(provider, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    # Route 53 stores names in lowercase.
    alias = records["A"]["AliasTarget"]["DNSName"].rstrip(".").lower()
    assert alias.removeprefix("dualstack.") == load_balancer["DNSName"].lower()
    assert [each["VPCId"] for each in home["VPCs"]] == [load_balancer["VpcId"]]


def test_the_endpoint_is_connected(
    stacks: dict[str, DeployedStack], provider: DeployedStack
) -> None:
    endpoint_id = stacks["PrivateDnsConsumer"].outputs["EndpointId"]
    connection = endpoint_id, provider.account.id, "available"
    wait_for(lambda: connections_to(provider), [connection])
