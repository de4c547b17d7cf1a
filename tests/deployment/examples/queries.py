"""Queries of the emulator for tests of the examples."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from tools.deployment import DeployedStack


def service_of(stack: DeployedStack) -> dict[str, Any]:
    """Return the only service in the environment of a stack, and assert its outputs."""
    response = stack.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = response["ServiceConfigurations"]
    assert service["ServiceId"] == stack.outputs["ServiceId"]
    assert service["ServiceName"] == stack.outputs["ServiceName"]
    return dict(service)


def endpoints_of(stack: DeployedStack) -> list[dict[str, Any]]:
    """Return the endpoints in the environment of a stack."""
    return list(stack.client("ec2").describe_vpc_endpoints()["VpcEndpoints"])


def connections_to(stack: DeployedStack) -> list[tuple[str, str, str]]:
    """Return the id, account and state of each connection to the services of a stack."""
    response = stack.client("ec2").describe_vpc_endpoint_connections()
    return [
        (each["VpcEndpointId"], each["VpcEndpointOwner"], each["VpcEndpointState"])
        for each in response["VpcEndpointConnections"]
    ]


def accept(provider: DeployedStack, endpoint_id: str) -> None:
    """Accept a connection."""
    response = provider.client("ec2").accept_vpc_endpoint_connections(
        ServiceId=provider.outputs["ServiceId"], VpcEndpointIds=[endpoint_id]
    )
    assert response["Unsuccessful"] == []


def zones_of(stack: DeployedStack, subnet_ids: list[str]) -> list[str]:
    """Return the zones of subnets."""
    response = stack.client("ec2").describe_subnets(SubnetIds=subnet_ids)
    return sorted(subnet["AvailabilityZone"] for subnet in response["Subnets"])


def get_tag(resource: dict[str, Any], key: str) -> str | None:
    """Return the value of a tag."""
    return {each["Key"]: each["Value"] for each in resource.get("Tags", [])}.get(key)


def find_internet_resources(stack: DeployedStack) -> list[Any]:
    """Return all resources that allow traffic from or to the internet in the environment."""
    ec2 = stack.client("ec2")
    return [
        *ec2.describe_internet_gateways()["InternetGateways"],
        *ec2.describe_nat_gateways()["NatGateways"],
        *ec2.describe_addresses()["Addresses"],
    ]


def find_most_specific(routes: list[dict[str, Any]], address: str) -> dict[str, Any] | None:
    """Return the route that EC2 selects for an address."""
    matching = [
        each
        for each in routes
        if ip_address(address) in ip_network(each["DestinationCidrBlock"])
        and each["State"] == "active"
    ]
    return max(
        matching, key=lambda each: ip_network(each["DestinationCidrBlock"]).prefixlen, default=None
    )
