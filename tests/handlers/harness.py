"""Runs a handler as Lambda would, in a process of its own, with EC2 and CloudFormation on loopback.

EC2 answers from a script, CloudFormation takes what the handler answers; both over real HTTP.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ROOT = Path(__file__).parents[2]
_RUNTIME = ROOT / "tests" / "local_aws" / "lambda_process.py"

# So long that one question to EC2 is asked, and no second one.
ONE_QUESTION = 61
ANSWER_PATH = "/answer?X-Amz-Signature=a-secret"


@dataclass(frozen=True)
class Response:
    """What a scripted server says to one request."""

    body: str = ""
    status: int = 200


@dataclass
class Run:
    """What came of one invocation."""

    returncode: int
    log: str
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    raw_answers: list[bytes] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    @property
    def answer(self) -> dict[str, Any]:
        """The one answer that CloudFormation took."""
        (answer,) = self.answers
        return answer


def service(
    state: str = "Available", service_id: str = "vpce-svc-1", private_dns: str = ""
) -> Response:
    """What EC2 says of a service, with what it says of its private DNS name."""
    return _described(
        f"<item><serviceId>{service_id}</serviceId>"
        f"<serviceName>com.amazonaws.vpce.eu-west-1.{service_id}</serviceName>"
        f"<serviceState>{state}</serviceState>"
        "<availabilityZoneSet><item>eu-west-1a</item><item>eu-west-1b</item></availabilityZoneSet>"
        "<availabilityZoneIdSet><item>euw1-az1</item><item>euw1-az2</item></availabilityZoneIdSet>"
        "<baseEndpointDnsNameSet><item>vpce-svc-1.example</item></baseEndpointDnsNameSet>"
        f"{private_dns}</item>"
    )


def named(state: str, domain_name: str = "payments.example.com") -> Response:
    """What EC2 says of a service with a private DNS name in a state of verification."""
    return service(
        private_dns=f"<privateDnsName>{domain_name}</privateDnsName><privateDnsNameConfiguration>"
        f"<state>{state}</state><type>TXT</type><value>vpce:a-value</value>"
        "<name>_a-name</name></privateDnsNameConfiguration>"
    )


def started() -> Response:
    """What EC2 says when it starts a verification."""
    return Response(
        '<StartVpcEndpointServicePrivateDnsVerificationResponse xmlns="http://ec2.amazonaws.com/'
        'doc/2016-11-15/"><return>true</return>'
        "</StartVpcEndpointServicePrivateDnsVerificationResponse>"
    )


def no_service() -> Response:
    """What EC2 says of a service that it does not list."""
    return _described("")


def error(code: str, message: str = "It failed", status: int = 400) -> Response:
    """An error of EC2."""
    return Response(
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>1</RequestID></Response>",
        status,
    )


def event(request_type: str = "Create", **changes: Any) -> dict[str, Any]:
    """A request of CloudFormation about the service `vpce-svc-1` and its private DNS name."""
    return {
        "RequestType": request_type,
        "StackId": "stack-id",
        "RequestId": "request-id",
        "LogicalResourceId": "ServiceName",
        "ResourceType": "Custom::PrivateLinkServiceName",
        "ResourceProperties": {
            "ServiceId": "vpce-svc-1",
            "LoadBalancerArns": ["arn"],
            "DomainName": "payments.example.com",
        },
    } | changes


def invoke(
    handler: str,
    request: dict[str, Any],
    *,
    ec2: Sequence[Response] = (),
    cloudformation: Sequence[Response] = (Response(),),
    seconds: float = 180,
) -> Run:
    """Invoke the handler; the last response of each script is repeated."""
    run = Run(returncode=-1, log="")

    def on_ec2(_: BaseHTTPRequestHandler, body: bytes) -> None:
        run.asked.append({key: value[0] for key, value in parse_qs(body.decode()).items()})

    def on_answer(http: BaseHTTPRequestHandler, body: bytes) -> None:
        assert http.path == ANSWER_PATH
        run.raw_answers.append(body)
        run.content_types.append(http.headers["Content-Type"])

    with _serve(ec2, on_ec2) as ec2_url, _serve(cloudformation, on_answer) as answer_url:
        url = {"ResponseURL": f"{answer_url}{ANSWER_PATH}"}
        process = subprocess.run(
            [sys.executable, str(_RUNTIME), "/dev/null", str(time.time() + seconds), "request"],
            input=json.dumps(url | request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT / "src" / "cdk_privatelink" / "handlers",
            env=_environment(handler, ec2_url),
            timeout=seconds,
            check=False,
        )
    run.returncode, run.log = process.returncode, process.stdout.decode()
    taken = [
        index for index in range(len(run.raw_answers)) if _at(cloudformation, index).status < 400
    ]
    run.answers = [json.loads(run.raw_answers[index]) for index in taken]
    return run


def checked(handler: str, request: dict[str, Any], **options: Any) -> Run:
    """Invoke the handler, and check what holds whatever happens."""
    outcome = invoke(handler, request, **options)
    # No secret is logged, and CloudFormation can take what it gets.
    assert ANSWER_PATH not in outcome.log
    assert "a-secret" not in outcome.log
    for raw, content_type in zip(outcome.raw_answers, outcome.content_types, strict=True):
        assert len(raw) <= 4096
        assert content_type == ""
    for answer in outcome.answers:
        assert {key: answer[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
            "StackId": "stack-id",
            "RequestId": "request-id",
            "LogicalResourceId": "ServiceName",
        }
    return outcome


def _described(items: str) -> Response:
    return Response(
        '<DescribeVpcEndpointServiceConfigurationsResponse xmlns="http://ec2.amazonaws.com/doc/'
        f'2016-11-15/"><serviceConfigurationSet>{items}</serviceConfigurationSet>'
        "</DescribeVpcEndpointServiceConfigurationsResponse>"
    )


def _environment(handler: str, ec2_url: str) -> dict[str, str]:
    return {
        "_HANDLER": f"endpoint_service.{handler}",
        "AWS_ENDPOINT_URL": ec2_url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "a-secret-key",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "NO_PROXY": "*",
    }


def _at(script: Sequence[Response], index: int) -> Response:
    return script[min(index, len(script) - 1)]


@contextmanager
def _serve(
    script: Sequence[Response], on_request: Callable[[BaseHTTPRequestHandler, bytes], None]
) -> Iterator[str]:
    requests = 0

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            nonlocal requests
            on_request(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            response = _at(script, requests)
            requests += 1
            body = response.body.encode()
            self.send_response(response.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
