"""The name of an endpoint service, which CloudFormation does not return."""

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

from .._internal.construct_cache import jsii_reference
from .._internal.scopes import reserved_id
from .._internal.stack_cache import StackCache
from ..custom_resources.custom_resource_function import (
    LONG_SERVICE_TIMEOUT_SECONDS,
    LOOKUP_TYPE,
    CustomResourceFunction,
)

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

# Two attempts of the function.
_SERVICE_SECONDS = 600
_MAPPING_ID = "PrivateLinkServiceNamePrefix"


class ServiceNameSource(Enum):
    """The source of the name of an endpoint service."""

    LOOKUP = "lookup"
    """A query to EC2 at deployment, by one small Lambda function per stack.

    The lookup waits until the service is available. It also returns the Availability Zones and the
    DNS names of the service.
    """

    DERIVED = "derived"
    """The id of the service and the Region, without any further resource.

    The Availability Zones and the DNS names of the service are then not available.
    """


def derive_service_name(stack: Stack, service_id: str) -> str:
    """Return the name that EC2 gives to a service, in the partition of the deployment."""
    cache = StackCache.of(stack)
    prefix = PREFIX_BY_PARTITION.get(cache.partition_of_region or "") or _prefix_of_partition()
    return f"{prefix}.{cache.region}.{service_id}"


def add_lookup(
    scope: Construct,
    function: CustomResourceFunction,
    *,
    service_id: str,
    load_balancer_arns: list[str],
    followed_zones: object = None,
) -> CustomResource:
    """Add the custom resource that looks up a service. Its attributes are the results.

    :param followed_zones: The Availability Zones that the service must have, if it follows its load
        balancers.
    """
    # The function does not read the load balancers. They repeat the lookup when they change,
    # because they determine the Availability Zones of the service.
    properties: dict[str, object] = {
        "ServiceId": service_id,
        "LoadBalancerArns": load_balancer_arns,
    }
    if followed_zones is not None:
        properties["AvailabilityZones"] = followed_zones
    return CustomResource(
        scope,
        "ServiceName",
        resource_type=LOOKUP_TYPE,
        service_token=function.arn,
        service_timeout=_service_timeout(
            # A new Availability Zone of a load balancer needs some minutes.
            _SERVICE_SECONDS if followed_zones is None else LONG_SERVICE_TIMEOUT_SECONDS
        ),
        properties=properties,
    )


# One object for all services saves round trips.
@cache
def _service_timeout(seconds: int) -> Duration:
    return Duration.seconds(seconds)


# One token for all services: each stack resolves it to its own mapping.
@cache
def _prefix_of_partition() -> str:
    return Lazy.uncached_string(_Prefix())


@jsii.implements(IStringProducer)
class _Prefix:
    """The prefix of service names in the partition of the deployment."""

    def produce(self, context: IResolveContext) -> str:
        # The stack whose template contains the name, since a mapping is local to its template.
        stack = Stack.of(context.scope)
        return _PREFIXES.get(jsii_reference(stack)) or _add_prefix_mapping(stack)


_PREFIXES: dict[str, str] = {}


def _add_prefix_mapping(stack: Stack) -> str:
    with reserved_id(stack, _MAPPING_ID, scope=stack):
        mapping = CfnMapping(
            stack,
            _MAPPING_ID,
            mapping={
                partition: {"Prefix": prefix} for partition, prefix in PREFIX_BY_PARTITION.items()
            },
        )
    return _PREFIXES.setdefault(jsii_reference(stack), mapping.find_in_map(Aws.PARTITION, "Prefix"))
