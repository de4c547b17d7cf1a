"""Options that are switched on or off."""

from __future__ import annotations

from constructs import Construct

from .errors import PrivateLinkTypeError


def check_flag(argument: str, value: object, *, scope: Construct) -> None:
    """Check that it is a bool, or one that is only known at deployment.

    :raises PrivateLinkTypeError: It is neither.
    """
    # Stacks and paths have a `resolve` too.
    resolvable = hasattr(value, "resolve") and hasattr(value, "to_string")
    if not isinstance(value, bool) and (not resolvable or isinstance(value, (Construct, type))):
        raise PrivateLinkTypeError(
            argument,
            "takes a bool or a value known at deployment",
            got=f"`{value!r}`",
            fix="pass `True`, `False` or an `IResolvable` like `CfnParameter.value`",
            scope=scope,
        )
