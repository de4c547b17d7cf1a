"""The example `gateway_load_balancer_inspection`, deployed with the real CDK CLI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.queries import (
    connections_to,
    describe,
    endpoints_of,
    get_tag,
    service_of,
    zones_of,
)
from tests.integ.waiting import wait_for
from tools.deployment import DeployedStack

pytestmark = pytest.mark.claim("examples-deploy")
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
    return {
        (str(get_tag(each, "aws-cdk:subnet-name")), each["AvailabilityZone"]): each
        for each in describe(application, "AWS::EC2::Subnet")
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
        for table in describe(application, "AWS::EC2::RouteTable")
        if value in [each.get(name) for each in table["Associations"]]
    ]
    return {
        # EC2 returns the id of an endpoint as the id of a gateway.
        route["DestinationCidrBlock"]: route["GatewayId"]
        for route in table["Routes"]
        if route["GatewayId"] != "local"
    }


def test_the_service_has_the_load_balancer_of_the_appliances(security: DeployedStack) -> None:
    (gateway,) = describe(security, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert gateway["Type"] == "gateway"
    service = service_of(security)
    assert service["GatewayLoadBalancerArns"] == [gateway["LoadBalancerArn"]]
    assert service["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]

    (group,) = describe(security, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert (group["Protocol"], group["Port"], group["TargetType"]) == ("GENEVE", 6081, "instance")
    assert group["LoadBalancerArns"] == [gateway["LoadBalancerArn"]]
    response = security.client("elbv2").describe_target_group_attributes(
        TargetGroupArn=group["TargetGroupArn"]
    )
    values = {each["Key"]: each["Value"] for each in response["Attributes"]}
    assert values["stickiness.enabled"] == "true"
    assert values["stickiness.type"] == "source_ip_dest_ip"


def test_appliances_allow_only_geneve_and_health_checks(security: DeployedStack) -> None:
    (group,) = describe(security, "AWS::EC2::SecurityGroup")
    assert group["Description"] == "Appliances"
    let_in = {
        (rule["IpProtocol"], rule["FromPort"], rule["IpRanges"][0]["CidrIp"])
        for rule in group["IpPermissions"]
    }
    assert let_in == {("udp", 6081, "10.1.0.0/16"), ("tcp", 80, "10.1.0.0/16")}
    (scaling,) = describe(security, "AWS::AutoScaling::AutoScalingGroup")
    assert scaling["MinSize"] == 2
    (targets,) = security.resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    assert scaling["TargetGroupARNs"] == [targets]


def test_each_zone_has_an_endpoint(
    security: DeployedStack, application: DeployedStack, endpoint_ids: dict[str, str]
) -> None:
    assert sorted(endpoint_ids) == sorted(service_of(security)["AvailabilityZones"])
    assert len(endpoint_ids) == 2
    assert sorted(application.outputs["EndpointIds"].split(",")) == sorted(endpoint_ids.values())
    for endpoint in endpoints_of(application):
        assert endpoint["VpcEndpointType"] == "GatewayLoadBalancer"
        assert endpoint["ServiceName"] == security.outputs["ServiceName"]
    owner = application.account.id
    connected = {(endpoint_id, owner, "available") for endpoint_id in endpoint_ids.values()}
    wait_for(lambda: set(connections_to(security)), connected)


def test_outbound_traffic_is_routed_to_the_endpoint_in_the_same_zone(
    application: DeployedStack, subnets: dict[tuple[str, str], Any], endpoint_ids: dict[str, str]
) -> None:
    (gateway_id,) = application.resources("AWS::EC2::InternetGateway")
    for zone, endpoint_id in endpoint_ids.items():
        subnet = subnets["Application", zone]
        assert routes(application, SubnetId=subnet["SubnetId"]) == {"0.0.0.0/0": endpoint_id}
        # The subnet of the endpoint has a route to the internet.
        inspected = subnets["Inspection", zone]["SubnetId"]
        way_out = {"0.0.0.0/0": gateway_id}
        assert routes(application, SubnetId=inspected) == way_out


def test_inbound_traffic_is_routed_to_the_same_endpoint(
    application: DeployedStack, subnets: dict[tuple[str, str], Any], endpoint_ids: dict[str, str]
) -> None:
    (gateway_id,) = application.resources("AWS::EC2::InternetGateway")
    assert routes(application, GatewayId=gateway_id) == {
        subnets["Application", zone]["CidrBlock"]: endpoint_id
        for zone, endpoint_id in endpoint_ids.items()
    }
