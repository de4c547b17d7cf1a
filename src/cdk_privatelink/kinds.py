"""Options that are of one kind."""

from __future__ import annotations

from constructs import Construct

from .errors import PrivateLinkTypeError


def check_kind(
    argument: str, value: object, kind: type, *, takes: str, fix: str, scope: Construct | str
) -> None:
    """Check that it is of that type.

    :raises PrivateLinkTypeError: It is not.
    """
    if not isinstance(value, kind):
        raise PrivateLinkTypeError(
            argument, f"takes {takes}", got=f"`{value!r}`", fix=fix, scope=scope
        )


def check_bool(argument: str, value: object, *, scope: Construct | str) -> None:
    """Check that it is a bool, where what is known at deployment is none.

    :raises PrivateLinkTypeError: It is not.
    """
    check_kind(argument, value, bool, takes="a bool", fix="pass `True` or `False`", scope=scope)
