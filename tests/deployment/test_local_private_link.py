"""The emulator's PrivateLink: services and what stands around them, from plain CloudFormation."""

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
    """Tell what became of a resource, oldest first."""
    found = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"{event['ResourceStatus']} {event.get('ResourceStatusReason', '')}".strip()
        for event in reversed(found)
        if event["LogicalResourceId"] == logical_id
    ]


def refusal(call: Callable[..., Any], **arguments: str) -> tuple[str, str]:
    """Tell with what code and message a call was refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["Error"]["Message"]


@pytest.fixture
def deploy(local_aws: LocalAws) -> Iterator[Deploy]:
    """Create or update a stack and tell its status; what was created is gone after the test."""
    client = local_aws.client("cloudformation")
    created: list[str] = []

    def put(resources: Resources, outputs: dict[str, Any] | None = None, stack: str = STACK) -> str:
        given = {name: {"Value": value} for name, value in (outputs or {}).items()}
        body = json.dumps({"Resources": resources, "Outputs": given})
        if stack in created:
            client.update_stack(StackName=stack, TemplateBody=body)
        else:
            created.append(stack)
            client.create_stack(StackName=stack, TemplateBody=body)
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    yield put
    for stack in reversed(created):
        client.delete_stack(StackName=stack)
    assert client.describe_stacks()["Stacks"] == []


@pytest.fixture(scope="module")
def subnets(local_aws: LocalAws) -> list[str]:
    """One subnet in each of two zones."""
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
    """The ARN of a network load balancer that no stack made."""
    elbv2 = local_aws.client("elbv2")
    made = elbv2.create_load_balancer(Name="shared", Type="network", Subnets=subnets)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def service(balancer: str, **properties: Any) -> dict[str, Any]:
    return resource("EC2::VPCEndpointService", NetworkLoadBalancerArns=[balancer], **properties)


def described(aws: LocalAws) -> dict[str, Any]:
    """The one service that EC2 has."""
    ec2 = aws.client("ec2")
    (found,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return dict(found)


# The service itself


def test_all_properties_of_a_service(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
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
    found = described(local_aws)
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
    assert described(local_aws)["ServiceId"] == found["ServiceId"]
    found = described(local_aws)
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


def test_unknown_load_balancer(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
    assert deploy({"Service": service(balancer + "0")}) == "ROLLBACK_COMPLETE"
    assert "load balancer does not exist" in events(local_aws, "Service")[-1]


# Load balancers in use


def test_load_balancer_in_use(
    local_aws: LocalAws, deploy: Deploy, subnets: list[str], balancer: str
) -> None:
    kind = "ElasticLoadBalancingV2::LoadBalancer"
    nlb = resource(kind, Type="network", Subnets=subnets)
    both = {"Service": service(balancer) | {"DependsOn": "Nlb"}, "Nlb": nlb}
    both["Service"]["Properties"]["NetworkLoadBalancerArns"] = [{"Ref": "Nlb"}]
    assert deploy(both) == "CREATE_COMPLETE"
    (arn,) = described(local_aws)["NetworkLoadBalancerArns"]
    elbv2 = local_aws.client("elbv2")
    assert refusal(elbv2.delete_load_balancer, LoadBalancerArn=arn) == (
        "ResourceInUse",
        f"Load balancer '{arn}' cannot be deleted because it is currently "
        "associated with another service",
    )
    # The service goes first, and then the load balancer may.
    local_aws.client("cloudformation").delete_stack(StackName=STACK)
    arns = [lb["LoadBalancerArn"] for lb in elbv2.describe_load_balancers()["LoadBalancers"]]
    assert arns == [balancer]


@pytest.mark.parametrize("kind", ["network", "gateway"])
def test_load_balancer_in_use_by_another_stack(
    local_aws: LocalAws, deploy: Deploy, subnets: list[str], kind: str
) -> None:
    client = local_aws.client("cloudformation")
    nlb = resource("ElasticLoadBalancingV2::LoadBalancer", Type=kind, Subnets=subnets)
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
    return dict(described(aws)["PrivateDnsNameConfiguration"])


def verify(aws: LocalAws) -> str:
    """Have the one service's name verified; tell the state that it came to."""
    ec2 = aws.client("ec2")
    service_id = described(aws)["ServiceId"]
    answer = ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
    assert answer["ReturnValue"] is True
    return private_dns(aws)["State"]


def test_private_dns_name(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
    keys = ("Name", "State", "Type", "Value")
    outputs = {key: attribute("Service", f"PrivateDnsNameConfiguration.{key}") for key in keys}
    deploy({"Service": service(balancer, PrivateDnsName="pay.example.com")}, outputs)
    assert described(local_aws)["PrivateDnsName"] == "pay.example.com"
    first = private_dns(local_aws)
    assert first == local_aws.outputs(STACK)
    assert (first["State"], first["Type"]) == ("pendingVerification", "TXT")
    assert first["Name"].startswith("_")
    assert "." not in first["Name"]
    assert first["Value"].startswith("vpce:")

    # It stays while the name stays, verified or not...
    assert verify(local_aws) == "failed"
    deploy({"Service": service(balancer, PrivateDnsName="pay.example.com", PayerResponsibility="")})
    assert private_dns(local_aws) == first | {"State": "failed"}
    # ... and a new name needs a new proof.
    deploy({"Service": service(balancer, PrivateDnsName="api.example.com")})
    second = private_dns(local_aws)
    assert second["State"] == "pendingVerification"
    assert second["Name"] != first["Name"]
    assert second["Value"] != first["Value"]

    deploy({"Service": service(balancer)})
    assert not {"PrivateDnsName", "PrivateDnsNameConfiguration"} & described(local_aws).keys()


def test_private_dns_name_set_through_ec2(local_aws: LocalAws, balancer: str) -> None:
    ec2 = local_aws.client("ec2")
    made = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer], PrivateDnsName="pay.example.com"
    )["ServiceConfiguration"]
    assert made["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=made["ServiceId"], PrivateDnsName="api.example.com"
    )
    assert private_dns(local_aws)["Value"] != made["PrivateDnsNameConfiguration"]["Value"]
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])


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
def test_verification(
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
    proof = private_dns(local_aws)
    domain = "example.com" if zone == "private" else zone
    vpcs = [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}] if zone == "private" else []
    record = resource(
        "Route53::RecordSet",
        HostedZoneId={"Ref": "Zone"},
        Name=name.format(**proof),
        Type=kind,
        TTL="60",
        ResourceRecords=['"something else"', value.format(**proof)],
    )
    zone_and_record = {
        "Zone": resource("Route53::HostedZone", Name=domain, VPCs=vpcs),
        "Record": record,
    }
    deploy(zone_and_record, stack="zone")
    assert verify(local_aws) == state
    assert private_dns(local_aws) == proof | {"State": state}


def test_verification_that_cannot_start(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
    ec2 = local_aws.client("ec2")
    start = ec2.start_vpc_endpoint_service_private_dns_verification
    assert refusal(start, ServiceId="vpce-svc-0") == (
        "InvalidVpcEndpointServiceId.NotFound",
        "The VpcEndpointService Id 'vpce-svc-0' does not exist",
    )
    deploy({"Service": service(balancer)})
    service_id = described(local_aws)["ServiceId"]
    assert refusal(start, ServiceId=service_id) == (
        "InvalidParameter",
        f"The VpcEndpointService Id '{service_id}' has no private DNS name to verify",
    )


# Hosted zones and records


def records(aws: LocalAws, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The records of a zone, but for those that it came with."""
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
    given = {"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": list(values or ['"1"'])}
    return resource("Route53::RecordSet", **{**zone, **given, **properties})


def test_proof_in_the_service_s_own_stack(
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
    proof = private_dns(local_aws)
    ((key, record),) = records(local_aws, "example.com").items()
    assert key == (f"{proof['Name']}.pay.example.com.", "TXT")
    assert record["ResourceRecords"] == [{"Value": f'"{proof["Value"]}"'}]
    assert record["TTL"] == 60
    assert verify(local_aws) == "verified"

    assert deploy(template("api.example.com")) == "UPDATE_COMPLETE"
    proof = private_dns(local_aws)
    assert proof["State"] == "pendingVerification"
    assert list(records(local_aws, "example.com")) == [(f"{proof['Name']}.api.example.com.", "TXT")]
    assert verify(local_aws) == "verified"

    local_aws.client("cloudformation").delete_stack(StackName=STACK)
    assert local_aws.client("route53").list_hosted_zones()["HostedZones"] == []


def test_record_updates(local_aws: LocalAws, deploy: Deploy) -> None:
    zone = resource("Route53::HostedZone", Name="example.com.")

    def after(record: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
        deploy({"Zone": zone, "Record": record, "Neighbour": txt("b.example.com", '"0"')})
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
    deploy({"Zone": zone, "Neighbour": txt("b.example.com", '"0"')})
    assert list(records(local_aws, "example.com")) == [("b.example.com.", "TXT")]


@pytest.mark.parametrize("name", ["example.com", "example.com."])
def test_record_by_the_zone_s_name(local_aws: LocalAws, deploy: Deploy, name: str) -> None:
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
def test_record_refused(
    local_aws: LocalAws, deploy: Deploy, record: dict[str, Any], reason: str
) -> None:
    first = {
        "Zone": resource("Route53::HostedZone", Name="example.com"),
        "Taken": txt("taken.example.com"),
    }
    deploy(first)
    refused = record | {"DependsOn": ["Zone", "Taken"]}
    assert deploy({**first, "Record": refused}) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in events(local_aws, "Record")[-1]
    assert list(records(local_aws, "example.com")) == [("taken.example.com.", "TXT")]


def test_hosted_zone(local_aws: LocalAws, deploy: Deploy) -> None:
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

    deploy(zone("internal", "private", "vpc-1", "vpc-2"), stack="private")
    (private,) = route53.list_hosted_zones_by_name(DNSName="internal")["HostedZones"]
    vpcs = route53.get_hosted_zone(Id=private["Id"])["VPCs"]
    assert private["Config"]["PrivateZone"] is True
    assert [vpc["VPCId"] for vpc in vpcs] == ["vpc-1", "vpc-2"]


def test_zone_with_records_of_others_stays(local_aws: LocalAws, deploy: Deploy) -> None:
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
    answer = ec2.describe_vpc_endpoint_connection_notifications(**options)
    found: list[dict[str, Any]] = answer["ConnectionNotificationSet"]
    return found


def topic_policy(aws: LocalAws, arn: str) -> dict[str, Any]:
    attributes = aws.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    found: dict[str, Any] = json.loads(attributes["Policy"])
    return found


def test_topic_and_its_policy(local_aws: LocalAws, deploy: Deploy) -> None:
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
    # A topic keeps its ARN and its policy when its other properties change...
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
    # ... and is another one, with the policy put there, under another name.
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


def test_policy_of_another_topic(local_aws: LocalAws, deploy: Deploy) -> None:
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
    refused = {**topics, "Policy": policy(statement(), topic=unknown)}
    assert deploy(refused, outputs) == "UPDATE_ROLLBACK_COMPLETE"
    assert allowed() == [False, True]


def test_connection_notification(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
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
        "ServiceId": described(local_aws)["ServiceId"],
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
    assert refusal(describe, ConnectionNotificationId="vpce-nfn-0") == (
        "InvalidConnectionNotification",
        "The connection notification 'vpce-nfn-0' does not exist",
    )

    # Events change in place; another service has another notification.
    deploy({"Notification": notification("Accept"), **rest}, outputs)
    (changed,) = notifications(local_aws)
    assert changed == found | {"ConnectionEvents": ["Accept"]}
    rest["Other"] = service(balancer)
    other = notification("Accept", service={"Ref": "Other"})
    deploy({"Notification": other, **rest}, outputs)
    (moved,) = notifications(local_aws)
    assert moved["ServiceId"] != found["ServiceId"]
    assert moved["ConnectionNotificationId"] == local_aws.outputs(STACK)["Id"] != first["Id"]

    deploy(rest)
    assert notifications(local_aws) == []


def test_notification_ends_with_its_service(
    local_aws: LocalAws, deploy: Deploy, balancer: str
) -> None:
    rest = {"Policy": policy(statement()), "Topic": resource("SNS::Topic")}
    deploy({"Notification": notification(), **rest, "Service": service(balancer)})
    service_id = described(local_aws)["ServiceId"]
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
def test_policies_that_allow_notifications(
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
def test_policies_that_do_not(
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


def test_policy_must_come_first(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
    resources = {
        "Topic": resource("SNS::Topic"),
        "Service": service(balancer),
        # The other way round: as late as CloudFormation might make the policy.
        "Notification": notification() | {"DependsOn": "Topic"},
        "Policy": policy(statement()) | {"DependsOn": "Notification"},
    }
    assert deploy(resources) == "ROLLBACK_COMPLETE"
    assert "does not allow vpce.amazonaws.com" in events(local_aws, "Notification")[-1]


def test_notifications_refused(
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
    elsewhere = "arn:aws:sns:eu-west-1:123456789012:elsewhere"
    for refused, reason in [
        (notification(service={"Ref": "Gateway"}), "interface endpoints only"),
        (notification(service="vpce-svc-0"), "The VpcEndpointService Id 'vpce-svc-0' does not"),
        (notification(topic=elsewhere), "Topic does not exist"),
    ]:
        assert deploy({"Notification": refused, **rest}) == "UPDATE_ROLLBACK_COMPLETE"
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


def test_alarm(local_aws: LocalAws, deploy: Deploy, balancer: str) -> None:
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
        "Dimensions": [{"Name": "Service Id", "Value": described(local_aws)["ServiceId"]}],
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


def test_alarm_on_an_expression(local_aws: LocalAws, deploy: Deploy) -> None:
    metrics = [{"Id": "a", "Expression": "TIME_SERIES(1)"}]
    expression = resource("CloudWatch::Alarm", Metrics=metrics, EvaluationPeriods=1)
    assert deploy({"Alarm": expression}) == "CREATE_COMPLETE"
    assert events(local_aws, "Alarm")[-1] == "CREATE_COMPLETE not emulated"
