"""Samples of contenders in turns, so that the load of the machine is the same, and medians."""

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
    """The result of a process."""

    seconds: float
    cpu_seconds: float
    """The CPU time of the process and its children, which is more reliable on a shared machine."""
    output: str


def run(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Process:
    """Run a process and return its times and output."""
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


def sample_in_turns(
    contenders: Mapping[str, Callable[[], T]], samples: int, *, warm: bool = False
) -> dict[str, list[T]]:
    """Sample A, B, C, A, B, C ... after a round that warms up the machine.

    :param warm: True to skip the warm-up.
    """
    for contender in () if warm else contenders.values():
        contender()
    results: dict[str, list[T]] = {name: [] for name in contenders}
    for _ in range(samples):
        for name, contender in contenders.items():
            results[name].append(contender())
    return results


def spread(values: Sequence[float], *, factor: float = 1, digits: int = 2) -> str:
    """Format the median, the minimum and the maximum."""
    minimum, middle, maximum = (f"{each * factor:.{digits}f}" for each in _summarize(values))
    return f"{middle} ({minimum}-{maximum})"


def ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios of samples in the same turn."""
    return median(one / other for one, other in zip(values, others, strict=True))


def _summarize(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), median(values), max(values)


def _cpu_seconds() -> float:
    """Return the CPU time of all child processes that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _environment() -> dict[str, str]:
    # Python caches compiled modules, as it does for installed wheels.
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
