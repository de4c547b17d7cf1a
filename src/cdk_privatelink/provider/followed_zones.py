"""Services that follow the Availability Zones of their load balancers.

A service is available in the zones that its load balancers had when it was created or last
modified. CloudFormation does not modify the service when a load balancer gets another subnet.
https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
"""

from __future__ import annotations

from collections.abc import Sequence

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.end_of_synthesis import add_final_validation
from ..custom_resources.singleton_function import MAX_POLICIES, SingletonFunction
from ..errors import PrivateLinkValueError
from .load_balancers import LoadBalancers, zones_of
from .service_name import FOLLOWING_FUNCTION_SECONDS, ServiceNameSource

_POLICY_ID = "AvailabilityZonesPolicy"


def validate_following(
    argument: Argument,
    load_balancers: LoadBalancers,
    source: ServiceNameSource,
    function: SingletonFunction | None,
    *,
    service: Construct,
) -> None:
    """Check that a lookup can follow the load balancers.

    :raises PrivateLinkValueError: There is no lookup, the app does not know the Availability Zones,
        or the policies of the role are full.
    """
    if source is not ServiceNameSource.LOOKUP:
        raise argument.value_error(
            "must be used on a service whose name is looked up",
            got=f"service_name_source=ServiceNameSource.{source.name}",
            fix="pass `ServiceNameSource.LOOKUP`",
        )
    _validate_zones(argument, load_balancers)
    # Subnets can be changed after the service.
    add_final_validation(service, lambda: _validate_zones(argument, load_balancers))
    if function is not None and function.policy_count >= MAX_POLICIES:
        raise argument.value_error(
            f"must be used on at most {MAX_POLICIES} services per stack, because the "
            "permissions for all of them share one IAM role",
            got=f"number {function.policy_count + 1}",
            fix="move the service into another stack",
        )


def _validate_zones(argument: Argument, load_balancers: LoadBalancers) -> None:
    if None in zones_of(load_balancers):
        raise PrivateLinkValueError(
            argument.name,
            "must be used with load balancers whose Availability Zones are known at synthesis, so "
            "that a change of them starts an update",
            got="a load balancer with unknown zones",
            fix="pass load balancers and subnets that are defined in the same app, or import "
            "subnets with their zones",
            scope=argument.scope,
        )


def followed_zones(load_balancers: LoadBalancers) -> object:
    """Return the Availability Zones of the load balancers at the end of synthesis."""
    return Lazy.uncached_any(_Zones(load_balancers))


def allow_following(
    service: Construct,
    function: SingletonFunction,
    *,
    service_arn: str,
    more_actions: Sequence[str],
) -> iam.Policy:
    """Allow the lookup to modify a service, for as long as the new zones need."""
    function.require_timeout(FOLLOWING_FUNCTION_SECONDS)
    return function.add_policy(
        service,
        _POLICY_ID,
        actions=["ec2:ModifyVpcEndpointServiceConfiguration", *more_actions],
        resource=service_arn,
    )


@jsii.implements(IAnyProducer)
class _Zones:
    """The zones, since subnets can be changed after the service."""

    def __init__(self, load_balancers: LoadBalancers) -> None:
        self._load_balancers = load_balancers

    def produce(self, context: IResolveContext) -> list[str]:  # noqa: ARG002
        zones = [zone for found in zones_of(self._load_balancers) for zone in found or ()]
        return list(dict.fromkeys(zones))
