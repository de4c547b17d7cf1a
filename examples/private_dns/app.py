"""One domain name for a service, in the provider's VPC and in those of all consumers."""

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
    """The public zone of the domain, which proves that it is yours."""

    def __init__(self, scope: Construct, id: str, *, zone_name: str) -> None:
        """Make the zone; it has to be delegated before the provider is deployed."""
        super().__init__(scope, id)
        self.zone = route53.PublicHostedZone(self, "Zone", zone_name=zone_name)


class Provider(Stack):
    """The service, under its name."""

    def __init__(
        self, scope: Construct, id: str, *, domain_name: str, zone: route53.IPublicHostedZone
    ) -> None:
        """Make the service, have its name verified, and use the same name at home."""
        super().__init__(scope, id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )

        # What answers: register your instances, addresses or tasks with this target group. They
        # hold the certificate of the name.
        targets = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=443, target_type=elbv2.TargetType.IP
        )
        load_balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc)
        load_balancer.add_listener("Tls", port=443, default_target_groups=[targets])

        # The proof is published, and the deployment waits until EC2 has seen it.
        self.service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
            private_dns=PrivateDns(domain_name, hosted_zone=zone),
        )

        # Within the provider's own VPC, the name leads to the load balancer.
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
    """A VPC in which the name leads to the service."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Make the VPC and the endpoint, which has the name since the service has it verified."""
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


# Nothing here is an asset, so the account need not be bootstrapped. The domain is in cdk.json.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
zone_name = app.node.get_context("domain")
domain = Domain(app, "PrivateDnsDomain", zone_name=zone_name)
provider = Provider(
    app, "PrivateDnsProvider", domain_name=f"payments.{zone_name}", zone=domain.zone
)
Consumer(app, "PrivateDnsConsumer", service=provider.service)
app.synth()
