"""The code on all pages runs as it is written."""

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
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from constructs import Construct

import cdk_privatelink
from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkEndpointService,
)
from tests.documentation.pages import ROOT, blocks_of, names_after, sources
from tests.recommended_flags import read_recommended_flags
from tests.unit.templates import template_of

CONSTRUCTS: list[Any] = [
    ConnectionManager,
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
    "AWS::EC2::VPCEndpointService": 11,
    "AWS::EC2::VPCEndpointServicePermissions": 1,
    "AWS::Lambda::Function": 1,
    "AWS::Route53::RecordSet": 1,
    "Custom::PrivateLinkPrivateDnsVerification": 2,
    "Custom::PrivateLinkServiceName": 10,
}


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return blocks_of("README.md")


def types_in(template: dict[str, Any]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def outputs_of(template: dict[str, Any]) -> set[str]:
    """Return the outputs without the ones that the CDK adds for references of other stacks."""
    return {name for name in template["Outputs"] if not name.startswith("ExportsOutput")}


def template_after(first: str, *others: str) -> dict[str, Any]:
    """Run code blocks and return the template of the provider, checked by cfn-lint."""
    return template_of(names_after(first, *others)["stack"])


def test_readme_example_is_a_complete_app(blocks: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(blocks[0], encoding="utf-8")
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    types = {}
    for stack in ("Provider", "Consumer"):
        template = tmp_path / "cdk.out" / f"{stack}.template.json"
        types[stack] = types_in(json.loads(template.read_text(encoding="utf-8")))
    assert types["Provider"].count("AWS::EC2::VPCEndpointService") == 1
    assert types["Consumer"].count("AWS::EC2::VPCEndpoint") == 1
    # Code after `app.synth()` would never be deployed.
    assert len(blocks) == 1
    assert blocks[0].endswith("\napp.synth()\n")


def test_readme_example_admits_consumers_with_the_recommended_flags(
    blocks: list[str], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(blocks[0], encoding="utf-8")
    context = json.dumps(read_recommended_flags())
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(tmp_path / "cdk.out"),
        # A flag makes the findings of the CDK's own validation errors.
        "CDK_VALIDATION": "true",
        "CDK_CONTEXT_JSON": context,
    }
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    template = json.loads((tmp_path / "cdk.out" / "Provider.template.json").read_text())
    (load_balancer,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"
    )
    assert load_balancer["SecurityGroups"]
    assert load_balancer["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"


def test_options_continue_the_readme(blocks: list[str]) -> None:
    template = template_after(blocks[0], *blocks_of("docs/options.md"))
    assert types_in(template).count("AWS::EC2::VPCEndpointService") == 5
    # One for the firewalls per Availability Zone.
    assert types_in(template).count("AWS::EC2::VPCEndpoint") == 2
    # Two directions in two Availability Zones.
    assert len(routes_through_endpoints(template)) == 4
    assert outputs_of(template) == {"ServiceName", "Zones"}
    permissions = [
        len(resource["Properties"]["AllowedPrincipals"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpointServicePermissions"
    ]
    # The principals of Payments and of the firewalls.
    assert permissions == [5, 1]


# Pages with tests of their own in this folder.
TESTED = {
    "README.md",
    "docs/options.md",
    "docs/consumers.md",
    "docs/migration/cdk.md",
    "docs/migration/cloudformation.md",
    "docs/migration/terraform.md",
    "docs/recipes.md",
    "docs/start.md",
}
# The page of the emulator is not on the site.
OTHERS = sorted(
    name
    for name in {f"{page.relative_to(ROOT)}" for page in sources() if blocks_of(page)} - TESTED
    if not name.startswith("tests/")
)


@pytest.mark.parametrize("page", OTHERS)
def test_other_pages_continue_the_readme(blocks: list[str], page: str) -> None:
    assert template_after(blocks[0], *blocks_of(page))


def test_start_is_a_complete_app_and_continues(tmp_path: Path) -> None:
    app, *others = blocks_of("docs/start.md")
    # GIVEN the files of the page
    (tmp_path / "app.py").write_text(app, encoding="utf-8")
    (configuration,) = blocks_of("docs/start.md", "json")
    assert json.loads(configuration) == {"app": "python3 app.py"}
    # WHEN the app is synthesized
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    # THEN the consumer depends on the provider
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_text(encoding="utf-8"))
    assert "Provider" in manifest["artifacts"]["Consumer"]["dependencies"]
    # AND the other blocks continue the app
    names = names_after(app, *others)
    consumer = types_in(template_of(names["consumer"]))
    assert consumer.count("AWS::EC2::VPCEndpoint") == 2
    assert types_in(template_of(names["provider"])).count("AWS::EC2::VPCEndpointService") == 1


def test_recipes_continue_the_readme(blocks: list[str]) -> None:
    recipes = blocks_of("docs/recipes.md")
    template = template_after(blocks[0], *recipes)
    types = types_in(template)
    assert {kind: types.count(kind) for kind in EXPECTED} == EXPECTED
    assert outputs_of(template) == {
        "ServiceName",
        "RecordName",
        "RecordValue",
        "Derivedname",
    }


def test_recipes_for_consumers_continue_the_readme(blocks: list[str]) -> None:
    template = template_after(blocks[0], *blocks_of("docs/consumers.md"))
    endpoints = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
    ]
    types = [endpoint["VpcEndpointType"] for endpoint in endpoints]
    assert (types.count("Interface"), types.count("GatewayLoadBalancer")) == (7, 4)
    assert [each["PrivateDnsEnabled"] for each in endpoints if "PrivateDnsEnabled" in each] == [
        *[False] * 4,
        True,
        *[False] * 2,
    ]
    # Internet: 2 out, 2 back. Subnets: 4 and 4. Existing: one and one. Central, twice: 2 out, 4
    # back.
    assert len(routes_through_endpoints(template)) == 4 + 8 + 2 + 12
    groups = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource.get("Properties", {}).get("Protocol") == "GENEVE"
    ]
    assert [len(group.get("Targets", [])) for group in groups] == [2, 0]


def routes_through_endpoints(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::Route" and "VpcEndpointId" in resource["Properties"]
    ]


def test_pages_mention_every_option() -> None:
    pages = [
        (ROOT / page).read_text(encoding="utf-8")
        for page in (
            "docs/options.md",
            "docs/recipes.md",
            "docs/consumers.md",
            "docs/connections.md",
        )
    ]
    names = set()
    for construct in CONSTRUCTS:
        parameters = inspect.signature(construct.__init__).parameters.values()
        names |= {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
        names |= {name for name in vars(construct) if not name.startswith("_")}
    names |= {name for name in cdk_privatelink.__all__ if name[0] != "I" or name[1].islower()}
    assert [name for name in sorted(names) if not any(name in page for page in pages)] == []


def test_code_blocks_use_languages_with_tests() -> None:
    """Run Python here. CONTRIBUTING.md describes the tests of the other languages."""
    languages = {
        language
        for page in sources()
        for language in re.findall(r"^ *```(\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert languages == {"console", "hcl", "json", "mermaid", "python", "text", "ts"}


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.__name__)
def test_examples_in_docstrings_run(blocks: list[str], construct: Any) -> None:
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
        "nlb": elbv2.NetworkLoadBalancer(stack, "Example's Nlb", vpc=vpc),
        "appliances": targets.IpTarget("10.0.0.10"),
        "ConnectionManager": ConnectionManager,
        "ConnectionRule": ConnectionRule,
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
    # The template contains the resources of the example, and cfn-lint finds no problem.
    template = template_of(stack)
    assert any(key.startswith("Example") for key in template["Resources"])
