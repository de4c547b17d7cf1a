"""The time to construct and synthesize services, and its growth with their number."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from statistics import median

from tests.benchmarks.app import STEPS
from tests.benchmarks.contenders import COUNTERPARTS, NAMES
from tests.benchmarks.sampling import Process, ratio, run, sample_in_turns, spread
from tests.benchmarks.scenario import SERVICES_PER_STACK
from tests.benchmarks.table import Table

# Number of services to number of samples, which is smaller for slow apps.
SAMPLES = {10: 7, 100: 7, 1000: 3}
WHOLE, CPU = "whole process", "CPU time"


def measure() -> list[Table]:
    """Run the apps of all contenders."""
    results = {services: _samples(services, samples) for services, samples in SAMPLES.items()}
    return [
        *(_times(services, samples) for services, samples in results.items()),
        _growth(results),
    ]


def _samples(services: int, samples: int) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of each step, by contender."""
    apps: dict[str, Callable[[], Process]] = {
        name: partial(run, [sys.executable, "-m", "tests.benchmarks.app", name, f"{services}"])
        for name in NAMES
    }
    processes_by_name = sample_in_turns(apps, samples, warm=services > min(SAMPLES))
    return {
        name: {step: [json.loads(each.output)[step] for each in processes] for step in STEPS}
        | {
            WHOLE: [each.seconds for each in processes],
            CPU: [each.cpu_seconds for each in processes],
        }
        for name, processes in processes_by_name.items()
    }


def _times(services: int, samples: dict[str, dict[str, list[float]]]) -> Table:
    steps = (*STEPS, WHOLE, CPU)
    rows = [
        [
            NAMES[name],
            *(spread(seconds[step]) for step in steps),
            *_format_ratios(name, samples),
        ]
        for name, seconds in samples.items()
    ]
    return Table(
        f"Construction and synthesis, {services:,} services",
        f"Seconds: the median of {SAMPLES[services]} new processes (minimum-maximum), sampled in "
        "turns. The ratios of whole processes and of CPU time are medians of the ratios of all "
        "turns.",
        ["", *steps, "to its counterpart", "to raw L1s"],
        rows,
        {"services": services, "seconds": samples},
    )


def _format_ratios(name: str, samples: dict[str, dict[str, list[float]]]) -> list[str]:
    def ratio_to(other: str) -> str:
        ratios = (ratio(samples[name][column], samples[other][column]) for column in (WHOLE, CPU))
        return ", ".join(f"{each:.2f}" for each in ratios)

    return [ratio_to(COUNTERPARTS[name]) if name in COUNTERPARTS else "", ratio_to("raw_l1s")]


def _growth(results: dict[int, dict[str, dict[str, list[float]]]]) -> Table:
    counts = list(SAMPLES)
    steps = ("construct", CPU)
    rows = []
    for name in NAMES:
        cells: list[str] = []
        for step in steps:
            seconds = [median(results[services][name][step]) for services in counts]
            costs = _costs(counts, seconds)
            cells += [*(f"{1000 * cost:.2f}" for cost in costs), f"{costs[-1] / costs[0]:.2f}"]
        rows.append([NAMES[name], *cells])
    spans = [f"{low} to {high}" for low, high in pairwise(counts)]
    return Table(
        "Growth",
        "Milliseconds per additional service, from medians, with at most "
        f"{SERVICES_PER_STACK} services per stack. A ratio of 1 is linear growth.",
        ["", *(f"{step}, {column}" for step in steps for column in (*spans, "ratio"))],
        rows,
    )


def _costs(counts: Sequence[int], seconds: Sequence[float]) -> list[float]:
    """Return the cost of one more service between each two counts."""
    points = pairwise(zip(counts, seconds, strict=True))
    return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in points]
