"""One domain name for a service, in the VPCs of the provider and of all consumers."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as route53_targets
from constructs import Construct

from cdk_privatelink import (
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
)


class Domain(Stack):
    """The public hosted zone of the domain, for the verification record."""

    def __init__(self, scope: Construct, id: str, *, zone_name: str) -> None:
        """Create the hosted zone. Delegate the domain to it before you deploy the provider."""
        super().__init__(scope, id)
        self.zone = route53.PublicHostedZone(self, "Zone", zone_name=zone_name)


class Provider(Stack):
    """The service with its private DNS name."""

    def __init__(
        self, scope: Construct, id: str, *, domain_name: str, zone: route53.IPublicHostedZone
    ) -> None:
        """Create the service, verify its name, and use the same name in the provider's VPC."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )

        # Register your instances, IP addresses or tasks with this target group. They have the
        # certificate for the name.
        targets = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=443, target_type=elbv2.TargetType.IP
        )
        load_balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc)
        load_balancer.add_listener("Tls", port=443, default_target_groups=[targets])
        # For security groups, which load balancers have in apps of `cdk init`.
        load_balancer.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443))

        # Publishes the verification record. The deployment waits until EC2 has verified the name.
        self.service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
            private_dns=PrivateDns(domain_name, hosted_zone=zone),
        )

        # In the provider's VPC, the name resolves to the load balancer.
        home = route53.PrivateHostedZone(self, "Home", vpc=vpc, zone_name=domain_name)
        route53.ARecord(
            self,
            "HomeRecord",
            zone=home,
            target=route53.RecordTarget.from_alias(
                route53_targets.LoadBalancerTarget(load_balancer)
            ),
        )

        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)


class Consumer(Stack):
    """A VPC where the name resolves to the endpoint."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the VPC and the endpoint, which waits for the verification of the name."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        endpoint = InterfaceEndpoint(self, "Payments", vpc=vpc, service=service)

        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)


# The app has no assets, so it needs no bootstrap stack. cdk.json contains the domain.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
zone_name = app.node.get_context("domain")
domain = Domain(app, "PrivateDnsDomain", zone_name=zone_name)
provider = Provider(
    app, "PrivateDnsProvider", domain_name=f"payments.{zone_name}", zone=domain.zone
)
Consumer(app, "PrivateDnsConsumer", service=provider.service)
app.synth()
