"""AWS PrivateLink endpoint services for the AWS CDK, as one versioned component."""

from .endpoint_service import PrivateLinkEndpointService
from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .interface import IPrivateLinkEndpointService
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
    "IGatewayLoadBalancer",
    "IPrivateLinkEndpointService",
    "LoadBalancers",
    "MetricOptions",
    "PayerResponsibility",
    "PrivateDns",
    "PrivateLinkEndpointService",
    "PrivateLinkTypeError",
    "PrivateLinkValueError",
    "ServiceNameSource",
]
