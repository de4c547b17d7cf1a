"""Inspection of all traffic of many VPCs, behind a transit gateway."""

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    FlowHandling,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    LoadBalancers,
    PrivateLinkEndpointService,
    TransitGatewayInspection,
)

# CIDR blocks behind one transit gateway must not overlap.
SPOKES = {"Orders": "10.129.0.0/16", "Billing": "10.130.0.0/16"}
ALL_SPOKES = "10.128.0.0/9"
ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED


class Appliances(Stack):
    """The appliances, as a service for the VPC of the endpoints."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the appliances, their load balancer and the service."""
        super().__init__(scope, id)
        subnets = ec2.SubnetConfiguration(name="Appliance", subnet_type=ISOLATED)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[subnets])
        firewall = ec2.SecurityGroup(self, "Firewall", vpc=vpc, allow_all_outbound=False)
        # Appliances return packets in GENEVE to the same port, so that they are no responses.
        inside = ec2.Peer.ipv4(vpc.vpc_cidr_block)
        firewall.add_egress_rule(inside, ec2.Port.udp(6081), "GENEVE to the load balancer")
        disk = ec2.BlockDeviceVolume.ebs(8, encrypted=True)
        group = autoscaling.AutoScalingGroup(
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
                block_devices=[ec2.BlockDevice(device_name="/dev/xvda", volume=disk)],
            ),
        )
        # Packets of one connection go to one appliance: the only stickiness that AWS supports with
        # appliance mode. If an appliance fails, TCP clients get a reset and connect again.
        gateway = GatewayLoadBalancer(
            self, "Gateway", vpc=vpc, targets=[group], flow_handling=FlowHandling.RESET
        )
        gateway.allow_to(group)
        # Routes fail while a connection is pending, and the only consumer is in this account.
        self.service = PrivateLinkEndpointService(
            self,
            "Inspection",
            load_balancers=LoadBalancers.gateway(gateway),
            allowed_principals=[iam.AccountPrincipal(self.account)],
            acceptance_required=False,
        )

        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ServiceId", value=self.service.service_id)


class Network(Stack):
    """The transit gateway, the VPC of the endpoints, and the VPCs of two teams: the spokes."""

    def __init__(
        self, scope: Construct, id: str, *, inspection: PrivateLinkEndpointService
    ) -> None:
        """Create the VPCs and the routes between them."""
        super().__init__(scope, id)
        # The default route table would connect all VPCs with each other, past the appliances.
        gateway = ec2.CfnTransitGateway(
            self,
            "TransitGateway",
            default_route_table_association="disable",
            default_route_table_propagation="disable",
        )
        # Each Availability Zone has a NAT gateway, the default of the CDK, so that traffic stays
        # in its zone. Only the subnets of the endpoints have a route to the NAT gateways.
        vpc = self.add_vpc(
            "Inspection",
            "10.0.0.0/24",
            Nat=ec2.SubnetType.PUBLIC,
            Endpoint=ec2.SubnetType.PRIVATE_WITH_EGRESS,
            Attachment=ISOLATED,
        )
        endpoints = GatewayLoadBalancerEndpoints(
            self,
            "Endpoints",
            vpc=vpc,
            service=inspection,
            subnets=ec2.SubnetSelection(subnet_group_name="Endpoint"),
        )
        attachment = ec2.SubnetSelection(subnet_group_name="Attachment")
        central = TransitGatewayInspection(
            self,
            "Routes",
            transit_gateway_id=gateway.ref,
            endpoints=endpoints,
            attachment_subnets=attachment,
            nat_subnets=ec2.SubnetSelection(subnet_group_name="Nat"),
            spoke_cidrs=[ALL_SPOKES],
        )
        for name, cidr in SPOKES.items():
            central.add_spoke(
                f"{name}Spoke",
                vpc=self.add_vpc(name, cidr, Workload=ISOLATED, Attachment=ISOLATED),
                attachment_subnets=attachment,
                subnets=ec2.SubnetSelection(subnet_group_name="Workload"),
            )

        CfnOutput(self, "EndpointIds", value=",".join(endpoints.vpc_endpoint_ids))

    def add_vpc(self, name: str, cidr: str, **groups: ec2.SubnetType) -> ec2.Vpc:
        """Create a VPC. AWS recommends small subnets of their own for attachments and endpoints."""
        return ec2.Vpc(
            self,
            name,
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name=each, subnet_type=kind, cidr_mask=24 if each == "Workload" else 28
                )
                for each, kind in groups.items()
            ],
        )


# The app has no assets, so the account does not have to be bootstrapped.
app = App(default_stack_synthesizer=LegacyStackSynthesizer())
appliances = Appliances(app, "TransitAppliances")
Network(app, "TransitNetwork", inspection=appliances.service)
app.synth()
