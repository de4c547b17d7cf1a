"""The judgment of a run, and what its report hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integ.claims import EXAMPLES, Claim, find_tests
from tests.integ.report import judge, merge, write_report

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
    expected = "not run", "an emulator proves nothing"
    assert judge_one("alias", results, on_aws=False) == expected
    assert judge_one("alias", {ALIAS: result("failed", "alias")}, on_aws=False) == expected


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
    assert len(names) == 12
    results = {
        f"tests/deployment/examples/{name}test_x": result("passed", EXAMPLES) for name in names
    }
    assert judge_one(EXAMPLES, results) == ("held", "")
    missing = dict(list(results.items())[1:])
    assert judge_one(EXAMPLES, missing) == ("not run", "test_accepted_endpoints.py was not run")
    last = list(results)[-1]
    results[last] = result("error", EXAMPLES, reason="setup: x\nE   CREATE_FAILED")
    assert judge_one(EXAMPLES, results) == ("did not hold", "CREATE_FAILED")


def test_the_reason_is_what_the_last_exception_says() -> None:
    reason = """call: x
E   WaiterError: Waiter StackCreateComplete failed
The above exception was the direct cause of the following exception:
E   DeploymentError: integ-1a2b3c-Provider failed
E   Service: the load balancer is not active"""
    results = {ALIAS: result("failed", "alias", reason=reason)}
    expected = (
        "DeploymentError: integ-1a2b3c-Provider failed Service: the load balancer is not active"
    )
    assert judge_one("alias", results) == ("did not hold", expected)


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


def test_the_report_has_the_output_of_a_failed_fixture_once(tmp_path: Path) -> None:
    results = {
        "test_a": result("error", reason="setup: the stack failed"),
        "test_b": result("error", reason="setup: the stack failed"),
        "test_c": result("failed", reason="call: another state"),
    }
    markdown = write_report(tmp_path, report_of("2026-01-01", "traffic", results))
    assert markdown.count("the stack failed") == 1
    _, _, details = markdown.partition("\n## ")
    assert details.startswith(
        "test_a\n## test_b\n\n```text\nsetup: the stack failed\n```\n\n## test_c"
    )


def report_of(started: str, story: str, results: dict[str, Any], **settings: str) -> dict[str, Any]:
    return {
        "place": "AWS",
        "versions": {"cdk-privatelink": "0.1.0", "commit": "abc", "boto3": f"1.{started[-1]}"},
        "settings": {
            "Started": started,
            "Minutes": 20,
            "Region": "eu-west-1",
            "Other Region": "eu-central-1",
            **settings,
        },
        "stories": [{"name": story, "outcome": "1 test", "seconds": 1}],
        "claims": [],
        "remaining": [f"stack of {story} at {started}"],
        "tests": results,
    }


def test_reports_of_several_runs_add_up_and_the_last_run_of_a_story_counts() -> None:
    followed = {f"{FOLLOWED}[True]": result("passed", "zone-added", "allow-multi-region")}
    merged = merge(
        [
            report_of("2026-01-02", "traffic", {ALIAS: result("passed", "alias")}),
            report_of("2026-01-01", "traffic", {ALIAS: result("failed", "alias", reason="E   x")}),
            report_of("2026-01-03", "followed_zones", followed),
        ]
    )
    held = {each["id"] for each in merged["claims"] if each["outcome"] == "held"}
    assert held == {"alias", "zone-added", "allow-multi-region"}
    assert merged["settings"] == {
        "Started": "2026-01-01",
        "Minutes": 60,
        "Region": "eu-west-1",
        "Other Region": "eu-central-1",
    }
    assert [each["name"] for each in merged["stories"]] == ["traffic", "followed_zones"]
    assert merged["versions"] == {
        "cdk-privatelink": "0.1.0",
        "commit": "abc",
        "boto3": "1.1, 1.2, 1.3",
    }
    assert len(merged["remaining"]) == 3


def test_a_story_that_ran_again_without_results_proves_nothing() -> None:
    merged = merge(
        [
            report_of("2026-01-01", "traffic", {ALIAS: result("passed", "alias")}),
            report_of("2026-01-02", "traffic", {}),
        ]
    )
    assert merged["tests"] == {}
    assert "held" not in {each["outcome"] for each in merged["claims"]}


def test_reports_of_different_conditions_do_not_add_up() -> None:
    first = report_of("2026-01-01", "traffic", {})
    with pytest.raises(ValueError, match=r"runs differ: .*eu-west-1.* and .*us-east-1"):
        merge([first, report_of("2026-01-02", "rules", {}, Region="us-east-1")])
    with pytest.raises(ValueError, match=r"runs differ: .*abc.* and .*def"):
        merge([first, {**first, "versions": first["versions"] | {"commit": "def"}}])
    with pytest.raises(ValueError, match=r"runs differ: .*AWS.* and .*emulator"):
        merge([first, {**first, "place": "an emulator"}])
    with pytest.raises(ValueError, match="no reports"):
        merge([])
