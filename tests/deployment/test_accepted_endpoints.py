"""Endpoints to services that require acceptance, connected in one deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deployment.conftest import PublicZone
from tests.deployment.queries import describe, endpoints_of, get_tag
from tests.integ.waiting import wait_for
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy

pytestmark = pytest.mark.claim("examples-deploy")
APP = Path(__file__).parent / "apps" / "accepted_endpoints"


@pytest.fixture(scope="module")
def context(aws: Account, public_zone: PublicZone) -> dict[str, str]:
    return aws.context | public_zone.context(aws.stack_name("accepted"))


@pytest.fixture(scope="module")
def stacks(aws: Account, context: dict[str, str]) -> dict[str, DeployedStack]:
    return {stack.id: stack for stack in deploy(aws, APP, context)}


@pytest.fixture(scope="module")
def consumer(stacks: dict[str, DeployedStack]) -> DeployedStack:
    return stacks["Consumer"]


def endpoints_by_type(consumer: DeployedStack, kind: str) -> list[dict[str, Any]]:
    return [each for each in endpoints_of(consumer) if each["VpcEndpointType"] == kind]


def test_all_endpoints_are_connected(
    stacks: dict[str, DeployedStack], consumer: DeployedStack
) -> None:
    services = describe(stacks["Provider"], "AWS::EC2::VPCEndpointService")
    assert [each["AcceptanceRequired"] for each in services] == [True, True]
    wait_for(lambda: [each["State"] for each in endpoints_of(consumer)], ["available"] * 3)


def test_the_private_dns_name_resolves_to_the_endpoint(
    consumer: DeployedStack, context: dict[str, str]
) -> None:
    (endpoint,) = endpoints_by_type(consumer, "Interface")
    assert endpoint["PrivateDnsEnabled"] is True
    names = [each["DnsName"] for each in endpoint["DnsEntries"]]
    assert f"payments.{context['domain']}" in names


def test_the_routes_exist_although_ec2_requires_an_accepted_endpoint(
    consumer: DeployedStack,
) -> None:
    tables = describe(consumer, "AWS::EC2::RouteTable")
    targets = {
        route.get("VpcEndpointId") or route.get("GatewayId")
        for table in tables
        for route in table["Routes"]
    }
    endpoints = endpoints_by_type(consumer, "GatewayLoadBalancer")
    assert {each["VpcEndpointId"] for each in endpoints} <= targets


@pytest.mark.claim("private-dns-after-an-update")
def test_an_update_of_the_endpoint_keeps_its_private_dns_name(
    aws: Account, consumer: DeployedStack, context: dict[str, str]
) -> None:
    (before,) = endpoints_by_type(consumer, "Interface")
    # CloudFormation updates the endpoint without the name, which disables it in the emulator.
    deploy(aws, APP, context | {"port": "8443"})
    (after,) = endpoints_by_type(consumer, "Interface")
    assert after["VpcEndpointId"] == before["VpcEndpointId"]
    assert (get_tag(before, "port"), get_tag(after, "port")) == ("443", "8443")
    assert before["Groups"] != after["Groups"]
    assert after["PrivateDnsEnabled"] is True


def test_the_dns_names_are_those_of_ec2(consumer: DeployedStack) -> None:
    (endpoint,) = endpoints_by_type(consumer, "Interface")
    names = {each["DnsName"]: each["HostedZoneId"] for each in endpoint["DnsEntries"]}
    outputs = consumer.outputs
    regional, *zonal = [name for name in names if name.startswith("vpce-")]
    assert outputs["Regional"] == regional
    assert sorted(outputs["Zonal"].split(",")) == sorted(zonal)
    assert len(zonal) == 2
    assert outputs["DnsZone"] == names[regional]


def test_an_alias_in_a_private_zone_has_the_regional_name(consumer: DeployedStack) -> None:
    (zone_id,) = consumer.resources("AWS::Route53::HostedZone")
    response = consumer.client("route53").list_resource_record_sets(HostedZoneId=zone_id)
    records = response["ResourceRecordSets"]
    (alias,) = [each["AliasTarget"] for each in records if "AliasTarget" in each]
    outputs = consumer.outputs
    assert (alias["DNSName"].rstrip("."), alias["HostedZoneId"]) == (
        outputs["Regional"],
        outputs["DnsZone"],
    )


def test_the_addresses_are_those_of_the_network_interfaces(consumer: DeployedStack) -> None:
    (endpoint,) = endpoints_by_type(consumer, "Interface")
    interfaces = consumer.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=endpoint["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    by_subnet = {each["SubnetId"]: each["PrivateIpAddress"] for each in interfaces}
    outputs = consumer.outputs
    expected = [by_subnet[each] for each in outputs["Subnets"].split(",")]
    assert outputs["Addresses"].split(",") == expected
    assert len(expected) == 2


def test_each_subnet_of_the_endpoints_has_an_alarm_with_five_dimensions(
    consumer: DeployedStack,
) -> None:
    alarms = describe(consumer, "AWS::CloudWatch::Alarm")
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
    assert found == {
        (
            each["VpcEndpointType"],
            each["ServiceName"],
            each["VpcEndpointId"],
            each["VpcId"],
            subnet,
        )
        for each in endpoints_of(consumer)
        for subnet in each["SubnetIds"]
    }


def test_the_endpoint_notifies_a_topic(consumer: DeployedStack) -> None:
    (endpoint,) = endpoints_by_type(consumer, "Interface")
    (notification_id,) = consumer.resources("AWS::EC2::VPCEndpointConnectionNotification")
    response = consumer.client("ec2").describe_vpc_endpoint_connection_notifications(
        ConnectionNotificationId=notification_id
    )
    (notification,) = response["ConnectionNotificationSet"]
    assert notification["VpcEndpointId"] == endpoint["VpcEndpointId"]
    assert sorted(notification["ConnectionEvents"]) == ["Accept", "Connect", "Delete", "Reject"]


def test_the_stacks_can_be_destroyed(
    aws: Account, stacks: dict[str, DeployedStack], context: dict[str, str]
) -> None:
    service_ids = stacks["Provider"].resources("AWS::EC2::VPCEndpointService")
    endpoint_ids = [each["VpcEndpointId"] for each in endpoints_of(stacks["Consumer"])]
    assert (len(service_ids), len(endpoint_ids)) == (2, 3)
    aws.destroy(APP, context=context)
    found = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    remaining = {each["ServiceId"] for each in found["ServiceConfigurations"]}
    assert remaining.isdisjoint(service_ids)
    pages = aws.client("ec2").get_paginator("describe_vpc_endpoints").paginate()
    # EC2 lists deleted endpoints for a while.
    states = {
        each["VpcEndpointId"]: each["State"] for page in pages for each in page["VpcEndpoints"]
    }
    assert {states.get(each, "deleted") for each in endpoint_ids} == {"deleted"}
