"""The request of a stack for a resource."""

from __future__ import annotations

from typing import Any, NamedTuple


class ResourceRequest(NamedTuple):
    """A resource as defined in its stack, with every reference resolved.

    `name` is the physical name: from the properties, or else generated as CloudFormation does.
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
    """Raised for operations that are not emulated. The stack continues without them."""


def is_true(value: Any) -> bool:
    """Return the value of a boolean property, which is a string if it is a parameter."""
    return str(value).lower() == "true"
