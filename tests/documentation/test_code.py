"""The README and the recipes are true: their code runs as it stands."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cdk_privatelink
from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    PrivateLinkEndpointService,
)
from tests.unit.templates import template_of

ROOT = Path(__file__).parents[2]
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


def blocks_of(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return blocks_of("README.md")


def kinds_in(template: dict[str, Any]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def template_after(first: str, *others: str) -> dict[str, Any]:
    """What comes of the blocks, one after the other, in which cfn-lint finds nothing."""
    names: dict[str, Any] = {}
    for block in (first.replace("app.synth()", ""), *others):
        exec(compile(block, "a page", "exec"), names)
    return template_of(names["stack"])


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


def test_links_between_pages_lead_somewhere() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for page in map(ROOT.joinpath, tracked.stdout.split()):
        text = page.read_text(encoding="utf-8")
        for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)", text):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.relative_to(ROOT)}: #{anchor}"


def anchors(page: Path) -> list[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
