"""An app with endpoints: ``python -m tests.benchmarks.endpoints_app CONTENDER ENDPOINTS``.

Ten services in one stack, and five VPCs in a stack each, among which the endpoints are spread. The
app runs like an ``app.py`` and prints the seconds of construction and synthesis as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService
from tests.benchmarks.scenario import ACCOUNT, REGION, create_app, load_balancer

SERVICES, VPCS = 10, 5
ENVIRONMENT = Environment(account=ACCOUNT, region=REGION)


def with_this_library(
    stack: Stack, number: int, vpc: ec2.IVpc, service: PrivateLinkEndpointService
) -> None:
    """Create an endpoint with this library."""
    InterfaceEndpoint(stack, f"Endpoint{number}", vpc=vpc, service=service, ports=[443])


def with_the_cdk(
    stack: Stack, number: int, vpc: ec2.IVpc, service: PrivateLinkEndpointService
) -> None:
    """Create an endpoint with the CDK alone."""
    ec2.InterfaceVpcEndpoint(
        stack,
        f"Endpoint{number}",
        vpc=vpc,
        service=ec2.InterfaceVpcEndpointService(service.service_name, 443),
        private_dns_enabled=False,
    )


CONTENDERS: dict[str, Callable[[Stack, int, ec2.IVpc, PrivateLinkEndpointService], None]] = {
    "cdk": with_the_cdk,
    "library": with_this_library,
}


def create_services(app: App) -> list[PrivateLinkEndpointService]:
    """Create the services of all endpoints."""
    stack = Stack(app, "Provider", env=ENVIRONMENT)
    return [
        PrivateLinkEndpointService(
            stack,
            f"Service{number}",
            load_balancers=LoadBalancers.network(load_balancer(stack, number)),
            allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
            acceptance_required=False,
        )
        for number in range(SERVICES)
    ]


def create_vpcs(app: App) -> list[ec2.Vpc]:
    """Create a VPC in a stack of its own, several times."""
    stacks = [Stack(app, f"Consumer{number}", env=ENVIRONMENT) for number in range(VPCS)]
    return [ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0) for stack in stacks]


def create_endpoints(
    contender: str,
    count: int,
    vpcs: list[ec2.Vpc],
    services: list[PrivateLinkEndpointService],
) -> None:
    """Spread endpoints evenly among VPCs and services."""
    for number in range(count):
        vpc, service = vpcs[number % VPCS], services[number // VPCS % SERVICES]
        CONTENDERS[contender](Stack.of(vpc), number, vpc, service)


def main(contender: str, count: int) -> None:
    """Construct and synthesize the app, and print the times."""
    with tempfile.TemporaryDirectory() as assembly:
        app = create_app(assembly)
        services, vpcs = create_services(app), create_vpcs(app)
        start = perf_counter()
        create_endpoints(contender, count, vpcs, services)
        constructed = perf_counter()
        app.synth()
        end = perf_counter()
    times = {"construct": constructed - start, "synthesize": end - constructed}
    sys.stdout.write(json.dumps(times))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
