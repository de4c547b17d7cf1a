"""A service with a host that answers, and a client that connects through an endpoint.

With the context `hosted_zone_id` and `domain`, the service has a private DNS name, too.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Fn, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk_privatelink import (
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
)
from tests.integ.apps.constructs import Client, Host

ISOLATED = ec2.SubnetConfiguration(name="Host", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
HOSTS = ec2.SubnetSelection(subnet_group_name="Host")


class Provider(Stack):
    """The service, which requires acceptance."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the host, the load balancer and the service."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[ISOLATED])
        host = Host(self, "Host", vpc=vpc, subnet=vpc.isolated_subnets[0], program="server")
        # One host serves all Availability Zones.
        nlb = elbv2.NetworkLoadBalancer(self, "Nlb", vpc=vpc, cross_zone_enabled=True)
        group = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=80, targets=[targets.InstanceTarget(host)]
        )
        nlb.add_listener("Http", port=80, default_target_groups=[group])
        nlb.connections.allow_to(host, ec2.Port.tcp(80))
        self.service = PrivateLinkEndpointService(
            self,
            "Service",
            load_balancers=LoadBalancers.network(nlb, enforce_security_groups=False),
            allowed_principals=[iam.AccountRootPrincipal()],
            private_dns=self.private_dns(),
        )
        topic, queue = sns.Topic(self, "Topic"), sqs.Queue(self, "Events")
        topic.add_subscription(subscriptions.SqsSubscription(queue))
        self.service.add_connection_notification(topic)
        CfnOutput(self, "QueueUrl", value=queue.queue_url)
        CfnOutput(self, "ServiceId", value=self.service.service_id)
        CfnOutput(self, "ServiceName", value=self.service.service_name)

    def private_dns(self) -> PrivateDns | None:
        """Return the name in the zone of the context."""
        domain = self.node.try_get_context("domain")
        if domain is None:
            return None
        zone = route53.PublicHostedZone.from_public_hosted_zone_attributes(
            self,
            "Zone",
            hosted_zone_id=self.node.get_context("hosted_zone_id"),
            zone_name=domain,
        )
        return PrivateDns(f"cdk-privatelink-integ.{domain}", hosted_zone=zone)


class Consumer(Stack):
    """A client whose endpoint waits for acceptance."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the endpoint, its alias and the client."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[ISOLATED])
        endpoint = InterfaceEndpoint(
            self,
            "Endpoint",
            vpc=vpc,
            service=service,
            subnets=HOSTS,
            private_dns_enabled=False,
        )
        zone = route53.PrivateHostedZone(self, "Zone", zone_name="traffic.internal", vpc=vpc)
        endpoint.add_alias("Alias", zone=zone, record_name="service")
        client = Client(self, "Client", vpc=vpc, subnets=HOSTS)
        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)
        CfnOutput(self, "RegionalName", value=endpoint.regional_dns_name)
        CfnOutput(self, "ZonalNames", value=Fn.join(",", list(endpoint.zonal_dns_names.values())))
        CfnOutput(self, "Addresses", value=Fn.join(",", endpoint.private_ip_addresses))
        CfnOutput(self, "ClientName", value=client.function_name)


class PrivateNameConsumer(Stack):
    """A client whose endpoint is accepted by its own stack, and has the private DNS name."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the endpoint and the client."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[ISOLATED])
        endpoint = InterfaceEndpoint(
            self, "Endpoint", vpc=vpc, service=service, subnets=HOSTS, auto_accept=True
        )
        client = Client(self, "Client", vpc=vpc, subnets=HOSTS)
        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)
        CfnOutput(self, "ClientName", value=client.function_name)


app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Provider(app, "TrafficProvider")
Consumer(app, "TrafficConsumer", service=provider.service)
if app.node.try_get_context("domain"):
    PrivateNameConsumer(app, "TrafficPrivateName", service=provider.service)
app.synth()
