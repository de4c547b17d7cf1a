"""Values of a stack, read from the CDK once: each read is a round trip to Node.js."""

from __future__ import annotations

from functools import cached_property

from aws_cdk import Stack, region_info
from constructs import Construct

from .construct_cache import jsii_reference, stack_of
from .tokens import is_literal


class StackCache:
    """The environment of a stack."""

    def __init__(self, stack: Stack) -> None:
        """Read nothing yet. Call :meth:`of` for the cache of a stack."""
        self._stack = stack

    @classmethod
    def of(cls, construct: Construct) -> StackCache:
        """Return the cache of the stack of a construct."""
        stack = stack_of(construct)
        return _CACHES.setdefault(jsii_reference(stack), cls(stack))

    @cached_property
    def region(self) -> str:
        """The Region, possibly a token."""
        return self._stack.region

    @cached_property
    def account(self) -> str:
        """The account, possibly a token."""
        return self._stack.account

    @cached_property
    def partition(self) -> str:
        """The partition as the CDK writes it into ARNs, usually a token."""
        return self._stack.partition

    @cached_property
    def partition_of_region(self) -> str | None:
        """The partition of the Region, or ``None`` if the Region is a token or new to the CDK."""
        return partition_of(self.region)


def partition_of(region: str) -> str | None:
    """Return the partition of a Region, or ``None`` if it is a token or new to the CDK."""
    return region_info.RegionInfo.get(region).partition if is_literal(region) else None


# Node.js keeps its objects until the process ends, and so does this cache.
_CACHES: dict[str, StackCache] = {}
