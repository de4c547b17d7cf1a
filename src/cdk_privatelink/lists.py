"""Options that are a list of one kind of thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from constructs import Construct

from .errors import PrivateLinkTypeError, PrivateLinkValueError

T = TypeVar("T")


def checked_list(
    argument: str, values: object, kind: type[T], *, takes: str, fix: str, scope: Construct
) -> list[T]:
    """Check that it is a list of that kind which is not empty, and fold repetitions.

    :raises PrivateLinkTypeError: Not a list, or something of another type in it.
    :raises PrivateLinkValueError: Nothing in it.
    """

    def wrong(got: object) -> PrivateLinkTypeError:
        return PrivateLinkTypeError(
            argument, f"takes a list of {takes}", got=f"`{got!r}`", fix=fix, scope=scope
        )

    if isinstance(values, str) or not isinstance(values, Iterable):
        raise wrong(values)
    checked: list[T] = []
    for value in values:
        if not isinstance(value, kind):
            raise wrong(value)
        checked.append(value)
    if not checked:
        raise PrivateLinkValueError(argument, "is empty", got=f"`{values!r}`", fix=fix, scope=scope)
    return list(dict.fromkeys(checked))
