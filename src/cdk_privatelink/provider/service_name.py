"""Where the name of an endpoint service comes from, which CloudFormation does not tell."""

from __future__ import annotations

from enum import Enum
from functools import cache

import jsii
from aws_cdk import (
    Aws,
    CfnMapping,
    CustomResource,
    Duration,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
)
from constructs import Construct

from .._internal.stack_cache import StackFacts
from ..custom_resources.singleton_function import StackFunction

# https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
PREFIX_BY_PARTITION = {
    "aws": "com.amazonaws.vpce",
    "aws-cn": "cn.com.amazonaws.vpce",
    "aws-eusc": "eu.amazonaws.vpce",
    "aws-iso": "gov.ic.c2s.vpce",
    "aws-iso-b": "gov.sgov.sc2s.vpce",
    "aws-iso-e": "uk.adc-e.cloud.vpce",
    "aws-iso-f": "gov.ic.hci.csp.vpce",
    "aws-us-gov": "com.amazonaws.vpce",
}

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


def derive_service_name(stack: Stack, service_id: str) -> str:
    """Compose the name that EC2 gives to the service, in whichever partition it is deployed."""
    facts = StackFacts.of(stack)
    prefix = PREFIX_BY_PARTITION.get(facts.partition_of_region or "") or _prefix()
    return f"{prefix}.{facts.region}.{service_id}"


def look_up_function(stack: Stack, *, scope: Construct) -> StackFunction:
    """Find or make what asks EC2 in this stack.

    :raises PrivateLinkValueError: The stack has something else of its id.
    """
    return StackFunction.of(
        stack,
        "PrivateLinkServiceNameLookup",
        handler="look_up_service_name",
        description="Looks up the names of VPC endpoint services for CloudFormation",
        timeout_seconds=_FUNCTION_SECONDS,
        scope=scope,
    )


def look_up_service(
    scope: Construct, function: StackFunction, *, service_id: str, load_balancer_arns: list[str]
) -> CustomResource:
    """Ask EC2 about the service when the stack is deployed; the answers are attributes."""
    return CustomResource(
        scope,
        "ServiceName",
        resource_type="Custom::PrivateLinkServiceName",
        service_token=function.arn,
        service_timeout=_service_timeout(),
        # The load balancers are no part of the question. They are here so that it is asked again
        # when they change, since the zones of the service are theirs.
        properties={"ServiceId": service_id, "LoadBalancerArns": load_balancer_arns},
    )


# One for all services.
@cache
def _service_timeout() -> Duration:
    return Duration.seconds(_SERVICE_SECONDS)


# One for all names, since it depends on where it is read and on nothing else.
@cache
def _prefix() -> str:
    return Lazy.uncached_string(_Prefix())


@jsii.implements(IStringProducer)
class _Prefix:
    """The prefix in the partition of the deployment, for each stack whose template has the name."""

    def produce(self, context: IResolveContext) -> str:
        # A mapping in any other stack would not be found, and be left over there.
        stack = Stack.of(context.scope)
        facts = StackFacts.of(stack)
        if facts.service_name_prefix is None:
            # Should the id be that of something else, the CDK says so.
            mapping = CfnMapping(
                stack,
                "PrivateLinkServiceNamePrefix",
                mapping={
                    partition: {"Prefix": prefix}
                    for partition, prefix in PREFIX_BY_PARTITION.items()
                },
            )
            facts.service_name_prefix = mapping.find_in_map(Aws.PARTITION, "Prefix")
        return facts.service_name_prefix
