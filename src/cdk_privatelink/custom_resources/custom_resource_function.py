"""The Lambda function of a stack for its custom resources, with its code inline in the template."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, CfnResource, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import jsii_reference, taken_id
from ..errors import PrivateLinkValueError
from .inline_function import InlineFunction, suppress_describe_finding

LOOKUP_TYPE = "Custom::PrivateLinkServiceName"
VERIFICATION_TYPE = "Custom::PrivateLinkPrivateDnsVerification"
RULES_TYPE = "Custom::PrivateLinkConnectionRules"
DRAINING_TYPE = "Custom::PrivateLinkDraining"
CUSTOM_RESOURCE_TYPES = (LOOKUP_TYPE, VERIFICATION_TYPE, RULES_TYPE, DRAINING_TYPE)

_FUNCTION_ID = "PrivateLinkCustomResources"
_POLICY_ID = "CustomResourcePolicy"
_DRAINING_POLICY_ID = "DrainingPolicy"
# Enough for a lookup. CloudFormation waits for two attempts: if the first invocation fails without
# a response, Lambda invokes the function again about a minute later.
_SECONDS = 180
# All inline policies of a role share 10,240 characters, and the role itself needs about 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MAX_POLICY_CHARACTERS = 10_240 - 500
# A policy without its actions, with the longest ARN of a service.
_POLICY_CHARACTERS = 180
# The statements of `allow_draining()`.
_DRAINING_CHARACTERS = 450


class CustomResourceFunction(InlineFunction):
    """The function of a stack for its custom resources."""

    def __init__(self, stack: Stack) -> None:
        """Create the function. Call :meth:`get_or_create` instead."""
        super().__init__(
            stack,
            _FUNCTION_ID,
            handler="custom_resources.py",
            description="Custom resources of VPC endpoint services",
            describe_action="ec2:DescribeVpcEndpointServiceConfigurations",
            policy_name="DescribeServicesAndLog",
            memory_size=256,
            timeout_seconds=_SECONDS,
        )
        self._timeout_seconds = _SECONDS
        self._policies: dict[str, _Policy] = {}
        self._policy_characters = 0
        self._draining_policy: iam.Policy | None = None

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
            self.resource.timeout = seconds

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
            self.role.attach_inline_policy(policy.policy)
            self._policy_characters += _POLICY_CHARACTERS
        else:
            policy.allow(actions)
        self._policy_characters += _characters(actions)
        return policy.policy

    def allow_draining(self) -> iam.Policy:
        """Allow the function to read all connections and the template of its own stack.

        The policy is a resource of its own: without it in the template, it is deleted after the
        custom resources that depend on it. The permissions of the role would be removed before.
        """
        if self._draining_policy is None:
            self._draining_policy = iam.Policy(
                self,
                _DRAINING_POLICY_ID,
                statements=[
                    # EC2 supports no resource-level permissions for this action.
                    iam.PolicyStatement(
                        actions=["ec2:DescribeVpcEndpointConnections"], resources=["*"]
                    ),
                    iam.PolicyStatement(
                        actions=["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
                        resources=[Aws.STACK_ID],
                    ),
                ],
            )
            suppress_describe_finding(self._draining_policy)
            self.role.attach_inline_policy(self._draining_policy)
            self._policy_characters += _DRAINING_CHARACTERS
        return self._draining_policy


class _Policy:
    """The policy of one construct, with one statement."""

    def __init__(self, construct: Construct, resource_arn: str) -> None:
        self._statement = iam.PolicyStatement(resources=[resource_arn])
        self.policy = iam.Policy(construct, _POLICY_ID, statements=[self._statement])

    def allow(self, actions: Sequence[str]) -> None:
        self._statement.add_actions(*actions)


def validate_permissions(
    argument: Argument,
    actions: Sequence[str],
    *,
    stack: Stack,
    construct: Construct,
    drains: bool = False,
) -> None:
    """Check that the function of a stack can be allowed more actions.

    :param drains: ``True`` if the construct also calls ``allow_draining()``.
    :raises PrivateLinkValueError: The policies of its role are full, or another construct has the
        id of the function or of the policy.
    """
    function = _find(stack, scope=construct)
    has_policy = function is not None and construct.node.path in function._policies
    if not has_policy and construct.node.try_find_child(_POLICY_ID) is not None:
        raise taken_id(construct, _POLICY_ID, scope=construct)
    used = 0 if function is None else function._policy_characters
    if drains and (function is None or function._draining_policy is None):
        used += _DRAINING_CHARACTERS
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
