"""The custom resource that rejects the connections of a service which is deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cdk_privatelink.custom_resources.custom_resource_function import DRAINING_TYPE
from cdk_privatelink.custom_resources.inline_function import read_inline_code
from tests.handlers.managed_service import (
    SERVICE,
    Connection,
    DrainedService,
    FaultError,
)
from tests.handlers.sent_events import Send, sender

DESCRIBE, REJECT = "DescribeVpcEndpointConnections", "RejectVpcEndpointConnections"
LOGICAL_ID = "Payments130453D3"
WITH_SERVICE = json.dumps({"Resources": {LOGICAL_ID: {"Type": "AWS::EC2::VPCEndpointService"}}})
WITHOUT_SERVICE = json.dumps({"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}})
# Enough for each success. The function reserves a minute for the response, so that little remains
# for failures.
SECONDS, FEW_SECONDS = 120, 62


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Return a function that sends an event, and returns the response to CloudFormation."""
    with sender(
        tmp_path_factory.mktemp("draining"),
        read_inline_code("custom_resources.py"),
        resource_type=DRAINING_TYPE,
        properties_of=lambda _: {"ServiceId": SERVICE, "LogicalId": LOGICAL_ID},
        request_type="Delete",
        seconds=SECONDS,
    ) as send:
        yield send


def connected(status: str, template: str = WITH_SERVICE) -> DrainedService:
    """Return a service with a connection, in the middle of an operation of its stack."""
    return DrainedService(Connection("vpce-1", state="available"), status=status, template=template)


# The stack and its template, the deletion policy of the service, and whether it is deleted.
OPERATIONS: dict[str, tuple[str, str, str, bool]] = {
    "the stack is deleted": ("DELETE_IN_PROGRESS", WITH_SERVICE, "", True),
    "the creation of the stack is rolled back": ("ROLLBACK_IN_PROGRESS", WITH_SERVICE, "", True),
    "an update removes the call": (
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        WITH_SERVICE,
        "",
        False,
    ),
    "an update removes the service": (
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        WITHOUT_SERVICE,
        "Delete",
        True,
    ),
    "an update that added the call is rolled back": (
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        WITH_SERVICE,
        "",
        False,
    ),
    "an update that added the service is rolled back": (
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        WITHOUT_SERVICE,
        "",
        True,
    ),
    "an update that added the call is being rolled back": (
        "UPDATE_ROLLBACK_IN_PROGRESS",
        WITH_SERVICE,
        "",
        False,
    ),
    "an update of a template in YAML removes the call": (
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        f"Resources:\n  {LOGICAL_ID}:\n    Type: AWS::EC2::VPCEndpointService\n",
        "",
        False,
    ),
    "an update of a template in YAML removes the service": (
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Resources:\n  Other:\n    Type: AWS::SNS::Topic\n",
        "",
        True,
    ),
    "the stack of a retained service is deleted": (
        "DELETE_IN_PROGRESS",
        WITH_SERVICE,
        "Retain",
        False,
    ),
    "an update removes a retained service": (
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        WITHOUT_SERVICE,
        "Retain",
        False,
    ),
    "the creation of a retained service is rolled back": (
        "ROLLBACK_IN_PROGRESS",
        WITH_SERVICE,
        "Retain",
        False,
    ),
    "the stack of a service that is retained except on create is deleted": (
        "DELETE_IN_PROGRESS",
        WITH_SERVICE,
        "RetainExceptOnCreate",
        False,
    ),
    "the creation of a service that is retained except on create is rolled back": (
        "ROLLBACK_IN_PROGRESS",
        WITH_SERVICE,
        "RetainExceptOnCreate",
        True,
    ),
    "an update that added a service that is retained except on create is rolled back": (
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        WITHOUT_SERVICE,
        "RetainExceptOnCreate",
        True,
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_connections_are_rejected_only_if_the_service_is_deleted(
    send: Send, operation: str
) -> None:
    status, template, policy, is_deleted = OPERATIONS[operation]
    service = connected(status, template)
    properties = {"DeletionPolicy": policy} if policy else {}
    assert send(service, **properties)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "rejected" if is_deleted else "available"}
    if not is_deleted:
        assert DESCRIBE not in service.calls


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_nothing_happens_before_the_deletion(send: Send, request_type: str) -> None:
    service = connected("CREATE_IN_PROGRESS")
    assert send(service, request_type)["Status"] == "SUCCESS"
    assert service.calls == []


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_policy_in_the_template_only_retains_the_service(send: Send, policy: str) -> None:
    resource = {"Type": "AWS::EC2::VPCEndpointService", "DeletionPolicy": policy}
    service = connected("DELETE_IN_PROGRESS", json.dumps({"Resources": {LOGICAL_ID: resource}}))
    assert send(service, DeletionPolicy="Delete")["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "available"}


def test_requests_and_live_connections_are_rejected(send: Send) -> None:
    states = ["pendingAcceptance", "available", "rejected", "failed", "deleted", "expired"]
    connections = [Connection(f"vpce-{each}", state=each) for each in states]
    service = DrainedService(*connections, status="DELETE_IN_PROGRESS")
    assert send(service)["Status"] == "SUCCESS"
    assert service.states() == {
        f"vpce-{each}": "rejected" if each in ("pendingAcceptance", "available") else each
        for each in states
    }
    assert service.sizes["Reject"] == [2]


def test_a_service_without_connections_needs_no_rejection(send: Send) -> None:
    service = DrainedService(status="DELETE_IN_PROGRESS")
    assert send(service)["Status"] == "SUCCESS"
    assert service.calls == ["DescribeStacks", "GetTemplate", DESCRIBE]


def test_requests_that_arrive_meanwhile_are_rejected(send: Send) -> None:
    service = connected("DELETE_IN_PROGRESS")

    def request() -> None:
        service.connections["vpce-2"] = Connection("vpce-2")

    # A request after the first page was read.
    service.before[REJECT] = [request]
    assert send(service)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "rejected", "vpce-2": "rejected"}


def test_a_connection_that_its_owner_is_changing_is_rejected_later(send: Send) -> None:
    service = DrainedService(Connection("vpce-1", state="pending"), status="DELETE_IN_PROGRESS")

    def become_available() -> None:
        service.connections["vpce-1"].state = "available"

    service.before[REJECT] = [None, become_available]
    assert send(service)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "rejected"}


def test_the_deletion_of_an_endpoint_does_not_disturb_the_others(send: Send) -> None:
    service = DrainedService(
        Connection("vpce-1"), Connection("vpce-2"), status="DELETE_IN_PROGRESS"
    )

    def delete() -> None:
        del service.connections["vpce-1"]
        raise FaultError("InvalidVpcEndpointId.NotFound")

    service.before[REJECT] = [delete]
    assert send(service)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-2": "rejected"}


def test_many_connections_are_rejected_in_batches_of_one_kind(send: Send) -> None:
    endpoints = [Connection(f"vpce-{number}") for number in range(120)]
    attachments = [
        Connection(f"tgw-attach-{number}", is_attachment=True, state="available")
        for number in range(60)
    ]
    service = DrainedService(*endpoints, *attachments, status="DELETE_IN_PROGRESS")
    service.page_size = 50
    assert send(service)["Status"] == "SUCCESS"
    assert set(service.states().values()) == {"rejected"}
    assert service.sizes["Reject"] == [50, 50, 20, 50, 10]


@pytest.mark.parametrize("action", ["DescribeStacks", "GetTemplate", DESCRIBE, REJECT])
def test_a_fault_delays_the_rejection(send: Send, action: str) -> None:
    service = connected("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", WITHOUT_SERVICE)

    def throttle() -> None:
        raise FaultError("RequestLimitExceeded", 503)

    # More often than boto3 retries.
    service.before[action] = [throttle] * 4
    assert send(service)["Status"] == "SUCCESS"
    assert service.states() == {"vpce-1": "rejected"}


def test_connections_that_cannot_be_rejected_fail_the_deletion(send: Send) -> None:
    connections = [Connection(f"vpce-{number}", state="pending") for number in range(500)]
    service = DrainedService(*connections, status="DELETE_IN_PROGRESS")
    response = send(service, seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert response["Reason"].startswith(
        f"The connections of {SERVICE} were not rejected in time. Check these connections, reject "
        "them, and delete it again. Last response from EC2: {'vpce-0': 'pending', "
    )


@pytest.mark.parametrize("action", ["DescribeStacks", "GetTemplate"])
def test_nothing_is_rejected_if_the_stack_cannot_be_read(send: Send, action: str) -> None:
    service = connected("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", WITHOUT_SERVICE)

    def deny() -> None:
        raise FaultError("AccessDenied", 403)

    service.before[action] = [deny] * 100
    response = send(service, seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert "Check the permissions of this function's role" in response["Reason"]
    assert action in response["Reason"]
    assert service.states() == {"vpce-1": "available"}


@pytest.mark.parametrize("name", ["ServiceId", "LogicalId"])
def test_wrong_properties_fail_the_deletion(send: Send, name: str) -> None:
    service = connected("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    response = send(service, seconds=FEW_SECONDS, **{name: ""})
    assert response["Status"] == "FAILED"
    assert f"{name} must be a non-empty string" in response["Reason"]
    assert service.states() == {"vpce-1": "available"}
