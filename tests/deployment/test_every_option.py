"""The creation, update and deletion of a service with every option and a consumer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deployment.conftest import PublicZone
from tests.deployment.queries import describe, endpoints_of, get_tag, service_of
from tests.local_aws.accounts import Account
from tools.deployment import DeployedStack, deploy

pytestmark = pytest.mark.claim("examples-deploy")
APP = Path(__file__).parent / "apps" / "every_option"


class Deployed:
    """The app, deployed with a context that changes."""

    def __init__(self, aws: Account, public_zone: PublicZone) -> None:
        """Deploy nothing yet."""
        self.aws, self.zone = aws, public_zone
        self.context = aws.context | public_zone.context(aws.stack_name("option"))
        self.provider = DeployedStack("Provider", aws, aws.region)
        self.consumer = DeployedStack("Consumer", aws, aws.region)

    def update(self, **context: str) -> None:
        """Deploy the app with changes of the context in `cdk.json`."""
        if self.aws.forwards_packets:
            # Which EC2 requires of the load balancers. The emulator has no IPv6 addresses.
            context["ip_protocol"] = "DUAL_STACK"
        deploy(self.aws, APP, self.context | context)

    @property
    def service(self) -> dict[str, Any]:
        """The service, as EC2 describes it."""
        return service_of(self.provider)

    @property
    def txt_records(self) -> dict[str, str]:
        """The verification records in the domain of the app, by name."""
        paginator = self.aws.client("route53").get_paginator("list_resource_record_sets")
        return {
            record["Name"]: record["ResourceRecords"][0]["Value"]
            for page in paginator.paginate(HostedZoneId=self.zone.id)
            for record in page["ResourceRecordSets"]
            if record["Type"] == "TXT" and record["Name"].endswith(f".{self.context['domain']}.")
        }

    @property
    def load_balancers(self) -> set[str]:
        """The ARNs of all load balancers in the account, which has others on AWS."""
        found = self.aws.client("elbv2").describe_load_balancers()["LoadBalancers"]
        return {each["LoadBalancerArn"] for each in found}


def alarms_on(stack: DeployedStack, metric: str) -> list[dict[str, Any]]:
    alarms = describe(stack, "AWS::CloudWatch::Alarm")
    return [alarm for alarm in alarms if alarm["MetricName"] == metric]


def dimensions_of(alarm: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


@pytest.fixture(scope="module")
def app(aws: Account, public_zone: PublicZone) -> Deployed:
    deployed = Deployed(aws, public_zone)
    deployed.update()
    return deployed


class TestCreated:
    def test_ec2_has_every_property_of_the_service(self, app: Deployed) -> None:
        service = app.service
        assert service["AcceptanceRequired"] is False
        assert service["PayerResponsibility"] == "ServiceOwner"
        assert sorted(service["SupportedIpAddressTypes"]) == ["ipv4", "ipv6"]
        regions = {each["Region"] for each in service["SupportedRegions"]}
        assert regions == {app.aws.region, app.aws.other_region}
        assert get_tag(service, "Name") == "payments"

    def test_the_private_dns_name_is_verified_with_a_txt_record(self, app: Deployed) -> None:
        name, service = f"payments.{app.context['domain']}", app.service
        assert service["PrivateDnsName"] == name
        verification = service["PrivateDnsNameConfiguration"]
        assert verification["State"] == "verified"
        assert app.txt_records == {f"{verification['Name']}.{name}.": f'"{verification["Value"]}"'}

    def test_principals_of_every_type_are_allowed(self, app: Deployed) -> None:
        response = app.aws.client("ec2").describe_vpc_endpoint_service_permissions(
            ServiceId=app.service["ServiceId"]
        )
        allowed = {each["Principal"] for each in response["AllowedPrincipals"]}
        outputs = app.provider.outputs
        assert allowed == {
            outputs["RoleArn"],
            outputs["UserArn"],
            "arn:aws:iam::111122223333:root",
        }

    def test_the_topic_receives_the_connection_events(self, app: Deployed) -> None:
        (notification_id,) = app.provider.resources("AWS::EC2::VPCEndpointConnectionNotification")
        response = app.aws.client("ec2").describe_vpc_endpoint_connection_notifications(
            ConnectionNotificationId=notification_id
        )
        (notification,) = response["ConnectionNotificationSet"]
        (topic,) = app.provider.resources("AWS::SNS::Topic")
        assert notification["ServiceId"] == app.service["ServiceId"]
        assert notification["ConnectionNotificationArn"] == topic
        assert sorted(notification["ConnectionEvents"]) == ["Connect", "Delete"]

    def test_an_alarm_monitors_the_load_balancer_in_each_zone(self, app: Deployed) -> None:
        service = app.service
        (arn,) = service["NetworkLoadBalancerArns"]
        alarms = alarms_on(app.provider, "RstPacketsSent")
        zones = service["AvailabilityZones"]
        assert len(zones) == 2
        assert sorted(dimensions_of(alarm)["Az"] for alarm in alarms) == sorted(zones)
        for alarm in alarms:
            assert alarm["Period"] == 60
            dimensions = dimensions_of(alarm)
            del dimensions["Az"]
            assert dimensions == {"Service Id": service["ServiceId"], "Load Balancer Arn": arn}

    def test_a_consumer_connects_by_service_name(self, app: Deployed) -> None:
        service = app.service
        (endpoint,) = endpoints_of(app.consumer)
        assert endpoint["ServiceName"] == service["ServiceName"]
        # The id is part of the name, which is a deploy-time value.
        (alarm,) = alarms_on(app.consumer, "ActiveConnections")
        assert dimensions_of(alarm) == {"Service Id": service["ServiceId"]}


class TestChanged:
    def test_a_changed_private_dns_name_is_verified_too(self, app: Deployed) -> None:
        before = app.service
        # WHEN the name changes
        app.update(name="*")
        # THEN the service is the same, the new name is verified, and the old record is deleted
        after = app.service
        assert after["ServiceId"] == before["ServiceId"]
        assert after["PrivateDnsName"] == f"*.{app.context['domain']}"
        old, new = before["PrivateDnsNameConfiguration"], after["PrivateDnsNameConfiguration"]
        assert new["State"] == "verified"
        assert new["Value"] != old["Value"]
        assert app.txt_records == {f"{new['Name']}.{app.context['domain']}.": f'"{new["Value"]}"'}

    # EC2 does not remove the load balancer of a service with a connection. The story
    # `load_balancers` has none.
    @pytest.mark.local_only
    def test_load_balancers_are_replaced_in_the_documented_order(self, app: Deployed) -> None:
        """Add the new load balancer, then remove the old one. The service is not replaced."""
        services, used = [], []
        for load_balancers in ("Blue", "Blue,Green", "Green"):
            app.update(load_balancers=load_balancers)
            services.append(app.service)
            used.append(set(services[-1]["NetworkLoadBalancerArns"]))
            # No unused load balancer remains.
            assert used[-1] == app.load_balancers
        assert len({service["ServiceId"] for service in services}) == 1
        assert len({service["ServiceName"] for service in services}) == 1
        assert [len(each) for each in used] == [1, 2, 1]
        assert used[0] < used[1] > used[2] != used[0]

    @pytest.mark.local_only
    def test_load_balancers_in_the_same_stack_can_be_replaced_at_once(self, app: Deployed) -> None:
        """CloudFormation updates the service before it deletes the old load balancer."""
        app.update(load_balancers="Green")
        before = app.service
        app.update(load_balancers="Blue")
        after = app.service
        assert after["ServiceId"] == before["ServiceId"]
        assert after["NetworkLoadBalancerArns"] != before["NetworkLoadBalancerArns"]
        assert set(after["NetworkLoadBalancerArns"]) == app.load_balancers

    def test_all_resources_can_be_deleted(self, app: Deployed) -> None:
        service_id = app.service["ServiceId"]
        app.aws.delete_stack("Consumer")
        app.aws.delete_stack("Provider")
        found = app.aws.client("ec2").describe_vpc_endpoint_service_configurations()
        assert service_id not in [each["ServiceId"] for each in found["ServiceConfigurations"]]
        assert app.txt_records == {}
