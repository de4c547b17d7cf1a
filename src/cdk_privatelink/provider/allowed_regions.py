"""The Regions from which consumers can connect to an endpoint service."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from constructs import Construct

from .._internal.stack_cache import StackCache
from .._internal.tokens import is_literal
from .load_balancers import LoadBalancers, require_network

# EC2 requires this permission for each change of a service with other Regions. It supports the
# ARNs of endpoint services as resources.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_vpce.html
ALLOW_MULTI_REGION = "vpce:AllowMultiRegion"


def resolve_allowed_regions(
    regions: Sequence[str] | None, *, load_balancers: LoadBalancers, stack: Stack, scope: Construct
) -> list[str] | None:
    """Return the Regions with the Region of the service.

    EC2 supports the Region of the service in any case. Public reports show that it rejects an
    update that removes the Region.
    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html

    :raises PrivateLinkValueError: The service has Gateway Load Balancers.
    """
    if regions is None:
        return None
    require_network("allowed_regions", load_balancers, scope=scope)
    own = StackCache.of(stack).region
    # A token may be the Region of the service, which must not be in the list twice.
    if own in regions or not all(map(is_literal, (own, *regions))):
        return list(regions)
    return [*regions, own]
