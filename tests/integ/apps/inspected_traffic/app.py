"""Appliances that count packets, between a client and a host: in one VPC, and in two."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    LoadBalancers,
    PrivateLinkEndpointService,
    TransitGatewayInspection,
)
from tests.integ.apps.constructs import Client, Host

ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED


def group(name: str) -> ec2.SubnetSelection:
    """Return the subnets of a group."""
    return ec2.SubnetSelection(subnet_group_name=name)


def add_vpc(scope: Construct, id: str, cidr: str, **groups: ec2.SubnetType) -> ec2.Vpc:
    """Create a VPC in two Availability Zones."""
    return ec2.Vpc(
        scope,
        id,
        ip_addresses=ec2.IpAddresses.cidr(cidr),
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=26)
            for name, kind in groups.items()
        ],
    )


class Security(Stack):
    """An appliance per Availability Zone, and a client that reads their counts."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Create the appliances and the service."""
        super().__init__(scope, id)
        vpc = add_vpc(self, "Vpc", "10.0.0.0/24", Appliance=ISOLATED)
        appliances = [
            Host(
                self,
                f"Appliance{number}",
                vpc=vpc,
                subnet=subnet,
                program="appliance",
                source_dest_check=False,
            )
            for number, subnet in enumerate(vpc.isolated_subnets)
        ]
        gateway = GatewayLoadBalancer(
            self,
            "Gateway",
            vpc=vpc,
            targets=[targets.InstanceTarget(each) for each in appliances],
            health_check=elbv2.HealthCheck(protocol=elbv2.Protocol.HTTP, port="80", path="/"),
        )
        gateway.allow_to(*appliances)
        self.service = PrivateLinkEndpointService(
            self,
            "Inspection",
            load_balancers=LoadBalancers.gateway(gateway),
            allowed_principals=[iam.AccountRootPrincipal()],
            acceptance_required=False,
        )
        # The health checks get through by `allow_to()` only.
        client = Client(self, "Client", vpc=vpc, subnets=group("Appliance"))
        for each in appliances:
            each.connections.allow_from(client, ec2.Port.tcp(80))
        addresses = ",".join(each.instance_private_ip for each in appliances)
        CfnOutput(self, "ServiceId", value=self.service.service_id)
        CfnOutput(self, "ServiceName", value=self.service.service_name)
        CfnOutput(self, "ApplianceAddresses", value=addresses)
        CfnOutput(self, "ClientName", value=client.function_name)


class OneVpc(Stack):
    """A client and a host in other subnets of its VPC."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the VPC, the endpoints and the routes."""
        super().__init__(scope, id)
        vpc = add_vpc(self, "Vpc", "10.1.0.0/23", Endpoint=ISOLATED, Client=ISOLATED, Host=ISOLATED)
        endpoints = GatewayLoadBalancerEndpoints(
            self, "Endpoints", vpc=vpc, service=service, subnets=group("Endpoint")
        )
        endpoints.add_routes(subnets=group("Client"), destination=group("Host"))
        subnet = vpc.select_subnets(subnet_group_name="Host").subnets[0]
        host = Host(self, "Host", vpc=vpc, subnet=subnet, program="server")
        host.connections.allow_from(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(80))
        client = Client(self, "Client", vpc=vpc, subnets=group("Client"))
        CfnOutput(self, "HostAddress", value=host.instance_private_ip)
        CfnOutput(self, "ClientName", value=client.function_name)


class TwoVpcs(Stack):
    """A client and a host in two VPCs behind a transit gateway."""

    def __init__(self, scope: Construct, id: str, *, service: PrivateLinkEndpointService) -> None:
        """Create the transit gateway, the VPCs and the routes."""
        super().__init__(scope, id)
        gateway = ec2.CfnTransitGateway(
            self,
            "TransitGateway",
            default_route_table_association="disable",
            default_route_table_propagation="disable",
        )
        central = add_vpc(
            self,
            "Central",
            "10.2.0.0/23",
            Nat=ec2.SubnetType.PUBLIC,
            Endpoint=ec2.SubnetType.PRIVATE_WITH_EGRESS,
            Attachment=ISOLATED,
        )
        endpoints = GatewayLoadBalancerEndpoints(
            self, "Endpoints", vpc=central, service=service, subnets=group("Endpoint")
        )
        inspection = TransitGatewayInspection(
            self,
            "Inspection",
            transit_gateway_id=gateway.ref,
            endpoints=endpoints,
            attachment_subnets=group("Attachment"),
            nat_subnets=group("Nat"),
            spoke_cidrs=["10.128.0.0/9"],
        )
        spokes = {
            name: add_vpc(self, name, cidr, Workload=ISOLATED, Attachment=ISOLATED)
            for name, cidr in (("Clients", "10.129.0.0/24"), ("Hosts", "10.130.0.0/24"))
        }
        for name, vpc in spokes.items():
            inspection.add_spoke(
                f"{name}Spoke",
                vpc=vpc,
                attachment_subnets=group("Attachment"),
                subnets=group("Workload"),
            )
        # In the other Availability Zone than most clients, which appliance mode is for.
        subnet = spokes["Hosts"].select_subnets(subnet_group_name="Workload").subnets[1]
        host = Host(self, "Host", vpc=spokes["Hosts"], subnet=subnet, program="server")
        host.connections.allow_from(
            ec2.Peer.ipv4(spokes["Clients"].vpc_cidr_block), ec2.Port.tcp(80)
        )
        client = Client(self, "Client", vpc=spokes["Clients"], subnets=group("Workload"))
        CfnOutput(self, "HostAddress", value=host.instance_private_ip)
        CfnOutput(self, "ClientName", value=client.function_name)


app = App(default_stack_synthesizer=LegacyStackSynthesizer())
security = Security(app, "InspectedSecurity")
OneVpc(app, "InspectedOneVpc", service=security.service)
TwoVpcs(app, "InspectedTwoVpcs", service=security.service)
app.synth()
