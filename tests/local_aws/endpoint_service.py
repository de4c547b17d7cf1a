"""Endpoint services, and who may connect to them."""

from __future__ import annotations

from moto.ec2.exceptions import NoLoadBalancersProvided
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.elbv2.exceptions import LoadBalancerNotFoundError
from moto.elbv2.models import elbv2_backends

from . import connections
from .asked import Asked, is_true
from .tags import put_tags


class EndpointService(VPCServiceConfiguration):
    """`AWS::EC2::VPCEndpointService`, which moto has in EC2 alone."""

    @classmethod
    def create(cls, asked: Asked) -> EndpointService:
        backend = ec2_backends[asked.account_id][asked.region]
        service = cls([], asked.region, True, "", [], backend)
        service.update(asked)
        backend.configurations[service.id] = service
        return service

    def update(self, asked: Asked) -> EndpointService:
        """Take over all properties: none of them asks for a new service."""
        properties = asked.properties
        networks = properties.get("NetworkLoadBalancerArns", [])
        gateways = properties.get("GatewayLoadBalancerArns", [])
        if not networks and not gateways:
            raise NoLoadBalancersProvided
        balancers = elbv2_backends[asked.account_id][asked.region].load_balancers
        if not {*networks, *gateways} <= balancers.keys():
            raise LoadBalancerNotFoundError
        zones = {
            subnet.availability_zone: subnet.availability_zone_id
            for arn in [*networks, *gateways]
            for subnet in balancers[arn].subnets
        }
        self.availability_zones = sorted(zones)
        self.availability_zone_ids = [zones[zone] for zone in self.availability_zones]
        self.network_load_balancer_arns = networks
        self.gateway_load_balancer_arns = gateways
        self._service_type_name = "GatewayLoadBalancer" if gateways else "Interface"
        self.acceptance_required = is_true(properties.get("AcceptanceRequired", True))
        self.private_dns_name = properties.get("PrivateDnsName", "")
        self.payer_responsibility = properties.get("PayerResponsibility")
        self.supported_ip_address_types = properties.get("SupportedIpAddressTypes", ["ipv4"])
        self._supported_region_names = properties.get("SupportedRegions", [])
        put_tags(self, properties)
        return self

    def delete(self, *_place: str) -> None:
        # Someone may have deleted it already, by other means.
        if self.id in self.ec2_backend.configurations:
            connections.delete_service(self.ec2_backend, self.id)

    @property
    def physical_resource_id(self) -> str:
        return self.id

    def get_cfn_attribute(self, name: str) -> str:
        if name == "ServiceId":
            return self.id
        keys = "Name", "State", "Type", "Value"
        proof = self.private_dns_name_configuration or dict.fromkeys(keys, "")
        return {f"PrivateDnsNameConfiguration.{key}": proof[key] for key in keys}[name]


class EndpointServicePermissions:
    """`AWS::EC2::VPCEndpointServicePermissions`: the whole list of who may connect to a service."""

    def __init__(self, asked: Asked) -> None:
        self.physical_resource_id = asked.properties["ServiceId"]
        self._services = ec2_backends[asked.account_id][asked.region].configurations
        self._allow(asked.properties.get("AllowedPrincipals", []))

    def update(self, asked: Asked) -> EndpointServicePermissions:
        """Revoke all, for the new list may leave some out or be about another service."""
        self._allow([])
        return EndpointServicePermissions(asked)

    def delete(self, *_place: str) -> None:
        self._allow([])

    def _allow(self, principals: list[str]) -> None:
        self._services[self.physical_resource_id].principals = list(dict.fromkeys(principals))
