"""The Lambda function of a stack for its connection managers, with its code in the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from constructs import Construct

from .._internal.construct_cache import jsii_reference
from .._internal.scopes import taken_id
from .inline_function import InlineFunction

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

FUNCTION_SECONDS = 300
MAX_MANAGERS = 5
# All inline policies of a role share 10,240 characters, and the role itself needs about 500. With
# all options, a manager needs this many, and its tables with their keys more.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_POLICY_CHARACTERS = 10_240 - 500
MANAGER_CHARACTERS = 1_400
TABLE_CHARACTERS = 230

_ID = "PrivateLinkConnectionManagers"


class ConnectionManagerFunction(InlineFunction):
    """The function of a stack for its connection managers."""

    def __init__(self, stack: Stack) -> None:
        """Create the function. Call :meth:`get_or_create` instead."""
        super().__init__(
            stack,
            _ID,
            handler="connection_manager.py",
            description="Accepts and rejects connections of VPC endpoint services",
            describe_action="ec2:DescribeVpcEndpointConnections",
            policy_name="DescribeConnectionsAndLog",
            memory_size=512,
            timeout_seconds=FUNCTION_SECONDS,
        )
        self.manager_count = 0
        """The number of managers that use the function."""
        self.policy_characters = 0
        """The characters that their policies need at most."""
        self._function: lambda_.IFunction | None = None

    @property
    def function(self) -> lambda_.IFunction:
        """The function, as constructs of the CDK accept it."""
        from aws_cdk import aws_lambda as lambda_

        self._function = self._function or lambda_.Function.from_function_attributes(
            self, "Imported", function_arn=self.arn, same_environment=True
        )
        return self._function

    @classmethod
    def find(cls, stack: Stack, *, scope: Construct) -> ConnectionManagerFunction | None:
        """Return the function of a stack, or ``None`` if the stack has none yet.

        :raises PrivateLinkValueError: Another construct in the stack has its id.
        """
        existing = _FUNCTIONS.get(jsii_reference(stack))
        if existing is None and stack.node.try_find_child(_ID) is not None:
            raise taken_id(stack, _ID, scope=scope)
        return existing

    @classmethod
    def get_or_create(cls, stack: Stack, *, scope: Construct) -> ConnectionManagerFunction:
        """Return the function of a stack, and create it on the first call.

        :raises PrivateLinkValueError: Another construct in the stack has its id.
        """
        existing = cls.find(stack, scope=scope)
        return existing or _FUNCTIONS.setdefault(jsii_reference(stack), cls(stack))


# By stack. Python objects of jsii do not survive a search in the construct tree.
_FUNCTIONS: dict[str, ConnectionManagerFunction] = {}
