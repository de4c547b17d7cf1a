"""The templates of the test apps have no findings of cfn-lint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.linter import findings

# The templates of `many_services` take long. Its own test checks them.
APPS = sorted(
    path.parent
    for path in Path(__file__).parent.glob("apps/*/app.py")
    if path.parent.name != "many_services"
)
# The environment variables of the test apps.
OPTIONS = {
    "LOAD_BALANCERS": "Blue,Green",
    "DOMAIN_NAME": "payments.example.com",
    "VERIFY": "yes",
    "FUNCTION_SECONDS": "900",
    "PORT": "443",
    "SERVICE": "yes",
    "DRAINS": "yes",
}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_templates_of_test_apps_have_no_findings_of_cfn_lint(app: Path, tmp_path: Path) -> None:
    environment = {**os.environ, **OPTIONS, "CDK_OUTDIR": str(tmp_path)}
    subprocess.run([sys.executable, "app.py"], cwd=app, env=environment, check=True)
    templates = list(tmp_path.glob("*.template.json"))
    assert templates
    for template in templates:
        assert findings(template.read_text(encoding="utf-8")) == []
