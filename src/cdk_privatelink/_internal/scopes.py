"""Scopes and ids of constructs: checks before construction, and errors of the CDK in our format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aws_cdk import Stack
from constructs import Construct, IConstruct
from jsii.errors import JavaScriptError

from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .arguments import Argument
from .construct_cache import construct_path, stack_of, stage_path
from .tokens import contains_list_token, is_string_token

_TAKEN = "There is already a Construct with name"
# Errors of the CDK start with an internal name, like `ThereSubnetGroups: There are no ...`.
_ERROR_NAME = re.compile(r"\A[A-Z]\w+: ")
_ID_FIX = "pass a string that is not empty and contains no token"


def validate_placement(scope: object, id: object) -> Stack:
    """Check a scope and an id before the construct exists, and return the stack.

    :raises PrivateLinkTypeError: The scope is not a construct, or the id is not a string.
    :raises PrivateLinkValueError: The scope is outside of a stack, or the id is empty or a token.
    """
    if not isinstance(scope, Construct):
        raise PrivateLinkTypeError(
            "scope",
            "must be a construct",
            got=f"`{scope!r}`",
            fix="pass the stack or a construct in the stack",
            scope=f"{id}",
        )
    validate_id(id, scope=scope)
    stack = _find_stack(scope)
    if stack is None:
        raise PrivateLinkValueError(
            "scope",
            "must be a stack or in a stack",
            got=f"`{scope.node.path or type(scope).__name__}`",
            fix="pass a stack or a construct in a stack",
            scope=child_path(scope, id),
        )
    return stack


def validate_id(id: object, *, scope: Construct) -> None:
    """Check that a value can be the id of a construct.

    :raises PrivateLinkTypeError: The id is not a string.
    :raises PrivateLinkValueError: The id is empty or a token.
    """
    if not isinstance(id, str):
        raise PrivateLinkTypeError(
            "id", "must be a string", got=f"`{id!r}`", fix=_ID_FIX, scope=child_path(scope, id)
        )
    if not id or is_string_token(id) or contains_list_token(id):
        raise Argument("id", scope).value_error("must not be empty or a token", got=id, fix=_ID_FIX)


@contextmanager
def checked_construction(scope: Construct, id: str) -> Iterator[Stack]:
    """Check the scope and the id of a construct, and translate the errors of its construction.

    :raises PrivateLinkTypeError: The scope is not a construct, or the id is not a string.
    :raises PrivateLinkValueError: The CDK rejects the scope, or the id is in use there.
    """
    stack = validate_placement(scope, id)
    try:
        yield stack
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        path = child_path(scope, id)
        if _TAKEN not in f"{error}":
            raise PrivateLinkValueError(
                "scope",
                f"must accept the construct, but the CDK reports: {cdk_reason(error)}",
                got=f"`{scope.node.path}`",
                fix="pass another scope",
                scope=path,
            ) from error
        raise PrivateLinkValueError(
            "id",
            "must be unique in its scope",
            got=f"`{id}`, which another construct in `{scope.node.path}` has",
            fix="pass another id",
            scope=path,
        ) from error


@contextmanager
def reserved_id(parent: Construct, id: str, *, scope: Construct | str) -> Iterator[None]:
    """Translate the error of the CDK for a child id that this library needs and a user has taken.

    :param parent: The construct that gets the child.
    :param scope: The construct that the error names.
    :raises PrivateLinkValueError: Another construct has the id.
    """
    try:
        yield
    except RuntimeError as error:
        if _TAKEN not in f"{error}":
            raise
        raise taken_id(parent, id, scope=scope) from error


def named_construct(parent: Construct, id: str) -> Construct:
    """Create a construct with an id of the user, with the errors of `checked_construction()`."""
    with checked_construction(parent, id):
        return Construct(parent, id)


def reserved_construct(parent: Construct, id: str) -> Construct:
    """Create a construct for children with ids of the user, which then cannot collide with others.

    :raises PrivateLinkValueError: Another construct has the id.
    """
    with reserved_id(parent, id, scope=parent):
        return Construct(parent, id)


def require_same_stage(argument: Argument, construct: IConstruct, owner: Construct) -> None:
    """Check that a construct is in the stage of the construct that uses it.

    :raises PrivateLinkValueError: The construct is in another stage, which is deployed separately.
    """
    if stage_path(construct) != stage_path(owner):
        raise argument.value_error(
            "must be in the same stage, because each stage is deployed separately",
            got=construct_path(construct),
            fix="import it in the stage, by its ARN or its attributes",
        )


def taken_id(parent: Construct, id: str, *, scope: Construct | str) -> PrivateLinkValueError:
    """Create the error for a child id that this library needs and a user has taken."""
    fix = "give that construct another id"
    if isinstance(parent, Stack):
        # Libraries that jsii compiles bundle a copy of the npm package, which has the same ids.
        fix += ", or use another stack if another copy of this library created it"
    return PrivateLinkValueError(
        "scope",
        "must keep the ids of this library free",
        got=f"`{child_path(parent, id)}`",
        fix=fix,
        scope=scope,
    )


@contextmanager
def translate_cdk_errors(
    argument: Argument, problem: str, *, got: Callable[[], str], fix: str
) -> Iterator[None]:
    """Raise the errors of the CDK in the format of this library.

    :param problem: The rule that the argument breaks. The reason of the CDK follows it.
    :param got: Returns the value. Called only for an error, since paths are round trips to jsii.
    :raises PrivateLinkValueError: The CDK raises an error.
    """
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        raise PrivateLinkValueError(
            argument.name,
            f"{problem} ({cdk_reason(error)})",
            got=got(),
            fix=fix,
            scope=argument.scope,
        ) from error


def cdk_reason(error: Exception) -> str:
    """Return the first line of an error of the CDK, without its internal name and full stop."""
    return _ERROR_NAME.sub("", f"{error}".partition("\n")[0]).rstrip(".")


def child_path(scope: Construct, id: object) -> str:
    """Return the path of a child that may not exist yet."""
    return f"{construct_path(scope)}/{id}".removeprefix("/")


def _find_stack(scope: Construct) -> Stack | None:
    try:
        return stack_of(scope)
    except RuntimeError:
        return None
