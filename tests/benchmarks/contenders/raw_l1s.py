"""A service of L1 constructs with a name for the partition `aws`."""

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2

from tests.benchmarks.scenario import ACCOUNT, load_balancer_arn


def create_service(stack: Stack, number: int) -> None:
    """Create a service and an output with its name."""
    service = ec2.CfnVPCEndpointService(
        stack,
        f"Service{number}",
        network_load_balancer_arns=[load_balancer_arn(number)],
        acceptance_required=True,
    )
    service_id = service.ref
    ec2.CfnVPCEndpointServicePermissions(
        stack,
        f"Permissions{number}",
        service_id=service_id,
        allowed_principals=[f"arn:{Aws.PARTITION}:iam::{ACCOUNT}:root"],
    )
    CfnOutput(stack, f"Name{number}", value=f"com.amazonaws.vpce.{Aws.REGION}.{service_id}")
