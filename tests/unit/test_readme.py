"""The README is true: its code runs as it stands, from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

from aws_cdk import App

ROOT = Path(__file__).parents[2]


def test_its_code_synthesises() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    app = names["app"]
    assert isinstance(app, App)
    template = app.synth().get_stack_by_name("Provider").template
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    assert kinds.count("AWS::EC2::VPCEndpointService") == 4
    assert set(template["Outputs"]) == {"ServiceName", "Zones"}
    (permissions,) = (
        resource["Properties"]["AllowedPrincipals"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPCEndpointServicePermissions"
    )
    assert len(permissions) == 3


def test_its_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("examples/**/README.md")]:
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
