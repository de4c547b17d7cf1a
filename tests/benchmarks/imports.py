"""How long it takes to import the library, on top of the CDK."""

from __future__ import annotations

import json
import sys
from functools import partial

from tests.benchmarks.sampling import by_turns, ratio, run, spread
from tests.benchmarks.table import Table

SAMPLES = 15
CDK, OTHERS, OURS = "aws_cdk", "what an app with the L2 imports besides", "cdk_privatelink"
# Without what the CDK's own modules import, since they would be imported anyway.
_CODE = """
import json
from time import perf_counter
clock = [perf_counter()]
import aws_cdk
clock.append(perf_counter())
from aws_cdk import aws_ec2, aws_elasticloadbalancingv2, aws_iam
clock.append(perf_counter())
import cdk_privatelink
clock.append(perf_counter())
print(json.dumps([end - start for start, end in zip(clock, clock[1:])]))
"""


def measure() -> list[Table]:
    """Import them one after the other, in fresh processes."""
    contenders = {"": partial(run, [sys.executable, "-c", _CODE])}
    runs = [json.loads(process.output) for process in by_turns(contenders, SAMPLES)[""]]
    samples = dict(zip((CDK, OTHERS, OURS), map(list, zip(*runs, strict=True)), strict=True))
    before = [cdk + others for cdk, others, _ in runs]
    rows = [
        [
            name,
            spread(taken, factor=1000, digits=0),
            f"{100 * ratio(taken, samples[CDK]):.1f} %",
            f"{100 * ratio(taken, before):.1f} %" if name == OURS else "",
        ]
        for name, taken in samples.items()
    ]
    return [
        Table(
            "Import",
            f"Milliseconds, each on top of the one before: the median of {SAMPLES} fresh processes "
            "(least-most). The library's Python is compiled before, as pip does it.",
            ["", "ms", "of `aws_cdk`", "of both before"],
            rows,
            samples,
        )
    ]
