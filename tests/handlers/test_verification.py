"""The verification of private DNS names, besides what holds for every function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers import scenarios
from tests.handlers.harness import Run, Scenario, check
from tests.handlers.scenarios import IN_VAIN, SECONDS
from tests.handlers.script import (
    DENIED,
    DROPS,
    HANGS,
    STARTED,
    THROTTLED,
    TRUNCATED,
    event,
    named,
    service,
)

FUNCTION = "verify_private_dns"
DESCRIBE = "DescribeVpcEndpointServiceConfigurations"
START = "StartVpcEndpointServicePrivateDnsVerification"
PENDING, FAILED, VERIFIED = map(named, ("pendingVerification", "failed", "verified"))
STARTS = [PENDING, STARTED]
UPDATE = event("Update", PhysicalResourceId="vpce-svc-1")
WRONG: list[Any] = [None, "", [""], {}]


def verified(name: str, **scenario: Any) -> Scenario:
    return Scenario(name=name, function=FUNCTION, data={}, **scenario)


def refused(name: str, *reason: str, **scenario: Any) -> Scenario:
    return scenarios.refused(FUNCTION, name, *reason, **scenario)


def of_domain(domain_name: Any) -> dict[str, Any]:
    return event(ResourceProperties={"ServiceId": "vpce-svc-1", "DomainName": domain_name})


def not_proved(state: str, domain_name: str = "payments.example.com") -> str:
    return (
        f"={domain_name} of vpce-svc-1 in eu-west-1 was not verified in time. "
        f"Check that public DNS has a TXT record _a-name.{domain_name.removeprefix('*.')} with "
        f"vpce:a-value. Last response from EC2: the state of {domain_name} is {state}"
    )


SCENARIOS = [
    *(
        verified(
            f"started and waited for, in {request['RequestType']}",
            events=[request],
            ec2=[*STARTS, PENDING, PENDING, VERIFIED],
            asked=[DESCRIBE, START, DESCRIBE, DESCRIBE, DESCRIBE],
        )
        for request in (event(), UPDATE)
    ),
    verified("verified already", ec2=[VERIFIED], asked=[DESCRIBE]),
    # Whether the old name is verified is of no interest.
    verified(
        "a changed name is verified once EC2 knows it",
        events=[UPDATE],
        ec2=[named("verified", "old.example.com"), *STARTS, VERIFIED],
        asked=[DESCRIBE, DESCRIBE, START, DESCRIBE],
    ),
    # The record may not have been to be seen everywhere when EC2 looked for it.
    verified(
        "failed, and started anew",
        ec2=[FAILED, STARTED, FAILED, STARTED, VERIFIED],
        asked=[DESCRIBE, START, DESCRIBE, START, DESCRIBE],
    ),
    verified("no private DNS name yet", ec2=[service(), service(), VERIFIED]),
    *(
        verified(
            f"a start that is {name} is tried again",
            ec2=[PENDING, response, *STARTS, VERIFIED],
            asked=[DESCRIBE, START, DESCRIBE, START, DESCRIBE],
        )
        for name, response in (("denied", DENIED), ("truncated", TRUNCATED))
    ),
    *(
        # The SDK tries it again by itself.
        verified(
            f"a start that {name}",
            ec2=[PENDING, response, STARTED, VERIFIED],
            asked=[DESCRIBE, START, START, DESCRIBE],
        )
        for name, response in (("is throttled", THROTTLED), ("is dropped", DROPS), ("hangs", HANGS))
    ),
    refused(
        "pending for ever",
        not_proved("pendingVerification"),
        ec2=[PENDING, STARTED, PENDING],
        seconds=SECONDS,
    ),
    refused("failed for ever", not_proved("failed"), ec2=[FAILED, STARTED] * 50, seconds=SECONDS),
    refused(
        "the record of a wildcard is below its parent",
        not_proved("pendingVerification", "*.example.com"),
        events=[of_domain("*.example.com")],
        ec2=[
            named("pendingVerification", "*.example.com"),
            STARTED,
            named("pendingVerification", "*.example.com"),
        ],
        seconds=SECONDS,
    ),
    refused(
        "another name for ever",
        f"={IN_VAIN[FUNCTION]}Check whether something other than this stack changes it. Last "
        "response from EC2: the private DNS name of vpce-svc-1 is old.example.com, its "
        "verification record the TXT record _a-name",
        ec2=[named("verified", "old.example.com")],
        seconds=SECONDS,
    ),
    refused(
        "a name of which the proof is not told",
        "the private DNS name of vpce-svc-1 is payments.example.com, its verification record none",
        ec2=[service(private_dns="<privateDnsName>payments.example.com</privateDnsName>")],
        seconds=SECONDS,
    ),
    refused(
        "a start that is denied for ever",
        "Check the permissions of this function's role",
        START,
        "You are not allowed to do this",
        ec2=[PENDING, DENIED] * 50,
        seconds=SECONDS,
    ),
    *(
        refused(
            f"the domain name {value!r}",
            "=Check the properties of this resource in the template: DomainName must be a "
            f"non-empty string, got {value!r}",
            events=[of_domain(value)],
            asked=[],
        )
        for value in WRONG
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_answers_once_and_rightly(scenario: Scenario, run: Run) -> None:
    check(scenario, run)
    # It is the service that is to be verified, and no other.
    started = [question for question in run.questions if question["Action"] == START]
    assert {question["ServiceId"] for question in started} <= {"vpce-svc-1"}
