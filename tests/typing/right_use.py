"""Code of a user, which type checkers accept."""

from __future__ import annotations

from aws_cdk import CfnOutput, CfnParameter, Fn, RemovalPolicy, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)


class Payments(Stack):
    """A stack that uses everything."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.Vpc) -> None:
        super().__init__(scope, id)
        acceptance = CfnParameter(self, "Acceptance")
        nlb = elbv2.NetworkLoadBalancer(self, "Nlb", vpc=vpc)
        imported = elbv2.NetworkLoadBalancer.from_lookup(self, "Imported")
        l1 = elbv2.CfnLoadBalancer(self, "L1", type="network")

        service = PrivateLinkEndpointService(
            self,
            "Service",
            load_balancers=LoadBalancers.network(nlb, imported, l1, "arn"),
            allowed_principals=[
                iam.AccountPrincipal("111122223333"),
                iam.ArnPrincipal("arn:aws:iam::111122223333:role/consumer"),
            ],
            acceptance_required=acceptance.value,
            service_name_source=ServiceNameSource.DERIVED,
        )
        service.allow_principals(iam.AnyPrincipal(), iam.AccountRootPrincipal())
        service.apply_removal_policy(RemovalPolicy.RETAIN)
        Tags.of(service).add("Name", "payments")
        CfnOutput(self, "Name", value=service.service_name)

        zones: list[str] = service.availability_zones
        zone_ids: list[str] = service.availability_zone_ids
        dns_names: list[str] = service.base_endpoint_dns_names
        resource: ec2.CfnVPCEndpointService = service.endpoint_service
        resource.add_property_override("Zones", [*zones, *zone_ids, *dns_names])
        load_balancers: LoadBalancers = service.load_balancers
        strings: list[str] = [service.service_id, service.service_arn]
        Fn.join(load_balancers.load_balancer_type, strings)


def minimal(stack: Stack) -> PrivateLinkEndpointService | None:
    """Make the smallest service, and catch what this library raises."""
    gwlb = elbv2.CfnLoadBalancer(stack, "Gwlb", type="gateway")
    try:
        return PrivateLinkEndpointService(
            stack, "Minimal", load_balancers=LoadBalancers.gateway(gwlb), acceptance_required=False
        )
    except (PrivateLinkValueError, PrivateLinkTypeError) as error:
        path: str = error.construct_path
        return None if path else minimal(stack)
