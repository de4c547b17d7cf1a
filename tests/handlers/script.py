"""Requests of CloudFormation, and responses of EC2 and CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NAMESPACE = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
_FOREVER = 3600


@dataclass(frozen=True, kw_only=True)
class Response:
    """The response of a server to one request."""

    body: str = ""
    status: int = 200
    pause: float = 0
    """The delay in seconds."""
    drops: bool = False
    """True if the server closes the connection without a response."""
    missing: int = 0
    """The number of bytes by which the body is shorter than `Content-Length`."""
    stalls: bool = False
    """True if the server keeps the connection open after an incomplete body."""
    function_error: bool = False
    """True if Lambda responds that the invoked function failed."""
    location: str = ""
    """The address to which the server redirects."""
    drips: bool = False
    """True if the server sends the missing bytes, one per second."""

    @property
    def raw(self) -> bytes:
        """The encoded body."""
        return self.body.encode()

    @property
    def accepts(self) -> bool:
        """True if the server accepts the request."""
        return self.status < 300 and not self.drops and self.pause < _FOREVER


HANGS = Response(pause=_FOREVER)
DROPS = Response(drops=True)
STALLS = Response(missing=_FOREVER, stalls=True)
DRIPS = Response(missing=_FOREVER, drips=True)
UNAVAILABLE = Response(status=503)


def event(request_type: str | None = "Create", **changes: Any) -> dict[str, Any]:
    """Return a request of CloudFormation for the service `vpce-svc-1` and its private DNS name."""
    return {
        "RequestType": request_type,
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/Provider/an-id",
        "RequestId": "request-id",
        "LogicalResourceId": "ServiceName",
        "ResourceProperties": {
            "ServiceId": "vpce-svc-1",
            "LoadBalancerArns": ["arn"],
            "DomainName": "payments.example.com",
        },
    } | changes


def service(
    state: str = "Available",
    *,
    service_id: str = "vpce-svc-1",
    name: str | None = None,
    private_dns: str = "",
    dns_names: str = "<item>vpce-svc-1.example</item>",
    zones: str = "<item>eu-west-1a</item><item>eu-west-1b</item>",
) -> Response:
    """Return a response of EC2 with one service."""
    name = f"com.amazonaws.vpce.eu-west-1.{service_id}" if name is None else name
    return service_list(
        f"<item><serviceId>{service_id}</serviceId>"
        f"<serviceName>{name}</serviceName>"
        f"<serviceState>{state}</serviceState>"
        f"<availabilityZoneSet>{zones}</availabilityZoneSet>"
        "<availabilityZoneIdSet><item>euw1-az1</item><item>euw1-az2</item></availabilityZoneIdSet>"
        f"<baseEndpointDnsNameSet>{dns_names}</baseEndpointDnsNameSet>"
        f"{private_dns}</item>"
    )


def service_with_private_dns(state: str, domain_name: str = "payments.example.com") -> Response:
    """Return a response of EC2 with one service whose private DNS name has a state."""
    return service(
        private_dns=f"<privateDnsName>{domain_name}</privateDnsName><privateDnsNameConfiguration>"
        f"<state>{state}</state><type>TXT</type><value>vpce:a-value</value>"
        "<name>_a-name</name></privateDnsNameConfiguration>"
    )


def service_list(items: str, *, next_token: str = "") -> Response:
    """Return a response of EC2 with the items."""
    token = f"<nextToken>{next_token}</nextToken>" if next_token else ""
    return Response(
        body=f"<DescribeVpcEndpointServiceConfigurationsResponse {_NAMESPACE}>"
        f"<serviceConfigurationSet>{items}</serviceConfigurationSet>{token}"
        "</DescribeVpcEndpointServiceConfigurationsResponse>"
    )


def error(code: str, message: str = "It failed", status: int = 400) -> Response:
    """Return an error of EC2."""
    return Response(
        body=f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        "</Errors><RequestID>1</RequestID></Response>",
        status=status,
    )


MODIFIED = Response(
    body=f"<ModifyVpcEndpointServiceConfigurationResponse {_NAMESPACE}>"
    "<return>true</return></ModifyVpcEndpointServiceConfigurationResponse>"
)
STARTED = Response(
    body=f"<StartVpcEndpointServicePrivateDnsVerificationResponse {_NAMESPACE}>"
    "<return>true</return></StartVpcEndpointServicePrivateDnsVerificationResponse>"
)
NO_SERVICES = service_list("")
NOT_FOUND = error("InvalidVpcEndpointServiceId.NotFound", "The service does not exist")
DENIED = error("UnauthorizedOperation", "You are not allowed to do this", 403)
THROTTLED = error("RequestLimitExceeded", "Slow down", 503)
BROKEN = error("InternalError", "An internal error has occurred", 500)
TRUNCATED = Response(body=service().body[:120])
CUT_OFF = Response(body=service().body[:120], missing=1000)
NOT_XML = Response(body='{"message": "no XML"}')
EMPTY = Response()
# Responses that can be transient.
TRANSIENT = {
    "not found": NOT_FOUND,
    "empty": NO_SERVICES,
    "denied": DENIED,
    "throttled": THROTTLED,
    "an internal error": BROKEN,
    "a dropped connection": DROPS,
    "truncated": TRUNCATED,
    "cut off": CUT_OFF,
    "no XML": NOT_XML,
    "HTML": Response(body="<html><body>Sorry</body></html>"),
    "nothing": EMPTY,
    "another service": service(service_id="vpce-svc-2"),
    "without a name": service(name=""),
}
