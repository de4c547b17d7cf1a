"""The claims in docs/unproven.md, which only AWS can prove, and the tests that prove them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .stories import ROOT, STORIES

PAGE = ROOT / "docs" / "unproven.md"
# The claim that all tests of all examples and test apps prove.
EXAMPLES = "examples-deploy"
_ROW = re.compile(r"^\| `(?P<id>[a-z0-9-]+)` \| (?P<text>.+?) \| (?P<check>.+?) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


class Claim(NamedTuple):
    """A row of the page."""

    id: str
    text: str
    check: str
    """The name of the test that proves the claim, or the reason why no test does."""


def read_claims() -> list[Claim]:
    """Return the claims, without links."""
    rows = _ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return [Claim(*(_LINK.sub(r"\1", part) for part in row.groups())) for row in rows]


def find_tests() -> dict[str, set[str]]:
    """Return the tests of all stories by the claims that they prove, like `test_x.py::test_y`."""
    tests = defaultdict(set)
    for story in STORIES.values():
        for claim, function in _claims_of(story.tests):
            tests[claim].add(f"{story.tests.name}::{function}")
        if "deployment" in story.tests.parts:
            tests[EXAMPLES].add(f"{story.tests.name}::")
    return dict(tests)


def _claims_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each claim in the decorators of a test, also of one of its parameters."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                for call in ast.walk(decorator):
                    if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".claim"):
                        for argument in call.args:
                            yield ast.literal_eval(argument), node.name
