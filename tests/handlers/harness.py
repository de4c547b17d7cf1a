"""Runs the library's Lambda functions as Lambda would, with EC2 and CloudFormation on loopback.

A scenario is one function, what it is invoked with, and what EC2 and CloudFormation do. The code is
that of the synthesised template, in a process of its own that is killed at its timeout.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aws_cdk import App, Stack
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template

from cdk_privatelink import LoadBalancers, PrivateDns, PrivateLinkEndpointService
from tests.handlers.script import Response, event
from tests.local_aws.lambda_runtime import Invocation, LambdaRuntime

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "the-secret-key",
    "AWS_SESSION_TOKEN": "the-session-token",
    "signature": "the-signature",
}
ANSWER_PATH = f"/answer?X-Amz-Signature={SECRETS['signature']}"


@dataclass(eq=False, frozen=True, kw_only=True)
class Scenario:
    """What happens to a function, and what it has to answer."""

    name: str
    function: str
    events: Sequence[dict[str, Any]] = (event(),)
    """One after the other, to the same process."""
    ec2: Sequence[Response] = ()
    """The last one is repeated."""
    cloudformation: Sequence[Response] = (Response(),)
    """The last one is repeated."""
    seconds: float | None = None
    """The timeout. Default: that of the function, but no more than three minutes."""
    status: str = "SUCCESS"
    data: dict[str, str] | None = None
    physical_id: str = "vpce-svc-1"
    reason: Sequence[str] = ()
    """Each is in it. What begins with ``=`` is all of it."""
    asked: Sequence[str] | None = None
    """The actions that EC2 was asked for. Default: whatever they are."""
    attempts: int = 1
    """How often the answer is sent, until it is taken."""

    def __str__(self) -> str:
        """Name it, and no other."""
        return f"{self.function}: {self.name}"


@dataclass
class Run:
    """What came of a scenario."""

    invocations: list[Invocation] = field(default_factory=list)
    questions: list[dict[str, str]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    @property
    def log(self) -> str:
        """All that was printed."""
        return "".join(invocation.log for invocation in self.invocations)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What CloudFormation took."""
        return [json.loads(answer) for answer in self.taken]


@cache
def functions() -> dict[str, dict[str, Any]]:
    """The properties of each Lambda function that the library makes, by the name of its handler."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    PrivateLinkEndpointService(
        stack,
        "Payments",
        load_balancers=LoadBalancers.network(
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/one/0123456789"
        ),
        private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
    )
    found = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    return {
        resource["Properties"]["Handler"].removeprefix("index."): resource["Properties"]
        for resource in found
    }


def play(scenario: Scenario) -> Run:
    """Let it happen."""
    run = Run()
    function = functions()[scenario.function]
    seconds = scenario.seconds or min(function["Timeout"], 180)
    with (
        tempfile.TemporaryDirectory(prefix="handlers-") as code,
        _ec2(scenario.ec2, run) as ec2_url,
        _cloudformation(scenario.cloudformation, run) as answer_url,
    ):
        Path(code, "index.py").write_text(function["Code"]["ZipFile"], encoding="utf-8")
        runtime = LambdaRuntime(
            Path(code),
            handler=function["Handler"],
            endpoint_url=ec2_url,
            variables={key: value for key, value in SECRETS.items() if key.isupper()},
        )
        try:
            for number, request in enumerate(scenario.events):
                url = {"ResponseURL": answer_url}
                run.invocations.append(
                    runtime.invoke(url | request, seconds=seconds, request_id=f"{number}")
                )
        finally:
            runtime.close()
    return run


def check(scenario: Scenario, run: Run) -> None:
    """Check what has to hold in this scenario, and what has to hold in all of them."""
    log = run.log
    # The function ends by itself, with time to spare, and has answered each event once.
    assert not any(invocation.failed for invocation in run.invocations), log
    assert min(invocation.seconds_left for invocation in run.invocations) > 5, log
    assert len(run.answers) == len(scenario.events), log
    assert len(run.sent) == scenario.attempts + len(scenario.events) - 1, log
    check_secrets(run)
    for raw, content_type in zip(run.sent, run.content_types, strict=True):
        assert len(raw) <= 4096
        assert content_type == ""
    for request, answer in zip(scenario.events, run.answers, strict=True):
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[key] == request[key]
        assert answer["Status"] == scenario.status, answer
        assert answer["PhysicalResourceId"] == scenario.physical_id
        assert answer.get("Data") == scenario.data
        _check_reason(scenario, answer["Reason"])
    if scenario.asked is not None:
        assert [question["Action"] for question in run.questions] == list(scenario.asked)
    services = {v for q in run.questions for k, v in q.items() if k.startswith("ServiceId")}
    assert services <= {"vpce-svc-1"}


def check_secrets(run: Run) -> None:
    """Check that no secret is told: not in the log, and not to CloudFormation."""
    told = run.log + "".join(raw.decode() for raw in run.sent)
    assert [secret for secret in SECRETS.values() if secret in told] == []


def _check_reason(scenario: Scenario, reason: str) -> None:
    if scenario.status == "SUCCESS":
        assert reason == ""
        return
    # It says what to do.
    assert "Check " in reason
    for part in scenario.reason:
        assert reason == part[1:] if part.startswith("=") else part in reason, reason


def _ec2(script: Sequence[Response], run: Run) -> Any:
    def on_request(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        run.questions.append({key: value[0] for key, value in parse_qs(body.decode()).items()})

    return serve(script, on_request, "")


def _cloudformation(script: Sequence[Response], run: Run) -> Any:
    def on_request(http: BaseHTTPRequestHandler, body: bytes, response: Response) -> None:
        assert (http.command, http.path) == ("PUT", ANSWER_PATH)
        run.sent.append(body)
        run.content_types.append(http.headers["Content-Type"])
        if response.accepts:
            run.taken.append(body)

    return serve(script, on_request, ANSWER_PATH)


@contextmanager
def serve(script: Sequence[Response], on_request: Any, path: str) -> Iterator[str]:
    """Respond as the script says, at the path of the URL that is given."""
    requests = 0
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            nonlocal requests
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            response = script[min(requests, len(script) - 1)]
            requests += 1
            on_request(self, body, response)
            # However long a response takes, it ends with the scenario.
            over.wait(response.pause)
            if over.is_set() or response.drops:
                self.close_connection = True
                return
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(response.raw) + response.missing))
            self.end_headers()
            self.wfile.write(response.raw)
            if response.stalls:
                over.wait()
            while response.drips and not over.wait(1):
                self.wfile.write(b" ")
            self.close_connection = True

        do_POST = do_PUT = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Handlers that give up waiting are part of the scenarios."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
