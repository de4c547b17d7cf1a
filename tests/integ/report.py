"""The report of a run: which claims AWS has confirmed."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from .claims import Claim

HELD, FAILED, NOT_RUN = "held", "did not hold", "not run"


def judge(
    claims: Sequence[Claim], results: Mapping[str, Any], *, on_aws: bool
) -> list[dict[str, Any]]:
    """Return each claim with its outcome. A claim holds if all of its tests have passed on AWS."""
    return [
        {"id": claim.id, "claim": claim.text, **_judge(claim, results.values(), on_aws=on_aws)}
        for claim in claims
    ]


def _judge(claim: Claim, results: Collection[Any], *, on_aws: bool) -> dict[str, str]:
    proofs = [each for each in results if claim.id in each["claims"]]
    outcomes = {each["outcome"]: each for each in proofs}
    if "failed" in outcomes:
        return {"outcome": FAILED, "reason": _last_line(outcomes["failed"]["reason"])}
    if "skipped" in outcomes:
        return {"outcome": NOT_RUN, "reason": outcomes["skipped"]["reason"]}
    if outcomes.keys() == {"passed"}:
        if not on_aws:
            return {"outcome": NOT_RUN, "reason": "its tests passed on an emulator"}
        return {"outcome": HELD, "reason": ""}
    return {"outcome": NOT_RUN, "reason": "its story was not run" if not proofs else "interrupted"}


def write_report(folder: Path, report: Mapping[str, Any], accounts: Sequence[str]) -> str:
    """Write the report as JSON and Markdown, without account ids, and return the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _hide(json.dumps(report, indent=2), accounts)
    (folder / "report.json").write_text(f"{text}\n", encoding="utf-8")
    markdown = _to_markdown(json.loads(text))
    (folder / "report.md").write_text(markdown, encoding="utf-8")
    return markdown


def _hide(text: str, accounts: Sequence[str]) -> str:
    """Replace account ids and signatures, since the report is attached to public issues."""
    for number, account in enumerate(dict.fromkeys(accounts)):
        text = text.replace(account, f"{number}" * 12)
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
        lines += ["", "Delete by hand:", "", *(f"* `{each}`" for each in report["remaining"])]
    failures = {name: each for name, each in report["tests"].items() if "failed" in each.values()}
    for name, each in failures.items():
        lines += ["", f"## {name}", "", "```text", each["reason"], "```"]
    return "\n".join(lines) + "\n"


def _last_line(reason: str) -> str:
    errors = [line for line in reason.splitlines() if line.startswith("E ")]
    return (errors or reason.splitlines() or [""])[0].removeprefix("E ").strip()


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
