"""Load balancers of every type, which cannot be deleted while a service uses them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.elbv2.exceptions import ELBClientError, ResourceInUseError
from moto.elbv2.models import (
    AvailabilityZone,
    ELBv2Backend,
    FakeLoadBalancer,
    elbv2_backends,
)

from .resource_request import ResourceRequest


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    get_attribute = FakeLoadBalancer.get_cfn_attribute
    delete = ELBv2Backend.delete_load_balancer
    list_zones: Callable[[FakeLoadBalancer], list[AvailabilityZone]]
    list_zones = vars(FakeLoadBalancer)["availability_zones"].fget

    def get_load_balancer_attribute(balancer: FakeLoadBalancer, name: str) -> Any:
        if name == "LoadBalancerFullName":
            return balancer.arn.split(":loadbalancer/")[1]
        if name == "CanonicalHostedZoneID":
            return balancer.canonical_hosted_zone_id
        return get_attribute(balancer, name)

    def delete_load_balancer(backend: ELBv2Backend, arn: str) -> None:
        for service in backend.ec2_backend.configurations.values():
            if arn in (*service.network_load_balancer_arns, *service.gateway_load_balancer_arns):
                raise ResourceInUseError(
                    f"Load balancer '{arn}' cannot be deleted because it is currently "
                    "associated with another service"
                )
        delete(backend, arn)

    def get_availability_zones(balancer: FakeLoadBalancer) -> list[AvailabilityZone]:
        zones = list_zones(balancer)
        for zone in zones:
            address = vars(balancer).get("addresses", {}).get(zone.subnet_id)
            vars(zone)["load_balancer_addresses"] = [address] if address else []
        return zones

    return [
        # moto does not return addresses.
        patch.object(FakeLoadBalancer, "availability_zones", property(get_availability_zones)),
        # moto does not resolve these two attributes: it returns the Fn::GetAtt as text.
        patch.object(FakeLoadBalancer, "get_cfn_attribute", get_load_balancer_attribute),
        # moto deletes load balancers that an endpoint service uses.
        patch.object(ELBv2Backend, "delete_load_balancer", delete_load_balancer),
    ]


def create_load_balancer(request: ResourceRequest) -> FakeLoadBalancer:
    """Create a load balancer of any type, with its ARN. moto's stacks create ALBs only."""
    properties = request.properties
    kind = properties.get("Type", "application")
    if kind != "gateway" and properties.get("Scheme") != "internal":
        _require_internet_gateway(request)
    backend = elbv2_backends[request.account_id][request.region]
    balancer = backend.create_load_balancer(
        request.name,
        properties.get("SecurityGroups", []),
        properties.get("Subnets", []),
        subnet_mappings=properties.get("SubnetMappings"),
        scheme=properties.get("Scheme", "internet-facing"),
        loadbalancer_type=kind,
        ip_address_type=properties.get("IpAddressType", "ipv4"),
    )
    del backend.load_balancers[balancer.arn]
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    balancer.arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{short}/")
    backend.load_balancers[balancer.arn] = balancer
    backend.tagging_service.tag_resource(balancer.arn, properties.get("Tags"))
    vars(balancer)["addresses"] = _addresses(request)
    attributes = properties.get("LoadBalancerAttributes", [])
    balancer.attrs.update({each["Key"]: str(each["Value"]) for each in attributes})
    return balancer


def update_load_balancer(balancer: FakeLoadBalancer, request: ResourceRequest) -> FakeLoadBalancer:
    """Update the subnets and the security groups in place. Services do not notice it."""
    balancer.subnets = _subnets(request)
    balancer.security_groups = request.properties.get("SecurityGroups", [])
    vars(balancer)["addresses"] = _addresses(request)
    return balancer


def _require_internet_gateway(request: ResourceRequest) -> None:
    """Raise an error if the VPC of an internet-facing load balancer has no internet gateway.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/create-network-load-balancer.html
    The message is in public reports: https://github.com/openshift/installer/issues/1110
    """
    gateways = ec2_backends[request.account_id][request.region].internet_gateways.values()
    attached = {each.vpc.id for each in gateways if each.vpc}  # type: ignore[attr-defined]
    for vpc_id in {each.vpc_id for each in _subnets(request)} - attached:
        raise ELBClientError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


def _subnets(request: ResourceRequest) -> list[Subnet]:
    """Return the subnets of a load balancer."""
    mappings = request.properties.get("SubnetMappings", [])
    subnet_ids = [*request.properties.get("Subnets", []), *(each["SubnetId"] for each in mappings)]
    backend = ec2_backends[request.account_id][request.region]
    return [backend.get_subnet(each) for each in subnet_ids]


def _addresses(request: ResourceRequest) -> dict[str, dict[str, str]]:
    """Return the addresses of a load balancer, by subnet id."""
    backend = ec2_backends[request.account_id][request.region]
    addresses = {}
    for mapping in request.properties.get("SubnetMappings", []):
        if allocation_id := mapping.get("AllocationId"):
            (address,) = backend.address_by_allocation([allocation_id])
            elastic = {"AllocationId": allocation_id, "IpAddress": address.public_ip}
            addresses[mapping["SubnetId"]] = elastic
        elif private := mapping.get("PrivateIPv4Address"):
            addresses[mapping["SubnetId"]] = {"PrivateIPv4Address": private}
    return addresses
