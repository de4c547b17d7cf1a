"""cfn-lint for the templates of all tests."""

from __future__ import annotations

from functools import cache

from cfnlint.api import lint
from cfnlint.core import get_rules
from cfnlint.rules import RulesCollection


@cache
def findings(template: str) -> list[str]:
    """Return the findings of cfn-lint in a template."""
    return [f"{match}" for match in lint(template, rules(), ["eu-west-1"])]


@cache
def rules() -> RulesCollection:
    """Return the default rules of cfn-lint."""
    warnings_and_errors = ["W", "E"]
    return get_rules([], [], warnings_and_errors)
