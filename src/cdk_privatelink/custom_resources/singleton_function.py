"""Lambda functions that a stack has at most one of, with their code inline in the template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.cdk_nag import justify
from .._internal.stack_cache import StackFacts
from ..errors import PrivateLinkValueError

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs

_CODE = Path(__file__).parent / "handlers" / "endpoint_service.py"


class StackFunction(Construct):
    """A Lambda function, its role and its log group."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        handler: str,
        description: str,
        timeout_seconds: int,
    ) -> None:
        """Make the function; :meth:`of` makes it where a stack has none yet."""
        # Only who looks up waits for them to be imported.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs

        super().__init__(stack, id)
        log_group = logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com")),
            inline_policies={"DescribeServicesAndLog": _policy(log_group)},
        )
        resource = self._role.node.default_child
        # `iam.Role.customize_roles()` has roles made elsewhere, and none here.
        if isinstance(resource, CfnResource):
            justify(
                resource,
                "AwsSolutions-IAM5",
                finding="Resource::*",
                reason="DescribeVpcEndpointServiceConfigurations knows no narrower resource than "
                "all",
            )
        # An L1, since the L2 adds a dependency on the role that the reference to it already makes.
        function = lambda_.CfnFunction(
            self,
            "Function",
            description=description,
            runtime="python3.13",
            handler=f"index.{handler}",
            code=lambda_.CfnFunction.CodeProperty(zip_file=_CODE.read_text(encoding="utf-8")),
            role=self._role.role_arn,
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_group=log_group.log_group_name
            ),
            memory_size=256,
            timeout=timeout_seconds,
        )
        justify(
            function,
            "AwsSolutions-L1",
            reason="Python 3.13 is supported, and what aws-cdk-lib gives to its own functions; "
            "not every partition has the newest runtime",
        )
        self.arn: str = function.attr_arn
        self.allowed: int = 0
        """How many things it has been allowed besides."""

    @classmethod
    def of(
        cls,
        stack: Stack,
        id: str,
        *,
        handler: str,
        description: str,
        timeout_seconds: int,
        scope: Construct,
    ) -> StackFunction:
        """Find the stack's function of this id, or make it.

        :param scope: The construct that needs it, which errors name.
        :raises PrivateLinkValueError: It is the id of something else.
        """
        found = cls.find(stack, id, scope=scope)
        if found is None:
            found = StackFacts.of(stack).functions[id] = cls(
                stack, id, handler=handler, description=description, timeout_seconds=timeout_seconds
            )
        return found

    @classmethod
    def find(cls, stack: Stack, id: str, *, scope: Construct) -> StackFunction | None:
        """Find the stack's function of this id.

        :param scope: The construct that needs it, which errors name.
        :raises PrivateLinkValueError: It is the id of something else.
        """
        known = StackFacts.of(stack).functions.get(id)
        taken = None if known is not None else stack.node.try_find_child(id)
        if taken is not None:
            raise PrivateLinkValueError(
                "scope",
                "is in a stack where an id of this library is taken",
                got=f"`{taken.node.path}`",
                fix="give that construct another id",
                scope=scope,
            )
        return known

    def allow(self, scope: Construct, id: str, *, action: str, resource: str) -> iam.Policy:
        """Allow the function one thing more; what needs that depends on what is returned.

        A policy for each, since one for all would make everything that waits for it wait for each
        resource in it.
        """
        self.allowed += 1
        policy = iam.Policy(
            scope,
            id,
            statements=[iam.PolicyStatement(actions=[action], resources=[resource])],
        )
        # Not by `roles=[...]`, which attaches it while it is still empty: where
        # `iam.Role.customize_roles()` has roles made elsewhere, it has to be told what is in it.
        self._role.attach_inline_policy(policy)
        return policy


def _policy(log_group: logs.LogGroup) -> iam.PolicyDocument:
    return iam.PolicyDocument(
        statements=[
            # EC2 knows no narrower resource for this action than all.
            iam.PolicyStatement(
                actions=["ec2:DescribeVpcEndpointServiceConfigurations"], resources=["*"]
            ),
            # The wildcard at the end of the ARN stands for the streams of this one group.
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
        ]
    )
