"""The repository that the distribution is built from."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> str:
    process = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def tracked_files() -> list[str]:
    return run(["git", "ls-files"], cwd=ROOT).splitlines()
