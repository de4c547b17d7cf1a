"""The VPC endpoints, connections and routes of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment.test_local_private_link import attribute, catch_client_error, resource
from tests.local_aws import LocalAws
from tests.local_aws.accounts import Account

CONSUMER = "222222222222"
STRANGER = "333333333333"
ROOT = f"arn:aws:iam::{CONSUMER}:root"
PENDING = "pendingAcceptance"
Resources = dict[str, dict[str, Any]]
Deploy = Callable[..., str]


@pytest.fixture
def deploy(local_aws: LocalAws, consumer: Account) -> Iterator[Deploy]:
    """Return a function that creates or updates a stack, and delete the stacks after the test."""
    created: list[tuple[Any, str]] = []

    def deploy_resources(
        account: Account,
        resources: Resources,
        outputs: dict[str, Any] | None = None,
        *,
        stack: str = "consumer",
        region: str | None = None,
    ) -> str:
        client = account.client("cloudformation", region)
        output_values = {name: {"Value": value} for name, value in (outputs or {}).items()}
        body = json.dumps({"Resources": resources, "Outputs": output_values})
        if stack in [each["StackName"] for each in client.describe_stacks()["Stacks"]]:
            client.update_stack(StackName=stack, TemplateBody=body)
        else:
            created.append((client, stack))
            client.create_stack(StackName=stack, TemplateBody=body)
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    yield deploy_resources
    for client, stack in reversed(created):
        client.delete_stack(StackName=stack)
        assert stack not in [each["StackName"] for each in client.describe_stacks()["Stacks"]]
    for region in ("eu-west-1", "us-east-1"):
        for account in (local_aws, consumer):
            assert endpoints(account, region) == []


@pytest.fixture(scope="module")
def consumer(local_aws: LocalAws) -> Account:
    return local_aws.account(CONSUMER)


@pytest.fixture(scope="module")
def balancers(local_aws: LocalAws) -> dict[str, str]:
    """Create a load balancer of each type in zones a and b, and return the ARNs."""
    ec2, elbv2 = local_aws.client("ec2"), local_aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}"
        )["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    ]
    return {
        kind: elbv2.create_load_balancer(Name=kind, Type=kind, Subnets=subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        for kind in ("network", "gateway")
    }


@pytest.fixture
def deploy_service(
    local_aws: LocalAws, balancers: dict[str, str], deploy: Deploy
) -> Callable[..., str]:
    """Return a function that deploys a service with permissions and returns its name."""

    def deploy_resources(*principals: str, kind: str = "network", **properties: Any) -> str:
        arns = {f"{kind.title()}LoadBalancerArns": [balancers[kind]]}
        defaults = {"AcceptanceRequired": False, **arns, **properties}
        resources = {
            "Service": resource("EC2::VPCEndpointService", **defaults),
            "Permissions": resource(
                "EC2::VPCEndpointServicePermissions",
                ServiceId={"Ref": "Service"},
                AllowedPrincipals=list(principals or [ROOT]),
            ),
        }
        assert deploy(local_aws, resources, stack="provider") in (
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
        )
        return str(services(local_aws)[0]["ServiceName"])

    return deploy_resources


def network(*zones: str, dns: bool = True, region: str = "eu-west-1") -> Resources:
    """Return a VPC with a subnet per zone, and one security group."""
    vpc = resource(
        "EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=True, EnableDnsHostnames=dns
    )
    subnets = {
        f"Subnet{zone.upper()}{index}": resource(
            "EC2::Subnet",
            VpcId={"Ref": "Vpc"},
            CidrBlock=f"10.0.{index}.0/24",
            AvailabilityZone=f"{region}{zone}",
        )
        for index, zone in enumerate(zones)
    }
    group = resource("EC2::SecurityGroup", GroupDescription="Endpoint", VpcId={"Ref": "Vpc"})
    return {"Vpc": vpc, **subnets, "Group": group}


def endpoint(name: str, *subnets: str, kind: str = "Interface", **properties: Any) -> Resources:
    """Return an endpoint without the properties that are `None`."""
    defaults = {
        "ServiceName": name,
        "VpcEndpointType": kind,
        "VpcId": {"Ref": "Vpc"},
        "SubnetIds": [{"Ref": subnet} for subnet in subnets],
        **properties,
    }
    set_properties = {key: value for key, value in defaults.items() if value is not None}
    return {"Endpoint": resource("EC2::VPCEndpoint", **set_properties)}


def services(account: Account) -> list[dict[str, Any]]:
    response = account.client("ec2").describe_vpc_endpoint_service_configurations()
    found: list[dict[str, Any]] = response["ServiceConfigurations"]
    return found


def endpoints(account: Account, region: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]]
    found = account.client("ec2", region).describe_vpc_endpoints()["VpcEndpoints"]
    return found


def connections(account: Account, **filters: str) -> list[dict[str, Any]]:
    ec2_filters = [
        {"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()
    ]
    response = account.client("ec2").describe_vpc_endpoint_connections(Filters=ec2_filters)
    found: list[dict[str, Any]] = response["VpcEndpointConnections"]
    return found


def reason(
    account: Account, logical_id: str, stack: str = "consumer", region: str | None = None
) -> str:
    """Return the reason for the last failure of a resource."""
    client = account.client("cloudformation", region)
    for event in client.describe_stack_events(StackName=stack)["StackEvents"]:
        if event["LogicalResourceId"] == logical_id and "FAILED" in event["ResourceStatus"]:
            return str(event["ResourceStatusReason"])
    return ""


# Endpoints


def test_an_interface_endpoint_has_all_properties(
    consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service()
    service_id = name.rsplit(".", 1)[1]
    outputs = {
        "Ref": {"Ref": "Endpoint"},
        "Id": attribute("Endpoint", "Id"),
        "Created": attribute("Endpoint", "CreationTimestamp"),
        "Names": {"Fn::Join": [" ", attribute("Endpoint", "DnsEntries")]},
        "Interfaces": {"Fn::Join": [" ", attribute("Endpoint", "NetworkInterfaceIds")]},
        "Subnets": {"Fn::Join": [" ", [{"Ref": "SubnetA0"}, {"Ref": "SubnetB1"}]]},
        "Group": attribute("Group", "GroupId"),
        "Vpc": {"Ref": "Vpc"},
    }
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    new = endpoint(
        name,
        "SubnetA0",
        "SubnetB1",
        SecurityGroupIds=[attribute("Group", "GroupId")],
        PolicyDocument=policy,
        Tags=[{"Key": "Name", "Value": "payments"}],
    )
    assert deploy(consumer, {**new, **network("a", "b")}, outputs) == "CREATE_COMPLETE"
    stack_outputs = consumer.outputs("consumer")
    (found,) = endpoints(consumer)
    assert found["VpcEndpointId"] == stack_outputs["Ref"] == stack_outputs["Id"]
    assert found["VpcEndpointType"] == "Interface"
    assert found["ServiceName"] == name
    assert found["State"] == "available"
    assert found["VpcId"] == stack_outputs["Vpc"]
    assert found["SubnetIds"] == stack_outputs["Subnets"].split()
    assert found["RouteTableIds"] == []
    assert [group["GroupId"] for group in found["Groups"]] == [stack_outputs["Group"]]
    assert found["PrivateDnsEnabled"] is False
    assert json.loads(found["PolicyDocument"]) == policy
    assert found["OwnerId"] == CONSUMER
    assert "ServiceRegion" not in found
    assert {"Key": "Name", "Value": "payments"} in found["Tags"]
    assert stack_outputs["Created"].startswith(f"{found['CreationTimestamp']:%Y-%m-%dT%H:%M}")

    prefix = found["DnsEntries"][0]["DnsName"].split(".")[0]
    assert prefix.startswith(f"{found['VpcEndpointId']}-")
    assert [entry["DnsName"] for entry in found["DnsEntries"]] == [
        f"{part}.{service_id}.eu-west-1.vpce.amazonaws.com"
        for part in (prefix, f"{prefix}-eu-west-1a", f"{prefix}-eu-west-1b")
    ]
    description = [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in found["DnsEntries"]]
    assert stack_outputs["Names"].split() == description

    assert found["NetworkInterfaceIds"] == stack_outputs["Interfaces"].split()
    interfaces = consumer.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=found["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    assert {each["SubnetId"] for each in interfaces} == set(found["SubnetIds"])
    assert all(each["PrivateIpAddress"].startswith("10.0.") for each in interfaces)


def test_an_endpoint_is_updated_in_place_or_replaced(
    consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service()
    around = network("a", "b")
    outputs = {"A": {"Ref": "SubnetA0"}, "B": {"Ref": "SubnetB1"}, "Id": {"Ref": "Endpoint"}}
    deploy(consumer, {**around, **endpoint(name, "SubnetA0")}, outputs)
    (first,) = endpoints(consumer)
    (default,) = first["Groups"]
    assert default["GroupName"] == "default"

    changed = endpoint(
        name,
        "SubnetB1",
        SecurityGroupIds=[attribute("Group", "GroupId")],
        PolicyDocument={"Statement": []},
        Tags=[{"Key": "team", "Value": "payments"}],
    )
    assert deploy(consumer, {**around, **changed}, outputs) == "UPDATE_COMPLETE"
    (second,) = endpoints(consumer)
    assert second["VpcEndpointId"] == first["VpcEndpointId"]
    assert second["SubnetIds"] == [consumer.outputs("consumer")["B"]]
    assert second["Groups"] != first["Groups"]
    assert json.loads(second["PolicyDocument"]) == {"Statement": []}
    assert {"Key": "team", "Value": "payments"} in second["Tags"]
    assert second["NetworkInterfaceIds"] != first["NetworkInterfaceIds"]
    assert "eu-west-1b" in second["DnsEntries"][1]["DnsName"]
    ec2 = consumer.client("ec2")
    assert catch_client_error(
        ec2.describe_network_interfaces, NetworkInterfaceIds=first["NetworkInterfaceIds"]
    )[0].startswith("InvalidNetworkInterfaceID")

    # The defaults are restored.
    deploy(consumer, {**around, **endpoint(name, "SubnetA0")}, outputs)
    (third,) = endpoints(consumer)
    assert third["Groups"] == first["Groups"]
    assert third["PolicyDocument"] == first["PolicyDocument"]
    # Another service requires another endpoint, unless the update fails.
    sqs = "com.amazonaws.eu-west-1.sqs"
    failing = resource("EC2::Route", RouteTableId="rtb-0", DestinationCidrBlock="0.0.0.0/0")
    failing |= {"DependsOn": "Endpoint"}
    resources = {**around, **endpoint(sqs, "SubnetA0"), "Failing": failing}
    assert deploy(consumer, resources, outputs) == "UPDATE_ROLLBACK_COMPLETE"
    assert endpoints(consumer) == [third]
    assert consumer.outputs("consumer")["Id"] == third["VpcEndpointId"]
    deploy(consumer, {**around, **endpoint(sqs, "SubnetA0")}, outputs)
    (other,) = endpoints(consumer)
    assert other["ServiceName"] == sqs
    assert other["VpcEndpointId"] == consumer.outputs("consumer")["Id"] != first["VpcEndpointId"]


def test_endpoints_can_be_created_with_ec2(
    local_aws: LocalAws, consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name, ec2 = deploy_service(), consumer.client("ec2")
    deploy(consumer, network("a", "b"), {"Vpc": {"Ref": "Vpc"}, "Subnet": {"Ref": "SubnetA0"}})
    outputs = consumer.outputs("consumer")
    wanted = {"VpcId": outputs["Vpc"], "ServiceName": name, "VpcEndpointType": "Interface"}
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "by", "Value": "hand"}]}]
    new = ec2.create_vpc_endpoint(**wanted, TagSpecifications=tags)["VpcEndpoint"]
    assert new["State"] == "available"
    assert new["Tags"] == tags[0]["Tags"]
    added = [outputs["Subnet"]]
    ec2.modify_vpc_endpoint(VpcEndpointId=new["VpcEndpointId"], AddSubnetIds=added)
    assert endpoints(consumer)[0]["SubnetIds"] == added
    ec2.modify_vpc_endpoint(VpcEndpointId=new["VpcEndpointId"], RemoveSubnetIds=added)
    assert endpoints(consumer)[0]["NetworkInterfaceIds"] == []
    response = ec2.delete_vpc_endpoints(VpcEndpointIds=[new["VpcEndpointId"], "vpce-0"])
    (unknown,) = response["Unsuccessful"]
    assert unknown["ResourceId"] == "vpce-0"
    assert unknown["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    client = local_aws.account(STRANGER).client("ec2")
    vpc_id = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert catch_client_error(client.create_vpc_endpoint, **{**wanted, "VpcId": vpc_id}) == (
        "InvalidServiceName",
        f"The Vpc Endpoint Service '{name}' does not exist",
    )


# Permissions


@pytest.mark.parametrize(
    ("principals", "allowed"),
    [
        ([ROOT], True),
        (["*"], True),
        ([f"arn:aws:iam::{CONSUMER}:role/Consumer"], True),
        ([f"arn:aws:iam::{CONSUMER}:user/team/person"], True),
        ([f"arn:aws:iam::{STRANGER}:root", ROOT], True),
        ([f"arn:aws:iam::{STRANGER}:root"], False),
        ([f"arn:aws:iam::{STRANGER}:role/{CONSUMER}"], False),
        ([f"arn:aws:iam::{CONSUMER}:policy/Consumer"], False),
    ],
)
def test_only_principals_can_connect(
    consumer: Account,
    deploy: Deploy,
    deploy_service: Callable[..., str],
    principals: list[str],
    allowed: bool,
) -> None:
    name = deploy_service(*principals)
    status = deploy(consumer, {**network("a"), **endpoint(name, "SubnetA0")})
    assert status == ("CREATE_COMPLETE" if allowed else "ROLLBACK_COMPLETE")
    assert len(endpoints(consumer)) == allowed
    expected = f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist"
    assert reason(consumer, "Endpoint") == ("" if allowed else expected)


def test_the_owner_of_a_service_requires_permission_too(
    local_aws: LocalAws, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    own = {**network("a"), **endpoint(deploy_service(), "SubnetA0")}
    assert deploy(local_aws, own) == "ROLLBACK_COMPLETE"
    assert reason(local_aws, "Endpoint").startswith("InvalidServiceName")
    local_aws.client("cloudformation").delete_stack(StackName="consumer")
    deploy_service(f"arn:aws:iam::{local_aws.id}:root")
    assert deploy(local_aws, own) == "CREATE_COMPLETE"


def test_a_service_that_does_not_exist_is_rejected(
    consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service() + "0"
    assert deploy(consumer, {**network("a"), **endpoint(name, "SubnetA0")}) == "ROLLBACK_COMPLETE"
    expected = f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist"
    assert reason(consumer, "Endpoint") == expected


# Other Regions


@pytest.mark.parametrize(
    ("supported", "service_region", "allowed"),
    [
        (["us-east-1"], "eu-west-1", True),
        (["eu-west-1", "us-east-1"], "eu-west-1", True),
        (["us-west-2"], "eu-west-1", False),
        ([], "eu-west-1", False),
        (["us-east-1"], None, False),
        (["us-east-1"], "us-west-2", False),
    ],
)
def test_services_in_another_region_must_support_the_region(
    local_aws: LocalAws,
    consumer: Account,
    deploy: Deploy,
    deploy_service: Callable[..., str],
    supported: list[str],
    service_region: str | None,
    allowed: bool,
) -> None:
    name = deploy_service(SupportedRegions=supported)
    # Zone f: across Regions, zones are not compared.
    new = endpoint(name, "SubnetF0", ServiceRegion=service_region)
    around = network("f", region="us-east-1")
    status = deploy(consumer, {**around, **new}, region="us-east-1")
    if not allowed:
        assert status == "ROLLBACK_COMPLETE"
        rejected = reason(consumer, "Endpoint", region="us-east-1")
        assert rejected.startswith("InvalidServiceName")
        return
    assert status == "CREATE_COMPLETE"
    (found,) = endpoints(consumer, "us-east-1")
    assert found["ServiceRegion"] == "eu-west-1"
    assert found["State"] == "available"
    assert found["DnsEntries"][0]["DnsName"].endswith(".eu-west-1.vpce.amazonaws.com")
    (connection,) = connections(local_aws)
    assert connection["VpcEndpointRegion"] == "us-east-1"
    assert connection["VpcEndpointId"] == found["VpcEndpointId"]


# Types, zones, private DNS names


@pytest.mark.parametrize(
    ("kind", "new", "rejected"),
    [
        (
            "network",
            endpoint("{name}", "SubnetA0", "SubnetC2"),
            "InvalidParameter: The VPC endpoint service {name} does not support the availability "
            "zone of the subnet: {SubnetC2}.",
        ),
        (
            "network",
            endpoint("{name}", "SubnetA0", "SubnetA3"),
            "DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability "
            "zone of {SubnetA3}",
        ),
        (
            "network",
            endpoint("{name}", "SubnetA0", kind="GatewayLoadBalancer"),
            "InvalidParameter: Endpoint type (GatewayLoadBalancer) does not match available "
            "service types ([Interface]).",
        ),
        (
            "network",
            endpoint("{name}", VpcEndpointType=None),
            "InvalidParameter: Endpoint type (Gateway) does not match available "
            "service types ([Interface]).",
        ),
        (
            "network",
            endpoint("{name}", "SubnetA0", PrivateDnsEnabled=True),
            "InvalidParameter: Private DNS can't be enabled because the service {name} does not "
            "provide a private DNS name.",
        ),
        (
            "network",
            endpoint("{name}", "SubnetA0", SecurityGroupIds=["sg-0"]),
            "InvalidGroup.NotFound: The security group 'sg-0' does not exist in VPC '{Vpc}'",
        ),
        (
            "gateway",
            endpoint("{name}", "SubnetA0"),
            "InvalidParameter: Endpoint type (Interface) does not match available "
            "service types ([GatewayLoadBalancer]).",
        ),
        (
            "gateway",
            endpoint("{name}", "SubnetA0", "SubnetB1", kind="GatewayLoadBalancer"),
            "InvalidParameter: A Gateway Load Balancer endpoint has exactly one subnet.",
        ),
        (
            "gateway",
            endpoint("{name}", kind="GatewayLoadBalancer"),
            "InvalidParameter: A Gateway Load Balancer endpoint has exactly one subnet.",
        ),
        (
            "gateway",
            endpoint("{name}", "SubnetC2", kind="GatewayLoadBalancer"),
            "InvalidParameter: The VPC endpoint service {name} does not support the availability "
            "zone of the subnet: {SubnetC2}.",
        ),
        (
            "gateway",
            endpoint(
                "{name}",
                "SubnetA0",
                kind="GatewayLoadBalancer",
                SecurityGroupIds=[attribute("Group", "GroupId")],
            ),
            "InvalidParameter: Security groups are not supported for Gateway Load Balancer "
            "endpoints.",
        ),
        (
            "gateway",
            endpoint("{name}", "SubnetA0", kind="GatewayLoadBalancer", PolicyDocument={"a": "b"}),
            "InvalidParameter: Endpoint policies are not supported for Gateway Load Balancer "
            "endpoints.",
        ),
        (
            "gateway",
            endpoint("{name}", "SubnetA0", kind="GatewayLoadBalancer", PrivateDnsEnabled=True),
            "InvalidParameter: Private DNS is not supported for Gateway Load Balancer endpoints.",
        ),
    ],
)
def test_invalid_endpoints_are_rejected(
    consumer: Account,
    deploy: Deploy,
    deploy_service: Callable[..., str],
    kind: str,
    new: Resources,
    rejected: str,
) -> None:
    name = deploy_service(kind=kind)
    around = network("a", "b", "c", "a")
    outputs = {key: {"Ref": key} for key in around}
    assert deploy(consumer, around, outputs) == "CREATE_COMPLETE"
    before = consumer.outputs("consumer")
    resources = json.loads(json.dumps({**around, **new}).replace("{name}", name))
    assert deploy(consumer, resources, outputs) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason(consumer, "Endpoint") == rejected.format(name=name, **before)
    assert endpoints(consumer) == []


def test_a_rejected_update_does_not_change_an_endpoint(
    consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name, around = deploy_service(), network("a", "b", "c")
    deploy(consumer, {**around, **endpoint(name, "SubnetA0")})
    before = endpoints(consumer)
    resources = {**around, **endpoint(name, "SubnetB1", "SubnetC2")}
    assert deploy(consumer, resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert "does not support the availability zone" in reason(consumer, "Endpoint")
    assert endpoints(consumer) == before


def test_private_dns_requires_verification_acceptance_and_a_vpc_with_dns(
    local_aws: LocalAws, consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service(PrivateDnsName="pay.example.com", AcceptanceRequired=True)
    plain = endpoint(name, "SubnetA0")
    private = endpoint(name, "SubnetA0", PrivateDnsEnabled=True)
    around, without_dns = network("a"), network("a", dns=False)

    def rejected(resources: Resources) -> str:
        assert deploy(consumer, resources) == "UPDATE_ROLLBACK_COMPLETE"
        assert endpoints(consumer)[0]["PrivateDnsEnabled"] is False
        return reason(consumer, "Endpoint")

    deploy(consumer, {**around, **plain})
    # A name that is not verified is rejected.
    assert "does not provide a private DNS name" in rejected({**around, **private})
    service = services(local_aws)[0]
    verification = service["PrivateDnsNameConfiguration"]
    zone = {
        "Zone": resource("Route53::HostedZone", Name="example.com"),
        "Record": resource(
            "Route53::RecordSet",
            HostedZoneId={"Ref": "Zone"},
            Name=f"{verification['Name']}.example.com",
            Type="TXT",
            TTL=60,
            ResourceRecords=[f'"{verification["Value"]}"'],
        ),
    }
    deploy(local_aws, zone, stack="zone")
    ec2 = local_aws.client("ec2")
    ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service["ServiceId"])
    # A pending connection and a VPC without DNS are rejected, too.
    assert "can only be enabled after the endpoint connection is accepted" in rejected(
        {**around, **private}
    )
    (found,) = endpoints(consumer)
    ids = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [found["VpcEndpointId"]]}
    ec2.accept_vpc_endpoint_connections(**ids)
    assert "requires both enableDnsSupport and enableDnsHostnames" in rejected(
        {**without_dns, **private}
    )

    assert deploy(consumer, {**around, **private}) == "UPDATE_COMPLETE"
    (found,) = endpoints(consumer)
    assert found["PrivateDnsEnabled"] is True
    assert found["DnsEntries"][-1]["DnsName"] == "pay.example.com"
    assert deploy(consumer, {**around, **plain}) == "UPDATE_COMPLETE"
    (found,) = endpoints(consumer)
    assert found["PrivateDnsEnabled"] is False
    assert "pay.example.com" not in [entry["DnsName"] for entry in found["DnsEntries"]]


# AWS services


def test_an_interface_endpoint_can_be_for_an_aws_service(consumer: Account, deploy: Deploy) -> None:
    name = {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".sqs"]]}
    group = [attribute("Group", "GroupId")]
    new = endpoint("", "SubnetA0", "SubnetC1", PrivateDnsEnabled=True, SecurityGroupIds=group)
    new["Endpoint"]["Properties"]["ServiceName"] = name
    assert deploy(consumer, {**network("a", "c", dns=False), **new}) == "ROLLBACK_COMPLETE"
    assert "enableDnsHostnames" in reason(consumer, "Endpoint")
    consumer.client("cloudformation").delete_stack(StackName="consumer")
    assert deploy(consumer, {**network("a", "c"), **new}) == "CREATE_COMPLETE"
    (found,) = endpoints(consumer)
    assert found["ServiceName"] == "com.amazonaws.eu-west-1.sqs"
    assert (found["VpcEndpointType"], found["State"]) == ("Interface", "available")
    assert found["PrivateDnsEnabled"] is True
    assert len(found["SubnetIds"]) == len(found["NetworkInterfaceIds"]) == 2
    assert len(found["Groups"]) == 1
    names = [entry["DnsName"] for entry in found["DnsEntries"]]
    assert names[0].endswith(".sqs.eu-west-1.vpce.amazonaws.com")
    assert names[-1] == "sqs.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_a_gateway_endpoint_adds_and_removes_routes(
    consumer: Account, deploy: Deploy, service: str
) -> None:
    name = f"com.amazonaws.eu-west-1.{service}"
    tables = {each: resource("EC2::RouteTable", VpcId={"Ref": "Vpc"}) for each in ("One", "Two")}
    around = {**network(), **tables}
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": f"{service}:*"}]}
    outputs = {each: {"Ref": each} for each in tables}

    def routed() -> set[str]:
        """Return the logical ids of route tables with a route to the endpoint."""
        found = consumer.client("ec2").describe_route_tables()["RouteTables"]
        to = {
            table["RouteTableId"]
            for table in found
            for route in table["Routes"]
            if route.get("GatewayId") == endpoints(consumer)[0]["VpcEndpointId"]
            and route["DestinationPrefixListId"]
        }
        return {key for key, value in consumer.outputs("consumer").items() if value in to}

    both = [{"Ref": each} for each in tables]
    new = endpoint(name, kind="Gateway", SubnetIds=None, RouteTableIds=both, PolicyDocument=policy)
    assert deploy(consumer, {**around, **new}, outputs) == "CREATE_COMPLETE"
    (first,) = endpoints(consumer)
    assert (first["VpcEndpointType"], first["State"]) == ("Gateway", "available")
    assert set(first["RouteTableIds"]) == set(consumer.outputs("consumer").values())
    assert json.loads(first["PolicyDocument"]) == policy
    assert first["PrivateDnsEnabled"] is False
    assert first["SubnetIds"] == first["DnsEntries"] == first["NetworkInterfaceIds"] == []
    assert routed() == {"One", "Two"}

    new = endpoint(name, kind="Gateway", RouteTableIds=[{"Ref": "Two"}])
    del new["Endpoint"]["Properties"]["VpcEndpointType"]
    deploy(consumer, {**around, **endpoint(name, kind="Gateway", RouteTableIds=both[1:])}, outputs)
    (second,) = endpoints(consumer)
    assert second["VpcEndpointId"] == first["VpcEndpointId"]
    assert routed() == {"Two"}
    deploy(consumer, around, outputs)
    assert endpoints(consumer) == []


# Connections


def test_connections_are_accepted_and_rejected(
    local_aws: LocalAws, consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service(AcceptanceRequired=True)
    # A stack operation does not wait for acceptance.
    assert deploy(consumer, {**network("a"), **endpoint(name, "SubnetA0")}) == "CREATE_COMPLETE"
    (found,) = endpoints(consumer)
    assert found["State"] == PENDING
    (connection,) = connections(local_aws)
    service_id = services(local_aws)[0]["ServiceId"]
    assert connection["ServiceId"] == service_id
    assert connection["VpcEndpointId"] == found["VpcEndpointId"]
    assert connection["VpcEndpointOwner"] == CONSUMER
    assert connection["VpcEndpointState"] == PENDING
    assert connection["CreationTimestamp"] == found["CreationTimestamp"]
    assert (
        connection["NetworkLoadBalancerArns"] == services(local_aws)[0]["NetworkLoadBalancerArns"]
    )
    assert "VpcEndpointRegion" not in connection
    # The consumer has no services and cannot accept connections.
    assert connections(consumer) == []
    ids = {"ServiceId": service_id, "VpcEndpointIds": [found["VpcEndpointId"]]}
    accept = consumer.client("ec2").accept_vpc_endpoint_connections
    assert catch_client_error(accept, **ids)[0] == "InvalidVpcEndpointServiceId.NotFound"

    ec2 = local_aws.client("ec2")
    states = []
    for decide in (
        ec2.accept_vpc_endpoint_connections,
        ec2.accept_vpc_endpoint_connections,
        ec2.reject_vpc_endpoint_connections,
        ec2.reject_vpc_endpoint_connections,
        ec2.accept_vpc_endpoint_connections,
    ):
        response = decide(**ids)
        codes = [each["Error"]["Code"] for each in response["Unsuccessful"]]
        states.append((endpoints(consumer)[0]["State"], codes))
        assert connections(local_aws)[0]["VpcEndpointState"] == states[-1][0]
    assert states == [
        ("available", []),
        ("available", ["InvalidState"]),
        ("rejected", []),
        ("rejected", ["InvalidState"]),
        ("rejected", ["InvalidState"]),
    ]
    ids["VpcEndpointIds"] = ["vpce-0"]
    (unknown,) = ec2.accept_vpc_endpoint_connections(**ids)["Unsuccessful"]
    assert unknown["ResourceId"] == "vpce-0"
    assert unknown["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"


def test_connections_can_be_filtered(
    local_aws: LocalAws, consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    name = deploy_service(AcceptanceRequired=True)
    one = endpoint(name, "SubnetA0")
    two = {"Second": endpoint(name, "SubnetA0")["Endpoint"]}
    deploy(consumer, {**network("a"), **one, **two})
    service_id = services(local_aws)[0]["ServiceId"]
    first = connections(local_aws)[0]["VpcEndpointId"]
    local_aws.client("ec2").accept_vpc_endpoint_connections(
        ServiceId=service_id, VpcEndpointIds=[first]
    )
    assert len(connections(local_aws)) == 2
    assert len(connections(local_aws, service_id=service_id)) == 2
    assert connections(local_aws, service_id="vpce-svc-0") == []
    (available,) = connections(local_aws, vpc_endpoint_state="available")
    assert available["VpcEndpointId"] == first
    (pending,) = connections(local_aws, vpc_endpoint_state=PENDING, service_id=service_id)
    assert pending["VpcEndpointId"] != first
    ec2 = local_aws.client("ec2")
    unknown: Any = [{"Name": "nonsense", "Values": ["1"]}]
    assert (
        catch_client_error(ec2.describe_vpc_endpoint_connections, Filters=unknown)[0]
        == "InvalidFilter"
    )


@pytest.mark.parametrize("state", [PENDING, "available", "rejected"])
def test_a_service_with_connections_cannot_be_deleted(
    local_aws: LocalAws,
    consumer: Account,
    deploy: Deploy,
    deploy_service: Callable[..., str],
    state: str,
) -> None:
    name = deploy_service(AcceptanceRequired=state != "available")
    deploy(consumer, {**network("a"), **endpoint(name, "SubnetA0")})
    (service,) = services(local_aws)
    ec2, cloudformation = local_aws.client("ec2"), local_aws.client("cloudformation")
    if state == "rejected":
        ids = [endpoints(consumer)[0]["VpcEndpointId"]]
        ec2.reject_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=ids)
    assert connections(local_aws)[0]["VpcEndpointState"] == state

    cloudformation.delete_stack(StackName="provider")
    if state == "rejected":
        assert services(local_aws) == []
        return
    (stack,) = cloudformation.describe_stacks(StackName="provider")["Stacks"]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert reason(local_aws, "Service", "provider").startswith("ExistingVpcEndpointConnections: ")
    response = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
    (unsuccessful,) = response["Unsuccessful"]
    assert unsuccessful["ResourceId"] == service["ServiceId"]
    assert unsuccessful["Error"]["Code"] == "ExistingVpcEndpointConnections"
    # After the endpoint, the service can be deleted.
    consumer.client("cloudformation").delete_stack(StackName="consumer")
    cloudformation.delete_stack(StackName="provider")
    assert services(local_aws) == []
    response = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
    (unsuccessful,) = response["Unsuccessful"]
    assert unsuccessful["Error"]["Code"] == "InvalidVpcEndpointService.NotFound"


# Routes


def inspection(name: str) -> Resources:
    """Return a VPC with an internet gateway and a Gateway Load Balancer endpoint."""
    tables = {
        each: resource("EC2::RouteTable", VpcId={"Ref": "Vpc"}) for each in ("Edge", "Workload")
    }
    return {
        **network("a", "b"),
        **endpoint(name, "SubnetA0", kind="GatewayLoadBalancer"),
        **tables,
        "Igw": resource("EC2::InternetGateway"),
        "Attached": resource(
            "EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}, InternetGatewayId={"Ref": "Igw"}
        ),
    }


def route(table: str, destination: str, **target: Any) -> dict[str, Any]:
    block = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
    to = target or {"VpcEndpointId": {"Ref": "Endpoint"}}
    return resource("EC2::Route", RouteTableId={"Ref": table}, **{block: destination}, **to)


def of_gateway(table: str, gateway: str = "Igw") -> dict[str, Any]:
    defaults = {"RouteTableId": {"Ref": table}, "GatewayId": {"Ref": gateway}}
    # The association has no reference to the attachment, on which it depends.
    return resource("EC2::GatewayRouteTableAssociation", **defaults) | {"DependsOn": "Attached"}


def routes(account: Account, table_id: str) -> dict[str, tuple[str, str]]:
    """Return the target and state of each route of a table, by destination."""
    response = account.client("ec2").describe_route_tables(RouteTableIds=[table_id])
    return {
        each.get("DestinationCidrBlock") or each["DestinationIpv6CidrBlock"]: (
            each["GatewayId"],
            each["State"],
        )
        for each in response["RouteTables"][0]["Routes"]
    }


def associations(account: Account, table_id: str) -> list[dict[str, Any]]:
    response = account.client("ec2").describe_route_tables(RouteTableIds=[table_id])
    return [
        {key: each[key] for key in each.keys() & {"GatewayId", "SubnetId"}}
        for each in response["RouteTables"][0]["Associations"]
    ]


def test_routes_can_have_an_endpoint_as_target(
    consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    around = inspection(deploy_service(kind="gateway"))
    outputs = {
        each: {"Ref": each}
        for each in ("Edge", "Workload", "Igw", "SubnetB1", "Endpoint", "ToSubnet", "Of")
    }
    subnet = resource(
        "EC2::SubnetRouteTableAssociation",
        RouteTableId={"Ref": "Workload"},
        SubnetId={"Ref": "SubnetB1"},
    )
    all_ = {
        # Resources with the most dependencies are first.
        "ToSubnet": route("Edge", "10.0.1.0/24"),
        "Out": route("Workload", "0.0.0.0/0"),
        "OutIpv6": route("Workload", "::/0"),
        "Of": of_gateway("Edge"),
        "OfSubnet": subnet,
        **around,
    }
    assert deploy(consumer, all_, outputs) == "CREATE_COMPLETE"
    ids = consumer.outputs("consumer")
    (found,) = endpoints(consumer)
    assert (found["VpcEndpointType"], found["State"]) == ("GatewayLoadBalancer", "available")
    assert len(found["NetworkInterfaceIds"]) == 1
    assert found["DnsEntries"] == found["Groups"] == []
    through, local = (ids["Endpoint"], "active"), ("local", "active")
    # More specific than the local route, which is allowed for endpoints.
    edge = {"10.0.0.0/16": local, "10.0.1.0/24": through}
    assert routes(consumer, ids["Edge"]) == edge
    out = {"10.0.0.0/16": local, "0.0.0.0/0": through, "::/0": through}
    assert routes(consumer, ids["Workload"]) == out
    assert ids["ToSubnet"] == f"{ids['Edge']}|10.0.1.0/24"
    assert associations(consumer, ids["Edge"]) == [{"GatewayId": ids["Igw"]}]
    assert associations(consumer, ids["Workload"]) == [{"SubnetId": ids["SubnetB1"]}]
    assert ids["Of"].startswith("rtbassoc-")

    # An endpoint with routes cannot be deleted.
    ec2 = consumer.client("ec2")
    response = ec2.delete_vpc_endpoints(VpcEndpointIds=[ids["Endpoint"]])
    (unsuccessful,) = response["Unsuccessful"]
    assert unsuccessful["Error"]["Message"] == (
        "Endpoint must be removed from route table before deletion"
    )
    # A replaced endpoint is deleted after the routes are updated.
    all_["Endpoint"]["Properties"]["VpcId"] = attribute("Vpc", "VpcId")
    all_["Endpoint"]["Properties"]["ServiceRegion"] = "eu-west-1"
    assert deploy(consumer, all_, outputs) == "UPDATE_COMPLETE"
    (found,) = endpoints(consumer)
    assert found["VpcEndpointId"] != ids["Endpoint"]
    ids = consumer.outputs("consumer")
    through = (found["VpcEndpointId"], "active")
    assert routes(consumer, ids["Workload"])["::/0"] == through
    # The target changes, the destination changes, the route is removed.
    all_["Out"] = route("Workload", "0.0.0.0/0", GatewayId={"Ref": "Igw"})
    all_["ToSubnet"] = route("Edge", "10.0.0.0/24")
    all_["Of"] = of_gateway("Workload")
    del all_["OutIpv6"]
    assert deploy(consumer, all_, outputs) == "UPDATE_COMPLETE"
    out = {"10.0.0.0/16": local, "0.0.0.0/0": (ids["Igw"], "active")}
    assert routes(consumer, ids["Workload"]) == out
    assert routes(consumer, ids["Edge"]) == {"10.0.0.0/16": local, "10.0.0.0/24": through}
    assert associations(consumer, ids["Edge"]) == []
    assert {"GatewayId": ids["Igw"]} in associations(consumer, ids["Workload"])


@pytest.mark.parametrize(
    ("added", "rejected"),
    [
        ({"Added": route("Edge", "0.0.0.0/0")}, "RouteAlreadyExists: The route identified by "),
        ({"Added": route("Edge", "::0/0")}, "RouteAlreadyExists: The route identified by "),
        ({"Added": route("Edge", "10.0.0.0/16")}, "RouteAlreadyExists: The route identified by "),
        ({"Added": of_gateway("Workload")}, "Resource.AlreadyAssociated: igw-"),
        ({"Added": of_gateway("Edge")}, "Resource.AlreadyAssociated: igw-"),
        (
            {"Other": resource("EC2::InternetGateway"), "Added": of_gateway("Workload", "Other")},
            "Gateway.NotAttached: igw-",
        ),
        (
            {
                "Sqs": endpoint("com.amazonaws.eu-west-1.sqs", "SubnetA0")["Endpoint"],
                "Added": route("Edge", "10.1.0.0/16", VpcEndpointId={"Ref": "Sqs"}),
            },
            "RouteNotSupported: ",
        ),
        (
            {"Added": route("Edge", "10.1.0.0/16", VpcEndpointId="vpce-0")},
            "InvalidVpcEndpointId.NotFound: ",
        ),
    ],
)
def test_invalid_routes_are_rejected(
    consumer: Account,
    deploy: Deploy,
    deploy_service: Callable[..., str],
    added: Resources,
    rejected: str,
) -> None:
    around = {
        **inspection(deploy_service(kind="gateway")),
        "Of": of_gateway("Edge"),
        "Out": route("Edge", "0.0.0.0/0"),
        "OutIpv6": route("Edge", "::/0"),
    }
    assert deploy(consumer, around, {"Edge": {"Ref": "Edge"}}) == "CREATE_COMPLETE"
    before = routes(consumer, consumer.outputs("consumer")["Edge"])
    assert deploy(consumer, {**around, **added}) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason(consumer, "Added").startswith(rejected)
    assert routes(consumer, consumer.outputs("consumer")["Edge"]) == before


def test_routes_require_an_accepted_connection(
    local_aws: LocalAws, consumer: Account, deploy: Deploy, deploy_service: Callable[..., str]
) -> None:
    around = inspection(deploy_service(kind="gateway", AcceptanceRequired=True))
    out = {"Out": route("Edge", "0.0.0.0/0")}
    assert deploy(consumer, around, {"Edge": {"Ref": "Edge"}}) == "CREATE_COMPLETE"
    assert deploy(consumer, {**around, **out}) == "UPDATE_ROLLBACK_COMPLETE"
    assert f"its state is {PENDING}" in reason(consumer, "Out")

    ids: Any = {
        "ServiceId": services(local_aws)[0]["ServiceId"],
        "VpcEndpointIds": [endpoints(consumer)[0]["VpcEndpointId"]],
    }
    local_aws.client("ec2").accept_vpc_endpoint_connections(**ids)
    outputs = {"Edge": {"Ref": "Edge"}}
    assert deploy(consumer, {**around, **out}, outputs) == "UPDATE_COMPLETE"
    edge = consumer.outputs("consumer")["Edge"]
    assert routes(consumer, edge)["0.0.0.0/0"][1] == "active"
    local_aws.client("ec2").reject_vpc_endpoint_connections(**ids)
    assert routes(consumer, edge)["0.0.0.0/0"][1] == "blackhole"


def test_a_vpn_gateway_can_have_a_route_table(consumer: Account, deploy: Deploy) -> None:
    resources = {
        **network(),
        "Edge": resource("EC2::RouteTable", VpcId={"Ref": "Vpc"}),
        "Vgw": resource("EC2::VPNGateway", Type="ipsec.1"),
        "Attached": resource(
            "EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}, VpnGatewayId={"Ref": "Vgw"}
        ),
        "Of": of_gateway("Edge", "Vgw"),
    }
    outputs = {"Edge": {"Ref": "Edge"}, "Vgw": {"Ref": "Vgw"}}
    assert deploy(consumer, resources, outputs) == "CREATE_COMPLETE"
    ids = consumer.outputs("consumer")
    assert associations(consumer, ids["Edge"]) == [{"GatewayId": ids["Vgw"]}]
    resources["Twice"] = of_gateway("Edge", "Vgw")
    assert deploy(consumer, resources) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason(consumer, "Twice").startswith("Resource.AlreadyAssociated: vgw-")
