"""The app of one contender: ``python -m tests.benchmarks.app CONTENDER SERVICES``.

The app runs like an ``app.py`` and prints the seconds of each step as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from time import perf_counter

from tests.benchmarks.contenders import load_contender

STEPS = ("import", "construct", "synthesize")


def main(contender: str, services: int) -> None:
    """Import, construct and synthesize the services, and print the times."""
    clock = [perf_counter()]
    create_service = load_contender(contender)
    from tests.benchmarks.scenario import create_app, create_stacks

    clock.append(perf_counter())
    with tempfile.TemporaryDirectory() as assembly:
        app = create_app(assembly)
        for number, stack in enumerate(create_stacks(app, services)):
            create_service(stack, number)
        clock.append(perf_counter())
        app.synth()
        clock.append(perf_counter())
    seconds = (end - start for start, end in pairwise(clock))
    sys.stdout.write(json.dumps(dict(zip(STEPS, seconds, strict=True))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
