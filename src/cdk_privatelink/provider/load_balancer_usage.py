"""The services of an app behind each load balancer: EC2 allows one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.construct_cache import jsii_reference
from .._internal.end_of_synthesis import add_final_validation
from .load_balancers import LoadBalancers, is_placeholder_arn, resources_of


class _User(NamedTuple):
    service: Construct
    resource: ec2.CfnVPCEndpointService


def validate_single_use(
    load_balancers: LoadBalancers,
    arns: Sequence[str],
    *,
    stack: Stack,
    service: Construct,
    resource: ec2.CfnVPCEndpointService,
) -> None:
    """Stop synthesis at its end if another service has one of the load balancers.

    EC2 rejects the second service with "currently associated with another service". The check is at
    the end, because services with different conditions may share a load balancer.
    """
    user = _User(service, resource)
    for arn, load_balancer in zip(arns, resources_of(load_balancers), strict=True):
        # Stacks may be alternatives, or deployed to other environments, where one ARN of another
        # app can stand for several load balancers.
        key = (
            (jsii_reference(stack), arn)
            if load_balancer is None
            else ("", jsii_reference(load_balancer))
        )
        first = user if is_placeholder_arn(arn) else _FIRST_USERS.setdefault(key, user)
        if first is not user:
            _add_validation(arn, first, user)


# By the stack and the ARN, or by the load balancer.
_FIRST_USERS: dict[tuple[str, str], _User] = {}


def _add_validation(arn: str, first: _User, second: _User) -> None:
    def validate() -> None:
        if _uses(first, arn) and _uses(second, arn):
            raise Argument("load_balancers", second.service).value_error(
                "must not contain a load balancer of another service, which EC2 does not allow",
                got=first.service.node.path,
                fix="pass a load balancer of its own to each service",
            )

    add_final_validation(second.service, validate)


def _uses(user: _User, arn: str) -> bool:
    resource = user.resource
    # With a condition, the service may not exist.
    if resource.cfn_options.condition is not None:
        return False
    return arn in (resource.network_load_balancer_arns or resource.gateway_load_balancer_arns or ())
