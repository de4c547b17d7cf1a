"""AWS PrivateLink for the AWS CDK, both sides of it, as one versioned component."""

from .endpoint_service import PrivateLinkEndpointService
from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .gateway_load_balancer import FlowStickiness, GatewayLoadBalancer
from .gateway_load_balancer_endpoints import GatewayLoadBalancerEndpoints
from .interface import IPrivateLinkEndpointService
from .interface_endpoint import InterfaceEndpoint
from .load_balancers import IGatewayLoadBalancer, LoadBalancers
from .metrics import MetricOptions
from .notifications import ConnectionEvent
from .payer_responsibility import PayerResponsibility
from .principals import AllowedPrincipal
from .private_dns import PrivateDns
from .service_name import ServiceNameSource

__all__ = [
    "AllowedPrincipal",
    "ConnectionEvent",
    "FlowStickiness",
    "GatewayLoadBalancer",
    "GatewayLoadBalancerEndpoints",
    "IGatewayLoadBalancer",
    "IPrivateLinkEndpointService",
    "InterfaceEndpoint",
    "LoadBalancers",
    "MetricOptions",
    "PayerResponsibility",
    "PrivateDns",
    "PrivateLinkEndpointService",
    "PrivateLinkTypeError",
    "PrivateLinkValueError",
    "ServiceNameSource",
]
