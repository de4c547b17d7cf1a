"""The example `cloudformation_template`, deployed with the CDK CLI and with other tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integ.templates import put_load_balancer
from tests.local_aws import LocalAws

EXAMPLE = Path(__file__).parents[3] / "examples" / "cloudformation_template"
STACK = "VpcEndpointService"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::444455556666:role/Consumer"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize the example and return the cloud assembly."""
    output = tmp_path_factory.mktemp("cdk.out")
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=EXAMPLE,
        env={**os.environ, "CDK_OUTDIR": str(output)},
        check=True,
    )
    return output


@pytest.fixture(scope="module")
def template_file(assembly: Path) -> Path:
    return assembly / f"{STACK}.template.json"


@pytest.fixture(scope="module")
def template(template_file: Path) -> dict[str, Any]:
    return dict(json.loads(template_file.read_text(encoding="utf-8")))


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


def create(aws: LocalAws, template: dict[str, Any], **parameters: str) -> dict[str, str]:
    return aws.put_stack(STACK, json.dumps(template), parameters)


def service_of(aws: LocalAws) -> dict[str, Any]:
    describe_service = aws.client("ec2").describe_vpc_endpoint_service_configurations()
    (service,) = describe_service["ServiceConfigurations"]
    return dict(service)


def principals_of(aws: LocalAws) -> set[str]:
    permissions = aws.client("ec2").describe_vpc_endpoint_service_permissions(
        ServiceId=service_of(aws)["ServiceId"]
    )
    return {each["Principal"] for each in permissions["AllowedPrincipals"]}


class TestTemplate:
    def test_the_template_is_self_contained(self, assembly: Path, template: dict[str, Any]) -> None:
        assert "Rules" not in template
        assert set(template["Parameters"]) == {
            "ElbArn",
            "ConnectionAcceptance",
            "AwsAccountToWhitelist",
        }
        manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
        kinds = {artifact["type"] for artifact in manifest["artifacts"].values()}
        assert "cdk:asset-manifest" not in kinds
        function = template["Resources"]["PrivateLinkCustomResourcesFunction17E1402B"]
        assert list(function["Properties"]["Code"]) == ["ZipFile"]

    def test_only_the_load_balancer_and_the_principals_are_required(
        self, template: dict[str, Any]
    ) -> None:
        defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
        assert defaults == {
            "ElbArn": None,
            "ConnectionAcceptance": "false",
            "AwsAccountToWhitelist": None,
        }
        assert template["Parameters"]["ConnectionAcceptance"]["AllowedValues"] == ["true", "false"]
        assert template["Parameters"]["AwsAccountToWhitelist"]["Type"] == "CommaDelimitedList"

    def test_the_console_groups_and_labels_every_parameter(self, template: dict[str, Any]) -> None:
        interface = template["Metadata"]["AWS::CloudFormation::Interface"]
        assert interface["ParameterGroups"] == [
            {
                "Label": {"default": "Endpoint Service Configuration"},
                "Parameters": ["ElbArn", "ConnectionAcceptance"],
            },
            {
                "Label": {"default": "Endpoint Service Permissions"},
                "Parameters": ["AwsAccountToWhitelist"],
            },
        ]
        assert set(interface["ParameterLabels"]) == set(template["Parameters"])


class TestDeployment:
    def test_the_template_accepts_a_gateway_load_balancer(
        self, aws: LocalAws, template: dict[str, Any]
    ) -> None:
        arn = put_load_balancer(aws, "gateway")
        outputs = create(aws, template, ElbArn=arn, AwsAccountToWhitelist=ROOT)
        service = service_of(aws)
        assert outputs == {
            "SecurityVpcEndpointServiceId": service["ServiceId"],
            "SecurityVpcEndpointServiceName": service["ServiceName"],
        }
        assert service["GatewayLoadBalancerArns"] == [arn]
        assert "NetworkLoadBalancerArns" not in service
        assert service["AcceptanceRequired"] is False
        assert principals_of(aws) == {ROOT}

    def test_the_template_accepts_a_network_load_balancer(
        self, aws: LocalAws, template: dict[str, Any]
    ) -> None:
        arn = put_load_balancer(aws, "network")
        outputs = create(aws, template, ElbArn=arn, AwsAccountToWhitelist="*")
        service = service_of(aws)
        assert outputs["SecurityVpcEndpointServiceName"] == service["ServiceName"]
        assert service["NetworkLoadBalancerArns"] == [arn]
        assert "GatewayLoadBalancerArns" not in service
        assert principals_of(aws) == {"*"}

    def test_the_template_accepts_acceptance_and_several_principals(
        self, aws: LocalAws, template: dict[str, Any]
    ) -> None:
        create(
            aws,
            template,
            ElbArn=put_load_balancer(aws, "gateway"),
            ConnectionAcceptance="true",
            AwsAccountToWhitelist=f"{ROOT},{ROLE}",
        )
        assert service_of(aws)["AcceptanceRequired"] is True
        assert principals_of(aws) == {ROOT, ROLE}

    def test_the_cdk_cli_deploys_the_example(self, aws: LocalAws, assembly: Path) -> None:
        arn = put_load_balancer(aws, "gateway")
        aws.deploy(EXAMPLE, {"ElbArn": arn, "AwsAccountToWhitelist": ROOT}, app=assembly)
        name = service_of(aws)["ServiceName"]
        assert aws.outputs(STACK)["SecurityVpcEndpointServiceName"] == name
