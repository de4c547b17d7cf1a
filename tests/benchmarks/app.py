"""The app of one contender: ``python -m tests.benchmarks.app CONTENDER SERVICES``.

It does what an ``app.py`` does, and tells, as JSON, how many seconds each step took.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from time import perf_counter

from tests.benchmarks.contenders import offer_of

STEPS = ("import", "construct", "synthesise")


def main(contender: str, services: int) -> None:
    """Import, construct, synthesise."""
    clock = [perf_counter()]
    offer = offer_of(contender)
    from tests.benchmarks.scenario import app_in, stacks_in

    clock.append(perf_counter())
    with tempfile.TemporaryDirectory() as assembly:
        app = app_in(assembly)
        for number, stack in enumerate(stacks_in(app, services)):
            offer(stack, number)
        clock.append(perf_counter())
        app.synth()
        clock.append(perf_counter())
    seconds = (end - start for start, end in pairwise(clock))
    sys.stdout.write(json.dumps(dict(zip(STEPS, seconds, strict=True))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
