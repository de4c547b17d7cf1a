"""docs/errors.md contains every message, in a form that readers can search for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from aws_cdk import App, Stack

import cdk_privatelink
from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService, PrivateLinkValueError
from tests.documentation.pages import ROOT
from tests.unit.templates import NETWORK_ARN

SOURCES = sorted(Path(cdk_privatelink.__file__).parent.rglob("*.py"))
PACKAGE = Path(cdk_privatelink.__file__).parent
HANDLERS = [
    PACKAGE / "custom_resources" / "handlers" / name
    for name in ("custom_resources.py", "acceptance.py", "addresses.py")
]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
# A phrase that contains code stands between two backticks on each side.
PHRASES = [
    double or single
    for double, single in re.findall(r"^\| (?:`` (.*?) ``|`(.*?)`) \|", TEXT, re.MULTILINE)
]
PATTERNS = [".*".join(map(re.escape, phrase.split("…"))) for phrase in PHRASES]


def texts(value: ast.expr) -> list[str]:
    """Return the texts of an expression, with an ellipsis for each value."""
    if isinstance(value, ast.IfExp):
        return [*texts(value.body), *texts(value.orelse)]
    if isinstance(value, ast.JoinedStr):
        parts = [each.value if isinstance(each, ast.Constant) else "…" for each in value.values]
        return ["".join(map(str, parts))]
    return [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, str) else []


def problems() -> set[str]:
    """Return the problem of every error in the library."""
    found: set[str] = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.update(text for each in problem_of(node) for text in texts(each))
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "problem":
                found.update(texts(node.value))
    return found - {"", "… (…)"}


def problem_of(call: ast.Call) -> list[ast.expr]:
    """Return the argument of a call that contains the problem of an error."""
    named = [each.value for each in call.keywords if each.arg == "problem"]
    name = ast.unparse(call.func).split(".")[-1]
    if name in ("type_error", "value_error", "ImportError"):
        return call.args[:1]
    if name.startswith("PrivateLink") or name in ("translate_cdk_errors", "wrong"):
        return call.args[1:2]
    return named


def test_page_contains_every_error_message() -> None:
    found = problems()
    assert len(found) > 70
    missing = [each for each in found if not any(re.fullmatch(known, each) for known in PATTERNS)]
    assert missing == []


def test_page_contains_every_warning() -> None:
    ids = {
        each
        for source in SOURCES
        for each in re.findall(
            r'"(cdk-privatelink:[a-z]+[A-Z]\w+)"', source.read_text(encoding="utf-8")
        )
    }
    assert ids == {phrase for phrase in PHRASES if phrase.startswith("cdk-privatelink:")}


def reasons() -> set[str]:
    """Return the reasons that the functions fail with, with their checks."""
    found: set[str] = set()
    trees = [ast.parse(handler.read_text(encoding="utf-8")) for handler in HANDLERS]
    for node in (node for tree in trees for node in ast.walk(tree)):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name == "PermanentError":
            found.update(texts(node.args[0]))
        if isinstance(node, ast.Call) and name == "RetryableError":
            found.update(f"… Check {text}" for text in texts(node.args[1]))
        if isinstance(node, ast.FunctionDef) and node.name == "_get_check":
            returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            found.update(f"… Check {text}" for each in returned if each for text in texts(each))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update({node.value} if node.value.startswith("Check with") else ())
    # The frame around the other texts.
    return found - {"…", "…. Check …. Last response from …: …"}


def test_page_contains_every_failure_reason_of_the_functions() -> None:
    found = reasons()
    assert len(found) > 7
    missing = [each for each in found if not any(re.fullmatch(known, each) for known in PATTERNS)]
    assert missing == []


def test_raised_error_matches_a_message_on_the_page() -> None:
    stack = Stack(App(), "Provider")
    with pytest.raises(PrivateLinkValueError) as raised:
        PrivateLinkEndpointService(
            stack, "Payments", load_balancers=LoadBalancers.gateway(NETWORK_ARN)
        )
    read = re.fullmatch(r"`load_balancers` (.*?), got .*; .*  \[.*\]", f"{raised.value}")
    assert read is not None
    assert any(re.fullmatch(known, read[1]) for known in PATTERNS)
    assert raised.value.construct_path == "Provider/Payments"
