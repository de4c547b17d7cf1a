"""Custom resources: the protocol between CloudFormation and a Lambda function."""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

from moto.awslambda.utils import get_backend
from moto.s3.models import s3_backends

from . import functions
from .resource_request import ResourceRequest

_BUCKET = "cloudformation-custom-resource-response"
_MAX_RESPONSE_BYTES = 4096


class Response(NamedTuple):
    """The response to a request, with the reason of a failure."""

    physical_id: str
    data: dict[str, Any]
    failure: str | None


class CustomResource:
    """A custom resource of a stack with the requests Create, Update and Delete.

    moto sends Create only, does not wait for the response and ignores FAILED. A resource whose
    creation failed receives Delete in the rollback.
    """

    def __init__(self, request: ResourceRequest) -> None:
        self._request = request
        self._response = _send(request, "Create")
        if not self._response.physical_id:
            self._response = self._response._replace(physical_id=request.name)

    def update(self, request: ResourceRequest) -> CustomResource:
        """Send Update, and Delete for the old physical id if the response has another one."""
        old, old_id = self._request, self.physical_resource_id
        old_properties = _stringify(old.properties)
        response = _send(
            request, "Update", PhysicalResourceId=old_id, OldResourceProperties=old_properties
        )
        if response.failure:
            response = response._replace(physical_id=old_id)
        elif response.physical_id != old_id:
            _send(old, "Delete", PhysicalResourceId=old_id)
        self._request, self._response = request, response
        return self

    def delete(self, *_place: str) -> None:
        """Send Delete."""
        response = _send(self._request, "Delete", PhysicalResourceId=self.physical_resource_id)
        if response.failure:
            raise RuntimeError(response.failure)

    @property
    def physical_resource_id(self) -> str:
        return self._response.physical_id

    @property
    def failure(self) -> str | None:
        """The reason for the failure of the last request, if it failed."""
        return self._response.failure

    def get_cfn_attribute(self, name: str) -> Any:
        """Return a value from the Data of the response."""
        if name not in self._response.data:
            raise LookupError(f"Vendor response doesn't contain {name} key")
        return self._response.data[name]


def _send(request: ResourceRequest, request_type: str, **parameters: Any) -> Response:
    """Invoke the Lambda function and read its response from the bucket of CloudFormation."""
    storage = s3_backends[request.account_id]["aws"]
    # The name of a bucket is unique in all accounts.
    bucket = f"{_BUCKET}-{request.account_id}"
    if bucket not in storage.buckets:
        storage.create_bucket(bucket, request.region)
    request_id = str(uuid.uuid4())
    token = request.properties["ServiceToken"]
    event = {
        "RequestType": request_type,
        "RequestId": request_id,
        "ResponseURL": f"{functions.server_url()}/{bucket}/{request_id}",
        "ServiceToken": token,
        "StackId": request.stack_id,
        "LogicalResourceId": request.logical_id,
        "ResourceType": request.kind,
        "ResourceProperties": _stringify(request.properties),
        **parameters,
    }
    function = get_backend(request.account_id, request.region).get_function(token)
    function._invoke_lambda(json.dumps(event))
    response = storage.get_object(bucket, request_id)
    return _parse_response(None if response is None else response.value, request_id)


def _parse_response(body: bytes | None, request_id: str) -> Response:
    """Parse a response as CloudFormation does."""
    if body is None:
        reason = "CloudFormation did not receive a response from your Custom Resource."
        return Response("", {}, reason)
    if len(body) > _MAX_RESPONSE_BYTES:
        return Response("", {}, "Response object is too long.")
    response = json.loads(body)
    failure = None
    if response["Status"] != "SUCCESS":
        failure = (
            "Received response status [FAILED] from custom resource. "
            f"Message returned: {response.get('Reason')} (RequestId: {request_id})"
        )
    return Response(response.get("PhysicalResourceId", ""), response.get("Data") or {}, failure)


def _stringify(value: Any) -> Any:
    """Convert every scalar to a string, as CloudFormation does for Lambda functions."""
    if isinstance(value, dict):
        return {key: _stringify(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stringify(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
