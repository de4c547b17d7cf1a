"""Runs of a connection manager with thousands of connections, and EC2 that throttles."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from cdk_privatelink.custom_resources.connection_manager_function import FUNCTION_SECONDS
from cdk_privatelink.custom_resources.inline_function import read_inline_code
from tests.benchmarks.sampling import run
from tests.benchmarks.table import Table
from tests.handlers.managed_service import Connection, FaultError, ManagedService, Server

HERE = Path(__file__).parent
ACCOUNTS, CONNECTIONS_PER_ACCOUNT = 2_000, 5
# The largest number of requests at once, and the requests per second after that. AWS documents
# 100 and 20 for `Describe...` actions; the figures of the other action are an assumption.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
_BUCKETS = {
    "AcceptVpcEndpointConnections": (10, 1),
    "DescribeVpcEndpointConnections": (100, 20),
}


class ThrottledService(ManagedService):
    """A service whose EC2 throttles requests."""

    def __init__(self, *connections: Connection) -> None:
        """Start with full buckets."""
        super().__init__(*connections)
        self._tokens = {action: float(size) for action, (size, _) in _BUCKETS.items()}
        self._refilled: dict[str, float] = defaultdict(time.monotonic)
        self.throttled = 0

    def call(self, action: str, arguments: dict[str, Any]) -> Any:
        """Handle a call, or raise the error of EC2 for too many of them."""
        if action in _BUCKETS:
            size, rate = _BUCKETS[action]
            now = time.monotonic()
            since = now - self._refilled[action]
            self._tokens[action] = min(size, self._tokens[action] + since * rate)
            self._refilled[action] = now
            if self._tokens[action] < 1:
                self.throttled += 1
                raise FaultError("RequestLimitExceeded", 503)
            self._tokens[action] -= 1
        return super().call(action, arguments)


class Result(NamedTuple):
    """All runs until nothing is left to do."""

    runs: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    calls: int
    """The calls that EC2 answers: pages of connections, and batches of changes."""
    throttled: int


def measure() -> list[Table]:
    """Accept everything, and then run again with nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        code = read_inline_code("connection_manager.py")
        Path(folder, "index.py").write_text(code, encoding="utf-8")
        # Once: EC2's rates determine the time, and the rest is counted.
        results = {
            "all are accepted": _measure(folder, "pendingAcceptance"),
            "nothing to do": _measure(folder, "available"),
        }
    rows = [
        [
            name,
            *(f"{getattr(result, field)}" for field in ("runs", "calls", "throttled")),
            f"{result.seconds:.1f}",
            f"{result.cpu_seconds:.1f}",
            f"{result.peak_bytes / 2**20:.0f}",
        ]
        for name, result in results.items()
    ]
    return [
        Table(
            "Runs of a connection manager",
            f"{ACCOUNTS * CONNECTIONS_PER_ACCOUNT:,} connections of {ACCOUNTS:,} accounts, a table "
            f"of {ACCOUNTS:,} rows, and EC2 that accepts one batch per second. The numbers of "
            "runs, of calls of EC2 that succeed and of throttled ones; seconds and CPU seconds of "
            "all runs; the peak memory in MiB.",
            ["", "runs", "calls", "throttled", "seconds", "CPU seconds", "MiB"],
            rows,
            {name: result._asdict() for name, result in results.items()},
        )
    ]


def _measure(folder: str, state: str) -> Result:
    accounts = [f"{number:012}" for number in range(ACCOUNTS)]
    service = ThrottledService(
        *(
            Connection(f"vpce-{account}-{number}", account=account, state=state)
            for account in accounts
            for number in range(CONNECTIONS_PER_ACCOUNT)
        )
    )
    service.table("Customers", *({"account": {"S": account}} for account in accounts))
    server = Server()
    server.service = service
    results: list[Any] = []
    with server.run() as url:
        # A run that does not fit into its time sends a message, which starts the next one.
        while not results or service.messages:
            service.messages.clear()
            results.append(_run(folder, url))
    assert set(service.states().values()) == {"available"}
    return Result(
        runs=len(results),
        seconds=sum(seconds for seconds, _, _ in results),
        cpu_seconds=sum(cpu for _, cpu, _ in results),
        peak_bytes=max(peak for _, _, peak in results),
        calls=sum(service.calls.count(action) for action in _BUCKETS),
        throttled=service.throttled,
    )


def _run(folder: str, url: str) -> tuple[float, float, int]:
    """Run the function once in a new process, and return its times and its peak memory."""
    command = [sys.executable, f"{HERE / 'handler_of_this_library.py'}", folder]
    process = run(
        [*command, json.dumps({"Manager": "Manager-Queue-1"}), f"{FUNCTION_SECONDS}"],
        environment={
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "a-secret-key",
            "NO_PROXY": "*",
        },
    )
    (kibibytes,) = re.findall(r"VmHWM:\s*(\d+) kB", process.output)
    return process.seconds, process.cpu_seconds, 1024 * int(kibibytes)
