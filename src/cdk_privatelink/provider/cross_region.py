"""Load balancers that AWS PrivateLink does not support for consumers in other Regions.

https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-cross-region
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.warnings import add_warning
from .listeners import listeners_of
from .load_balancers import LoadBalancers, find_resources, zones_of

_IDLE_TIMEOUT, _DEFAULT_SECONDS = "tcp.idle_timeout.seconds", "350"


def warn_of_unsupported_load_balancers(
    load_balancers: LoadBalancers, *, service: Construct
) -> None:
    """Warn about load balancers in one zone, and about listeners with another idle timeout."""
    zones = zones_of(load_balancers)
    known = {zone for found in zones for zone in found or ()}
    if None not in zones and len(known) == 1:
        _warn(service, "the load balancers are in one Availability Zone only")
    for resource in find_resources(load_balancers):
        for listener in listeners_of(resource):
            if _has_custom_timeout(listener):
                _warn(service, f"the listener `{listener.node.path}` has a custom TCP idle timeout")


def _warn(service: Construct, reason: str) -> None:
    add_warning(
        service,
        "cdk-privatelink:otherRegionsNotSupported",
        f"Consumers in other Regions may not be able to connect, because {reason}. For other "
        "Regions, AWS requires two Availability Zones and the default idle timeout.",
        variable="service",
    )


def _has_custom_timeout(listener: elbv2.CfnListener) -> bool:
    attributes: Any = Stack.of(listener).resolve(listener.listener_attributes)
    return any(
        each.get("key") == _IDLE_TIMEOUT and each.get("value") != _DEFAULT_SECONDS
        for each in attributes or ()
        if isinstance(each, dict)
    )
