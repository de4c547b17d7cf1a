"""Custom resources: CloudFormation's conversation with the Lambda behind a ServiceToken."""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

from moto.awslambda.utils import get_backend
from moto.s3.models import s3_backends

from . import functions
from .asked import Asked

_BUCKET = "cloudformation-custom-resource-response"
_LONGEST_ANSWER = 4096


class Answer(NamedTuple):
    """What a request came to; `failure` tells why it failed."""

    physical_id: str
    data: dict[str, Any]
    failure: str | None


class CustomResource:
    """One custom resource of one stack, living through Create, Update and Delete.

    moto's own sends Create alone, does not wait for the answer and takes no notice of FAILED.
    A resource whose creation failed is still one: it is sent Delete in the rollback.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._answer = _request(asked, "Create")
        if not self._answer.physical_id:
            self._answer = self._answer._replace(physical_id=asked.name)

    def update(self, asked: Asked) -> CustomResource:
        """Send Update, and Delete for the old physical id if the answer brings another one."""
        old, old_id = self._asked, self.physical_resource_id
        old_properties = _as_strings(old.properties)
        answer = _request(
            asked, "Update", PhysicalResourceId=old_id, OldResourceProperties=old_properties
        )
        if answer.failure:
            answer = answer._replace(physical_id=old_id)
        elif answer.physical_id != old_id:
            _request(old, "Delete", PhysicalResourceId=old_id)
        self._asked, self._answer = asked, answer
        return self

    def delete(self, *_place: str) -> None:
        """Send Delete."""
        answer = _request(self._asked, "Delete", PhysicalResourceId=self.physical_resource_id)
        if answer.failure:
            raise RuntimeError(answer.failure)

    @property
    def physical_resource_id(self) -> str:
        return self._answer.physical_id

    @property
    def failure(self) -> str | None:
        """Tell why the last request failed, if it did."""
        return self._answer.failure

    def get_cfn_attribute(self, name: str) -> Any:
        """Give a value of the answer's Data."""
        if name not in self._answer.data:
            raise LookupError(f"Vendor response doesn't contain {name} key")
        return self._answer.data[name]


def _request(asked: Asked, request_type: str, **more: Any) -> Answer:
    """Invoke the Lambda, then read its answer where CloudFormation does: in a bucket."""
    storage = s3_backends[asked.account_id]["aws"]
    # Names of buckets are for all accounts.
    bucket = f"{_BUCKET}-{asked.account_id}"
    if bucket not in storage.buckets:
        storage.create_bucket(bucket, asked.region)
    request_id = str(uuid.uuid4())
    token = asked.properties["ServiceToken"]
    event = {
        "RequestType": request_type,
        "RequestId": request_id,
        "ResponseURL": f"{functions.server_url()}/{bucket}/{request_id}",
        "ServiceToken": token,
        "StackId": asked.stack_id,
        "LogicalResourceId": asked.logical_id,
        "ResourceType": asked.kind,
        "ResourceProperties": _as_strings(asked.properties),
        **more,
    }
    function = get_backend(asked.account_id, asked.region).get_function(token)
    function._invoke_lambda(json.dumps(event))
    answer = storage.get_object(bucket, request_id)
    return _judge(None if answer is None else answer.value, request_id)


def _judge(body: bytes | None, request_id: str) -> Answer:
    """Take an answer as CloudFormation would."""
    if body is None:
        reason = "CloudFormation did not receive a response from your Custom Resource."
        return Answer("", {}, reason)
    if len(body) > _LONGEST_ANSWER:
        return Answer("", {}, "Response object is too long.")
    answer = json.loads(body)
    failure = None
    if answer["Status"] != "SUCCESS":
        failure = (
            "Received response status [FAILED] from custom resource. "
            f"Message returned: {answer.get('Reason')} (RequestId: {request_id})"
        )
    return Answer(answer.get("PhysicalResourceId", ""), answer.get("Data") or {}, failure)


def _as_strings(value: Any) -> Any:
    """Turn every scalar into a string, as CloudFormation does before it calls the Lambda."""
    if isinstance(value, dict):
        return {key: _as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_strings(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
