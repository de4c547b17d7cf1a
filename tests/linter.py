"""cfn-lint, for every template that the tests make."""

from __future__ import annotations

from functools import cache

from cfnlint.api import lint
from cfnlint.core import get_rules
from cfnlint.rules import RulesCollection


@cache
def findings(template: str) -> list[str]:
    """What cfn-lint finds in a template."""
    return [f"{match}" for match in lint(template, rules(), ["eu-west-1"])]


@cache
def rules() -> RulesCollection:
    """The rules that cfn-lint has by default, read once."""
    warnings_and_errors = ["W", "E"]
    return get_rules([], [], warnings_and_errors)
