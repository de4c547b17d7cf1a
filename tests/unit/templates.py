"""Services for tests, and the parts of their templates that tests assert."""

from __future__ import annotations

import json
import re
from typing import Any

from aws_cdk import Stack
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.linter import findings

NETWORK_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/one/0123456789"
NETWORK_ARN_2 = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/two/0123456789"
)
GATEWAY_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/gwy/one/0123456789"
APPLICATION_ARN = (
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/one/0123456789"
)

# Messages show an empty string with quotes.
EMPTY = "''"

SERVICE = "AWS::EC2::VPCEndpointService"
PERMISSIONS = "AWS::EC2::VPCEndpointServicePermissions"
NOTIFICATION = "AWS::EC2::VPCEndpointConnectionNotification"
LOOKUP = "Custom::PrivateLinkServiceName"


def network_arn(name: str) -> str:
    """Return the ARN of a Network Load Balancer."""
    return NETWORK_ARN.replace("/one/", f"/{re.sub(r'[^a-zA-Z0-9-]', '-', f'{name}')}/")


def make_service(
    scope: Construct, id: str = "Payments", **options: Any
) -> PrivateLinkEndpointService:
    """Create an endpoint service. Default: with a Network Load Balancer of its own."""
    arn = NETWORK_ARN if id == "Payments" else network_arn(id)
    options.setdefault("load_balancers", LoadBalancers.network(arn))
    return PrivateLinkEndpointService(scope, id, **options)


def template_of(stack: Stack) -> dict[str, Any]:
    """Return the template of the stack, and check that cfn-lint finds no problem."""
    template = dict(Template.from_stack(stack).to_json())
    # A template without resources is invalid, but tests of rejected arguments create none.
    if "Resources" in template:
        found = findings(json.dumps(template))
        assert found == [], found
    return template


def resources_of(stack: Stack, resource_type: str) -> dict[str, Any]:
    """Return the resources of one type, by logical id."""
    resources: dict[str, Any] = template_of(stack).get("Resources", {})
    return {key: value for key, value in resources.items() if value["Type"] == resource_type}


def only(stack: Stack, resource_type: str) -> dict[str, Any]:
    """Return the only resource of a type."""
    (resource,) = resources_of(stack, resource_type).values()
    return dict(resource)
