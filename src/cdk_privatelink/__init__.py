"""AWS PrivateLink endpoint services for the AWS CDK, as one versioned component."""

from .endpoint_service import PrivateLinkEndpointService
from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .load_balancers import LoadBalancers
from .service_name import ServiceNameSource

__all__ = [
    "LoadBalancers",
    "PrivateLinkEndpointService",
    "PrivateLinkTypeError",
    "PrivateLinkValueError",
    "ServiceNameSource",
]
