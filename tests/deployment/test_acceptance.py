"""Endpoints to services that require acceptance, connected in one deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "accepted_endpoints"


def deploy(aws: LocalAws, *, port: int) -> None:
    aws.environment.update(PORT=f"{port}")
    aws.deploy(APP)


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> LocalAws:
    # With two VPCs, the templates are larger than a request.
    local_aws.bootstrap()
    deploy(local_aws, port=443)
    return local_aws


def endpoints_of(aws: LocalAws, kind: str) -> list[dict[str, Any]]:
    found = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    return [each for each in found if each["VpcEndpointType"] == kind]


def test_all_endpoints_are_connected(aws: LocalAws) -> None:
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    services = response["ServiceConfigurations"]
    assert [each["AcceptanceRequired"] for each in services] == [True, True]
    endpoints = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert [each["State"] for each in endpoints] == ["available"] * 3


def test_the_private_dns_name_resolves_to_the_endpoint(aws: LocalAws) -> None:
    (endpoint,) = endpoints_of(aws, "Interface")
    assert endpoint["PrivateDnsEnabled"] is True
    assert "payments.example.com" in [each["DnsName"] for each in endpoint["DnsEntries"]]


def test_the_routes_exist_although_ec2_requires_an_accepted_endpoint(aws: LocalAws) -> None:
    tables = aws.client("ec2").describe_route_tables()["RouteTables"]
    targets = {
        route.get("VpcEndpointId") or route.get("GatewayId")
        for table in tables
        for route in table["Routes"]
    }
    assert {each["VpcEndpointId"] for each in endpoints_of(aws, "GatewayLoadBalancer")} <= targets


def test_an_update_of_the_endpoint_keeps_its_private_dns_name(aws: LocalAws) -> None:
    (before,) = endpoints_of(aws, "Interface")
    # CloudFormation updates the endpoint without the name, which switches it off here.
    deploy(aws, port=8443)
    (after,) = endpoints_of(aws, "Interface")
    assert after["VpcEndpointId"] == before["VpcEndpointId"]
    assert {"Key": "port", "Value": "8443"} in after["Tags"]
    assert after["PrivateDnsEnabled"] is True


def test_the_dns_names_are_those_of_ec2(aws: LocalAws) -> None:
    (endpoint,) = endpoints_of(aws, "Interface")
    names = {each["DnsName"]: each["HostedZoneId"] for each in endpoint["DnsEntries"]}
    outputs = aws.outputs("Consumer")
    regional, *zonal = [name for name in names if name.startswith("vpce-")]
    assert outputs["Regional"] == regional
    assert sorted(outputs["Zonal"].split(",")) == sorted(zonal)
    assert len(zonal) == 2
    assert outputs["DnsZone"] == names[regional]


def test_an_alias_in_a_private_zone_has_the_regional_name(aws: LocalAws) -> None:
    route53 = aws.client("route53")
    zones = {each["Name"]: each for each in route53.list_hosted_zones()["HostedZones"]}
    zone = zones["services.internal."]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    (alias,) = [each["AliasTarget"] for each in records if "AliasTarget" in each]
    outputs = aws.outputs("Consumer")
    assert (alias["DNSName"].rstrip("."), alias["HostedZoneId"]) == (
        outputs["Regional"],
        outputs["DnsZone"],
    )


def test_the_addresses_are_those_of_the_network_interfaces(aws: LocalAws) -> None:
    (endpoint,) = endpoints_of(aws, "Interface")
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=endpoint["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    by_subnet = {each["SubnetId"]: each["PrivateIpAddress"] for each in interfaces}
    expected = [by_subnet[each] for each in endpoint["SubnetIds"]]
    assert aws.outputs("Consumer")["Addresses"].split(",") == expected


def test_each_subnet_of_the_endpoints_has_an_alarm_with_five_dimensions(aws: LocalAws) -> None:
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    found = {
        tuple(
            {each["Name"]: each["Value"] for each in alarm["Dimensions"]}[name]
            for name in (
                "Endpoint Type",
                "Service Name",
                "VPC Endpoint Id",
                "VPC Id",
                "Subnet Id",
            )
        )
        for alarm in alarms
    }
    endpoints = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert found == {
        (
            each["VpcEndpointType"],
            each["ServiceName"],
            each["VpcEndpointId"],
            each["VpcId"],
            subnet,
        )
        for each in endpoints
        for subnet in each["SubnetIds"]
    }


def test_the_endpoint_notifies_a_topic(aws: LocalAws) -> None:
    (endpoint,) = endpoints_of(aws, "Interface")
    response = aws.client("ec2").describe_vpc_endpoint_connection_notifications()
    (notification,) = response["ConnectionNotificationSet"]
    assert notification["VpcEndpointId"] == endpoint["VpcEndpointId"]
    assert notification["ConnectionEvents"] == ["Accept", "Connect", "Delete", "Reject"]


def test_the_stacks_can_be_deleted(aws: LocalAws) -> None:
    aws.destroy(APP)
    assert aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"] == []
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    assert response["ServiceConfigurations"] == []
