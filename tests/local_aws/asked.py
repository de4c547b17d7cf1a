"""What passes between a stack and its resources."""

from __future__ import annotations

from typing import Any, NamedTuple


class Asked(NamedTuple):
    """A resource as its stack asks for it, every reference resolved.

    `name` is the physical name: CloudFormation's own making, unless the properties hold one.
    """

    logical_id: str
    kind: str
    name: str
    properties: dict[str, Any]
    retained: bool
    stack_id: str
    account_id: str
    region: str


class NotEmulatedError(Exception):
    """Neither moto nor this package knows how to do it; the stack goes on without."""


def is_true(value: Any) -> bool:
    """Read a boolean property: a parameter's value arrives as a string."""
    return str(value).lower() == "true"
