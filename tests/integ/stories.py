"""The stories of a run, and what their resources cost."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tools.assembly import Assembly, Resource, synthesize

from .traffic import APPS

ROOT = Path(__file__).parents[2]
_DEPLOYMENT = ROOT / "tests" / "deployment"
# US dollars per hour in us-east-1, without traffic. Everything else costs cents per day.
# https://aws.amazon.com/elasticloadbalancing/pricing/ https://aws.amazon.com/privatelink/pricing/
# https://aws.amazon.com/transit-gateway/pricing/ https://aws.amazon.com/vpc/pricing/
# https://aws.amazon.com/ec2/pricing/on-demand/
PRICES = {
    "network": 0.0225,
    "gateway": 0.0125,
    "AWS::EC2::VPCEndpoint": 0.01,
    "AWS::EC2::TransitGatewayVpcAttachment": 0.05,
    "AWS::EC2::NatGateway": 0.045,
    "AWS::EC2::EIP": 0.005,
    "t4g.nano": 0.0042,
    "c7i.large": 0.08925,
}


class Story(NamedTuple):
    """Tests that deploy, and delete what they deployed."""

    name: str
    tests: Path
    app: Path | None = None
    """The app that the tests deploy, if they deploy one."""
    stacks: tuple[str, ...] = ()
    """The stacks of the app that they deploy. Default: all."""
    costs: Mapping[str, int] = {}
    """The number of other resources, by price."""
    needs: tuple[str, ...] = ()
    """The options of the command that the story needs."""


def _example(name: str, *needs: str) -> Story:
    tests = _DEPLOYMENT / "examples" / f"test_{name}.py"
    return Story(name, tests, ROOT / "examples" / name, needs=needs)


def _test_app(name: str, *needs: str, costs: Mapping[str, int] | None = None) -> Story:
    tests = _DEPLOYMENT / f"test_{name}.py"
    return Story(name, tests, _DEPLOYMENT / "apps" / name, costs=costs or {}, needs=needs)


def _story(
    name: str,
    *needs: str,
    app: str | None = None,
    stacks: tuple[str, ...] = (),
    costs: Mapping[str, int] | None = None,
) -> Story:
    tests = Path(__file__).with_name(f"test_{name}.py")
    return Story(name, tests, APPS / app if app else None, stacks, costs or {}, needs)


_ENDPOINT = "AWS::EC2::VPCEndpoint"
STORIES = {
    story.name: story
    for story in (
        _example("network_load_balancer"),
        _example("private_aws_services"),
        _example("central_endpoints"),
        _example("gateway_load_balancer_inspection"),
        _example("transit_gateway_inspection"),
        _example("cross_region"),
        _example("saas_cross_account", "--consumer-profile"),
        _example("saas_self_service", "--consumer-profile"),
        _example("private_dns", "--domain"),
        _test_app("every_option", "--domain"),
        _test_app("accepted_endpoints", "--domain"),
        _test_app("external_dns", "--domain", costs={"network": 1}),
        _story("traffic", app="traffic"),
        # In two stories, because an account has five VPCs by default, one of which is its own.
        _story(
            "inspected_vpc",
            app="inspected_traffic",
            stacks=("InspectedSecurity", "InspectedOneVpc"),
        ),
        _story(
            "inspected_vpcs",
            app="inspected_traffic",
            stacks=("InspectedSecurity", "InspectedTwoVpcs"),
        ),
        _story("batches", app="traffic", stacks=("TrafficProvider",)),
        _story("rules", app="managed_service", costs={_ENDPOINT: 6}),
        _story("draining", costs={"network": 2, _ENDPOINT: 2}),
        _story("followed_zones", costs={"network": 2}),
        _story("load_balancers", costs={"network": 2, _ENDPOINT: 2}),
        _story("moved_service", costs={"network": 1}),
        _story("shared_parameters", "--consumer-profile", costs={"network": 1}),
        _story("upgrade", costs={"gateway": 1}),
    )
}


def price_of(story: Story, context: Mapping[str, str]) -> float:
    """Return the price of a story, in US dollars per hour."""
    price = sum(count * PRICES[name] for name, count in story.costs.items())
    if story.app is None:
        return price
    with tempfile.TemporaryDirectory() as folder:
        assembly = synthesize(story.app, Path(folder), context=context)
        stacks = story.stacks or tuple(assembly.templates)
        resources = [each for each in assembly.resources if each.stack in stacks]
        return price + sum(_price_of(each, assembly) for each in resources)


def _price_of(resource: Resource, assembly: Assembly) -> float:
    properties = resource.properties
    if resource.type == "AWS::ElasticLoadBalancingV2::LoadBalancer":
        return PRICES[properties["Type"]]
    if resource.type == "AWS::EC2::Instance":
        return PRICES[properties["InstanceType"]]
    if resource.type == "AWS::AutoScaling::AutoScalingGroup":
        (template,) = assembly.of_type("AWS::EC2::LaunchTemplate")
        kind = template.properties["LaunchTemplateData"]["InstanceType"]
        return int(properties["MinSize"]) * PRICES[kind]
    if resource.type == _ENDPOINT:
        # Endpoints to Amazon S3 and DynamoDB of the type `Gateway` are free.
        return PRICES[_ENDPOINT] * len(properties.get("SubnetIds", ()))
    return PRICES.get(resource.type, 0)
