"""Interface endpoints in one VPC, for all VPCs behind a transit gateway."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, LoadBalancers, PrivateLinkEndpointService

# CIDR blocks behind one transit gateway must not overlap.
ENDPOINTS = "10.0.0.0/24"
SPOKES = {"Orders": "10.1.0.0/16", "Billing": "10.2.0.0/16"}
AWS_SERVICES = {
    "SecretsManager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "Sqs": ec2.InterfaceVpcEndpointAwsService.SQS,
}
ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED


class Provider(Stack):
    """A service in a VPC of its own, which is not behind the transit gateway."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the service."""
        super().__init__(scope, id)
        subnets = ec2.SubnetConfiguration(name="Service", subnet_type=ISOLATED)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[subnets])

        # Register your instances, IP addresses or tasks with this target group.
        group = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=443, target_type=elbv2.TargetType.IP
        )
        load_balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc)
        load_balancer.add_listener("Tls", port=443, default_target_groups=[group])
        # For security groups, which load balancers have in apps of `cdk init`.
        load_balancer.connections.allow_to(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443))
        self.service = PrivateLinkEndpointService(
            self,
            "Payments",
            load_balancers=LoadBalancers.network(load_balancer, enforce_security_groups=False),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
        )

        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)


class Platform(Stack):
    """The VPC of the endpoints, and the VPCs of two teams that use them: the spokes."""

    def __init__(self, scope: Construct, id: str, *, payments: PrivateLinkEndpointService) -> None:
        """Create the transit gateway, the VPCs, the endpoints and their names."""
        super().__init__(scope, id)
        # The default route table would connect all VPCs with each other. These two tables connect
        # the endpoints with each spoke, and no spoke with another one.
        self.gateway = ec2.CfnTransitGateway(
            self,
            "TransitGateway",
            default_route_table_association="disable",
            default_route_table_propagation="disable",
        )
        of_endpoints, of_spokes = (
            ec2.CfnTransitGatewayRouteTable(self, name, transit_gateway_id=self.gateway.ref).ref
            for name in ("RoutesOfEndpoints", "RoutesOfSpokes")
        )
        vpc = self.add_vpc(
            "Endpoints",
            ENDPOINTS,
            subnets="Endpoint",
            destinations=list(SPOKES.values()),
            route_table=of_endpoints,
            propagate_to=of_spokes,
        )
        spokes = [
            self.add_vpc(
                name,
                cidr,
                subnets="Workload",
                destinations=[ENDPOINTS],
                route_table=of_spokes,
                propagate_to=of_endpoints,
            )
            for name, cidr in SPOKES.items()
        ]

        subnets = ec2.SubnetSelection(subnet_group_name="Endpoint")
        to_payments = InterfaceEndpoint(
            self, "Payments", vpc=vpc, service=payments, subnets=subnets, open=False
        )
        admit_spokes(to_payments)
        zone = self.add_zone("Services", "services.internal", vpc, spokes)
        to_payments.add_alias("Name", zone=zone, record_name="payments")

        for name, service in AWS_SERVICES.items():
            # Private DNS would work in this VPC only, and conflict with the zone of the same name.
            endpoint = ec2.InterfaceVpcEndpoint(
                self,
                name,
                vpc=vpc,
                service=service,
                subnets=subnets,
                private_dns_enabled=False,
                open=False,
            )
            admit_spokes(endpoint)
            # Only for principals of this account: use the id of your organization.
            statement = iam.PolicyStatement(
                principals=[iam.AnyPrincipal()], actions=["*"], resources=["*"]
            )
            statement.add_condition("StringEquals", {"aws:PrincipalAccount": self.account})
            endpoint.add_to_policy(statement)
            # Clients of AWS use this name by default.
            domain = f"{service.short_name}.{self.region}.{self.url_suffix}"
            zone = self.add_zone(name, domain, vpc, spokes)
            alias = route53.RecordTarget.from_alias(targets.InterfaceVpcEndpointTarget(endpoint))
            route53.ARecord(zone, "Alias", zone=zone, target=alias)

        CfnOutput(self, "EndpointId", value=to_payments.vpc_endpoint_id)

    def add_vpc(
        self,
        name: str,
        cidr: str,
        *,
        subnets: str,
        destinations: list[str],
        route_table: str,
        propagate_to: str,
    ) -> ec2.Vpc:
        """Create a VPC without internet access, attached to the transit gateway.

        :param subnets: the name of its subnets.
        :param destinations: the CIDR blocks that these subnets reach through the transit gateway.
        :param route_table: the route table of the transit gateway for traffic from this VPC.
        :param propagate_to: the route table of the transit gateway that gets a route to this VPC.
        """
        vpc = ec2.Vpc(
            self,
            name,
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(name=subnets, subnet_type=ISOLATED),
                # AWS recommends small subnets of their own for the attachment.
                ec2.SubnetConfiguration(name="Attachment", subnet_type=ISOLATED, cidr_mask=28),
            ],
        )
        # CloudFormation replaces the other type, `TransitGatewayAttachment`, if a tag changes.
        attachment = ec2.CfnTransitGatewayVpcAttachment(
            vpc,
            "TransitGateway",
            transit_gateway_id=self.gateway.ref,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.select_subnets(subnet_group_name="Attachment").subnet_ids,
        )
        ec2.CfnTransitGatewayRouteTableAssociation(
            vpc,
            "Association",
            transit_gateway_attachment_id=attachment.ref,
            transit_gateway_route_table_id=route_table,
        )
        ec2.CfnTransitGatewayRouteTablePropagation(
            vpc,
            "Propagation",
            transit_gateway_attachment_id=attachment.ref,
            transit_gateway_route_table_id=propagate_to,
        )
        for subnet in vpc.select_subnets(subnet_group_name=subnets).subnets:
            for destination in destinations:
                route = ec2.CfnRoute(
                    vpc,
                    f"{subnet.node.id} to {destination}",
                    route_table_id=subnet.route_table.route_table_id,
                    destination_cidr_block=destination,
                    transit_gateway_id=self.gateway.ref,
                )
                # EC2 rejects a route to a transit gateway that the VPC is not attached to.
                route.node.add_dependency(attachment)
        return vpc

    def add_zone(
        self, id: str, domain: str, vpc: ec2.Vpc, spokes: list[ec2.Vpc]
    ) -> route53.PrivateHostedZone:
        """Create a private hosted zone that all VPCs resolve."""
        zone = route53.PrivateHostedZone(self, f"{id}Zone", zone_name=domain, vpc=vpc)
        for spoke in spokes:
            zone.add_vpc(spoke)
        return zone


def admit_spokes(endpoint: ec2.InterfaceVpcEndpoint) -> None:
    """Admit clients by their own addresses, which transit gateways do not translate."""
    for cidr in SPOKES.values():
        endpoint.connections.allow_default_port_from(ec2.Peer.ipv4(cidr))


# The app has no assets, so the account does not have to be bootstrapped.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
provider = Provider(app, "CentralProvider")
Platform(app, "CentralPlatform", payments=provider.service)
app.synth()
