"""The gate of compatibility: what breaks is found, and needs a version that may break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from projenrc.release import may_break
from tests.local_hub.package import ROOT, SOURCE, Package, packed
from tests.release.compatibility import in_python, in_templates, in_typescript, verdict


def edited(folder: Path, *edits: tuple[str, str]) -> Path:
    """Copy the library into a folder, with edits that have to fit."""
    shutil.copytree(ROOT / "src" / "cdk_privatelink", folder / "cdk_privatelink")
    modules = {path: path.read_text(encoding="utf-8") for path in folder.rglob("provider/*.py")}
    for before, after in edits:
        assert any(before in text for text in modules.values())
        modules = {path: text.replace(before, after) for path, text in modules.items()}
    for path, text in modules.items():
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "        contributor_insights: bool | IResolvable | None = None,\n",
            "",
            ["__init__(contributor_insights): Parameter was removed"],
        ),
        (
            "acceptance_required: bool | IResolvable = True,",
            "acceptance_required: bool | IResolvable = False,",
            ["__init__(acceptance_required): Parameter default was changed: True -> False"],
        ),
        ("def allow_principals(", "def allow(", ["allow_principals", "removed"]),
    ],
)
def test_python(before: str, after: str, expected: list[str], tmp_path: Path) -> None:
    new = edited(tmp_path, (before, after))
    found = in_python(ROOT / "src", new)
    assert any(all(part in each for part in expected) for each in found), found


def test_what_is_added_breaks_nothing_in_python(tmp_path: Path) -> None:
    signature = "        contributor_insights: bool | IResolvable | None = None,\n"
    new = edited(tmp_path, (signature, f"{signature}        added: bool = False,\n"))
    assert in_python(ROOT / "src", new) == []


def test_templates(tmp_path: Path) -> None:
    # GIVEN an app of a user
    old, new = tmp_path / "old", tmp_path / "new"
    edited(old / "src")
    shutil.copytree(
        ROOT / "examples" / "network_load_balancer", old / "examples" / "network_load_balancer"
    )
    # WHEN an id and a default change
    edited(
        new / "src",
        ('"Permissions"', '"Principals"'),
        ("_enabled=contributor_insights", "_enabled=True"),
    )
    # THEN both are found
    found = in_templates(old, new)
    assert any("VPCEndpointServicePermissions) is gone" in each for each in found), found
    assert any("ContributorInsightsEnabled was None, is True" in each for each in found), found
    assert len(found) == 2


def test_typescript(tmp_path: Path) -> None:
    # GIVEN a release with what is not in the sources any more
    package = Package(packed())
    assembly: dict[str, Any] = package.assembly
    methods = assembly["types"]["cdk-privatelink.LoadBalancers"]["methods"]
    methods.append({**methods[0], "name": "classic"})
    old = package.unpack(tmp_path)
    (old / ".jsii").write_text(json.dumps(assembly), encoding="utf-8")
    (old / "node_modules").symlink_to(SOURCE / "node_modules")
    # THEN it is missed, and only it
    assert in_typescript(old, SOURCE) == [
        "err  - METHOD cdk-privatelink.LoadBalancers.classic: has been removed"
    ]


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.9", "1.0.0", True),
        ("1.2.3", "1.3.0", False),
        ("1.2.3", "2.0.0", True),
        ("1.2.3", "1.2.3", False),
    ],
)
def test_which_versions_may_break(before: str, after: str, may: bool) -> None:
    assert may_break(before, after) is may
    assert (verdict(before, after, ["something is gone"]) is None) is may
    assert verdict(before, after, []) is None
