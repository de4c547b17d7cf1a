"""Answers CloudFormation about VPC endpoint services. Runs on AWS Lambda.

The event is never logged: whoever has its ResponseURL can answer in our place.
"""

import json
import logging
import time
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config

# What is kept for the last call to EC2 to end, and then for the answer to get through.
_SECONDS_TO_END_IN = 60
_MOST_SECONDS_BETWEEN_QUESTIONS = 10
_EC2_CONFIG = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)
# CloudFormation refuses a longer answer.
_MOST_BYTES = 4096

_T = TypeVar("_T")

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


class HopelessError(Exception):
    """What does not pass with time."""


def look_up_service_name(event: dict[str, Any], context: Any) -> None:
    """Tell the name of a service, and what else is only known to EC2."""
    _answer(event, context, _look_up)


def verify_private_dns(event: dict[str, Any], context: Any) -> None:
    """Have EC2 verify that the private DNS name of a service is its owner's."""
    _answer(event, context, _verify)


def _look_up(ec2: Any, properties: Any, deadline: float) -> dict[str, str]:
    service_id = _text(properties, "ServiceId")

    def ask() -> dict[str, Any]:
        service = _describe(ec2, service_id)
        state = service.get("ServiceState")
        if state in ("Failed", "Deleting", "Deleted"):
            raise HopelessError(f"{service_id} cannot be used: its state is {state}")
        if state != "Available":
            raise LookupError(f"its state is {state}")
        return service

    service = _ask_until(
        deadline, ask, f"{service_id} did not become available in {ec2.meta.region_name} in time"
    )
    logger.info("%s is named %s", service_id, service["ServiceName"])
    return {
        "ServiceName": service["ServiceName"],
        # Only strings are sure to come through a custom resource.
        "AvailabilityZones": ",".join(service.get("AvailabilityZones", [])),
        "AvailabilityZoneIds": ",".join(service.get("AvailabilityZoneIds", [])),
        "BaseEndpointDnsNames": ",".join(service.get("BaseEndpointDnsNames", [])),
    }


def _verify(ec2: Any, properties: Any, deadline: float) -> dict[str, str]:
    service_id, domain_name = _text(properties, "ServiceId"), _text(properties, "DomainName")
    started = False

    def ask() -> None:
        nonlocal started
        service = _describe(ec2, service_id)
        if service.get("PrivateDnsName") != domain_name:
            raise LookupError(f"its private DNS name is {service.get('PrivateDnsName')}")
        record = service.get("PrivateDnsNameConfiguration")
        if not record:
            raise LookupError("it does not tell yet which record would prove the name")
        state = record.get("State")
        if state == "verified":
            return
        # EC2 may have looked before the record was to be seen everywhere: it may look again.
        if state == "failed" or not started:
            ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
            started = True
        raise LookupError(
            f"its state is {state}. Check that public DNS has a {record.get('Type')} record "
            f"{record.get('Name')}.{domain_name.removeprefix('*.')} with {record.get('Value')}"
        )

    _ask_until(deadline, ask, f"{domain_name} of {service_id} was not verified in time")
    logger.info("%s of %s is verified", domain_name, service_id)
    return {}


def _text(properties: Any, name: str) -> str:
    value = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(value, str) or not value:
        raise HopelessError(f"{name} must be a string that is not empty, got {value!r}")
    return value


def _describe(ec2: Any, service_id: str) -> dict[str, Any]:
    found = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service_id])
    service: dict[str, Any]
    for service in found["ServiceConfigurations"]:
        if service["ServiceId"] == service_id and service["ServiceName"]:
            return service
    raise LookupError("DescribeVpcEndpointServiceConfigurations knows no such service")


def _ask_until(deadline: float, ask: Callable[[], _T], in_vain: str) -> _T:
    pause = 1
    while True:
        try:
            return ask()
        except HopelessError:
            raise
        except Exception as error:
            # A service or a permission that was just made may not be known everywhere yet, and EC2
            # may be out of order: all of that passes, or else is told at the deadline.
            problem = f"{error}"
        if time.monotonic() + pause > deadline:
            raise TimeoutError(f"{in_vain}. The last answer of EC2: {problem}")
        time.sleep(pause)
        pause = min(pause * 2, _MOST_SECONDS_BETWEEN_QUESTIONS)


def _answer(
    event: dict[str, Any],
    context: Any,
    act: Callable[[Any, Any, float], dict[str, str]],
) -> None:
    """Answer one request of CloudFormation exactly once, whatever happens."""
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    request_type = event.get("RequestType")
    answer = {
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "Status": "SUCCESS",
        "Reason": "",
    }
    try:
        if request_type in ("Create", "Update"):
            properties: Any = event.get("ResourceProperties")
            ec2 = boto3.client("ec2", config=_EC2_CONFIG)
            answer["Data"] = act(ec2, properties, end - _SECONDS_TO_END_IN)
            # As long as the service stays, so does this id: CloudFormation replaces nothing.
            answer["PhysicalResourceId"] = properties["ServiceId"]
        elif request_type != "Delete":
            raise HopelessError(f"the request type {request_type!r} is not known here")
        # Nothing was made, so there is nothing to delete.
    except Exception as error:
        answer |= {"Status": "FAILED", "Reason": f"{error}"}
    logger.info("%s: %s %s", request_type, answer["Status"], answer["Reason"])
    _send(event["ResponseURL"], _encode(answer), end)


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
