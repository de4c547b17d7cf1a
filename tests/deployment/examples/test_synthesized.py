"""The templates, the diagram and the README of every example."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from examples.assembly import Assembly, environment
from examples.diagram import BLOCK, Picture
from tests.linter import findings

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/app.py"))


class Example(NamedTuple):
    """An example, which is synthesized once for all tests."""

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
        env=environment(folder, assembly),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return Example(folder, readme, assembly, json.loads(process.stdout))


def test_templates_of_examples_have_no_findings_of_cfn_lint(example: Example) -> None:
    templates = list(example.assembly.glob("*.template.json"))
    assert templates
    for template in templates:
        assert findings(template.read_text(encoding="utf-8")) == []


def test_findings_of_cdk_nag_are_documented_in_the_readme(example: Example) -> None:
    documented = re.findall(r"^\| `(AwsSolutions-\w+)` \| \w.+ \|$", example.readme, re.MULTILINE)
    assert sorted(documented) == example.nag_findings


def test_the_diagram_matches_the_templates(example: Example) -> None:
    (documented,) = BLOCK.findall(example.readme)
    picture = Picture(Assembly(example.assembly)).mermaid()
    assert documented == f"```mermaid\n{picture}\n```", (
        "npx --yes projen diagrams updates the diagram"
    )


def test_the_readme_has_all_sections_and_commands(example: Example) -> None:
    headings = re.findall(r"^## (.*)$", example.readme, re.MULTILINE)
    for heading in ("Deploy it", "What it costs", "What is left to you", "What was not run"):
        assert heading in headings
    name = example.folder.name
    demo = "npx --yes projen demo" + ("" if name == "network_load_balancer" else f" {name}")
    assert f"`{demo}`" in example.readme
    stacks = re.findall(r"aws-cdk@2\.1148\.1 deploy (\w+)", example.readme)
    assert set(stacks) <= set(Assembly(example.assembly).places)


def test_the_index_lists_every_example() -> None:
    index = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(\1/README\.md\) \|", index, re.MULTILINE)
    assert sorted(listed) == [folder.name for folder in EXAMPLES]


def test_an_unknown_resource_type_in_a_diagram_is_rejected(tmp_path: Path) -> None:
    artifact = {"type": "aws:cloudformation:stack", "environment": "aws://unknown/unknown"}
    manifest = {"artifacts": {"Stack": artifact}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    template = {"Resources": {"Unknown": {"Type": "AWS::Unknown::Thing"}}}
    (tmp_path / "Stack.template.json").write_text(json.dumps(template), encoding="utf-8")
    with pytest.raises(ValueError, match="AWS::Unknown::Thing"):
        Picture(Assembly(tmp_path))
