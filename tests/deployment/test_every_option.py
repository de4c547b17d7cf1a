"""The creation, update and deletion of a service with every option and a consumer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "every_option"


def deploy(aws: LocalAws, *, load_balancers: str = "Blue", domain_name: str) -> None:
    aws.environment.update(LOAD_BALANCERS=load_balancers, DOMAIN_NAME=domain_name)
    aws.deploy(APP)


def describe_service(aws: LocalAws) -> dict[str, Any]:
    """Return the only service in EC2."""
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = response["ServiceConfigurations"]
    return dict(service)


def txt_records(aws: LocalAws) -> dict[str, str]:
    route53 = aws.client("route53")
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return {
        record["Name"]: record["ResourceRecords"][0]["Value"]
        for record in records
        if record["Type"] == "TXT"
    }


def load_balancer_names(aws: LocalAws) -> dict[str, str]:
    """Return the names of load balancers by ARN."""
    found = aws.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return {each["LoadBalancerArn"]: each["LoadBalancerName"] for each in found}


def alarms_on(aws: LocalAws, metric: str) -> list[dict[str, Any]]:
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [alarm for alarm in alarms if alarm["MetricName"] == metric]


def dimensions_of(alarm: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> LocalAws:
    deploy(local_aws, domain_name="payments.example.com")
    return local_aws


class TestCreated:
    def test_ec2_has_every_property_of_the_service(self, aws: LocalAws) -> None:
        service = describe_service(aws)
        assert service["AcceptanceRequired"] is False
        assert service["PayerResponsibility"] == "ServiceOwner"
        assert service["SupportedIpAddressTypes"] == ["ipv4", "ipv6"]
        regions = [each["Region"] for each in service["SupportedRegions"]]
        assert regions == ["eu-west-1", "us-east-1"]
        assert {"Key": "Name", "Value": "payments"} in service["Tags"]

    def test_the_private_dns_name_is_verified_with_a_txt_record(self, aws: LocalAws) -> None:
        service = describe_service(aws)
        assert service["PrivateDnsName"] == "payments.example.com"
        verification = service["PrivateDnsNameConfiguration"]
        assert verification["State"] == "verified"
        assert txt_records(aws) == {
            f"{verification['Name']}.payments.example.com.": f'"{verification["Value"]}"'
        }

    def test_principals_of_every_type_are_allowed(self, aws: LocalAws) -> None:
        response = aws.client("ec2").describe_vpc_endpoint_service_permissions(
            ServiceId=describe_service(aws)["ServiceId"]
        )
        allowed = {each["Principal"] for each in response["AllowedPrincipals"]}
        assert allowed == {
            "arn:aws:iam::123456789012:role/consumer",
            "arn:aws:iam::123456789012:user/person",
            "arn:aws:iam::111122223333:root",
        }

    def test_the_topic_receives_the_connection_events(self, aws: LocalAws) -> None:
        response = aws.client("ec2").describe_vpc_endpoint_connection_notifications()
        (notification,) = response["ConnectionNotificationSet"]
        (topic,) = aws.client("sns").list_topics()["Topics"]
        assert notification["ServiceId"] == describe_service(aws)["ServiceId"]
        assert notification["ConnectionNotificationArn"] == topic["TopicArn"]
        assert notification["ConnectionEvents"] == ["Connect", "Delete"]

    def test_an_alarm_monitors_the_load_balancer_in_each_zone(self, aws: LocalAws) -> None:
        (arn,) = load_balancer_names(aws)
        alarms = alarms_on(aws, "RstPacketsSent")
        assert [dimensions_of(alarm) for alarm in alarms] == [
            {"Service Id": describe_service(aws)["ServiceId"], "Load Balancer Arn": arn, "Az": zone}
            for zone in ("eu-west-1a", "eu-west-1b")
        ]
        assert {alarm["Period"] for alarm in alarms} == {60}

    def test_a_consumer_connects_by_service_name(self, aws: LocalAws) -> None:
        service = describe_service(aws)
        (endpoint,) = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        assert endpoint["ServiceName"] == service["ServiceName"]
        # The id is part of the name, which is a deploy-time value.
        (alarm,) = alarms_on(aws, "ActiveConnections")
        assert dimensions_of(alarm) == {"Service Id": service["ServiceId"]}


class TestChanged:
    def test_a_changed_domain_name_is_verified_too(self, local_aws: LocalAws) -> None:
        deploy(local_aws, domain_name="payments.example.com")
        before = describe_service(local_aws)
        # WHEN the name changes
        deploy(local_aws, domain_name="*.example.com")
        # THEN the service is the same, the new name is verified, and the old record is deleted
        after = describe_service(local_aws)
        assert after["ServiceId"] == before["ServiceId"]
        assert after["PrivateDnsName"] == "*.example.com"
        verification = after["PrivateDnsNameConfiguration"]
        assert verification["State"] == "verified"
        assert verification["Value"] != before["PrivateDnsNameConfiguration"]["Value"]
        assert txt_records(local_aws) == {
            f"{verification['Name']}.example.com.": f'"{verification["Value"]}"'
        }

    def test_load_balancers_are_replaced_in_the_documented_order(self, local_aws: LocalAws) -> None:
        """Add the new load balancer, then remove the old one. The service is not replaced."""
        services, used = [], []
        for load_balancers in ("Blue", "Blue,Green", "Green"):
            deploy(local_aws, load_balancers=load_balancers, domain_name="payments.example.com")
            services.append(describe_service(local_aws))
            used.append(set(services[-1]["NetworkLoadBalancerArns"]))
            # No unused load balancer remains.
            assert used[-1] == set(load_balancer_names(local_aws))
        assert len({service["ServiceId"] for service in services}) == 1
        assert len({service["ServiceName"] for service in services}) == 1
        assert [len(each) for each in used] == [1, 2, 1]
        assert used[0] < used[1] > used[2] != used[0]

    def test_load_balancers_in_the_same_stack_can_be_replaced_at_once(
        self, local_aws: LocalAws
    ) -> None:
        """CloudFormation updates the service before it deletes the old load balancer."""
        deploy(local_aws, load_balancers="Green", domain_name="payments.example.com")
        before = describe_service(local_aws)
        deploy(local_aws, load_balancers="Blue", domain_name="payments.example.com")
        after = describe_service(local_aws)
        assert after["ServiceId"] == before["ServiceId"]
        assert after["NetworkLoadBalancerArns"] != before["NetworkLoadBalancerArns"]
        assert after["NetworkLoadBalancerArns"] == list(load_balancer_names(local_aws))

    def test_all_resources_can_be_deleted(self, local_aws: LocalAws) -> None:
        deploy(local_aws, domain_name="payments.example.com")
        cloudformation = local_aws.client("cloudformation")
        for stack in ("Consumer", "Provider"):
            cloudformation.delete_stack(StackName=stack)
        states = [each["StackStatus"] for each in cloudformation.list_stacks()["StackSummaries"]]
        assert states == ["DELETE_COMPLETE"] * 2
        response = local_aws.client("ec2").describe_vpc_endpoint_service_configurations()
        assert response["ServiceConfigurations"] == []
        assert local_aws.client("route53").list_hosted_zones()["HostedZones"] == []
