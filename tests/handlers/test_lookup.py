"""The lookup of service names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers import scenarios
from tests.handlers.harness import Run, Scenario, assert_expected
from tests.handlers.scenarios import DATA, SECONDS, TIMEOUT_REASON
from tests.handlers.script import DENIED, MODIFIED, error, event, service, service_list

RESOURCE_TYPE = "Custom::PrivateLinkServiceName"
PENDING = service("Pending")


def succeeds(name: str, **scenario: Any) -> Scenario:
    return Scenario(
        **{"name": name, "resource_type": RESOURCE_TYPE, "data": DATA[RESOURCE_TYPE]} | scenario
    )


def fails(name: str, *reason: str, **scenario: Any) -> Scenario:
    return scenarios.fails(RESOURCE_TYPE, name, *reason, **scenario)


def follows(zones: Any, **changes: Any) -> dict[str, Any]:
    """Return an event for a service that follows the zones of its load balancers."""
    properties = event()["ResourceProperties"] | {"AvailabilityZones": zones}
    return event(ResourceProperties=properties, **changes)


BOTH = ["eu-west-1a", "eu-west-1b"]
ONE_ZONE = service(zones="<item>eu-west-1a</item>")
DESCRIBE, MODIFY = (
    f"{verb}VpcEndpointServiceConfiguration{end}"
    for verb, end in (("Describe", "s"), ("Modify", ""))
)
FOLLOWING = [
    succeeds(
        "follows zones that the service has",
        events=[follows(BOTH)],
        ec2=[service()],
        actions=[DESCRIBE],
    ),
    succeeds(
        "follows fewer zones than the service has",
        events=[follows(["eu-west-1b"], RequestType="Update")],
        ec2=[service()],
        actions=[DESCRIBE],
    ),
    succeeds(
        "follows a new zone, which needs time",
        events=[follows(BOTH)],
        ec2=[ONE_ZONE, MODIFIED, ONE_ZONE, MODIFIED, service()],
        actions=[DESCRIBE, MODIFY, DESCRIBE, MODIFY, DESCRIBE],
    ),
    succeeds(
        "follows a new zone when the first modification fails",
        events=[follows(BOTH)],
        ec2=[ONE_ZONE, error("OperationNotPermitted"), ONE_ZONE, MODIFIED, service()],
        actions=[DESCRIBE, MODIFY, DESCRIBE, MODIFY, DESCRIBE],
    ),
    succeeds(
        "follows no zones",
        events=[follows([])],
        ec2=[ONE_ZONE],
        actions=[DESCRIBE],
        data=DATA[RESOURCE_TYPE] | {"AvailabilityZones": "eu-west-1a"},
    ),
    fails(
        "follows a zone that never comes",
        f"={TIMEOUT_REASON[RESOURCE_TYPE]}Check whether its load balancers are active in these "
        "zones. Last response from EC2: vpce-svc-1 is not available in eu-west-1b, eu-west-1c",
        events=[follows([*BOTH, "eu-west-1c"])],
        ec2=[ONE_ZONE, MODIFIED] * 20,
        seconds=SECONDS,
    ),
    fails(
        "follows a zone without a permission",
        "Check the permissions of this function's role",
        "ModifyVpcEndpointServiceConfiguration",
        events=[follows(BOTH)],
        ec2=[ONE_ZONE, DENIED] * 20,
        seconds=SECONDS,
    ),
    fails(
        "follows the zones of a service that is Failed",
        "=The state of vpce-svc-1 is Failed. Check the events of the stack, and create the service "
        "again",
        events=[follows(BOTH)],
        ec2=[service("Failed")],
        actions=[DESCRIBE],
    ),
]
SCENARIOS = [
    *FOLLOWING,
    succeeds("pending, then available", ec2=[PENDING, PENDING, service()]),
    succeeds("without a state, then available", ec2=[service(""), service()]),
    succeeds(
        "a name without a pattern",
        ec2=[service(name="unpredictable")],
        data=DATA[RESOURCE_TYPE] | {"ServiceName": "unpredictable"},
    ),
    succeeds(
        "gateway load balancers have no DNS names",
        ec2=[service(dns_names="")],
        data=DATA[RESOURCE_TYPE] | {"BaseEndpointDnsNames": ""},
    ),
    succeeds(
        "a service with a name only",
        ec2=[
            service_list(
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
    succeeds(
        "other services in the response of EC2",
        ec2=[
            service_list(
                "<item><serviceId>vpce-svc-2</serviceId><serviceName>a-name</serviceName>"
                "<serviceState>Failed</serviceState></item>"
                "<item><serviceId>vpce-svc-1</serviceId><serviceName>the-name</serviceName>"
                "<serviceState>Available</serviceState></item>"
            )
        ],
        data=dict.fromkeys(DATA[RESOURCE_TYPE], "") | {"ServiceName": "the-name"},
    ),
    fails(
        "pending forever",
        f"={TIMEOUT_REASON[RESOURCE_TYPE]}Check whether its load balancers are active. Last "
        "response from EC2: the state of vpce-svc-1 is Pending",
        ec2=[PENDING],
        seconds=SECONDS,
    ),
    # A service in a final state fails the lookup immediately.
    *(
        fails(
            f"a service that is {state}",
            f"=The state of vpce-svc-1 is {state}. Check the events of the stack, and create the "
            "service again",
            ec2=[service(state)],
            actions=["DescribeVpcEndpointServiceConfigurations"],
        )
        for state in ("Failed", "Deleting", "Deleted")
    ),
    fails(
        "a service that is Failed after an update",
        "is Failed",
        events=[event("Update", PhysicalResourceId="vpce-svc-0")],
        ec2=[service("Failed")],
        physical_id="vpce-svc-0",
    ),
    fails(
        "more data than CloudFormation accepts",
        "=Check with AWS Support: EC2 returned more than CloudFormation accepts",
        ec2=[service(dns_names="<item>vpce-svc-1.example</item>" * 500)],
        physical_id="vpce-svc-1",
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_lookup_sends_one_correct_response(scenario: Scenario, run: Run) -> None:
    assert_expected(scenario, run)


@pytest.mark.parametrize("scenario", [succeeds("the request", ec2=[service()])], ids=str)
@pytest.mark.usefixtures("scenario")
def test_the_lookup_requests_one_service(run: Run) -> None:
    (request,) = run.requests
    assert request["Action"] == "DescribeVpcEndpointServiceConfigurations"
    assert {key: value for key, value in request.items() if key.startswith("ServiceId")} == {
        "ServiceId.1": "vpce-svc-1"
    }
