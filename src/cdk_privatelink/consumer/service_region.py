"""The Region of the service that an interface endpoint connects to."""

from __future__ import annotations

from constructs import Construct

from .._internal.stack_cache import StackCache
from .._internal.tokens import is_literal
from ..errors import PrivateLinkValueError
from ..provider.service_reference import ServiceReference


def resolve_region(
    service_region: str | None, reference: ServiceReference, path: str
) -> str | None:
    """Return the Region of the service, or ``None`` if it is unknown."""
    known = reference.region
    if service_region is None or known is None or service_region == known:
        return service_region or known
    if is_literal(service_region) and is_literal(known):
        raise PrivateLinkValueError(
            "service_region",
            "must be the Region of the service",
            got=f"`{service_region}` for `{reference.display_name}`",
            fix=f"leave it out, or pass `{known}`",
            scope=path,
        )
    return service_region


def validate_allowed_region(reference: ServiceReference, *, consumer: Construct, path: str) -> None:
    """Check that a service defined in the same app allows the Region of the endpoint."""
    region = StackCache.of(consumer).region
    if reference.ready is None or not is_literal(region):
        return
    allowed = reference.allowed_regions or []
    if region not in allowed and all(map(is_literal, allowed)):
        raise PrivateLinkValueError(
            "service",
            f"must allow connections from {region}, the Region of the endpoint",
            got=f"`{reference.display_name}` in {reference.region}",
            fix=f'pass `allowed_regions=["{region}"]` to the service',
            scope=path,
        )
