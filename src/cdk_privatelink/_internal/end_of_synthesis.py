"""Checks at the end of synthesis, when everything that the user adds is there."""

from __future__ import annotations

from collections.abc import Callable

import jsii
from aws_cdk import AspectPriority, Aspects, CfnResource, IAspect
from constructs import Construct, IConstruct, IValidation

from ..errors import PrivateLinkError


def add_final_check(resource: CfnResource, check: Callable[[], None]) -> None:
    """Call a function at the end of synthesis, which may add warnings.

    :param resource: A resource. It has no children, so that the function is called once.
    """
    Aspects.of(resource).add(_FinalCheck(check), priority=AspectPriority.READONLY)


def add_final_validation(scope: Construct, validate: Callable[[], None]) -> None:
    """Call a function at the end of synthesis, which raises an error to stop it."""
    scope.node.add_validation(_FinalValidation(validate))


@jsii.implements(IAspect)
class _FinalCheck:
    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check

    def visit(self, node: IConstruct) -> None:  # noqa: ARG002
        self._check()


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
