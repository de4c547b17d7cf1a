"""What the scenarios of all functions have in common."""

from __future__ import annotations

from typing import Any

from tests.handlers.harness import Scenario
from tests.handlers.script import named, service

# With it, EC2 is asked for a quarter of a minute.
SECONDS = 75
DATA: dict[str, dict[str, str]] = {
    "look_up_service_name": {
        "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "AvailabilityZones": "eu-west-1a,eu-west-1b",
        "AvailabilityZoneIds": "euw1-az1,euw1-az2",
        "BaseEndpointDnsNames": "vpce-svc-1.example",
    },
    "verify_private_dns": {},
}
GOOD = {"look_up_service_name": service(), "verify_private_dns": named("verified")}
IN_VAIN = {
    "look_up_service_name": "vpce-svc-1 did not become available in eu-west-1 in time. ",
    "verify_private_dns": "payments.example.com of vpce-svc-1 in eu-west-1 was not verified in "
    "time. ",
}


def answered(function: str, **scenario: Any) -> Scenario:
    """The function gets what it waits for, in the end."""
    passing = scenario.pop("passing", [])
    return Scenario(
        function=function, data=DATA[function], ec2=[*passing, GOOD[function]], **scenario
    )


def refused(function: str, name: str, *reason: str, **scenario: Any) -> Scenario:
    """The function cannot get what it waits for; nothing was made yet."""
    failure = {"status": "FAILED", "physical_id": "ServiceName", "reason": reason}
    return Scenario(**{"name": name, "function": function} | failure | scenario)
