"""The private DNS name of a service in the VPC of an endpoint."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Arguments, boolean, optional
from .._internal.construct_cache import jsii_reference
from .._internal.warnings import add_warning
from ..provider.service_reference import ServiceReference

# The path of the endpoint with the private DNS name, by VPC and service.
_ENDPOINTS: dict[tuple[str, str], str] = {}


def resolve_private_dns_enabled(
    check: Arguments,
    value: bool | None,
    service: ServiceReference,
    vpc: ec2.IVpc,
    *,
    auto_accept: bool,
) -> bool:
    """Return whether the private DNS name of a service resolves to an endpoint.

    EC2 rejects the name for a second endpoint in a VPC, with a message about a conflicting DNS
    domain.

    :raises PrivateLinkTypeError: The value is not a bool.
    :raises PrivateLinkValueError: The service has no name, the VPC does not support it, or another
        endpoint in the VPC has it.
    """
    enabled = check("private_dns_enabled", value, optional(boolean))
    other = _ENDPOINTS.get(_key(service, vpc))
    if enabled is None:
        # EC2 rejects the name for an endpoint whose connection is not accepted.
        is_accepted = service.accepts_all or auto_accept
        enabled = service.verifies_private_dns and is_accepted and other is None
    if not enabled:
        return False
    argument = check.argument("private_dns_enabled")
    if service.has_private_dns is False:
        raise argument.value_error(
            "must not be `True` for a service without a private DNS name",
            got=service.display_name,
            fix="leave it out, or pass `private_dns=PrivateDns(...)` to the service",
        )
    # The attributes of imported VPCs are unknown.
    if isinstance(vpc, ec2.Vpc) and not (vpc.dns_hostnames_enabled and vpc.dns_support_enabled):
        raise argument.value_error(
            "must not be `True` for a VPC without DNS hostnames and DNS support",
            got=vpc.node.path,
            fix="pass `enable_dns_hostnames=True` and `enable_dns_support=True` to the VPC, or "
            "`private_dns_enabled=False`",
        )
    if other is not None:
        raise argument.value_error(
            "must not be `True` for two endpoints to one service in one VPC",
            got=other,
            fix="leave it out here, or pass `private_dns_enabled=False` to the other endpoint",
        )
    return True


def register_private_dns(
    endpoint: Construct, service: ServiceReference, vpc: ec2.IVpc, *, auto_accept: bool
) -> None:
    """Reserve the private DNS name in a VPC for an endpoint."""
    _ENDPOINTS[_key(service, vpc)] = endpoint.node.path
    if service.requires_acceptance and not auto_accept:
        add_warning(
            endpoint,
            "cdk-privatelink:privateDnsNeedsAcceptance",
            "EC2 rejects an endpoint with `private_dns_enabled=True` until its connection is "
            "accepted. Pass `auto_accept=True` if the service is in the same account, or "
            "`acceptance_required=False` to the service, or deploy the endpoint without it first.",
            variable="endpoint",
            unless="the endpoint is accepted",
        )


def _key(service: ServiceReference, vpc: ec2.IVpc) -> tuple[str, str]:
    return jsii_reference(vpc), service.name
