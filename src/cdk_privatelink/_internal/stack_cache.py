"""What is the same for all that is in a stack."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack, region_info

from .tokens import is_string_token

if TYPE_CHECKING:
    from ..custom_resources.singleton_function import StackFunction


class StackFacts:
    """Asked of the CDK once, since each question is a round trip to Node.js."""

    def __init__(self, stack: Stack) -> None:
        """Ask nothing yet; :meth:`of` finds what is known of a stack."""
        self._stack = stack
        self.functions: dict[str, StackFunction] = {}
        """Those of this library, by their ids."""
        self.service_name_prefix: str | None = None
        """Where its template has it, once a name is read there that needs it."""

    @classmethod
    def of(cls, stack: Stack) -> StackFacts:
        """Find what is known of a stack."""
        # By what jsii calls it, and not the object, which need not be the same each time. Nor do
        # facts outlive a stack: what Node.js was told of, it keeps until the app ends.
        key = cast(Any, stack).__jsii_ref__.ref
        return _FACTS.setdefault(key, cls(stack))

    @cached_property
    def region(self) -> str:
        """A token where it is only known at deployment."""
        return self._stack.region

    @cached_property
    def account(self) -> str:
        """A token where it is only known at deployment."""
        return self._stack.account

    @cached_property
    def partition(self) -> str:
        """As the CDK writes it into ARNs, a token as a rule."""
        return self._stack.partition

    @cached_property
    def partition_of_region(self) -> str | None:
        """``None`` where it is only known at deployment, or the CDK does not know the region."""
        if is_string_token(self.region):
            return None
        return region_info.RegionInfo.get(self.region).partition


_FACTS: dict[str, StackFacts] = {}
