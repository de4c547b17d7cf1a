"""The templates of the test apps have no findings of cfn-lint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.linter import findings
from tools.assembly import synthesize

# The templates of `many_services` take long. Its own test checks them.
APPS = sorted(
    path.parent
    for path in Path(__file__).parent.glob("apps/*/app.py")
    if path.parent.name != "many_services"
)
# With this context, the apps have the most resources.
CONTEXT = {
    "function_seconds": "900",
    "ip_protocol": "DUAL_STACK",
    "load_balancers": "Blue,Green",
}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_templates_of_test_apps_have_no_findings_of_cfn_lint(app: Path, tmp_path: Path) -> None:
    templates = synthesize(app, tmp_path, context=CONTEXT).templates
    assert templates
    for template in templates.values():
        assert findings(json.dumps(template)) == []
