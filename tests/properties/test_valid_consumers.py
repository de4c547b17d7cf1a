"""Valid arguments of the consumer synthesize to a template without findings of cfn-lint."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any, cast

import jsii
from aws_cdk import App, CfnOutput, Duration, Fn, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_privatelink import (
    FlowHandling,
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
    ServiceNameSource,
)
from cdk_privatelink.assertions import Routes
from tests.properties import strategies
from tests.properties.test_valid import SCOPES, lint_templates, resource_types
from tests.unit.networks import NAME, existing_vpc
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

# cfn-lint is slow for templates with networks.
FEWER_EXAMPLES = settings(max_examples=settings().max_examples // 4)

Vpcs = st.SearchStrategy[Callable[[Construct], "ec2.IVpc | ec2.Vpc"]]
EGRESS, ISOLATED = ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED


def _existing(scope: Construct) -> ec2.IVpc:
    return existing_vpc(cast(Stack, scope))


def _token_zones(scope: Construct) -> ec2.IVpc:
    zones = [Fn.import_value(f"Zone{n}") for n in (1, 2)]
    return existing_vpc(cast(Stack, scope), zones=zones)


def _new(scope: Construct) -> ec2.IVpc | ec2.Vpc:
    # cfn-lint warns about literal zone names, which the CDK adds for stacks with a Region.
    if not Token.is_unresolved(Stack.of(scope).region):
        return _existing(scope)
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=kind)
        for name, kind in (
            ("Public", ec2.SubnetType.PUBLIC),
            ("Private", EGRESS),
            ("Isolated", ISOLATED),
        )
    ]
    return ec2.Vpc(
        scope,
        "New",
        max_azs=2,
        nat_gateways=1,
        ip_protocol=ec2.IpProtocol.DUAL_STACK,
        subnet_configuration=configuration,
    )


VPCS: Vpcs = st.sampled_from([_existing, _existing, _token_zones, _new])
SUBNETS = st.sampled_from(
    [
        None,
        ec2.SubnetSelection(),
        ec2.SubnetSelection(subnet_type=ISOLATED),
        ec2.SubnetSelection(subnet_type=EGRESS, one_per_az=True),
    ]
)
TYPES_WITH_IPV4 = [ec2.VpcEndpointIpAddressType.IPV4, ec2.VpcEndpointIpAddressType.DUALSTACK]
ADDRESSES = st.none() | st.sampled_from(ec2.VpcEndpointIpAddressType)


def _service(arn: str, kind: str, source: ServiceNameSource) -> strategies.Factory:
    balancers = getattr(LoadBalancers, kind)(arn)

    def make(scope: Construct) -> PrivateLinkEndpointService:
        return make_service(
            cast(Stack, scope),
            load_balancers=balancers,
            allowed_principals=[iam.AnyPrincipal()],
            service_name_source=source,
        )

    return make


def services(arn: str, kind: str) -> st.SearchStrategy[strategies.Factory]:
    """Return a strategy for services: names, imports, and services defined in the same app."""
    service_class = PrivateLinkEndpointService
    return st.sampled_from(
        [
            strategies.constant(NAME),
            *strategies.TOKENS,
            lambda scope: service_class.from_service_name(scope, "Named", NAME),
            lambda scope: service_class.from_service_name(
                scope, "Token", strategies.parameter(scope)
            ),
            lambda scope: service_class.from_service_id(
                scope, "ById", "vpce-svc-0123456789abcdef0"
            ),
            *(_service(arn, kind, source) for source in ServiceNameSource),
        ]
    )


def _groups(scope: Construct) -> list[ec2.ISecurityGroup]:
    imported = ec2.SecurityGroup.from_security_group_id
    return [imported(scope, f"Group{n}", f"sg-0123456789abcdef{n}") for n in range(2)]


INTERFACE = st.fixed_dictionaries(
    {},
    optional={
        "ports": strategies.constants(
            st.none()
            | st.lists(
                st.integers(1, 65535) | st.integers(1, 65535).map(ec2.Port.udp),
                min_size=1,
                max_size=3,
            )
        )
        | st.just(lambda _: [Token.as_number({"Fn::ImportValue": "Port"})]),
        "private_dns_enabled": strategies.constants(st.none() | st.just(False)),
        "subnets": strategies.constants(SUBNETS),
        "security_groups": st.sampled_from([strategies.constant(None), _groups]),
        "open": strategies.constants(st.booleans()),
        "ip_address_type": strategies.constants(ADDRESSES),
        "dns_record_ip_type": strategies.constants(
            st.sampled_from([None, ec2.VpcEndpointDnsRecordIpType.SERVICE_DEFINED])
        ),
        "lookup_supported_azs": st.just(strategies.constant(False)),
        "service_region": st.sampled_from([strategies.constant(None), *strategies.TOKENS]),
        "auto_accept": strategies.constants(st.booleans()),
    },
)


def create_options(options: dict[str, strategies.Factory], siblings: Construct) -> dict[str, Any]:
    """Return the options, with their constructs in a separate scope."""
    return {name: make(Construct(siblings, name)) for name, make in options.items()}


@given(
    create_scope=st.sampled_from(SCOPES),
    # The id is part of the description of the security group, whose characters EC2 restricts.
    id=strategies.names(strategies.ALPHANUMERIC + "-_. ", max_size=64),
    vpc=VPCS,
    service=services(NETWORK_ARN, "network"),
    options=INTERFACE,
    add_principal_later=st.booleans(),
)
@FEWER_EXAMPLES
def test_every_valid_interface_endpoint_synthesizes(
    create_scope: Callable[[App], Construct],
    id: str,
    vpc: strategies.Factory,
    service: strategies.Factory,
    options: dict[str, strategies.Factory],
    add_principal_later: bool,
) -> None:
    app = App()
    scope = create_scope(app)
    siblings = Construct(Stack.of(scope), "Siblings")
    given = create_options({"vpc": vpc, "service": service, **options}, siblings)
    if given.get("ip_address_type") not in (None, ec2.VpcEndpointIpAddressType.IPV4):
        # `open` requires the IPv6 CIDR block of the VPC, which is not known at synthesis.
        given["open"] = False
    endpoint = InterfaceEndpoint(scope, id, **given)
    CfnOutput(siblings, "Id", value=endpoint.vpc_endpoint_id)
    if add_principal_later and isinstance(given["service"], PrivateLinkEndpointService):
        given["service"].allow_principals(iam.AccountPrincipal("444455556666"))
    found = resource_types(lint_templates(app))
    assert found.count("AWS::EC2::VPCEndpoint") == 1
    assert found.count("AWS::EC2::SecurityGroup") == (given.get("security_groups") is None)


CIDR_BLOCKS = (
    st.ip_addresses(v=4)
    .flatmap(
        lambda address: st.integers(0, 32).map(
            lambda length: f"{ipaddress.ip_network((address, length), strict=False)}"
        )
    )
    .filter(lambda block: not block.startswith("10.0."))
)
TOKEN_BLOCKS: list[strategies.Factory] = [
    strategies.parameter,
    lambda scope: f"{strategies.parameter(scope)}/16",
    lambda _: Fn.import_value("Block"),
]
GATEWAYS = st.sampled_from(
    [strategies.constant(f"{kind}-0123456789abcdef0") for kind in ("igw", "vgw")]
    + strategies.TOKENS
)


@given(
    create_scope=st.sampled_from(SCOPES),
    id=strategies.IDS,
    vpc=VPCS,
    service=services(GATEWAY_ARN, "gateway"),
    addresses=st.none() | st.sampled_from(TYPES_WITH_IPV4),
    destinations=st.lists(
        strategies.constants(CIDR_BLOCKS) | st.sampled_from(TOKEN_BLOCKS), min_size=1, max_size=3
    ),
    return_path=GATEWAYS,
)
@FEWER_EXAMPLES
def test_all_valid_gateway_load_balancer_endpoints_synthesize(
    create_scope: Callable[[App], Construct],
    id: str,
    vpc: strategies.Factory,
    service: strategies.Factory,
    addresses: ec2.VpcEndpointIpAddressType | None,
    destinations: list[strategies.Factory],
    return_path: strategies.Factory,
) -> None:
    app = App()
    scope = create_scope(app)
    siblings = Construct(Stack.of(scope), "Siblings")
    given = create_options({"vpc": vpc, "service": service}, siblings)
    endpoints = GatewayLoadBalancerEndpoints(
        scope,
        id,
        **given,
        subnets=ec2.SubnetSelection(subnet_type=EGRESS),
        ip_address_type=addresses,
    )
    path = return_path(Construct(siblings, "Path"))
    inspected_subnets = ec2.SubnetSelection(subnet_type=ISOLATED)
    blocks = [make(Construct(siblings, f"{n}")) for n, make in enumerate(destinations)]
    for block in [*blocks, *blocks]:
        endpoints.add_routes(subnets=inspected_subnets, destination=block, return_path=path)
    templates = lint_templates(app)
    found = resource_types(templates)
    assert found.count("AWS::EC2::VPCEndpoint") == 2
    assert found.count("AWS::EC2::GatewayRouteTableAssociation") == 1
    routes = [
        resource["Properties"]
        for template in templates
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == "AWS::EC2::Route" and "VpcEndpointId" in resource["Properties"]
    ]
    # Each of the two subnets has one route per destination and one route for return traffic.
    stack = Stack.of(siblings)
    unique_blocks = {json.dumps(stack.resolve(block), sort_keys=True) for block in blocks}
    assert len(routes) == 2 * len(unique_blocks) + 2
    # The templates of an imported VPC do not contain all routes.
    if isinstance(given["vpc"], ec2.Vpc) and not any(map(Token.is_unresolved, blocks)):
        assert_same_endpoints(app, given["vpc"], blocks, path)


def assert_same_endpoints(app: App, vpc: ec2.Vpc, blocks: list[str], return_path: str) -> None:
    """Assert that packets to each block and their responses pass through the same endpoint."""
    routes = Routes.from_stacks(*(each for each in app.node.find_all() if isinstance(each, Stack)))
    for subnet in vpc.isolated_subnets:
        inbound = routes.trace(source=return_path, destination=subnet)
        for block in blocks:
            address = f"{ipaddress.ip_network(block).network_address}"
            outbound = routes.trace(source=subnet, destination=address)
            assert outbound[1].type == "AWS::EC2::VPCEndpoint"
            assert outbound[1].path == inbound[1].path


@jsii.implements(elbv2.INetworkLoadBalancerTarget)
class Appliance:
    """A target class of a user that registers appliances."""

    def __init__(self, address: str) -> None:
        self._address = address

    def attach_to_network_target_group(
        self, _target_group: elbv2.INetworkTargetGroup
    ) -> elbv2.LoadBalancerTargetProps:
        return elbv2.LoadBalancerTargetProps(
            target_type=elbv2.TargetType.IP, target_json={"id": self._address}
        )


def _apply(address: str) -> Callable[[Callable[[str], Any]], Any]:
    return lambda make: make(address)


IPS = st.lists(st.ip_addresses(v=4).map(str), max_size=3, unique=True).flatmap(
    lambda addresses: st.tuples(
        *(st.sampled_from([targets.IpTarget, Appliance]).map(_apply(each)) for each in addresses)
    )
)
INSTANCES = st.lists(st.integers(0, 16**8 - 1), max_size=3, unique=True).map(
    lambda numbers: [targets.InstanceIdTarget(f"i-{number:017x}") for number in numbers]
)
TARGETS = st.tuples(st.just(elbv2.TargetType.IP), IPS.map(list)) | st.tuples(
    st.just(elbv2.TargetType.INSTANCE), INSTANCES
)
HEALTH_CHECKS = st.builds(
    elbv2.HealthCheck,
    protocol=st.sampled_from([elbv2.Protocol.TCP, elbv2.Protocol.HTTP, elbv2.Protocol.HTTPS]),
    port=st.integers(1, 65535).map(str),
    interval=st.integers(5, 300).map(Duration.seconds),
)
BALANCER = st.fixed_dictionaries(
    {},
    optional={
        "health_check": st.none() | HEALTH_CHECKS,
        "cross_zone_enabled": st.booleans(),
        "flow_stickiness": st.sampled_from(FlowStickiness),
        "flow_handling": st.none() | st.sampled_from([FlowHandling.KEEP, FlowHandling.REBALANCE]),
        "deletion_protection": st.none() | st.booleans(),
        "deregistration_delay": st.none() | st.integers(0, 3600).map(Duration.seconds),
        "ip_address_type": st.sampled_from(
            [elbv2.IpAddressType.IPV4, elbv2.IpAddressType.DUAL_STACK]
        ),
        "vpc_subnets": st.none() | st.just(ec2.SubnetSelection(subnet_type=ISOLATED)),
    },
)


@given(
    create_scope=st.sampled_from(SCOPES),
    id=strategies.IDS,
    vpc=VPCS,
    options=BALANCER,
    kind_and_targets=TARGETS,
    has_target_type=st.booleans(),
    has_targets=st.booleans(),
)
@FEWER_EXAMPLES
def test_every_valid_gateway_load_balancer_synthesizes(
    create_scope: Callable[[App], Construct],
    id: str,
    vpc: strategies.Factory,
    options: dict[str, Any],
    kind_and_targets: tuple[elbv2.TargetType, list[Any]],
    has_target_type: bool,
    has_targets: bool,
) -> None:
    app = App()
    scope = create_scope(app)
    siblings = Construct(Stack.of(scope), "Siblings")
    kind, appliances = kind_and_targets
    gateway = GatewayLoadBalancer(
        scope,
        id,
        vpc=vpc(siblings),
        targets=appliances if has_targets else None,
        target_type=kind if has_target_type else None,
        **options,
    )
    if not has_targets:
        gateway.add_target(*appliances)
    service = PrivateLinkEndpointService(
        siblings, "Service", load_balancers=LoadBalancers.gateway(gateway)
    )
    CfnOutput(siblings, "Zones", value=service.service_name)
    templates = lint_templates(app)
    (group,) = (
        resource["Properties"]
        for template in templates
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == "AWS::ElasticLoadBalancingV2::TargetGroup"
    )
    assert len(group.get("Targets", [])) == len(appliances)
    assert resource_types(templates).count("AWS::ElasticLoadBalancingV2::Listener") == 1
