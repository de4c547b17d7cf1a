"""The Lambda function of a stack for its custom resources, with its code inline in the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.cdk_nag import suppress_nag_rule
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import jsii_reference, taken_id
from ..errors import PrivateLinkValueError
from .inline_code import read_inline_code

if TYPE_CHECKING:
    from aws_cdk import aws_logs as logs

LOOKUP_TYPE = "Custom::PrivateLinkServiceName"
VERIFICATION_TYPE = "Custom::PrivateLinkPrivateDnsVerification"
RULES_TYPE = "Custom::PrivateLinkConnectionRules"
CUSTOM_RESOURCE_TYPES = (LOOKUP_TYPE, VERIFICATION_TYPE, RULES_TYPE)

_FUNCTION_ID = "PrivateLinkCustomResources"
_POLICY_ID = "CustomResourcePolicy"
# Enough for a lookup. CloudFormation waits for two attempts: if the first invocation fails without
# a response, Lambda invokes the function again about a minute later.
_SECONDS = 180
# All inline policies of a role share 10,240 characters, and the role itself needs about 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MAX_POLICY_CHARACTERS = 10_240 - 500
# A policy without its actions, with the longest ARN of a service.
_POLICY_CHARACTERS = 180


class CustomResourceFunction(Construct):
    """A Lambda function with its role and its log group."""

    def __init__(self, stack: Stack) -> None:
        """Create the function. Call :meth:`get_or_create` instead."""
        # Imported lazily: only stacks with a custom resource need these modules.
        from aws_cdk import aws_lambda as lambda_
        from aws_cdk import aws_logs as logs

        super().__init__(stack, _FUNCTION_ID)
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
            description="Custom resources of VPC endpoint services",
            runtime="python3.13",
            handler="index.handler",
            code=lambda_.CfnFunction.CodeProperty(zip_file=read_inline_code("custom_resources.py")),
            role=self._role.role_arn,
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(
                log_group=log_group.log_group_name
            ),
            memory_size=256,
            timeout=_SECONDS,
        )
        suppress_nag_rule(
            function,
            "AwsSolutions-L1",
            reason="Python 3.13 is supported. Not every partition has the newest runtime",
        )
        self.arn: str = function.attr_arn
        self._function = function
        self._timeout_seconds = _SECONDS
        self._policies: dict[str, _Policy] = {}
        self._policy_characters = 0

    @classmethod
    def get_or_create(cls, stack: Stack, *, scope: Construct) -> CustomResourceFunction:
        """Return the function of a stack, and create it on the first call.

        :param scope: The construct that needs the function, which errors name.
        :raises PrivateLinkValueError: Another construct in the stack has its id.
        """
        existing = _find(stack, scope=scope)
        if existing is not None:
            return existing
        function = cls(stack)
        add_final_validation(stack, lambda: _reject_removal(stack))
        return _FUNCTIONS.setdefault(jsii_reference(stack), function)

    def require_timeout(self, seconds: int) -> None:
        """Raise the timeout of the function, if it is shorter."""
        if seconds > self._timeout_seconds:
            self._timeout_seconds = seconds
            self._function.timeout = seconds

    def allow(
        self, construct: Construct, *, actions: Sequence[str], resource_arn: str
    ) -> iam.Policy:
        """Allow the function actions on one resource, and return the policy to wait for.

        Each construct has a policy of its own: a shared one would make every custom resource wait
        for the resources of all constructs.
        """
        policy = self._policies.get(construct.node.path)
        if policy is None:
            policy = self._policies[construct.node.path] = _Policy(construct, resource_arn)
            # Attached with its statement: `iam.Role.customize_roles()` reports it, and `roles=`
            # would attach an empty policy.
            policy.allow(actions)
            self._role.attach_inline_policy(policy.policy)
            self._policy_characters += _POLICY_CHARACTERS
        else:
            policy.allow(actions)
        self._policy_characters += _characters(actions)
        return policy.policy


class _Policy:
    """The policy of one construct, with one statement."""

    def __init__(self, construct: Construct, resource_arn: str) -> None:
        self._statement = iam.PolicyStatement(resources=[resource_arn])
        self.policy = iam.Policy(construct, _POLICY_ID, statements=[self._statement])

    def allow(self, actions: Sequence[str]) -> None:
        self._statement.add_actions(*actions)


def validate_permissions(
    argument: Argument, actions: Sequence[str], *, stack: Stack, construct: Construct
) -> None:
    """Check that the function of a stack can be allowed more actions.

    :raises PrivateLinkValueError: The policies of its role are full, or another construct has the
        id of the function or of the policy.
    """
    function = _find(stack, scope=construct)
    has_policy = function is not None and construct.node.path in function._policies
    if not has_policy and construct.node.try_find_child(_POLICY_ID) is not None:
        raise taken_id(construct, _POLICY_ID, scope=construct)
    used = 0 if function is None else function._policy_characters
    if used + _POLICY_CHARACTERS + _characters(actions) > _MAX_POLICY_CHARACTERS:
        raise argument.value_error(
            "must need permissions for which the IAM role of the stack has room, because all "
            "constructs of this library in the stack share it",
            got=f"{used} characters of policies before",
            fix="move the service into another stack",
        )


# By stack. Python objects of jsii do not survive a search in the construct tree.
_FUNCTIONS: dict[str, CustomResourceFunction] = {}


def _find(stack: Stack, *, scope: Construct) -> CustomResourceFunction | None:
    existing = _FUNCTIONS.get(jsii_reference(stack))
    if existing is None and stack.node.try_find_child(_FUNCTION_ID) is not None:
        raise taken_id(stack, _FUNCTION_ID, scope=scope)
    return existing


def _characters(actions: Sequence[str]) -> int:
    # With the quotes and the comma.
    return sum(len(action) + 3 for action in actions)


def _reject_removal(stack: Stack) -> None:
    """Check that the user has not removed a function that custom resources need."""
    if stack.node.try_find_child(_FUNCTION_ID) is not None:
        return
    for each in stack.node.find_all():
        if isinstance(each, CfnResource) and each.cfn_resource_type in CUSTOM_RESOURCE_TYPES:
            raise PrivateLinkValueError(
                "scope",
                "must keep the function of this library",
                got=f"`{each.node.path}` without `{stack.node.path}/{_FUNCTION_ID}`",
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
