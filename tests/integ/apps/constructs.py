"""Constructs of the test apps: a client that the tests call, and hosts that answer it."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tests.integ import workloads


class Client(lambda_.Function):
    """A function in a VPC, which requests the URL that a test passes."""

    def __init__(
        self, scope: Construct, id: str, *, vpc: ec2.Vpc, subnets: ec2.SubnetSelection
    ) -> None:
        """Create the function."""
        super().__init__(
            scope,
            id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline(workloads.read("client")),
            timeout=Duration.seconds(30),
            vpc=vpc,
            vpc_subnets=subnets,
            # Lambda would create a log group that stays.
            log_group=logs.LogGroup(scope, f"{id}Log", removal_policy=RemovalPolicy.DESTROY),
        )


class Host(ec2.Instance):
    """An instance that runs a program on port 80."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.Vpc,
        subnet: ec2.ISubnet,
        program: str,
        source_dest_check: bool = True,
    ) -> None:
        """Create the instance."""
        super().__init__(
            scope,
            id,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=[subnet]),
            instance_type=ec2.InstanceType("t4g.nano"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(
                cpu_type=ec2.AmazonLinuxCpuType.ARM_64
            ),
            user_data=workloads.user_data(program),
            require_imdsv2=True,
            source_dest_check=source_dest_check,
        )
