"""A stack of the template that `examples/cloudformation_template` replaces, updated in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integ.templates import put_load_balancer
from tests.local_aws.accounts import Account
from tools.assembly import synthesize

EXAMPLE = Path(__file__).parents[2] / "examples" / "cloudformation_template"

OLD_HANDLER = """
import boto3, json, urllib.request

def handler(event, context):
    data = {}
    if event["RequestType"] == "Create":
        found = boto3.client("ec2").describe_vpc_endpoint_service_configurations(
            ServiceIds=[event["ResourceProperties"]["Input"]])
        data["Data"] = found["ServiceConfigurations"][0]["ServiceName"]
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "old", "Data": data}
    urllib.request.urlopen(urllib.request.Request(
        event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"))
"""

# The outline of the template that this one replaces: the same parameters, outputs and logical
# ids, with another lookup.
OLD_TEMPLATE = {
    "Parameters": {
        "ElbArn": {"Type": "String"},
        "ConnectionAcceptance": {"Type": "String", "Default": "false"},
        "AwsAccountToWhitelist": {"Type": "String"},
    },
    "Resources": {
        "VpcEndpointService": {
            "Type": "AWS::EC2::VPCEndpointService",
            "Properties": {
                "GatewayLoadBalancerArns": [{"Ref": "ElbArn"}],
                "AcceptanceRequired": {"Ref": "ConnectionAcceptance"},
            },
        },
        "VpcEndpointServicePermissions": {
            "Type": "AWS::EC2::VPCEndpointServicePermissions",
            "Properties": {
                "AllowedPrincipals": [{"Ref": "AwsAccountToWhitelist"}],
                "ServiceId": {"Ref": "VpcEndpointService"},
            },
        },
        "LambdaExecutionRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                },
                "Policies": [
                    {
                        "PolicyName": "Describe",
                        "PolicyDocument": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "ec2:DescribeVpcEndpointServiceConfigurations",
                                    "Resource": "*",
                                }
                            ],
                        },
                    }
                ],
            },
        },
        "DescribeVpceService": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["LambdaExecutionRole", "Arn"]},
                "Code": {"ZipFile": OLD_HANDLER},
                # AWS no longer creates functions with the runtime of the old template, Python 3.7.
                "Runtime": "python3.13",
                "Timeout": 30,
            },
        },
        "VpceServiceName": {
            "Type": "Custom::DescribeVpcEndpointServiceConfigurations",
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["DescribeVpceService", "Arn"]},
                "Input": {"Ref": "VpcEndpointService"},
            },
        },
    },
    "Outputs": {
        "SecurityVpcEndpointServiceId": {"Value": {"Ref": "VpcEndpointService"}},
        "SecurityVpcEndpointServiceName": {"Value": {"Fn::GetAtt": ["VpceServiceName", "Data"]}},
    },
}


@pytest.mark.claim("upgrade-in-place")
def test_a_stack_of_the_old_template_is_updated_in_place(aws: Account, tmp_path: Path) -> None:
    principal = f"arn:aws:iam::{aws.id}:root"
    parameters = {"ElbArn": put_load_balancer(aws, "gateway"), "AwsAccountToWhitelist": principal}
    # GIVEN a stack with the old template
    before = aws.put_stack("Upgraded", json.dumps(OLD_TEMPLATE), parameters)
    # WHEN the stack is updated to the new template
    (template,) = synthesize(EXAMPLE, tmp_path).templates.values()
    after = aws.put_stack("Upgraded", json.dumps(template), parameters)
    # THEN the service, permissions and outputs are the same, and the old lookup is deleted
    assert after == before
    service_id = before["SecurityVpcEndpointServiceId"]
    assert aws.resources("Upgraded", "AWS::EC2::VPCEndpointService") == [service_id]
    ec2 = aws.client("ec2")
    allowed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id)
    assert [each["Principal"] for each in allowed["AllowedPrincipals"]] == [principal]
    for kind in ("AWS::Lambda::Function", "AWS::IAM::Role"):
        new = [each for each in template["Resources"].values() if each["Type"] == kind]
        assert len(aws.resources("Upgraded", kind)) == len(new) == 1
    assert aws.resources("Upgraded", "Custom::DescribeVpcEndpointServiceConfigurations") == []
