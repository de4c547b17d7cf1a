"""The accounts and Regions of the emulator, and the options of its CDK CLI."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws

OTHER = "222222222222"
ROLE = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]
}
HANDLER = """
import boto3, json, os, urllib.request

def handler(event, context):
    data = {"Account": boto3.client("sts").get_caller_identity()["Account"]}
    if event["RequestType"] == "Create":
        vpcs = boto3.client("ec2").describe_vpcs(VpcIds=[event["ResourceProperties"]["VpcId"]])
        data |= {"Owner": vpcs["Vpcs"][0]["OwnerId"], "Region": os.environ["AWS_REGION"]}
    print("called as", data["Account"])
    response = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    response |= {"Status": "SUCCESS", "PhysicalResourceId": "who", "Data": data}
    urllib.request.urlopen(urllib.request.Request(
        event["ResponseURL"], json.dumps(response).encode(), {"Content-Type": ""}, method="PUT"
    ))
"""
TEMPLATE = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ROLE}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": HANDLER},
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "LoggingConfig": {"LogGroup": "who"},
                "Timeout": 20,
            },
        },
        "Who": {
            "Type": "Custom::Who",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                "VpcId": {"Ref": "Vpc"},
            },
        },
    },
    "Outputs": {
        name: {"Value": {"Fn::GetAtt": ["Who", name]}} for name in ("Account", "Owner", "Region")
    },
}
APP = """
from aws_cdk import App, Aws, CfnOutput, CfnParameter, Environment, Fn, LegacyStackSynthesizer
from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs

app = App(default_stack_synthesizer=LegacyStackSynthesizer())
account = app.node.try_get_context("account")
for name, region in {"Home": "eu-west-1", "Abroad": "us-east-1", "Idle": "eu-west-1"}.items():
    stack = Stack(app, name, env=Environment(account=account, region=region))
    CfnOutput(stack, "Queue", value=sqs.Queue(stack, "Jobs").queue_arn)
    CfnOutput(stack, "Zones", value=Fn.join(",", Fn.get_azs()))
    CfnOutput(stack, "Place", value=f"{Aws.ACCOUNT_ID} {Aws.REGION} {Aws.PARTITION}")
    CfnOutput(stack, "Given", value=CfnParameter(stack, "Greeting").value_as_string)
app.synth()
"""


# The app has stacks in two accounts. The default synthesizer assumes a role in each account.
APP_OF_TWO = """
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_sqs as sqs

app = App()
for account, region in {"123456789012": "eu-west-1", "222222222222": "us-east-1"}.items():
    stack = Stack(app, f"Of{account}", env=Environment(account=account, region=region))
    CfnOutput(stack, "Queue", value=sqs.Queue(stack, "Jobs").queue_arn)
app.synth()
"""


def write_app(path: Path, app: str) -> Path:
    """Write an app to a folder."""
    (path / "app.py").write_text(app)
    (path / "cdk.json").write_text('{"app": "python3 app.py"}')
    return path


def stacks(aws: Any, region: str) -> dict[str, str]:
    """Return the status of each stack in a Region."""
    found = aws.client("cloudformation", region).describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in found}


def test_an_account_returns_only_the_resources_of_that_account(local_aws: LocalAws) -> None:
    other = local_aws.account(OTHER)
    assert local_aws.id == "123456789012"
    for account in (local_aws, other):
        identity = account.client("sts").get_caller_identity()
        assert identity["Account"] == account.id
    vpc = other.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert vpc["OwnerId"] == OTHER
    for client in (
        local_aws.client("ec2"),
        local_aws.account("333333333333").client("ec2"),
        other.client("ec2", "us-east-1"),
    ):
        with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound"):
            client.describe_vpcs(VpcIds=[vpc["VpcId"]])
    again = local_aws.account(OTHER).client("ec2").describe_vpcs(VpcIds=[vpc["VpcId"]])
    assert again["Vpcs"][0]["VpcId"] == vpc["VpcId"]


def test_an_assumed_role_has_the_account_of_the_role(local_aws: LocalAws) -> None:
    role = f"arn:aws:iam::{OTHER}:role/deploy"
    assumed = local_aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    assert assumed["AssumedRoleUser"]["Arn"].split(":")[4] == OTHER


@pytest.mark.parametrize("wrong", ["", "22222222222", "2222222222222", "22222222222a"])
def test_an_invalid_account_id_is_rejected(local_aws: LocalAws, wrong: str) -> None:
    with pytest.raises(ValueError, match="`id` must have twelve digits"):
        local_aws.account(wrong)


def test_environments_of_accounts_differ_only_in_the_credentials(local_aws: LocalAws) -> None:
    local_aws.environment["SET_BEFORE"] = "yes"
    other = local_aws.account(OTHER)
    other.environment["SET_LATER"] = "yes"
    differing = {
        name
        for name in local_aws.environment.keys() | other.environment.keys()
        if local_aws.environment.get(name) != other.environment.get(name)
    }
    assert differing == {"AWS_ACCESS_KEY_ID", "SET_LATER"}
    # Code in this process without a view uses the first account.
    assert os.environ["AWS_ACCESS_KEY_ID"] == local_aws.environment["AWS_ACCESS_KEY_ID"]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_custom_resources_act_as_the_account_of_the_stack(local_aws: LocalAws, region: str) -> None:
    for account in (local_aws, local_aws.account(OTHER)):
        client = account.client("cloudformation", region)
        client.create_stack(StackName="who", TemplateBody=json.dumps(TEMPLATE))
        who = {"Account": account.id, "Owner": account.id, "Region": region}
        assert account.outputs("who", region) == who
        client.delete_stack(StackName="who")
        assert account.logs("who", region) == [f"called as {account.id}"] * 2


def test_availability_zones_of_several_regions_are_resolved(local_aws: LocalAws) -> None:
    zones = {
        "Own": {"Fn::GetAZs": ""},
        "OwnByName": {"Fn::GetAZs": {"Ref": "AWS::Region"}},
        "Another": {"Fn::GetAZs": "eu-west-1"},
    }
    queue = {"Type": "AWS::SQS::Queue"}
    outputs = {name: {"Value": {"Fn::Join": [",", value]}} for name, value in zones.items()}
    body = json.dumps({"Resources": {"Queue": queue}, "Outputs": outputs})
    client = local_aws.client("cloudformation", "us-west-2")
    client.create_stack(StackName="zones", TemplateBody=body)
    found = local_aws.outputs("zones", region="us-west-2")
    ec2 = local_aws.client("ec2", "us-west-2")
    own = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    assert found["Own"] == found["OwnByName"] == ",".join(own)
    assert found["Another"] == "eu-west-1a,eu-west-1b,eu-west-1c"
    client.delete_stack(StackName="zones")


def test_the_cli_deploys_to_another_account_and_two_regions(
    local_aws: LocalAws, tmp_path: Path
) -> None:
    other, app = local_aws.account(OTHER), write_app(tmp_path, APP)
    context = {"account": OTHER}
    # WHEN another account deploys two of three stacks in one call
    output = other.deploy(app, {"Greeting": "hello"}, stacks=["Home", "Abroad"], context=context)
    # THEN each stack is in its Region only
    assert "Idle" not in output
    assert stacks(other, "eu-west-1") == {"Home": "CREATE_COMPLETE"}
    assert stacks(other, "us-east-1") == {"Abroad": "CREATE_COMPLETE"}
    assert stacks(local_aws, "eu-west-1") == stacks(local_aws, "us-east-1") == {}
    for stack, region in {"Home": "eu-west-1", "Abroad": "us-east-1"}.items():
        outputs = other.outputs(stack, region=region)
        assert outputs["Place"] == f"{OTHER} {region} aws"
        assert outputs["Queue"].startswith(f"arn:aws:sqs:{region}:{OTHER}:")
        assert outputs["Zones"].startswith(f"{region}a,{region}b,{region}c")
        assert outputs["Given"] == "hello"

    # WHEN one stack is destroyed THEN the other one remains
    other.destroy(app, stacks=["Abroad"], context=context)
    assert stacks(other, "us-east-1") == {}
    assert stacks(other, "eu-west-1") == {"Home": "CREATE_COMPLETE"}
    other.destroy(app, context=context)
    assert stacks(other, "eu-west-1") == {}
    assert other.client("sqs").list_queues().get("QueueUrls", []) == []


def test_the_cli_deploys_to_two_accounts_in_one_call(local_aws: LocalAws, tmp_path: Path) -> None:
    other, app = local_aws.account(OTHER), write_app(tmp_path, APP_OF_TWO)
    local_aws.bootstrap()
    other.bootstrap("us-east-1")
    local_aws.deploy(app)
    for account, region in ((local_aws, "eu-west-1"), (other, "us-east-1")):
        (arn,) = account.outputs(f"Of{account.id}", region).values()
        assert arn.startswith(f"arn:aws:sqs:{region}:{account.id}:")
    local_aws.destroy(app)
    assert stacks(local_aws, "eu-west-1").keys() == stacks(other, "us-east-1").keys()
    assert stacks(other, "us-east-1").keys() == {"CDKToolkit"}
