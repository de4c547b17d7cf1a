"""The endpoint services of the emulator, with DNS, topics, notifications and alarms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws

STACK = "provider"
Resources = dict[str, dict[str, Any]]
Deploy = Callable[..., str]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def attribute(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def events(aws: LocalAws, logical_id: str, stack: str = STACK) -> list[str]:
    """Return the events of a resource, oldest first."""
    found = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"{event['ResourceStatus']} {event.get('ResourceStatusReason', '')}".strip()
        for event in reversed(found)
        if event["LogicalResourceId"] == logical_id
    ]


def catch_client_error(call: Callable[..., Any], **arguments: str) -> tuple[str, str]:
    """Return the code and message of the error that a call raises."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["Error"]["Message"]


@pytest.fixture
def deploy(local_aws: LocalAws) -> Iterator[Deploy]:
    """Return a function that creates or updates a stack, and delete the stacks after the test."""
    client = local_aws.client("cloudformation")
    created: list[str] = []

    def deploy_resources(
        resources: Resources, outputs: dict[str, Any] | None = None, stack: str = STACK
    ) -> str:
        output_values = {name: {"Value": value} for name, value in (outputs or {}).items()}
        body = json.dumps({"Resources": resources, "Outputs": output_values})
        if stack in created:
            client.update_stack(StackName=stack, TemplateBody=body)
        else:
            created.append(stack)
            client.create_stack(StackName=stack, TemplateBody=body)
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    yield deploy_resources
    for stack in reversed(created):
        client.delete_stack(StackName=stack)
    assert client.describe_stacks()["Stacks"] == []


@pytest.fixture(scope="module")
def subnets(local_aws: LocalAws) -> list[str]:
    """Create one subnet in each of two zones, and return the ids."""
    ec2 = local_aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}"
        )["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    ]


@pytest.fixture(scope="module")
def balancer(local_aws: LocalAws, subnets: list[str]) -> str:
    """Create a Network Load Balancer outside of all stacks and return its ARN."""
    elbv2 = local_aws.client("elbv2")
    new = elbv2.create_load_balancer(Name="shared", Type="network", Subnets=subnets)
    return str(new["LoadBalancers"][0]["LoadBalancerArn"])


def copy_balancer(aws: LocalAws, arn: str) -> str:
    """Create another Network Load Balancer in the same subnets, since a service needs its own."""
    elbv2 = aws.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    subnets = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
    new = elbv2.create_load_balancer(Name="another", Type="network", Subnets=subnets)
    return str(new["LoadBalancers"][0]["LoadBalancerArn"])


def service(balancer: str, **properties: Any) -> dict[str, Any]:
    return resource("EC2::VPCEndpointService", NetworkLoadBalancerArns=[balancer], **properties)


def describe_service(aws: LocalAws) -> dict[str, Any]:
    """Return the only service in EC2."""
    ec2 = aws.client("ec2")
    (found,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return dict(found)


# Services


def test_a_service_has_all_properties(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
    plain = service(balancer)
    rich = service(
        balancer,
        AcceptanceRequired=False,
        ContributorInsightsEnabled=True,
        PayerResponsibility="ServiceOwner",
        SupportedIpAddressTypes=["ipv4", "ipv6"],
        SupportedRegions=["eu-west-1", "eu-central-1"],
        Tags=[{"Key": "Name", "Value": "payments"}],
    )
    assert deploy({"Service": rich}) == "CREATE_COMPLETE"
    found = describe_service(local_aws)
    assert found["NetworkLoadBalancerArns"] == [balancer]
    assert found["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b"]
    assert len(set(found["AvailabilityZoneIds"])) == 2
    assert found["AcceptanceRequired"] is False
    assert found["PayerResponsibility"] == "ServiceOwner"
    assert found["SupportedIpAddressTypes"] == ["ipv4", "ipv6"]
    regions = [region["Region"] for region in found["SupportedRegions"]]
    assert regions == ["eu-west-1", "eu-central-1"]
    assert {"Key": "Name", "Value": "payments"} in found["Tags"]

    assert deploy({"Service": plain}) == "UPDATE_COMPLETE"
    assert describe_service(local_aws)["ServiceId"] == found["ServiceId"]
    found = describe_service(local_aws)
    assert found["AcceptanceRequired"] is True
    assert found["SupportedIpAddressTypes"] == ["ipv4"]
    assert not found["SupportedRegions"]
    assert {tag["Key"] for tag in found["Tags"]} == {
        "aws:cloudformation:stack-name",
        "aws:cloudformation:stack-id",
        "aws:cloudformation:logical-id",
    }
    absent = {
        "GatewayLoadBalancerArns",
        "PayerResponsibility",
        "PrivateDnsName",
        "PrivateDnsNameConfiguration",
    }
    assert not absent & found.keys()


def test_an_unknown_load_balancer_is_rejected(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    assert deploy({"Service": service(balancer + "0")}) == "ROLLBACK_COMPLETE"
    assert "load balancer does not exist" in events(local_aws, "Service")[-1]


# Load balancers in use


def test_a_load_balancer_in_use_cannot_be_deleted(
    local_aws: LocalAws, deploy: Deploy, subnets: list[str], balancer: str
) -> None:
    kind = "ElasticLoadBalancingV2::LoadBalancer"
    nlb = resource(kind, Type="network", Scheme="internal", Subnets=subnets)
    both = {"Service": service(balancer) | {"DependsOn": "Nlb"}, "Nlb": nlb}
    both["Service"]["Properties"]["NetworkLoadBalancerArns"] = [{"Ref": "Nlb"}]
    assert deploy(both) == "CREATE_COMPLETE"
    (arn,) = describe_service(local_aws)["NetworkLoadBalancerArns"]
    elbv2 = local_aws.client("elbv2")
    assert catch_client_error(elbv2.delete_load_balancer, LoadBalancerArn=arn) == (
        "ResourceInUse",
        f"Load balancer '{arn}' cannot be deleted because it is currently "
        "associated with another service",
    )
    # After the service, the load balancer can be deleted.
    local_aws.client("cloudformation").delete_stack(StackName=STACK)
    arns = [lb["LoadBalancerArn"] for lb in elbv2.describe_load_balancers()["LoadBalancers"]]
    assert arns == [balancer]


@pytest.mark.parametrize(("kind", "scheme"), [("network", {"Scheme": "internal"}), ("gateway", {})])
def test_a_load_balancer_in_use_by_another_stack_cannot_be_deleted(
    local_aws: LocalAws, deploy: Deploy, subnets: list[str], kind: str, scheme: dict[str, str]
) -> None:
    client = local_aws.client("cloudformation")
    nlb = resource("ElasticLoadBalancingV2::LoadBalancer", Type=kind, Subnets=subnets, **scheme)
    deploy({"Nlb": nlb}, {"Arn": {"Ref": "Nlb"}}, stack="network")
    arn = local_aws.outputs("network")["Arn"]
    arns: dict[str, Any] = {f"{kind.title()}LoadBalancerArns": [arn]}
    assert deploy({"Service": resource("EC2::VPCEndpointService", **arns)}) == "CREATE_COMPLETE"
    client.delete_stack(StackName="network")
    (stack,) = client.describe_stacks(StackName="network")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "currently associated with another service" in events(local_aws, "Nlb", "network")[-1]
    assert local_aws.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])


# Private DNS names


def private_dns(aws: LocalAws) -> dict[str, str]:
    return dict(describe_service(aws)["PrivateDnsNameConfiguration"])


def verify(aws: LocalAws) -> str:
    """Verify the name of the only service and return its state."""
    ec2 = aws.client("ec2")
    service_id = describe_service(aws)["ServiceId"]
    response = ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
    assert response["ReturnValue"] is True
    return private_dns(aws)["State"]


def test_a_private_dns_name_has_a_verification_record(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    keys = ("Name", "State", "Type", "Value")
    outputs = {key: attribute("Service", f"PrivateDnsNameConfiguration.{key}") for key in keys}
    deploy({"Service": service(balancer, PrivateDnsName="pay.example.com")}, outputs)
    assert describe_service(local_aws)["PrivateDnsName"] == "pay.example.com"
    first = private_dns(local_aws)
    assert first == local_aws.outputs(STACK)
    assert (first["State"], first["Type"]) == ("pendingVerification", "TXT")
    assert first["Name"].startswith("_")
    assert "." not in first["Name"]
    assert first["Value"].startswith("vpce:")

    # The record does not change while the name is the same.
    assert verify(local_aws) == "failed"
    deploy({"Service": service(balancer, PrivateDnsName="pay.example.com", PayerResponsibility="")})
    assert private_dns(local_aws) == first | {"State": "failed"}
    # A new name requires a new record.
    deploy({"Service": service(balancer, PrivateDnsName="api.example.com")})
    second = private_dns(local_aws)
    assert second["State"] == "pendingVerification"
    assert second["Name"] != first["Name"]
    assert second["Value"] != first["Value"]

    deploy({"Service": service(balancer)})
    assert (
        not {"PrivateDnsName", "PrivateDnsNameConfiguration"} & describe_service(local_aws).keys()
    )


def test_a_private_dns_name_can_be_set_with_ec2(local_aws: LocalAws, balancer: str) -> None:
    ec2 = local_aws.client("ec2")
    new = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer], PrivateDnsName="pay.example.com"
    )["ServiceConfiguration"]
    assert new["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=new["ServiceId"], PrivateDnsName="api.example.com"
    )
    assert private_dns(local_aws)["Value"] != new["PrivateDnsNameConfiguration"]["Value"]
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[new["ServiceId"]])


@pytest.mark.parametrize(
    ("zone", "kind", "name", "value", "state"),
    [
        ("example.com", "TXT", "{Name}.pay.example.com", '"{Value}"', "verified"),
        ("example.com", "TXT", "{Name}.example.com", '"{Value}"', "verified"),
        ("pay.example.com", "TXT", "{Name}.pay.EXAMPLE.com", '"{Value}"', "verified"),
        ("example.com", "TXT", "{Name}.api.pay.example.com", '"{Value}"', "failed"),
        ("example.com", "TXT", "{Name}.api.example.com", '"{Value}"', "failed"),
        ("example.com", "TXT", "pay.example.com", '"{Value}"', "failed"),
        ("example.com", "TXT", "{Name}.pay.example.com", "{Value}", "failed"),
        ("example.com", "TXT", "{Name}.pay.example.com", '"vpce:other"', "failed"),
        ("example.com", "SPF", "{Name}.pay.example.com", '"{Value}"', "failed"),
        ("private", "TXT", "{Name}.pay.example.com", '"{Value}"', "failed"),
    ],
)
def test_the_verification_searches_public_zones(
    local_aws: LocalAws,
    deploy: Deploy,
    balancer: str,
    zone: str,
    kind: str,
    name: str,
    value: str,
    state: str,
) -> None:
    deploy({"Service": service(balancer, PrivateDnsName="Pay.example.com")})
    verification = private_dns(local_aws)
    domain = "example.com" if zone == "private" else zone
    vpcs = [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "eu-west-1"}] if zone == "private" else []
    record = resource(
        "Route53::RecordSet",
        HostedZoneId={"Ref": "Zone"},
        Name=name.format(**verification),
        Type=kind,
        TTL="60",
        ResourceRecords=['"something else"', value.format(**verification)],
    )
    zone_and_record = {
        "Vpc": resource("EC2::VPC", CidrBlock="10.1.0.0/16"),
        "Zone": resource("Route53::HostedZone", Name=domain, VPCs=vpcs),
        "Record": record,
    }
    deploy(zone_and_record, stack="zone")
    assert verify(local_aws) == state
    assert private_dns(local_aws) == verification | {"State": state}


def test_a_verification_without_a_name_is_rejected(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    ec2 = local_aws.client("ec2")
    start = ec2.start_vpc_endpoint_service_private_dns_verification
    assert catch_client_error(start, ServiceId="vpce-svc-0") == (
        "InvalidVpcEndpointServiceId.NotFound",
        "The VpcEndpointService Id 'vpce-svc-0' does not exist",
    )
    deploy({"Service": service(balancer)})
    service_id = describe_service(local_aws)["ServiceId"]
    assert catch_client_error(start, ServiceId=service_id) == (
        "InvalidParameter",
        f"The VpcEndpointService Id '{service_id}' has no private DNS name to verify",
    )


# Hosted zones and records


def records(aws: LocalAws, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the records of a zone without the default records."""
    route53 = aws.client("route53")
    (zone,) = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    found = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return {
        (record["Name"], record["Type"]): record
        for record in found
        if record["Type"] not in ("NS", "SOA")
    }


def txt(name: Any = "a.example.com", *values: str, **properties: Any) -> dict[str, Any]:
    zone = {} if "HostedZoneName" in properties else {"HostedZoneId": {"Ref": "Zone"}}
    defaults = {"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": list(values or ['"1"'])}
    return resource("Route53::RecordSet", **{**zone, **defaults, **properties})


def test_the_verification_record_can_be_in_the_stack_of_the_service(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    def template(domain: str) -> Resources:
        label = attribute("Service", "PrivateDnsNameConfiguration.Name")
        value = attribute("Service", "PrivateDnsNameConfiguration.Value")
        return {
            "Record": txt(
                {"Fn::Join": [".", [label, domain]]},
                ResourceRecords=[{"Fn::Join": ["", ['"', value, '"']]}],
            ),
            "Zone": resource("Route53::HostedZone", Name="example.com"),
            "Service": service(balancer, PrivateDnsName=domain),
        }

    assert deploy(template("pay.example.com")) == "CREATE_COMPLETE"
    verification = private_dns(local_aws)
    ((key, record),) = records(local_aws, "example.com").items()
    assert key == (f"{verification['Name']}.pay.example.com.", "TXT")
    assert record["ResourceRecords"] == [{"Value": f'"{verification["Value"]}"'}]
    assert record["TTL"] == 60
    assert verify(local_aws) == "verified"

    assert deploy(template("api.example.com")) == "UPDATE_COMPLETE"
    verification = private_dns(local_aws)
    assert verification["State"] == "pendingVerification"
    assert list(records(local_aws, "example.com")) == [
        (f"{verification['Name']}.api.example.com.", "TXT")
    ]
    assert verify(local_aws) == "verified"

    local_aws.client("cloudformation").delete_stack(StackName=STACK)
    assert local_aws.client("route53").list_hosted_zones()["HostedZones"] == []


def test_a_record_is_updated_or_replaced(local_aws: LocalAws, deploy: Deploy) -> None:
    zone = resource("Route53::HostedZone", Name="example.com.")

    def after(record: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
        deploy({"Zone": zone, "Record": record, "Neighbor": txt("b.example.com", '"0"')})
        found = records(local_aws, "example.com")
        assert found.pop(("b.example.com.", "TXT"))["ResourceRecords"] == [{"Value": '"0"'}]
        return {
            key: [value["Value"] for value in record["ResourceRecords"]]
            for key, record in found.items()
        }

    assert after(txt()) == {("a.example.com.", "TXT"): ['"1"']}
    assert after(txt("a.example.com.", '"2"', '"3"')) == {("a.example.com.", "TXT"): ['"2"', '"3"']}
    assert after(txt("c.example.com", '"2"')) == {("c.example.com.", "TXT"): ['"2"']}
    cname = txt("c.example.com", "www.example.com", Type="CNAME")
    assert after(cname) == {("c.example.com.", "CNAME"): ["www.example.com"]}
    deploy({"Zone": zone, "Neighbor": txt("b.example.com", '"0"')})
    assert list(records(local_aws, "example.com")) == [("b.example.com.", "TXT")]


@pytest.mark.parametrize("name", ["example.com", "example.com."])
def test_a_record_can_refer_to_the_name_of_the_zone(
    local_aws: LocalAws, deploy: Deploy, name: str
) -> None:
    deploy({"Zone": resource("Route53::HostedZone", Name="example.com")}, stack="zone")
    assert deploy({"Record": txt(HostedZoneName=name)}) == "CREATE_COMPLETE"
    assert ("a.example.com.", "TXT") in records(local_aws, "example.com")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (txt("a.example.org"), "RRSet with DNS name a.example.org. is not permitted in zone"),
        (txt("an-example.com"), "RRSet with DNS name an-example.com. is not permitted in zone"),
        (txt("taken.example.com."), "but it already exists"),
        (txt(HostedZoneId="Z0"), "No hosted zone found with ID: Z0"),
        (txt(HostedZoneName="example.org"), "No hosted zone found with ID: example.org."),
    ],
)
def test_an_invalid_record_is_rejected(
    local_aws: LocalAws, deploy: Deploy, record: dict[str, Any], reason: str
) -> None:
    first = {
        "Zone": resource("Route53::HostedZone", Name="example.com"),
        "Taken": txt("taken.example.com"),
    }
    deploy(first)
    rejected = record | {"DependsOn": ["Zone", "Taken"]}
    assert deploy({**first, "Record": rejected}) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in events(local_aws, "Record")[-1]
    assert list(records(local_aws, "example.com")) == [("taken.example.com.", "TXT")]


def test_a_hosted_zone_can_be_public_or_private(local_aws: LocalAws, deploy: Deploy) -> None:
    def zone(name: str, comment: str, *vpcs: str) -> Resources:
        properties: dict[str, Any] = {
            "Name": name,
            "HostedZoneConfig": {"Comment": comment},
            "HostedZoneTags": [{"Key": comment, "Value": "yes"}],
            "VPCs": [{"VPCId": vpc, "VPCRegion": "eu-west-1"} for vpc in vpcs],
        }
        return {"Zone": resource("Route53::HostedZone", **properties)}

    outputs = {
        "Id": attribute("Zone", "Id"),
        "Servers": {"Fn::Join": [" ", attribute("Zone", "NameServers")]},
    }
    route53 = local_aws.client("route53")
    deploy(zone("example.com", "first"), outputs)
    identifier = local_aws.outputs(STACK)["Id"]
    found = route53.get_hosted_zone(Id=identifier)
    assert found["HostedZone"]["Name"] == "example.com."
    assert found["HostedZone"]["Config"] == {"Comment": "first", "PrivateZone": False}
    servers = found["DelegationSet"]["NameServers"]
    assert local_aws.outputs(STACK)["Servers"] == " ".join(servers)

    deploy(zone("example.com", "second"), outputs)
    assert local_aws.outputs(STACK)["Id"] == identifier
    found = route53.get_hosted_zone(Id=identifier)
    assert found["HostedZone"]["Config"]["Comment"] == "second"
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=identifier)
    assert tags["ResourceTagSet"]["Tags"] == [{"Key": "second", "Value": "yes"}]

    deploy(zone("example.org", "second"), outputs)
    assert events(local_aws, "Zone")[-1] == "UPDATE_COMPLETE not emulated"
    assert route53.get_hosted_zone(Id=identifier)["HostedZone"]["Name"] == "example.com."

    ec2 = local_aws.client("ec2")
    ids = [ec2.create_vpc(CidrBlock=f"10.{index}.0.0/16")["Vpc"]["VpcId"] for index in (1, 2)]
    deploy(zone("internal", "private", *ids), stack="private")
    (private,) = route53.list_hosted_zones_by_name(DNSName="internal")["HostedZones"]
    vpcs = route53.get_hosted_zone(Id=private["Id"])["VPCs"]
    assert private["Config"]["PrivateZone"] is True
    assert [vpc["VPCId"] for vpc in vpcs] == ids


def private_zone(name: str, vpc_id: Any) -> dict[str, Any]:
    vpcs = [{"VPCId": vpc_id, "VPCRegion": "eu-west-1"}]
    return resource("Route53::HostedZone", Name=name, VPCs=vpcs)


def test_a_vpc_can_have_one_private_zone_of_a_name(local_aws: LocalAws, deploy: Deploy) -> None:
    vpcs = {name: resource("EC2::VPC", CidrBlock="10.1.0.0/16") for name in ("Vpc", "Other")}
    first = vpcs | {"Zone": private_zone("services.internal", {"Ref": "Vpc"})}
    elsewhere = {
        "InOther": private_zone("services.internal", {"Ref": "Other"}),
        "Below": private_zone("payments.services.internal", {"Ref": "Vpc"}),
    }
    assert deploy(first | elsewhere) == "CREATE_COMPLETE"
    again = private_zone("Services.internal.", {"Ref": "Vpc"})
    assert deploy(first | elsewhere | {"Again": again}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "already been associated with the hosted zone" in events(local_aws, "Again")[-1]
    moved = elsewhere | {"InOther": private_zone("services.internal", {"Ref": "Vpc"})}
    assert deploy(first | moved) == "UPDATE_ROLLBACK_COMPLETE"
    missing = private_zone("services.internal", "vpc-1")
    assert deploy(first | elsewhere | {"Missing": missing}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Invalid or missing VPC Id" in events(local_aws, "Missing")[-1]


def test_a_private_zone_conflicts_with_the_private_dns_of_an_endpoint(
    local_aws: LocalAws, deploy: Deploy
) -> None:
    vpc = {
        "Vpc": resource(
            "EC2::VPC", CidrBlock="10.1.0.0/16", EnableDnsSupport=True, EnableDnsHostnames=True
        )
    }
    name = "sqs.eu-west-1.amazonaws.com"
    zone = {"Zone": private_zone(name, {"Ref": "Vpc"})}
    endpoint = {
        "Endpoint": resource(
            "EC2::VPCEndpoint",
            VpcId={"Ref": "Vpc"},
            ServiceName="com.amazonaws.eu-west-1.sqs",
            VpcEndpointType="Interface",
            PrivateDnsEnabled=True,
        )
    }
    assert deploy(vpc | zone, stack="zone-first") == "CREATE_COMPLETE"
    late = {"Endpoint": endpoint["Endpoint"] | {"DependsOn": "Zone"}}
    assert deploy(vpc | zone | late, stack="zone-first") == "UPDATE_ROLLBACK_COMPLETE"
    reason = f"there is already a conflicting DNS domain for {name} in the VPC vpc-"
    assert any(reason in each for each in events(local_aws, "Endpoint", "zone-first"))
    assert deploy(vpc | endpoint, stack="endpoint-first") == "CREATE_COMPLETE"
    assert deploy(vpc | endpoint | zone, stack="endpoint-first") == "UPDATE_ROLLBACK_COMPLETE"
    reason = "already been associated with the hosted zone"
    assert any(reason in each for each in events(local_aws, "Zone", "endpoint-first"))


def test_a_zone_with_other_records_is_not_deleted(local_aws: LocalAws, deploy: Deploy) -> None:
    client = local_aws.client("cloudformation")
    deploy({"Zone": resource("Route53::HostedZone", Name="example.com")}, stack="zone")
    deploy({"Record": txt(HostedZoneName="example.com")})
    client.delete_stack(StackName="zone")
    (stack,) = client.describe_stacks(StackName="zone")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert records(local_aws, "example.com")


# Topics and notifications


def statement(**changes: Any) -> dict[str, Any]:
    first = {
        "Effect": "Allow",
        "Principal": {"Service": "vpce.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
    }
    return first | changes


def policy(*statements: dict[str, Any], topic: Any = None) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return resource("SNS::TopicPolicy", PolicyDocument=document, Topics=[topic or {"Ref": "Topic"}])


def notification(*events: str, service: Any = None, topic: Any = None) -> dict[str, Any]:
    definition = resource(
        "EC2::VPCEndpointConnectionNotification",
        ServiceId=service or {"Ref": "Service"},
        ConnectionEvents=list(events or ("Connect", "Reject")),
        ConnectionNotificationArn=topic or {"Ref": "Topic"},
    )
    return definition | {"DependsOn": "Policy"}


def notifications(aws: LocalAws, **options: str) -> list[dict[str, Any]]:
    ec2 = aws.client("ec2")
    response = ec2.describe_vpc_endpoint_connection_notifications(**options)
    found: list[dict[str, Any]] = response["ConnectionNotificationSet"]
    return found


def topic_policy(aws: LocalAws, arn: str) -> dict[str, Any]:
    attributes = aws.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    found: dict[str, Any] = json.loads(attributes["Policy"])
    return found


def test_a_topic_has_a_policy(local_aws: LocalAws, deploy: Deploy) -> None:
    sns = local_aws.client("sns")
    outputs = {
        "Arn": {"Ref": "Topic"},
        "ArnAgain": attribute("Topic", "TopicArn"),
        "Name": attribute("Topic", "TopicName"),
    }
    tags = [{"Key": "team", "Value": "payments"}]
    topic = resource("SNS::Topic", DisplayName="first", Tags=tags)
    deploy({"Topic": topic}, outputs)
    arn = local_aws.outputs(STACK)["Arn"]
    assert local_aws.outputs(STACK) == {"Arn": arn, "ArnAgain": arn, "Name": arn.split(":")[-1]}
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    default = topic_policy(local_aws, arn)

    deploy({"Topic": topic, "Policy": policy(statement())}, outputs)
    assert topic_policy(local_aws, arn)["Statement"] == [statement()]
    # The ARN and policy of a topic remain if other properties change.
    topic = resource("SNS::Topic", DisplayName="second", KmsMasterKeyId="alias/key")
    deploy({"Topic": topic, "Policy": policy(statement())}, outputs)
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "second"
    assert attributes["KmsMasterKeyId"] == "alias/key"
    assert topic_policy(local_aws, arn)["Statement"] == [statement()]
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    changed = statement(Action=["sns:Publish", "sns:Subscribe"])
    deploy({"Topic": topic, "Policy": policy(changed)}, outputs)
    assert topic_policy(local_aws, arn)["Statement"] == [changed]
    # Another name replaces the topic, with the policy.
    topic = resource("SNS::Topic", TopicName="connections")
    deploy({"Topic": topic, "Policy": policy(changed)}, outputs)
    (found,) = sns.list_topics()["Topics"]
    assert found["TopicArn"] == local_aws.outputs(STACK)["Arn"] != arn
    assert topic_policy(local_aws, found["TopicArn"])["Statement"] == [changed]

    deploy({"Topic": topic}, outputs)
    left = topic_policy(local_aws, found["TopicArn"])["Statement"][0]
    assert left["Action"] == default["Statement"][0]["Action"]
    assert left["Resource"] == found["TopicArn"]
    local_aws.client("cloudformation").delete_stack(StackName=STACK)
    assert sns.list_topics()["Topics"] == []


def test_a_policy_can_move_to_another_topic(local_aws: LocalAws, deploy: Deploy) -> None:
    topics = {name: resource("SNS::Topic") for name in ("First", "Second")}
    outputs = {"First": {"Ref": "First"}, "Second": {"Ref": "Second"}, "Id": {"Ref": "Policy"}}

    def allowed() -> list[bool]:
        arns = [local_aws.outputs(STACK)[name] for name in topics]
        return [topic_policy(local_aws, arn)["Statement"] == [statement()] for arn in arns]

    deploy({**topics, "Policy": policy(statement(), topic={"Ref": "First"})}, outputs)
    identifier = local_aws.outputs(STACK)["Id"]
    assert allowed() == [True, False]
    deploy({**topics, "Policy": policy(statement(), topic={"Ref": "Second"})}, outputs)
    assert local_aws.outputs(STACK)["Id"] == identifier
    assert allowed() == [False, True]
    unknown = "arn:aws:sns:eu-west-1:123456789012:unknown"
    rejected = {**topics, "Policy": policy(statement(), topic=unknown)}
    assert deploy(rejected, outputs) == "UPDATE_ROLLBACK_COMPLETE"
    assert allowed() == [False, True]


def test_a_connection_notification_is_updated_or_replaced(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    rest = {
        "Policy": policy(statement(Resource={"Ref": "Topic"})),
        "Topic": resource("SNS::Topic"),
        "Service": service(balancer),
    }
    outputs = {
        "Id": {"Ref": "Notification"},
        "IdAgain": attribute("Notification", "VPCEndpointConnectionNotificationId"),
        "Topic": {"Ref": "Topic"},
    }
    assert deploy({"Notification": notification(), **rest}, outputs) == "CREATE_COMPLETE"
    (found,) = notifications(local_aws)
    first = local_aws.outputs(STACK)
    assert found == {
        "ConnectionNotificationId": first["Id"],
        "ServiceId": describe_service(local_aws)["ServiceId"],
        "ConnectionNotificationType": "Topic",
        "ConnectionNotificationArn": first["Topic"],
        "ConnectionEvents": ["Connect", "Reject"],
        "ConnectionNotificationState": "Enabled",
    }
    assert first["Id"] == first["IdAgain"]
    prefix, digits = first["Id"].rsplit("-", 1)
    assert prefix == "vpce-nfn"
    assert int(digits, 16) >= 0
    assert notifications(local_aws, ConnectionNotificationId=first["Id"]) == [found]
    describe = local_aws.client("ec2").describe_vpc_endpoint_connection_notifications
    assert catch_client_error(describe, ConnectionNotificationId="vpce-nfn-0") == (
        "InvalidConnectionNotification",
        "The connection notification 'vpce-nfn-0' does not exist",
    )

    # Events change in place. Another service requires another notification.
    deploy({"Notification": notification("Accept"), **rest}, outputs)
    (changed,) = notifications(local_aws)
    assert changed == found | {"ConnectionEvents": ["Accept"]}
    rest["Other"] = service(copy_balancer(local_aws, balancer))
    other = notification("Accept", service={"Ref": "Other"})
    deploy({"Notification": other, **rest}, outputs)
    (moved,) = notifications(local_aws)
    assert moved["ServiceId"] != found["ServiceId"]
    assert moved["ConnectionNotificationId"] == local_aws.outputs(STACK)["Id"] != first["Id"]

    deploy(rest)
    assert notifications(local_aws) == []


def test_a_notification_is_deleted_with_its_service(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    rest = {"Policy": policy(statement()), "Topic": resource("SNS::Topic")}
    deploy({"Notification": notification(), **rest, "Service": service(balancer)})
    service_id = describe_service(local_aws)["ServiceId"]
    local_aws.client("ec2").delete_vpc_endpoint_service_configurations(ServiceIds=[service_id])
    assert notifications(local_aws) == []


@pytest.mark.parametrize(
    "allowing",
    [
        statement(Action="SNS:*"),
        statement(Action=["sns:Subscribe", "sns:Pub*"]),
        statement(Principal={"Service": ["a.amazonaws.com", "vpce.amazonaws.com"]}),
        statement(Resource=["arn:aws:sqs:*", "arn:aws:sns:eu-west-1:*"]),
    ],
)
def test_policies_that_allow_publishing_are_accepted(
    deploy: Deploy, balancer: str, allowing: dict[str, Any]
) -> None:
    rest = {"Topic": resource("SNS::Topic"), "Service": service(balancer)}
    allowed = policy(statement(Effect="Deny", Principal="*"), allowing)
    assert deploy({"Notification": notification(), "Policy": allowed, **rest}) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "sns:Subscribe"},
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Principal": {"AWS": "*"}},
        {"Principal": "*"},
        {"Resource": "arn:aws:sns:eu-west-1:123456789012:another"},
    ],
)
def test_policies_that_do_not_allow_publishing_are_rejected(
    local_aws: LocalAws, deploy: Deploy, balancer: str, changes: dict[str, Any]
) -> None:
    resources = {
        "Notification": notification(),
        "Policy": policy(statement(**changes)),
        "Topic": resource("SNS::Topic"),
        "Service": service(balancer),
    }
    assert deploy(resources) == "ROLLBACK_COMPLETE"
    assert (
        "does not allow vpce.amazonaws.com to sns:Publish" in events(local_aws, "Notification")[1]
    )
    assert notifications(local_aws) == []


def test_a_notification_before_the_policy_is_rejected(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    resources = {
        "Topic": resource("SNS::Topic"),
        "Service": service(balancer),
        # The opposite order: CloudFormation can create the policy last.
        "Notification": notification() | {"DependsOn": "Topic"},
        "Policy": policy(statement()) | {"DependsOn": "Notification"},
    }
    assert deploy(resources) == "ROLLBACK_COMPLETE"
    assert "does not allow vpce.amazonaws.com" in events(local_aws, "Notification")[-1]


def test_invalid_notifications_are_rejected(
    local_aws: LocalAws, deploy: Deploy, subnets: list[str], balancer: str
) -> None:
    gateway = [{"Ref": "Balancer"}]
    kind = "ElasticLoadBalancingV2::LoadBalancer"
    rest = {
        "Balancer": resource(kind, Type="gateway", Subnets=subnets),
        "Gateway": resource("EC2::VPCEndpointService", GatewayLoadBalancerArns=gateway),
        "Service": service(balancer),
        "Topic": resource("SNS::Topic"),
        "Policy": policy(statement()),
    }
    assert deploy(rest) == "CREATE_COMPLETE"
    missing_arn = "arn:aws:sns:eu-west-1:123456789012:missing"
    for rejected, reason in [
        (notification(service={"Ref": "Gateway"}), "interface endpoints only"),
        (notification(service="vpce-svc-0"), "The VpcEndpointService Id 'vpce-svc-0' does not"),
        (notification(topic=missing_arn), "Topic does not exist"),
    ]:
        assert deploy({"Notification": rejected, **rest}) == "UPDATE_ROLLBACK_COMPLETE"
        assert reason in events(local_aws, "Notification")[-1]
        assert notifications(local_aws) == []


# Alarms


def alarm(**properties: Any) -> dict[str, Any]:
    first = {
        "Namespace": "AWS/PrivateLinkServices",
        "MetricName": "RstPacketsSent",
        "Dimensions": [{"Name": "Service Id", "Value": {"Ref": "Service"}}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [{"Ref": "Topic"}],
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": "team", "Value": "payments"}],
    }
    return resource("CloudWatch::Alarm", **{**first, **properties})


def test_an_alarm_is_created_updated_and_replaced(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    rest = {"Topic": resource("SNS::Topic"), "Service": service(balancer)}
    outputs = {
        "Name": {"Ref": "Alarm"},
        "Arn": attribute("Alarm", "Arn"),
        "Topic": {"Ref": "Topic"},
    }
    client = local_aws.client("cloudwatch")
    deploy({"Alarm": alarm(AlarmDescription="resets"), **rest}, outputs)
    (found,) = client.describe_alarms()["MetricAlarms"]
    first = local_aws.outputs(STACK)
    expected = {
        "AlarmName": first["Name"],
        "AlarmArn": first["Arn"],
        "AlarmDescription": "resets",
        "ActionsEnabled": True,
        "AlarmActions": [first["Topic"]],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Namespace": "AWS/PrivateLinkServices",
        "MetricName": "RstPacketsSent",
        "Dimensions": [{"Name": "Service Id", "Value": describe_service(local_aws)["ServiceId"]}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    assert {key: value for key, value in found.items() if key in expected} == expected
    assert not {"ExtendedStatistic", "Unit"} & found.keys()
    tags = client.list_tags_for_resource(ResourceARN=first["Arn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "payments"}]

    changes = {"Threshold": 7, "Statistic": "Maximum", "ActionsEnabled": "false", "Tags": []}
    deploy({"Alarm": alarm(AlarmDescription="resets", **changes), **rest}, outputs)
    (found,) = client.describe_alarms()["MetricAlarms"]
    expected |= {"Threshold": 7.0, "Statistic": "Maximum", "ActionsEnabled": False}
    assert {key: value for key, value in found.items() if key in expected} == expected
    assert client.list_tags_for_resource(ResourceARN=first["Arn"])["Tags"] == []

    deploy({"Alarm": alarm(AlarmName="resets"), **rest}, outputs)
    (found,) = client.describe_alarms()["MetricAlarms"]
    assert found["AlarmName"] == "resets" == local_aws.outputs(STACK)["Name"]
    deploy(rest)
    assert client.describe_alarms()["MetricAlarms"] == []


def test_an_alarm_on_an_expression_is_not_emulated(local_aws: LocalAws, deploy: Deploy) -> None:
    metrics = [{"Id": "a", "Expression": "TIME_SERIES(1)"}]
    expression = resource("CloudWatch::Alarm", Metrics=metrics, EvaluationPeriods=1)
    assert deploy({"Alarm": expression}) == "CREATE_COMPLETE"
    assert events(local_aws, "Alarm")[-1] == "CREATE_COMPLETE not emulated"
