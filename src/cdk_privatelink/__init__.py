"""AWS PrivateLink for the AWS CDK: publish a service, connect to a service, inspect traffic."""

from ._internal.metrics import MetricOptions
from .appliances.flow_handling import FlowHandling
from .appliances.flow_stickiness import FlowStickiness
from .appliances.gateway_load_balancer import GatewayLoadBalancer
from .connections.connection_manager import ConnectionManager
from .connections.rules import ConnectionRule
from .consumer.gateway_load_balancer_endpoints import GatewayLoadBalancerEndpoints
from .consumer.interface import IGatewayLoadBalancerEndpoints
from .consumer.interface_endpoint import InterfaceEndpoint
from .consumer.transit_gateway_inspection import TransitGatewayInspection
from .errors import PrivateLinkError, PrivateLinkTypeError, PrivateLinkValueError
from .provider.allowed_principals import AllowedPrincipal
from .provider.connection_notifications import ConnectionEvent
from .provider.endpoint_service import PrivateLinkEndpointService
from .provider.interface import IPrivateLinkEndpointService, IPublishedEndpointService
from .provider.load_balancers import IGatewayLoadBalancer, LoadBalancers
from .provider.payer_responsibility import PayerResponsibility
from .provider.private_dns import PrivateDns
from .provider.publishing import SharePrincipal
from .provider.service_name import ServiceNameSource

__all__ = [
    "AllowedPrincipal",
    "ConnectionEvent",
    "ConnectionManager",
    "ConnectionRule",
    "FlowHandling",
    "FlowStickiness",
    "GatewayLoadBalancer",
    "GatewayLoadBalancerEndpoints",
    "IGatewayLoadBalancer",
    "IGatewayLoadBalancerEndpoints",
    "IPrivateLinkEndpointService",
    "IPublishedEndpointService",
    "InterfaceEndpoint",
    "LoadBalancers",
    "MetricOptions",
    "PayerResponsibility",
    "PrivateDns",
    "PrivateLinkEndpointService",
    "PrivateLinkError",
    "PrivateLinkTypeError",
    "PrivateLinkValueError",
    "ServiceNameSource",
    "SharePrincipal",
    "TransitGatewayInspection",
]
