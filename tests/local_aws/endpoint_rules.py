"""What EC2 looks at before it lets a VPC endpoint be."""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidServiceName
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.elbv2.models import elbv2_backends

from .asked import is_true

_GATEWAY_LOAD_BALANCER = "GatewayLoadBalancer"


def find_service(
    backend: EC2Backend, name: str, service_region: str
) -> VPCServiceConfiguration | None:
    """Look in all accounts for an endpoint service, and for nothing if the name is AWS's own.

    EC2 does not tell what does not exist from what the asking account may not know of.
    """
    if ".vpce-svc-" not in name:
        return None
    for other in all_backends():
        for service in list(other.configurations.values()):
            known = (service.service_name, other.region_name) == (name, service_region)
            if known and _may_connect(backend, service):
                return service
    raise InvalidServiceName(name)


def all_backends() -> list[EC2Backend]:
    """List the EC2 of every account and region."""
    return [backend for account in list(ec2_backends.values()) for backend in account.values()]


def check(
    backend: EC2Backend, service: VPCServiceConfiguration | None, properties: dict[str, Any]
) -> None:
    """Refuse what EC2 refuses, whether an endpoint is made or changed."""
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
            raise _invalid(f"The subnet {subnet.id} is not in the VPC {vpc.id}")
    if service is not None and kind != type_of(service):
        found = f"available service types ([{type_of(service)}])"
        raise _invalid(f"Endpoint type ({kind}) does not match {found}.")
    _check_zones(backend, service, subnets)
    if kind == _GATEWAY_LOAD_BALANCER:
        _check_gateway_load_balancer(properties)


def check_private_dns(
    backend: EC2Backend,
    service: VPCServiceConfiguration | None,
    properties: dict[str, Any],
    state: str,
) -> None:
    """Refuse a private name that nobody has proven, or that the VPC would not resolve."""
    name, vpc = properties["ServiceName"], backend.get_vpc(properties["VpcId"])
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        raise _invalid(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
            f"attributes set to true for {vpc.id}"
        )
    if service is None:
        return
    if not service.private_dns_name or service.private_dns_name_configuration["State"] != (
        "verified"
    ):
        raise _invalid(
            f"Private DNS can't be enabled because the service {name} does not provide a private "
            "DNS name."
        )
    if state != "available":
        raise _invalid(
            "Private DNS can only be enabled after the endpoint connection is accepted by the "
            f"owner of {name}."
        )


def type_of(service: VPCServiceConfiguration) -> str:
    """Give the type of the endpoints that a service takes; moto's name for it is another."""
    return _GATEWAY_LOAD_BALANCER if service.gateway_load_balancer_arns else "Interface"


def _may_connect(backend: EC2Backend, service: VPCServiceConfiguration) -> bool:
    """Tell whether the account, or anyone in it, is a principal, and the region supported."""
    account = rf"arn:[\w-]+:iam::{backend.account_id}:(root|(role|user)/.+)"
    # Its own region is always among those that a service supports.
    regions = {service.ec2_backend.region_name, *service._supported_region_names}
    return backend.region_name in regions and any(
        principal == "*" or re.fullmatch(account, principal) for principal in service.principals
    )


def _check_zones(
    backend: EC2Backend, service: VPCServiceConfiguration | None, subnets: list[Subnet]
) -> None:
    zones: dict[str, Subnet] = {}
    for subnet in subnets:
        zone = subnet.availability_zone_id
        if service is not None and not _is_in(service, zone, backend.region_name):
            raise _invalid(
                f"The VPC endpoint service {service.service_name} does not support the "
                f"availability zone of the subnet: {subnet.id}."
            )
        if zone in zones:
            message = f"Found another VPC endpoint subnet in the availability zone of {subnet.id}"
            raise EC2ClientError("DuplicateSubnetsInSameZone", message)
        zones[zone] = subnet


def _is_in(service: VPCServiceConfiguration, zone: str, region: str) -> bool:
    """Tell whether a load balancer of a service is in a zone; from elsewhere any zone will do."""
    place = service.ec2_backend
    balancers = elbv2_backends[place.account_id][place.region_name].load_balancers
    arns = [*service.network_load_balancer_arns, *service.gateway_load_balancer_arns]
    zones = {subnet.availability_zone_id for arn in arns for subnet in balancers[arn].subnets}
    return zone in zones or region != place.region_name


def _check_gateway_load_balancer(properties: dict[str, Any]) -> None:
    if len(properties.get("SubnetIds", [])) != 1:
        raise _invalid("A Gateway Load Balancer endpoint has exactly one subnet.")
    if properties.get("SecurityGroupIds"):
        raise _invalid("Security groups are not supported for Gateway Load Balancer endpoints.")
    if properties.get("PolicyDocument"):
        raise _invalid("Endpoint policies are not supported for Gateway Load Balancer endpoints.")
    if is_true(properties.get("PrivateDnsEnabled")):
        raise _invalid("Private DNS is not supported for Gateway Load Balancer endpoints.")


def _invalid(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameter", message)
