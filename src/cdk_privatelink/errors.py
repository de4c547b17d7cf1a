"""The errors of this library: one format, always with the path of the construct."""

from __future__ import annotations

from constructs import Construct


class PrivateLinkError(Exception):
    """The base class of all errors that this library raises.

    The message names the argument, the problem, the value, the fix and the path of the construct.
    """

    def __init__(
        self, argument: str, problem: str, *, got: str, fix: str, scope: Construct | str
    ) -> None:
        """Compose the message.

        :param argument: The name of the argument.
        :param problem: The rule that the argument breaks, like ``must be a string``.
        :param got: The value of the argument, as the message shows it.
        :param fix: The change that solves the problem, as an imperative.
        :param scope: The construct, or the path of a construct that does not exist yet.
        """
        self.construct_path: str = scope if isinstance(scope, str) else scope.node.path
        """The path of the construct that received the argument."""
        super().__init__(f"`{argument}` {problem}, got {got}; {fix}  [{self.construct_path}]")


class PrivateLinkValueError(PrivateLinkError, ValueError):
    """An argument with a value that cannot work."""


class PrivateLinkTypeError(PrivateLinkError, TypeError):
    """An argument with a type that this library does not accept."""
