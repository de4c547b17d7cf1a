"""Round trips between Python and the CDK in Node.js, which are the same on every machine."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aws_cdk import Stack
from jsii._kernel.providers.process import _NodeProcess

from tests.benchmarks.contenders import NAMES, load_contender
from tests.benchmarks.endpoints_app import create_endpoints, create_services, create_vpcs
from tests.benchmarks.scenario import create_app, create_stacks
from tests.benchmarks.table import Table

# Round trips of the app, which are the same for all contenders.
_OF_THE_APP = (
    "create aws-cdk-lib.CfnOutput",
    "create aws-cdk-lib.aws_iam.AccountPrincipal",
    "staticinvoke fromNetworkLoadBalancerAttributes",
)


def measure() -> list[Table]:
    """Count the round trips of all contenders."""
    rows = []
    for name in NAMES:
        known, unknown = count_round_trips(name), count_round_trips(name, region_is_known=False)
        rows.append([NAMES[name], sum(known.values()), sum(unknown.values())])
    return [
        Table(
            "Round trips to the CDK",
            "Per service, from construction to the end of synthesis, without the round trips of "
            "the app: principal, output, and the import of a load balancer.",
            ["", "Region known", "Region is a token"],
            rows,
        )
    ]


def count_round_trips(contender: str, *, region_is_known: bool = True) -> Counter[str]:
    """Count the round trips of one more service in a stack, by request."""
    two, three = (_count(contender, count, region_is_known) for count in (2, 3))
    three.subtract(two)
    return +Counter(
        {subject: count for subject, count in three.items() if not subject.startswith(_OF_THE_APP)}
    )


@contextmanager
def count_requests() -> Iterator[Counter[str]]:
    """Count the requests inside of the context, by subject.

    A response to Node.js, which has called Python, is a request too.
    """
    requests: Counter[str] = Counter()
    send = _NodeProcess.send

    def count_and_send(process: Any, request: Any, response_type: Any) -> Any:
        requests[_subject(request)] += 1
        return send(process, request, response_type)

    with patch.object(_NodeProcess, "send", count_and_send):
        yield requests


def _count(contender: str, count: int, region_is_known: bool) -> Counter[str]:
    create_service = load_contender(contender)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(folder)
        stacks = create_stacks(app, count) if region_is_known else [Stack(app, "Stack")] * count
        with count_requests() as requests:
            for number, stack in enumerate(stacks):
                create_service(stack, number)
            app.synth()
        return requests


def count_endpoint_round_trips(contender: str) -> Counter[str]:
    """Count the round trips of one more endpoint to each service in each VPC, by request."""
    once, twice = (_count_endpoints(contender, times) for times in (1, 2))
    twice.subtract(once)
    return +twice


def _count_endpoints(contender: str, times: int) -> Counter[str]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(folder)
        services, vpcs = create_services(app), create_vpcs(app)
        with count_requests() as requests:
            create_endpoints(contender, times * len(services) * len(vpcs), vpcs, services)
            app.synth()
        return requests


def _subject(request: Any) -> str:
    kind = type(request).__name__.removesuffix("Request").strip("_").lower()
    details = (getattr(request, name, None) for name in ("property", "method", "fqn"))
    return " ".join([kind, *(detail for detail in details if detail)])
