"""The example `gateway_load_balancer_inspection`, deployed with the real CDK CLI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.examples.queries import (
    connections_to,
    endpoints_of,
    get_tag,
    service_of,
    zones_of,
)
from tools.deployment import DeployedStack

EXAMPLE = "gateway_load_balancer_inspection"


@pytest.fixture(scope="module")
def security(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["InspectionSecurity"]


@pytest.fixture(scope="module")
def application(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["InspectionApplication"]


@pytest.fixture(scope="module")
def subnets(application: DeployedStack) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the subnets of the application VPC, by group and zone."""
    found = application.client("ec2").describe_subnets()["Subnets"]
    return {
        (str(get_tag(each, "aws-cdk:subnet-name")), each["AvailabilityZone"]): each
        for each in found
        if "InspectionApplication" in (get_tag(each, "Name") or "")
    }


@pytest.fixture(scope="module")
def endpoint_ids(application: DeployedStack) -> dict[str, str]:
    """Return the endpoint ids by zone."""
    return {
        zones_of(application, each["SubnetIds"])[0]: each["VpcEndpointId"]
        for each in endpoints_of(application)
    }


def routes(application: DeployedStack, **association: str) -> dict[str, str]:
    """Return the routes of a subnet or gateway without the local route."""
    ((name, value),) = association.items()
    (table,) = [
        table
        for table in application.client("ec2").describe_route_tables()["RouteTables"]
        if value in [each.get(name) for each in table["Associations"]]
    ]
    return {
        route["DestinationCidrBlock"]: route.get("VpcEndpointId") or route["GatewayId"]
        for route in table["Routes"]
        if route.get("GatewayId") != "local"
    }


def test_the_service_has_the_load_balancer_of_the_appliances(security: DeployedStack) -> None:
    elbv2 = security.client("elbv2")
    (gateway,) = elbv2.describe_load_balancers()["LoadBalancers"]
    assert gateway["Type"] == "gateway"
    service = service_of(security)
    assert service["GatewayLoadBalancerArns"] == [gateway["LoadBalancerArn"]]
    assert service["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]

    (group,) = elbv2.describe_target_groups()["TargetGroups"]
    assert (group["Protocol"], group["Port"], group["TargetType"]) == ("GENEVE", 6081, "instance")
    assert group["LoadBalancerArns"] == [gateway["LoadBalancerArn"]]
    arn = group["TargetGroupArn"]
    attributes = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    values = {each["Key"]: each["Value"] for each in attributes}
    assert values["stickiness.enabled"] == "true"
    assert values["stickiness.type"] == "source_ip_dest_ip"


def test_appliances_allow_only_geneve_and_health_checks(security: DeployedStack) -> None:
    (group,) = [
        each
        for each in security.client("ec2").describe_security_groups()["SecurityGroups"]
        if each["Description"] == "Appliances"
    ]
    let_in = {
        (rule["IpProtocol"], rule["FromPort"], rule["IpRanges"][0]["CidrIp"])
        for rule in group["IpPermissions"]
    }
    assert let_in == {("udp", 6081, "10.1.0.0/16"), ("tcp", 80, "10.1.0.0/16")}
    (scaling,) = security.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert scaling["MinSize"] == 2
    (targets,) = security.client("elbv2").describe_target_groups()["TargetGroups"]
    assert scaling["TargetGroupARNs"] == [targets["TargetGroupArn"]]


def test_each_zone_has_an_endpoint(
    security: DeployedStack, application: DeployedStack, endpoint_ids: dict[str, str]
) -> None:
    assert sorted(endpoint_ids) == ["eu-west-1a", "eu-west-1b"]
    assert sorted(application.outputs["EndpointIds"].split(",")) == sorted(endpoint_ids.values())
    for endpoint in endpoints_of(application):
        assert endpoint["VpcEndpointType"] == "GatewayLoadBalancer"
        assert endpoint["ServiceName"] == security.outputs["ServiceName"]
    connected = {(endpoint_id, state) for endpoint_id, _, state in connections_to(security)}
    assert connected == {(endpoint_id, "available") for endpoint_id in endpoint_ids.values()}


def test_outbound_traffic_is_routed_to_the_endpoint_in_the_same_zone(
    application: DeployedStack, subnets: dict[tuple[str, str], Any], endpoint_ids: dict[str, str]
) -> None:
    (gateway,) = application.client("ec2").describe_internet_gateways()["InternetGateways"]
    for zone, endpoint_id in endpoint_ids.items():
        subnet = subnets["Application", zone]
        assert routes(application, SubnetId=subnet["SubnetId"]) == {"0.0.0.0/0": endpoint_id}
        # The subnet of the endpoint has a route to the internet.
        inspected = subnets["Inspection", zone]["SubnetId"]
        way_out = {"0.0.0.0/0": gateway["InternetGatewayId"]}
        assert routes(application, SubnetId=inspected) == way_out


def test_inbound_traffic_is_routed_to_the_same_endpoint(
    application: DeployedStack, subnets: dict[tuple[str, str], Any], endpoint_ids: dict[str, str]
) -> None:
    (gateway,) = application.client("ec2").describe_internet_gateways()["InternetGateways"]
    assert routes(application, GatewayId=gateway["InternetGatewayId"]) == {
        subnets["Application", zone]["CidrBlock"]: endpoint_id
        for zone, endpoint_id in endpoint_ids.items()
    }
