"""Values that the CDK CLI has yet to look up: an error would keep the CLI from the lookup."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
)
from tests.unit.networks import NAME, existing_vpc, group, vpc_of
from tests.unit.templates import GATEWAY_ARN, make_service


def by_id(stack: Stack, value: str) -> None:
    service = PrivateLinkEndpointService.from_service_id(stack, "Service", value)
    assert value in service.service_name


def by_name(stack: Stack, value: str) -> None:
    service = PrivateLinkEndpointService.from_service_name(stack, "Service", value)
    assert service.service_name == value
    InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=service)


def interface_endpoint(stack: Stack, value: str) -> None:
    InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=value)


def service_region(stack: Stack, value: str) -> None:
    InterfaceEndpoint(
        stack, "Endpoint", vpc=existing_vpc(stack), service=NAME, service_region=value
    )


def gateway_endpoints(stack: Stack, value: str) -> None:
    GatewayLoadBalancerEndpoints(stack, "Endpoints", vpc=existing_vpc(stack), service=value)


def destination(stack: Stack, value: str) -> None:
    vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, App=ec2.SubnetType.PRIVATE_ISOLATED)
    endpoints = GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Gate")
    )
    endpoints.add_routes(subnets=group("App"), destination=value)


def return_path(stack: Stack, value: str) -> None:
    vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, App=ec2.SubnetType.PRIVATE_ISOLATED)
    endpoints = GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Gate")
    )
    endpoints.add_routes(subnets=group("App"), destination="0.0.0.0/0", return_path=value)


def network_load_balancer(stack: Stack, value: str) -> None:
    make_service(stack, load_balancers=LoadBalancers.network(value))


def gateway_load_balancer(stack: Stack, value: str) -> None:
    make_service(stack, load_balancers=LoadBalancers.gateway(value))


def account(stack: Stack, value: str) -> None:
    make_service(stack, allowed_principals=[iam.AccountPrincipal(value)])


def principal(stack: Stack, value: str) -> None:
    make_service(stack, allowed_principals=[iam.ArnPrincipal(value)])


def region(stack: Stack, value: str) -> None:
    make_service(stack, allowed_regions=["us-east-1", value])


def domain_name(stack: Stack, value: str) -> None:
    make_service(stack, private_dns=PrivateDns(value))


def alarms(stack: Stack, value: str) -> None:
    make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN))
    service = make_service(stack, "Other")
    service.add_rst_packets_sent_alarms("Alarms", threshold=1, availability_zones=[value])


def health_check(stack: Stack, value: str) -> None:
    GatewayLoadBalancer(
        stack, "Gateway", vpc=existing_vpc(stack), health_check=elbv2.HealthCheck(port=value)
    )


@pytest.mark.parametrize(
    "use",
    [
        by_id,
        by_name,
        interface_endpoint,
        service_region,
        gateway_endpoints,
        destination,
        return_path,
        network_load_balancer,
        gateway_load_balancer,
        account,
        principal,
        region,
        domain_name,
        alarms,
        health_check,
    ],
)
@pytest.mark.parametrize("region", ["eu-west-1", None])
def test_a_value_that_the_cli_has_yet_to_look_up_is_accepted(
    use: Callable[[Stack, str], None], region: str | None
) -> None:
    # The lookup itself needs a literal environment, the use of its value does not.
    app = App()
    lookup = Stack(app, "Lookup", env=Environment(account="111122223333", region="eu-west-1"))
    value = ssm.StringParameter.value_from_lookup(lookup, "/payments/value")
    assert value == "dummy-value-for-/payments/value"
    account = "111122223333" if region else None
    stack = Stack(app, "Stack", env=Environment(account=account, region=region))
    use(stack, value)
    Template.from_stack(stack)
