"""The service that a consumer connects to, and the subnets in which the service is available."""

from __future__ import annotations

import re

from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup

from .._internal.arguments import Argument
from .._internal.construct_cache import construct_path, jsii_reference, stack_of, stage_path
from .._internal.stack_cache import StackCache, partition_of
from .._internal.subnets import SelectedSubnets, filter_by_zone, select_subnets, zone_of
from .._internal.tokens import is_literal
from ..provider.endpoint_service_base import EndpointServiceBase
from ..provider.imported_endpoint_service import region_in, service_id_in, service_name_rule
from ..provider.load_balancers import LoadBalancerType
from ..provider.service_name import derive_service_name
from ..provider.service_reference import ServiceReference, identify_service, reference_to

# Names of AWS services, like `com.amazonaws.eu-west-1.s3`, `aws.sagemaker.eu-west-1.notebook`.
_AWS_SERVICE = re.compile(r"((cn\.)?com\.amazonaws|aws)\.(?!vpce\.)[\w.-]+", re.ASCII)


def resolve_service(
    argument: Argument, service: object, *, type: LoadBalancerType, consumer: Construct
) -> ServiceReference:
    """Return the service, and check that it has load balancers of a type.

    :param consumer: A construct in the stack of the consumer.
    :raises PrivateLinkTypeError: The value is neither an endpoint service nor a name.
    :raises PrivateLinkValueError: The name or the type of the service is wrong.
    """
    reference = _resolve(argument, service, consumer)
    _validate_partition(argument, reference, consumer)
    if reference.load_balancer_type not in (None, type):
        other = "InterfaceEndpoint" if type == "gateway" else "GatewayLoadBalancerEndpoints"
        raise argument.value_error(
            f"must have {type} load balancers",
            got=reference.display_name,
            fix=f"connect to this service with `{other}`",
        )
    return reference


def select_supported_subnets(
    argument: Argument,
    vpc: ec2.IVpc,
    selection: object,
    service: ServiceReference,
    *,
    consumer: Construct,
    one_per_zone: bool = False,
) -> SelectedSubnets:
    """Return the selected subnets, without the ones in zones where the service is not available.

    :raises PrivateLinkTypeError: The selection is not an ``ec2.SubnetSelection``.
    :raises PrivateLinkValueError: No subnet remains.
    """
    selected = select_subnets(vpc, argument, selection, one_per_zone=one_per_zone)
    supported = filter_by_zone(selected, service.availability_zones, scope=consumer)
    if not supported.subnets and selected.subnets:
        zones = "`, `".join(service.availability_zones or ())
        raise argument.value_error(
            "must have a subnet in an Availability Zone of the service",
            got="`, `".join(zone_of(subnet, consumer) for subnet in selected.subnets),
            fix=f"pass subnets in `{zones}`",
        )
    return supported


def is_cross_region(
    region: str | None, consumer: Construct, *, is_explicit: bool = False
) -> bool | None:
    """Return whether a service is in another Region, or ``None`` if only the deployment decides.

    :param is_explicit: ``True`` if the user has passed the Region.
    """
    own_region = StackCache.of(consumer).region
    if region is None or region == own_region:
        return False
    # A token usually stands for the Region of the consumer.
    if not is_literal(region):
        return is_explicit
    return True if is_literal(own_region) else None


def _resolve(argument: Argument, service: object, consumer: Construct) -> ServiceReference:
    if isinstance(service, str):
        if _AWS_SERVICE.fullmatch(service):
            raise argument.value_error(
                "must be an endpoint service, not an AWS service",
                got=service,
                fix="connect to AWS services with `vpc.add_interface_endpoint()`",
            )
        service_name_rule(argument, service)
        service_id = service_id_in(service)
        return ServiceReference(
            service,
            region_in(service),
            display_name=service,
            service_id=service_id,
            identity=identify_service(stack_of(consumer), service_id, service),
        )
    if not isinstance(service, (EndpointServiceBase, ec2.VpcEndpointService)):
        raise argument.type_error(
            "must be an endpoint service or the name of an endpoint service",
            got=service,
            fix="pass a `PrivateLinkEndpointService`, or a name like "
            "`com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`",
        )
    if isinstance(service, ec2.VpcEndpointService):
        reference = _reference_to_cdk_service(service)
    else:
        reference = reference_to(service, consumer)
    if reference.ready is not None and stage_path(service) != stage_path(consumer):
        raise argument.value_error(
            "must be in the same stage, because each stage is deployed separately",
            got=construct_path(service),
            fix="pass the name of the service, as a string or as a parameter",
        )
    region, expected = StackCache.of(service).region, StackCache.of(consumer).region
    if is_literal(region) != is_literal(expected):
        raise argument.value_error(
            "must be in a stack with a Region if the consumer is, because the CDK supports no "
            "references between a known and an unknown Region",
            got=f"{service.node.path} in {region}",
            fix="pass `env` with a Region to both stacks or to none, or pass the name of the "
            "service as a string or as a parameter",
        )
    return reference


def _validate_partition(argument: Argument, service: ServiceReference, consumer: Construct) -> None:
    """Check that a service is in the partition of the consumer, since partitions are separate."""
    own = StackCache.of(consumer)
    if service.region is None or service.region == own.region:
        return
    partition = partition_of(service.region)
    if None not in (partition, own.partition_of_region) and partition != own.partition_of_region:
        raise argument.value_error(
            f"must be in the partition of the consumer, `{own.partition_of_region}`",
            got=service.display_name,
            fix="pass a service in a Region of the same partition",
        )


def _reference_to_cdk_service(service: ec2.VpcEndpointService) -> ServiceReference:
    """Return everything that a consumer can know of a service of aws-cdk-lib."""
    stack = stack_of(service)
    (resource,) = [
        each for each in service.node.children if isinstance(each, ec2.CfnVPCEndpointService)
    ]
    return ServiceReference(
        # The name that the construct derives is wrong in some partitions.
        derive_service_name(stack, service.vpc_endpoint_service_id),
        region=stack.region,
        account=stack.account,
        display_name=service.node.path,
        service_id=service.vpc_endpoint_service_id,
        identity=(jsii_reference(service), ""),
        load_balancer_type="network",
        requires_acceptance=resource.acceptance_required is True,
        allowed_regions=resource.supported_regions,
        ready=DependencyGroup(service),
    )
