"""Answers CloudFormation about VPC endpoint services. Runs on AWS Lambda.

The event is never logged: whoever has its ResponseURL can answer in our place.
"""

import json
import logging
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Kept for the answer to get through, however long EC2 lets us wait.
_SECONDS_TO_ANSWER_IN = 60
_MOST_SECONDS_BETWEEN_QUESTIONS = 10
_EC2_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard"})
# CloudFormation refuses a longer answer.
_MOST_BYTES = 4096

_T = TypeVar("_T")

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


class HopelessError(Exception):
    """What does not pass with time."""


class NotYetError(Exception):
    """An answer of EC2 that may change with time, and what to check if it does not."""

    def __init__(self, said: str, check: str) -> None:
        """Keep what EC2 said, and what a sentence with Check goes on with."""
        super().__init__(said)
        self.check = check


class OutOfTimeError(BaseException):
    """Time is up. No `Exception`, which botocore would take for a failed attempt and repeat."""


def look_up_service_name(event: dict[str, Any], context: Any) -> None:
    """Tell the name of a service, and what else is only known to EC2."""
    _answer(event, context, _look_up)


def verify_private_dns(event: dict[str, Any], context: Any) -> None:
    """Have EC2 verify that the private DNS name of a service is its owner's."""
    _answer(event, context, _verify)


def _look_up(ec2: Any, properties: Any, seconds: float) -> dict[str, str]:
    service_id = _text(properties, "ServiceId")

    def ask() -> dict[str, Any]:
        service = _describe(ec2, service_id)
        said = f"the state of {service_id} is {service.get('ServiceState')}"
        if service.get("ServiceState") in ("Failed", "Deleting", "Deleted"):
            raise HopelessError(f"EC2 says that {said}. Check who deleted it, or make it anew")
        if service.get("ServiceState") != "Available":
            raise NotYetError(said, "whether its load balancers are active")
        return service

    region = ec2.meta.region_name
    service = _ask(seconds, ask, f"{service_id} did not become available in {region} in time")
    logger.info("%s is named %s", service_id, service["ServiceName"])
    return {
        "ServiceName": service["ServiceName"],
        # Only strings are sure to come through a custom resource.
        "AvailabilityZones": ",".join(service.get("AvailabilityZones", [])),
        "AvailabilityZoneIds": ",".join(service.get("AvailabilityZoneIds", [])),
        "BaseEndpointDnsNames": ",".join(service.get("BaseEndpointDnsNames", [])),
    }


def _verify(ec2: Any, properties: Any, seconds: float) -> dict[str, str]:
    service_id, domain_name = _text(properties, "ServiceId"), _text(properties, "DomainName")
    started = False

    def ask() -> None:
        nonlocal started
        service = _describe(ec2, service_id)
        name, record = service.get("PrivateDnsName"), service.get("PrivateDnsNameConfiguration")
        if name != domain_name or not record:
            proof = f"the {record.get('Type')} record {record.get('Name')}" if record else "none"
            raise NotYetError(
                f"the private DNS name of {service_id} is {name}, its proof {proof}",
                "whether something else than this stack changes it",
            )
        state = record.get("State")
        if state == "verified":
            return
        # EC2 may have looked before the record was to be seen everywhere: it may look again.
        if state == "failed" or not started:
            ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
            started = True
        raise NotYetError(
            f"the state of {domain_name} is {state}",
            f"that public DNS has a {record.get('Type')} record "
            f"{record.get('Name')}.{domain_name.removeprefix('*.')} with {record.get('Value')}",
        )

    region = ec2.meta.region_name
    _ask(seconds, ask, f"{domain_name} of {service_id} in {region} was not verified in time")
    logger.info("%s of %s is verified", domain_name, service_id)
    return {}


def _text(properties: Any, name: str) -> str:
    value = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(value, str) or not value:
        raise HopelessError(
            "Check the properties of this resource in the template: "
            f"{name} must be a string that is not empty, got {value!r}"
        )
    return value


def _describe(ec2: Any, service_id: str) -> dict[str, Any]:
    found = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service_id])
    service: dict[str, Any]
    for service in found.get("ServiceConfigurations", []):
        if service.get("ServiceId") == service_id and service.get("ServiceName"):
            return service
    raise NotYetError(
        f"DescribeVpcEndpointServiceConfigurations lists no service {service_id}",
        "that it exists in this account and region",
    )


def _ask(seconds: float, question: Callable[[], _T], in_vain: str) -> _T:
    """Ask until there is an answer to be content with, or the time is up."""
    problem: Exception = TimeoutError("none")
    pause = 1
    try:
        with _interrupted_after(seconds):
            while True:
                try:
                    return question()
                except HopelessError:
                    raise
                except Exception as error:
                    # A service or a permission that was just made may not be known everywhere
                    # yet, and EC2 may be out of order: all of that may pass.
                    problem = error
                time.sleep(pause)
                pause = min(pause * 2, _MOST_SECONDS_BETWEEN_QUESTIONS)
    except OutOfTimeError:
        # What to check comes first, for a long answer is cut off.
        raise HopelessError(
            f"{in_vain}. Check {_what_to_check(problem)}. The last answer of EC2: {problem}"
        ) from None


def _what_to_check(problem: Exception) -> str:
    if isinstance(problem, NotYetError):
        return problem.check
    error = problem.response.get("Error", {}) if isinstance(problem, ClientError) else {}
    code = error.get("Code", "")
    if code in ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException"):
        return (
            "what is allowed to the role of this function, by its permissions boundary and by "
            "service control policies too"
        )
    if code.endswith(".NotFound"):
        return "that it exists in this account and region"
    return "the health of EC2 in this region, and deploy again"


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Let nothing take longer, not even an answer that comes in drops."""

    def interrupt(*_: object) -> None:
        raise OutOfTimeError

    signal.signal(signal.SIGALRM, interrupt)
    # Again every second: where Python happens to be in a `__del__`, an error gets lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(
    event: dict[str, Any],
    context: Any,
    act: Callable[[Any, Any, float], dict[str, str]],
) -> None:
    """Answer one request of CloudFormation exactly once, whatever happens."""
    request_type = event.get("RequestType")
    answer = {
        "StackId": event.get("StackId"),
        "RequestId": event.get("RequestId"),
        "LogicalResourceId": event.get("LogicalResourceId"),
        "PhysicalResourceId": event.get("PhysicalResourceId") or event.get("LogicalResourceId"),
        "Status": "SUCCESS",
        "Reason": "",
    }
    try:
        if request_type in ("Create", "Update"):
            properties: Any = event.get("ResourceProperties")
            seconds = max(_seconds_left(context) - _SECONDS_TO_ANSWER_IN, 1)
            answer["Data"] = act(boto3.client("ec2", config=_EC2_CONFIG), properties, seconds)
            # As long as the service stays, so does this id: CloudFormation replaces nothing.
            answer["PhysicalResourceId"] = properties["ServiceId"]
        elif request_type != "Delete":
            raise HopelessError(
                "Check what invoked this function: it answers Create, Update and Delete, "
                f"got the request type {request_type!r}"
            )
        # Nothing was made, so there is nothing to delete.
    except HopelessError as error:
        answer |= {"Status": "FAILED", "Reason": f"{error}"}
    except Exception as error:
        # Of an error that nobody expected, the text alone may say nothing.
        answer |= {"Status": "FAILED", "Reason": f"Check the code of this function: {error!r}"}
    logger.info("%s: %s %s", request_type, answer["Status"], answer["Reason"])
    _send(event["ResponseURL"], _encode(answer), context)


def _encode(answer: dict[str, Any]) -> bytes:
    body = json.dumps(answer).encode()
    if len(body) > _MOST_BYTES and answer.pop("Data", None):
        answer |= {
            "Status": "FAILED",
            "Reason": "Check with EC2: it says more of the service than CloudFormation takes",
        }
    while len(body := json.dumps(answer).encode()) > _MOST_BYTES and answer["Reason"]:
        answer["Reason"] = answer["Reason"][: len(answer["Reason"]) * 3 // 4]
    return body


def _send(url: str, body: bytes, context: Any) -> None:
    while (seconds := _seconds_left(context)) > 5:
        try:
            # The URL is CloudFormation's own, and signed for an empty content type.
            request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310
            # Long enough not to send twice what is taken slowly, and there is time to try again.
            with _interrupted_after(min(30, seconds / 2)):
                urllib.request.urlopen(request).close()  # noqa: S310
            return
        except (Exception, OutOfTimeError) as error:
            # No more than the kind of the error, and no trace: others may hold the URL.
            logger.warning("CloudFormation was not reached: %s", type(error).__name__)
        time.sleep(2)
    raise RuntimeError("CloudFormation could not be answered")


def _seconds_left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000
