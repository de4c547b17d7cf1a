"""The acceptance of endpoints in the deployment that creates them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import (
    CustomResource,
    Duration,
    Stack,
    TagManager,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.cdk_nag import suppress_wildcards
from .._internal.end_of_synthesis import final_value
from .._internal.tokens import is_literal
from ..custom_resources.custom_resource_function import (
    ACCEPTANCE_TYPE,
    LONG_SERVICE_TIMEOUT_SECONDS,
    CustomResourceFunction,
    validate_permissions,
)
from ..provider.accepted_endpoints import AcceptedEndpoint, record_endpoint
from ..provider.allowed_regions import ALLOW_MULTI_REGION
from ..provider.service_reference import ServiceReference

_ACCEPT = "ec2:AcceptVpcEndpointConnections"
_MODIFY = "ec2:ModifyVpcEndpoint"
_POLICY_ID = "AcceptancePolicy"
# The statement for one endpoint, and the one for the hosted zone of its private DNS name.
_PRIVATE_DNS_CHARACTERS = 520
# CloudFormation can change these properties without a new endpoint. Each change may switch the
# private DNS name off again.
_CHANGEABLE = (
    "dns_options",
    "ip_address_type",
    "policy_document",
    "security_group_ids",
    "subnet_ids",
)


def validate_acceptance(
    argument: Argument, service: ServiceReference, *, consumer: Construct
) -> None:
    """Check that a stack can accept its own endpoints to a service.

    :raises PrivateLinkValueError: The service is in another account, or the IAM role of the stack
        has no room for more permissions.
    """
    stack = Stack.of(consumer)
    accounts = {service.account or stack.account, stack.account}
    if len(accounts) > 1 and all(map(is_literal, accounts)):
        raise argument.value_error(
            "must not be `True` for a service of another account, whose owner has to accept",
            got=f"{service.display_name} in {service.account}",
            fix="leave it out, and let a `ConnectionManager` of the service accept by rule",
        )
    validate_permissions(
        argument,
        [_ACCEPT, ALLOW_MULTI_REGION],
        stack=stack,
        construct=argument.scope,
        shared_policy=_POLICY_ID,
        more_characters=_PRIVATE_DNS_CHARACTERS,
    )


def add_acceptance(
    scope: Construct,
    endpoints: Sequence[ec2.CfnVPCEndpoint],
    service: ServiceReference,
    *,
    service_region: str | None = None,
    private_dns_vpc: ec2.IVpc | None = None,
) -> CustomResource:
    """Add the custom resource that accepts endpoints, and waits until they are available.

    :param service_region: The Region of the service, if it is not the one of the stack.
    :param private_dns_vpc: The VPC in which the private DNS name resolves to the endpoints.
    """
    stack = Stack.of(scope)
    function = CustomResourceFunction.get_or_create(stack, scope=scope)
    function.require_handler("acceptance.py")
    region = service_region or stack.region
    policy = function.allow(
        scope,
        actions=[_ACCEPT, ALLOW_MULTI_REGION]
        if service_region or service.allowed_regions
        else [_ACCEPT],
        resource_arn=stack.format_arn(
            service="ec2",
            region=region,
            resource="vpc-endpoint-service",
            resource_name=service.service_id,
        ),
    )
    properties: dict[str, Any] = {
        "ServiceId": service.service_id,
        "ServiceRegion": region,
        "VpcEndpointIds": [each.ref for each in endpoints],
        # The function does not read them. A change repeats its work.
        "Properties": final_value(lambda: [_read_properties(each) for each in endpoints]),
    }
    if private_dns_vpc is not None:
        properties["PrivateDnsEnabled"] = True
        for each in endpoints:
            _allow_private_dns(scope, function, each, private_dns_vpc)
    acceptance = CustomResource(
        scope,
        "Acceptance",
        resource_type=ACCEPTANCE_TYPE,
        service_token=function.arn,
        service_timeout=Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
        properties=properties,
    )
    describe = function.share_policy(
        _POLICY_ID,
        # Route 53 documents DescribeVpcs for the hosted zone of a private DNS name.
        # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/r53-api-permissions-ref.html
        actions=["ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
    )
    acceptance.node.add_dependency(policy, describe)
    endpoint = AcceptedEndpoint(scope.node.path, stack.account, stack.region)
    record_endpoint(service.identity, endpoint)
    return acceptance


def _allow_private_dns(
    scope: Construct,
    function: CustomResourceFunction,
    endpoint: ec2.CfnVPCEndpoint,
    vpc: ec2.IVpc,
) -> None:
    stack = Stack.of(scope)
    policy = function.allow(
        scope,
        actions=[_MODIFY],
        resource_arn=stack.format_arn(
            service="ec2", resource="vpc-endpoint", resource_name=endpoint.ref
        ),
    )
    # EC2 creates the hosted zone of the name, whose id nobody knows before, and associates the VPC
    # with it on behalf of the caller.
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
    zones = stack.format_arn(
        service="route53", region="", account="", resource="hostedzone", resource_name="*"
    )
    policy.add_statements(
        iam.PolicyStatement(
            actions=["route53:AssociateVPCWithHostedZone"],
            resources=[zones],
            conditions={
                "ForAllValues:StringEquals": {
                    "route53:VPCs": f"VPCId={vpc.vpc_id},VPCRegion={stack.region}"
                }
            },
        )
    )
    function.reserve_characters(_PRIVATE_DNS_CHARACTERS)
    suppress_wildcards(
        policy, zones, reason="EC2 creates the hosted zone of a private DNS name, for this VPC only"
    )


def _read_properties(endpoint: ec2.CfnVPCEndpoint) -> dict[str, Any]:
    tags = TagManager.of(endpoint)
    properties = {name: getattr(endpoint, name) for name in _CHANGEABLE}
    return properties | {"tags": None if tags is None else tags.render_tags()}
