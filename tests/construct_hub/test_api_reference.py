"""API.md is the reference on Construct Hub. A review shows its changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.local_hub.package import SOURCE


@pytest.mark.usefixtures("package")
def test_api_reference_is_up_to_date(tmp_path: Path) -> None:
    output = tmp_path / "API.md"
    subprocess.run(["npx", "jsii-docgen", "--output", str(output)], cwd=SOURCE, check=True)
    committed = (SOURCE / "API.md").read_text(encoding="utf-8")
    fix = "run `npx --yes projen package:hub` and commit src/construct_hub/API.md"
    assert output.read_text(encoding="utf-8") == committed, fix
