"""The custom resource that accepts the endpoints of its own stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cdk_privatelink.custom_resources.custom_resource_function import ACCEPTANCE_TYPE
from cdk_privatelink.custom_resources.inline_function import read_inline_code
from tests.handlers.managed_service import (
    SERVICE,
    Connection,
    FaultError,
    OwnService,
)
from tests.handlers.sent_events import Send, sender

DESCRIBE, MODIFY = "DescribeVpcEndpoints", "ModifyVpcEndpoint"
ACCEPT = "AcceptVpcEndpointConnections"
# Enough for each success. The function reserves a minute for the response, so that little remains
# for failures.
SECONDS, FEW_SECONDS = 150, 62


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Return a function that sends an event, and returns the response to CloudFormation."""
    with sender(
        tmp_path_factory.mktemp("acceptance"),
        read_inline_code("custom_resources.py", "acceptance.py"),
        resource_type=ACCEPTANCE_TYPE,
        properties_of=lambda service: {
            "ServiceId": SERVICE,
            "ServiceRegion": "eu-west-1",
            "VpcEndpointIds": list(service.connections),
        },
        request_type="Create",
        seconds=SECONDS,
    ) as send:
        yield send


def requests(*ids: str, **options: Any) -> OwnService:
    return OwnService(*(Connection(each) for each in ids or ("vpce-1",)), **options)


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_requests_are_accepted_in_one_call(send: Send, request_type: str) -> None:
    service = requests("vpce-1", "vpce-2")
    assert send(service, request_type)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "available", "vpce-2": "available"}
    assert service.sizes["Accept"] == [2]
    assert MODIFY not in service.calls


def test_other_requests_to_the_service_wait(send: Send) -> None:
    service = requests("vpce-1", "vpce-2")
    assert send(service, VpcEndpointIds=["vpce-1"])["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "available", "vpce-2": "pendingAcceptance"}


def test_the_deployment_waits_until_the_endpoints_are_available(send: Send) -> None:
    service = requests(pending_reads=2)
    assert send(service)["Status"] == "SUCCESS"
    assert service.calls == [DESCRIBE, ACCEPT, *[DESCRIBE] * 3]


def test_private_dns_is_enabled_after_the_acceptance_and_waited_for(send: Send) -> None:
    service = requests(pending_reads=1)
    assert send(service, PrivateDnsEnabled="true")["Status"] == "SUCCESS"
    assert service.connections["vpce-1"].has_private_dns
    assert service.calls == [DESCRIBE, ACCEPT, *[DESCRIBE] * 2, MODIFY, *[DESCRIBE] * 2]


def test_an_update_of_the_endpoint_enables_private_dns_again(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="available"))
    assert send(service, "Update", PrivateDnsEnabled="true")["Status"] == "SUCCESS"
    assert service.calls == [DESCRIBE, MODIFY, DESCRIBE]


def test_a_second_run_changes_nothing(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="available", has_private_dns=True))
    assert send(service, PrivateDnsEnabled="true")["Status"] == "SUCCESS"
    assert service.calls == [DESCRIBE]


def test_an_acceptance_by_someone_else_is_no_failure(send: Send) -> None:
    service = requests()

    def accept() -> None:
        service.connections["vpce-1"].state = "available"

    service.before[ACCEPT] = [accept]
    assert send(service)["Status"] == "SUCCESS"


@pytest.mark.parametrize("action", [DESCRIBE, ACCEPT, MODIFY])
@pytest.mark.parametrize("code", ["RequestLimitExceeded", "InvalidVpcEndpointId.NotFound"])
def test_a_fault_delays_the_acceptance(send: Send, action: str, code: str) -> None:
    service = requests()

    def fail() -> None:
        raise FaultError(code, 503 if code == "RequestLimitExceeded" else 400)

    service.before[action] = [fail]
    assert send(service, PrivateDnsEnabled="true")["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "available"}
    assert service.connections["vpce-1"].has_private_dns


def test_an_endpoint_that_was_rejected_fails_at_once(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="rejected"))
    response = send(service)
    assert response["Status"] == "FAILED"
    assert response["Reason"] == (
        "The endpoints do not wait for acceptance: {'vpce-1': 'rejected'}. Check who rejected or "
        "deleted them, and create the endpoints again"
    )
    assert service.calls == [DESCRIBE]


def test_an_update_of_a_rejected_endpoint_does_not_fail(send: Send) -> None:
    # CloudFormation would roll back with another update, which would fail for the same reason.
    service = OwnService(Connection("vpce-1", state="rejected"))
    assert send(service, "Update", PrivateDnsEnabled="true")["Status"] == "SUCCESS"
    assert service.calls == [DESCRIBE]


def test_an_endpoint_that_never_becomes_available_fails(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="pending"))
    response = send(service, seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert response["Reason"].startswith(
        f"The connections of vpce-1 were not accepted in time. Check that {SERVICE} is a service "
        "of this account in eu-west-1. Last response from EC2: the states are {'vpce-1': 'pending'}"
    )


def test_a_name_that_is_not_verified_fails_with_the_response_of_ec2(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="available"))

    def refuse() -> None:
        raise FaultError("InvalidParameter")

    service.before[MODIFY] = [refuse] * 100
    response = send(service, PrivateDnsEnabled="true", seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert "ModifyVpcEndpoint" in response["Reason"]


def test_denied_permissions_are_named(send: Send) -> None:
    service = requests()

    def deny() -> None:
        raise FaultError("UnauthorizedOperation", 403)

    service.before[ACCEPT] = [deny] * 100
    response = send(service, seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert "Check the permissions of this function's role" in response["Reason"]
    assert ACCEPT in response["Reason"]


@pytest.mark.parametrize("ids", [None, [], ""])
def test_without_ids_no_endpoint_is_touched(send: Send, ids: Any) -> None:
    service = requests()
    response = send(service, VpcEndpointIds=ids)
    assert response["Status"] == "FAILED"
    assert f"VpcEndpointIds must be a non-empty list, got {ids!r}" in response["Reason"]
    assert service.calls == []


@pytest.mark.parametrize("name", ["ServiceId", "ServiceRegion"])
def test_wrong_properties_fail(send: Send, name: str) -> None:
    response = send(requests(), **{name: ""})
    assert response["Status"] == "FAILED"
    assert f"{name} must be a non-empty string" in response["Reason"]


def test_the_deletion_changes_nothing(send: Send) -> None:
    service = OwnService(Connection("vpce-1", state="available", has_private_dns=True))
    assert send(service, "Delete")["Status"] == "SUCCESS"
    assert service.calls == []
