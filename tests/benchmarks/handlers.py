"""How fast a cold look-up answers, and how much memory it takes, against one scripted EC2."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

from tests.benchmarks.sampling import by_turns, ratio, run, spread
from tests.benchmarks.table import Table
from tests.handlers.harness import functions, serve
from tests.handlers.script import Response, event, service

HERE = Path(__file__).parent
# What Lambda's Node.js has and this machine's has not; the task has npm put it there.
SDK = HERE.parents[1] / "dist" / "benchmarks" / "node_modules"
SAMPLES = 15
CDK, OURS = "AwsCustomResource, Node.js", "this library, Python"
_HANDLER = "package/custom-resource-handlers/dist/custom-resources/aws-custom-resource-handler"
_NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"

# What starts a handler with an event, and the port that the answer goes to.
Command: TypeAlias = Callable[[str, str], list[str]]


class Answer(NamedTuple):
    """What came of one cold invocation."""

    seconds: float
    """From the start of the process until CloudFormation has the answer."""
    cpu_seconds: float
    peak_bytes: int
    """As Linux counts it, from start to end."""


def measure() -> list[Table]:
    """Look a service up with either handler, by turns."""
    with tempfile.TemporaryDirectory() as folder:
        contenders = {CDK: _of_the_cdk(Path(folder)), OURS: _of_this_library(Path(folder))}
        samples = by_turns(contenders, SAMPLES)
    taken = {
        name: {field: [getattr(answer, field) for answer in answers] for field in Answer._fields}
        for name, answers in samples.items()
    }
    rows = [
        [
            name,
            *_compared(own["seconds"], taken[CDK]["seconds"]),
            *_compared(own["cpu_seconds"], taken[CDK]["cpu_seconds"]),
            f"{median(own['peak_bytes']) / 2**20:.0f}",
        ]
        for name, own in taken.items()
    ]
    return [
        Table(
            "A cold look-up",
            "Milliseconds from the start of a process until CloudFormation has the answer: the "
            f"median of {SAMPLES} (least-most), taken by turns, and that of the ratios of every "
            "turn. The same for what it computes, and MiB of memory at the most.",
            ["", "ms", "ratio", "CPU ms", "ratio", "MiB"],
            rows,
            taken,
        )
    ]


def _compared(values: list[float], others: list[float]) -> list[str]:
    return [spread(values, factor=1000, digits=0), f"{ratio(values, others):.2f}"]


def _of_this_library(folder: Path) -> Callable[[], Answer]:
    code = functions()["look_up_service_name"]["Code"]["ZipFile"]
    (folder / "index.py").write_text(code, encoding="utf-8")
    script = f"{HERE / 'handler_of_this_library.py'}"
    return partial(_answer, lambda request, _: [sys.executable, script, f"{folder}", request])


def _of_the_cdk(folder: Path) -> Callable[[], Answer]:
    spec = find_spec("aws_cdk._jsii")
    assert spec is not None
    assert spec.origin is not None
    (tarball,) = Path(spec.origin).parent.glob("*.tgz")
    handler, script = folder / "index.js", f"{HERE / 'handler_of_the_cdk.cjs'}"
    with tarfile.open(tarball) as archive:
        content = archive.extractfile(f"{_HANDLER}/index.js")
        assert content is not None
        handler.write_bytes(content.read())
    # As the construct writes it into the template.
    call = {
        "service": "EC2",
        "action": "describeVpcEndpointServiceConfigurations",
        "parameters": {"ServiceIds": ["vpce-svc-1"]},
        "physicalResourceId": {"id": "vpce-svc-1"},
        "outputPaths": ["ServiceConfigurations.0.ServiceName"],
    }
    return partial(
        _answer,
        lambda request, port: ["node", script, f"{handler}", request, port],
        ResourceProperties={"Create": json.dumps(call), "InstallLatestAwsSdk": "false"},
    )


def _answer(command: Command, **changes: Any) -> Answer:
    """Invoke a handler, which has to answer with the name that EC2 tells."""
    arrived: list[float] = []

    def on_answer(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        arrived.append(perf_counter())
        assert json.loads(body)["Status"] == "SUCCESS", body
        assert _NAME.encode() in body

    with (
        serve([service(name=_NAME)], lambda *_: None, "") as ec2,
        serve([Response()], on_answer, "") as cloudformation,
    ):
        request = event(**changes) | {"ResponseURL": f"{cloudformation}/answer"}
        start = perf_counter()
        process = run(
            command(json.dumps(request), cloudformation.rpartition(":")[2]),
            environment={
                "AWS_ENDPOINT_URL": ec2,
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "a-secret-key",
                "NODE_PATH": f"{SDK}",
                "NO_PROXY": "*",
            },
        )
    (seconds,) = (moment - start for moment in arrived)
    (kibibytes,) = re.findall(r"VmHWM:\s*(\d+) kB", process.output)
    return Answer(seconds, process.cpu_seconds, 1024 * int(kibibytes))
