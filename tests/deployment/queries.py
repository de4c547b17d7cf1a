"""Queries for tests of the examples and test apps.

An account can have resources of other people, so the queries name the resources of a stack.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from tools.deployment import DeployedStack

# The service, the call, its parameter for ids, and the key of its response.
_CALLS = {
    "AWS::AutoScaling::AutoScalingGroup": (
        *("autoscaling", "describe_auto_scaling_groups"),
        *("AutoScalingGroupNames", "AutoScalingGroups"),
    ),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "describe_alarms", "AlarmNames", "MetricAlarms"),
    "AWS::EC2::InternetGateway": (
        *("ec2", "describe_internet_gateways"),
        *("InternetGatewayIds", "InternetGateways"),
    ),
    "AWS::EC2::NatGateway": ("ec2", "describe_nat_gateways", "NatGatewayIds", "NatGateways"),
    "AWS::EC2::RouteTable": ("ec2", "describe_route_tables", "RouteTableIds", "RouteTables"),
    "AWS::EC2::SecurityGroup": ("ec2", "describe_security_groups", "GroupIds", "SecurityGroups"),
    "AWS::EC2::Subnet": ("ec2", "describe_subnets", "SubnetIds", "Subnets"),
    "AWS::EC2::TransitGatewayVpcAttachment": (
        *("ec2", "describe_transit_gateway_vpc_attachments"),
        *("TransitGatewayAttachmentIds", "TransitGatewayVpcAttachments"),
    ),
    "AWS::EC2::VPCEndpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints"),
    "AWS::EC2::VPCEndpointService": (
        *("ec2", "describe_vpc_endpoint_service_configurations"),
        *("ServiceIds", "ServiceConfigurations"),
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        *("elbv2", "describe_load_balancers"),
        *("LoadBalancerArns", "LoadBalancers"),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        *("elbv2", "describe_target_groups"),
        *("TargetGroupArns", "TargetGroups"),
    ),
}
_INTERNET_RESOURCES = (
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
)


def describe(stack: DeployedStack, resource_type: str) -> list[dict[str, Any]]:
    """Return the resources of one type in a stack, as AWS describes them."""
    service, call, parameter, key = _CALLS[resource_type]
    ids = stack.resources(resource_type)
    # Without ids, AWS describes all resources of the account.
    return list(getattr(stack.client(service), call)(**{parameter: ids})[key]) if ids else []


def service_of(stack: DeployedStack) -> dict[str, Any]:
    """Return the only service of a stack, and assert its outputs."""
    (service,) = describe(stack, "AWS::EC2::VPCEndpointService")
    assert service["ServiceId"] == stack.outputs["ServiceId"]
    assert service["ServiceName"] == stack.outputs["ServiceName"]
    return service


def endpoints_of(stack: DeployedStack) -> list[dict[str, Any]]:
    """Return the endpoints of a stack."""
    return describe(stack, "AWS::EC2::VPCEndpoint")


def connections_to(stack: DeployedStack) -> list[tuple[str, str, str]]:
    """Return the id, account and state of each connection to the services of a stack."""
    ids = stack.resources("AWS::EC2::VPCEndpointService")
    response = stack.client("ec2").describe_vpc_endpoint_connections(
        Filters=[{"Name": "service-id", "Values": ids}]
    )
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


def find_internet_resources(*stacks: DeployedStack) -> list[str]:
    """Return all resources of stacks that allow traffic from or to the internet."""
    return [each for stack in stacks for each in stack.resources(*_INTERNET_RESOURCES)]


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
