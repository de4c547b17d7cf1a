"""Lambda functions that a stack has at most one of, with their code inline in the template."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .errors import PrivateLinkValueError
from .justifications import justify

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
        cls, scope: Construct, id: str, *, handler: str, description: str, timeout_seconds: int
    ) -> StackFunction:
        """Find the stack's function of this id, or make it."""
        return cls.find(scope, id) or cls(
            Stack.of(scope),
            id,
            handler=handler,
            description=description,
            timeout_seconds=timeout_seconds,
        )

    @classmethod
    def find(cls, scope: Construct, id: str) -> StackFunction | None:
        """Find the stack's function of this id.

        :raises PrivateLinkValueError: It is the id of something else.
        """
        found = Stack.of(scope).node.try_find_child(id)
        if found is not None and not isinstance(found, cls):
            raise PrivateLinkValueError(
                "scope",
                "is in a stack where an id of this library is taken",
                got=f"`{found.node.path}`",
                fix="give that construct another id",
                scope=scope,
            )
        return found

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
