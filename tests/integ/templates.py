"""Templates of stacks that tests create without the CLI."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import App, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2

from tests.local_aws.accounts import Account


def create_stack() -> Stack:
    """Return a new stack in an app of its own."""
    return Stack(App(default_stack_synthesizer=LegacyStackSynthesizer()), "Stack")


def add_vpc(stack: Stack, *, max_azs: int) -> ec2.Vpc:
    """Add a VPC with isolated subnets."""
    subnets = ec2.SubnetConfiguration(name="Host", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(stack, "Vpc", max_azs=max_azs, subnet_configuration=[subnets])


def to_template(stack: Stack) -> str:
    """Return the template of the only stack of an app."""
    app = stack.node.root
    assert isinstance(app, App)
    return json.dumps(app.synth().get_stack_by_name("Stack").template)


def put_load_balancer(account: Account, kind: str) -> str:
    """Create a load balancer in a stack of its own, and return its ARN, which has the type."""
    # The default, `internet-facing`, requires an internet gateway. Gateway Load Balancers have no
    # scheme.
    scheme = {"Scheme": "internal"} if kind == "network" else {}
    template = {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"},
            },
            "LoadBalancer": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Type": kind, "Subnets": [{"Ref": "Subnet"}], **scheme},
            },
        },
        "Outputs": {"Arn": {"Value": {"Ref": "LoadBalancer"}}},
    }
    return account.put_stack("LoadBalancer", json.dumps(template))["Arn"]


def put_record(account: Account, zone_id: str, name: str, kind: str, values: Sequence[str]) -> None:
    """Create a DNS record in a stack of its own, which is deleted with the others."""
    properties = {
        "HostedZoneId": zone_id,
        "Name": name,
        "Type": kind,
        "TTL": "60",
        "ResourceRecords": list(values),
    }
    record = {"Type": "AWS::Route53::RecordSet", "Properties": properties}
    account.put_stack("Record", json.dumps({"Resources": {"Record": record}}))
