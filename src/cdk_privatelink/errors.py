"""The errors of this library: one format, always with the construct's path."""

from __future__ import annotations

from constructs import Construct


class PrivateLinkError(Exception):
    """The common base of the errors of this library."""

    def __init__(
        self, argument: str, problem: str, *, got: str, fix: str, scope: Construct | str
    ) -> None:
        # The path itself where there is no construct.
        self.construct_path: str = scope if isinstance(scope, str) else scope.node.path
        """Path of the construct that was given the argument."""
        super().__init__(f"`{argument}` {problem}, got {got}; {fix}  [{self.construct_path}]")


class PrivateLinkValueError(PrivateLinkError, ValueError):
    """An argument has the right type and a value that cannot work.

    The message names the argument, what is wrong, what was got, what to do, and the construct.
    """


class PrivateLinkTypeError(PrivateLinkError, TypeError):
    """An argument has a type that this library does not take.

    The message names the argument, what is wrong, what was got, what to do, and the construct.
    """
