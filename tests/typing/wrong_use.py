"""Code of a user with mistakes; each marked line is refused by type checkers with that error."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from cdk_privatelink import (
    ConnectionEvent,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
)


def wrong(stack: Stack, vpc: ec2.Vpc, load_balancers: LoadBalancers, topic: sns.Topic) -> None:
    """Use the provider's side wrongly."""
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
    )
    PrivateDns("payments.example.com", hosted_zone="Z0123456789")  # refused: arg-type
    PrivateDns()  # refused: call-arg
    service.add_connection_notification("arn")  # refused: arg-type
    service.add_connection_notification(topic, events=["Accept"])  # refused: list-item
    service.add_connection_notification(topic, [ConnectionEvent.ACCEPT])  # refused: call-arg
    service.add_rst_packets_sent_alarms("Rst")  # refused: call-arg
    service.add_rst_packets_sent_alarms("Rst", threshold="1")  # refused: arg-type
    service.metric_new_connections(statistics="Sum")  # refused: call-arg
    service.metric_new_connections(period=60)  # refused: arg-type
    PrivateLinkEndpointService.from_service_id(stack, "E")  # refused: call-arg
    service.allow_principals([iam.AnyPrincipal()])  # refused: arg-type
    service.allow_principals(iam.OrganizationPrincipal("o-1"))  # refused: arg-type
    service.service_name = "another"  # refused: misc
    service.availability_zones.split(",")  # refused: attr-defined


def wrong_consumers(stack: Stack, vpc: ec2.Vpc, service: PrivateLinkEndpointService) -> None:
    """Use the consumer's side wrongly."""
    InterfaceEndpoint(stack, "A", vpc=vpc)  # refused: call-arg
    InterfaceEndpoint(stack, "B", vpc, service)  # refused: call-arg
    InterfaceEndpoint(stack, "C", vpc="vpc-1", service=service)  # refused: arg-type
    InterfaceEndpoint(
        stack,
        "D",
        vpc=vpc,
        service=1,  # refused: arg-type
        port="443",  # refused: arg-type
        private_dns_enabled="true",  # refused: arg-type
        subnets=["subnet-1"],  # refused: arg-type
        security_groups=["sg-1"],  # refused: list-item
        open=None,  # refused: arg-type
        ip_address_type="ipv4",  # refused: arg-type
        dns_record_ip_type="ipv4",  # refused: arg-type
        lookup_supported_azs=None,  # refused: arg-type
        service_region=1,  # refused: arg-type
    )

    endpoints = GatewayLoadBalancerEndpoints(
        stack,
        "E",
        vpc="vpc-1",  # refused: arg-type
        service=[service],  # refused: arg-type
        subnets="subnet-1",  # refused: arg-type
        ip_address_type=ec2.IpAddressType.IPV4,  # refused: arg-type
    )
    GatewayLoadBalancerEndpoints(stack, "X", vpc=vpc, service=service, port=1)  # refused: call-arg
    subnets = ec2.SubnetSelection()
    endpoints.add_routes(subnets=subnets)  # refused: call-arg
    endpoints.add_routes(subnets="subnet-1", destination="0.0.0.0/0")  # refused: arg-type
    endpoints.add_routes(subnets=subnets, destination=["0.0.0.0/0"])  # refused: arg-type
    endpoints.add_routes(subnets, "0.0.0.0/0")  # refused: call-arg
    endpoints.add_routes(subnets=subnets, destination="::/0", return_path=1)  # refused: arg-type

    gateway = GatewayLoadBalancer(
        stack,
        "F",
        vpc="vpc-1",  # refused: arg-type
        vpc_subnets=["subnet-1"],  # refused: arg-type
        targets=["i-1"],  # refused: list-item
        target_type="ip",  # refused: arg-type
        health_check=80,  # refused: arg-type
        cross_zone_enabled="true",  # refused: arg-type
        flow_stickiness="source_ip_dest_ip",  # refused: arg-type
        deregistration_delay=60,  # refused: arg-type
        ip_address_type="ipv4",  # refused: arg-type
    )
    gateway.add_target("10.0.0.1")  # refused: arg-type
    LoadBalancers.network(gateway)  # refused: arg-type
