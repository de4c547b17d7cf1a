"""Tells CloudFormation what EC2 knows of a VPC endpoint service. Runs on AWS Lambda.

The event is never logged: whoever has its ResponseURL can answer in our place.
"""

import json
import logging
import time
import urllib.request
from typing import Any

import boto3
from botocore.config import Config

# What is kept for the last call to EC2 to end, and then for the answer to get through.
_SECONDS_TO_END_IN = 60
_SECONDS_BETWEEN_QUESTIONS = 2
_EC2_CONFIG = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)
# CloudFormation refuses a longer answer.
_MOST_BYTES = 4096

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> None:
    """Answer one request of CloudFormation exactly once, whatever happens."""
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    answer = {
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "Status": "SUCCESS",
        "Reason": "",
    }
    try:
        # Nothing was made, so there is nothing to delete.
        if event.get("RequestType") != "Delete":
            answer |= _look_up(event, end - _SECONDS_TO_END_IN)
    except Exception as error:
        answer |= {"Status": "FAILED", "Reason": f"{error}"}
    logger.info("%s: %s %s", event.get("RequestType"), answer["Status"], answer["Reason"])
    _send(event["ResponseURL"], _encode(answer), end)


def _look_up(event: dict[str, Any], deadline: float) -> dict[str, Any]:
    if event.get("RequestType") not in ("Create", "Update"):
        raise ValueError(f"the request type {event.get('RequestType')!r} is not known here")
    service_id = (event.get("ResourceProperties") or {}).get("ServiceId")
    if not isinstance(service_id, str) or not service_id.startswith("vpce-svc-"):
        raise ValueError(f"ServiceId must be the id of a VPC endpoint service, got {service_id!r}")
    service = _await_available(service_id, deadline)
    logger.info("%s is named %s", service_id, service["ServiceName"])
    return {
        # As long as the service stays, so does this id: CloudFormation replaces nothing.
        "PhysicalResourceId": service_id,
        "Data": {
            "ServiceName": service["ServiceName"],
            # Only strings are sure to come through a custom resource.
            "AvailabilityZones": ",".join(service.get("AvailabilityZones", [])),
            "AvailabilityZoneIds": ",".join(service.get("AvailabilityZoneIds", [])),
            "BaseEndpointDnsNames": ",".join(service.get("BaseEndpointDnsNames", [])),
        },
    }


def _await_available(service_id: str, deadline: float) -> dict[str, Any]:
    ec2 = boto3.client("ec2", config=_EC2_CONFIG)
    while True:
        try:
            service = _describe(ec2, service_id)
        except Exception as error:
            # A service or a permission that was just made may not be known everywhere yet, and EC2
            # may be out of order: all of that passes, or else is told at the deadline.
            problem = f"{error}"
        else:
            state = service.get("ServiceState")
            if state == "Available":
                return service
            problem = f"its state is {state}"
            if state in ("Failed", "Deleting", "Deleted"):
                raise RuntimeError(f"{service_id} cannot be used: {problem}")
        if time.monotonic() + _SECONDS_BETWEEN_QUESTIONS > deadline:
            raise TimeoutError(
                f"{service_id} did not become available in time. The last answer of EC2 to "
                f"DescribeVpcEndpointServiceConfigurations in {ec2.meta.region_name}: {problem}"
            )
        time.sleep(_SECONDS_BETWEEN_QUESTIONS)


def _describe(ec2: Any, service_id: str) -> dict[str, Any]:
    found = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service_id])
    service: dict[str, Any]
    for service in found["ServiceConfigurations"]:
        if service["ServiceId"] == service_id and service["ServiceName"]:
            return service
    raise LookupError("there is no such service")


def _encode(answer: dict[str, Any]) -> bytes:
    while len(body := json.dumps(answer).encode()) > _MOST_BYTES and answer["Reason"]:
        answer["Reason"] = answer["Reason"][: len(answer["Reason"]) * 3 // 4]
    return body


def _send(url: str, body: bytes, end: float) -> None:
    while True:
        try:
            # The URL is CloudFormation's own, and signed for an empty content type.
            request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310
            urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
            return
        except Exception as error:
            # No more than the kind of the error, and no trace: others may hold the URL.
            logger.warning("CloudFormation was not reached: %s", type(error).__name__)
        if time.monotonic() + 15 > end:
            raise RuntimeError("CloudFormation could not be answered")
        time.sleep(2)
