"""Deletion of resources that moto's stacks retain, although its services can delete them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.flow_logs import FlowLogs
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.vpn_gateway import VPCGatewayAttachment, VpnGateway
from moto.elbv2.models import FakeListener, elbv2_backends

from .resource_request import ResourceRequest
from .target_groups import delete_listener


def find_deletion(resource: Any, request: ResourceRequest) -> Callable[[], Any] | None:
    """Return the function that deletes a resource, or `None` if its stack can."""
    if isinstance(resource, FakeListener):
        balancers = elbv2_backends[request.account_id][request.region]
        return lambda: delete_listener(balancers, resource)
    backend = ec2_backends[request.account_id][request.region]
    for kind, delete in _DELETIONS.items():
        if isinstance(resource, kind):
            return lambda: delete(backend, resource, request.properties)
    return None


def _delete_address(backend: EC2Backend, address: ElasticAddress, _: dict[str, Any]) -> None:
    if address in backend.addresses:
        backend.release_address(address=address.public_ip)


def _delete_attachment(
    backend: EC2Backend, _: VPCGatewayAttachment, properties: dict[str, Any]
) -> None:
    # The attachment does not store the id of its VPN gateway.
    vpc_id = properties["VpcId"]
    if "InternetGatewayId" in properties:
        backend.detach_internet_gateway(properties["InternetGatewayId"], vpc_id)
    else:
        del backend.get_vpn_gateway(properties["VpnGatewayId"]).attachments[vpc_id]


def _delete_nat_gateway(backend: EC2Backend, gateway: NatGateway, _: dict[str, Any]) -> None:
    del backend.nat_gateways[gateway.id]
    for address in backend.addresses:
        if address.eni is gateway._eni:
            backend.disassociate_address(address=address.public_ip)
    backend.delete_network_interface(gateway._eni.id)


def _delete_vpn_gateway(backend: EC2Backend, gateway: VpnGateway, _: dict[str, Any]) -> None:
    del backend.vpn_gateways[gateway.id]


_DELETIONS: dict[type, Callable[[EC2Backend, Any, dict[str, Any]], Any]] = {
    ElasticAddress: _delete_address,
    FlowLogs: lambda backend, log, _: backend.delete_flow_logs([log.id]),
    InternetGateway: lambda backend, gateway, _: backend.delete_internet_gateway(gateway.id),
    NatGateway: _delete_nat_gateway,
    RouteTable: lambda backend, table, _: backend.delete_route_table(table.id),
    VPCGatewayAttachment: _delete_attachment,
    VpnGateway: _delete_vpn_gateway,
}
