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
from cdk_privatelink.assertions import Routes


def wrong(stack: Stack, vpc: ec2.Vpc, load_balancers: LoadBalancers, topic: sns.Topic) -> None:
    """Use the provider's side wrongly."""
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    alb = elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=vpc)
    LoadBalancers.network(alb)  # rejected: arg-type
    LoadBalancers.network([nlb])  # rejected: arg-type
    LoadBalancers.gateway(nlb)  # rejected: arg-type

    PrivateLinkEndpointService(stack, "A")  # rejected: call-arg
    PrivateLinkEndpointService(stack, "B", load_balancers)  # rejected: call-arg
    PrivateLinkEndpointService(stack, "C", load_balancers=[nlb])  # rejected: arg-type
    service = PrivateLinkEndpointService(
        stack,
        "D",
        load_balancers=load_balancers,
        allowed_principals=["111122223333"],  # rejected: list-item
        acceptance_required="false",  # rejected: arg-type
        service_name_source="derived",  # rejected: arg-type
        allowed_regions=[1],  # rejected: list-item
        private_dns="payments.example.com",  # rejected: arg-type
        supported_ip_address_types=["ipv4"],  # rejected: list-item
        payer_responsibility="ServiceOwner",  # rejected: arg-type
        contributor_insights="true",  # rejected: arg-type
    )
    PrivateDns("payments.example.com", hosted_zone="Z0123456789")  # rejected: arg-type
    PrivateDns()  # rejected: call-arg
    service.add_connection_notification("arn")  # rejected: arg-type
    service.add_connection_notification(topic, events=["Accept"])  # rejected: list-item
    service.add_connection_notification(topic, [ConnectionEvent.ACCEPT])  # rejected: call-arg
    service.add_rst_packets_sent_alarms("Rst")  # rejected: call-arg
    service.add_rst_packets_sent_alarms("Rst", threshold="1")  # rejected: arg-type
    service.metric_new_connections(statistics="Sum")  # rejected: call-arg
    service.metric_new_connections(period=60)  # rejected: arg-type
    PrivateLinkEndpointService.from_service_id(stack, "E")  # rejected: call-arg
    service.allow_principals([iam.AnyPrincipal()])  # rejected: arg-type
    service.allow_principals(iam.OrganizationPrincipal("o-1"))  # rejected: arg-type
    service.service_name = "another"  # rejected: misc
    service.availability_zones.split(",")  # rejected: attr-defined


def wrong_consumers(stack: Stack, vpc: ec2.Vpc, service: PrivateLinkEndpointService) -> None:
    """Use the consumer's side wrongly."""
    InterfaceEndpoint(stack, "A", vpc=vpc)  # rejected: call-arg
    InterfaceEndpoint(stack, "B", vpc, service)  # rejected: call-arg
    InterfaceEndpoint(stack, "C", vpc="vpc-1", service=service)  # rejected: arg-type
    InterfaceEndpoint(
        stack,
        "D",
        vpc=vpc,
        service=1,  # rejected: arg-type
        ports=["443"],  # rejected: list-item
        private_dns_enabled="true",  # rejected: arg-type
        subnets=["subnet-1"],  # rejected: arg-type
        security_groups=["sg-1"],  # rejected: list-item
        open=None,  # rejected: arg-type
        ip_address_type="ipv4",  # rejected: arg-type
        dns_record_ip_type="ipv4",  # rejected: arg-type
        lookup_supported_azs=None,  # rejected: arg-type
        service_region=1,  # rejected: arg-type
    )

    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=service)
    endpoint.add_alias("Alias", zone="internal")  # rejected: arg-type
    endpoint.add_alias("Alias")  # rejected: call-arg
    endpoint.add_packets_dropped_alarms("Alarms", threshold="1")  # rejected: arg-type
    endpoint.metric_packets_dropped(period=60)  # rejected: arg-type
    endpoint.add_connection_notification("topic")  # rejected: arg-type
    endpoint.regional_dns_name = "name"  # rejected: misc

    endpoints = GatewayLoadBalancerEndpoints(
        stack,
        "E",
        vpc="vpc-1",  # rejected: arg-type
        service=[service],  # rejected: arg-type
        subnets="subnet-1",  # rejected: arg-type
        ip_address_type=ec2.IpAddressType.IPV4,  # rejected: arg-type
    )
    GatewayLoadBalancerEndpoints(stack, "X", vpc=vpc, service=service, port=1)  # rejected: call-arg
    subnets = ec2.SubnetSelection()
    endpoints.add_routes(subnets=subnets)  # rejected: call-arg
    endpoints.add_routes(subnets="subnet-1", destination="0.0.0.0/0")  # rejected: arg-type
    endpoints.add_routes(subnets=subnets, destination=["0.0.0.0/0"])  # rejected: arg-type
    endpoints.add_routes(subnets, "0.0.0.0/0")  # rejected: call-arg
    endpoints.add_routes(subnets=subnets, destination="::/0", return_path=1)  # rejected: arg-type

    routes = Routes.from_stacks([stack])  # rejected: arg-type
    routes.trace(source=vpc, destination="198.51.100.7")  # rejected: arg-type
    routes.assert_inspected(source="path", destination=subnets)  # rejected: arg-type
    routes.assert_inspected("path", "198.51.100.7")  # rejected: call-arg

    gateway = GatewayLoadBalancer(
        stack,
        "F",
        vpc="vpc-1",  # rejected: arg-type
        vpc_subnets=["subnet-1"],  # rejected: arg-type
        targets=["i-1"],  # rejected: list-item
        target_type="ip",  # rejected: arg-type
        health_check=80,  # rejected: arg-type
        cross_zone_enabled="true",  # rejected: arg-type
        flow_stickiness="source_ip_dest_ip",  # rejected: arg-type
        deregistration_delay=60,  # rejected: arg-type
        ip_address_type="ipv4",  # rejected: arg-type
    )
    gateway.add_target("10.0.0.1")  # rejected: arg-type
    LoadBalancers.network(gateway)  # rejected: arg-type

    service.publish("P")  # rejected: call-arg
    service.publish("Q", "payments")  # rejected: call-arg
    service.publish("R", parameter_name=1)  # rejected: arg-type
    service.publish("T", parameter_name="payments", share_with=[1])  # rejected: list-item
    PrivateLinkEndpointService.from_parameter(stack, "U", 1)  # rejected: arg-type
