"""How long it takes to construct and to synthesise services, and how that grows with them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from statistics import median

from tests.benchmarks.app import STEPS
from tests.benchmarks.contenders import NAMES, OPPONENTS
from tests.benchmarks.sampling import Process, by_turns, ratio, run, spread
from tests.benchmarks.scenario import SERVICES_A_STACK
from tests.benchmarks.table import Table

# Services, and how many samples of it are affordable.
SAMPLES = {10: 7, 100: 7, 1000: 3}
WHOLE, CPU = "whole process", "CPU time of it"


def measure() -> list[Table]:
    """Run the apps of all contenders."""
    taken = {services: _samples(services, samples) for services, samples in SAMPLES.items()}
    return [*(_times(services, samples) for services, samples in taken.items()), _growth(taken)]


def _samples(services: int, samples: int) -> dict[str, dict[str, list[float]]]:
    """Take the seconds of each step, by contender."""
    apps: dict[str, Callable[[], Process]] = {
        name: partial(run, [sys.executable, "-m", "tests.benchmarks.app", name, f"{services}"])
        for name in NAMES
    }
    taken = by_turns(apps, samples, warm=services > min(SAMPLES))
    return {
        name: {step: [json.loads(each.output)[step] for each in processes] for step in STEPS}
        | {
            WHOLE: [each.seconds for each in processes],
            CPU: [each.cpu_seconds for each in processes],
        }
        for name, processes in taken.items()
    }


def _times(services: int, samples: dict[str, dict[str, list[float]]]) -> Table:
    steps = (*STEPS, WHOLE, CPU)
    rows = [
        [
            NAMES[name],
            *(spread(taken[step]) for step in steps),
            *_ratios(name, samples),
        ]
        for name, taken in samples.items()
    ]
    return Table(
        f"Construction and synthesis, {services:,} services",
        f"Seconds, the median of {SAMPLES[services]} fresh processes (least-most), taken by turns. "
        "The ratios, each of whole processes and of their CPU time, are medians of those of every "
        "turn.",
        ["", *steps, "to its opponent", "to raw L1s"],
        rows,
        {"services": services, "seconds": samples},
    )


def _ratios(name: str, samples: dict[str, dict[str, list[float]]]) -> list[str]:
    def to(other: str) -> str:
        ratios = (ratio(samples[name][what], samples[other][what]) for what in (WHOLE, CPU))
        return ", ".join(f"{each:.2f}" for each in ratios)

    return [to(OPPONENTS[name]) if name in OPPONENTS else "", to("raw_l1s")]


def _growth(taken: dict[int, dict[str, dict[str, list[float]]]]) -> Table:
    counts = list(SAMPLES)
    steps = ("construct", CPU)
    rows = []
    for name in NAMES:
        cells: list[str] = []
        for step in steps:
            seconds = [median(taken[services][name][step]) for services in counts]
            costs = _costs(counts, seconds)
            cells += [*(f"{1000 * cost:.2f}" for cost in costs), f"{costs[-1] / costs[0]:.2f}"]
        rows.append([NAMES[name], *cells])
    spans = [f"{low} to {high}" for low, high in pairwise(counts)]
    return Table(
        "How the cost grows",
        "Milliseconds that one more service costs, from medians, with at most "
        f"{SERVICES_A_STACK} services a stack. A ratio of 1 is linear growth.",
        ["", *(f"{step}, {what}" for step in steps for what in (*spans, "ratio"))],
        rows,
    )


def _costs(counts: Sequence[int], seconds: Sequence[float]) -> list[float]:
    """Tell what one more service costs between each two counts."""
    points = pairwise(zip(counts, seconds, strict=True))
    return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in points]
