"""What CloudFormation asks, and what EC2 and CloudFormation say, as they put it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NAMESPACE = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
_FOR_EVER = 3600


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a server does with one request."""

    body: str = ""
    status: int = 200
    pause: float = 0
    """For how many seconds it says nothing."""
    drops: bool = False
    """Whether it ends the connection without a word."""
    missing: int = 0
    """How many bytes less than announced it sends before it ends the connection."""
    stalls: bool = False
    """Whether it keeps the connection instead, without a word."""
    drips: bool = False
    """Whether it sends the missing ones, one a second."""

    @property
    def raw(self) -> bytes:
        """The body as it is sent."""
        return self.body.encode()

    @property
    def accepts(self) -> bool:
        """Whether the request has reached its aim."""
        return self.status < 300 and not self.drops and self.pause < _FOR_EVER


HANGS = Response(pause=_FOR_EVER)
DROPS = Response(drops=True)
STALLS = Response(missing=_FOR_EVER, stalls=True)
DRIPS = Response(missing=_FOR_EVER, drips=True)
UNAVAILABLE = Response(status=503)


def event(request_type: str | None = "Create", **changes: Any) -> dict[str, Any]:
    """A request of CloudFormation about the service `vpce-svc-1` and its private DNS name."""
    return {
        "RequestType": request_type,
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/Provider/an-id",
        "RequestId": "request-id",
        "LogicalResourceId": "ServiceName",
        "ResourceType": "Custom::PrivateLinkServiceName",
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
) -> Response:
    """What EC2 says of a service, with what it says of its private DNS name."""
    name = f"com.amazonaws.vpce.eu-west-1.{service_id}" if name is None else name
    return described(
        f"<item><serviceId>{service_id}</serviceId>"
        f"<serviceName>{name}</serviceName>"
        f"<serviceState>{state}</serviceState>"
        "<availabilityZoneSet><item>eu-west-1a</item><item>eu-west-1b</item></availabilityZoneSet>"
        "<availabilityZoneIdSet><item>euw1-az1</item><item>euw1-az2</item></availabilityZoneIdSet>"
        f"<baseEndpointDnsNameSet>{dns_names}</baseEndpointDnsNameSet>"
        f"{private_dns}</item>"
    )


def named(state: str, domain_name: str = "payments.example.com") -> Response:
    """What EC2 says of a service with a private DNS name in a state of verification."""
    return service(
        private_dns=f"<privateDnsName>{domain_name}</privateDnsName><privateDnsNameConfiguration>"
        f"<state>{state}</state><type>TXT</type><value>vpce:a-value</value>"
        "<name>_a-name</name></privateDnsNameConfiguration>"
    )


def described(items: str) -> Response:
    """What EC2 says of services."""
    return Response(
        body=f"<DescribeVpcEndpointServiceConfigurationsResponse {_NAMESPACE}>"
        f"<serviceConfigurationSet>{items}</serviceConfigurationSet>"
        "</DescribeVpcEndpointServiceConfigurationsResponse>"
    )


def error(code: str, message: str = "It failed", status: int = 400) -> Response:
    """An error of EC2."""
    return Response(
        body=f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        "</Errors><RequestID>1</RequestID></Response>",
        status=status,
    )


STARTED = Response(
    body=f"<StartVpcEndpointServicePrivateDnsVerificationResponse {_NAMESPACE}>"
    "<return>true</return></StartVpcEndpointServicePrivateDnsVerificationResponse>"
)
NO_SERVICE = described("")
NOT_FOUND = error("InvalidVpcEndpointServiceId.NotFound", "The service does not exist")
DENIED = error("UnauthorizedOperation", "You are not allowed to do this", 403)
THROTTLED = error("RequestLimitExceeded", "Slow down", 503)
BROKEN = error("InternalError", "An internal error has occurred", 500)
TRUNCATED = Response(body=service().body[:120])
CUT_OFF = Response(body=service().body[:120], missing=1000)
NO_XML = Response(body='{"message": "no XML"}')
NOTHING = Response()
# EC2 may say these for a while, and then something else.
PASSING = {
    "not found": NOT_FOUND,
    "empty": NO_SERVICE,
    "denied": DENIED,
    "throttled": THROTTLED,
    "an internal error": BROKEN,
    "a dropped connection": DROPS,
    "truncated": TRUNCATED,
    "cut off": CUT_OFF,
    "no XML": NO_XML,
    "HTML": Response(body="<html><body>Sorry</body></html>"),
    "nothing": NOTHING,
    "another service": service(service_id="vpce-svc-2"),
    "without a name": service(name=""),
}
