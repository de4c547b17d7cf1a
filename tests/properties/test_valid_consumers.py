"""Whatever is valid synthesises, on the consumer's side too."""

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
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
    ServiceNameSource,
)
from tests.properties import values
from tests.properties.test_valid import PLACES, check, kinds
from tests.unit.networks import NAME, existing_vpc
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

# Templates with networks in them take long to lint.
FEW = settings(max_examples=settings().max_examples // 4)

Vpcs = st.SearchStrategy[Callable[[Construct], "ec2.IVpc | ec2.Vpc"]]
EGRESS, ISOLATED = ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED


def _existing(scope: Construct) -> ec2.IVpc:
    return existing_vpc(cast(Stack, scope))


def _token_zones(scope: Construct) -> ec2.IVpc:
    zones = [Fn.import_value(f"Zone{n}") for n in (1, 2)]
    return existing_vpc(cast(Stack, scope), zones=zones)


def _made(scope: Construct) -> ec2.IVpc | ec2.Vpc:
    # cfn-lint advises against the names of zones that the CDK would write into the template.
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
    return ec2.Vpc(scope, "Made", max_azs=2, nat_gateways=1, subnet_configuration=configuration)


VPCS: Vpcs = st.sampled_from([_existing, _existing, _token_zones, _made])
SUBNETS = st.sampled_from(
    [
        None,
        ec2.SubnetSelection(),
        ec2.SubnetSelection(subnet_type=ISOLATED),
        ec2.SubnetSelection(subnet_type=EGRESS, one_per_az=True),
    ]
)
HAVE_IPV4 = [ec2.VpcEndpointIpAddressType.IPV4, ec2.VpcEndpointIpAddressType.DUALSTACK]
ADDRESSES = st.none() | st.sampled_from(ec2.VpcEndpointIpAddressType)


def _service(arn: str, kind: str, source: ServiceNameSource) -> values.Make:
    balancers = getattr(LoadBalancers, kind)(arn)

    def make(scope: Construct) -> PrivateLinkEndpointService:
        return make_service(
            cast(Stack, scope),
            load_balancers=balancers,
            allowed_principals=[iam.AnyPrincipal()],
            service_name_source=source,
        )

    return make


def services(arn: str, kind: str) -> st.SearchStrategy[values.Make]:
    """Services of all kinds: names, imports and those of this app."""
    take = PrivateLinkEndpointService
    return st.sampled_from(
        [
            values.plain(NAME),
            *values.TOKENS,
            lambda scope: take.from_service_name(scope, "Named", NAME),
            lambda scope: take.from_service_name(scope, "Token", values.parameter(scope)),
            lambda scope: take.from_service_id(scope, "Known", "vpce-svc-0123456789abcdef0"),
            *(_service(arn, kind, source) for source in ServiceNameSource),
        ]
    )


def _groups(scope: Construct) -> list[ec2.ISecurityGroup]:
    imported = ec2.SecurityGroup.from_security_group_id
    return [imported(scope, f"Group{n}", f"sg-0123456789abcdef{n}") for n in range(2)]


INTERFACE = st.fixed_dictionaries(
    {},
    optional={
        "port": values.plainly(st.integers(1, 65535))
        | st.just(lambda _: Token.as_number({"Fn::ImportValue": "Port"})),
        "private_dns_enabled": values.plainly(st.none() | st.just(False)),
        "subnets": values.plainly(SUBNETS),
        "security_groups": st.sampled_from([values.plain(None), _groups]),
        "open": values.plainly(st.booleans()),
        "ip_address_type": values.plainly(ADDRESSES),
        "dns_record_ip_type": values.plainly(
            st.none() | st.sampled_from(ec2.VpcEndpointDnsRecordIpType)
        ),
        "lookup_supported_azs": st.just(values.plain(False)),
        "service_region": st.sampled_from([values.plain(None), *values.TOKENS]),
    },
)


def built(options: dict[str, values.Make], beside: Construct) -> dict[str, Any]:
    """The options, with what they need beside the construct that they are for."""
    return {name: make(Construct(beside, name)) for name, make in options.items()}


@given(
    place=st.sampled_from(PLACES),
    # The CDK describes the security group by it, and EC2 does not take every character there.
    id=values.names(values.ALPHANUMERIC + "-_. ", most=64),
    vpc=VPCS,
    service=services(NETWORK_ARN, "network"),
    options=INTERFACE,
    later=st.booleans(),
)
@FEW
def test_interface_endpoints(
    place: Callable[[App], Construct],
    id: str,
    vpc: values.Make,
    service: values.Make,
    options: dict[str, values.Make],
    later: bool,
) -> None:
    app = App()
    scope = place(app)
    beside = Construct(Stack.of(scope), "Beside")
    given = built({"vpc": vpc, "service": service, **options}, beside)
    if given.get("ip_address_type") not in (None, ec2.VpcEndpointIpAddressType.IPV4):
        # Everything in these VPCs has no IPv6 block that is known here.
        given["open"] = False
    endpoint = InterfaceEndpoint(scope, id, **given)
    CfnOutput(beside, "Id", value=endpoint.vpc_endpoint_id)
    if later and isinstance(given["service"], PrivateLinkEndpointService):
        given["service"].allow_principals(iam.AccountPrincipal("444455556666"))
    found = kinds(check(app))
    assert found.count("AWS::EC2::VPCEndpoint") == 1
    assert found.count("AWS::EC2::SecurityGroup") == (given.get("security_groups") is None)


BLOCKS = (
    st.ip_addresses(v=4)
    .flatmap(
        lambda address: st.integers(0, 32).map(
            lambda length: f"{ipaddress.ip_network((address, length), strict=False)}"
        )
    )
    .filter(lambda block: not block.startswith("10.0."))
)
UNKNOWN_BLOCKS: list[values.Make] = [
    values.parameter,
    lambda scope: f"{values.parameter(scope)}/16",
    lambda _: Fn.import_value("Block"),
]
GATEWAYS = st.sampled_from(
    [values.plain(f"{kind}-0123456789abcdef0") for kind in ("igw", "vgw")] + values.TOKENS
)


@given(
    place=st.sampled_from(PLACES),
    id=values.IDS,
    vpc=VPCS,
    service=services(GATEWAY_ARN, "gateway"),
    addresses=st.none() | st.sampled_from(HAVE_IPV4),
    destinations=st.lists(
        values.plainly(BLOCKS) | st.sampled_from(UNKNOWN_BLOCKS), min_size=1, max_size=3
    ),
    return_path=GATEWAYS,
)
@FEW
def test_gateway_load_balancer_endpoints(
    place: Callable[[App], Construct],
    id: str,
    vpc: values.Make,
    service: values.Make,
    addresses: ec2.VpcEndpointIpAddressType | None,
    destinations: list[values.Make],
    return_path: values.Make,
) -> None:
    app = App()
    scope = place(app)
    beside = Construct(Stack.of(scope), "Beside")
    endpoints = GatewayLoadBalancerEndpoints(
        scope,
        id,
        **built({"vpc": vpc, "service": service}, beside),
        subnets=ec2.SubnetSelection(subnet_type=EGRESS),
        ip_address_type=addresses,
    )
    path = return_path(Construct(beside, "Path"))
    inspected = ec2.SubnetSelection(subnet_type=ISOLATED)
    blocks = [make(Construct(beside, f"{n}")) for n, make in enumerate(destinations)]
    for block in [*blocks, *blocks]:
        endpoints.add_routes(subnets=inspected, destination=block, return_path=path)
    templates = check(app)
    found = kinds(templates)
    assert found.count("AWS::EC2::VPCEndpoint") == 2
    assert found.count("AWS::EC2::GatewayRouteTableAssociation") == 1
    routes = [
        resource["Properties"]
        for template in templates
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == "AWS::EC2::Route" and "VpcEndpointId" in resource["Properties"]
    ]
    # One out of each of two subnets for each destination, and one back to each of them.
    stack = Stack.of(beside)
    different = {json.dumps(stack.resolve(block), sort_keys=True) for block in blocks}
    assert len(routes) == 2 * len(different) + 2


@jsii.implements(elbv2.INetworkLoadBalancerTarget)
class Appliance:
    """What a user may write to register appliances."""

    def __init__(self, address: str) -> None:
        self._address = address

    def attach_to_network_target_group(
        self, _target_group: elbv2.INetworkTargetGroup
    ) -> elbv2.LoadBalancerTargetProps:
        return elbv2.LoadBalancerTargetProps(
            target_type=elbv2.TargetType.IP, target_json={"id": self._address}
        )


def _of(address: str) -> Callable[[Callable[[str], Any]], Any]:
    return lambda make: make(address)


IPS = st.lists(st.ip_addresses(v=4).map(str), max_size=3, unique=True).flatmap(
    lambda addresses: st.tuples(
        *(st.sampled_from([targets.IpTarget, Appliance]).map(_of(each)) for each in addresses)
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
        "deregistration_delay": st.none() | st.integers(0, 3600).map(Duration.seconds),
        "ip_address_type": st.sampled_from(
            [elbv2.IpAddressType.IPV4, elbv2.IpAddressType.DUAL_STACK]
        ),
        "vpc_subnets": st.none() | st.just(ec2.SubnetSelection(subnet_type=ISOLATED)),
    },
)


@given(
    place=st.sampled_from(PLACES),
    id=values.IDS,
    vpc=VPCS,
    options=BALANCER,
    kind_and_targets=TARGETS,
    declared=st.booleans(),
    at_once=st.booleans(),
)
@FEW
def test_gateway_load_balancers(
    place: Callable[[App], Construct],
    id: str,
    vpc: values.Make,
    options: dict[str, Any],
    kind_and_targets: tuple[elbv2.TargetType, list[Any]],
    declared: bool,
    at_once: bool,
) -> None:
    app = App()
    scope = place(app)
    beside = Construct(Stack.of(scope), "Beside")
    kind, appliances = kind_and_targets
    gateway = GatewayLoadBalancer(
        scope,
        id,
        vpc=vpc(beside),
        targets=appliances if at_once else None,
        target_type=kind if declared else None,
        **options,
    )
    if not at_once:
        gateway.add_target(*appliances)
    service = PrivateLinkEndpointService(
        beside, "Service", load_balancers=LoadBalancers.gateway(gateway)
    )
    CfnOutput(beside, "Zones", value=service.service_name)
    templates = check(app)
    (group,) = (
        resource["Properties"]
        for template in templates
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == "AWS::ElasticLoadBalancingV2::TargetGroup"
    )
    assert len(group.get("Targets", [])) == len(appliances)
    assert kinds(templates).count("AWS::ElasticLoadBalancingV2::Listener") == 1
