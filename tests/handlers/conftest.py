"""Plays the scenarios of a module side by side, since they wait most of the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.handlers.harness import Run, Scenario, functions, play

# More would keep each other from asking EC2 in time.
_AT_ONCE = 30
_PLAYED = "scenario played for"


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """Start every selected scenario of the module; the runs are there in time."""
    items = [item for item in request.session.items if item.path == request.path]
    selected = [getattr(item, "callspec", None) for item in items]
    parameters = [found.params.get("scenario") for found in selected if found]
    scenarios = [found for found in parameters if isinstance(found, Scenario)]
    # Those that wait for the end of their time come first, not to be waited for at the end.
    scenarios.sort(key=lambda scenario: scenario.seconds is None)
    functions()  # Once, and not in each thread.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {f"{scenario}": pool.submit(play, scenario) for scenario in scenarios}


@pytest.fixture
def run(
    runs: dict[str, Future[Run]], scenario: Scenario, record_property: Callable[[str, object], None]
) -> Run:
    """What came of a scenario."""
    played = runs[f"{scenario}"].result()
    record_property(_PLAYED, scenario.function)
    return played


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many scenarios were played."""
    played = Counter(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == _PLAYED
    )
    for function, count in played.items():
        terminalreporter.write_line(f"{count} scenarios of faults and events for {function}")
