"""Facts of constructs that never change, read from the CDK once.

Each read is a round trip to Node.js.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from aws_cdk import Stack, Stage
from constructs import Construct, IConstruct

T = TypeVar("T")


def jsii_reference(construct: Construct | IConstruct) -> str:
    """Return the name that jsii gives to a construct for as long as the process lives.

    Several Python objects can stand for one construct, and all have the same reference.
    """
    return f"{cast(Any, construct).__jsii_ref__.ref}"


def cached_by_construct(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Call a function of one construct once per construct.

    Node.js keeps its objects until the process ends, and so does this cache.
    """
    results: dict[str, T] = {}

    @wraps(function)
    def cached(construct: Any) -> T:
        reference = jsii_reference(construct)
        if reference not in results:
            results[reference] = function(construct)
        return results[reference]

    return cached


@cached_by_construct
def construct_path(construct: Construct | IConstruct) -> str:
    """Return the path of a construct in the app."""
    return construct.node.path


@cached_by_construct
def stack_of(construct: Construct) -> Stack:
    """Return the stack of a construct.

    :raises RuntimeError: The construct is outside of a stack.
    """
    return construct if isinstance(construct, Stack) else Stack.of(construct)


@cached_by_construct
def root_reference(construct: Construct) -> str:
    """Return the name that jsii gives to the app of a construct."""
    return jsii_reference(construct.node.root)


@cached_by_construct
def stage_path(construct: Construct) -> str | None:
    """Return the path of the stage of a construct, or ``None`` without an app.

    Paths are comparable. The stages are not: without an app, each call returns another object.
    """
    stage = Stage.of(construct)
    return None if stage is None else stage.node.path
