"""Code of a user with mistakes; each marked line is refused by type checkers with that error."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from cdk_privatelink import ConnectionEvent, LoadBalancers, PrivateDns, PrivateLinkEndpointService


def wrong(stack: Stack, vpc: ec2.Vpc, load_balancers: LoadBalancers, topic: sns.Topic) -> None:
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
        allowed_regions=[1],  # refused: list-item
        private_dns="payments.example.com",  # refused: arg-type
        supported_ip_address_types=["ipv4"],  # refused: list-item
        payer_responsibility="ServiceOwner",  # refused: arg-type
        contributor_insights="true",  # refused: arg-type
        name_tag=1,  # refused: arg-type
    )
    PrivateDns("payments.example.com", hosted_zone="Z0123456789")  # refused: arg-type
    PrivateDns()  # refused: call-arg
    service.notify("arn")  # refused: arg-type
    service.notify(topic, events=["Accept"])  # refused: list-item
    service.notify(topic, [ConnectionEvent.ACCEPT])  # refused: call-arg
    service.add_rst_packets_sent_alarms("Rst")  # refused: call-arg
    service.add_rst_packets_sent_alarms("Rst", threshold="1")  # refused: arg-type
    service.metric_new_connections(statistics="Sum")  # refused: call-arg
    service.metric_new_connections(period=60)  # refused: arg-type
    PrivateLinkEndpointService.from_service_id(stack, "E")  # refused: call-arg
    service.allow_principals([iam.AnyPrincipal()])  # refused: arg-type
    service.allow_principals(iam.OrganizationPrincipal("o-1"))  # refused: arg-type
    service.service_name = "another"  # refused: misc
    service.availability_zones.split(",")  # refused: attr-defined
