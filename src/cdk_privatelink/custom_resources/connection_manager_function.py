"""The Lambda function of a stack for its connection managers, with its code in the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.cdk_nag import suppress_nag_rule
from .._internal.scopes import jsii_reference, taken_id
from .inline_code import read_inline_code

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs

FUNCTION_SECONDS = 300
# All inline policies of a role share 10,240 characters. A manager needs up to 1,900, and the role
# itself about 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_MANAGERS = 5

_ID = "PrivateLinkConnectionManagers"


class ConnectionManagerFunction(Construct):
    """A Lambda function with its role and its log group."""

    def __init__(self, stack: Stack) -> None:
        """Create the function. Call :meth:`get_or_create` instead."""
        # Imported lazily: only stacks with a manager need these modules.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs

        super().__init__(stack, _ID)
        log_group = logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com")),
            inline_policies={"DescribeConnectionsAndLog": _policy(log_group)},
        )
        resource = self.role.node.default_child
        # With `iam.Role.customize_roles()`, the role is not in the template.
        if isinstance(resource, CfnResource):
            suppress_nag_rule(
                resource,
                "AwsSolutions-IAM5",
                finding="Resource::*",
                reason="ec2:DescribeVpcEndpointConnections does not support resource-level "
                "permissions",
            )
        self.resource = lambda_.CfnFunction(
            self,
            "Function",
            description="Accepts and rejects connections of VPC endpoint services",
            runtime="python3.13",
            handler="index.handler",
            code=lambda_.CfnFunction.CodeProperty(
                zip_file=read_inline_code("connection_manager.py")
            ),
            role=self.role.role_arn,
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_group=log_group.log_group_name
            ),
            memory_size=512,
            timeout=FUNCTION_SECONDS,
        )
        suppress_nag_rule(
            self.resource,
            "AwsSolutions-L1",
            reason="Python 3.13 is supported. Not every partition has the newest runtime",
        )
        self.manager_count = 0
        """The number of managers that use the function."""
        self._function: lambda_.IFunction | None = None

    @property
    def function(self) -> lambda_.IFunction:
        """The function, as constructs of the CDK accept it."""
        from aws_cdk import aws_lambda as lambda_

        self._function = self._function or lambda_.Function.from_function_attributes(
            self, "Imported", function_arn=self.resource.attr_arn, same_environment=True
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


def _policy(log_group: logs.LogGroup) -> iam.PolicyDocument:
    return iam.PolicyDocument(
        statements=[
            # EC2 supports no resource-level permissions for this action.
            iam.PolicyStatement(actions=["ec2:DescribeVpcEndpointConnections"], resources=["*"]),
            # The wildcard at the end of the ARN stands for the streams of this log group.
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
        ]
    )
