"""Events of CloudFormation for one custom resource, handled by a process of the function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.handlers.harness import RESPONSE_PATH, serve
from tests.handlers.managed_service import SERVICE, STACK_ID, ManagedService, Server
from tests.handlers.script import Response
from tests.local_aws.lambda_runtime import LambdaRuntime

Send = Callable[..., dict[str, Any]]


@contextmanager
def sender(
    folder: Path,
    code: str,
    *,
    resource_type: str,
    properties_of: Callable[[Any], dict[str, Any]],
    request_type: str,
    seconds: float,
) -> Iterator[Send]:
    """Start the function, and yield a function that sends an event and returns the response.

    :param properties_of: Returns the properties of the custom resource for a service.
    :param request_type: The request, if an event does not have another one.
    :param seconds: The time of the function, if an event does not have another one.
    """
    (folder / "index.py").write_text(code, encoding="utf-8")
    server = Server()
    responses: list[dict[str, Any]] = []
    usual_request, usual_seconds = request_type, seconds

    def receive(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        assert len(body) <= 4096
        responses.append(json.loads(body))

    def send(
        service: ManagedService,
        request_type: str = usual_request,
        *,
        seconds: float = usual_seconds,
        **properties: Any,
    ) -> Any:
        server.service = service
        responses.clear()
        event = {
            "RequestType": request_type,
            "ResourceType": resource_type,
            "ResponseURL": response_url,
            "StackId": STACK_ID,
            "RequestId": "request",
            "LogicalResourceId": "Resource",
            "PhysicalResourceId": SERVICE,
            "ResourceProperties": properties_of(service) | properties,
        }
        invocation = runtime.invoke(event, seconds=seconds, request_id="1")
        assert not invocation.failed, invocation.log
        (response,) = responses
        assert response["PhysicalResourceId"] == SERVICE
        return response

    with server.run() as url, serve([Response()], receive, RESPONSE_PATH) as response_url:
        runtime = LambdaRuntime(folder, handler="index.handler", endpoint_url=url, variables={})
        try:
            yield send
        finally:
            runtime.close()
