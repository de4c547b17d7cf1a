"""What a consumer can know, when the app is synthesised, of the service that it connects to."""

from __future__ import annotations

from typing import NamedTuple

from aws_cdk import Stack, Stage
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup

from .._internal.subnets import Subnets, in_zones, select, zone_of
from .._internal.tokens import is_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from ..provider.endpoint_service import PrivateLinkEndpointService
from ..provider.endpoint_service_base import IPrivateLinkEndpointService
from ..provider.imported_endpoint_service import check_service_name, region_in
from ..provider.load_balancers import LoadBalancerType, zones_of


class ConsumedService(NamedTuple):
    """A service as a consumer sees it; ``None`` stands for what is not known here."""

    name: str
    region: str | None
    known_as: str
    """What errors call it."""
    load_balancer_type: LoadBalancerType | None = None
    zones: list[str] | None = None
    """The names that its zones have in the account of the consumer."""
    has_private_dns: bool | None = None
    offers_private_dns: bool = False
    """Whether its private DNS name can be used as soon as a consumer connects."""
    requires_acceptance: bool = False
    """Whether it is known here that each connection has to be accepted."""
    allowed_regions: list[str] | None = None
    """The regions that it may be reached from: its own, where there are none."""
    usable: DependencyGroup | None = None
    """What has to be there before anyone connects."""


def consumed(
    service: object, *, type: LoadBalancerType, consumer: Construct, scope: Construct | str
) -> ConsumedService:
    """Find out about the service, and check that its load balancers are of that type.

    :param consumer: Where the consumer is, in its stack.
    :param scope: What errors name.
    :raises PrivateLinkTypeError: It is neither a service nor a name.
    :raises PrivateLinkValueError: It cannot be the name of one, or the type is the other one.
    """
    found = _found(service, consumer, scope)
    if found.load_balancer_type not in (None, type):
        other = "InterfaceEndpoint" if type == "gateway" else "GatewayLoadBalancerEndpoints"
        raise PrivateLinkValueError(
            "service",
            f"is behind {found.load_balancer_type} load balancers",
            got=f"`{found.known_as}`",
            fix=f"connect to it with `{other}`",
            scope=scope,
        )
    return found


def _found(service: object, consumer: Construct, scope: Construct | str) -> ConsumedService:
    if isinstance(service, str):
        check_service_name(service, "service", scope=scope)
        return ConsumedService(service, region_in(service), known_as=service)
    if not isinstance(service, IPrivateLinkEndpointService):
        raise PrivateLinkTypeError(
            "service",
            "takes an endpoint service of this library, or the name of any",
            got=f"`{service!r}`",
            fix="pass a `PrivateLinkEndpointService`, or a name like "
            "`com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`",
            scope=scope,
        )
    found = ConsumedService(service.service_name, service.env.region, service.node.path)
    if not isinstance(service, PrivateLinkEndpointService):
        return found
    _check_stage(service, consumer, scope)
    return found._replace(
        load_balancer_type=service.load_balancers.load_balancer_type,
        zones=_zones(service, consumer),
        has_private_dns=service._private_dns is not None,
        # EC2 lets no endpoint have the name before its connection is accepted.
        offers_private_dns=service._verification is not None
        and service._acceptance_required is False,
        requires_acceptance=service._acceptance_required is True,
        allowed_regions=service._allowed_regions,
        usable=service._until_usable(),
    )


def _check_stage(
    service: PrivateLinkEndpointService, consumer: Construct, scope: Construct | str
) -> None:
    """Check that what is in one stage does not wait for what is in another."""
    # By their paths: a stack without an app has one that is another object each time.
    if _stage_path(service) != _stage_path(consumer):
        raise PrivateLinkValueError(
            "service",
            "is in another stage, which is deployed on its own",
            got=f"`{service.node.path}`",
            fix="pass its name, literal or as a parameter",
            scope=scope,
        )


def _stage_path(construct: Construct) -> str | None:
    stage = Stage.of(construct)
    return None if stage is None else stage.node.path


def _zones(service: PrivateLinkEndpointService, consumer: Construct) -> list[str] | None:
    own, its = Stack.of(consumer), service.env
    # Another account has other names for the same zones, and another region has other zones.
    if (own.account, own.region) != (its.account, its.region):
        return None
    zones: list[str] = []
    for known in zones_of(service.load_balancers):
        if known is None:
            return None
        zones += known
    return zones


def select_offered(
    vpc: ec2.IVpc,
    selection: object,
    known: ConsumedService,
    *,
    consumer: Construct,
    scope: Construct | str,
    one_per_zone: bool = False,
) -> Subnets:
    """Find the subnets that are meant, but for those in zones that the service is not offered in.

    :raises PrivateLinkTypeError: It is no ``ec2.SubnetSelection``.
    :raises PrivateLinkValueError: There are none.
    """
    found = select(vpc, selection, argument="subnets", scope=scope, one_per_zone=one_per_zone)
    offered = in_zones(found, known.zones, scope=consumer)
    if not offered.subnets and found.subnets:
        raise PrivateLinkValueError(
            "subnets",
            "has none in a zone where the service is offered",
            got=", ".join(f"`{zone_of(subnet, consumer)}`" for subnet in found.subnets),
            fix=f"pass subnets in {', '.join(f'`{zone}`' for zone in known.zones or ())}",
            scope=scope,
        )
    return offered


def is_elsewhere(region: str | None, consumer: Construct, *, asked: bool = False) -> bool | None:
    """Whether a region is another one than that of the consumer; ``None`` where that depends.

    :param asked: Whether the user has named the region.
    """
    own = Stack.of(consumer).region
    if region is None or region == own:
        return False
    # One that is only known at deployment is taken for the consumer's, as it mostly is.
    if is_token(region):
        return asked
    return None if is_token(own) else True
