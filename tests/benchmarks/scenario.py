"""The scenario of all contenders: services with existing load balancers.

Each service has a Network Load Balancer, allows one account, and has an output with its name.
"""

from __future__ import annotations

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

ACCOUNT = "111122223333"
REGION = "eu-west-1"
# CloudFormation allows 500 resources per stack. Some contenders create four per service.
SERVICES_PER_STACK = 100


def create_app(folder: str) -> App:
    """Create the app, whose cloud assembly is written to the folder."""
    # Without `AWS::CDK::Metadata`, which is one resource per stack.
    return App(outdir=folder, analytics_reporting=False)


def create_stacks(app: App, services: int) -> list[Stack]:
    """Return the stack of each service. Account and Region are literal, as in production."""
    environment = Environment(account=ACCOUNT, region=REGION)
    count = (services + SERVICES_PER_STACK - 1) // SERVICES_PER_STACK
    stacks = [Stack(app, f"Stack{number}", env=environment) for number in range(count)]
    return [stacks[number // SERVICES_PER_STACK] for number in range(services)]


def load_balancer_arn(number: int) -> str:
    """Return the ARN of the load balancer of a service."""
    place = f"elasticloadbalancing:{REGION}:{ACCOUNT}"
    return f"arn:aws:{place}:loadbalancer/net/service-{number}/{number:016x}"


def load_balancer(stack: Stack, number: int) -> elbv2.INetworkLoadBalancer:
    """Import the load balancer of a service."""
    return elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
        stack, f"LoadBalancer{number}", load_balancer_arn=load_balancer_arn(number)
    )
