"""Deletes the stacks of a run, several at once, whatever state they are in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from .run import RUN_TAG

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
            is_new = not counts or counts[-1] != len(found) or len(counts) < _ATTEMPTS
            if (client, stack) not in waiting and is_new:
                counts.append(len(found))
                tried += 1
                # CloudFormation rejects the call while it updates the stack.
                with suppress(ClientError):
                    client.delete_stack(StackName=stack["StackId"])
        if not waiting and not tried:
            break
        time.sleep(pause)
        pause = min(2 * pause, 15)
    return [stack["StackId"] for _, stack in _find_stacks(clients, run_id)]


def _is_busy(status: str) -> bool:
    # In review, a stack has a change set that nobody executes after an interruption.
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def _find_stacks(
    clients: Sequence[Any], run_id: str | None
) -> Iterator[tuple[Any, dict[str, Any]]]:
    for client in clients:
        for page in client.get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                tags = {each["Key"]: each["Value"] for each in stack["Tags"]}
                if RUN_TAG in tags and run_id in (None, tags[RUN_TAG]):
                    yield client, stack
