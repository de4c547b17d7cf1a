"""A service with every option, and an import of the service by name in another stack.

The context differs per deployment: `cdk.json` contains it for a first one.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from cdk_privatelink import (
    ConnectionEvent,
    LoadBalancers,
    PayerResponsibility,
    PrivateDns,
    PrivateLinkEndpointService,
)

app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Stack(app, "Provider")
get_context = app.node.get_context
vpc = ec2.Vpc(
    provider,
    "Vpc",
    max_azs=2,
    ip_protocol=ec2.IpProtocol[get_context("ip_protocol")],
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ],
)
load_balancers = [
    elbv2.NetworkLoadBalancer(
        provider, name, vpc=vpc, ip_address_type=elbv2.IpAddressType.DUAL_STACK
    )
    for name in get_context("load_balancers").split(",")
]
role = iam.Role(provider, "Role", assumed_by=iam.AccountRootPrincipal())
user = iam.User(provider, "User")
zone = route53.PublicHostedZone.from_public_hosted_zone_attributes(
    provider,
    "Zone",
    hosted_zone_id=get_context("hosted_zone_id"),
    zone_name=get_context("domain"),
)
service = PrivateLinkEndpointService(
    provider,
    "Payments",
    load_balancers=LoadBalancers.network(*load_balancers),
    allowed_principals=[
        role,
        user,
        iam.AccountPrincipal("111122223333"),
    ],
    allowed_regions=[get_context("provider_region"), get_context("consumer_region")],
    acceptance_required=False,
    private_dns=PrivateDns(
        f"{get_context('name')}.{zone.zone_name}",
        hosted_zone=zone,
    ),
    supported_ip_address_types=[ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6],
    payer_responsibility=PayerResponsibility.SERVICE_OWNER,
    contributor_insights=True,
)
Tags.of(service.cfn_endpoint_service).add("Name", "payments")
topic = sns.Topic(provider, "Topic")
service.add_connection_notification(topic, events=[ConnectionEvent.CONNECT, ConnectionEvent.DELETE])
for alarm in service.add_rst_packets_sent_alarms("TargetsReset", threshold=10):
    CfnOutput(provider, alarm.node.id, value=alarm.alarm_name)
CfnOutput(provider, "ServiceId", value=service.service_id)
CfnOutput(provider, "ServiceName", value=service.service_name)
CfnOutput(provider, "RoleArn", value=role.role_arn)
CfnOutput(provider, "UserArn", value=user.user_arn)

# This stack receives only the name, like a stack of another app.
consumer = Stack(app, "Consumer")
existing = PrivateLinkEndpointService.from_service_name(consumer, "Payments", service.service_name)
ec2.Vpc(
    consumer,
    "Vpc",
    max_azs=2,
    subnet_configuration=[
        ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    ],
).add_interface_endpoint(
    "Endpoint", service=ec2.InterfaceVpcEndpointService(existing.service_name, 443)
)
existing.metric_active_connections().create_alarm(
    consumer,
    "Unused",
    comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold=1,
    evaluation_periods=1,
)
app.synth()
