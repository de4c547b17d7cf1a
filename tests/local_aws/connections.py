"""Connections to endpoint services: the API calls of the provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, cast
from unittest.mock import patch

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError, InvalidVpcEndPointIdError, UnknownVpcEndpointService
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.responses import EC2Response

from . import endpoint_rules
from .endpoints import Endpoint, describe_failure

_PENDING, _AVAILABLE, _REJECTED = "pendingAcceptance", "available", "rejected"


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    return [
        # moto has no connections, and so rejects their ids.
        _patch_tags("create_tags"),
        _patch_tags("delete_tags"),
        # moto does not support these calls.
        patch.multiple(
            EC2Response,
            create=True,
            describe_vpc_endpoint_connections=describe_connections,
            accept_vpc_endpoint_connections=accept_connections,
            reject_vpc_endpoint_connections=reject_connections,
        ),
        # moto deletes a service even if it has connections.
        patch.object(EC2Response, "delete_vpc_endpoint_service_configurations", delete_services),
    ]


def _patch_tags(call: str) -> AbstractContextManager[Any]:
    original = getattr(EC2Response, call)

    def change_tags(response: EC2Response) -> ActionResult:
        ids = response._get_param("Resources", [])
        services = response.ec2_backend.configurations.values()
        known = {
            endpoint.connection_id
            for service in services
            for endpoint in iterate_endpoints(service)
        }
        if not set(ids) <= known:
            return cast(ActionResult, original(response))
        tags = {tag["Key"]: tag.get("Value") for tag in response._get_param("Tags", [])}
        getattr(response.ec2_backend, call)(ids, tags)
        return EmptyResult()

    return patch.object(EC2Response, call, change_tags)


def describe_connections(response: EC2Response) -> ActionResult:
    """Handle EC2's DescribeVpcEndpointConnections."""
    filters: Any = response._filters_from_querystring()
    services = response.ec2_backend.configurations.values()
    connections = [
        _describe(endpoint, response.ec2_backend)
        for service in services
        for endpoint in iterate_endpoints(service)
    ]
    by_name = {
        "service-id": "ServiceId",
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-endpoint-owner": "VpcEndpointOwner",
        "vpc-endpoint-state": "VpcEndpointState",
    }
    for name, values in filters.items():
        if name not in by_name:
            raise EC2ClientError("InvalidFilter", f"The filter '{name}' is invalid")
        connections = [each for each in connections if each[by_name[name]] in values]
    return ActionResult({"VpcEndpointConnections": connections})


def accept_connections(response: EC2Response) -> ActionResult:
    """Handle EC2's AcceptVpcEndpointConnections."""
    return _change_state(response, {_PENDING}, _AVAILABLE)


def reject_connections(response: EC2Response) -> ActionResult:
    """Handle EC2's RejectVpcEndpointConnections."""
    return _change_state(response, {_PENDING, _AVAILABLE}, _REJECTED)


def delete_services(response: EC2Response) -> ActionResult:
    """Handle EC2's DeleteVpcEndpointServiceConfigurations, which can succeed in part."""
    failures = []
    for service_id in response._get_param("ServiceIds", []):
        try:
            delete_service(response.ec2_backend, service_id)
        except EC2ClientError as error:
            failures.append(describe_failure(service_id, error))
    return ActionResult({"Unsuccessful": failures})


def delete_service(backend: EC2Backend, service_id: str) -> None:
    """Delete a service, or raise an error if it has connections."""
    service = backend.configurations.get(service_id)
    if service is None:
        message = f"The VpcEndpointService Id '{service_id}' does not exist"
        raise EC2ClientError("InvalidVpcEndpointService.NotFound", message)
    if any(endpoint.state in (_PENDING, _AVAILABLE) for endpoint in iterate_endpoints(service)):
        message = f"Service {service_id} has existing active VPC Endpoint connections!"
        raise EC2ClientError("ExistingVpcEndpointConnections", message)
    del backend.configurations[service_id]


def iterate_endpoints(service: VPCServiceConfiguration) -> Iterator[Endpoint]:
    """Yield the endpoints of a service in all accounts."""
    for backend in endpoint_rules.all_backends():
        for endpoint in list(backend.vpc_end_points.values()):
            if isinstance(endpoint, Endpoint) and endpoint.service is service:
                yield endpoint


def _change_state(response: EC2Response, allowed_states: set[str], new_state: str) -> ActionResult:
    service_id = response._get_param("ServiceId")
    service = response.ec2_backend.configurations.get(service_id)
    if service is None:
        raise UnknownVpcEndpointService(service_id)
    endpoints = {endpoint.id: endpoint for endpoint in iterate_endpoints(service)}
    failures = []
    for identifier in response._get_param("VpcEndpointIds", []):
        error: EC2ClientError
        if identifier not in endpoints:
            error = InvalidVpcEndPointIdError(identifier)
        elif (state := endpoints[identifier].state) not in allowed_states:
            message = f"The VPC endpoint {identifier} is {state} and cannot become {new_state}"
            error = EC2ClientError("InvalidState", message)
        else:
            endpoints[identifier].state = new_state
            continue
        failures.append(describe_failure(identifier, error))
    return ActionResult({"Unsuccessful": failures})


def _describe(endpoint: Endpoint, provider: EC2Backend) -> dict[str, Any]:
    """Return an endpoint as EC2 describes it to the provider."""
    service = endpoint.service
    assert service is not None
    description = {
        "ServiceId": service.id,
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.owner_id,
        "VpcEndpointState": endpoint.state,
        "CreationTimestamp": endpoint.creation_timestamp,
        "DnsEntries": endpoint.dns_entries,
        "IpAddressType": "ipv4",
        "VpcEndpointConnectionId": endpoint.connection_id,
        "Tags": [
            {"Key": key, "Value": value}
            for key, value in provider.tags[endpoint.connection_id].items()
        ],
    }
    if service.gateway_load_balancer_arns:
        description["GatewayLoadBalancerArns"] = service.gateway_load_balancer_arns
    else:
        description["NetworkLoadBalancerArns"] = service.network_load_balancer_arns
    if endpoint.service_region:
        description["VpcEndpointRegion"] = endpoint.ec2_backend.region_name
    return description
