"""The custom resource that runs a connection manager at each deployment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdk_privatelink.custom_resources.custom_resource_function import RULES_TYPE
from tests.handlers.harness import Run, Scenario, assert_expected
from tests.handlers.scenarios import SECONDS
from tests.handlers.script import DROPS, HANGS, Response, event

PROPERTIES = {"Function": "managers", "Manager": "queue", "Version": "two"}
TIMEOUT = "The rules of queue were not in force in time. Check "
LOG = f"{TIMEOUT}the log of the function managers. Last response from Lambda: "


def result(version: str = "two", *, complete: bool = True, failed: int = 0) -> Response:
    body = {"Version": version, "Complete": complete, "Failed": failed}
    return Response(body=json.dumps(body))


FAILED = Response(body=json.dumps({"errorMessage": "a failure"}), function_error=True)
DENIED = Response(
    body=json.dumps({"Message": "You are not allowed", "__type": "AccessDeniedException"}),
    status=403,
)


def scenario(name: str, *responses: Response, **changes: Any) -> Scenario:
    options: dict[str, Any] = {
        "events": [event(ResourceProperties=PROPERTIES)],
        "data": {},
        "physical_id": "queue",
        "seconds": SECONDS,
    }
    return Scenario(name=name, resource_type=RULES_TYPE, ec2=responses, **options | changes)


def fails(name: str, *responses: Response, reason: str) -> Scenario:
    failure = {"status": "FAILED", "data": None, "physical_id": "ServiceName", "reason": [reason]}
    return scenario(name, *responses, **failure)


UPDATE = event("Update", ResourceProperties=PROPERTIES, PhysicalResourceId="queue")
DELETE = event("Delete", ResourceProperties=PROPERTIES, PhysicalResourceId="queue")
SCENARIOS = [
    scenario("create", result()),
    scenario("update", result(), events=[UPDATE]),
    scenario("delete when Lambda hangs", HANGS, events=[DELETE], data=None),
    scenario("a failed run, then a good one", FAILED, result()),
    scenario("a run that continues", result(complete=False), result()),
    scenario("a run before the parameters are there", result("one"), result()),
    scenario("a permission that comes late", DENIED, result()),
    scenario("a dropped connection", DROPS, result()),
    scenario("a failure that ends", result(failed=1), result()),
    scenario("an update with failures", result(failed=1), events=[UPDATE]),
    fails("failures forever", result(failed=1), reason=f"={LOG}changes or tables failed"),
    fails("runs that fail forever", FAILED, reason=f"={LOG}a failure"),
    fails("other rules forever", result("one"), reason=f"={LOG}the run is not complete"),
    fails("denied forever", DENIED, reason=f"{TIMEOUT}the permissions of this function's role"),
    *(
        fails_with
        for name in PROPERTIES
        for fails_with in [
            scenario(
                f"without {name}",
                events=[event(ResourceProperties=PROPERTIES | {name: ""})],
                status="FAILED",
                data=None,
                physical_id="ServiceName",
                reason=[f"{name} must be a non-empty string"],
            )
        ]
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_rules_get_one_correct_response_per_event(scenario: Scenario, run: Run) -> None:
    assert_expected(scenario, run)
