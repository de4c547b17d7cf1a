"""The lookup of service names in deployed stacks."""

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
    """Return a template with one service, whose lookup results are outputs."""
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
    """Create a Network Load Balancer in each of two zones, and return the ARNs by zone."""
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


def describe_service(aws: LocalAws) -> dict[str, Any]:
    """Return the only service in EC2."""
    ec2 = aws.client("ec2")
    (service,) = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return dict(service)


def parameter(*arns: str) -> list[dict[str, str]]:
    return [{"ParameterKey": "LoadBalancerArns", "ParameterValue": ",".join(arns)}]


def get_lookup_id(aws: LocalAws) -> str:
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName="Stack", LogicalResourceId="PaymentsServiceName33A27103"
    )
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def test_the_lookup_returns_the_values_of_ec2_after_creation_and_update(
    local_aws: LocalAws,
    load_balancers: dict[str, str],
    template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloudformation = local_aws.client("cloudformation")
    capabilities = ["CAPABILITY_IAM"]
    original_init = VPCServiceConfiguration.__init__

    def init_with_unpredictable_name(self: Any, *args: Any, **options: Any) -> None:
        original_init(self, *args, **options)
        self.service_name += ".unpredictable"

    # GIVEN service names that cannot be derived from the service id
    monkeypatch.setattr(VPCServiceConfiguration, "__init__", init_with_unpredictable_name)

    # WHEN a service is created
    cloudformation.create_stack(
        StackName="Stack",
        TemplateBody=template,
        Capabilities=capabilities,
        Parameters=parameter(load_balancers["eu-west-1a"]),
    )
    # THEN the outputs are the values from EC2
    service, outputs = describe_service(local_aws), local_aws.outputs("Stack")
    assert service["ServiceName"].endswith(".unpredictable")
    assert outputs == {
        "Id": service["ServiceId"],
        "Name": service["ServiceName"],
        "Zones": "eu-west-1a",
        "DnsNames": service["BaseEndpointDnsNames"][0],
    }
    assert get_lookup_id(local_aws) == service["ServiceId"]

    # WHEN a load balancer in another zone is added
    cloudformation.update_stack(
        StackName="Stack",
        TemplateBody=template,
        Capabilities=capabilities,
        Parameters=parameter(*load_balancers.values()),
    )
    # THEN the service is the same, and the lookup returns both zones
    assert local_aws.outputs("Stack") == outputs | {"Zones": "eu-west-1a eu-west-1b"}
    assert get_lookup_id(local_aws) == service["ServiceId"]

    # WHEN the stack is deleted THEN no service remains
    cloudformation.delete_stack(StackName="Stack")
    ec2 = local_aws.client("ec2")
    assert ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"] == []
    (deleted,) = cloudformation.list_stacks()["StackSummaries"]
    assert deleted["StackStatus"] == "DELETE_COMPLETE"
