"""Services that follow the Availability Zones of their load balancers.

A service is available in the zones that its load balancers had when it was created or last
modified. CloudFormation does not modify the service when a load balancer gets another subnet.
https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import IResolvable, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.end_of_synthesis import add_final_validation, final_value
from ..custom_resources.custom_resource_function import CustomResourceFunction, validate_permissions
from ..errors import PrivateLinkValueError
from .load_balancers import LoadBalancers, zones_of
from .service_name import ServiceNameSource

_ACTION = "ec2:ModifyVpcEndpointServiceConfiguration"


def validate_following(
    argument: Argument,
    load_balancers: LoadBalancers,
    source: ServiceNameSource,
    *,
    stack: Stack,
    service: Construct,
    more_actions: Sequence[str],
) -> None:
    """Check that a lookup can follow the load balancers.

    :raises PrivateLinkValueError: There is no lookup, the app does not know the Availability Zones,
        or the function of the stack cannot be allowed more.
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
    validate_permissions(argument, [_ACTION, *more_actions], stack=stack, construct=service)


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


def followed_zones(load_balancers: LoadBalancers) -> IResolvable:
    """Return the Availability Zones of the load balancers at the end of synthesis."""

    def find_zones() -> list[str]:
        zones = [zone for found in zones_of(load_balancers) for zone in found or ()]
        return list(dict.fromkeys(zones))

    return final_value(find_zones)


def allow_following(
    service: Construct,
    function: CustomResourceFunction,
    *,
    service_arn: str,
    more_actions: Sequence[str],
) -> iam.Policy:
    """Allow the lookup to modify a service, for as long as the new zones need."""
    return function.allow(service, actions=[_ACTION, *more_actions], resource_arn=service_arn)
