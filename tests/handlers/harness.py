"""Runs the Lambda function for custom resources with EC2 and CloudFormation on loopback.

A scenario has a type of custom resource, its events, and the responses of EC2 and CloudFormation.
The code is from the synthesized template. It runs in a separate process, which is killed at its
timeout.
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
RESPONSE_PATH = f"/response?X-Amz-Signature={SECRETS['signature']}"
REDIRECTED_PATH = f"/redirected?X-Amz-Signature={SECRETS['signature']}"


@dataclass(eq=False, frozen=True, kw_only=True)
class Scenario:
    """The events and responses for a custom resource, and the expected result."""

    name: str
    resource_type: str
    events: Sequence[dict[str, Any]] = (event(),)
    """Sent one after the other to the same process."""
    ec2: Sequence[Response] = ()
    """The last response is repeated."""
    cloudformation: Sequence[Response] = (Response(),)
    """The last response is repeated."""
    seconds: float | None = None
    """The timeout. Default: the timeout of the function, but at most three minutes."""
    status: str = "SUCCESS"
    data: dict[str, str] | None = None
    physical_id: str = "vpce-svc-1"
    reason: Sequence[str] = ()
    """Parts of the reason. A text that begins with ``=`` is the whole reason."""
    actions: Sequence[str] | None = None
    """The actions that EC2 receives. Default: not checked."""
    attempts: int = 1
    """The number of requests until CloudFormation accepts the response."""
    paths: Sequence[str] | None = None
    """The paths of the requests to CloudFormation. Default: not checked."""

    def __str__(self) -> str:
        """Return the unique name of the scenario."""
        return f"{self.resource_type}: {self.name}"


@dataclass
class Run:
    """The result of a scenario."""

    invocations: list[Invocation] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        """The output of all invocations."""
        return "".join(invocation.log for invocation in self.invocations)

    @property
    def responses(self) -> list[dict[str, Any]]:
        """The responses that CloudFormation accepted."""
        return [json.loads(response) for response in self.accepted]


@cache
def function_properties() -> dict[str, Any]:
    """Return the properties of the Lambda function for custom resources."""
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
    (function,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    return dict(function["Properties"])


def run_scenario(scenario: Scenario) -> Run:
    """Run a scenario and return the result."""
    run = Run()
    function = function_properties()
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
                sent = {"ResponseURL": answer_url, "ResourceType": scenario.resource_type} | request
                run.invocations.append(
                    runtime.invoke(sent, seconds=seconds, request_id=f"{number}")
                )
        finally:
            runtime.close()
    return run


def assert_expected(scenario: Scenario, run: Run) -> None:
    """Assert the expected result of a scenario and the rules for all scenarios."""
    log = run.log
    # The function ends before its timeout and sends one response per event.
    assert not any(invocation.failed for invocation in run.invocations), log
    assert min(invocation.seconds_left for invocation in run.invocations) > 5, log
    assert len(run.responses) == len(scenario.events), log
    assert len(run.sent) == scenario.attempts + len(scenario.events) - 1, log
    assert_no_secrets(run)
    for raw, content_type in zip(run.sent, run.content_types, strict=True):
        assert len(raw) <= 4096
        assert content_type == ""
    for request, response in zip(scenario.events, run.responses, strict=True):
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert response[key] == request[key]
        assert response["Status"] == scenario.status, response
        assert response["PhysicalResourceId"] == scenario.physical_id
        assert response.get("Data") == scenario.data
        _assert_reason(scenario, response["Reason"])
    assert set(run.methods) == {"PUT"}
    if scenario.paths is not None:
        assert run.paths == list(scenario.paths)
    if scenario.actions is not None:
        assert [request["Action"] for request in run.requests] == list(scenario.actions)
    services = {v for q in run.requests for k, v in q.items() if k.startswith("ServiceId")}
    assert services <= {"vpce-svc-1"}


def assert_no_secrets(run: Run) -> None:
    """Assert that neither the log nor a response to CloudFormation contains a secret."""
    output = run.log + "".join(raw.decode() for raw in run.sent)
    assert [secret for secret in SECRETS.values() if secret in output] == []


def _assert_reason(scenario: Scenario, reason: str) -> None:
    if scenario.status == "SUCCESS":
        assert reason == ""
        return
    # Every reason contains a fix.
    assert "Check " in reason
    for part in scenario.reason:
        assert reason == part[1:] if part.startswith("=") else part in reason, reason


def _ec2(script: Sequence[Response], run: Run) -> Any:
    def on_request(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        run.requests.append({key: value[0] for key, value in parse_qs(body.decode()).items()})

    return serve(script, on_request, "")


def _cloudformation(script: Sequence[Response], run: Run) -> Any:
    def on_request(http: BaseHTTPRequestHandler, body: bytes, response: Response) -> None:
        run.methods.append(http.command)
        run.paths.append(http.path)
        run.sent.append(body)
        run.content_types.append(http.headers["Content-Type"])
        if response.accepts:
            run.accepted.append(body)

    return serve(script, on_request, RESPONSE_PATH)


@contextmanager
def serve(script: Sequence[Response], on_request: Any, path: str) -> Iterator[str]:
    """Start a server that sends the responses, and yield its URL with the path."""
    requests = 0
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            nonlocal requests
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            response = script[min(requests, len(script) - 1)]
            requests += 1
            on_request(self, body, response)
            # The end of the scenario ends every pause.
            ended.wait(response.pause)
            if ended.is_set() or response.drops:
                self.close_connection = True
                return
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(response.raw) + response.missing))
            if response.function_error:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            if response.location:
                self.send_header("Location", response.location)
            self.end_headers()
            self.wfile.write(response.raw)
            if response.stalls:
                ended.wait()
            while response.drips and not ended.wait(1):
                self.wfile.write(b" ")
            self.close_connection = True

        do_GET = do_POST = do_PUT = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing, so that the output of tests stays readable."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore closed connections, which are part of the scenarios."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
