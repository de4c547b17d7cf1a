"""Warnings about attachments to transit gateways, whose traffic endpoints inspect."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Fn, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import FlowStickiness, GatewayLoadBalancer, GatewayLoadBalancerEndpoints
from tests.unit.networks import IRELAND, NAME, VIRGINIA, existing_vpc, group, vpc_of

ISOLATED, PUBLIC = ec2.SubnetType.PRIVATE_ISOLATED, ec2.SubnetType.PUBLIC
EGRESS = ec2.SubnetType.PRIVATE_WITH_EGRESS
ENABLED = {"ApplianceModeSupport": "enable"}
OptionsProperty = ec2.CfnTransitGatewayVpcAttachment.OptionsProperty


def warnings_of(stack: Stack, path: str) -> list[str]:
    found = Annotations.from_stack(stack).find_warning(path, Match.any_value())
    return [str(each.entry.data) for each in found]


def attach(
    stack: Stack, subnet_ids: list[str], *, options: Any = None, id: str = "Attachment"
) -> None:
    ec2.CfnTransitGatewayVpcAttachment(
        stack,
        id,
        transit_gateway_id="tgw-0123456789abcdef0",
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=subnet_ids,
        options=options,
    )


def add_central(stack: Stack) -> ec2.Vpc:
    """Create a VPC with routes between attachments, endpoints and NAT gateways."""
    vpc = vpc_of(stack, Nat=PUBLIC, Gate=EGRESS, Attachment=ISOLATED)
    endpoints = GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Gate")
    )
    endpoints.add_routes(
        subnets=group("Attachment"), destination="0.0.0.0/0", return_path=group("Nat")
    )
    endpoints.add_routes(
        subnets=group("Nat"), destination="10.128.0.0/9", return_path=group("Attachment")
    )
    return vpc


def ids(subnets: list[ec2.ISubnet]) -> list[str]:
    return [each.subnet_id for each in subnets]


WARNING = (
    "The attachment `Stack/Attachment` of a transit gateway is not in appliance mode, so that a "
    "response can arrive in another Availability Zone, at another endpoint. Pass "
    '`options={"ApplianceModeSupport": "enable"}` to the attachment. If no connection crosses '
    "Availability Zones, acknowledge the warning: `Annotations.of(endpoints).acknowledge_warning("
    '"cdk-privatelink:attachmentWithoutApplianceMode")`. '
    "[ack: cdk-privatelink:attachmentWithoutApplianceMode]"
)


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"DnsSupport": "enable"},
        {"ApplianceModeSupport": "disable"},
        # The CDK does not translate the names.
        OptionsProperty(appliance_mode_support="enable"),
    ],
)
def test_an_attachment_without_appliance_mode_is_a_warning(stack: Stack, options: Any) -> None:
    vpc = add_central(stack)
    attach(stack, ids(vpc.isolated_subnets), options=options)
    assert warnings_of(stack, "/Stack/Endpoints") == [WARNING]


def test_a_return_path_without_appliance_mode_is_a_warning(stack: Stack) -> None:
    vpc = vpc_of(stack, Nat=PUBLIC, Gate=EGRESS, Attachment=ISOLATED)
    attach(stack, ids(vpc.isolated_subnets))
    GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Gate")
    ).add_routes(subnets=group("Nat"), destination="10.128.0.0/9", return_path=group("Attachment"))
    assert warnings_of(stack, "/Stack/Endpoints") == [WARNING]


def test_an_attachment_of_existing_subnets_is_a_warning(stack: Stack) -> None:
    vpc = existing_vpc(stack)
    GatewayLoadBalancerEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        service=NAME,
        subnets=ec2.SubnetSelection(subnet_type=EGRESS),
    ).add_routes(
        subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
        destination="0.0.0.0/0",
        return_path="igw-0123456789abcdef0",
    )
    ec2.CfnTransitGatewayAttachment(
        stack,
        "Attachment",
        transit_gateway_id="tgw-0123456789abcdef0",
        vpc_id=vpc.vpc_id,
        subnet_ids=ids(vpc.isolated_subnets),
    )
    assert warnings_of(stack, "/Stack/Endpoints") == [WARNING]


@pytest.mark.parametrize("is_token", [False, True])
def test_appliance_mode_is_no_warning(stack: Stack, is_token: bool) -> None:
    vpc = add_central(stack)
    mode = CfnParameter(stack, "Mode").value_as_string if is_token else "enable"
    attach(stack, ids(vpc.isolated_subnets), options={"ApplianceModeSupport": mode})
    assert warnings_of(stack, "*") == []


def test_options_that_are_a_token_are_no_warning(stack: Stack) -> None:
    vpc = add_central(stack)
    options = Fn.condition_if("Condition", ENABLED, {"Ref": "AWS::NoValue"})
    attach(stack, ids(vpc.isolated_subnets), options=options)
    assert warnings_of(stack, "*") == []


def test_other_attachments_are_no_warning(stack: Stack) -> None:
    vpc = add_central(stack)
    # One zone, the subnets of the endpoints, and another VPC.
    attach(stack, ids(vpc.isolated_subnets[:1]))
    attach(stack, ids(vpc.private_subnets), id="Gate")
    attach(stack, ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"], id="Other")
    assert warnings_of(stack, "*") == []


@pytest.mark.parametrize("stickiness", list(FlowStickiness))
def test_stickiness_in_appliance_mode_is_a_warning(
    stack: Stack, stickiness: FlowStickiness
) -> None:
    vpc = vpc_of(stack, Attachment=ISOLATED)
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc, flow_stickiness=stickiness)
    # Another stack, with two attachments.
    network = Stack(App.of(stack), "Network")
    for name in ("One", "Two"):
        attach(network, ["subnet-0123456789abcdef0"], options=ENABLED, id=name)
    expected = (
        "The attachment `Network/One` of a transit gateway is in appliance mode, with which AWS "
        "supports `FlowStickiness.FIVE_TUPLE` only. Leave out `flow_stickiness`. If traffic of "
        "this transit gateway does not reach the load balancer, acknowledge the warning: "
        "`Annotations.of(gateway).acknowledge_warning("
        '"cdk-privatelink:stickinessInApplianceMode")`. '
        "[ack: cdk-privatelink:stickinessInApplianceMode]"
    )
    is_supported = stickiness is FlowStickiness.FIVE_TUPLE
    assert warnings_of(stack, "/Stack/Gateway") == ([] if is_supported else [expected])


def test_stickiness_without_appliance_mode_is_no_warning(stack: Stack) -> None:
    vpc = vpc_of(stack, Attachment=ISOLATED)
    GatewayLoadBalancer(stack, "Gateway", vpc=vpc, flow_stickiness=FlowStickiness.TWO_TUPLE)
    attach(stack, ids(vpc.isolated_subnets))
    assert warnings_of(stack, "*") == []


@pytest.mark.parametrize("is_stage", [True, False], ids=["stage", "Region"])
def test_an_attachment_of_another_stage_or_region_is_no_warning(*, is_stage: bool) -> None:
    app = App()
    stack = Stack(Stage(app, "One"), "Stack", env=IRELAND)
    other = Stack(
        Stage(app, "Other") if is_stage else Stage.of(stack),
        "Other",
        env=IRELAND if is_stage else VIRGINIA,
    )
    attach(other, ["subnet-0123456789abcdef0"], options=ENABLED)
    GatewayLoadBalancer(
        stack, "Gateway", vpc=existing_vpc(stack), flow_stickiness=FlowStickiness.TWO_TUPLE
    )
    assert warnings_of(stack, "*") == []
