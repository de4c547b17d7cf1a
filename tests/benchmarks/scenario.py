"""What all contenders are asked for: services behind load balancers that exist already.

Each service has a Network Load Balancer of its own, is open to one account, and has its name put
out, as consumers need it.
"""

from __future__ import annotations

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

ACCOUNT = "111122223333"
REGION = "eu-west-1"
# CloudFormation takes 500 resources a stack, and some contenders make four for each service.
SERVICES_A_STACK = 100


def app_in(folder: str) -> App:
    """Make the app, whose cloud assembly goes into the folder."""
    # Its metadata would be one resource more for each stack.
    return App(outdir=folder, analytics_reporting=False)


def stacks_in(app: App, services: int) -> list[Stack]:
    """Make the stack for each service; account and region are known, as in production."""
    environment = Environment(account=ACCOUNT, region=REGION)
    count = (services + SERVICES_A_STACK - 1) // SERVICES_A_STACK
    stacks = [Stack(app, f"Stack{number}", env=environment) for number in range(count)]
    return [stacks[number // SERVICES_A_STACK] for number in range(services)]


def load_balancer_arn(number: int) -> str:
    """Tell the ARN of the load balancer of a service."""
    place = f"elasticloadbalancing:{REGION}:{ACCOUNT}"
    return f"arn:aws:{place}:loadbalancer/net/service-{number}/{number:016x}"


def load_balancer(stack: Stack, number: int) -> elbv2.INetworkLoadBalancer:
    """Take the load balancer of a service into the app."""
    return elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
        stack, f"LoadBalancer{number}", load_balancer_arn=load_balancer_arn(number)
    )
