"""Warnings at synthesis."""

from __future__ import annotations

from aws_cdk import Annotations
from constructs import Construct


def add_warning(
    scope: Construct, id: str, text: str, *, variable: str, unless: str = "this is intended"
) -> None:
    """Add a warning, with the code that acknowledges it.

    :param variable: The variable for the construct in that code.
    :param unless: The condition under which the warning is no problem.
    """
    Annotations.of(scope).add_warning_v2(
        id,
        f"{text} If {unless}, acknowledge the warning: "
        f'`Annotations.of({variable}).acknowledge_warning("{id}")`.',
    )
