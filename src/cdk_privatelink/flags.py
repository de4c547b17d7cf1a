"""Options that are switched on or off."""

from __future__ import annotations

from constructs import Construct

from .errors import PrivateLinkTypeError
from .resources import is_of_cdk


def check_flag(argument: str, value: object, *, scope: Construct) -> None:
    """Check that it is a bool, or one that is only known at deployment.

    :raises PrivateLinkTypeError: It is neither.
    """
    # A stack has a `resolve` too.
    resolvable = is_of_cdk(value) and hasattr(value, "resolve") and not isinstance(value, Construct)
    if not isinstance(value, bool) and not resolvable:
        raise PrivateLinkTypeError(
            argument,
            "takes a bool or a value known at deployment",
            got=f"`{value!r}`",
            fix="pass `True`, `False` or an `IResolvable` like `CfnParameter.value`",
            scope=scope,
        )
