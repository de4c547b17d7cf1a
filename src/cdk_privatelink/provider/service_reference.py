"""The knowledge of a consumer about the service that it connects to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import Stack
from constructs import Construct, DependencyGroup

from .._internal.construct_cache import construct_path, root_reference
from .._internal.tokens import is_literal, referenced_resource
from .load_balancers import LoadBalancers, LoadBalancerType

if TYPE_CHECKING:
    from .endpoint_service_base import EndpointServiceBase


class ServiceReference(NamedTuple):
    """An endpoint service as a consumer sees it. ``None`` stands for unknown at synthesis."""

    name: str
    region: str | None
    display_name: str
    """The name of the service in errors."""
    service_id: str
    identity: tuple[str, str]
    """The app and the id of the service, the same for a service and for its imports by id."""
    load_balancer_type: LoadBalancerType | None = None
    availability_zones: list[str] | None = None
    """The names of the zones in the account of the consumer."""
    has_private_dns: bool | None = None
    verifies_private_dns: bool = False
    """The service verifies its private DNS name before consumers connect."""
    accepts_all: bool = False
    """EC2 certainly accepts each connection at once."""
    requires_acceptance: bool = False
    """The owner certainly has to accept each connection."""
    account: str | None = None
    load_balancers: LoadBalancers | None = None
    ip_address_types: list[str] | None = None
    """The address types that consumers can use, like ``["ipv4"]``."""
    principals: Callable[[], list[str]] | None = None
    """Returns the ARNs of all allowed principals, including the ones that are added later."""
    allowed_regions: list[str] | None = None
    """The Regions from which consumers can connect. ``None``: the Region of the service only."""
    ready: DependencyGroup | None = None
    """The prerequisites of a connection, for a service defined in the same app."""


def identify_service(stack: Stack, service_id: str, service_name: str) -> tuple[str, str]:
    """Return the app and the id of a service, the same for a service and for its imports.

    :param stack: The stack that can resolve the id.
    """
    app = root_reference(stack)
    for value, end in ((service_id, ""), (service_name, "/ServiceName/Default")):
        resource = referenced_resource(value)
        if resource is not None:
            # A service, or the lookup of its name.
            path = construct_path(resource)
            return app, f"{path.removesuffix(end)}/Resource" if end else path
    if is_literal(service_id):
        return app, service_id
    # The same logical id can be in several stacks.
    return app, f"{stack.node.path} {stack.resolve(service_id)}"


def reference_to(service: EndpointServiceBase, consumer: Construct) -> ServiceReference:
    """Return everything that a consumer in the same app can know of a service.

    :param consumer: A construct in the stack of the consumer.
    """
    return service._reference(consumer)
