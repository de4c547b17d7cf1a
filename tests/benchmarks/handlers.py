"""The time and memory of a cold lookup with a scripted EC2."""

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

from cdk_privatelink.custom_resources.custom_resource_function import LOOKUP_TYPE
from tests.benchmarks.sampling import ratio, run, sample_in_turns, spread
from tests.benchmarks.table import Table
from tests.handlers.harness import function_properties, serve
from tests.handlers.script import Response, event, service

HERE = Path(__file__).parent
# The AWS SDK, which Lambda's Node.js includes. The task installs it with npm.
SDK = HERE.parents[1] / "dist" / "benchmarks" / "node_modules"
SAMPLES = 15
CDK, LIBRARY = "AwsCustomResource, Node.js", "this library, Python"
_HANDLER = "package/custom-resource-handlers/dist/custom-resources/aws-custom-resource-handler"
_NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"

# Returns the command of a handler from an event and the port of the response.
Command: TypeAlias = Callable[[str, str], list[str]]


class Result(NamedTuple):
    """The result of one cold invocation."""

    seconds: float
    """From the start of the process until CloudFormation has the response."""
    cpu_seconds: float
    peak_bytes: int
    """The peak memory that Linux reports."""


def measure() -> list[Table]:
    """Run the lookup with both handlers in turns."""
    with tempfile.TemporaryDirectory() as folder:
        contenders = {CDK: _cdk_handler(Path(folder)), LIBRARY: _library_handler(Path(folder))}
        samples = sample_in_turns(contenders, SAMPLES)
    values_by_name = {
        name: {field: [getattr(result, field) for result in results] for field in Result._fields}
        for name, results in samples.items()
    }
    rows = [
        [
            name,
            *_compare(fields["seconds"], values_by_name[CDK]["seconds"]),
            *_compare(fields["cpu_seconds"], values_by_name[CDK]["cpu_seconds"]),
            f"{median(fields['peak_bytes']) / 2**20:.0f}",
        ]
        for name, fields in values_by_name.items()
    ]
    return [
        Table(
            "Cold lookup",
            "Milliseconds from the start of a process until CloudFormation has the response: the "
            f"median of {SAMPLES} (minimum-maximum), sampled in turns, and the median of the "
            "ratios of all turns. The same for CPU time, and the peak memory in MiB.",
            ["", "ms", "ratio", "CPU ms", "ratio", "MiB"],
            rows,
            values_by_name,
        )
    ]


def _compare(values: list[float], others: list[float]) -> list[str]:
    return [spread(values, factor=1000, digits=0), f"{ratio(values, others):.2f}"]


def _library_handler(folder: Path) -> Callable[[], Result]:
    code = function_properties()["Code"]["ZipFile"]
    (folder / "index.py").write_text(code, encoding="utf-8")
    script = f"{HERE / 'handler_of_this_library.py'}"
    return partial(_invoke, lambda request, _: [sys.executable, script, f"{folder}", request])


def _cdk_handler(folder: Path) -> Callable[[], Result]:
    spec = find_spec("aws_cdk._jsii")
    assert spec is not None
    assert spec.origin is not None
    (tarball,) = Path(spec.origin).parent.glob("*.tgz")
    handler, script = folder / "index.js", f"{HERE / 'handler_of_the_cdk.cjs'}"
    with tarfile.open(tarball) as archive:
        content = archive.extractfile(f"{_HANDLER}/index.js")
        assert content is not None
        handler.write_bytes(content.read())
    # The format of the construct in the template.
    call = {
        "service": "EC2",
        "action": "describeVpcEndpointServiceConfigurations",
        "parameters": {"ServiceIds": ["vpce-svc-1"]},
        "physicalResourceId": {"id": "vpce-svc-1"},
        "outputPaths": ["ServiceConfigurations.0.ServiceName"],
    }
    return partial(
        _invoke,
        lambda request, port: ["node", script, f"{handler}", request, port],
        ResourceProperties={"Create": json.dumps(call), "InstallLatestAwsSdk": "false"},
    )


def _invoke(command: Command, **changes: Any) -> Result:
    """Invoke a handler, whose response must contain the name from EC2."""
    arrivals: list[float] = []

    def on_response(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        arrivals.append(perf_counter())
        assert json.loads(body)["Status"] == "SUCCESS", body
        assert _NAME.encode() in body

    with (
        serve([service(name=_NAME)], lambda *_: None, "") as ec2,
        serve([Response()], on_response, "") as cloudformation,
    ):
        request = event(**changes) | {
            "ResponseURL": f"{cloudformation}/response",
            "ResourceType": LOOKUP_TYPE,
        }
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
    (seconds,) = (moment - start for moment in arrivals)
    (kibibytes,) = re.findall(r"VmHWM:\s*(\d+) kB", process.output)
    return Result(seconds, process.cpu_seconds, 1024 * int(kibibytes))
