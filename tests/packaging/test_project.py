"""The generated files of the project are up to date."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

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
