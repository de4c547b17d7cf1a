"""A service with everything that a service can have, created, changed and consumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import LocalAws

APP = Path(__file__).parent / "apps" / "every_option"


def deploy(aws: LocalAws, *, load_balancers: str = "Blue", domain_name: str) -> None:
    aws.environment.update(LOAD_BALANCERS=load_balancers, DOMAIN_NAME=domain_name)
    aws.deploy(APP)


def described(aws: LocalAws) -> dict[str, Any]:
    """What EC2 says of its one service."""
    answer = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = answer["ServiceConfigurations"]
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
    """The name of each load balancer by its ARN."""
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
    def test_ec2_has_every_property(self, aws: LocalAws) -> None:
        service = described(aws)
        assert service["AcceptanceRequired"] is False
        assert service["PayerResponsibility"] == "ServiceOwner"
        assert service["SupportedIpAddressTypes"] == ["ipv4", "ipv6"]
        regions = [each["Region"] for each in service["SupportedRegions"]]
        assert regions == ["eu-west-1", "us-east-1"]
        assert {"Key": "Name", "Value": "payments"} in service["Tags"]

    def test_the_name_is_verified_by_the_record_below_it(self, aws: LocalAws) -> None:
        service = described(aws)
        assert service["PrivateDnsName"] == "payments.example.com"
        proof = service["PrivateDnsNameConfiguration"]
        assert proof["State"] == "verified"
        assert txt_records(aws) == {f"{proof['Name']}.payments.example.com.": f'"{proof["Value"]}"'}

    def test_principals_of_every_kind(self, aws: LocalAws) -> None:
        answer = aws.client("ec2").describe_vpc_endpoint_service_permissions(
            ServiceId=described(aws)["ServiceId"]
        )
        allowed = {each["Principal"] for each in answer["AllowedPrincipals"]}
        assert allowed == {
            "arn:aws:iam::123456789012:role/consumer",
            "arn:aws:iam::123456789012:user/person",
            "arn:aws:iam::111122223333:root",
        }

    def test_the_topic_is_told_of_the_events(self, aws: LocalAws) -> None:
        answer = aws.client("ec2").describe_vpc_endpoint_connection_notifications()
        (notification,) = answer["ConnectionNotificationSet"]
        (topic,) = aws.client("sns").list_topics()["Topics"]
        assert notification["ServiceId"] == described(aws)["ServiceId"]
        assert notification["ConnectionNotificationArn"] == topic["TopicArn"]
        assert notification["ConnectionEvents"] == ["Connect", "Delete"]

    def test_an_alarm_watches_the_load_balancer_in_each_zone(self, aws: LocalAws) -> None:
        (arn,) = load_balancer_names(aws)
        alarms = alarms_on(aws, "RstPacketsSent")
        assert [dimensions_of(alarm) for alarm in alarms] == [
            {"Service Id": described(aws)["ServiceId"], "Load Balancer Arn": arn, "Az": zone}
            for zone in ("eu-west-1a", "eu-west-1b")
        ]
        assert {alarm["Period"] for alarm in alarms} == {60}

    def test_who_knows_the_name_alone_connects_by_it(self, aws: LocalAws) -> None:
        service = described(aws)
        (endpoint,) = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        assert endpoint["ServiceName"] == service["ServiceName"]
        # Its id is taken from the name when the stack is deployed.
        (alarm,) = alarms_on(aws, "ActiveConnections")
        assert dimensions_of(alarm) == {"Service Id": service["ServiceId"]}


class TestChanged:
    def test_another_domain_name_is_verified_too(self, local_aws: LocalAws) -> None:
        deploy(local_aws, domain_name="payments.example.com")
        before = described(local_aws)
        # WHEN the name changes
        deploy(local_aws, domain_name="*.example.com")
        # THEN the service is the same, the new name is verified, and the old proof is gone
        after = described(local_aws)
        assert after["ServiceId"] == before["ServiceId"]
        assert after["PrivateDnsName"] == "*.example.com"
        proof = after["PrivateDnsNameConfiguration"]
        assert proof["State"] == "verified"
        assert proof["Value"] != before["PrivateDnsNameConfiguration"]["Value"]
        assert txt_records(local_aws) == {f"{proof['Name']}.example.com.": f'"{proof["Value"]}"'}

    def test_load_balancers_are_replaced_in_the_documented_order(self, local_aws: LocalAws) -> None:
        """One joins, the other leaves, and only then is gone; the service stays throughout."""
        services, used = [], []
        for load_balancers in ("Blue", "Blue,Green", "Green"):
            deploy(local_aws, load_balancers=load_balancers, domain_name="payments.example.com")
            services.append(described(local_aws))
            used.append(set(services[-1]["NetworkLoadBalancerArns"]))
            # Nothing is left over that no service uses.
            assert used[-1] == set(load_balancer_names(local_aws))
        assert len({service["ServiceId"] for service in services}) == 1
        assert len({service["ServiceName"] for service in services}) == 1
        assert [len(each) for each in used] == [1, 2, 1]
        assert used[0] < used[1] > used[2] != used[0]

    def test_all_at_once_works_where_cloudformation_makes_the_load_balancers(
        self, local_aws: LocalAws
    ) -> None:
        """It updates the service before it deletes what is not used any more."""
        deploy(local_aws, load_balancers="Green", domain_name="payments.example.com")
        before = described(local_aws)
        deploy(local_aws, load_balancers="Blue", domain_name="payments.example.com")
        after = described(local_aws)
        assert after["ServiceId"] == before["ServiceId"]
        assert after["NetworkLoadBalancerArns"] != before["NetworkLoadBalancerArns"]
        assert after["NetworkLoadBalancerArns"] == list(load_balancer_names(local_aws))

    def test_nothing_stands_in_the_way_of_its_end(self, local_aws: LocalAws) -> None:
        deploy(local_aws, domain_name="payments.example.com")
        cloudformation = local_aws.client("cloudformation")
        for stack in ("Consumer", "Provider"):
            cloudformation.delete_stack(StackName=stack)
        states = [each["StackStatus"] for each in cloudformation.list_stacks()["StackSummaries"]]
        assert states == ["DELETE_COMPLETE"] * 2
        answer = local_aws.client("ec2").describe_vpc_endpoint_service_configurations()
        assert answer["ServiceConfigurations"] == []
        assert local_aws.client("route53").list_hosted_zones()["HostedZones"] == []
