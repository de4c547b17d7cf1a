"""Plays all scenarios that are asked for side by side, since they wait most of the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.handlers.harness import Run, Scenario, functions, play

# More would keep each other from asking EC2 in time.
_AT_ONCE = 40
_played: Counter[str] = Counter()


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """Start every selected scenario; the runs are there in time."""
    selected = [getattr(item, "callspec", None) for item in request.session.items]
    parameters = [found.params.get("scenario") for found in selected if found]
    scenarios = [found for found in parameters if isinstance(found, Scenario)]
    # Those that wait for the end of their time come first, not to be waited for at the end.
    scenarios.sort(key=lambda scenario: scenario.seconds is None)
    functions()  # Once, and not in each thread.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {f"{scenario}": pool.submit(play, scenario) for scenario in scenarios}


@pytest.fixture
def run(runs: dict[str, Future[Run]], scenario: Scenario) -> Run:
    """What came of a scenario."""
    played = runs[f"{scenario}"].result()
    _played[scenario.function] += 1
    return played


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many scenarios were played."""
    for function, count in _played.items():
        terminalreporter.write_line(f"{count} scenarios of faults and events for {function}")
