"""A service of the CDK's L2 construct with a derived name."""

from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from tests.benchmarks.scenario import ACCOUNT, load_balancer


def create_service(stack: Stack, number: int) -> None:
    """Create a service and an output with its name."""
    service = ec2.VpcEndpointService(
        stack,
        f"Service{number}",
        vpc_endpoint_service_load_balancers=[
            cast(ec2.IVpcEndpointServiceLoadBalancer, load_balancer(stack, number))
        ],
        allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
    )
    CfnOutput(stack, f"Name{number}", value=service.vpc_endpoint_service_name)
