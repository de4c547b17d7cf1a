"""The time to construct and synthesize endpoints, and its growth with their number."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import median

from tests.benchmarks.sampling import Process, run, sample_in_turns
from tests.benchmarks.table import Table

COUNTS = (0, 60, 240)
SAMPLES = 7
NAMES = {"cdk": "ec2.InterfaceVpcEndpoint", "library": "InterfaceEndpoint"}
# The whole app without its imports, and the CPU time of the process.
APP, CPU = "construction and synthesis", "CPU time"


def measure() -> list[Table]:
    """Run the apps of both contenders, with each number of endpoints, in turns."""
    apps: dict[str, Callable[[], Process]] = {
        f"{name} {count}": partial(
            run, [sys.executable, "-m", "tests.benchmarks.endpoints_app", name, f"{count}"]
        )
        for count in COUNTS
        for name in NAMES
    }
    processes = sample_in_turns(apps, SAMPLES)
    samples = {
        key: {
            APP: [sum(json.loads(each.output).values()) for each in found],
            CPU: [each.cpu_seconds for each in found],
        }
        for key, found in processes.items()
    }
    costs = {name: [_costs(samples, name, column) for column in (APP, CPU)] for name in NAMES}
    rows = [
        [label, *(f"{1000 * cost:.2f}" for column in costs[name] for cost in column)]
        for name, label in NAMES.items()
    ]
    cdk, library = costs["cdk"], costs["library"]
    rows.append(
        [
            "ratio",
            *(
                f"{own / other:.2f}"
                for column, other_column in zip(library, cdk, strict=True)
                for own, other in zip(column, other_column, strict=True)
            ),
        ]
    )
    spans = [f"{low} to {high}" for low, high in pairwise(COUNTS)]
    return [
        Table(
            "Endpoints",
            "Milliseconds per additional endpoint, from medians of "
            f"{SAMPLES} new processes, in five VPCs and to ten services of the same app.",
            ["", *(f"{column}, {span}" for column in (APP, CPU) for span in spans)],
            rows,
            samples,
        )
    ]


def _costs(samples: dict[str, dict[str, list[float]]], name: str, column: str) -> list[float]:
    """Return the seconds of one more endpoint between each two counts."""
    points = pairwise((count, median(samples[f"{name} {count}"][column])) for count in COUNTS)
    return [(after - before) / (high - low) for (low, before), (high, after) in points]
