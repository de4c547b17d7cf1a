"""Endpoint services and their permissions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.ec2.exceptions import EC2ClientError, NoLoadBalancersProvided
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import (
    VPCServiceConfiguration,
    VPCServiceConfigurationBackend,
)
from moto.elbv2.exceptions import LoadBalancerNotFoundError
from moto.elbv2.models import elbv2_backends

from . import connections
from .endpoint_rules import read_zones
from .resource_request import ResourceRequest, is_true
from .tags import put_tags


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    modify = VPCServiceConfigurationBackend.modify_vpc_endpoint_service_configuration

    def modify_and_read_zones(
        backend: VPCServiceConfigurationBackend, service_id: str, *changes: Any, **others: Any
    ) -> None:
        modify(backend, service_id, *changes, **others)
        read_zones(backend.configurations[service_id])

    # moto never changes the zones of a service.
    name = "modify_vpc_endpoint_service_configuration"
    return [patch.object(VPCServiceConfigurationBackend, name, modify_and_read_zones)]


class EndpointService(VPCServiceConfiguration):
    """`AWS::EC2::VPCEndpointService`, which moto supports in EC2 but not in stacks."""

    @classmethod
    def create(cls, request: ResourceRequest) -> EndpointService:
        backend = ec2_backends[request.account_id][request.region]
        service = cls([], request.region, True, "", [], backend)
        service.update(request)
        backend.configurations[service.id] = service
        return service

    def update(self, request: ResourceRequest) -> EndpointService:
        """Update all properties in place: none of them requires replacement."""
        properties = request.properties
        networks = properties.get("NetworkLoadBalancerArns", [])
        gateways = properties.get("GatewayLoadBalancerArns", [])
        if not networks and not gateways:
            raise NoLoadBalancersProvided
        balancers = elbv2_backends[request.account_id][request.region].load_balancers
        if not {*networks, *gateways} <= balancers.keys():
            raise LoadBalancerNotFoundError
        self._reject_other_services({*networks, *gateways})
        self.network_load_balancer_arns = networks
        self.gateway_load_balancer_arns = gateways
        read_zones(self)
        self._service_type_name = "GatewayLoadBalancer" if gateways else "Interface"
        self.acceptance_required = is_true(properties.get("AcceptanceRequired", True))
        self.private_dns_name = properties.get("PrivateDnsName", "")
        self.payer_responsibility = properties.get("PayerResponsibility")
        self.supported_ip_address_types = properties.get("SupportedIpAddressTypes", ["ipv4"])
        self._supported_region_names = properties.get("SupportedRegions", [])
        put_tags(self, properties)
        return self

    def _reject_other_services(self, arns: set[str]) -> None:
        """Reject load balancers of other services.

        https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
        """
        for other in self.ec2_backend.configurations.values():
            used = {*other.network_load_balancer_arns, *other.gateway_load_balancer_arns}
            if other.id != self.id and used & arns:
                raise EC2ClientError(
                    "InvalidParameter",
                    f"The load balancer {min(used & arns)} is already associated with {other.id}",
                )

    def delete(self, *_place: str) -> None:
        # The service may have been deleted outside of the stack.
        if self.id in self.ec2_backend.configurations:
            connections.delete_service(self.ec2_backend, self.id)

    @property
    def physical_resource_id(self) -> str:
        return self.id

    def get_cfn_attribute(self, name: str) -> str:
        if name == "ServiceId":
            return self.id
        keys = "Name", "State", "Type", "Value"
        record = self.private_dns_name_configuration or dict.fromkeys(keys, "")
        return {f"PrivateDnsNameConfiguration.{key}": record[key] for key in keys}[name]


class EndpointServicePermissions:
    """`AWS::EC2::VPCEndpointServicePermissions`, the list of all principals of a service."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = request.properties["ServiceId"]
        self._services = ec2_backends[request.account_id][request.region].configurations
        self._set_principals(request.properties.get("AllowedPrincipals", []))

    def update(self, request: ResourceRequest) -> EndpointServicePermissions:
        """Revoke all, because the new list can omit principals or belong to another service."""
        self._set_principals([])
        return EndpointServicePermissions(request)

    def delete(self, *_place: str) -> None:
        self._set_principals([])

    def _set_principals(self, principals: list[str]) -> None:
        self._services[self.physical_resource_id].principals = list(dict.fromkeys(principals))
