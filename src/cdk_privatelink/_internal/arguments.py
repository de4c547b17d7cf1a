"""Checks of arguments, as rules that compose.

``Arguments`` binds the rules to the construct that error messages name::

    check = Arguments(self)
    regions = check("allowed_regions", allowed_regions, optional(list_of(REGION)))
    source = check("service_name_source", service_name_source, member_of(ServiceNameSource))

A rule returns the value with its precise type, or raises. Tokens pass.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeAlias, TypeVar

from aws_cdk import Duration, IResolvable, RemovalPolicy
from constructs import Construct

from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .tokens import (
    is_cdk_object,
    is_list_token,
    is_number_token,
    is_resolvable,
    is_single_unknown,
)

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Argument(NamedTuple):
    """The name of an argument, and the construct that received it."""

    name: str
    scope: Construct | str
    """The construct, or the path of a construct that does not exist yet."""

    def type_error(self, problem: str, *, got: object, fix: str) -> PrivateLinkTypeError:
        """Create the error for a value of a wrong type."""
        return PrivateLinkTypeError(self.name, problem, got=f"`{got!r}`", fix=fix, scope=self.scope)

    def value_error(self, problem: str, *, got: object, fix: str) -> PrivateLinkValueError:
        """Create the error for a wrong value of the right type."""
        # Quotes make an empty string visible.
        shown = "''" if got == "" else f"{got}"
        return PrivateLinkValueError(
            self.name, problem, got=f"`{shown}`", fix=fix, scope=self.scope
        )


Rule: TypeAlias = Callable[[Argument, object], T]


class Arguments:
    """The arguments of one construct."""

    def __init__(self, scope: Construct | str) -> None:
        """Bind the rules to a construct, or to the path of one that does not exist yet."""
        self.scope = scope

    def argument(self, name: str) -> Argument:
        """Return an argument, for errors about more than its own value."""
        return Argument(name, self.scope)

    def __call__(self, name: str, value: object, rule: Rule[T]) -> T:
        """Return the value if the rule accepts it.

        :raises PrivateLinkTypeError: The value has the wrong type.
        :raises PrivateLinkValueError: The value has the right type and cannot work.
        """
        return rule(self.argument(name), value)


def instance_of(kind: type[T], *, problem: str, fix: str) -> Rule[T]:
    """Require an instance of a class."""

    def check(argument: Argument, value: object) -> T:
        if not isinstance(value, kind):
            raise argument.type_error(problem, got=value, fix=fix)
        return value

    return check


def member_of(enum: type[E], *allowed: E) -> Rule[E]:
    """Require a member of an enumeration: one of the allowed members, or any."""
    name = _public_name(enum)
    members = [f"`{name}.{member.name}`" for member in allowed or enum]
    fix = f"pass {_either(members)}"

    def check(argument: Argument, value: object) -> E:
        if not isinstance(value, enum):
            raise argument.type_error(f"must be a member of `{name}`", got=value, fix=fix)
        if allowed and value not in allowed:
            raise argument.value_error(
                f"must be a supported member of `{name}`", got=f"{name}.{value.name}", fix=fix
            )
        return value

    return check


def cdk_object(*attributes: str, problem: str, fix: str) -> Rule[Any]:
    """Require an object of the CDK with these attributes.

    Imported resources are proxies without a class of their own, so that attributes identify them.
    """

    def has(value: object, name: str) -> bool:
        # An attribute of the class costs no round trip to Node.js.
        return hasattr(type(value), name) or hasattr(value, name)

    def check(argument: Argument, value: object) -> Any:
        if not is_cdk_object(value) or not all(has(value, name) for name in attributes):
            raise argument.type_error(problem, got=value, fix=fix)
        return value

    return check


def matching(pattern: re.Pattern[str], *, problem: str, fix: str) -> Rule[str]:
    """Require a string that matches a pattern as a whole, or that is no literal."""

    def check(argument: Argument, value: object) -> str:
        if not isinstance(value, str):
            raise argument.type_error("must be a string", got=value, fix=fix)
        if not is_single_unknown(value) and not pattern.fullmatch(value):
            raise argument.value_error(problem, got=value, fix=fix)
        return value

    return check


def number(
    *, at_least: int, at_most: int | None = None, whole: bool = False, fix: str
) -> Rule[float]:
    """Require a number within limits, or a token."""

    def check(argument: Argument, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise argument.type_error("must be a number", got=value, fix=fix)
        if is_number_token(value):
            return value
        # A greater number does not fit into a double of Node.js. NaN fails every comparison.
        is_finite = abs(value) <= sys.float_info.max
        if not is_finite and at_most is None:
            raise argument.value_error("must be a finite number", got=value, fix=fix)
        if not (is_finite and at_least <= value <= (at_most or value)):
            raise argument.value_error(
                f"must be between {at_least} and {at_most}"
                if at_most
                else f"must be {at_least} or more",
                got=value,
                fix=fix,
            )
        if whole and value != int(value):
            raise argument.value_error("must be a whole number", got=value, fix=fix)
        return value

    return check


def seconds(*, at_least: int, at_most: int) -> Rule[Duration]:
    """Require a duration of whole seconds within limits, or a token."""
    fix = f"pass a `Duration` of {at_least} to {at_most} whole seconds"

    def check(argument: Argument, value: object) -> Duration:
        if not isinstance(value, Duration):
            raise argument.type_error("must be a `Duration`", got=value, fix=fix)
        if value.is_unresolved():
            return _convertible(argument, value)
        length = value.to_seconds(integral=False)
        if length != int(length) or not at_least <= length <= at_most:
            raise argument.value_error(
                f"must be between {at_least} and {at_most} whole seconds",
                # The code of the user. The other representation of the CDK omits small units.
                got=value.to_string(),
                fix=fix,
            )
        return value

    return check


def _convertible(argument: Argument, value: Duration) -> Duration:
    """Require a token that the CDK can write as seconds."""
    try:
        value.to_seconds()
    except RuntimeError as error:
        raise argument.value_error(
            "must be in seconds if it is a token, which the CDK cannot convert",
            got=value.to_human_string(),
            fix="pass `Duration.seconds(...)`",
        ) from error
    return value


def boolean(argument: Argument, value: object) -> bool:
    """Require ``True`` or ``False``."""
    if not isinstance(value, bool):
        raise argument.type_error("must be a bool", got=value, fix="pass `True` or `False`")
    return value


def boolean_or_token(argument: Argument, value: object) -> bool | IResolvable:
    """Require ``True``, ``False`` or a token."""
    if not isinstance(value, bool) and not is_resolvable(value):
        raise argument.type_error(
            "must be a bool or an `IResolvable`",
            got=value,
            fix="pass `True`, `False` or a token like `CfnParameter.value`",
        )
    return value  # type: ignore[return-value]


def optional(rule: Rule[T]) -> Rule[T | None]:
    """Accept ``None`` besides what a rule accepts."""
    return lambda argument, value: None if value is None else rule(argument, value)


def or_list_token(rule: Rule[str]) -> Rule[str]:
    """Accept a list token as the element of a list, besides what a rule accepts."""

    def check(argument: Argument, value: object) -> str:
        return value if isinstance(value, str) and is_list_token(value) else rule(argument, value)

    return check


def sequence_of(rule: Rule[T]) -> Rule[list[T]]:
    """Require a list, possibly empty, whose elements follow a rule."""

    def check(argument: Argument, values: object) -> list[T]:
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise argument.type_error("must be a list", got=values, fix="put the value into a list")
        return [
            rule(argument._replace(name=f"{argument.name}[{index}]"), value)
            for index, value in enumerate(values)
        ]

    return check


def list_of(rule: Rule[T], *, is_required: bool = False) -> Rule[list[T]]:
    """Require a list that is not empty, and return it without repetitions.

    :param is_required: ``True`` if the argument cannot be left out instead.
    """
    sequence = sequence_of(rule)

    def check(argument: Argument, values: object) -> list[T]:
        checked = sequence(argument, values)
        if not checked:
            raise argument.value_error(
                "must not be empty",
                got=values,
                fix="pass one element or more" + ("" if is_required else ", or leave it out"),
            )
        reject_mixed_list_tokens(argument, [each for each in checked if isinstance(each, str)])
        return list(dict.fromkeys(checked))

    return check


def reject_mixed_list_tokens(argument: Argument, values: Sequence[str]) -> None:
    """Reject a list token beside other values, which the CDK cannot write into a template."""
    if len(values) > 1 and any(is_list_token(value) for value in values):
        raise PrivateLinkValueError(
            argument.name,
            "must not mix a list token with other values",
            got=f"a list token among {len(values)} values",
            fix="pass either the list token alone or single values",
            scope=argument.scope,
        )


def _either(options: Sequence[str]) -> str:
    """Return options as a phrase, like ``a, b or c``."""
    *others, last = options
    return f"{', '.join(others)} or {last}" if others else last


def _public_name(enum: type[Enum]) -> str:
    """Return the name by which users import an enumeration, like ``ec2.IpAddressType``."""
    module = re.search(r"\.aws_(\w+)\.", getattr(enum, "__jsii_type__", ""))
    alias = module[1].replace("elasticloadbalancingv2", "elbv2") if module else ""
    return f"{alias}.{enum.__name__}".removeprefix(".")


# Neither endpoint services nor load balancers have snapshots.
REMOVAL_POLICY = member_of(
    RemovalPolicy,
    RemovalPolicy.RETAIN,
    RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    RemovalPolicy.DESTROY,
)
