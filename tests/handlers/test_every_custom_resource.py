"""Every custom resource of the library with failures of EC2 and CloudFormation."""

from __future__ import annotations

from typing import Any

import pytest

from cdk_privatelink.custom_resources.custom_resource_function import (
    ACCEPTANCE_TYPE,
    ADDRESSES_TYPE,
    CUSTOM_RESOURCE_TYPES,
    DRAINING_TYPE,
    RULES_TYPE,
)
from tests.handlers.harness import (
    REDIRECTED_PATH,
    RESPONSE_PATH,
    Run,
    Scenario,
    assert_expected,
    assert_no_secrets,
)
from tests.handlers.scenarios import SECONDS, TIMEOUT_REASON, fails, succeeds
from tests.handlers.script import (
    BROKEN,
    DENIED,
    DRIPS,
    DROPS,
    HANGS,
    NOT_FOUND,
    NOT_XML,
    STALLS,
    THROTTLED,
    TRANSIENT,
    TRUNCATED,
    UNAVAILABLE,
    Response,
    error,
    event,
    service_list,
)


def deletes(resource_type: str, name: str, **scenario: Any) -> Scenario:
    """Return a scenario of a deletion, in which the function sends no request to EC2."""
    request = event("Delete", **{"PhysicalResourceId": "vpce-svc-1"} | scenario.pop("changes", {}))
    responses: dict[str, Any] = {"events": [request], "actions": [], "seconds": SECONDS}
    return Scenario(**{"name": name, "resource_type": resource_type} | responses | scenario)


def lifecycle(resource_type: str) -> list[Scenario]:
    update, delete = (
        event(kind, PhysicalResourceId="vpce-svc-1", OldResourceProperties={"ServiceId": "-"})
        for kind in ("Update", "Delete")
    )
    replacement = event("Update", PhysicalResourceId="vpce-svc-0")
    return [
        succeeds(resource_type, name="create"),
        succeeds(resource_type, name="update of the same service", events=[update]),
        succeeds(resource_type, name="update to another service", events=[replacement]),
        succeeds(resource_type, name="the same creation twice", events=[event()] * 2),
        succeeds(resource_type, name="the same update twice", events=[update] * 2),
        fails(
            resource_type,
            name="a failed update keeps the physical id",
            events=[replacement],
            ec2=[DENIED],
            seconds=SECONDS,
            physical_id="vpce-svc-0",
        ),
        deletes(resource_type, "delete"),
        deletes(resource_type, "delete when EC2 denies everything", ec2=[DENIED]),
        deletes(resource_type, "delete when EC2 hangs", ec2=[HANGS]),
        deletes(resource_type, "delete when the service does not exist", ec2=[NOT_FOUND]),
        deletes(
            resource_type,
            "delete after a creation that failed",
            changes={"PhysicalResourceId": "ServiceName"},
            physical_id="ServiceName",
        ),
        deletes(
            resource_type,
            "delete after a creation without a response",
            changes={"PhysicalResourceId": "Provider-ServiceName-1A2B3C"},
            physical_id="Provider-ServiceName-1A2B3C",
        ),
        deletes(
            resource_type,
            "delete without a physical id",
            changes={"PhysicalResourceId": ""},
            physical_id="ServiceName",
        ),
        deletes(
            resource_type,
            "delete with wrong properties",
            changes={"ResourceProperties": "nonsense"},
        ),
        Scenario(
            name="the same deletion twice",
            resource_type=resource_type,
            events=[delete] * 2,
            actions=[],
        ),
        *(
            fails(
                resource_type,
                name=f"the request type {kind!r}",
                events=[event(kind)],
                actions=[],
                reason=[
                    "=Check what invoked this function: the request type must be Create, Update or "
                    f"Delete, got {kind!r}"
                ],
            )
            for kind in ("Import", "create", "", None)
        ),
        *(
            fails(
                resource_type,
                name=f"the resource type {other!r}",
                events=[event(ResourceType=other)],
                actions=[],
                reason=[
                    "Check what invoked this function: the resource type must be one of "
                    "Custom::PrivateLinkServiceName, ",
                    f"got {other!r}",
                ],
            )
            for other in ("Custom::Other", None)
        ),
        deletes(resource_type, "delete of another type", changes={"ResourceType": "Custom::Other"}),
    ]


def properties(resource_type: str) -> list[Scenario]:
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
        fails(
            resource_type,
            name=f"the properties {value!r}",
            events=[event(ResourceProperties=value)],
            actions=[],
            reason=[
                "=Check the properties of this resource in the template: ServiceId must be a "
                "non-empty string, got "
                f"{value.get('ServiceId') if isinstance(value, dict) else None!r}"
            ],
        )
        for value in wrong
    ] + [
        fails(
            resource_type,
            name="no properties",
            events=[{key: v for key, v in event().items() if key != "ResourceProperties"}],
            actions=[],
            reason=["ServiceId must be"],
        ),
        fails(
            resource_type,
            name="properties of many kilobytes",
            events=[event(ResourceProperties={"ServiceId": ["Größe 大小 🙂"] * 2000})],
            actions=[],
            reason=["ServiceId must be", "Größe"],
        ),
    ]


def faults_of_ec2(resource_type: str) -> list[Scenario]:
    transient = [
        succeeds(resource_type, name=f"{name}, then ready", transient=[response] * 2)
        for name, response in TRANSIENT.items()
    ]
    after_retries = [
        succeeds(
            resource_type, name=f"{name} for longer than the SDK retries", transient=[response] * 8
        )
        for name, response in (("throttled", THROTTLED), ("an internal error", BROKEN))
    ]
    unhealthy = "Check the health of EC2 in this Region, and deploy again. Last response from EC2: "
    denied = (
        "Check the permissions of this function's role, its permissions boundary and service "
        "control policies. Last response from EC2: "
    )
    missing = "Check that it exists in this account and Region. Last response from EC2: "
    action = "DescribeVpcEndpointServiceConfigurations"
    reasons = {
        "denied": (f"{denied}An error", "(UnauthorizedOperation)", action, "You are not allowed"),
        "not found": (
            f"{missing}An error",
            "(InvalidVpcEndpointServiceId.NotFound)",
            action,
            "The service does not exist",
        ),
        "empty": (f"{missing}{action} returned no service vpce-svc-1",),
        "another service": (f"{missing}{action} returned no service vpce-svc-1",),
        "without a name": (f"{missing}{action} returned no service vpce-svc-1",),
        "HTML": (f"{missing}{action} returned no service vpce-svc-1",),
        "nothing": (f"{unhealthy}Unable to parse response",),
        "throttled": (f"{unhealthy}An error", "(RequestLimitExceeded)", action, "Slow down"),
        "an internal error": (f"{unhealthy}An error", "(InternalError)", action),
        "a dropped connection": (f"{unhealthy}Connection was closed",),
        "truncated": (f"{unhealthy}Unable to parse response",),
        "cut off": (unhealthy,),
        "no XML": (f"{unhealthy}Unable to parse response",),
    }
    permanent = [
        fails(
            resource_type,
            name=f"{name} forever",
            ec2=[TRANSIENT[name]],
            seconds=SECONDS,
            reason=[TIMEOUT_REASON[resource_type], *reason],
        )
        for name, reason in reasons.items()
    ]
    return [
        *transient,
        *after_retries,
        *permanent,
        fails(
            resource_type,
            "denied, then not found forever",
            f"{TIMEOUT_REASON[resource_type]}{missing}",
            ec2=[DENIED, NOT_FOUND],
            seconds=SECONDS,
        ),
        succeeds(resource_type, name="hangs once", transient=[HANGS]),
        succeeds(
            resource_type,
            name="an empty page, then another page",
            transient=[service_list("", next_token="page-2")],
        ),
        succeeds(resource_type, name="hangs in the middle of a response", transient=[STALLS]),
        succeeds(resource_type, name="hangs, then drops the connection", transient=[HANGS, DROPS]),
        fails(
            resource_type,
            "the same page forever",
            TIMEOUT_REASON[resource_type],
            "Check the health of EC2 in this Region, and deploy again. Last response from EC2: ",
            "The same next token was received twice",
            ec2=[service_list("", next_token="page-2")],
            seconds=SECONDS,
        ),
        *(
            fails(
                resource_type,
                name=f"{name} forever",
                ec2=[response],
                seconds=SECONDS,
                reason=[f"={TIMEOUT_REASON[resource_type]}{unhealthy}none"],
            )
            for name, response in (("hangs", HANGS), ("sends one byte per second", DRIPS))
        ),
        succeeds(
            resource_type,
            name="an earlier fault does not affect a later event",
            events=[event()] * 3,
            transient=[TRUNCATED, DROPS, NOT_XML],
        ),
        fails(
            resource_type,
            name="an error of many kilobytes in many scripts",
            ec2=[error("UnauthorizedOperation", '"Größe" \\ 大小 🙂\n' * 2000)],
            seconds=SECONDS,
            reason=[denied, '"Größe" \\ 大小 🙂'],
        ),
        fails(
            resource_type,
            name="an error of many kilobytes without an end",
            ec2=[Response(body="<" + "🙂" * 20_000)],
            seconds=SECONDS,
            reason=[unhealthy],
        ),
    ]


def faults_of_cloudformation(resource_type: str) -> list[Scenario]:
    script = {
        "is unavailable once": [UNAVAILABLE],
        "is unavailable several times": [UNAVAILABLE] * 5,
        "drops the connection": [DROPS, DROPS],
        "rejects the response, then accepts it": [Response(status=403), Response(status=500)],
        "hangs once": [HANGS],
        "redirects without an address": [Response(status=307)],
        "redirects": [Response(status=307, location=REDIRECTED_PATH)],
        "redirects permanently": [Response(status=308, location=REDIRECTED_PATH)],
        # Of these, a client would follow the first three with a GET, which delivers nothing.
        **{
            f"redirects with {status}": [Response(status=status, location=RESPONSE_PATH)]
            for status in (301, 302, 303)
        },
        "redirects to a file": [Response(status=307, location="file:///dev/null")],
        # urllib ends a loop after five visits of one address.
        "redirects in a loop": [Response(status=307, location=RESPONSE_PATH)] * 5,
    }
    return [
        *(
            succeeds(
                resource_type,
                name=f"CloudFormation {name}",
                cloudformation=[*responses, Response()],
                attempts=len(responses) + 1,
            )
            for name, responses in script.items()
        ),
        # The second attempt begins at the original address.
        succeeds(
            resource_type,
            name="CloudFormation redirects to an address that is down",
            cloudformation=[
                Response(status=307, location=REDIRECTED_PATH),
                UNAVAILABLE,
                Response(),
            ],
            attempts=3,
            paths=[RESPONSE_PATH, REDIRECTED_PATH, RESPONSE_PATH],
        ),
        # A slow CloudFormation has accepted the response, so a second one would be wrong.
        succeeds(resource_type, name="CloudFormation is slow", cloudformation=[Response(pause=20)]),
        deletes(
            resource_type,
            "CloudFormation is unavailable during a deletion",
            cloudformation=[UNAVAILABLE, Response()],
            attempts=2,
        ),
        fails(
            resource_type,
            name="EC2 and CloudFormation fail at once",
            ec2=[HANGS],
            cloudformation=[UNAVAILABLE, DROPS, HANGS, Response()],
            seconds=SECONDS,
            attempts=4,
        ),
    ]


RESOURCE_TYPES = ("Custom::PrivateLinkServiceName", "Custom::PrivateLinkPrivateDnsVerification")
SCENARIOS = [
    scenario
    for resource_type in RESOURCE_TYPES
    for scenarios in (lifecycle, properties, faults_of_ec2, faults_of_cloudformation)
    for scenario in scenarios(resource_type)
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_every_custom_resource_gets_one_correct_response_per_event(
    scenario: Scenario, run: Run
) -> None:
    assert_expected(scenario, run)


def test_all_custom_resources_of_the_library_have_scenarios() -> None:
    assert sorted(CUSTOM_RESOURCE_TYPES) == sorted(
        [*RESOURCE_TYPES, ACCEPTANCE_TYPE, ADDRESSES_TYPE, DRAINING_TYPE, RULES_TYPE]
    )


# If no response arrives, the function must fail, so that Lambda retries the event.
UNREACHABLE = [
    deletes(resource_type, name, seconds=18, cloudformation=[response])
    for resource_type in RESOURCE_TYPES
    for name, response in (("unavailable", UNAVAILABLE), ("hangs", HANGS), ("drops", DROPS))
] + [
    deletes(resource_type, f"the address {url}", seconds=18, changes={"ResponseURL": url})
    for resource_type in RESOURCE_TYPES
    for url in ("the-signature", "http://the-signature.invalid/")
]


@pytest.mark.parametrize("scenario", UNREACHABLE, ids=str)
@pytest.mark.usefixtures("scenario")
def test_a_function_fails_if_no_response_arrives(run: Run) -> None:
    (invocation,) = run.invocations
    assert invocation.failed
    assert invocation.result["errorMessage"] == "CloudFormation received no response"
    assert invocation.seconds_left > 0
    assert run.accepted == []
    assert_no_secrets(run)
