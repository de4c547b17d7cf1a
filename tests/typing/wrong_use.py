"""Code of a user with mistakes; each marked line is refused by type checkers with that error."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService


def wrong(stack: Stack, vpc: ec2.Vpc, load_balancers: LoadBalancers) -> None:
    """Make every mistake."""
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    alb = elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=vpc)
    LoadBalancers.network(alb)  # refused: arg-type
    LoadBalancers.network([nlb])  # refused: arg-type
    LoadBalancers.gateway(nlb)  # refused: arg-type

    PrivateLinkEndpointService(stack, "A")  # refused: call-arg
    PrivateLinkEndpointService(stack, "B", load_balancers)  # refused: call-arg
    PrivateLinkEndpointService(stack, "C", load_balancers=[nlb])  # refused: arg-type
    service = PrivateLinkEndpointService(
        stack,
        "D",
        load_balancers=load_balancers,
        allowed_principals=["111122223333"],  # refused: list-item
        acceptance_required="false",  # refused: arg-type
        service_name_source="derived",  # refused: arg-type
    )
    service.allow_principals([iam.AnyPrincipal()])  # refused: arg-type
    service.allow_principals(iam.OrganizationPrincipal("o-1"))  # refused: arg-type
    service.service_name = "another"  # refused: misc
    service.availability_zones.split(",")  # refused: attr-defined
