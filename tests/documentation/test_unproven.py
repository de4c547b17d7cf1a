"""The list of claims that only AWS can prove, and the tests that would prove them."""

from __future__ import annotations

import re

from tests.documentation.pages import ROOT
from tests.integ.claims import EXAMPLES, find_tests, read_claims
from tests.integ.stories import STORIES

# Statements that something was not tried on AWS.
_NOT_TRIED = re.compile(
    r"\bnobody (?:has|could) (?:\[?run|seen|measured?|checked|tried)\b|"
    r"\b(?:not|never|nothing|nobody|neither|without)\b[^.|]*"
    r"\b(?:run|seen|tried|checked|measured|deployed|proven)\b[^.|]*\bAWS\b(?! itself)",
    re.IGNORECASE,
)


def test_each_claim_has_the_check_that_the_page_names() -> None:
    tests = find_tests()
    del tests[EXAMPLES]
    claims = read_claims()
    listed = {
        claim.id: {claim.check.strip("`")}
        for claim in claims
        if claim.id != EXAMPLES and not claim.check.startswith("none: ")
    }
    assert listed == tests
    assert len({claim.id for claim in claims}) == len(claims)


def test_all_tests_of_examples_and_test_apps_on_aws_prove_the_claim_about_them() -> None:
    (check,) = [claim.check for claim in read_claims() if claim.id == EXAMPLES]
    assert check == "the tests of `tests/deployment`"
    mark = 'pytestmark = pytest.mark.claim("examples-deploy")'
    found = [story.tests for story in STORIES.values() if "deployment" in story.tests.parts]
    assert [path.name for path in found if mark not in path.read_text(encoding="utf-8")] == []


def test_every_example_and_test_app_is_a_story_or_has_a_reason_why_not() -> None:
    folders = [*ROOT.glob("examples/*/app.py"), *ROOT.glob("tests/deployment/apps/*/app.py")]
    assert len(folders) == 14
    missing = {path.parent.name for path in folders} - STORIES.keys()
    # The story `upgrade` deploys the template. The claim `many-lookups` says why not.
    assert missing == {"cloudformation_template", "many_services"}


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
