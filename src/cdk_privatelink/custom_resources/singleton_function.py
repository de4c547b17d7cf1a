"""Lambda functions that exist at most once per stack, with their code inline in the template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.cdk_nag import suppress_nag_rule
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import jsii_reference, taken_id
from ..errors import PrivateLinkValueError

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs

LOOKUP_TYPE = "Custom::PrivateLinkServiceName"
VERIFICATION_TYPE = "Custom::PrivateLinkPrivateDnsVerification"
CUSTOM_RESOURCE_TYPES = (LOOKUP_TYPE, VERIFICATION_TYPE)

# All inline policies of a role share 10,240 characters. A policy of one service needs up to 250,
# and the other permissions of the role need about 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_POLICIES = 38

_CODE = Path(__file__).parent / "handlers" / "endpoint_service.py"


class SingletonFunction(Construct):
    """A Lambda function with its role and its log group."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        handler: str,
        description: str,
        timeout_seconds: int,
    ) -> None:
        """Create the function. Call :meth:`get_or_create` instead."""
        # Imported lazily: only stacks with a custom resource need these modules.
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
        # With `iam.Role.customize_roles()`, the role is not in the template.
        if isinstance(resource, CfnResource):
            suppress_nag_rule(
                resource,
                "AwsSolutions-IAM5",
                finding="Resource::*",
                reason="ec2:DescribeVpcEndpointServiceConfigurations does not support "
                "resource-level permissions",
            )
        # An L1: the L2 adds a dependency on the role, which the reference to the role implies.
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
        suppress_nag_rule(
            function,
            "AwsSolutions-L1",
            reason="Python 3.13 is supported, and aws-cdk-lib uses it for its own functions. Not "
            "every partition has the newest runtime",
        )
        self.arn: str = function.attr_arn
        self._function = function
        self._timeout_seconds = timeout_seconds
        self.policy_count: int = 0
        """The number of policies that :meth:`add_policy` has added."""

    @classmethod
    def get_or_create(
        cls,
        stack: Stack,
        id: str,
        *,
        handler: str,
        description: str,
        timeout_seconds: int,
        scope: Construct,
    ) -> SingletonFunction:
        """Return the function of a stack, and create it on the first call.

        :param scope: The construct that needs the function, which errors name.
        :raises PrivateLinkValueError: Another construct in the stack has the id.
        """
        existing = cls.find(stack, id, scope=scope)
        if existing is not None:
            return existing
        function = cls(
            stack, id, handler=handler, description=description, timeout_seconds=timeout_seconds
        )
        add_final_validation(stack, lambda: _reject_removal(stack, id))
        return _FUNCTIONS.setdefault((jsii_reference(stack), id), function)

    @classmethod
    def find(cls, stack: Stack, id: str, *, scope: Construct) -> SingletonFunction | None:
        """Return the function of a stack, or ``None`` if the stack has none yet.

        :param scope: The construct that needs the function, which errors name.
        :raises PrivateLinkValueError: Another construct in the stack has the id.
        """
        existing = _FUNCTIONS.get((jsii_reference(stack), id))
        if existing is None and stack.node.try_find_child(id) is not None:
            raise taken_id(stack, id, scope=scope)
        return existing

    def require_timeout(self, seconds: int) -> None:
        """Raise the timeout of the function, if it is shorter."""
        if seconds > self._timeout_seconds:
            self._timeout_seconds = seconds
            self._function.timeout = seconds

    def add_policy(
        self, scope: Construct, id: str, *, actions: Sequence[str], resource: str
    ) -> iam.Policy:
        """Allow the function more actions. Let the custom resource depend on the policy.

        Each custom resource has a policy of its own: a shared one would make every custom resource
        wait for the resources of all others.
        """
        self.policy_count += 1
        policy = iam.Policy(
            scope,
            id,
            statements=[iam.PolicyStatement(actions=list(actions), resources=[resource])],
        )
        # Attached with its statements: `iam.Role.customize_roles()` reports them, and `roles=[...]`
        # would attach an empty policy.
        self._role.attach_inline_policy(policy)
        return policy


# By the stack and the id. Python objects of jsii do not survive a search in the construct tree.
_FUNCTIONS: dict[tuple[str, str], SingletonFunction] = {}


def _reject_removal(stack: Stack, id: str) -> None:
    """Check that the user has not removed a function that custom resources need."""
    if stack.node.try_find_child(id) is not None:
        return
    for each in stack.node.find_all():
        if isinstance(each, CfnResource) and each.cfn_resource_type in CUSTOM_RESOURCE_TYPES:
            raise PrivateLinkValueError(
                "scope",
                "must keep the functions of this library",
                got=f"`{each.node.path}` without `{stack.node.path}/{id}`",
                fix="remove the construct that needs the function, too",
                scope=stack,
            )


def _policy(log_group: logs.LogGroup) -> iam.PolicyDocument:
    return iam.PolicyDocument(
        statements=[
            # EC2 supports no resource-level permissions for this action.
            iam.PolicyStatement(
                actions=["ec2:DescribeVpcEndpointServiceConfigurations"], resources=["*"]
            ),
            # The wildcard at the end of the ARN stands for the streams of this log group.
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
        ]
    )
