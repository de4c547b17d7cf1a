"""A plugin of pytest that writes the result of each test, with the claims that it proves."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

# The file that the plugin writes after each test.
VARIABLE = "INTEG_RESULTS"
_results: dict[str, dict[str, Any]] = {}


def pytest_configure() -> None:
    """End the stories if the command does not exist any more: nothing would stop them."""

    def watch(parent: int) -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, args=[os.getppid()], daemon=True).start()


def pytest_collection_finish(session: pytest.Session) -> None:
    """List all tests, of which an interrupted run has no outcome."""
    for item in session.items:
        claims = [claim for marker in item.iter_markers("claim") for claim in marker.args]
        _results[item.nodeid] = {"claims": claims, "outcome": "", "seconds": 0, "reason": ""}
    _write()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the result of the setup, the call or the teardown.

    A setup or teardown that fails is an error: the test itself has shown nothing.
    """
    result = _results[report.nodeid]
    result["seconds"] = round(result["seconds"] + report.duration, 1)
    if report.failed:
        outcome = "failed" if report.when == "call" else "error"
        result |= {"outcome": outcome, "reason": f"{report.when}: {report.longreprtext}"}
    elif report.skipped and isinstance(report.longrepr, tuple):
        result |= {"outcome": "skipped", "reason": report.longrepr[2].removeprefix("Skipped: ")}
    elif report.when == "call":
        result["outcome"] = "passed"
    _write()


def _write() -> None:
    Path(os.environ[VARIABLE]).write_text(json.dumps(_results), encoding="utf-8")
