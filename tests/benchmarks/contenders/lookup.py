"""A service of this library with a lookup."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService
from tests.benchmarks.scenario import ACCOUNT, load_balancer_arn


def create_service(stack: Stack, number: int) -> None:
    """Create a service and an output with its name."""
    service = PrivateLinkEndpointService(
        stack,
        f"Service{number}",
        load_balancers=LoadBalancers.network(load_balancer_arn(number)),
        allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
    )
    CfnOutput(stack, f"Name{number}", value=service.service_name)
