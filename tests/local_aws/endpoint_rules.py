"""The rules that EC2 applies to VPC endpoints."""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidServiceName
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.elbv2.models import elbv2_backends

from .resource_request import is_true

_GATEWAY_LOAD_BALANCER = "GatewayLoadBalancer"


def find_service(
    backend: EC2Backend, name: str, service_region: str
) -> VPCServiceConfiguration | None:
    """Return the endpoint service of a name in any account, or `None` for a service of AWS.

    EC2 raises the same error for a service that does not exist and for one without permission.
    """
    if ".vpce-svc-" not in name:
        return None
    for other in all_backends():
        for service in list(other.configurations.values()):
            matches = (service.service_name, other.region_name) == (name, service_region)
            if matches and _is_allowed(backend, service):
                return service
    raise InvalidServiceName(name)


def read_zones(service: VPCServiceConfiguration) -> None:
    """Set the zones to those that the load balancers have now.

    EC2 reads them when the service is created or modified, and not when a load balancer changes.
    https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
    """
    backend = service.ec2_backend
    balancers = elbv2_backends[backend.account_id][backend.region_name].load_balancers
    zones = {
        subnet.availability_zone: subnet.availability_zone_id
        for arn in [*service.network_load_balancer_arns, *service.gateway_load_balancer_arns]
        for subnet in balancers[arn].subnets
    }
    service.availability_zones = sorted(zones)
    vars(service)["availability_zone_ids"] = [zones[zone] for zone in service.availability_zones]


def all_backends() -> list[EC2Backend]:
    """Return the EC2 backend of every account and Region."""
    return [backend for account in list(ec2_backends.values()) for backend in account.values()]


def validate_endpoint(
    backend: EC2Backend, service: VPCServiceConfiguration | None, properties: dict[str, Any]
) -> None:
    """Raise an error if EC2 rejects the properties of a new or updated endpoint."""
    vpc = backend.get_vpc(properties["VpcId"])
    kind = properties.get("VpcEndpointType", "Gateway")
    subnets = [backend.get_subnet(each) for each in properties.get("SubnetIds", [])]
    for identifier in properties.get("SecurityGroupIds", []):
        group = backend.get_security_group_from_id(identifier)
        if group is None or group.vpc_id != vpc.id:
            message = f"The security group '{identifier}' does not exist in VPC '{vpc.id}'"
            raise EC2ClientError("InvalidGroup.NotFound", message)
    for subnet in subnets:
        if subnet.vpc_id != vpc.id:
            raise _invalid_parameter(f"The subnet {subnet.id} is not in the VPC {vpc.id}")
    if service is not None and kind != endpoint_type(service):
        expected = f"available service types ([{endpoint_type(service)}])"
        raise _invalid_parameter(f"Endpoint type ({kind}) does not match {expected}.")
    _validate_zones(backend, service, subnets)
    if service is not None:
        _validate_address_type(service, properties)
        _validate_policy(properties)
    if kind == _GATEWAY_LOAD_BALANCER:
        _validate_gateway_load_balancer(properties)


def _validate_address_type(service: VPCServiceConfiguration, properties: dict[str, Any]) -> None:
    """Reject address types that the service does not support.

    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-ip-address-type
    """
    wanted = str(properties.get("IpAddressType", "ipv4")).lower()
    families = {"ipv4", "ipv6"} if wanted == "dualstack" else {wanted}
    supported = getattr(service, "supported_ip_address_types", None) or ["ipv4"]
    if not families.issubset(supported):
        raise _invalid_parameter(
            f"The IP address type {wanted} is not supported by {service.service_name}"
        )


def _validate_policy(properties: dict[str, Any]) -> None:
    """Reject policies for customers' services, for which EC2 accepts full access only.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    policy = properties.get("PolicyDocument")
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    if any(each.get("Action") != "*" or each.get("Resource") != "*" for each in statements):
        raise _invalid_parameter("The endpoint service supports full access policies only")


def validate_private_dns(
    backend: EC2Backend,
    service: VPCServiceConfiguration | None,
    properties: dict[str, Any],
    state: str,
) -> None:
    """Raise an error if EC2 rejects private DNS: unverified name, VPC options or state."""
    name, vpc = properties["ServiceName"], backend.get_vpc(properties["VpcId"])
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        raise _invalid_parameter(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
            f"attributes set to true for {vpc.id}"
        )
    if service is None:
        return
    if not service.private_dns_name or service.private_dns_name_configuration["State"] != (
        "verified"
    ):
        raise _invalid_parameter(
            f"Private DNS can't be enabled because the service {name} does not provide a private "
            "DNS name."
        )
    others = [
        each
        for each in backend.vpc_end_points.values()
        if (each.vpc_id, each.service_name) == (vpc.id, name) and each.private_dns_enabled
    ]
    # The message is in many public reports.
    if others:
        raise _invalid_parameter(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain "
            f"for {service.private_dns_name} in the VPC {vpc.id}"
        )
    if state != "available":
        raise _invalid_parameter(
            "Private DNS can only be enabled after the endpoint connection is accepted by the "
            f"owner of {name}."
        )


def endpoint_type(service: VPCServiceConfiguration) -> str:
    """Return the type of the endpoints of a service, which moto does not store."""
    return _GATEWAY_LOAD_BALANCER if service.gateway_load_balancer_arns else "Interface"


def _is_allowed(backend: EC2Backend, service: VPCServiceConfiguration) -> bool:
    """Return whether the principals allow the account and the Region is supported."""
    account = rf"arn:[\w-]+:iam::{backend.account_id}:(root|(role|user)/.+)"
    # A service always supports its home Region.
    regions = {service.ec2_backend.region_name, *service._supported_region_names}
    return backend.region_name in regions and any(
        principal == "*" or re.fullmatch(account, principal) for principal in service.principals
    )


def _validate_zones(
    backend: EC2Backend, service: VPCServiceConfiguration | None, subnets: list[Subnet]
) -> None:
    zones: dict[str, Subnet] = {}
    for subnet in subnets:
        zone = subnet.availability_zone_id
        if service is not None and not _supports_zone(service, zone, backend.region_name):
            raise _invalid_parameter(
                f"The VPC endpoint service {service.service_name} does not support the "
                f"availability zone of the subnet: {subnet.id}."
            )
        if zone in zones:
            message = f"Found another VPC endpoint subnet in the availability zone of {subnet.id}"
            raise EC2ClientError("DuplicateSubnetsInSameZone", message)
        zones[zone] = subnet


def _supports_zone(service: VPCServiceConfiguration, zone: str, region: str) -> bool:
    """Return whether a service is in a zone. EC2 skips the rule for endpoints in other Regions."""
    home = service.ec2_backend
    if not hasattr(service, "availability_zone_ids"):
        # moto has created the service.
        read_zones(service)
    zones = vars(service)["availability_zone_ids"]
    return zone in zones or region != home.region_name


def _validate_gateway_load_balancer(properties: dict[str, Any]) -> None:
    if len(properties.get("SubnetIds", [])) != 1:
        raise _invalid_parameter("A Gateway Load Balancer endpoint has exactly one subnet.")
    if properties.get("SecurityGroupIds"):
        raise _invalid_parameter(
            "Security groups are not supported for Gateway Load Balancer endpoints."
        )
    if properties.get("PolicyDocument"):
        raise _invalid_parameter(
            "Endpoint policies are not supported for Gateway Load Balancer endpoints."
        )
    if is_true(properties.get("PrivateDnsEnabled")):
        raise _invalid_parameter(
            "Private DNS is not supported for Gateway Load Balancer endpoints."
        )


def _invalid_parameter(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameter", message)
