"""IP address types of endpoints, and the DNS records that they allow.

https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2

from .._internal.arguments import Arguments, member_of, optional
from ..provider.service_reference import ServiceReference

_ADDRESS_TYPES = {
    ec2.VpcEndpointIpAddressType.IPV4: {"ipv4"},
    ec2.VpcEndpointIpAddressType.IPV6: {"ipv6"},
    ec2.VpcEndpointIpAddressType.DUALSTACK: {"ipv4", "ipv6"},
}
# A service can define its records for every address type.
_RECORD_TYPES = {
    ec2.VpcEndpointDnsRecordIpType.IPV4: {"ipv4"},
    ec2.VpcEndpointDnsRecordIpType.IPV6: {"ipv6"},
    ec2.VpcEndpointDnsRecordIpType.DUALSTACK: {"ipv4", "ipv6"},
}


def validate_address_type(
    check: Arguments, value: ec2.VpcEndpointIpAddressType | None, service: ServiceReference
) -> set[str]:
    """Return the address types of an endpoint, ``"ipv4"`` and ``"ipv6"``. Default: IPv4.

    :raises PrivateLinkTypeError: The value is not a member of the enumeration.
    :raises PrivateLinkValueError: The service does not support an address type.
    """
    types = resolve_address_types(check, value)
    supported = service.ip_address_types
    if value is not None and supported is not None and not types.issubset(supported):
        raise check.argument("ip_address_type").value_error(
            "must be an IP address type that the service supports",
            got=f"ec2.VpcEndpointIpAddressType.{value.name}",
            fix=f"pass the type of the service `{service.display_name}`, which supports "
            f"{' and '.join(sorted(supported))}, or make its load balancers dual-stack",
        )
    return types


def resolve_address_types(check: Arguments, value: ec2.VpcEndpointIpAddressType | None) -> set[str]:
    """Return the address types, ``"ipv4"`` and ``"ipv6"``. Default: IPv4.

    :raises PrivateLinkTypeError: The value is not a member of the enumeration.
    """
    checked = check("ip_address_type", value, optional(member_of(ec2.VpcEndpointIpAddressType)))
    return {"ipv4"} if checked is None else _ADDRESS_TYPES[checked]


def resolve_record_types(
    check: Arguments, value: ec2.VpcEndpointDnsRecordIpType | None, *, address_types: set[str]
) -> set[str]:
    """Return the address types in the DNS records of an endpoint. Default: its address types.

    :raises PrivateLinkTypeError: The value is not a member of the enumeration.
    :raises PrivateLinkValueError: The endpoint has no addresses for the records.
    """
    checked = check(
        "dns_record_ip_type", value, optional(member_of(ec2.VpcEndpointDnsRecordIpType))
    )
    types = address_types if checked is None else _RECORD_TYPES.get(checked, address_types)
    if checked is not None and not types.issubset(address_types):
        raise check.argument("dns_record_ip_type").value_error(
            "must be a type for which the endpoint has addresses",
            got=f"ec2.VpcEndpointDnsRecordIpType.{checked.name}",
            fix="leave it out, or pass `ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK`",
        )
    return types
