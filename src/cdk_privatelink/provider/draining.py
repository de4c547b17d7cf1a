"""The rejection of all connections of a service before it is deleted.

EC2 does not allow you to delete a service that has connections.
https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import (
    CfnResource,
    CustomResource,
    Duration,
    Stack,
)
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.end_of_synthesis import final_value
from .._internal.scopes import taken_id
from ..custom_resources.custom_resource_function import (
    DRAINING_TYPE,
    LONG_SERVICE_TIMEOUT_SECONDS,
    CustomResourceFunction,
    validate_permissions,
)

_ID = "Draining"
_POLICY_ID = "DrainingPolicy"
_ACTION = "ec2:RejectVpcEndpointConnections"


def validate_draining(
    argument: Argument, *, stack: Stack, service: Construct, more_actions: Sequence[str]
) -> None:
    """Check that a service can get the custom resource.

    :raises PrivateLinkValueError: The function of the stack cannot be allowed more, or another
        construct has the id of the custom resource.
    """
    if service.node.try_find_child(_ID) is not None:
        raise taken_id(service, _ID, scope=service)
    validate_permissions(
        argument,
        [_ACTION, *more_actions],
        stack=stack,
        construct=service,
        shared_policy=_POLICY_ID,
    )


def add_draining(
    service: Construct, resource: CfnResource, *, service_arn: str, more_actions: Sequence[str]
) -> CustomResource:
    """Add the custom resource whose deletion rejects the connections of a service."""
    function = CustomResourceFunction.get_or_create(Stack.of(service), scope=service)
    policy = function.allow(service, actions=[_ACTION, *more_actions], resource_arn=service_arn)
    draining = CustomResource(
        service,
        _ID,
        resource_type=DRAINING_TYPE,
        service_token=function.arn,
        service_timeout=Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
        properties={
            "ServiceId": resource.ref,
            # The function compares them with the template and the status of the stack.
            "LogicalId": resource.logical_id,
            # It can be set after this call.
            "DeletionPolicy": final_value(lambda: _deletion_policy(resource)),
        },
    )
    draining.node.add_dependency(
        policy,
        function.share_policy(
            _POLICY_ID,
            actions=["ec2:DescribeVpcEndpointConnections"],
            stack_actions=["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
        ),
    )
    return draining


def _deletion_policy(resource: CfnResource) -> str | None:
    policy = resource.cfn_options.deletion_policy
    # The values of CloudFormation, which enumerations of jsii have as their names.
    return None if policy is None else "".join(part.capitalize() for part in policy.name.split("_"))
