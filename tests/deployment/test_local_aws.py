"""The emulator: the state of EC2 after stack operations with plain templates."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.route_tables import Route as MotoRoute
from moto.ec2.models.route_tables import RouteBackend, RouteTable
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.responses import EC2Response
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.iam import models

from tests.local_aws import LocalAws

HANDLER = """
import boto3, json, logging, time, urllib.request

logging.getLogger("lookup").setLevel("INFO")

def handler(event, context):
    properties = event["ResourceProperties"]
    logging.getLogger("lookup").info("EVENT %s", json.dumps(event))
    assert 0 < context.get_remaining_time_in_millis() <= 20_000
    status, data = "SUCCESS", {}
    if event["RequestType"] != "Delete":
        if properties["Mode"] == "sleep":
            print("going to sleep")
            time.sleep(60)
        if properties["Mode"] == "silent":
            raise ValueError("no response")
        if properties["Mode"] == "fail":
            status = "FAILED"
        found = boto3.client("ec2").describe_vpc_endpoint_service_configurations(
            ServiceIds=[properties["ServiceId"]]
        )["ServiceConfigurations"][0]
        data = {
            "Name": found["ServiceName"],
            "Zones": ",".join(found["AvailabilityZones"]),
            "Padding": "x" * int(properties.get("Padding", 0)),
        }
    response = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    response |= {"Status": status, "Reason": "requested failure", "Data": data}
    response["PhysicalResourceId"] = properties.get("Id", "lookup")
    urllib.request.urlopen(urllib.request.Request(
        event["ResponseURL"], json.dumps(response).encode(), {"Content-Type": ""}, method="PUT"
    ))
"""
ROOT = "arn:aws:iam::111122223333:root"
OTHER = "arn:aws:iam::444455556666:root"


def template(
    principals: list[str], timeout: int = 20, group: str | None = None, **lookup: Any
) -> str:
    """Return a template with two zones, a load balancer, a service and its lookup."""
    role = {
        "AssumeRolePolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ]
        }
    }
    function = {
        "Code": {"ZipFile": HANDLER},
        "Handler": "index.handler",
        "Runtime": "python3.13",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Timeout": timeout,
        "LoggingConfig": {"LogGroup": group} if group else {"Ref": "AWS::NoValue"},
    }
    service = {
        "NetworkLoadBalancerArns": [
            {"Ref": "Nlb"},
            {"Fn::If": ["Never", {"Ref": "Nlb"}, {"Ref": "AWS::NoValue"}]},
        ],
        "GatewayLoadBalancerArns": {"Fn::If": ["Never", ["unused"], {"Ref": "AWS::NoValue"}]},
        "AcceptanceRequired": {"Ref": "Acceptance"},
        "Tags": [{"Key": "Name", "Value": "payments"}],
    }
    lookup = {
        "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
        "ServiceTimeout": 60,
        "ServiceId": {"Ref": "Service"},
        "Mode": "respond",
        **lookup,
    }
    resources = {
        # The lookup is first, because the order must depend on references, not on the template.
        "LookUp": ("Custom::LookUp", lookup),
        "Function": ("AWS::Lambda::Function", function),
        "Role": ("AWS::IAM::Role", role),
        "Permissions": (
            "AWS::EC2::VPCEndpointServicePermissions",
            {"ServiceId": {"Ref": "Service"}, "AllowedPrincipals": principals},
        ),
        "Service": ("AWS::EC2::VPCEndpointService", service),
        "Nlb": (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {"Type": "network", "Scheme": "internal", "Subnets": [{"Ref": "A"}, {"Ref": "B"}]},
        ),
        "Vpc": ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        **{
            zone: (
                "AWS::EC2::Subnet",
                {
                    "VpcId": {"Ref": "Vpc"},
                    "CidrBlock": f"10.0.{index}.0/24",
                    "AvailabilityZone": {"Fn::Select": [index, {"Fn::GetAZs": ""}]},
                },
            )
            for index, zone in enumerate("AB")
        },
    }
    return json.dumps(
        {
            "Parameters": {"Acceptance": {"Type": "String", "Default": "false"}},
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                name: {"Type": kind, "Properties": properties}
                for name, (kind, properties) in resources.items()
            },
            "Outputs": {
                "Id": {"Value": {"Fn::GetAtt": ["Service", "ServiceId"]}},
                "Name": {"Value": {"Fn::GetAtt": ["LookUp", "Name"]}},
                "Function": {"Value": {"Ref": "Function"}},
                "FullName": {"Value": {"Fn::GetAtt": ["Nlb", "LoadBalancerFullName"]}},
                "SecondZone": {
                    "Value": {
                        "Fn::Select": [1, {"Fn::Split": [",", {"Fn::GetAtt": ["LookUp", "Zones"]}]}]
                    }
                },
            },
        }
    )


def services(aws: LocalAws) -> list[dict[str, Any]]:
    response = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    found: list[dict[str, Any]] = response["ServiceConfigurations"]
    return found


def principals(aws: LocalAws, service: str) -> list[str]:
    response = aws.client("ec2").describe_vpc_endpoint_service_permissions(ServiceId=service)
    return [allowed["Principal"] for allowed in response["AllowedPrincipals"]]


def status(aws: LocalAws, stack: str) -> str:
    (found,) = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return str(found["StackStatus"])


def reasons(aws: LocalAws, stack: str, resource: str) -> str:
    events = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return " ".join(
        event.get("ResourceStatusReason", "")
        for event in events
        if event["LogicalResourceId"] == resource
    )


def requests(aws: LocalAws, group: str) -> list[dict[str, Any]]:
    """Return the requests of the handler from its log."""
    lines = [line for line in aws.logs(group) if "EVENT" in line]
    return [json.loads(line.split("EVENT ")[1]) for line in lines]


# These tests run first, because they start another emulator, and a process can run only one.


def open_port(endpoint: str) -> bool:
    host, port = endpoint.removeprefix("http://").split(":")
    with socket.socket() as connection:
        return connection.connect_ex((host, int(port))) == 0


def get_patched() -> tuple[Any, ...]:
    """Return the parts of moto that the emulator patches."""
    return (
        LambdaFunction._invoke_lambda,
        CloudFormationBackend.create_stack,
        ELBv2Backend.delete_load_balancer,
        # Without the attributes that Python adds to a class.
        *(
            {name: value for name, value in vars(model).items() if not name.startswith("__")}
            for model in (
                EC2Response,
                ElasticAddress,
                FakeLoadBalancer,
                MotoRoute,
                RouteBackend,
                RouteTable,
                VPCServiceConfiguration,
            )
        ),
        dict(parsing.get_model_map()),
        parsing.clean_json,
        models.get_account_id_from,
    )


def test_the_emulator_leaves_nothing_behind() -> None:
    before = dict(os.environ), threading.active_count()
    original = get_patched()
    for _ in range(2):
        with LocalAws() as aws:
            assert services(aws) == []
            assert open_port(aws.endpoint_url)
            aws.client("cloudformation").create_stack(
                StackName="provider", TemplateBody=template([ROOT])
            )
            assert status(aws, "provider") == "CREATE_COMPLETE"
            home = Path(aws.environment["CDK_HOME"])
        assert not open_port(aws.endpoint_url)
        assert not home.exists()
    assert original == get_patched()
    deadline = time.monotonic() + 5
    while threading.active_count() > before[1] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert before == (dict(os.environ), threading.active_count())


def test_the_environment_hides_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    with LocalAws() as aws:
        assert aws.environment["AWS_ENDPOINT_URL"] == aws.endpoint_url
        assert aws.environment["AWS_REGION"] == aws.region
        assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & aws.environment.keys()
        assert services(aws) == []


def test_the_emulator_runs_in_the_foreground_until_a_signal() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.local_aws"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        exports: dict[str, str] = {}
        for line in iter(process.stdout.readline, ""):
            if line.startswith("#"):
                break
            name, _, value = line.removeprefix("export ").strip().partition("=")
            exports[name] = value
        assert open_port(exports["AWS_ENDPOINT_URL"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()
    assert not open_port(exports["AWS_ENDPOINT_URL"])


@pytest.fixture
def deployed(local_aws: LocalAws) -> Iterator[dict[str, str]]:
    """Create a stack, yield its outputs, and delete it after the test."""
    local_aws.client("cloudformation").create_stack(
        StackName="provider", TemplateBody=template([ROOT, OTHER], group="lookups")
    )
    assert status(local_aws, "provider") == "CREATE_COMPLETE"
    yield local_aws.outputs("provider")
    local_aws.client("cloudformation").delete_stack(StackName="provider")
    local_aws.client("logs").delete_log_group(logGroupName="lookups")
    assert services(local_aws) == []


def test_ec2_returns_the_service_of_a_stack(local_aws: LocalAws, deployed: dict[str, str]) -> None:
    (service,) = services(local_aws)
    assert service["ServiceId"] == deployed["Id"]
    assert service["ServiceState"] == "Available"
    assert service["ServiceType"] == [{"ServiceType": "Interface"}]
    assert service["AcceptanceRequired"] is False
    assert service["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b"]
    assert len(service["AvailabilityZoneIds"]) == 2
    assert service["BaseEndpointDnsNames"]
    assert [":loadbalancer/net/" in arn for arn in service["NetworkLoadBalancerArns"]] == [True]
    assert service["NetworkLoadBalancerArns"][0].endswith(deployed["FullName"])
    assert "GatewayLoadBalancerArns" not in service
    assert {"Key": "Name", "Value": "payments"} in service["Tags"]
    assert set(principals(local_aws, deployed["Id"])) == {ROOT, OTHER}


def test_a_custom_resource_has_a_response_and_a_log(
    local_aws: LocalAws, deployed: dict[str, str]
) -> None:
    (service,) = services(local_aws)
    assert deployed["Name"] == service["ServiceName"]
    assert deployed["SecondZone"] == "eu-west-1b"
    (request,) = requests(local_aws, "lookups")
    assert request["RequestType"] == "Create"
    assert request["ResourceProperties"]["ServiceId"] == deployed["Id"]
    # CloudFormation sends every scalar as a string.
    assert request["ResourceProperties"]["ServiceTimeout"] == "60"


def test_a_service_is_updated_in_place(local_aws: LocalAws, deployed: dict[str, str]) -> None:
    local_aws.client("cloudformation").update_stack(
        StackName="provider",
        TemplateBody=template([OTHER], group="lookups", Round=2),
        Parameters=[{"ParameterKey": "Acceptance", "ParameterValue": "true"}],
    )
    assert status(local_aws, "provider") == "UPDATE_COMPLETE"
    (service,) = services(local_aws)
    assert service["ServiceId"] == deployed["Id"]
    assert service["AcceptanceRequired"] is True
    assert principals(local_aws, deployed["Id"]) == [OTHER]
    update = requests(local_aws, "lookups")[-1]
    assert update["RequestType"] == "Update"
    assert update["PhysicalResourceId"] == "lookup"
    assert update["ResourceProperties"]["Round"] == "2"
    assert "Round" not in update["OldResourceProperties"]


def test_a_changed_physical_id_deletes_the_old_one(
    local_aws: LocalAws, deployed: dict[str, str]
) -> None:
    local_aws.client("cloudformation").update_stack(
        StackName="provider", TemplateBody=template([ROOT], group="lookups", Id="another")
    )
    sent = [
        (request["RequestType"], request.get("PhysicalResourceId"))
        for request in requests(local_aws, "lookups")
    ]
    assert sent == [("Create", None), ("Update", "lookup"), ("Delete", "lookup")]
    assert local_aws.outputs("provider")["Name"] == deployed["Name"]


def test_a_failed_update_rolls_back(local_aws: LocalAws, deployed: dict[str, str]) -> None:
    local_aws.client("cloudformation").update_stack(
        StackName="provider", TemplateBody=template([OTHER], group="lookups", Mode="fail")
    )
    assert status(local_aws, "provider") == "UPDATE_ROLLBACK_COMPLETE"
    assert set(principals(local_aws, deployed["Id"])) == {ROOT, OTHER}
    modes = [sent["ResourceProperties"]["Mode"] for sent in requests(local_aws, "lookups")]
    assert modes == ["respond", "fail", "respond"]
    assert local_aws.outputs("provider") == deployed


@pytest.mark.usefixtures("deployed")
def test_a_change_set_without_changes_fails(local_aws: LocalAws) -> None:
    client = local_aws.client("cloudformation")
    client.create_change_set(
        StackName="provider",
        ChangeSetName="same",
        ChangeSetType="UPDATE",
        TemplateBody=template([ROOT, OTHER], group="lookups"),
    )
    response = client.describe_change_set(StackName="provider", ChangeSetName="same")
    assert response["Status"] == "FAILED"
    assert "didn't contain changes" in response["StatusReason"]


def test_parameters_retain_their_literal_values(local_aws: LocalAws) -> None:
    """The CDK CLI requests the previous value of a parameter with an image at every deployment."""
    client = local_aws.client("cloudformation")
    image = {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
    }
    name = {"Type": "String"}
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    defaults = {
        "StackName": "parameters",
        "TemplateBody": json.dumps(
            {
                "Parameters": {"Image": image, "Name": name},
                "Resources": {"Vpc": vpc},
                "Outputs": {"Both": {"Value": {"Fn::Sub": "${Image} ${Name}"}}},
            }
        ),
    }
    named = [{"ParameterKey": "Name", "ParameterValue": "a"}]
    client.create_stack(**defaults, Parameters=named)
    before = local_aws.outputs("parameters")["Both"]
    assert before.startswith("ami-")
    # WHEN the stack is updated with previous values, the change set has no changes and no error
    previous = [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Image", "Name")]
    client.create_change_set(
        **defaults, Parameters=previous, ChangeSetName="previous", ChangeSetType="UPDATE"
    )
    client.execute_change_set(ChangeSetName="previous", StackName="parameters")
    assert local_aws.outputs("parameters")["Both"] == before
    client.delete_stack(StackName="parameters")


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ({"Mode": "fail"}, "requested failure"),
        ({"Mode": "silent"}, "did not receive a response"),
        ({"Padding": 5000}, "Response object is too long"),
    ],
)
def test_a_failed_creation_rolls_back(
    local_aws: LocalAws, mode: dict[str, Any], reason: str
) -> None:
    client = local_aws.client("cloudformation")
    group = f"failed-{reason.split()[0]}"
    client.create_stack(StackName="failing", TemplateBody=template([ROOT], group=group, **mode))
    assert status(local_aws, "failing") == "ROLLBACK_COMPLETE"
    assert reason in reasons(local_aws, "failing", "LookUp")
    assert [sent["RequestType"] for sent in requests(local_aws, group)] == ["Create", "Delete"]
    assert services(local_aws) == []
    client.delete_stack(StackName="failing")


def test_a_handler_is_killed_at_its_timeout(local_aws: LocalAws) -> None:
    client = local_aws.client("cloudformation")
    client.create_stack(
        StackName="slow", TemplateBody=template([ROOT], timeout=2, group="slow", Mode="sleep")
    )
    assert status(local_aws, "slow") == "ROLLBACK_COMPLETE"
    log = "\n".join(local_aws.logs("slow"))
    assert "going to sleep" in log
    assert "Task timed out after 2.00 seconds" in log
    client.delete_stack(StackName="slow")


def test_a_function_has_a_default_log_group_and_receives_delete(local_aws: LocalAws) -> None:
    client = local_aws.client("cloudformation")
    client.create_stack(StackName="short-lived", TemplateBody=template([ROOT]))
    group = f"/aws/lambda/{local_aws.outputs('short-lived')['Function']}"
    client.delete_stack(StackName="short-lived")
    assert [sent["RequestType"] for sent in requests(local_aws, group)] == ["Create", "Delete"]
    assert services(local_aws) == []
    assert client.describe_stacks()["Stacks"] == []
    default_vpc = {"Name": "is-default", "Values": ["false"]}
    assert local_aws.client("ec2").describe_vpcs(Filters=[default_vpc])["Vpcs"] == []
    assert local_aws.client("elbv2").describe_load_balancers()["LoadBalancers"] == []


def test_a_service_can_have_a_gateway_load_balancer(local_aws: LocalAws) -> None:
    body = json.loads(template([ROOT]))
    body["Resources"]["Nlb"]["Properties"] = {"Type": "gateway", "Subnets": [{"Ref": "A"}]}
    service = body["Resources"]["Service"]["Properties"]
    service["GatewayLoadBalancerArns"] = [{"Ref": "Nlb"}]
    del service["NetworkLoadBalancerArns"], body["Outputs"]["SecondZone"]
    client = local_aws.client("cloudformation")
    client.create_stack(StackName="gateway", TemplateBody=json.dumps(body))
    (found,) = services(local_aws)
    assert found["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]
    assert ":loadbalancer/gwy/" in found["GatewayLoadBalancerArns"][0]
    assert found["AvailabilityZones"] == ["eu-west-1a"]
    client.delete_stack(StackName="gateway")
