"""Values that are only known at deployment.

They are told by their text, as the CDK does it: to ask the CDK would be a round trip for each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from constructs import Construct

from ..errors import PrivateLinkValueError

_STRING = re.compile(r"\$\{Token\[[\w:.-]+\]\}", re.ASCII)
_LIST = re.compile(r"#\{Token\[[\w:.-]+\]\}", re.ASCII)


def is_token(value: str) -> bool:
    """Whether the value, or the list that it stands for, is only known at deployment."""
    return is_string_token(value) or is_list_token(value)


def is_string_token(value: str) -> bool:
    """Whether the value is a string that is only known at deployment."""
    return _STRING.search(value) is not None and not has_list_token(value)


def is_list_token(value: str) -> bool:
    """Whether the value stands for a whole list, as an element of ``value_as_list`` does."""
    return _LIST.fullmatch(value) is not None


def has_list_token(value: str) -> bool:
    """Whether a list is written into the value, which the CDK cannot do where it is a string."""
    return _LIST.search(value) is not None


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
