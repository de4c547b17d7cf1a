"""The judgment of a run, and what its report hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integ.claims import EXAMPLES, Claim, find_tests
from tests.integ.report import judge, write_report

pytestmark = pytest.mark.local_only
ALIAS = "tests/integ/test_traffic.py::test_an_alias_in_a_private_zone_reaches_the_host"
FOLLOWED = (
    "tests/integ/test_followed_zones.py::test_a_new_zone_reaches_the_service_only_if_it_follows"
)


def result(outcome: str, *claims: str, reason: str = "") -> dict[str, Any]:
    return {"outcome": outcome, "claims": list(claims), "reason": reason, "seconds": 1}


def judge_one(claim: str, results: dict[str, Any], *, on_aws: bool = True) -> tuple[str, str]:
    (judged,) = judge([Claim(claim, "text", "none: by hand")], results, on_aws=on_aws)
    return judged["outcome"], judged["reason"]


@pytest.mark.parametrize(
    ("outcome", "reason", "expected"),
    [
        ("passed", "", ("held", "")),
        ("failed", "call: x\nE   a timeout", ("did not hold", "a timeout")),
        ("error", "setup: x\nE   no quota", ("not run", "no quota")),
        ("skipped", "needs a domain", ("not run", "needs a domain")),
        ("", "", ("not run", "the run was interrupted")),
    ],
)
def test_a_claim_has_the_outcome_of_its_test(
    outcome: str, reason: str, expected: tuple[str, str]
) -> None:
    results = {ALIAS: result(outcome, "alias", reason=reason)}
    assert judge_one("alias", results) == expected


def test_an_emulator_proves_nothing() -> None:
    results = {ALIAS: result("passed", "alias")}
    expected = "not run", "its tests passed on an emulator"
    assert judge_one("alias", results, on_aws=False) == expected


def test_a_claim_needs_the_test_with_its_parameter() -> None:
    results = {
        f"{FOLLOWED}[False]": result("passed"),
        f"{FOLLOWED}[True]": result("", "zone-added"),
    }
    assert judge_one("zone-added", results) == ("not run", "the run was interrupted")
    results[f"{FOLLOWED}[True]"]["outcome"] = "passed"
    assert judge_one("zone-added", results) == ("held", "")


def test_the_claim_about_examples_needs_all_of_them() -> None:
    names = sorted(find_tests()[EXAMPLES])
    assert len(names) == 8
    results = {
        f"tests/deployment/examples/{name}test_x": result("passed", EXAMPLES) for name in names
    }
    assert judge_one(EXAMPLES, results) == ("held", "")
    missing = dict(list(results.items())[1:])
    assert judge_one(EXAMPLES, missing) == ("not run", "test_central_endpoints.py was not run")
    last = list(results)[-1]
    results[last] = result("error", EXAMPLES, reason="setup: x\nE   CREATE_FAILED")
    assert judge_one(EXAMPLES, results) == ("did not hold", "CREATE_FAILED")


def test_a_claim_without_a_test_has_the_reason_of_the_page() -> None:
    assert judge_one("alarms", {}) == ("not run", "none: by hand")


def test_the_report_hides_accounts_people_and_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session-token/+=")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "a-request-token")
    reason = (
        "E  arn:aws:sts::111122223333:assumed-role/Admin/person@example.com is not authorized in "
        "444455556666, a-session-token/+= a-request-token https://x/?X-Amz-Signature=abc&b=1 "
        "arn:aws:iam::111122223333:user/person"
    )
    report = {
        "place": "AWS",
        "versions": {"cdk-privatelink": "0.1.0"},
        "settings": {},
        "stories": [],
        "claims": [],
        "remaining": ["arn:aws:cloudformation:eu-west-1:111122223333:stack/x"],
        "tests": {"test_x": result("failed", reason=reason)},
    }
    write_report(tmp_path, report, ["111122223333", "444455556666"])
    for name in ("report.md", "report.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "is not authorized in 111111111111, hidden hidden" in text
        assert "X-Amz-Signature=hidden&b=1" in text
        for secret in ("111122223333", "444455556666", "person", "a-session", "a-request", "=abc"):
            assert secret not in text
