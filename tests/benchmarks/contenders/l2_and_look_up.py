"""A service of the CDK's L2, with a name that its AwsCustomResource asks EC2 for."""

from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import custom_resources as cr

from tests.benchmarks.scenario import ACCOUNT, load_balancer


def offer(stack: Stack, number: int) -> None:
    """Make the service and put out its name."""
    service = ec2.VpcEndpointService(
        stack,
        f"Service{number}",
        vpc_endpoint_service_load_balancers=[
            cast(ec2.IVpcEndpointServiceLoadBalancer, load_balancer(stack, number))
        ],
        allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
    )
    service_id = service.vpc_endpoint_service_id
    look_up = cr.AwsCustomResource(
        stack,
        f"LookUp{number}",
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
    name = look_up.get_response_field("ServiceConfigurations.0.ServiceName")
    CfnOutput(stack, f"Name{number}", value=name)
