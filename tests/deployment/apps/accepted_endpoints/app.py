"""Endpoints whose connections their own stack accepts, for services that require acceptance.

The context differs per deployment: `port` is in a tag and a security group of the endpoint.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Fn, LegacyStackSynthesizer, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
)

app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Stack(app, "Provider")
vpc = ec2.Vpc(
    provider,
    "Vpc",
    max_azs=2,
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ],
)
public_zone = route53.PublicHostedZone.from_public_hosted_zone_attributes(
    provider,
    "Zone",
    hosted_zone_id=app.node.get_context("hosted_zone_id"),
    zone_name=app.node.get_context("domain"),
)
payments = PrivateLinkEndpointService(
    provider,
    "Payments",
    load_balancers=LoadBalancers.network(elbv2.NetworkLoadBalancer(provider, "Nlb", vpc=vpc)),
    allowed_principals=[iam.AccountRootPrincipal()],
    private_dns=PrivateDns(f"payments.{public_zone.zone_name}", hosted_zone=public_zone),
)
firewalls = PrivateLinkEndpointService(
    provider,
    "Firewalls",
    load_balancers=LoadBalancers.gateway(GatewayLoadBalancer(provider, "Gateway", vpc=vpc)),
    allowed_principals=[iam.AccountRootPrincipal()],
)

consumer = Stack(app, "Consumer")
client_vpc = ec2.Vpc(
    consumer,
    "Vpc",
    max_azs=2,
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Inspection", subnet_type=ec2.SubnetType.PUBLIC),
        ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    ],
)
clients = ec2.SubnetSelection(subnet_group_name="Client")
port = app.node.get_context("port")
endpoint = InterfaceEndpoint(
    consumer,
    "ToPayments",
    vpc=client_vpc,
    service=payments,
    subnets=clients,
    security_groups=[ec2.SecurityGroup(consumer, f"Clients{port}", vpc=client_vpc)],
    auto_accept=True,
)
Tags.of(endpoint).add("port", port)
endpoints = GatewayLoadBalancerEndpoints(
    consumer,
    "ToFirewalls",
    vpc=client_vpc,
    service=firewalls,
    subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
    auto_accept=True,
)
endpoints.add_routes(subnets=clients, destination="0.0.0.0/0")

zone = route53.PrivateHostedZone(consumer, "Zone", zone_name="services.internal", vpc=client_vpc)
endpoint.add_alias("Alias", zone=zone, record_name="payments")
endpoint.add_packets_dropped_alarms("PacketsDropped", threshold=10)
endpoints.add_packets_dropped_alarms("PacketsDropped", threshold=10)
endpoint.add_connection_notification(sns.Topic(consumer, "Topic"))

CfnOutput(consumer, "EndpointId", value=endpoint.vpc_endpoint_id)
CfnOutput(consumer, "Regional", value=endpoint.regional_dns_name)
CfnOutput(consumer, "Zonal", value=Fn.join(",", list(endpoint.zonal_dns_names.values())))
CfnOutput(consumer, "DnsZone", value=endpoint.dns_hosted_zone_id)
subnet_ids = client_vpc.select_subnets(subnet_group_name="Client").subnet_ids
CfnOutput(consumer, "Subnets", value=Fn.join(",", subnet_ids))
CfnOutput(consumer, "Addresses", value=Fn.join(",", endpoint.private_ip_addresses))
app.synth()
