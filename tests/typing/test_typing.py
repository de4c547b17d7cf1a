"""The types in a project of a user, with the package installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
# Checking aws-cdk-lib takes a minute, which the lint task has spent already.
CACHE = HERE.parents[1] / ".mypy_cache"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("right_use.py", "wrong_use.py"):
        shutil.copy(HERE / name, tmp_path)
    environment = Path(sys.prefix)
    config = {"venvPath": str(environment.parent), "venv": environment.name}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    return tmp_path


def lines(command: list[str], cwd: Path) -> list[str]:
    """Return the output of a type checker that found errors or none, but did not fail."""
    process = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert process.returncode in (0, 1), process.stdout + process.stderr
    return process.stdout.splitlines()


def marks() -> set[tuple[str, int, str]]:
    """Return the errors that comments in the wrong use announce: file, line and code."""
    text = (HERE / "wrong_use.py").read_text(encoding="utf-8")
    found = {
        ("wrong_use.py", number, match[1])
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := re.search(r"# rejected: (.+)", line))
    }
    assert len(found) == 77
    return found


def test_mypy_accepts_right_use_and_rejects_every_wrong_one(project: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--output=json", f"--cache-dir={CACHE}"]
    errors: list[dict[str, Any]] = [json.loads(line) for line in lines([*command, "."], project)]
    errors_found = {
        (error["file"], error["line"], error["code"])
        for error in errors
        if error["severity"] == "error"
    }
    assert errors_found == marks()


def test_pyright_accepts_right_use_and_rejects_every_wrong_one(project: Path) -> None:
    output = json.loads("".join(lines(["pyright", "--outputjson"], project)))
    errors_found = {
        (Path(error["file"]).name, error["range"]["start"]["line"] + 1)
        for error in output["generalDiagnostics"]
    }
    assert errors_found == {(file, line) for file, line, _ in marks()}
