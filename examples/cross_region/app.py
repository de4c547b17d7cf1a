"""A service in one Region and its consumer in another, without peering or a transit gateway."""

from aws_cdk import App, CfnOutput, CfnParameter, Environment, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService


class Provider(Stack):
    """The service, in its Region."""

    def __init__(self, scope: Construct, id: str, *, region: str, consumer_region: str) -> None:
        """Create the service, and allow consumers in the other Region."""
        super().__init__(scope, id, env=Environment(region=region))
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Service", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )

        # Register your instances, IP addresses or tasks with this target group.
        targets = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=443, target_type=elbv2.TargetType.IP
        )
        load_balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc)
        load_balancer.add_listener("Tls", port=443, default_target_groups=[targets])
        # For security groups, which load balancers have in apps of `cdk init`.
        load_balancer.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443))

        service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            allowed_regions=[consumer_region],
        )

        CfnOutput(self, "ServiceName", value=service.service_name)
        CfnOutput(self, "ServiceId", value=service.service_id)


class Consumer(Stack):
    """The consumer, in the other Region."""

    def __init__(self, scope: Construct, id: str, *, region: str, service_region: str) -> None:
        """Create the parameter for the name, and connect to the Region of the service."""
        super().__init__(scope, id, env=Environment(region=region))
        service_name = CfnParameter(
            self, "ServiceName", description="The name that the provider's stack has put out"
        )

        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Client", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        endpoint = InterfaceEndpoint(
            self,
            "Payments",
            vpc=vpc,
            service=service_name.value_as_string,
            service_region=service_region,
        )

        CfnOutput(self, "EndpointId", value=endpoint.vpc_endpoint_id)


# The app has no assets, so it needs no bootstrap stack. cdk.json contains the Regions.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider_region = app.node.get_context("provider_region")
consumer_region = app.node.get_context("consumer_region")
Provider(app, "CrossRegionProvider", region=provider_region, consumer_region=consumer_region)
Consumer(app, "CrossRegionConsumer", region=consumer_region, service_region=provider_region)
app.synth()
