"""Helpers for the scenarios of all functions."""

from __future__ import annotations

from typing import Any

from tests.handlers.harness import Scenario
from tests.handlers.script import service, service_with_private_dns

# With this timeout, the functions poll EC2 for about 15 seconds.
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
READY = {
    "look_up_service_name": service(),
    "verify_private_dns": service_with_private_dns("verified"),
}
TIMEOUT_REASON = {
    "look_up_service_name": "vpce-svc-1 did not become available in eu-west-1 in time. ",
    "verify_private_dns": "payments.example.com of vpce-svc-1 in eu-west-1 was not verified in "
    "time. ",
}


def succeeds(function: str, **scenario: Any) -> Scenario:
    """Return a scenario in which EC2 finally returns the expected state."""
    transient = scenario.pop("transient", [])
    return Scenario(
        function=function, data=DATA[function], ec2=[*transient, READY[function]], **scenario
    )


def fails(function: str, name: str, *reason: str, **scenario: Any) -> Scenario:
    """Return a scenario of a creation that fails."""
    failure = {"status": "FAILED", "physical_id": "ServiceName", "reason": reason}
    return Scenario(**{"name": name, "function": function} | failure | scenario)
