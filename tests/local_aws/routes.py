"""Routes, also to Gateway Load Balancer endpoints, and gateway route tables."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.ec2.exceptions import (
    EC2ClientError,
    InvalidTransitGatewayID,
    RouteAlreadyExistsError,
)
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.route_tables import Route as MotoRoute
from moto.ec2.models.route_tables import RouteBackend, RouteTable
from moto.ec2.utils import random_subnet_association_id

from . import transit_gateways
from .resource_request import ResourceRequest

_DESTINATIONS = {
    "DestinationCidrBlock": "destination_cidr_block",
    "DestinationIpv6CidrBlock": "destination_ipv6_cidr_block",
    "DestinationPrefixListId": "destination_prefix_list_id",
}
_TARGETS = {
    "CarrierGatewayId": "carrier_gateway_id",
    "EgressOnlyInternetGatewayId": "egress_only_igw_id",
    "GatewayId": "gateway_id",
    "InstanceId": "instance_id",
    "NatGatewayId": "nat_gateway_id",
    "NetworkInterfaceId": "interface_id",
    "TransitGatewayId": "transit_gateway_id",
    "VpcEndpointId": "vpc_endpoint_id",
    "VpcPeeringConnectionId": "vpc_peering_connection_id",
}


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    create, associate = RouteBackend.create_route, RouteBackend.associate_route_table
    list_associations: Callable[[RouteTable], list[dict[str, Any]]]
    list_associations = vars(RouteTable)["associations"].fget

    def create_route(
        backend: EC2Backend,
        route_table_id: str,
        destination_cidr_block: str | None,
        destination_ipv6_cidr_block: str | None = None,
        destination_prefix_list_id: str | None = None,
        local: bool = False,
        **targets: Any,
    ) -> MotoRoute:
        destinations = (
            destination_cidr_block,
            destination_ipv6_cidr_block,
            destination_prefix_list_id,
        )
        if not local:
            table = backend.get_route_table(route_table_id)
            _validate_destination(table, next(filter(None, destinations), ""))
            _validate_transit_gateway(table, targets.get("transit_gateway_id"))
        if endpoint_id := targets.get("vpc_endpoint_id"):
            _validate_endpoint(backend, endpoint_id)
        return create(backend, route_table_id, *destinations, local, **targets)

    def associate_route_table(
        backend: EC2Backend,
        route_table_id: str,
        gateway_id: str | None = None,
        subnet_id: str | None = None,
    ) -> str:
        if gateway_id:
            return _associate_gateway(backend, route_table_id, gateway_id)
        return associate(backend, route_table_id, None, subnet_id)

    def get_associations(table: RouteTable) -> list[dict[str, Any]]:
        associations = list_associations(table)
        for association in associations:
            target = table._associations.get(association["RouteTableAssociationId"], "")
            if target.startswith("vgw-"):
                association["GatewayId"] = target
        return associations

    return [
        # moto accepts duplicate IPv6 destinations, and endpoints in the state pendingAcceptance.
        patch.object(RouteBackend, "create_route", create_route),
        # moto accepts several route tables for one gateway.
        patch.object(RouteBackend, "associate_route_table", associate_route_table),
        # moto returns associations with internet gateways only.
        patch.object(RouteTable, "associations", property(get_associations)),
        patch.object(MotoRoute, "state", property(_get_state)),
    ]


class Route:
    """`AWS::EC2::Route`. moto does not delete it, and supports fewer targets."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = ec2_backends[request.account_id][request.region]
        self._properties = request.properties
        names = _DESTINATIONS | _TARGETS
        parameters = {
            names[key]: value for key, value in request.properties.items() if key in names
        }
        parameters.setdefault("destination_cidr_block", None)
        self._route = self._backend.create_route(request.properties["RouteTableId"], **parameters)
        self.physical_resource_id = self._route.id.replace("~", "|")

    def update(self, request: ResourceRequest) -> Route:
        """Update the target in place, or replace the route if its table or destination changes."""
        fixed = ("RouteTableId", *_DESTINATIONS)
        if any(request.properties.get(key) != self._properties.get(key) for key in fixed):
            new = Route(request)
            self.delete()
            return new
        self.delete()
        try:
            return Route(request)
        except Exception:
            self._routes[self._route.id] = self._route
            raise

    def delete(self, *_place: str) -> None:
        # The route may have been deleted with its table or outside of the stack.
        self._routes.pop(self._route.id, None)

    def get_cfn_attribute(self, name: str) -> str:
        keys = (key for key in _DESTINATIONS if key in self._properties)
        return {"CidrBlock": str(self._properties[next(keys)])}[name]

    @property
    def _routes(self) -> dict[str, MotoRoute]:
        return self._route.route_table._routes


class RouteTableAssociation:
    """`AWS::EC2::GatewayRouteTableAssociation` and `AWS::EC2::SubnetRouteTableAssociation`.

    moto does not support the first type, and returns no attributes of the second type.
    """

    def __init__(self, request: ResourceRequest) -> None:
        self._properties = request.properties
        self._backend = ec2_backends[request.account_id][request.region]
        self.physical_resource_id = self._backend.associate_route_table(
            request.properties["RouteTableId"],
            request.properties.get("GatewayId"),
            request.properties.get("SubnetId"),
        )

    def update(self, request: ResourceRequest) -> RouteTableAssociation:
        """Update the table in place, or replace the association if its other end changes."""
        properties = self._properties | {"RouteTableId": request.properties["RouteTableId"]}
        if request.properties != properties:
            new = RouteTableAssociation(request)
            self.delete()
            return new
        self._properties = properties
        self.physical_resource_id = self._backend.replace_route_table_association(
            self.physical_resource_id, properties["RouteTableId"]
        )
        return self

    def delete(self, *_place: str) -> None:
        self._backend.disassociate_route_table(self.physical_resource_id)

    def get_cfn_attribute(self, name: str) -> str:
        ids = ("AssociationId", "Id")
        return dict.fromkeys(ids, self.physical_resource_id)[name]


def _validate_destination(table: RouteTable, destination: str) -> None:
    """Raise an error if a route has the same destination, in any notation."""
    existing = [
        route.destination_cidr_block
        or route.destination_ipv6_cidr_block
        or route.destination_prefix_list_id
        for route in table.routes
    ]
    if _normalize(destination) in [_normalize(each or "") for each in existing]:
        raise RouteAlreadyExistsError(destination)


def _normalize(destination: str) -> str:
    """Return a CIDR block in canonical form, or the id of a prefix list."""
    if "/" not in destination:
        return destination
    return str(ipaddress.ip_network(destination, strict=False))


def _validate_transit_gateway(table: RouteTable, transit_gateway_id: str | None) -> None:
    """Raise EC2's error for a transit gateway that the VPC of the table is not attached to.

    https://github.com/hashicorp/terraform-provider-aws/issues/10025
    """
    if transit_gateway_id and not transit_gateways.is_attached(
        table.ec2_backend, transit_gateway_id, table.vpc_id
    ):
        raise InvalidTransitGatewayID(transit_gateway_id)


def _validate_endpoint(backend: EC2Backend, endpoint_id: str) -> None:
    endpoint = backend.get_vpc_end_point(endpoint_id)
    # moto rejects endpoints of other types.
    if endpoint.vpc_endpoint_type == "GatewayLoadBalancer" and endpoint.state != "available":
        message = f"VPC Endpoint {endpoint_id} is not available: its state is {endpoint.state}"
        raise EC2ClientError("InvalidParameterValue", message)


def _associate_gateway(backend: EC2Backend, route_table_id: str, gateway_id: str) -> str:
    table = backend.get_route_table(route_table_id)
    if gateway_id.startswith("vgw-"):
        attached = [*backend.get_vpn_gateway(gateway_id).attachments]
    else:
        attachments = backend.get_internet_gateway(gateway_id).attachments
        attached = [attachment["VpcId"] for attachment in attachments]
    if table.vpc_id not in attached:
        message = f"{gateway_id} is not attached to {table.vpc_id}, which {table.id} is in"
        raise EC2ClientError("Gateway.NotAttached", message)
    for other in backend.route_tables.values():
        if gateway_id in other._associations.values():
            message = f"{gateway_id} is already associated with the route table {other.id}"
            raise EC2ClientError("Resource.AlreadyAssociated", message)
    association_id = random_subnet_association_id()
    table._associations[association_id] = gateway_id
    return association_id


def _get_state(route: MotoRoute) -> str:
    """Return the state of a route, which depends on its endpoint or transit gateway."""
    table = route.route_table
    if route.transit_gateway is not None:
        gateway_id = route.transit_gateway.id
        attached = transit_gateways.is_attached(table.ec2_backend, gateway_id, table.vpc_id)
        return "active" if attached else "blackhole"
    if route.vpc_endpoint_id is None:
        return "active"
    endpoint = table.ec2_backend.vpc_end_points.get(route.vpc_endpoint_id)
    return "active" if endpoint and endpoint.state == "available" else "blackhole"
