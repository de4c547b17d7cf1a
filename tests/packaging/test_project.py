"""The generated files are up to date, and every supported Python can use the tools."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from projenrc.metadata import PYTHONS
from tests.packaging.repository import ROOT, run, tracked_files


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_regenerating_changes_nothing(tmp_path: Path) -> None:
    # GIVEN the tracked files
    for name in tracked_files():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    before = contents(tmp_path)
    # WHEN projen generates files
    (tmp_path / "setup.py").unlink()
    environment = {**os.environ, "PROJEN_DISABLE_POST": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    run([sys.executable, ".projenrc.py"], tmp_path, environment)
    # THEN no file changes
    assert contents(tmp_path) == before


@pytest.mark.parametrize("version", [PYTHONS[0], PYTHONS[-1]])
def test_all_development_requirements_support(version: str) -> None:
    """Every job of the workflows installs all of them, with its own Python."""
    resolve = ["uv", "pip", "compile", "--quiet", "--python", sys.executable]
    files = ["requirements.txt", "requirements-dev.txt"]
    run([*resolve, "--python-version", version, *files], ROOT)


def test_the_badge_has_the_supported_versions() -> None:
    first, last = PYTHONS[0], PYTHONS[-1]
    badge = (
        f"[![Python {first} to {last}](https://img.shields.io/badge/python-{first}%20to%20{last}-"
    )
    assert badge in (ROOT / "README.md").read_text(encoding="utf-8")
