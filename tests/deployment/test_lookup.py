"""The look-up in deployed stacks: the name is EC2's own, and it is asked for again when it must."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Fn, LegacyStackSynthesizer, Stack
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.linter import findings
from tests.local_aws import LocalAws


@pytest.fixture(scope="module")
def template() -> str:
    """One service behind the load balancers of a parameter; what is looked up is put out."""
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    stack = Stack(app, "Stack")
    arns = CfnParameter(stack, "LoadBalancerArns", type="CommaDelimitedList").value_as_list
    service = PrivateLinkEndpointService(
        stack, "Payments", load_balancers=LoadBalancers.network(*arns)
    )
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Name", value=service.service_name)
    CfnOutput(stack, "Zones", value=Fn.join(" ", service.availability_zones))
    CfnOutput(stack, "DnsNames", value=Fn.join(" ", service.base_endpoint_dns_names))
    template = json.dumps(app.synth().get_stack_by_name("Stack").template)
    assert findings(template) == []
    return template


@pytest.fixture(scope="module")
def load_balancers(local_aws: LocalAws) -> dict[str, str]:
    """Two network load balancers, each in a zone of its own: ARNs by zone."""
    ec2, elbv2 = local_aws.client("ec2"), local_aws.client("elbv2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    arns = {}
    for index, zone in enumerate(("eu-west-1a", "eu-west-1b")):
        subnet = ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone
        )["Subnet"]
        created = elbv2.create_load_balancer(
            Name=f"one-{index}", Type="network", Subnets=[subnet["SubnetId"]]
        )
        arns[zone] = created["LoadBalancers"][0]["LoadBalancerArn"]
    return arns


def described(aws: LocalAws) -> dict[str, Any]:
    """The one service that EC2 has."""
    ec2 = aws.client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return dict(service)


def parameter(*arns: str) -> list[dict[str, str]]:
    return [{"ParameterKey": "LoadBalancerArns", "ParameterValue": ",".join(arns)}]


def look_up_id(aws: LocalAws) -> str:
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName="Stack", LogicalResourceId="PaymentsServiceName33A27103"
    )
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def test_create_update_delete(
    local_aws: LocalAws,
    load_balancers: dict[str, str],
    template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloudformation = local_aws.client("cloudformation")
    capabilities = ["CAPABILITY_IAM"]
    make = VPCServiceConfiguration.__init__

    def make_with_a_name_that_nobody_can_guess(self: Any, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        self.service_name += ".unguessable"

    # GIVEN an EC2 that names services by a rule of its own
    monkeypatch.setattr(VPCServiceConfiguration, "__init__", make_with_a_name_that_nobody_can_guess)

    # WHEN a service is made
    cloudformation.create_stack(
        StackName="Stack",
        TemplateBody=template,
        Capabilities=capabilities,
        Parameters=parameter(load_balancers["eu-west-1a"]),
    )
    # THEN what is put out is what EC2 says
    service, outputs = described(local_aws), local_aws.outputs("Stack")
    assert service["ServiceName"].endswith(".unguessable")
    assert outputs == {
        "Id": service["ServiceId"],
        "Name": service["ServiceName"],
        "Zones": "eu-west-1a",
        "DnsNames": service["BaseEndpointDnsNames"][0],
    }
    assert look_up_id(local_aws) == service["ServiceId"]

    # WHEN it gets a load balancer in another zone
    cloudformation.update_stack(
        StackName="Stack",
        TemplateBody=template,
        Capabilities=capabilities,
        Parameters=parameter(*load_balancers.values()),
    )
    # THEN the service is the same, and its zones were asked for again
    assert local_aws.outputs("Stack") == outputs | {"Zones": "eu-west-1a eu-west-1b"}
    assert look_up_id(local_aws) == service["ServiceId"]

    # WHEN all is deleted THEN nothing stands in the way
    cloudformation.delete_stack(StackName="Stack")
    ec2 = local_aws.client("ec2")
    assert ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"] == []
    (deleted,) = cloudformation.list_stacks()["StackSummaries"]
    assert deleted["StackStatus"] == "DELETE_COMPLETE"
