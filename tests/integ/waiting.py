"""Waiting for changes that AWS makes in its own time: targets, names, routes, states, metrics."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

_State = TypeVar("_State")


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    wait_for(condition, True)


def wait_for(read: Callable[[], _State], expected: _State) -> None:
    """Read a state until it is as expected, and assert that it is."""
    seconds = 120 if "AWS_ENDPOINT_URL" in os.environ else 1200
    end, pause = time.monotonic() + seconds, 0.1
    while (state := read()) != expected and time.monotonic() < end:
        time.sleep(pause)
        pause = min(2 * pause, 10)
    assert state == expected, f"after {seconds} seconds: {state}, expected: {expected}"
