"""Samples of contenders, taken by turns so that all meet the same machine, and their medians."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Process:
    """What came of a process."""

    seconds: float
    cpu_seconds: float
    """What it and its own processes computed, which tells more on a machine that others use."""
    output: str


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Process:
    """Run a process, and tell how long it took from its start to its end."""
    start, cpu_start = perf_counter(), _cpu_seconds()
    process = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=_environment() | dict(environment or {}),
    )
    seconds, cpu_seconds = perf_counter() - start, _cpu_seconds() - cpu_start
    if process.returncode:
        raise RuntimeError(f"{command} failed: {process.stderr}")
    return Process(seconds, cpu_seconds, process.stdout)


def by_turns(
    contenders: Mapping[str, Callable[[], T]], samples: int, *, warm: bool = False
) -> dict[str, list[T]]:
    """Take samples of A, B, C, A, B, C ..., after a round that only warms the machine up.

    :param warm: Whether it is warm already.
    """
    for contender in () if warm else contenders.values():
        contender()
    taken: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(samples):
        for name, contender in contenders.items():
            taken[name].append(contender())
    return taken


def spread(values: Sequence[float], *, factor: float = 1, digits: int = 2) -> str:
    """Write a median, with the least and the most."""
    least, middle, most = (f"{each * factor:.{digits}f}" for each in _least_middle_most(values))
    return f"{middle} ({least}-{most})"


def ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """Tell the median of the ratios of samples that were taken in the same turn."""
    return median(one / other for one, other in zip(values, others, strict=True))


def _least_middle_most(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), median(values), max(values)


def _cpu_seconds() -> float:
    """Tell what all processes have computed that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _environment() -> dict[str, str]:
    # Python caches what it compiles, as it does for those who install a wheel.
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
