"""A service of the CDK's L2 construct with a lookup by AwsCustomResource."""

from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as cr

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
    service_id = service.vpc_endpoint_service_id
    lookup = cr.AwsCustomResource(
        stack,
        f"Lookup{number}",
        on_update=cr.AwsSdkCall(
            service="EC2",
            action="describeVpcEndpointServiceConfigurations",
            parameters={"ServiceIds": [service_id]},
            physical_resource_id=cr.PhysicalResourceId.of(service_id),
            output_paths=["ServiceConfigurations.0.ServiceName"],
        ),
        policy=cr.AwsCustomResourcePolicy.from_sdk_calls(
            resources=cr.AwsCustomResourcePolicy.ANY_RESOURCE
        ),
        install_latest_aws_sdk=False,
    )
    name = lookup.get_response_field("ServiceConfigurations.0.ServiceName")
    CfnOutput(stack, f"Name{number}", value=name)
