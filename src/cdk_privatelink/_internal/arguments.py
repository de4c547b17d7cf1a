"""Options that are of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from constructs import Construct

from ..errors import PrivateLinkTypeError, PrivateLinkValueError

T = TypeVar("T")


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


def is_of_cdk(value: object) -> bool:
    """Whether it is an object that jsii knows: the CDK's, or one that implements its interfaces."""
    return hasattr(type(value), "__jsii_type__") or (
        # What is imported is a proxy of no class of the CDK.
        not isinstance(value, type) and hasattr(value, "__jsii_ref__")
    )


def is_resource(value: object, *attributes: str) -> bool:
    """Whether it is a construct with such attributes, like a topic with a ``topic_arn``."""
    return is_of_cdk(value) and all(hasattr(value, name) for name in ("node", *attributes))


def checked_resources(
    argument: str, values: object, *attributes: str, takes: str, fix: str, scope: Construct | str
) -> list[object]:
    """Check that it is a list of what comes from the CDK and has such attributes.

    :raises PrivateLinkTypeError: It is not, or there is something else in it.
    """

    def wrong(got: object) -> PrivateLinkTypeError:
        return PrivateLinkTypeError(
            argument, f"takes a list of {takes}", got=f"`{got!r}`", fix=fix, scope=scope
        )

    if isinstance(values, str) or not isinstance(values, Iterable):
        raise wrong(values)
    checked = list(values)
    for value in checked:
        if not is_of_cdk(value) or not all(hasattr(value, name) for name in attributes):
            raise wrong(value)
    return checked


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
