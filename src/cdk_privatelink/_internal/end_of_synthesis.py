"""Checks and values at the end of synthesis, when everything that the user adds is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jsii
from aws_cdk import IAnyProducer, IResolvable, IResolveContext, Lazy
from constructs import Construct, IValidation

from ..errors import PrivateLinkError
from .construct_cache import jsii_reference, stack_of

# The checks of each stack.
_CHECKS: dict[str, list[Callable[[], None]]] = {}


def add_final_check(construct: Construct, check: Callable[[], None]) -> None:
    """Call a function at the end of synthesis, which may add warnings.

    All functions of a stack share one validation, to save round trips to Node.js.

    :param construct: A construct in the stack.
    """
    stack = stack_of(construct)
    checks = _CHECKS.setdefault(jsii_reference(stack), [])
    if not checks:
        add_final_validation(stack, lambda: _run(checks))
    checks.append(check)


def add_final_validation(scope: Construct, validate: Callable[[], None]) -> None:
    """Call a function at the end of synthesis, which raises an error to stop it."""
    scope.node.add_validation(_FinalValidation(validate))


def final_value(produce: Callable[[], Any]) -> IResolvable:
    """Return a token for a value that a function returns when the CDK writes the template."""
    return Lazy.uncached_any(_FinalValue(produce))


def _run(checks: Sequence[Callable[[], None]]) -> None:
    for check in checks:
        check()


@jsii.implements(IAnyProducer)
class _FinalValue:
    def __init__(self, produce: Callable[[], Any]) -> None:
        self._produce = produce

    def produce(self, context: IResolveContext) -> Any:  # noqa: ARG002
        return self._produce()


@jsii.implements(IValidation)
class _FinalValidation:
    def __init__(self, validate: Callable[[], None]) -> None:
        self._validate = validate

    def validate(self) -> list[str]:
        try:
            self._validate()
        except PrivateLinkError as error:
            return [f"{error}"]
        return []
