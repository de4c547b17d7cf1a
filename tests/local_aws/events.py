"""Schedules and pipes, which send messages to queues."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, suppress
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models.table import StreamShard
from moto.events.models import events_backends
from moto.moto_api._internal import mock_random
from moto.sqs.models import sqs_backends

from .resource_request import ResourceRequest


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    add = StreamShard.add

    def add_and_forward(shard: StreamShard, old: Any, new: Any) -> None:
        add(shard, old, new)
        for pipe in list(_PIPES.values()):
            if pipe.source.startswith(f"{shard.table.table_arn}/stream/"):
                _send(pipe.target, pipe.message)

    return [
        patch.object(StreamShard, "add", add_and_forward),
        # Removed with the emulator, like the state of moto.
        patch.dict(_PIPES, clear=True),
    ]


class Pipe:
    """`AWS::Pipes::Pipe` from the stream of a table to a queue, with a constant message."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = f"pipe-{mock_random.get_random_hex(8)}"
        self._configure(request)

    def update(self, request: ResourceRequest) -> Pipe:
        """Update all properties in place."""
        self._configure(request)
        return self

    def delete(self, *_place: str) -> None:
        _PIPES.pop(self.physical_resource_id, None)

    def _configure(self, request: ResourceRequest) -> None:
        self.source = request.properties["Source"]
        self.target = request.properties["Target"]
        self.message = request.properties["TargetParameters"]["InputTemplate"]
        _PIPES[self.physical_resource_id] = self


_PIPES: dict[str, Pipe] = {}


def run_schedules(account: str, region: str) -> int:
    """Send the messages of all rules with a schedule, and return how many."""
    backend = events_backends[account][region]
    targets = [
        target
        for bus in backend.event_buses.values()
        for rule in bus.rules.values()
        if rule.scheduled_expression and rule.state == "ENABLED"
        for target in rule.targets
    ]
    for target in targets:
        _send(target["Arn"], target["Input"])
    return len(targets)


def _send(queue_arn: str, message: str) -> None:
    """Send a message after the API call that caused it, because the receiver calls the API."""
    *_, region, account, name = queue_arn.split(":")

    def send() -> None:
        # The queue may be deleted already.
        with suppress(Exception):
            sqs_backends[account][region].send_message(name, message)

    threading.Thread(target=send, daemon=True).start()
