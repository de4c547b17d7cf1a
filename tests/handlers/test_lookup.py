"""The look-up of service names, besides what holds for every function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers import scenarios
from tests.handlers.harness import Run, Scenario, check
from tests.handlers.scenarios import DATA, IN_VAIN, SECONDS
from tests.handlers.script import described, event, service

FUNCTION = "look_up_service_name"
PENDING = service("Pending")


def answered(name: str, **scenario: Any) -> Scenario:
    return Scenario(**{"name": name, "function": FUNCTION, "data": DATA[FUNCTION]} | scenario)


def refused(name: str, *reason: str, **scenario: Any) -> Scenario:
    return scenarios.refused(FUNCTION, name, *reason, **scenario)


SCENARIOS = [
    answered("pending, then available", ec2=[PENDING, PENDING, service()]),
    answered("without a state, then available", ec2=[service(""), service()]),
    answered(
        "a name that follows no rule",
        ec2=[service(name="unguessable")],
        data=DATA[FUNCTION] | {"ServiceName": "unguessable"},
    ),
    answered(
        "gateway load balancers have no DNS names",
        ec2=[service(dns_names="")],
        data=DATA[FUNCTION] | {"BaseEndpointDnsNames": ""},
    ),
    answered(
        "no more than a name",
        ec2=[
            described(
                "<item><serviceId>vpce-svc-1</serviceId><serviceName>a-name</serviceName>"
                "<serviceState>Available</serviceState></item>"
            )
        ],
        data={
            "ServiceName": "a-name",
            "AvailabilityZones": "",
            "AvailabilityZoneIds": "",
            "BaseEndpointDnsNames": "",
        },
    ),
    answered(
        "what EC2 lists beside the service",
        ec2=[
            described(
                "<item><serviceId>vpce-svc-2</serviceId><serviceName>a-name</serviceName>"
                "<serviceState>Failed</serviceState></item>"
                "<item><serviceId>vpce-svc-1</serviceId><serviceName>its-name</serviceName>"
                "<serviceState>Available</serviceState></item>"
            )
        ],
        data=dict.fromkeys(DATA[FUNCTION], "") | {"ServiceName": "its-name"},
    ),
    refused(
        "pending for ever",
        f"={IN_VAIN[FUNCTION]}Check whether its load balancers are active. Last response from EC2: "
        "the state of vpce-svc-1 is Pending",
        ec2=[PENDING],
        seconds=SECONDS,
    ),
    # What is of no use is told at once.
    *(
        refused(
            f"a service that is {state}",
            f"=The state of vpce-svc-1 is {state}. Check who deleted it, and create it again",
            ec2=[service(state)],
            asked=["DescribeVpcEndpointServiceConfigurations"],
        )
        for state in ("Failed", "Deleting", "Deleted")
    ),
    refused(
        "a service that is Failed after an update",
        "is Failed",
        events=[event("Update", PhysicalResourceId="vpce-svc-0")],
        ec2=[service("Failed")],
        physical_id="vpce-svc-0",
    ),
    refused(
        "more than CloudFormation takes",
        "=Check with AWS Support: EC2 returned more than CloudFormation accepts",
        ec2=[service(dns_names="<item>vpce-svc-1.example</item>" * 500)],
        physical_id="vpce-svc-1",
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_answers_once_and_rightly(scenario: Scenario, run: Run) -> None:
    check(scenario, run)


@pytest.mark.parametrize("scenario", [answered("the question", ec2=[service()])], ids=str)
@pytest.mark.usefixtures("scenario")
def test_it_asks_about_one_service(run: Run) -> None:
    (question,) = run.questions
    assert question["Action"] == "DescribeVpcEndpointServiceConfigurations"
    assert {key: value for key, value in question.items() if key.startswith("ServiceId")} == {
        "ServiceId.1": "vpce-svc-1"
    }
