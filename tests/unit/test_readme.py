"""The README is true: its code runs as it stands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", readme, re.DOTALL)


def kinds_in(template: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def test_its_first_example_is_an_app(blocks: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(blocks[0], encoding="utf-8")
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    template = tmp_path / "cdk.out" / "Provider.template.json"
    kinds = kinds_in(json.loads(template.read_text(encoding="utf-8")))
    assert kinds.count("AWS::EC2::VPCEndpointService") == 1


def test_its_other_examples_continue_the_first(blocks: list[str]) -> None:
    first, *others = blocks
    names: dict[str, object] = {}
    for block in [first.replace("app.synth()", ""), *others]:
        exec(compile(block, "README.md", "exec"), names)
    app = names["app"]
    assert isinstance(app, App)
    template = app.synth().get_stack_by_name("Provider").template
    assert kinds_in(template).count("AWS::EC2::VPCEndpointService") == 4
    assert kinds_in(template).count("AWS::EC2::VPCEndpoint") == 1
    assert set(template["Outputs"]) == {"ServiceName", "Zones"}
    (permissions,) = (
        resource["Properties"]["AllowedPrincipals"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpointServicePermissions"
    )
    assert len(permissions) == 4


def test_links_between_pages_lead_somewhere() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for page in map(ROOT.joinpath, tracked.stdout.split()):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
