"""Inspection of internet traffic by appliances in a VPC of their own."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    LoadBalancers,
    PrivateLinkEndpointService,
)


class Security(Stack):
    """The appliances of the security team, as a service for any VPC."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the appliances, their load balancer and the service."""
        super().__init__(scope, id)
        block = "10.1.0.0/16"
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(block),
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Appliance", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
                )
            ],
        )

        # Appliances receive packets in GENEVE, and requests of the health check.
        firewall = ec2.SecurityGroup(
            self, "Firewall", vpc=vpc, description="Appliances", allow_all_outbound=False
        )
        inside = ec2.Peer.ipv4(block)
        firewall.add_ingress_rule(inside, ec2.Port.udp(6081), "GENEVE from the load balancer")
        firewall.add_ingress_rule(inside, ec2.Port.tcp(80), "Health checks")
        firewall.add_egress_rule(inside, ec2.Port.udp(6081), "GENEVE to the load balancer")
        appliances = autoscaling.AutoScalingGroup(
            self,
            "Appliances",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Appliance"),
            min_capacity=2,
            launch_template=ec2.LaunchTemplate(
                self,
                "Appliance",
                # Use the image of your firewall: this image returns no packets.
                machine_image=ec2.MachineImage.latest_amazon_linux2023(),
                instance_type=ec2.InstanceType("c7i.large"),
                security_group=firewall,
                require_imdsv2=True,
                detailed_monitoring=True,
                block_devices=[
                    ec2.BlockDevice(
                        device_name="/dev/xvda",
                        volume=ec2.BlockDeviceVolume.ebs(8, encrypted=True),
                    )
                ],
            ),
        )

        gateway = GatewayLoadBalancer(
            self,
            "Gateway",
            vpc=vpc,
            targets=[appliances],
            health_check=elbv2.HealthCheck(protocol=elbv2.Protocol.TCP, port="80"),
            flow_stickiness=FlowStickiness.TWO_TUPLE,
        )
        # Routes fail while a connection is pending, and all consumers are in this account.
        self.service = PrivateLinkEndpointService(
            self,
            "Inspection",
            load_balancers=LoadBalancers.gateway(gateway),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
        )

        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)


class Application(Stack):
    """A VPC whose internet traffic passes through the appliances in both directions."""

    def __init__(
        self, scope: Construct, id: str, *, inspection: PrivateLinkEndpointService
    ) -> None:
        """Create the VPC, the endpoints, and the routes in both directions."""
        super().__init__(scope, id)

        # Only the subnets of the endpoints have a route to the internet gateway.
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Inspection",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    map_public_ip_on_launch=False,
                    cidr_mask=28,
                ),
                ec2.SubnetConfiguration(
                    name="Application", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                ),
            ],
        )
        application = ec2.SubnetSelection(subnet_group_name="Application")

        endpoints = GatewayLoadBalancerEndpoints(
            self,
            "Endpoints",
            vpc=vpc,
            service=inspection,
            subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
        )
        # Routes to the endpoint of each Availability Zone, and back from the internet gateway.
        endpoints.add_routes(subnets=application, destination="0.0.0.0/0")

        CfnOutput(self, "EndpointIds", value=",".join(endpoints.vpc_endpoint_ids))


# The app has no assets, so the account does not have to be bootstrapped.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
security = Security(app, "InspectionSecurity")
Application(app, "InspectionApplication", inspection=security.service)
app.synth()
