"""A plot of the CPU time of services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from matplotlib import pyplot  # pyright: ignore[reportMissingImports]
from matplotlib.axes import Axes  # pyright: ignore[reportMissingImports]

from tests.benchmarks.contenders import NAMES
from tests.benchmarks.synthesis import CPU
from tests.benchmarks.table import Table

# Readable on light and dark pages, and different without colors.
_MARKERS = dict(zip(NAMES, "osD^v", strict=True))


def plot(tables: Sequence[Table], path: Path) -> None:
    """Draw the CPU time of each contender's app, by the number of services."""
    samples_by_services = {table.samples["services"]: table.samples["seconds"] for table in tables}
    pyplot.rcParams["svg.hashsalt"] = path.name
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for name, label in NAMES.items():
        seconds = [samples[name][CPU] for samples in samples_by_services.values()]
        medians = [median(each) for each in seconds]
        lower = [middle - min(each) for middle, each in zip(medians, seconds, strict=True)]
        upper = [max(each) - middle for middle, each in zip(medians, seconds, strict=True)]
        axes.errorbar(
            list(samples_by_services),
            medians,
            yerr=(lower, upper),
            label=label,
            marker=_MARKERS[name],
            capsize=3,
        )
    _label(axes, list(samples_by_services))
    figure.savefig(path, metadata={"Date": None})


def _label(axes: Axes, services: Sequence[int]) -> None:
    axes.set(
        xscale="log",
        ylim=(0, None),
        xlabel="services",
        ylabel="CPU seconds",
        title="python app.py with import and synthesis: median, minimum and maximum",
    )
    axes.set_xticks(services, [f"{count:,}" for count in services])
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper left")
