"""What the tests of the examples read back from AWS."""

from __future__ import annotations

from typing import Any

from examples.deployment import Deployed


def service_of(stack: Deployed) -> dict[str, Any]:
    """The one service in the account and region of a stack, named as the stack has put out."""
    answer = stack.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = answer["ServiceConfigurations"]
    assert service["ServiceId"] == stack.outputs["ServiceId"]
    assert service["ServiceName"] == stack.outputs["ServiceName"]
    return dict(service)


def endpoints_of(stack: Deployed) -> list[dict[str, Any]]:
    """The endpoints in the account and region of a stack."""
    return list(stack.client("ec2").describe_vpc_endpoints()["VpcEndpoints"])


def connections_to(stack: Deployed) -> list[tuple[str, str, str]]:
    """Which endpoints of whom are connected, as the provider sees it."""
    answer = stack.client("ec2").describe_vpc_endpoint_connections()
    return [
        (each["VpcEndpointId"], each["VpcEndpointOwner"], each["VpcEndpointState"])
        for each in answer["VpcEndpointConnections"]
    ]


def accept(provider: Deployed, endpoint_id: str) -> None:
    """Accept a connection, as an operator does."""
    answer = provider.client("ec2").accept_vpc_endpoint_connections(
        ServiceId=provider.outputs["ServiceId"], VpcEndpointIds=[endpoint_id]
    )
    assert answer["Unsuccessful"] == []


def zones_of(stack: Deployed, subnet_ids: list[str]) -> list[str]:
    """The zones of subnets."""
    answer = stack.client("ec2").describe_subnets(SubnetIds=subnet_ids)
    return sorted(subnet["AvailabilityZone"] for subnet in answer["Subnets"])


def tag(resource: dict[str, Any], key: str) -> str | None:
    """The value of a tag."""
    return {each["Key"]: each["Value"] for each in resource.get("Tags", [])}.get(key)


def leads_out(stack: Deployed) -> list[Any]:
    """Whatever would let traffic out of the VPCs of an account and region, or in."""
    ec2 = stack.client("ec2")
    return [
        *ec2.describe_internet_gateways()["InternetGateways"],
        *ec2.describe_nat_gateways()["NatGateways"],
        *ec2.describe_addresses()["Addresses"],
    ]
