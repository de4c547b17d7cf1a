"""Values that are only known at deployment."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Token
from constructs import Construct

from .errors import PrivateLinkValueError


def is_token(value: str) -> bool:
    """Whether the value, or the list that it stands for, is only known at deployment."""
    return Token.is_unresolved(value) or is_list_token(value)


def is_list_token(value: str) -> bool:
    """Whether the value stands for a whole list, as an element of ``value_as_list`` does."""
    return Token.is_unresolved([value])


def check_list_tokens(argument: str, values: Sequence[str], *, scope: Construct) -> None:
    """Refuse a list token beside other values: CDK cannot write that into a template."""
    if len(values) > 1 and any(is_list_token(value) for value in values):
        raise PrivateLinkValueError(
            argument,
            "mixes a list that is only known at deployment with other values",
            got=f"{len(values)} values",
            fix="pass either that list alone or single values",
            scope=scope,
        )
