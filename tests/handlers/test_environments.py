"""The functions in environments that differ from AWS Lambda today."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.handlers.harness import RESPONSE_PATH, function_properties, serve
from tests.handlers.scenarios import DATA
from tests.handlers.script import NOT_FOUND, Response, event, service
from tests.local_aws.lambda_runtime import LambdaRuntime

LOOKUP = "Custom::PrivateLinkServiceName"
IN_ANOTHER_THREAD = """

_handler = handler


def handler(event, context):
    worker = threading.Thread(target=_handler, args=(event, context))
    worker.start()
    worker.join()
"""
WITHOUT_BOTO3 = """
_handler = handler


def handler(event, context):
    import sys

    # Python raises an `ImportError` for a module that is `None`.
    sys.modules["boto3"] = None
    _handler(event, context)
"""


def respond(
    folder: Path, code: str, request: dict[str, Any], ec2: Sequence[Response], seconds: float = 75
) -> dict[str, Any]:
    """Return the response of the lookup to CloudFormation, with another handler."""
    sent: list[dict[str, Any]] = []

    def on_response(_: BaseHTTPRequestHandler, body: bytes, __: Response) -> None:
        sent.append(json.loads(body))

    source = function_properties()["Code"]["ZipFile"]
    (folder / "index.py").write_text(source + code)
    with (
        serve(ec2, lambda *_: None, "") as ec2_url,
        serve([Response()], on_response, RESPONSE_PATH) as url,
    ):
        runtime = LambdaRuntime(folder, handler="index.handler", endpoint_url=ec2_url, variables={})
        try:
            runtime.invoke(
                {"ResponseURL": url, "ResourceType": LOOKUP} | request,
                seconds=seconds,
                request_id="1",
            )
        finally:
            runtime.close()
    (response,) = sent
    return response


class TestOutsideOfTheMainThread:
    """Python supports signals in the main thread only."""

    def test_the_lookup_succeeds(self, tmp_path: Path) -> None:
        response = respond(tmp_path, IN_ANOTHER_THREAD, event(), [NOT_FOUND, service()])
        assert (response["Status"], response["Data"]) == ("SUCCESS", DATA[LOOKUP])

    def test_the_lookup_fails_in_time(self, tmp_path: Path) -> None:
        response = respond(tmp_path, IN_ANOTHER_THREAD, event(), [NOT_FOUND], seconds=66)
        assert response["Status"] == "FAILED"
        assert "vpce-svc-1 did not become available in eu-west-1 in time" in response["Reason"]


class TestWithoutBoto3:
    def test_a_creation_fails_with_a_response(self, tmp_path: Path) -> None:
        response = respond(tmp_path, WITHOUT_BOTO3, event(), [service()])
        assert response["Status"] == "FAILED"
        assert response["Reason"].startswith("Check the code of this function: ModuleNotFoundError")

    @pytest.mark.parametrize("physical_id", ["vpce-svc-1", "ServiceName"])
    def test_a_deletion_succeeds(self, tmp_path: Path, physical_id: str) -> None:
        request = event("Delete", PhysicalResourceId=physical_id)
        response = respond(tmp_path, WITHOUT_BOTO3, request, [service()])
        assert (response["Status"], response["PhysicalResourceId"]) == ("SUCCESS", physical_id)
