"""Helpers for the scenarios of all functions."""

from __future__ import annotations

from typing import Any

from tests.handlers.harness import Scenario
from tests.handlers.script import service, service_with_private_dns

# With this timeout, the functions poll EC2 for about 15 seconds.
SECONDS = 75
DATA: dict[str, dict[str, str]] = {
    "Custom::PrivateLinkServiceName": {
        "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "AvailabilityZones": "eu-west-1a,eu-west-1b",
        "AvailabilityZoneIds": "euw1-az1,euw1-az2",
        "BaseEndpointDnsNames": "vpce-svc-1.example",
    },
    "Custom::PrivateLinkPrivateDnsVerification": {},
}
READY = {
    "Custom::PrivateLinkServiceName": service(),
    "Custom::PrivateLinkPrivateDnsVerification": service_with_private_dns("verified"),
}
TIMEOUT_REASON = {
    "Custom::PrivateLinkServiceName": "vpce-svc-1 did not become available in eu-west-1 in time. ",
    "Custom::PrivateLinkPrivateDnsVerification": "payments.example.com of vpce-svc-1 in "
    "eu-west-1 was not verified in time. ",
}


def succeeds(resource_type: str, **scenario: Any) -> Scenario:
    """Return a scenario in which EC2 finally returns the expected state."""
    transient = scenario.pop("transient", [])
    return Scenario(
        resource_type=resource_type,
        data=DATA[resource_type],
        ec2=[*transient, READY[resource_type]],
        **scenario,
    )


def fails(resource_type: str, name: str, *reason: str, **scenario: Any) -> Scenario:
    """Return a scenario of a creation that fails."""
    failure = {"status": "FAILED", "physical_id": "ServiceName", "reason": reason}
    return Scenario(**{"name": name, "resource_type": resource_type} | failure | scenario)
