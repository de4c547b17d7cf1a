"""How often Python asks the CDK, which runs in Node.js: what a service costs, without a clock."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aws_cdk import Stack
from jsii._kernel.providers.process import _NodeProcess

from tests.benchmarks.contenders import NAMES, offer_of
from tests.benchmarks.scenario import app_in, stacks_in
from tests.benchmarks.table import Table

# What the app makes itself, whoever makes the service: the same for all contenders.
_OF_THE_APP = (
    "create aws-cdk-lib.CfnOutput",
    "create aws-cdk-lib.aws_iam.AccountPrincipal",
    "staticinvoke fromNetworkLoadBalancerAttributes",
)


def measure() -> list[Table]:
    """Count the round trips of all contenders."""
    rows = []
    for name in NAMES:
        known, unknown = a_service(name), a_service(name, region_is_known=False)
        rows.append([NAMES[name], sum(known.values()), sum(unknown.values())])
    return [
        Table(
            "Round trips to the CDK",
            "For each service, from construction to the end of synthesis, without those for what "
            "the app makes itself: principal, output, and the import of a load balancer.",
            ["", "region known", "region known at deployment only"],
            rows,
        )
    ]


def a_service(contender: str, *, region_is_known: bool = True) -> Counter[str]:
    """Count what one service more costs in a stack, by what is asked."""
    few, more = (_services(contender, count, region_is_known) for count in (2, 3))
    more.subtract(few)
    return +Counter(
        {about: count for about, count in more.items() if not about.startswith(_OF_THE_APP)}
    )


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the requests that are sent meanwhile, by what they are about.

    An answer to Node.js, which has called Python, is one of them.
    """
    requests: Counter[str] = Counter()
    send = _NodeProcess.send

    def counting(process: Any, request: Any, response_type: Any) -> Any:
        requests[_about(request)] += 1
        return send(process, request, response_type)

    with patch.object(_NodeProcess, "send", counting):
        yield requests


def _services(contender: str, count: int, region_is_known: bool) -> Counter[str]:
    offer = offer_of(contender)
    with tempfile.TemporaryDirectory() as folder:
        app = app_in(folder)
        stacks = stacks_in(app, count) if region_is_known else [Stack(app, "Stack")] * count
        with counted() as requests:
            for number, stack in enumerate(stacks):
                offer(stack, number)
            app.synth()
        return requests


def _about(request: Any) -> str:
    kind = type(request).__name__.removesuffix("Request").strip("_").lower()
    details = (getattr(request, name, None) for name in ("property", "method", "fqn"))
    return " ".join([kind, *(detail for detail in details if detail)])
