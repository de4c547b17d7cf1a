"""Deletes the stacks of a run, several at once, whatever state they are in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from .run import OUTSIDE_TAG, RUN_TAG

# The network interfaces of a function in a VPC can stay for 45 minutes.
_SECONDS = 3600
_ATTEMPTS = 3


def delete_stacks(clients: Sequence[Any], run_id: str | None) -> list[str]:
    """Delete the stacks of a run, or of all runs, and return what remains.

    A stack can be deleted after those that import its exports or are connected to its service, so
    each one gets another attempt after others are gone.

    :param clients: CloudFormation in each account and Region.
    """
    end, pause = time.monotonic() + _SECONDS, 0.2
    # The number of stacks at the last attempt, and the number of attempts, by stack.
    attempts: dict[str, list[int]] = {}
    while time.monotonic() < end:
        found = list(_find_stacks(clients, run_id))
        waiting = [each for each in found if _is_busy(each[1]["StackStatus"])]
        tried = 0
        for client, stack in found:
            counts = attempts.setdefault(stack["StackId"], [])
            may_succeed = not counts or counts[-1] != len(found) or len(counts) < _ATTEMPTS
            if (client, stack) not in waiting and may_succeed:
                counts.append(len(found))
                tried += 1
                # CloudFormation rejects the call while it updates the stack.
                with suppress(ClientError):
                    client.delete_stack(StackName=stack["StackId"])
        if not waiting and not tried:
            break
        time.sleep(pause)
        pause = min(2 * pause, 15)
    return list_stacks(clients, run_id)


def list_stacks(clients: Sequence[Any], run_id: str | None) -> list[str]:
    """Return the ids of the stacks of a run, or of all runs."""
    return [stack["StackId"] for _, stack in _find_stacks(clients, run_id)]


def delete_endpoints(clients: Sequence[Any], run_id: str | None) -> None:
    """Delete the endpoints and VPCs that a story has created outside of stacks.

    :param clients: EC2 in each account and Region.
    """
    for client in clients:
        endpoints = [
            each["VpcEndpointId"]
            for page in client.get_paginator("describe_vpc_endpoints").paginate()
            for each in page["VpcEndpoints"]
            if _is_outside_of_stacks(each, run_id) and each["State"] not in ("deleting", "deleted")
        ]
        if endpoints:
            client.delete_vpc_endpoints(VpcEndpointIds=endpoints)
        for vpc in client.describe_vpcs()["Vpcs"]:
            if _is_outside_of_stacks(vpc, run_id):
                # Its endpoints may still be there: the next `--delete` deletes it.
                with suppress(ClientError):
                    client.delete_vpc(VpcId=vpc["VpcId"])


def _is_outside_of_stacks(resource: dict[str, Any], run_id: str | None) -> bool:
    tags = _tags_of(resource)
    return OUTSIDE_TAG in tags and run_id in (None, tags[RUN_TAG])


def _is_busy(status: str) -> bool:
    # In review, a stack has a change set that nobody executes after an interruption.
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _find_stacks(
    clients: Sequence[Any], run_id: str | None
) -> Iterator[tuple[Any, dict[str, Any]]]:
    for client in clients:
        for page in client.get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                tags = _tags_of(stack)
                if RUN_TAG in tags and run_id in (None, tags[RUN_TAG]):
                    yield client, stack


def _tags_of(resource: dict[str, Any]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in resource.get("Tags", [])}
