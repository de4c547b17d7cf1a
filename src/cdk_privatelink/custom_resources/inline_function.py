"""Lambda functions that exist once per stack, with their code inline in the template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.cdk_nag import suppress_nag_rule, suppress_wildcards

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

_HANDLERS = Path(__file__).parent / "handlers"


class InlineFunction(Construct):
    """A Lambda function with its role and its log group."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        handler: str,
        description: str,
        describe_action: str,
        policy_name: str,
        memory_size: int,
        timeout_seconds: int,
    ) -> None:
        """Create the function.

        :param handler: The file name of its code.
        :param describe_action: The action of EC2 that it may use for all resources.
        """
        # Imported lazily: only stacks with a function need these modules.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs

        super().__init__(stack, id)
        log_group = logs.LogGroup(
            self,
            "LogGroup",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        statements = [
            # EC2 supports no resource-level permissions for this action.
            iam.PolicyStatement(actions=[describe_action], resources=["*"]),
            # The wildcard at the end of the ARN stands for the streams of this log group.
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
        ]
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com")),
            inline_policies={policy_name: iam.PolicyDocument(statements=statements)},
        )
        suppress_describe_finding(self.role)
        # An L1: the L2 adds a dependency on the role, which the reference to the role implies.
        self.resource = lambda_.CfnFunction(
            self,
            "Function",
            description=description,
            runtime="python3.13",
            handler="index.handler",
            code=_inline(handler),
            role=self.role.role_arn,
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_group=log_group.log_group_name
            ),
            memory_size=memory_size,
            timeout=timeout_seconds,
        )
        suppress_nag_rule(
            self.resource,
            "AwsSolutions-L1",
            reason="Not every partition has a newer runtime",
        )
        self.arn: str = self.resource.attr_arn
        self._handlers = [handler]

    def require_handler(self, name: str) -> None:
        """Append another file to the code of the function, once.

        :param name: The file name of the code, which uses names of the first file.
        """
        if name not in self._handlers:
            self._handlers.append(name)
            self.resource.code = _inline(*self._handlers)


def _inline(*names: str) -> lambda_.CfnFunction.CodeProperty:
    from aws_cdk import aws_lambda as lambda_

    return lambda_.CfnFunction.CodeProperty(zip_file=read_inline_code(*names))


def suppress_describe_finding(construct: iam.Role | iam.Policy) -> None:
    """Suppress the finding of cdk-nag for actions of EC2 that know no resources."""
    suppress_wildcards(construct, "*", reason="The action has no resource-level permissions")


def read_inline_code(*names: str) -> str:
    """Return the code of handlers without comments, with one space per level of indentation.

    CloudFormation accepts 51,200 bytes without a bucket. Comments and white space are a fifth of
    the code.
    """
    files = [(_HANDLERS / name).read_text(encoding="utf-8") for name in names]
    code = "\n".join(files).replace("\n\n\n", "\n\n")
    # Handlers import only each other from this library, and all of them are one module.
    code = re.sub(r"^from cdk_privatelink\S+ import \([^)]*\)\n", "", code, flags=re.MULTILINE)
    code = re.sub(r"^ *#.*\n|  # noqa.*$", "", code, flags=re.MULTILINE)
    return re.sub(r"^(?: {4})+", lambda match: " " * (len(match[0]) // 4), code, flags=re.MULTILINE)
