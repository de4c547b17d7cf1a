"""Tests of every example: its templates, its diagram and its README."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.documentation.pages import blocks_of, names_after
from tests.linter import findings
from tests.recommended_flags import read_recommended_flags
from tests.unit.templates import template_of
from tools.assembly import Assembly, app_environment
from tools.diagram import Diagram, draw_example, image_path
from tools.overview import IMAGE, TYPES, draw_overview

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/app.py"))


class Example(NamedTuple):
    """An example, synthesized once for all tests."""

    folder: Path
    readme: str
    assembly: Path
    nag_findings: list[str]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda folder: folder.name)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    folder: Path = request.param
    assembly = tmp_path_factory.mktemp(folder.name)
    process = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("check.py"))],
        cwd=folder,
        env=app_environment(folder, assembly),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return Example(folder, readme, assembly, json.loads(process.stdout))


def test_cfn_lint_has_no_findings(example: Example) -> None:
    templates = list(example.assembly.glob("*.template.json"))
    assert templates
    for template in templates:
        assert findings(template.read_text(encoding="utf-8")) == []


def test_readme_lists_the_findings_of_cdk_nag(example: Example) -> None:
    documented = re.findall(r"^\| `(AwsSolutions-\w+)` \| \w.+ \|$", example.readme, re.MULTILINE)
    assert sorted(documented) == example.nag_findings


def test_diagram_shows_the_current_templates(example: Example) -> None:
    name = example.folder.name
    image = image_path(name)
    assert f"](../../docs/images/{image.name})" in example.readme
    current = draw_example(Assembly(example.assembly), name)
    assert image.read_text(encoding="utf-8") == current, "run `npx --yes projen diagrams`"


@pytest.mark.parametrize("name", [folder.name for folder in EXAMPLES])
def test_example_synthesizes_with_the_recommended_flags(name: str, tmp_path: Path) -> None:
    folder = ROOT / "examples" / name
    variables = app_environment(folder, tmp_path, default_context=read_recommended_flags())
    # A flag makes the findings of the CDK's own validation errors.
    variables["CDK_VALIDATION"] = "true"
    subprocess.run([sys.executable, "app.py"], cwd=folder, env=variables, check=True)
    assembly = Assembly(tmp_path)
    # No load balancer drops the traffic of consumers.
    for load_balancer in assembly.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        if load_balancer.properties.get("SecurityGroups"):
            name = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
            assert load_balancer.properties[name] == "off"
    for metadata in tmp_path.glob("*.metadata.json"):
        assert "cdk-privatelink:" not in metadata.read_text(encoding="utf-8")


def test_overview_shows_resources_of_the_first_example_in_the_readme() -> None:
    assert IMAGE.read_text(encoding="utf-8") == draw_overview(), "run `npx --yes projen diagrams`"
    names = names_after(blocks_of("README.md")[0])
    types = {
        resource["Type"]
        for stack in ("stack", "consumer")
        for resource in template_of(names[stack])["Resources"].values()
    }
    assert types >= set(TYPES.values())


def test_readme_has_all_sections_and_commands(example: Example) -> None:
    headings = re.findall(r"^## (.*)$", example.readme, re.MULTILINE)
    for heading in ("Deploy it", "Costs", "Findings of cdk-nag", "Not tested"):
        assert heading in headings
    name = example.folder.name
    demo = "npx --yes projen demo" + ("" if name == "network_load_balancer" else f" {name}")
    assert f"`{demo}`" in example.readme
    stacks = re.findall(r"aws-cdk@2\.1148\.1 deploy (\w+)", example.readme)
    assert set(stacks) <= set(Assembly(example.assembly).environments)


def test_index_lists_every_example() -> None:
    index = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(\1/README\.md\) \|", index, re.MULTILINE)
    assert sorted(listed) == [folder.name for folder in EXAMPLES]


def test_diagram_rejects_a_resource_type_that_it_cannot_draw(tmp_path: Path) -> None:
    artifact = {"type": "aws:cloudformation:stack", "environment": "aws://unknown/unknown"}
    manifest = {"artifacts": {"Stack": artifact}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    template = {"Resources": {"Unknown": {"Type": "AWS::Unknown::Thing"}}}
    (tmp_path / "Stack.template.json").write_text(json.dumps(template), encoding="utf-8")
    with pytest.raises(ValueError, match="AWS::Unknown::Thing"):
        Diagram(Assembly(tmp_path))
