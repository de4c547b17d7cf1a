"""The compatibility check: breaking changes are found and require a major or minor version."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from projenrc.release import may_break
from tests.local_hub.package import ROOT, SOURCE, Package, find_tarball
from tests.release.compatibility import (
    check_version,
    find_python_changes,
    find_template_changes,
    find_typescript_changes,
)


def copy_with_edits(folder: Path, *edits: tuple[str, str]) -> Path:
    """Copy the library to a folder and apply edits, each of which must match."""
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
def test_breaking_changes_of_the_python_edition_are_found(
    before: str, after: str, expected: list[str], tmp_path: Path
) -> None:
    new = copy_with_edits(tmp_path, (before, after))
    found = find_python_changes(ROOT / "src", new)
    assert any(all(part in each for part in expected) for each in found), found


def test_an_added_argument_is_not_a_breaking_change(tmp_path: Path) -> None:
    signature = "        contributor_insights: bool | IResolvable | None = None,\n"
    new = copy_with_edits(tmp_path, (signature, f"{signature}        added: bool = False,\n"))
    assert find_python_changes(ROOT / "src", new) == []


def test_changes_of_templates_are_found(tmp_path: Path) -> None:
    # GIVEN an app of a user
    old, new = tmp_path / "old", tmp_path / "new"
    copy_with_edits(old / "src")
    shutil.copytree(
        ROOT / "examples" / "network_load_balancer", old / "examples" / "network_load_balancer"
    )
    # WHEN an id and a default change
    copy_with_edits(
        new / "src",
        ('"Permissions"', '"Principals"'),
        ("_enabled=contributor_insights", "_enabled=True"),
    )
    # THEN both changes are found
    found = find_template_changes(old, new)
    assert any("VPCEndpointServicePermissions) is gone" in each for each in found), found
    assert any("ContributorInsightsEnabled was None, is True" in each for each in found), found
    assert len(found) == 2


def test_breaking_changes_of_the_edition_for_construct_hub_are_found(tmp_path: Path) -> None:
    # GIVEN a release with a method that was removed from the sources
    package = Package(find_tarball())
    assembly: dict[str, Any] = package.assembly
    methods = assembly["types"]["cdk-privatelink.LoadBalancers"]["methods"]
    methods.append({**methods[0], "name": "classic"})
    old = package.unpack(tmp_path)
    (old / ".jsii").write_text(json.dumps(assembly), encoding="utf-8")
    (old / "node_modules").symlink_to(SOURCE / "node_modules")
    # THEN only the removed method is found
    assert find_typescript_changes(old, SOURCE) == [
        "err  - METHOD cdk-privatelink.LoadBalancers.classic: has been removed"
    ]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.9", "1.0.0", True),
        ("1.2.3", "1.3.0", False),
        ("1.2.3", "2.0.0", True),
        ("1.2.3", "1.2.3", False),
    ],
)
def test_only_some_versions_can_have_breaking_changes(
    before: str, after: str, allowed: bool
) -> None:
    assert may_break(before, after) is allowed
    assert (check_version(before, after, ["something is gone"]) is None) is allowed
    assert check_version(before, after, []) is None
