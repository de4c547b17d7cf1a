"""The report of a run: which claims AWS has confirmed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .claims import EXAMPLES, Claim, find_tests, read_claims
from .stories import ROOT, STORIES, Story

REPORT = ROOT / "dist" / "integ"
REPORT_KEYS = {"place", "settings", "versions", "stories", "claims", "remaining", "tests"}
ON_AWS, ON_EMULATOR = "AWS", "an emulator"
HELD, FAILED, NOT_RUN = "held", "did not hold", "not run"
# The names of environment variables with credentials.
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|ACCESS_KEY")


def summarize(story: Story, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcome of a story."""
    own = [each for name, each in results.items() if _file_of(name) == story.tests.name]
    outcomes = [each["outcome"] for each in own]
    counts = [
        f"{outcomes.count(outcome)} {outcome}"
        for outcome in ("passed", "failed", "error", "skipped")
        if outcome in outcomes
    ]
    if "" in outcomes:
        counts.append(f"{outcomes.count('')} interrupted")
    seconds = sum(each["seconds"] for each in own)
    return {"name": story.name, "outcome": ", ".join(counts) or "not run", "seconds": seconds}


def judge(
    claims: Sequence[Claim], results: Mapping[str, Any], *, on_aws: bool
) -> list[dict[str, Any]]:
    """Return each claim with its outcome.

    A claim holds if all tests of all stories that prove it have passed on AWS in this run.
    """
    tests = find_tests()
    return [
        {
            "id": claim.id,
            "claim": claim.text,
            **_judge(claim, sorted(tests.get(claim.id, ())), results, on_aws=on_aws),
        }
        for claim in claims
    ]


def _judge(
    claim: Claim, tests: Sequence[str], results: Mapping[str, Any], *, on_aws: bool
) -> dict[str, str]:
    if not tests:
        return {"outcome": NOT_RUN, "reason": claim.check}
    if not on_aws:
        return {"outcome": NOT_RUN, "reason": "an emulator proves nothing"}
    proofs = {
        test: [
            each
            for name, each in results.items()
            if f"/{test}" in f"/{name}" and claim.id in each["claims"]
        ]
        for test in tests
    }
    found = {each["outcome"]: each for proof in proofs.values() for each in proof}
    # An example that cannot be deployed is an error of the setup.
    for outcome in ("failed", "error") if claim.id == EXAMPLES else ("failed",):
        if outcome in found:
            return {"outcome": FAILED, "reason": _first_error(found[outcome]["reason"])}
    missing = [test for test, proof in proofs.items() if not proof]
    if missing:
        return {"outcome": NOT_RUN, "reason": f"{missing[0].partition('::')[0]} was not run"}
    if "error" in found:
        return {"outcome": NOT_RUN, "reason": _first_error(found["error"]["reason"])}
    if "" in found:
        return {"outcome": NOT_RUN, "reason": "the run was interrupted"}
    if "skipped" in found:
        return {"outcome": NOT_RUN, "reason": found["skipped"]["reason"]}
    return {"outcome": HELD, "reason": ""}


def merge(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one report of several runs, which shows what all of them together have confirmed.

    A story that ran again counts with its last run.

    :raises ValueError: There is no report, or the places, commits or Regions differ.
    """
    if not reports:
        raise ValueError("no reports")
    ordered = sorted(reports, key=lambda report: str(report["settings"]["Started"]))
    first = ordered[0]
    for report in ordered:
        if _conditions(report) != _conditions(first):
            raise ValueError(f"runs differ: {_conditions(first)} and {_conditions(report)}")
    results: dict[str, Any] = {}
    for report in ordered:
        files = [STORIES[story["name"]].tests.name for story in report["stories"]]
        results = {
            **{name: each for name, each in results.items() if _file_of(name) not in files},
            **report["tests"],
        }
    stories = {each["name"]: each for report in ordered for each in report["stories"]}
    settings = _join([report["settings"] for report in ordered])
    minutes = sum(report["settings"]["Minutes"] for report in ordered)
    return {
        **first,
        "settings": settings | {"Started": first["settings"]["Started"], "Minutes": minutes},
        "versions": _join([report["versions"] for report in ordered]),
        "stories": list(stories.values()),
        "claims": judge(read_claims(), results, on_aws=first["place"] == ON_AWS),
        "remaining": [each for report in ordered for each in report["remaining"]],
        "tests": results,
    }


def _conditions(report: Mapping[str, Any]) -> dict[str, str]:
    """Return what must be the same. Tools have new versions every day."""
    return {
        "place": report["place"],
        **{name: report["settings"][name] for name in ("Region", "Other Region")},
        **{name: report["versions"][name] for name in ("cdk-privatelink", "commit")},
    }


def _join(tables: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the different values of each name."""
    return {
        name: ", ".join(dict.fromkeys(str(table[name]) for table in tables)) for name in tables[0]
    }


def _file_of(test: str) -> str:
    return Path(test.partition("::")[0]).name


def write_report(folder: Path, report: Mapping[str, Any], accounts: Sequence[str] = ()) -> str:
    """Write the report as JSON and Markdown, without account ids, and return the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _hide(json.dumps(report, indent=2), accounts)
    (folder / "report.json").write_text(f"{text}\n", encoding="utf-8")
    markdown = _to_markdown(json.loads(text))
    (folder / "report.md").write_text(markdown, encoding="utf-8")
    return markdown


def print_report(markdown: str) -> None:
    """Print the tables of a report, without the output of failed tests."""
    print(markdown.partition("\n## ")[0])
    print(f"The report is in {REPORT.relative_to(ROOT)}/report.md and report.json")


def _hide(text: str, accounts: Sequence[str]) -> str:
    """Replace what identifies an account or a person, since issues are public."""
    for number, account in enumerate(dict.fromkeys(accounts)):
        text = text.replace(account, f"{number}" * 12)
    for name, value in os.environ.items():
        if _SECRET.search(name) and len(value) > 8:
            text = text.replace(value, "hidden")
    text = re.sub(r"((?:assumed-role|user)/)[^\s\"\\]+", r"\1hidden", text)
    return re.sub(r"(X-Amz-[A-Za-z-]+=)[^&\s\"\\]+", r"\1hidden", text)


def _to_markdown(report: Mapping[str, Any]) -> str:
    claims = report["claims"]
    counts = [
        f"{sum(each['outcome'] == outcome for each in claims)} {outcome}"
        for outcome in (HELD, FAILED, NOT_RUN)
    ]
    lines = [
        f"# cdk-privatelink {report['versions']['cdk-privatelink']} on {report['place']}",
        "",
        f"Of {len(claims)} claims: {', '.join(counts)}.",
        "",
        "| Setting | Value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in report["settings"].items()),
        *(f"| {name} | {value} |" for name, value in report["versions"].items()),
        "",
        "| Story | Tests | Seconds |",
        "|---|---|---|",
        *(
            f"| {each['name']} | {each['outcome']} | {each['seconds']:.0f} |"
            for each in report["stories"]
        ),
        "",
        "| Claim | Outcome | Reason |",
        "|---|---|---|",
        *(
            f"| `{each['id']}`: {each['claim']} | {each['outcome']} | {_in_cell(each['reason'])} |"
            for each in claims
        ),
    ]
    if report["remaining"]:
        lines += ["", "Not deleted:", "", *(f"* `{each}`" for each in report["remaining"])]
    # All tests of a fixture that fails have the same reason.
    tests_by_reason: dict[str, list[str]] = {}
    for name, each in report["tests"].items():
        if each["outcome"] in ("failed", "error"):
            tests_by_reason.setdefault(each["reason"], []).append(name)
    for reason, names in tests_by_reason.items():
        lines += ["", *(f"## {name}" for name in names), "", "```text", reason, "```"]
    return "\n".join(lines) + "\n"


def _first_error(reason: str) -> str:
    """Return what the last exception says, which is the one that the test has seen."""
    last = reason.rpartition("the direct cause of the following exception")[2]
    errors = [line.removeprefix("E ").strip() for line in last.splitlines() if line[:2] == "E "]
    # The second line of a failed deployment is the reason of the first resource.
    return " ".join(errors[:2]) or (reason.splitlines() or [""])[0]


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
