"""The Lambda function of a stack for its custom resources, with its code inline in the template."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, CfnResource, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.construct_cache import jsii_reference
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import taken_id
from ..errors import PrivateLinkValueError
from .inline_function import InlineFunction, suppress_describe_finding

LOOKUP_TYPE = "Custom::PrivateLinkServiceName"
VERIFICATION_TYPE = "Custom::PrivateLinkPrivateDnsVerification"
RULES_TYPE = "Custom::PrivateLinkConnectionRules"
DRAINING_TYPE = "Custom::PrivateLinkDraining"
ACCEPTANCE_TYPE = "Custom::PrivateLinkAcceptance"
ADDRESSES_TYPE = "Custom::PrivateLinkAddresses"
CUSTOM_RESOURCE_TYPES = (
    LOOKUP_TYPE,
    VERIFICATION_TYPE,
    RULES_TYPE,
    DRAINING_TYPE,
    ACCEPTANCE_TYPE,
    ADDRESSES_TYPE,
)

_FUNCTION_ID = "PrivateLinkCustomResources"
_POLICY_ID = "CustomResourcePolicy"
# The longest timeout of Lambda. Each action has its own limit. A shorter timeout without the custom
# resources that need it would come before their deletion, in which draining needs the time.
_SECONDS = 900
# How long CloudFormation waits for a custom resource that needs the time: two attempts of the
# function. If the first one fails without a response, Lambda starts another about a minute later.
LONG_SERVICE_TIMEOUT_SECONDS = 1920
# All inline policies of a role share 10,240 characters, and the role itself needs about 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MAX_POLICY_CHARACTERS = 10_240 - 500
# A policy without its actions, with the longest ARN of a service.
_POLICY_CHARACTERS = 180
# A policy that custom resources of one type share.
SHARED_POLICY_CHARACTERS = 450


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
        self._policies: dict[str, _Policy] = {}
        self._policy_characters = 0
        self._shared_policies: dict[str, iam.Policy] = {}

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

    def allow(
        self, construct: Construct, *, actions: Sequence[str], resource_arn: str
    ) -> iam.Policy:
        """Allow the function actions on one resource, and return the policy to wait for.

        Each construct has a policy of its own: a shared one would make every custom resource wait
        for the resources of all constructs.
        """
        policy = self._policies.get(construct.node.path)
        if policy is None:
            policy = self._policies[construct.node.path] = _Policy(construct)
            policy.allow(actions, resource_arn)
            # Attached with its statement: `iam.Role.customize_roles()` reports it, and `roles=`
            # would attach an empty policy.
            self.role.attach_inline_policy(policy.policy)
            self.reserve_characters(_POLICY_CHARACTERS)
        elif policy.allow(actions, resource_arn):
            self.reserve_characters(_POLICY_CHARACTERS)
        self.reserve_characters(_characters(actions))
        return policy.policy

    def share_policy(
        self, id: str, *, actions: Sequence[str], stack_actions: Sequence[str] = ()
    ) -> iam.Policy:
        """Allow the function to read what all custom resources of a type need.

        The policy is a resource of its own: without it in the template, it is deleted after the
        custom resources that depend on it. The permissions of the role would be removed before.

        :param actions: Actions of EC2 that know no resources.
        :param stack_actions: Actions of CloudFormation on the own stack.
        """
        if id not in self._shared_policies:
            statements = [iam.PolicyStatement(actions=[*actions], resources=["*"])]
            if stack_actions:
                statements.append(
                    iam.PolicyStatement(actions=[*stack_actions], resources=[Aws.STACK_ID])
                )
            policy = self._shared_policies[id] = iam.Policy(self, id, statements=statements)
            suppress_describe_finding(policy)
            self.role.attach_inline_policy(policy)
            self.reserve_characters(SHARED_POLICY_CHARACTERS)
        return self._shared_policies[id]

    def reserve_characters(self, count: int) -> None:
        """Count characters of the policies of the role."""
        self._policy_characters += count


class _Policy:
    """The policy of one construct, with one statement per resource."""

    def __init__(self, construct: Construct) -> None:
        self.policy = iam.Policy(construct, _POLICY_ID)
        self._statements: dict[str, iam.PolicyStatement] = {}

    def allow(self, actions: Sequence[str], resource_arn: str) -> bool:
        """Allow actions, and return whether that needs another statement."""
        statement = self._statements.get(resource_arn)
        if statement is not None:
            statement.add_actions(*actions)
            return False
        statement = iam.PolicyStatement(actions=[*actions], resources=[resource_arn])
        self._statements[resource_arn] = statement
        self.policy.add_statements(statement)
        return True


def validate_permissions(
    argument: Argument,
    actions: Sequence[str],
    *,
    stack: Stack,
    construct: Construct | str,
    shared_policy: str | None = None,
    more_characters: int = 0,
) -> None:
    """Check that the function of a stack can be allowed more actions.

    :param construct: The construct that needs them, or its path if it does not exist yet.
    :param shared_policy: The id of a shared policy that the construct also needs.
    :param more_characters: The characters of further statements.
    :raises PrivateLinkValueError: The policies of its role are full, or another construct has the
        id of the function or of the policy.
    """
    function = _find(stack, scope=construct)
    if isinstance(construct, Construct):
        has_policy = function is not None and construct.node.path in function._policies
        if not has_policy and construct.node.try_find_child(_POLICY_ID) is not None:
            raise taken_id(construct, _POLICY_ID, scope=construct)
    used = 0 if function is None else function._policy_characters
    needed = _POLICY_CHARACTERS + _characters(actions) + more_characters
    if shared_policy and (function is None or shared_policy not in function._shared_policies):
        needed += SHARED_POLICY_CHARACTERS
    if used + needed > _MAX_POLICY_CHARACTERS:
        raise argument.value_error(
            "must need permissions for which the IAM role of the stack has room, because all "
            "constructs of this library in the stack share it",
            got=f"{used} characters of policies before",
            fix="move the service into another stack",
        )


# By stack. Python objects of jsii do not survive a search in the construct tree.
_FUNCTIONS: dict[str, CustomResourceFunction] = {}


def _find(stack: Stack, *, scope: Construct | str) -> CustomResourceFunction | None:
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
