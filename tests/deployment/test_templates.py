"""The templates of the apps that are made for tests: cfn-lint finds nothing in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.linter import findings

APPS = sorted(path.parent for path in Path(__file__).parent.glob("apps/*/app.py"))
# What the apps of the tests want to be told.
OPTIONS = {
    "LOAD_BALANCERS": "Blue,Green",
    "DOMAIN_NAME": "payments.example.com",
    "VERIFY": "yes",
    "FUNCTION_SECONDS": "900",
}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_cfn_lint_finds_nothing(app: Path, tmp_path: Path) -> None:
    environment = {**os.environ, **OPTIONS, "CDK_OUTDIR": str(tmp_path)}
    subprocess.run([sys.executable, "app.py"], cwd=app, env=environment, check=True)
    templates = list(tmp_path.glob("*.template.json"))
    assert templates
    for template in templates:
        assert findings(template.read_text(encoding="utf-8")) == []
