"""The provider's side of VPC endpoints: who has connected to its services, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidVpcEndPointIdError, UnknownVpcEndpointService
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.responses import EC2Response

from . import endpoint_rules
from .endpoints import Endpoint, unsuccess

_PENDING, _AVAILABLE, _REJECTED = "pendingAcceptance", "available", "rejected"


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    return [
        # moto lacks these...
        patch.multiple(
            EC2Response,
            create=True,
            describe_vpc_endpoint_connections=describe_connections,
            accept_vpc_endpoint_connections=accept_connections,
            reject_vpc_endpoint_connections=reject_connections,
        ),
        # ... and this does not care whether a service is in use.
        patch.object(EC2Response, "delete_vpc_endpoint_service_configurations", delete_services),
    ]


def describe_connections(response: EC2Response) -> ActionResult:
    """Answer EC2's DescribeVpcEndpointConnections."""
    filters: Any = response._filters_from_querystring()
    services = response.ec2_backend.configurations.values()
    found = [_told(endpoint) for service in services for endpoint in endpoints_of(service)]
    by_name = {
        "service-id": "ServiceId",
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-endpoint-owner": "VpcEndpointOwner",
        "vpc-endpoint-state": "VpcEndpointState",
    }
    for name, values in filters.items():
        if name not in by_name:
            raise EC2ClientError("InvalidFilter", f"The filter '{name}' is invalid")
        found = [each for each in found if each[by_name[name]] in values]
    return ActionResult({"VpcEndpointConnections": found})


def accept_connections(response: EC2Response) -> ActionResult:
    """Answer EC2's AcceptVpcEndpointConnections."""
    return _decide(response, {_PENDING}, _AVAILABLE)


def reject_connections(response: EC2Response) -> ActionResult:
    """Answer EC2's RejectVpcEndpointConnections."""
    return _decide(response, {_PENDING, _AVAILABLE}, _REJECTED)


def delete_services(response: EC2Response) -> ActionResult:
    """Answer EC2's DeleteVpcEndpointServiceConfigurations, which does what it can."""
    unsuccessful = []
    for service_id in response._get_param("ServiceIds", []):
        try:
            delete_service(response.ec2_backend, service_id)
        except EC2ClientError as error:
            unsuccessful.append(unsuccess(service_id, error))
    return ActionResult({"Unsuccessful": unsuccessful})


def delete_service(backend: EC2Backend, service_id: str) -> None:
    """Delete a service, unless there are connections."""
    service = backend.configurations.get(service_id)
    if service is None:
        message = f"The VpcEndpointService Id '{service_id}' does not exist"
        raise EC2ClientError("InvalidVpcEndpointService.NotFound", message)
    if any(endpoint.state in (_PENDING, _AVAILABLE) for endpoint in endpoints_of(service)):
        message = f"Service {service_id} has existing active VPC Endpoint connections!"
        raise EC2ClientError("ExistingVpcEndpointConnections", message)
    del backend.configurations[service_id]


def endpoints_of(service: VPCServiceConfiguration) -> Iterator[Endpoint]:
    """Find the endpoints of a service, whosesoever they are."""
    for backend in endpoint_rules.all_backends():
        for endpoint in list(backend.vpc_end_points.values()):
            if isinstance(endpoint, Endpoint) and endpoint.service is service:
                yield endpoint


def _decide(response: EC2Response, before: set[str], after: str) -> ActionResult:
    service_id = response._get_param("ServiceId")
    service = response.ec2_backend.configurations.get(service_id)
    if service is None:
        raise UnknownVpcEndpointService(service_id)
    endpoints = {endpoint.id: endpoint for endpoint in endpoints_of(service)}
    unsuccessful = []
    for identifier in response._get_param("VpcEndpointIds", []):
        error: EC2ClientError
        if identifier not in endpoints:
            error = InvalidVpcEndPointIdError(identifier)
        elif (state := endpoints[identifier].state) not in before:
            message = f"The VPC endpoint {identifier} is {state} and cannot become {after}"
            error = EC2ClientError("InvalidState", message)
        else:
            endpoints[identifier].state = after
            continue
        unsuccessful.append(unsuccess(identifier, error))
    return ActionResult({"Unsuccessful": unsuccessful})


def _told(endpoint: Endpoint) -> dict[str, Any]:
    """Tell a provider of an endpoint what it may know."""
    service = endpoint.service
    assert service is not None
    told = {
        "ServiceId": service.id,
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.owner_id,
        "VpcEndpointState": endpoint.state,
        "CreationTimestamp": endpoint.creation_timestamp,
        "DnsEntries": endpoint.dns_entries,
        "IpAddressType": "ipv4",
        "VpcEndpointConnectionId": endpoint.connection_id,
    }
    if service.gateway_load_balancer_arns:
        told["GatewayLoadBalancerArns"] = service.gateway_load_balancer_arns
    else:
        told["NetworkLoadBalancerArns"] = service.network_load_balancer_arns
    if endpoint.service_region:
        told["VpcEndpointRegion"] = endpoint.ec2_backend.region_name
    return told
