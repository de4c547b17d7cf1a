"""The list of claims that only AWS can prove, and the tests that would prove them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.documentation.pages import ROOT
from tests.integ.claims import read_claims
from tests.integ.stories import STORIES

EXAMPLES = "the tests of `tests/deployment/examples`"
# Statements that something was not tried on AWS.
_NOT_TRIED = re.compile(
    r"\bnobody (?:has|could) (?:\[?run|seen|measured?|checked|tried)\b|"
    r"\b(?:not|never|nothing|nobody|neither|without)\b[^.|]*"
    r"\b(?:run|seen|tried|checked|measured|deployed|proven)\b[^.|]*\bAWS\b(?! itself)",
    re.IGNORECASE,
)


def claims_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each claim that a test of a module proves, with the test."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
                    ".claim"
                ):
                    for argument in decorator.args:
                        yield ast.literal_eval(argument), f"`{path.name}::{node.name}`"


def test_each_claim_has_the_check_that_the_page_names() -> None:
    checks = defaultdict(set)
    for story in STORIES.values():
        for claim, test in claims_of(story.tests):
            checks[claim].add(test)
    listed = {claim.id: {claim.check} for claim in read_claims()}
    with_tests = {
        claim: check
        for claim, check in listed.items()
        if check != {EXAMPLES} and not next(iter(check)).startswith("none: ")
    }
    assert with_tests == checks
    assert len(listed) == len(read_claims())


def test_all_tests_of_examples_on_aws_prove_the_claim_about_examples() -> None:
    assert [claim.id for claim in read_claims() if claim.check == EXAMPLES] == ["examples-deploy"]
    mark = 'pytestmark = pytest.mark.claim("examples-deploy")'
    examples = [story.tests for story in STORIES.values() if "examples" in story.tests.parts]
    assert len(examples) == 8
    assert [path.name for path in examples if mark not in path.read_text(encoding="utf-8")] == []


def test_every_statement_about_missing_runs_on_aws_links_to_the_list() -> None:
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
    statements = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in pages
        if path.name not in ("CHANGELOG.md", "unproven.md")
        for line in path.read_text(encoding="utf-8").splitlines()
        if _NOT_TRIED.search(line) and "unproven.md" not in line
    ]
    assert statements == []


def test_each_example_links_to_the_list() -> None:
    for path in ROOT.glob("examples/*/README.md"):
        _, _, section = path.read_text(encoding="utf-8").partition("## Not tested")
        assert "(../../docs/unproven.md)" in section.partition("\n## ")[0], path
