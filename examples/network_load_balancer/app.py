"""A service behind a Network Load Balancer, and a VPC that connects to it over AWS PrivateLink."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService


class Provider(Stack):
    """An isolated VPC with one service."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the VPC, the load balancer and the endpoint service."""
        super().__init__(scope, id)

        # Isolated subnets in two Availability Zones, without an internet or NAT gateway.
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

        # Two accounts and a role may request connections. You accept each one before traffic flows.
        principals = [
            iam.AccountPrincipal(self.account),
            iam.AccountPrincipal("111122223333"),
            iam.ArnPrincipal("arn:aws:iam::444455556666:role/Consumer"),
        ]
        self.service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=principals,
        )

        # The name for consumers, and details for operators.
        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)
        CfnOutput(self, "AllowedPrincipals", value=",".join(each.arn for each in principals))


class Consumer(Stack):
    """A VPC with an endpoint."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the VPC and the endpoint."""
        super().__init__(scope, id)

        # The IP address range may be the same as the provider's, because the VPCs are not joined.
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


# The app has no assets, so the account does not have to be bootstrapped.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Provider(app, "PrivateLinkProvider")
Consumer(app, "PrivateLinkConsumer", service=provider.service)
app.synth()
