"""The networks and instances of the emulator, with constructs of the CDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, RemovalPolicy, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from tests.local_aws import LocalAws

SMALL = ec2.InstanceType("t3.micro")
CUSTOM = {"Name": "is-default", "Values": ["false"]}


@pytest.fixture(scope="module")
def template() -> str:
    """Return a template with a VPC, an instance and an Auto Scaling group with GENEVE."""
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    stack = Stack(app, "Network")
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, flow_logs={"Log": ec2.FlowLogOptions()})
    image = ec2.MachineImage.latest_amazon_linux2023()
    instance = ec2.Instance(stack, "One", vpc=vpc, instance_type=SMALL, machine_image=image)
    address = ec2.CfnEIP(stack, "Address")
    ec2.CfnEIPAssociation(
        stack,
        "OfOne",
        allocation_id=address.attr_allocation_id,
        instance_id=instance.instance_id,
    )
    launch = ec2.LaunchTemplate(
        stack,
        "Launch",
        machine_image=image,
        instance_type=SMALL,
        security_group=ec2.SecurityGroup(stack, "Group", vpc=vpc),
        role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")),
        user_data=ec2.UserData.for_linux(),
    )
    scaling = autoscaling.AutoScalingGroup(
        stack, "Scaling", vpc=vpc, launch_template=launch, min_capacity=2, max_capacity=3
    )
    targets = elbv2.CfnTargetGroup(
        stack, "Targets", protocol="GENEVE", port=6081, vpc_id=vpc.vpc_id, target_type="instance"
    )
    definition: Any = scaling.node.default_child
    definition.target_group_arns = [targets.ref]
    vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
    sqs.Queue(stack, "Queue")
    s3.Bucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        removal_policy=RemovalPolicy.DESTROY,
    )
    CfnOutput(stack, "Instance", value=instance.instance_id)
    CfnOutput(stack, "PublicIp", value=address.attr_public_ip)
    CfnOutput(stack, "VpcId", value=vpc.vpc_id)
    return json.dumps(app.synth().get_stack_by_name("Network").template)


@pytest.fixture(scope="module")
def outputs(local_aws: LocalAws, template: str) -> Iterator[dict[str, str]]:
    """Deploy the template, yield its outputs, and assert that a deletion leaves no resource."""
    client = local_aws.client("cloudformation")
    client.create_stack(StackName="network", TemplateBody=template)
    (stack,) = client.describe_stacks(StackName="network")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert not_emulated(local_aws, stack["StackId"]) == []
    yield local_aws.outputs("network")
    client.delete_stack(StackName="network")
    (stack,) = client.describe_stacks(StackName=stack["StackId"])["Stacks"]
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    assert not_emulated(local_aws, stack["StackId"]) == []
    assert remaining(local_aws) == []


def not_emulated(aws: LocalAws, stack: str) -> list[str]:
    """Return the resources whose operation is not emulated."""
    found = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [
        event["LogicalResourceId"]
        for event in found
        if event.get("ResourceStatusReason") == "not emulated"
    ]


def remaining(aws: LocalAws) -> list[Any]:
    """Return the resources of all types in the stack."""
    client, elb = aws.client("ec2"), aws.client("elbv2")
    return [
        *client.describe_vpcs(Filters=[CUSTOM])["Vpcs"],
        *client.describe_internet_gateways()["InternetGateways"],
        *client.describe_nat_gateways()["NatGateways"],
        *client.describe_addresses()["Addresses"],
        *client.describe_flow_logs()["FlowLogs"],
        *client.describe_vpc_endpoints()["VpcEndpoints"],
        *client.describe_launch_templates()["LaunchTemplates"],
        *[each for each in instances(aws) if each["State"]["Name"] != "terminated"],
        *aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"],
        *elb.describe_target_groups()["TargetGroups"],
        *aws.client("sqs").list_queues().get("QueueUrls", []),
        *aws.client("s3").list_buckets()["Buckets"],
        *aws.client("dynamodb").list_tables()["TableNames"],
        *aws.client("iam").list_roles()["Roles"],
        *aws.client("iam").list_instance_profiles()["InstanceProfiles"],
    ]


def instances(aws: LocalAws, *ids: str) -> list[dict[str, Any]]:
    found = aws.client("ec2").describe_instances(InstanceIds=list(ids))["Reservations"]
    return [instance for reservation in found for instance in reservation["Instances"]]


def test_the_vpc_has_dns_attributes_subnets_and_gateways(
    local_aws: LocalAws, outputs: dict[str, str]
) -> None:
    client, vpc_id = local_aws.client("ec2"), outputs["VpcId"]
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        description = client.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
        assert description[name[0].upper() + name[1:]] == {"Value": True}
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    subnets = client.describe_subnets(Filters=of_vpc)["Subnets"]
    public = {each["SubnetId"] for each in subnets if each["MapPublicIpOnLaunch"]}
    assert (len(subnets), len(public)) == (4, 2)
    ways = {}
    for table in client.describe_route_tables(Filters=of_vpc)["RouteTables"]:
        for route in table["Routes"]:
            if route.get("DestinationCidrBlock") == "0.0.0.0/0":
                (association,) = table["Associations"]
                ways[association["SubnetId"]] = route.get("GatewayId") or route["NatGatewayId"]
    assert {subnet for subnet, way in ways.items() if way.startswith("igw-")} == public
    assert sorted(way[:4] for way in ways.values()) == ["igw-", "igw-", "nat-", "nat-"]
    (log,) = client.describe_flow_logs()["FlowLogs"]
    assert log["ResourceId"] == vpc_id


def test_the_instance_has_an_elastic_ip_address(
    local_aws: LocalAws, outputs: dict[str, str]
) -> None:
    (found,) = instances(local_aws, outputs["Instance"])
    assert found["State"]["Name"] == "running"
    assert found["InstanceType"] == "t3.micro"
    assert found["PublicIpAddress"] == outputs["PublicIp"]
    assert found["ImageId"].startswith("ami-")
    assert ":instance-profile/" in found["IamInstanceProfile"]["Arn"]
    assert [group["GroupName"][:8] for group in found["SecurityGroups"]] == ["network-"]
    assert {"Key": "Name", "Value": "Network/One"} in found["Tags"]


def test_the_auto_scaling_group_registers_its_instances(
    local_aws: LocalAws, outputs: dict[str, str]
) -> None:
    assert outputs
    elb = local_aws.client("elbv2")
    (group,) = local_aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    (targets,) = elb.describe_target_groups()["TargetGroups"]
    assert group["TargetGroupARNs"] == [targets["TargetGroupArn"]]
    health = elb.describe_target_health(TargetGroupArn=targets["TargetGroupArn"])
    registered = {each["Target"]["Id"] for each in health["TargetHealthDescriptions"]}
    assert registered == {each["InstanceId"] for each in group["Instances"]}
    assert len(registered) == 2


def test_endpoints_of_aws_services_are_available(
    local_aws: LocalAws, outputs: dict[str, str]
) -> None:
    found = local_aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert {each["VpcId"] for each in found} == {outputs["VpcId"]}
    types = {each["ServiceName"].rsplit(".", 1)[1]: each["VpcEndpointType"] for each in found}
    assert types == {"s3": "Gateway", "sqs": "Interface"}
    private = {each["VpcEndpointType"]: each["PrivateDnsEnabled"] for each in found}
    assert private == {"Gateway": False, "Interface": True}
