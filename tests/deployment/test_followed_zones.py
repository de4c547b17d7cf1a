"""A load balancer gets another Availability Zone, and its service follows or does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Fn, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.local_aws import LocalAws


def template_for(zones: int, follow: bool) -> str:
    """Return the template of a stack whose load balancer is in some zones of its VPC."""
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    stack = Stack(app, "Stack")
    isolated = ec2.SubnetConfiguration(name="App", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, subnet_configuration=[isolated])
    subnets = ec2.SubnetSelection(subnets=vpc.isolated_subnets[:zones])
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc, vpc_subnets=subnets)
    service = PrivateLinkEndpointService(
        stack,
        "Payments",
        load_balancers=LoadBalancers.network(nlb),
        follow_availability_zones=follow,
    )
    CfnOutput(stack, "Id", value=service.service_id)
    CfnOutput(stack, "Zones", value=Fn.join(",", service.availability_zones))
    return json.dumps(app.synth().get_stack_by_name("Stack").template)


@pytest.mark.parametrize("follow", [True, False])
def test_a_new_zone_reaches_the_service_only_if_it_follows(
    local_aws: LocalAws, follow: bool
) -> None:
    options: dict[str, Any] = {
        "StackName": f"Following{follow}",
        "Capabilities": ["CAPABILITY_IAM"],
    }
    cloudformation, client = local_aws.client("cloudformation"), local_aws.client("ec2")

    def deployed() -> tuple[list[str], str]:
        outputs = local_aws.outputs(options["StackName"])
        found = client.describe_vpc_endpoint_service_configurations(ServiceIds=[outputs["Id"]])
        return found["ServiceConfigurations"][0]["AvailabilityZones"], outputs["Zones"]

    # GIVEN a service in one zone
    cloudformation.create_stack(TemplateBody=template_for(1, follow), **options)
    assert deployed() == (["eu-west-1a"], "eu-west-1a")
    # WHEN its load balancer gets another zone
    cloudformation.update_stack(TemplateBody=template_for(2, follow), **options)
    # THEN the service is available there, and the stack knows it
    both = ["eu-west-1a", "eu-west-1b"]
    expected = (both, ",".join(both)) if follow else (["eu-west-1a"], "eu-west-1a")
    assert deployed() == expected
