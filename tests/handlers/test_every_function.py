"""What holds for each Lambda function of the library, whatever EC2 and CloudFormation do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.harness import Run, Scenario, check, check_secrets, functions
from tests.handlers.scenarios import IN_VAIN, SECONDS, answered, refused
from tests.handlers.script import (
    BROKEN,
    DENIED,
    DRIPS,
    DROPS,
    HANGS,
    NO_XML,
    NOT_FOUND,
    PASSING,
    STALLS,
    THROTTLED,
    TRUNCATED,
    UNAVAILABLE,
    Response,
    error,
    event,
)


def deleted(function: str, name: str, **scenario: Any) -> Scenario:
    """There is nothing to delete, and so no question to EC2."""
    request = event("Delete", **{"PhysicalResourceId": "vpce-svc-1"} | scenario.pop("changes", {}))
    answers: dict[str, Any] = {"events": [request], "asked": [], "seconds": SECONDS}
    return Scenario(**{"name": name, "function": function} | answers | scenario)


def lifecycle(function: str) -> list[Scenario]:
    update, delete = (
        event(kind, PhysicalResourceId="vpce-svc-1", OldResourceProperties={"ServiceId": "-"})
        for kind in ("Update", "Delete")
    )
    moved = event("Update", PhysicalResourceId="vpce-svc-0")
    return [
        answered(function, name="create"),
        answered(function, name="update of the same service", events=[update]),
        answered(function, name="update to another service", events=[moved]),
        answered(function, name="the same creation twice", events=[event()] * 2),
        answered(function, name="the same update twice", events=[update] * 2),
        refused(
            function,
            name="a failed update keeps the physical id",
            events=[moved],
            ec2=[DENIED],
            seconds=SECONDS,
            physical_id="vpce-svc-0",
        ),
        deleted(function, "delete"),
        deleted(function, "delete when EC2 refuses everything", ec2=[DENIED]),
        deleted(function, "delete when EC2 hangs", ec2=[HANGS]),
        deleted(function, "delete when the service is gone", ec2=[NOT_FOUND]),
        deleted(
            function,
            "delete after a creation that failed",
            changes={"PhysicalResourceId": "ServiceName"},
            physical_id="ServiceName",
        ),
        deleted(
            function,
            "delete after a creation that never answered",
            changes={"PhysicalResourceId": "Provider-ServiceName-1A2B3C"},
            physical_id="Provider-ServiceName-1A2B3C",
        ),
        deleted(
            function,
            "delete of what has no physical id",
            changes={"PhysicalResourceId": ""},
            physical_id="ServiceName",
        ),
        deleted(
            function, "delete with wrong properties", changes={"ResourceProperties": "nonsense"}
        ),
        Scenario(name="the same deletion twice", function=function, events=[delete] * 2, asked=[]),
        *(
            refused(
                function,
                name=f"the request type {kind!r}",
                events=[event(kind)],
                asked=[],
                reason=[
                    "=Check what invoked this function: the request type must be Create, Update or "
                    f"Delete, got {kind!r}"
                ],
            )
            for kind in ("Import", "create", "", None)
        ),
    ]


def properties(function: str) -> list[Scenario]:
    wrong: list[Any] = [
        None,
        {},
        [],
        "nonsense",
        {"ServiceId": ""},
        {"ServiceId": None},
        {"ServiceId": ["vpce-svc-1"]},
        {"ServiceId": {"Ref": "Service"}},
        {"serviceId": "vpce-svc-1"},
    ]
    return [
        refused(
            function,
            name=f"the properties {value!r}",
            events=[event(ResourceProperties=value)],
            asked=[],
            reason=[
                "=Check the properties of this resource in the template: ServiceId must be a "
                "non-empty string, got "
                f"{value.get('ServiceId') if isinstance(value, dict) else None!r}"
            ],
        )
        for value in wrong
    ] + [
        refused(
            function,
            name="no properties",
            events=[{key: v for key, v in event().items() if key != "ResourceProperties"}],
            asked=[],
            reason=["ServiceId must be"],
        ),
        refused(
            function,
            name="properties of many kilobytes",
            events=[event(ResourceProperties={"ServiceId": ["Größe 大小 🙂"] * 2000})],
            asked=[],
            reason=["ServiceId must be", "Größe"],
        ),
    ]


def faults_of_ec2(function: str) -> list[Scenario]:
    passing = [
        answered(function, name=f"{name}, then good", passing=[response] * 2)
        for name, response in PASSING.items()
    ]
    outlasting = [
        answered(function, name=f"{name} for longer than the SDK repeats", passing=[response] * 8)
        for name, response in (("throttled", THROTTLED), ("an internal error", BROKEN))
    ]
    health = "Check the health of EC2 in this Region, and deploy again. Last response from EC2: "
    denied = (
        "Check the permissions of this function's role, its permissions boundary and service "
        "control policies. Last response from EC2: "
    )
    exists = "Check that it exists in this account and Region. Last response from EC2: "
    action = "DescribeVpcEndpointServiceConfigurations"
    lasting = {
        "denied": (f"{denied}An error", "(UnauthorizedOperation)", action, "You are not allowed"),
        "not found": (
            f"{exists}An error",
            "(InvalidVpcEndpointServiceId.NotFound)",
            action,
            "The service does not exist",
        ),
        "empty": (f"{exists}{action} returned no service vpce-svc-1",),
        "another service": (f"{exists}{action} returned no service vpce-svc-1",),
        "without a name": (f"{exists}{action} returned no service vpce-svc-1",),
        "HTML": (f"{exists}{action} returned no service vpce-svc-1",),
        "nothing": (f"{health}Unable to parse response",),
        "throttled": (f"{health}An error", "(RequestLimitExceeded)", action, "Slow down"),
        "an internal error": (f"{health}An error", "(InternalError)", action),
        "a dropped connection": (f"{health}Connection was closed",),
        "truncated": (f"{health}Unable to parse response",),
        "cut off": (health,),
        "no XML": (f"{health}Unable to parse response",),
    }
    for_ever = [
        refused(
            function,
            name=f"{name} for ever",
            ec2=[PASSING[name]],
            seconds=SECONDS,
            reason=[IN_VAIN[function], *reason],
        )
        for name, reason in lasting.items()
    ]
    return [
        *passing,
        *outlasting,
        *for_ever,
        refused(
            function,
            "denied, then not found for ever",
            f"{IN_VAIN[function]}{exists}",
            ec2=[DENIED, NOT_FOUND],
            seconds=SECONDS,
        ),
        answered(function, name="hangs once", passing=[HANGS]),
        answered(function, name="hangs in the middle of an answer", passing=[STALLS]),
        answered(function, name="hangs, then drops the connection", passing=[HANGS, DROPS]),
        *(
            refused(
                function,
                name=f"{name} for ever",
                ec2=[response],
                seconds=SECONDS,
                reason=[f"={IN_VAIN[function]}{health}none"],
            )
            for name, response in (("hangs", HANGS), ("comes in drops", DRIPS))
        ),
        answered(
            function,
            name="what went wrong once is no matter later",
            events=[event()] * 3,
            passing=[TRUNCATED, DROPS, NO_XML],
        ),
        refused(
            function,
            name="an error of many kilobytes in many scripts",
            ec2=[error("UnauthorizedOperation", '"Größe" \\ 大小 🙂\n' * 2000)],
            seconds=SECONDS,
            reason=[denied, '"Größe" \\ 大小 🙂'],
        ),
        refused(
            function,
            name="an error of many kilobytes without an end",
            ec2=[Response(body="<" + "🙂" * 20_000)],
            seconds=SECONDS,
            reason=[health],
        ),
    ]


def faults_of_cloudformation(function: str) -> list[Scenario]:
    script = {
        "is unavailable once": [UNAVAILABLE],
        "is unavailable several times": [UNAVAILABLE] * 5,
        "drops the connection": [DROPS, DROPS],
        "refuses, then takes it": [Response(status=403), Response(status=500)],
        "hangs once": [HANGS],
        "redirects": [Response(status=307)],
    }
    return [
        *(
            answered(
                function,
                name=f"CloudFormation {name}",
                cloudformation=[*responses, Response()],
                attempts=len(responses) + 1,
            )
            for name, responses in script.items()
        ),
        # What is only slow has taken the answer: a second one would be one too many.
        answered(function, name="CloudFormation is slow", cloudformation=[Response(pause=20)]),
        deleted(
            function,
            "CloudFormation is unavailable to a deletion",
            cloudformation=[UNAVAILABLE, Response()],
            attempts=2,
        ),
        refused(
            function,
            name="all goes wrong at once",
            ec2=[HANGS],
            cloudformation=[UNAVAILABLE, DROPS, HANGS, Response()],
            seconds=SECONDS,
            attempts=4,
        ),
    ]


FUNCTIONS = ("look_up_service_name", "verify_private_dns")
SCENARIOS = [
    scenario
    for function in FUNCTIONS
    for scenarios in (lifecycle, properties, faults_of_ec2, faults_of_cloudformation)
    for scenario in scenarios(function)
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_answers_once_and_rightly(scenario: Scenario, run: Run) -> None:
    check(scenario, run)


def test_no_function_is_left_out() -> None:
    assert sorted(functions()) == sorted(FUNCTIONS)


# Where no answer can get through, Lambda has to know, for it then tries the whole event again.
UNREACHABLE = [
    deleted(function, name, seconds=18, cloudformation=[response])
    for function in FUNCTIONS
    for name, response in (("unavailable", UNAVAILABLE), ("hangs", HANGS), ("drops", DROPS))
] + [
    deleted(function, f"the address {url}", seconds=18, changes={"ResponseURL": url})
    for function in FUNCTIONS
    for url in ("the-signature", "http://the-signature.invalid/")
]


@pytest.mark.parametrize("scenario", UNREACHABLE, ids=str)
@pytest.mark.usefixtures("scenario")
def test_an_answer_that_never_gets_through_fails_the_function(run: Run) -> None:
    (invocation,) = run.invocations
    assert invocation.failed
    assert invocation.result["errorMessage"] == "CloudFormation received no response"
    assert invocation.seconds_left > 0
    assert run.taken == []
    check_secrets(run)
