"""Where the name of an endpoint service comes from, which CloudFormation does not tell."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import cast

from aws_cdk import (
    Aws,
    CfnMapping,
    CustomResource,
    Duration,
    RemovalPolicy,
    Stack,
    Token,
    region_info,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

# https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
_PREFIX_BY_PARTITION = {
    "aws": "com.amazonaws.vpce",
    "aws-cn": "cn.com.amazonaws.vpce",
    "aws-eusc": "eu.amazonaws.vpce",
    "aws-iso": "gov.ic.c2s.vpce",
    "aws-iso-b": "gov.sgov.sc2s.vpce",
    "aws-iso-e": "uk.adc-e.cloud.vpce",
    "aws-iso-f": "gov.ic.hci.csp.vpce",
    "aws-us-gov": "com.amazonaws.vpce",
}

_HANDLER = Path(__file__).parent / "handlers" / "service_name.py"

# Two attempts fit into the time that CloudFormation waits: should Lambda lose the first one
# without an answer, it invokes the function again about a minute later.
_FUNCTION_SECONDS = 180
_SERVICE_SECONDS = 600


class ServiceNameSource(Enum):
    """Where the name of an endpoint service comes from."""

    LOOKUP = "lookup"
    """Asked of EC2 when the stack is deployed, by one small Lambda function for each stack.

    Waits until the service is available, and also tells its availability zones and DNS names.
    """

    DERIVED = "derived"
    """Composed from partition, region and service id, without any further resource.

    The availability zones and DNS names of the service are then not known.
    """


def derive_service_name(scope: Construct, service_id: str) -> str:
    """Compose the name that EC2 gives to the service, in whichever partition it is deployed."""
    stack = Stack.of(scope)
    region = stack.region
    partition = (
        None if Token.is_unresolved(region) else region_info.RegionInfo.get(region).partition
    )
    prefix = _PREFIX_BY_PARTITION.get(partition or "") or _prefix_at_deployment(stack)
    return f"{prefix}.{region}.{service_id}"


def look_up_service(
    scope: Construct, *, service_id: str, load_balancer_arns: list[str]
) -> CustomResource:
    """Ask EC2 about the service when the stack is deployed; the answers are attributes."""
    return CustomResource(
        scope,
        "ServiceName",
        resource_type="Custom::PrivateLinkServiceName",
        service_token=_function_arn(Stack.of(scope)),
        service_timeout=Duration.seconds(_SERVICE_SECONDS),
        # The load balancers are no part of the question. They are here so that it is asked again
        # when they change, since the zones of the service are theirs.
        properties={"ServiceId": service_id, "LoadBalancerArns": load_balancer_arns},
    )


def _prefix_at_deployment(stack: Stack) -> str:
    mapping_id = "PrivateLinkServiceNamePrefix"
    mapping = stack.node.try_find_child(mapping_id) or CfnMapping(
        stack,
        mapping_id,
        mapping={
            partition: {"Prefix": prefix} for partition, prefix in _PREFIX_BY_PARTITION.items()
        },
    )
    return cast(CfnMapping, mapping).find_in_map(Aws.PARTITION, "Prefix")


def _function_arn(stack: Stack) -> str:
    """Find or make the one function of the stack that answers all its look-ups."""
    lookup_id = "PrivateLinkServiceNameLookup"
    lookup = stack.node.try_find_child(lookup_id)
    if lookup is None:
        lookup = Construct(stack, lookup_id)
        _create_function(lookup)
    return cast(lambda_.CfnFunction, lookup.node.find_child("Function")).attr_arn


def _create_function(scope: Construct) -> None:
    log_group = logs.LogGroup(
        scope,
        "LogGroup",
        retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    )
    role = iam.Role(
        scope,
        "Role",
        assumed_by=cast(iam.IPrincipal, iam.ServicePrincipal("lambda.amazonaws.com")),
        inline_policies={
            "LookUpServiceName": iam.PolicyDocument(
                statements=[
                    # EC2 knows no narrower resource for this action than all.
                    iam.PolicyStatement(
                        actions=["ec2:DescribeVpcEndpointServiceConfigurations"], resources=["*"]
                    ),
                    # The wildcard at the end of the ARN stands for the streams of this one group.
                    iam.PolicyStatement(
                        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                        resources=[log_group.log_group_arn],
                    ),
                ]
            )
        },
    )
    # An L1, since the L2 adds a dependency on the role that the reference to it already makes.
    lambda_.CfnFunction(
        scope,
        "Function",
        description="Looks up the names of VPC endpoint services for CloudFormation",
        runtime="python3.13",
        handler="index.handler",
        code=lambda_.CfnFunction.CodeProperty(zip_file=_HANDLER.read_text(encoding="utf-8")),
        role=role.role_arn,
        logging_config=lambda_.CfnFunction.LoggingConfigProperty(
            log_group=log_group.log_group_name
        ),
        memory_size=256,
        timeout=_FUNCTION_SECONDS,
    )
