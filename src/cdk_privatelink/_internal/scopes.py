"""Where the constructs of this library are put, and under which ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from aws_cdk import Stack
from constructs import Construct
from jsii.errors import JavaScriptError

from ..errors import PrivateLinkTypeError, PrivateLinkValueError

# Tokens are looked for in the text, since the CDK would have to be asked for each construct.
_TOKEN = re.compile(r"[$#]\{Token\[")
# What jsii says of an argument that it cannot hand over.
_WRONG_TYPE = re.compile(
    r"type of argument (?P<argument>\w+) must be (one of )?\(?(?P<takes>.*?)(, NoneType)?\)?"
    r"; got (?P<got>.*) instead"
)
_ID_FIX = "pass a string that is not empty and known here"


def check_place(scope: object, id: object) -> Stack:
    """Check what can be seen of a scope and an id before there is a construct.

    :returns: The stack that the construct will be in.

    :raises PrivateLinkTypeError: They are no construct and no string.
    :raises PrivateLinkValueError: The scope is outside of any stack, or the id is empty or a token.
    """
    if not isinstance(scope, Construct):
        raise PrivateLinkTypeError(
            "scope",
            "takes a construct",
            got=f"`{scope!r}`",
            fix="pass the stack, or a construct in it",
            scope=f"{id}",
        )
    check_id(id, scope=scope)
    stack = _stack_of(scope)
    if stack is None:
        raise PrivateLinkValueError(
            "scope",
            "is outside of any stack",
            got=f"`{scope.node.path or type(scope).__name__}`",
            fix="pass a stack, or a construct in it",
            scope=path_in(scope, id),
        )
    return stack


@contextmanager
def new_construct(scope: Construct, id: str) -> Iterator[Stack]:
    """Check the place of a construct that is about to be made, and tell why the CDK refuses it.

    It is told which stack that is.

    :raises PrivateLinkTypeError: They are no construct and no string.
    :raises PrivateLinkValueError: No construct can be made there.
    """
    stack = check_place(scope, id)
    fix = "pass a stack or a construct in it, and an `id` that is free there"
    with told_as_ours("scope", fix=fix, scope=scope, id=id):
        yield stack


def check_id(id: object, *, scope: Construct) -> None:
    """Check that it can be the id of a construct.

    :raises PrivateLinkTypeError: It is no string.
    :raises PrivateLinkValueError: It is empty, or only known at deployment.
    """
    if not isinstance(id, str):
        raise PrivateLinkTypeError(
            "id", "takes a string", got=f"`{id!r}`", fix=_ID_FIX, scope=path_in(scope, id)
        )
    if not id or _TOKEN.search(id):
        raise PrivateLinkValueError(
            "id", "cannot be that of a construct", got=f"`{id}`", fix=_ID_FIX, scope=scope
        )


@contextmanager
def told_as_ours(
    argument: str, *, fix: str, scope: Construct | str, id: str | None = None
) -> Iterator[None]:
    """Tell in the words of this library why the CDK refuses to make a construct.

    :param id: That of the construct, if it is the one that the error has to name.
    :raises PrivateLinkValueError: It does, mostly since another one has the same id.
    """
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        raise PrivateLinkValueError(
            argument,
            "is refused by the CDK",
            got=f"`{f'{error}'.splitlines()[0]}`",
            fix=fix,
            scope=scope if id is None or isinstance(scope, str) else path_in(scope, id),
        ) from error


@contextmanager
def types_told_as_ours(scope: Construct | str) -> Iterator[None]:
    """Tell in the words of this library which argument the CDK finds to be of another type.

    :raises PrivateLinkTypeError: It finds one.
    """
    try:
        yield
    except TypeError as error:
        match = _WRONG_TYPE.fullmatch(f"{error}")
        if match is None:
            raise
        raise PrivateLinkTypeError(
            match["argument"],
            f"takes {match['takes']}",
            got=f"`{match['got']}`",
            fix="pass that, or leave it out",
            scope=scope,
        ) from error


def _stack_of(scope: Construct) -> Stack | None:
    if isinstance(scope, Stack):
        return scope
    try:
        return Stack.of(scope)
    except RuntimeError:
        return None


def path_in(scope: Construct, id: object) -> str:
    """Tell the path of a construct that does not exist yet."""
    return f"{scope.node.path}/{id}".removeprefix("/")
