"""The README and the site are true: their code runs as it stands."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from constructs import Construct

import cdk_privatelink
from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkEndpointService,
)
from tests.documentation.site import ROOT, blocks_of, names_after, sources
from tests.unit.templates import template_of

CONSTRUCTS: list[Any] = [
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkEndpointService,
]
EXPECTED = {
    "AWS::CloudWatch::Alarm": 3,
    "AWS::CloudWatch::Dashboard": 1,
    "AWS::EC2::VPCEndpoint": 1,
    "AWS::EC2::VPCEndpointConnectionNotification": 2,
    "AWS::EC2::VPCEndpointService": 9,
    "AWS::EC2::VPCEndpointServicePermissions": 1,
    "AWS::Lambda::Function": 2,
    "AWS::Route53::RecordSet": 1,
    "Custom::PrivateLinkPrivateDnsVerification": 2,
    "Custom::PrivateLinkServiceName": 8,
}


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return blocks_of("README.md")


def kinds_in(template: dict[str, Any]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def template_after(first: str, *others: str) -> dict[str, Any]:
    """What comes of the blocks, one after the other, in which cfn-lint finds nothing."""
    return template_of(names_after(first, *others)["stack"])


def test_its_first_example_is_an_app(blocks: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(blocks[0], encoding="utf-8")
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    template = tmp_path / "cdk.out" / "Provider.template.json"
    kinds = kinds_in(json.loads(template.read_text(encoding="utf-8")))
    assert kinds.count("AWS::EC2::VPCEndpointService") == 1


def test_its_other_examples_continue_the_first(blocks: list[str]) -> None:
    template = template_after(*blocks)
    assert kinds_in(template).count("AWS::EC2::VPCEndpointService") == 5
    # One for Payments, and one a zone for the firewalls.
    assert kinds_in(template).count("AWS::EC2::VPCEndpoint") == 3
    # In and out again, in each zone.
    assert len(routes_through_endpoints(template)) == 4
    assert set(template["Outputs"]) == {"ServiceName", "Zones"}
    permissions = [
        len(resource["Properties"]["AllowedPrincipals"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpointServicePermissions"
    ]
    # Those of Payments, and those of the firewalls.
    assert permissions == [5, 1]


# What has assertions of its own, in this folder.
TESTED = {
    "README.md",
    "docs/consumers.md",
    "docs/migration/cdk.md",
    "docs/migration/cloudformation.md",
    "docs/migration/terraform.md",
    "docs/recipes.md",
    "docs/start.md",
}
# The emulator's own page is about tests, not for the site.
OTHERS = sorted(
    name
    for name in {f"{page.relative_to(ROOT)}" for page in sources() if blocks_of(page)} - TESTED
    if not name.startswith("tests/")
)


@pytest.mark.parametrize("page", OTHERS)
def test_every_other_page_continues_the_readme(blocks: list[str], page: str) -> None:
    assert template_after(blocks[0], *blocks_of(page))


def test_the_start_is_an_app_and_continues(tmp_path: Path) -> None:
    app, *others = blocks_of("docs/start.md")
    # GIVEN the files of the page
    (tmp_path / "app.py").write_text(app, encoding="utf-8")
    (configuration,) = blocks_of("docs/start.md", "json")
    assert json.loads(configuration) == {"app": "python3 app.py"}
    # WHEN it is synthesised
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    # THEN there is a provider, and a consumer that depends on it
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_text(encoding="utf-8"))
    assert "Provider" in manifest["artifacts"]["Consumer"]["dependencies"]
    # AND what comes after goes on with it
    names = names_after(app, *others)
    consumer = kinds_in(template_of(names["consumer"]))
    assert consumer.count("AWS::EC2::VPCEndpoint") == 2
    assert kinds_in(template_of(names["provider"])).count("AWS::EC2::VPCEndpointService") == 1


def test_the_recipes_continue_the_readme(blocks: list[str]) -> None:
    recipes = blocks_of("docs/recipes.md")
    template = template_after(blocks[0], *recipes)
    kinds = kinds_in(template)
    assert {kind: kinds.count(kind) for kind in EXPECTED} == EXPECTED
    assert set(template["Outputs"]) == {
        "ServiceName",
        "RecordName",
        "RecordValue",
        "Composedname",
    }


def test_the_recipes_for_consumers_continue_the_readme(blocks: list[str]) -> None:
    template = template_after(blocks[0], *blocks_of("docs/consumers.md"))
    endpoints = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
    ]
    kinds = [endpoint["VpcEndpointType"] for endpoint in endpoints]
    assert (kinds.count("Interface"), kinds.count("GatewayLoadBalancer")) == (6, 4)
    assert [each["PrivateDnsEnabled"] for each in endpoints if "PrivateDnsEnabled" in each] == [
        *[False] * 3,
        True,
        *[False] * 2,
    ]
    # Internet: 2 out, 2 back. Subnets: 4 and 4. Central, twice: 2 out, 4 back.
    assert len(routes_through_endpoints(template)) == 4 + 8 + 12
    (group,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::ElasticLoadBalancingV2::TargetGroup"
    )
    assert (group["Protocol"], len(group["Targets"])) == ("GENEVE", 2)


def routes_through_endpoints(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::Route" and "VpcEndpointId" in resource["Properties"]
    ]


def test_every_option_has_a_place_in_the_documentation() -> None:
    pages = [
        (ROOT / page).read_text(encoding="utf-8")
        for page in ("README.md", "docs/recipes.md", "docs/consumers.md")
    ]
    names = set()
    for construct in CONSTRUCTS:
        parameters = inspect.signature(construct.__init__).parameters.values()
        names |= {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
        names |= {name for name in vars(construct) if not name.startswith("_")}
    names |= {name for name in cdk_privatelink.__all__ if name[0] != "I" or name[1].islower()}
    assert [name for name in sorted(names) if not any(name in page for page in pages)] == []


def test_every_language_is_known() -> None:
    """Python is run here; what is done with the others, CONTRIBUTING.md says."""
    languages = {
        language
        for page in sources()
        for language in re.findall(r"^ *```(\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert languages == {"console", "hcl", "json", "mermaid", "python", "text", "ts"}


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_the_example_in_a_docstring_runs(blocks: list[str], construct: Any) -> None:
    names = names_after(blocks[0])
    stack = names["stack"]
    groups = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind)
        for name, kind in (
            ("Inspection", ec2.SubnetType.PUBLIC),
            ("Application", ec2.SubnetType.PRIVATE_ISOLATED),
        )
    ]
    vpc = ec2.Vpc(stack, "Example's Vpc", nat_gateways=0, subnet_configuration=groups)
    names |= {
        "self": Construct(stack, "Example"),
        "appliances": targets.IpTarget("10.0.0.10"),
        "GatewayLoadBalancer": GatewayLoadBalancer,
        "GatewayLoadBalancerEndpoints": GatewayLoadBalancerEndpoints,
        "InterfaceEndpoint": InterfaceEndpoint,
    }
    if construct is GatewayLoadBalancerEndpoints:
        name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
        names |= {"vpc": vpc, "service": name}
    (code,) = re.findall(
        r"^::\n\n((?: {4}.*\n|\n)+)", inspect.getdoc(construct) or "", re.MULTILINE
    )
    exec(compile(textwrap.dedent(code), construct.__name__, "exec"), names)
    # What it makes is in the template, in which cfn-lint finds nothing.
    template = template_of(stack)
    assert any(key.startswith("Example") for key in template["Resources"])
