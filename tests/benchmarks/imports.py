"""The time to import the library, in addition to the CDK."""

from __future__ import annotations

import json
import sys
from functools import partial

from tests.benchmarks.sampling import ratio, run, sample_in_turns, spread
from tests.benchmarks.table import Table

SAMPLES = 15
CDK, OTHERS, LIBRARY = "aws_cdk", "other imports of an app with the L2", "cdk_privatelink"
# The modules of the CDK are imported before, because every app imports them.
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
    """Import the packages one after the other in new processes."""
    contenders = {"": partial(run, [sys.executable, "-c", _CODE])}
    runs = [json.loads(process.output) for process in sample_in_turns(contenders, SAMPLES)[""]]
    samples = dict(zip((CDK, OTHERS, LIBRARY), map(list, zip(*runs, strict=True)), strict=True))
    before = [cdk + others for cdk, others, _ in runs]
    rows = [
        [
            name,
            spread(seconds, factor=1000, digits=0),
            f"{100 * ratio(seconds, samples[CDK]):.1f} %",
            f"{100 * ratio(seconds, before):.1f} %" if name == LIBRARY else "",
        ]
        for name, seconds in samples.items()
    ]
    return [
        Table(
            "Import",
            f"Milliseconds in addition to the previous row: the median of {SAMPLES} new processes "
            "(minimum-maximum). The library is compiled before, as by pip.",
            ["", "ms", "of `aws_cdk`", "of both others"],
            rows,
            samples,
        )
    ]
