"""A plugin of pytest that writes the result of each test, with the claims that it proves."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

# The file that the plugin writes.
VARIABLE = "INTEG_RESULTS"
_results: dict[str, dict[str, Any]] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Store the claims in the reports of a test."""
    claims = [claim for marker in item.iter_markers("claim") for claim in marker.args]
    item.user_properties.append(("claims", claims))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the result of the setup, the call or the teardown."""
    result = _results.setdefault(
        report.nodeid,
        {"claims": dict(report.user_properties).get("claims", []), "outcome": "", "seconds": 0},
    )
    result["seconds"] += round(report.duration, 1)
    if report.failed:
        result |= {"outcome": "failed", "reason": str(report.longreprtext)}
    elif report.skipped and isinstance(report.longrepr, tuple):
        result |= {"outcome": "skipped", "reason": report.longrepr[2].removeprefix("Skipped: ")}
    elif report.when == "call":
        result["outcome"] = "passed"


def pytest_sessionfinish() -> None:
    """Write the results, which also are there if the run was interrupted."""
    Path(os.environ[VARIABLE]).write_text(json.dumps(_results), encoding="utf-8")
