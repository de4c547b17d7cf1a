"""Code of a user, which type checkers accept."""

from __future__ import annotations

from aws_cdk import CfnOutput, CfnParameter, Duration, Fn, RemovalPolicy, Stack, Tags
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import (
    ConnectionEvent,
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    IPrivateLinkEndpointService,
    IPublishedEndpointService,
    LoadBalancers,
    PayerResponsibility,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from cdk_privatelink.assertions import Hop, Routes


class Payments(Stack):
    """A stack that uses everything."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.Vpc, role: iam.Role) -> None:
        super().__init__(scope, id)
        acceptance = CfnParameter(self, "Acceptance")
        nlb = elbv2.NetworkLoadBalancer(self, "Nlb", vpc=vpc)
        imported = elbv2.NetworkLoadBalancer.from_lookup(self, "Imported")
        l1 = elbv2.CfnLoadBalancer(self, "L1", type="network")

        zone = route53.PublicHostedZone(self, "Zone", zone_name="example.com")
        service = PrivateLinkEndpointService(
            self,
            "Service",
            load_balancers=LoadBalancers.network(nlb, imported, l1, "arn"),
            allowed_principals=[
                iam.AccountPrincipal("111122223333"),
                iam.ArnPrincipal("arn:aws:iam::111122223333:role/consumer"),
                role,
                iam.Role.from_role_name(self, "Imported role", "consumer"),
            ],
            allowed_regions=["us-east-1"],
            acceptance_required=acceptance.value,
            private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
            supported_ip_address_types=(ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6),
            payer_responsibility=PayerResponsibility.SERVICE_OWNER,
            contributor_insights=acceptance.value,
            service_name_source=ServiceNameSource.DERIVED,
        )
        service.allow_principals(iam.AnyPrincipal(), iam.AccountRootPrincipal())
        service.allow_principals(iam.User(self, "User"))
        service.add_connection_notification(
            sns.Topic(self, "Topic"), events=[ConnectionEvent.CONNECT]
        )
        service.add_connection_notification(sns.Topic.from_topic_arn(self, "Imported topic", "arn"))
        alarms: list[cloudwatch.Alarm] = service.add_rst_packets_sent_alarms("Rst", threshold=1.5)
        for alarm in alarms:
            CfnOutput(self, alarm.node.id, value=alarm.alarm_arn)
        service.apply_removal_policy(RemovalPolicy.RETAIN)
        Tags.of(service).add("Name", "payments")
        CfnOutput(self, "Name", value=service.service_name)

        zones: list[str] = service.availability_zones
        zone_ids: list[str] = service.availability_zone_ids
        dns_names: list[str] = service.base_endpoint_dns_names
        resource: ec2.CfnVPCEndpointService = service.cfn_endpoint_service
        resource.add_property_override("Zones", [*zones, *zone_ids, *dns_names])
        load_balancers: LoadBalancers = service.load_balancers
        strings: list[str] = [service.service_id, service.service_arn]
        strings += [service.domain_verification_name, service.domain_verification_value]
        Fn.join(load_balancers.load_balancer_type, strings)


class Gateway(Construct):
    """A Gateway Load Balancer of another library."""

    load_balancer_type = "gateway"
    load_balancer_arn = "arn"


def existing(stack: Stack, name: str) -> cloudwatch.Metric:
    """Take a service that exists, and use it where the CDK takes one."""
    service: IPrivateLinkEndpointService
    service = PrivateLinkEndpointService.from_service_name(stack, "Name", name)
    service = PrivateLinkEndpointService.from_service_id(stack, "Id", service.service_id)
    same: ec2.IVpcEndpointService = service
    ec2.Vpc(stack, "Vpc").add_interface_endpoint("Endpoint", service=service)
    route53.VpcEndpointServiceDomainName(
        stack,
        "DomainName",
        endpoint_service=same,
        domain_name="payments.example.com",
        public_hosted_zone=route53.PublicHostedZone(stack, "Zone", zone_name="example.com"),
    )
    ec2.CfnVPCEndpointServicePermissions(stack, "Permissions", service_id=service)
    gateway = LoadBalancers.gateway(Gateway(stack, "Gateway"))
    made = PrivateLinkEndpointService(stack, "Inspection", load_balancers=gateway)
    made.metric_endpoints_count(label="Endpoints", dimensions_map={"Az": "eu-west-1a"})
    return service.metric_new_connections(
        period=Duration.minutes(1), statistic=cloudwatch.Stats.SUM, unit=cloudwatch.Unit.COUNT
    )


def consume(
    stack: Stack, vpc: ec2.Vpc, service: PrivateLinkEndpointService, group: ec2.SecurityGroup
) -> ec2.IInterfaceVpcEndpoint:
    """Connect to services with every option."""
    InterfaceEndpoint(stack, "Minimal endpoint", vpc=vpc, service=service)
    endpoint = InterfaceEndpoint(
        stack,
        "Endpoint",
        vpc=ec2.Vpc.from_lookup(stack, "Looked up", vpc_id="vpc-1"),
        service="com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
        ports=[8443, ec2.Port.udp(53)],
        private_dns_enabled=False,
        subnets=ec2.SubnetSelection(one_per_az=True),
        security_groups=[
            group,
            ec2.SecurityGroup.from_security_group_id(stack, "Imported group", "sg-1"),
        ],
        open=False,
        ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK,
        dns_record_ip_type=ec2.VpcEndpointDnsRecordIpType.DUALSTACK,
        lookup_supported_azs=True,
        service_region="eu-west-1",
    )
    endpoint.connections.allow_default_port_from_any_ipv4()
    zone = route53.PrivateHostedZone(stack, "Private zone", zone_name="internal", vpc=vpc)
    endpoint.add_alias("Alias", zone=zone, record_name="payments")
    endpoint.add_alias(
        "Apex", zone=route53.HostedZone.from_hosted_zone_id(stack, "Imported zone", "Z1")
    )
    endpoint.add_connection_notification(
        sns.Topic(stack, "Events"), events=[ConnectionEvent.ACCEPT]
    )
    names: list[str] = [endpoint.regional_dns_name, *endpoint.zonal_dns_names.values()]
    names += [endpoint.dns_hosted_zone_id, *endpoint.private_ip_addresses]
    names += endpoint.ipv6_addresses
    alarms: list[cloudwatch.Alarm] = endpoint.add_packets_dropped_alarms("Alarms", threshold=1)
    cloudwatch.GraphWidget(left=[endpoint.metric_packets_dropped(period=Duration.minutes(1))])
    assert [names, alarms]
    endpoint.add_to_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))
    existing: IPrivateLinkEndpointService
    existing = PrivateLinkEndpointService.from_service_name(stack, "Existing", "name")
    return InterfaceEndpoint(stack, "To an existing service", vpc=vpc, service=existing)


def inspect(
    stack: Stack, vpc: ec2.Vpc, group: autoscaling.AutoScalingGroup, instance: ec2.Instance
) -> list[str]:
    """Send traffic through appliances, with every option."""
    gateway = GatewayLoadBalancer(
        stack,
        "Inspecting gateway",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_group_name="Appliances"),
        targets=[group, targets.InstanceTarget(instance), targets.InstanceIdTarget("i-1")],
        target_type=elbv2.TargetType.INSTANCE,
        health_check=elbv2.HealthCheck(port="80", protocol=elbv2.Protocol.TCP),
        cross_zone_enabled=True,
        flow_stickiness=FlowStickiness.TWO_TUPLE,
        deregistration_delay=Duration.minutes(1),
        ip_address_type=elbv2.IpAddressType.DUAL_STACK,
    )
    gateway.add_target(group, targets.IpTarget("10.0.0.1"))
    service = PrivateLinkEndpointService(
        stack, "Appliances", load_balancers=LoadBalancers.gateway(gateway, "arn")
    )
    endpoints = GatewayLoadBalancerEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        service=service,
        subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
        ip_address_type=ec2.VpcEndpointIpAddressType.IPV4,
    )
    inspected = ec2.SubnetSelection(subnet_group_name="Application")
    endpoints.add_routes(subnets=inspected, destination="0.0.0.0/0")
    endpoints.add_routes(subnets=inspected, destination="::/0", return_path="igw-0123456789abcdef0")
    endpoints.add_routes(
        subnets=inspected, destination=ec2.SubnetSelection(subnet_group_name="Database")
    )
    endpoints.add_routes(
        subnets=inspected, destination="10.0.0.0/8", return_path=ec2.SubnetSelection()
    )
    places: list[str] = [*gateway.availability_zones, *endpoints.availability_zones]
    names: list[str] = [gateway.load_balancer_arn, gateway.target_group_arn, gateway.vpc.vpc_id]
    names += [gateway.load_balancer_full_name, gateway.target_group_full_name]
    kind: elbv2.IpAddressType = gateway.ip_address_type
    return [*endpoints.vpc_endpoint_ids, *places, *names, kind.name]


def published(stack: Stack, service: PrivateLinkEndpointService, vpc: ec2.IVpc) -> list[str]:
    """Hand over the service name to another account, which connects to the service."""
    parameter = service.publish(
        "Customers",
        parameter_name="/payments/endpoint-service",
        share_with=[
            "444455556666",
            iam.AccountPrincipal("444455556666"),
            iam.ArnPrincipal("arn:aws:iam::111122223333:role/consumer"),
            iam.Role.from_role_name(stack, "Reader", "reader"),
            iam.User.from_user_name(stack, "User", "reader"),
        ],
    )
    service.publish("Own", parameter_name="payments").grant_read(iam.AnyPrincipal())
    found: IPublishedEndpointService = PrivateLinkEndpointService.from_parameter(
        stack, "Found", parameter.parameter_name
    )
    InterfaceEndpoint(stack, "Connected", vpc=vpc, service=found)
    vpc.add_interface_endpoint("Plain", service=found)
    general: IPrivateLinkEndpointService = found
    return [
        *found.availability_zone_ids,
        *found.allowed_regions,
        found.private_dns_name,
        general.name,
    ]


def traced(stack: Stack, vpc: ec2.Vpc, subnet: ec2.Subnet) -> list[str | None]:
    """Follow packets through the route tables of a stack."""
    routes = Routes.from_stacks(stack)
    routes.assert_inspected(source=vpc.isolated_subnets[0], destination="198.51.100.7")
    hops: list[Hop] = routes.trace(source=subnet, destination=subnet, ipv6=True)
    template = Template.from_stack(stack)
    back = Routes.from_templates({"One": template, "Other": template.to_json()}).trace_return(
        source="path", destination="2001:db8::7", availability_zone=subnet.availability_zone
    )
    return [each.route_table for each in (*hops, *back)]


def minimal(stack: Stack) -> PrivateLinkEndpointService | None:
    """Create the smallest service, and catch the errors of this library."""
    gwlb = elbv2.CfnLoadBalancer(stack, "Gwlb", type="gateway")
    try:
        return PrivateLinkEndpointService(
            stack, "Minimal", load_balancers=LoadBalancers.gateway(gwlb), acceptance_required=False
        )
    except (PrivateLinkValueError, PrivateLinkTypeError) as error:
        path: str = error.construct_path
        return None if path else minimal(stack)
