"""Fixtures that run the scenarios of a module concurrently, because most of them wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.handlers.harness import Run, Scenario, function_properties, run_scenario

# With more threads, requests to EC2 would be late.
_MAX_THREADS = 30
_PROPERTY = "function of the scenario"


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """Start every selected scenario of the module, and yield the future results."""
    items = [item for item in request.session.items if item.path == request.path]
    selected = [getattr(item, "callspec", None) for item in items]
    parameters = [spec.params.get("scenario") for spec in selected if spec]
    scenarios = [each for each in parameters if isinstance(each, Scenario)]
    # Scenarios with the full timeout start first, because they are the slowest.
    scenarios.sort(key=lambda scenario: scenario.seconds is None)
    function_properties()  # Cached, so that the threads do not synthesize.
    with ThreadPoolExecutor(_MAX_THREADS) as pool:
        yield {f"{scenario}": pool.submit(run_scenario, scenario) for scenario in scenarios}


@pytest.fixture
def run(
    runs: dict[str, Future[Run]], scenario: Scenario, record_property: Callable[[str, object], None]
) -> Run:
    """Return the result of a scenario."""
    result = runs[f"{scenario}"].result()
    record_property(_PROPERTY, scenario.resource_type)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of scenarios."""
    counts = Counter(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == _PROPERTY
    )
    for resource_type, count in counts.items():
        terminalreporter.write_line(f"{count} scenarios of faults and events for {resource_type}")
