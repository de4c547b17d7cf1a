"""The verification of private DNS names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers import scenarios
from tests.handlers.harness import Run, Scenario, assert_expected
from tests.handlers.scenarios import SECONDS, TIMEOUT_REASON
from tests.handlers.script import (
    DENIED,
    DROPS,
    HANGS,
    STARTED,
    THROTTLED,
    TRUNCATED,
    event,
    service,
    service_with_private_dns,
)

RESOURCE_TYPE = "Custom::PrivateLinkPrivateDnsVerification"
DESCRIBE = "DescribeVpcEndpointServiceConfigurations"
START = "StartVpcEndpointServicePrivateDnsVerification"
PENDING, FAILED, VERIFIED = map(
    service_with_private_dns, ("pendingVerification", "failed", "verified")
)
STARTS = [PENDING, STARTED]
UPDATE = event("Update", PhysicalResourceId="vpce-svc-1")
WRONG: list[Any] = [None, "", [""], {}]


def succeeds(name: str, **scenario: Any) -> Scenario:
    return Scenario(name=name, resource_type=RESOURCE_TYPE, data={}, **scenario)


def fails(name: str, *reason: str, **scenario: Any) -> Scenario:
    return scenarios.fails(RESOURCE_TYPE, name, *reason, **scenario)


def event_for_domain(domain_name: Any) -> dict[str, Any]:
    return event(ResourceProperties={"ServiceId": "vpce-svc-1", "DomainName": domain_name})


def unverified_reason(state: str, domain_name: str = "payments.example.com") -> str:
    return (
        f"={domain_name} of vpce-svc-1 in eu-west-1 was not verified in time. "
        f"Check that public DNS has a TXT record _a-name.{domain_name.removeprefix('*.')} with "
        f"vpce:a-value. Last response from EC2: the state of {domain_name} is {state}"
    )


SCENARIOS = [
    *(
        succeeds(
            f"started and completed, in {request['RequestType']}",
            events=[request],
            ec2=[*STARTS, PENDING, PENDING, VERIFIED],
            actions=[DESCRIBE, START, DESCRIBE, DESCRIBE, DESCRIBE],
        )
        for request in (event(), UPDATE)
    ),
    succeeds("verified already", ec2=[VERIFIED], actions=[DESCRIBE]),
    # The state of the old name is irrelevant.
    succeeds(
        "a changed name is verified when EC2 returns it",
        events=[UPDATE],
        ec2=[service_with_private_dns("verified", "old.example.com"), *STARTS, VERIFIED],
        actions=[DESCRIBE, DESCRIBE, START, DESCRIBE],
    ),
    # The record may not have been published on every name server at the first attempt.
    succeeds(
        "failed, and started again",
        ec2=[FAILED, STARTED, FAILED, STARTED, VERIFIED],
        actions=[DESCRIBE, START, DESCRIBE, START, DESCRIBE],
    ),
    succeeds("no private DNS name yet", ec2=[service(), service(), VERIFIED]),
    *(
        succeeds(
            f"a start that is {name} is retried",
            ec2=[PENDING, response, *STARTS, VERIFIED],
            actions=[DESCRIBE, START, DESCRIBE, START, DESCRIBE],
        )
        for name, response in (("denied", DENIED), ("truncated", TRUNCATED))
    ),
    *(
        # The SDK retries the call.
        succeeds(
            f"a start that {name}",
            ec2=[PENDING, response, STARTED, VERIFIED],
            actions=[DESCRIBE, START, START, DESCRIBE],
        )
        for name, response in (("is throttled", THROTTLED), ("is dropped", DROPS), ("hangs", HANGS))
    ),
    fails(
        "pending forever",
        unverified_reason("pendingVerification"),
        ec2=[PENDING, STARTED, PENDING],
        seconds=SECONDS,
    ),
    fails(
        "failed forever", unverified_reason("failed"), ec2=[FAILED, STARTED] * 50, seconds=SECONDS
    ),
    fails(
        "the record of a wildcard is below its parent",
        unverified_reason("pendingVerification", "*.example.com"),
        events=[event_for_domain("*.example.com")],
        ec2=[
            service_with_private_dns("pendingVerification", "*.example.com"),
            STARTED,
            service_with_private_dns("pendingVerification", "*.example.com"),
        ],
        seconds=SECONDS,
    ),
    fails(
        "another name forever",
        f"={TIMEOUT_REASON[RESOURCE_TYPE]}Check whether something other than this stack changes "
        "it. Last response from EC2: the private DNS name of vpce-svc-1 is old.example.com, its "
        "verification record the TXT record _a-name",
        ec2=[service_with_private_dns("verified", "old.example.com")],
        seconds=SECONDS,
    ),
    fails(
        "a name without a verification record",
        "the private DNS name of vpce-svc-1 is payments.example.com, its verification record none",
        ec2=[service(private_dns="<privateDnsName>payments.example.com</privateDnsName>")],
        seconds=SECONDS,
    ),
    fails(
        "a start that is denied forever",
        "Check the permissions of this function's role",
        START,
        "You are not allowed to do this",
        ec2=[PENDING, DENIED] * 50,
        seconds=SECONDS,
    ),
    *(
        fails(
            f"the domain name {value!r}",
            "=Check the properties of this resource in the template: DomainName must be a "
            f"non-empty string, got {value!r}",
            events=[event_for_domain(value)],
            actions=[],
        )
        for value in WRONG
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_verification_sends_one_correct_response(scenario: Scenario, run: Run) -> None:
    assert_expected(scenario, run)
    # No other service is verified.
    started = [request for request in run.requests if request["Action"] == START]
    assert {request["ServiceId"] for request in started} <= {"vpce-svc-1"}
