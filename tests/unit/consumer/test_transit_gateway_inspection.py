"""The inspection of traffic between VPCs behind a transit gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancerEndpoints,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    TransitGatewayInspection,
)
from cdk_privatelink.assertions import PrivateLinkAssertionError, Routes
from tests.unit.networks import (
    IRELAND,
    NAME,
    catch_error,
    existing_vpc,
    find_unlinted,
    group,
    ids,
    resolve_reference,
)
from tests.unit.templates import only, resources_of, template_of

ISOLATED, PUBLIC = ec2.SubnetType.PRIVATE_ISOLATED, ec2.SubnetType.PUBLIC
EGRESS = ec2.SubnetType.PRIVATE_WITH_EGRESS
GATEWAY = "tgw-0123456789abcdef0"
INTERNET = "198.51.100.7"
ATTACHMENT = "AWS::EC2::TransitGatewayVpcAttachment"
ASSOCIATION = "AWS::EC2::TransitGatewayRouteTableAssociation"


def create_vpc(stack: Stack, id: str, cidr: str, **groups: ec2.SubnetType) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        id,
        ip_addresses=ec2.IpAddresses.cidr(cidr),
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=28)
            for name, kind in groups.items()
        ],
    )


def create_central_vpc(stack: Stack) -> ec2.Vpc:
    return create_vpc(stack, "Vpc", "10.0.0.0/24", Nat=PUBLIC, Endpoint=EGRESS, Attachment=ISOLATED)


def create_inspection(stack: Stack, **options: Any) -> TransitGatewayInspection:
    """Create the inspection of VPCs in 10.128.0.0/9, behind a new transit gateway."""
    gateway = ec2.CfnTransitGateway(
        stack,
        "Gateway",
        default_route_table_association="disable",
        default_route_table_propagation="disable",
    )
    vpc = options.pop("vpc", None) or create_central_vpc(stack)
    endpoints = options.pop("endpoints", None) or GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Endpoint")
    )
    defaults: dict[str, Any] = {
        "transit_gateway_id": gateway.ref,
        "endpoints": endpoints,
        "attachment_subnets": group("Attachment"),
        "nat_subnets": group("Nat"),
        "spoke_cidrs": ["10.128.0.0/9"],
    }
    return TransitGatewayInspection(stack, "Inspection", **defaults | options)


def add_spoke(
    inspection: TransitGatewayInspection, id: str, cidr: str, *, scope: Stack | None = None
) -> ec2.Vpc:
    """Attach a new VPC."""
    stack = scope or Stack.of(inspection)
    vpc = create_vpc(stack, f"{id}Vpc", cidr, Workload=ISOLATED, Attachment=ISOLATED)
    inspection.add_spoke(
        id, vpc=vpc, attachment_subnets=group("Attachment"), subnets=group("Workload")
    )
    return vpc


def add_existing_spoke(inspection: TransitGatewayInspection, vpc: ec2.IVpc) -> None:
    """Attach an imported VPC."""
    inspection.add_spoke(
        "Spoke",
        vpc=vpc,
        attachment_subnets=ec2.SubnetSelection(subnet_type=EGRESS),
        subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
    )


def existing_spoke(stack: Stack, id: str = "Orders", **attributes: Any) -> ec2.IVpc:
    """Return an imported VPC in the blocks of the spokes."""
    defaults: dict[str, Any] = {
        "vpc_cidr_block": "10.129.0.0/16",
        "isolated_subnet_ipv4_cidr_blocks": ["10.129.0.0/24", "10.129.1.0/24"],
    }
    return existing_vpc(stack, id, **defaults | attributes)


def workloads(vpc: ec2.Vpc) -> list[ec2.ISubnet]:
    return list(vpc.select_subnets(subnet_group_name="Workload").subnets)


def test_traffic_of_spokes_is_inspected_in_both_directions(stack: Stack) -> None:
    inspection = create_inspection(stack)
    orders = add_spoke(inspection, "Orders", "10.129.0.0/16")
    billing = add_spoke(inspection, "Billing", "10.130.0.0/16")
    routes = Routes.from_stacks(stack)
    for source in workloads(orders):
        routes.assert_inspected(source=source, destination=INTERNET)
        for destination in workloads(billing):
            routes.assert_inspected(source=source, destination=destination)
            routes.assert_inspected(source=destination, destination=source)


def test_spokes_in_several_blocks_are_inspected(stack: Stack) -> None:
    inspection = create_inspection(stack, spoke_cidrs=["10.129.0.0/16", "172.16.0.0/12"])
    orders = add_spoke(inspection, "Orders", "10.129.0.0/16")
    billing = add_spoke(inspection, "Billing", "172.16.0.0/16")
    routes = Routes.from_stacks(stack)
    for spoke in (orders, billing):
        routes.assert_inspected(source=workloads(spoke)[0], destination=INTERNET)
    routes.assert_inspected(source=workloads(orders)[0], destination=workloads(billing)[1])


def test_a_spoke_can_be_in_another_stack(stack: Stack) -> None:
    orders = add_spoke(
        create_inspection(stack),
        "Orders",
        "10.129.0.0/16",
        scope=Stack(stack.node.root, "Other"),  # type: ignore[arg-type]
    )
    routes = Routes.from_stacks(stack, Stack.of(orders))
    routes.assert_inspected(source=workloads(orders)[0], destination=INTERNET)


def test_an_attachment_subnet_has_no_route_past_the_endpoints(stack: Stack) -> None:
    inspection = create_inspection(stack)
    orders = add_spoke(inspection, "Orders", "10.129.0.0/16")
    routes = Routes.from_stacks(stack)
    with pytest.raises(PrivateLinkAssertionError, match="must have a route"):
        routes.trace(
            source=orders.select_subnets(subnet_group_name="Attachment").subnets[0],
            destination=INTERNET,
        )


def test_only_the_vpc_of_the_endpoints_is_in_appliance_mode(stack: Stack) -> None:
    add_spoke(create_inspection(stack), "Orders", "10.129.0.0/16")
    modes = {
        resolve_reference(each["Properties"]["VpcId"]): each["Properties"]["Options"]
        for each in resources_of(stack, ATTACHMENT).values()
    }
    assert modes == {
        "Vpc": {"ApplianceModeSupport": "enable"},
        "OrdersVpc": {"ApplianceModeSupport": "disable"},
    }
    warnings = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert not [each for each in warnings if "ApplianceMode" in str(each.entry.data)]


def test_only_the_table_of_the_inspection_has_routes_to_spokes(stack: Stack) -> None:
    add_spoke(create_inspection(stack), "Orders", "10.129.0.0/16")
    tables = {
        resolve_reference(each["Properties"]["TransitGatewayAttachmentId"]): resolve_reference(
            each["Properties"]["TransitGatewayRouteTableId"]
        )
        for each in resources_of(stack, ASSOCIATION).values()
    }
    assert tables == {
        "InspectionAttachment": "InspectionInspectionRoutes",
        "InspectionOrdersAttachment": "InspectionSpokeRoutes",
    }
    propagation = only(stack, "AWS::EC2::TransitGatewayRouteTablePropagation")["Properties"]
    assert resolve_reference(propagation["TransitGatewayRouteTableId"]) == (
        "InspectionInspectionRoutes"
    )
    route = only(stack, "AWS::EC2::TransitGatewayRoute")["Properties"]
    assert route["DestinationCidrBlock"] == "0.0.0.0/0"
    assert resolve_reference(route["TransitGatewayRouteTableId"]) == "InspectionSpokeRoutes"
    assert resolve_reference(route["TransitGatewayAttachmentId"]) == "InspectionAttachment"


def test_routes_to_the_transit_gateway_depend_on_the_attachment(stack: Stack) -> None:
    add_spoke(create_inspection(stack), "Orders", "10.129.0.0/16")
    dependencies = [
        (
            resolve_reference(each["Properties"]["RouteTableId"]),
            resolve_reference(each["DependsOn"]),
        )
        for each in resources_of(stack, "AWS::EC2::Route").values()
        if "TransitGatewayId" in each["Properties"]
    ]
    assert sorted(dependencies) == [
        *(
            (f"OrdersVpcWorkloadSubnet{number}RouteTable", ["InspectionOrdersAttachment"])
            for number in (1, 2)
        ),
        *((f"VpcEndpointSubnet{number}RouteTable", ["InspectionAttachment"]) for number in (1, 2)),
    ]


def test_logical_ids_are_pinned(stack: Stack) -> None:
    """A changed id replaces attachments and interrupts all traffic."""
    add_spoke(create_inspection(stack), "Orders", "10.129.0.0/16")
    found = {key for key in template_of(stack)["Resources"] if key.startswith("Inspection")}
    assert found == {
        "InspectionAssociationB0EF8757",
        "InspectionAttachmentAB0F7C6A",
        "InspectionEndpointSubnet1to101280091BBFD963",
        "InspectionEndpointSubnet2to10128009D6AAD6C9",
        "InspectionInspectionRoutes6A8F741C",
        "InspectionOrdersAssociation4E11E6BD",
        "InspectionOrdersAttachment2E4820EA",
        "InspectionOrdersPropagation7FFCFEF3",
        "InspectionOrdersWorkloadSubnet1to00000B2260D89",
        "InspectionOrdersWorkloadSubnet2to0000067D51213",
        "InspectionSpokeRoutesD68152E5",
        "InspectionToInspection9E5CE97F",
    }


def test_existing_networks_and_tokens_are_accepted(stack: Stack) -> None:
    vpc = existing_vpc(
        stack,
        public_subnet_ids=ids("subnet", 21, 2),
        public_subnet_route_table_ids=ids("rtb", 21, 2),
        public_subnet_ipv4_cidr_blocks=["10.0.30.0/24", "10.0.31.0/24"],
    )
    endpoints = GatewayLoadBalancerEndpoints.from_endpoint_ids(
        stack,
        "Endpoints",
        vpc=vpc,
        endpoint_ids={
            "eu-west-1a": "vpce-0123456789abcdef0",
            "eu-west-1b": "vpce-0123456789abcdef1",
        },
        subnets=ec2.SubnetSelection(subnet_type=EGRESS),
    )
    block = CfnParameter(stack, "Block").value_as_string
    inspection = create_inspection(
        stack,
        vpc=vpc,
        endpoints=endpoints,
        transit_gateway_id=GATEWAY,
        attachment_subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
        nat_subnets=ec2.SubnetSelection(subnet_type=PUBLIC),
        spoke_cidrs=[block],
    )
    add_spoke(inspection, "Orders", "10.129.0.0/16")
    (attachment,) = (
        each["Properties"]
        for each in resources_of(stack, ATTACHMENT).values()
        if each["Properties"]["VpcId"] == "vpc-0123456789abcdef0"
    )
    assert attachment["SubnetIds"] == ids("subnet", 11, 2)
    assert attachment["TransitGatewayId"] == GATEWAY


@pytest.mark.parametrize(
    ("options", "error", "problem"),
    [
        (
            {"transit_gateway_id": "vpce-0123456789abcdef0"},
            PrivateLinkValueError,
            "`transit_gateway_id` must be the id of a transit gateway",
        ),
        (
            {"endpoints": "vpce-0123456789abcdef0"},
            PrivateLinkTypeError,
            "`endpoints` must be endpoints that inspect traffic",
        ),
        (
            {"attachment_subnets": group("Other")},
            PrivateLinkValueError,
            "`attachment_subnets` must select subnets of the VPC",
        ),
        (
            {"nat_subnets": group("Other")},
            PrivateLinkValueError,
            "`nat_subnets` must select subnets of the VPC",
        ),
        (
            {"attachment_subnets": group("Nat")},
            PrivateLinkValueError,
            "`attachment_subnets` must not have a default route, which bypasses the endpoints, got "
            "`Stack/Vpc/NatSubnet1`; pass isolated subnets",
        ),
        (
            {"spoke_cidrs": ["10.128.0.0/9", "10.0.0.0/26"]},
            PrivateLinkValueError,
            "`spoke_cidrs` must be outside of the VPC of the endpoints, got `10.0.0.0/26`; pass "
            "blocks that contain other VPCs",
        ),
        (
            {"nat_subnets": group("Attachment")},
            PrivateLinkValueError,
            "`nat_subnets` must not contain a subnet that `attachment_subnets` contains",
        ),
        (
            {"nat_subnets": group("Endpoint")},
            PrivateLinkValueError,
            "`nat_subnets` must not contain a subnet of the endpoints, whose traffic would loop",
        ),
        ({"spoke_cidrs": []}, PrivateLinkValueError, "`spoke_cidrs` must"),
        (
            {"spoke_cidrs": ["10.129.0.0"]},
            PrivateLinkValueError,
            "must be a CIDR block, got `10.129.0.0`; pass a block like `10.128.0.0/9`",
        ),
        ({"spoke_cidrs": [5]}, PrivateLinkTypeError, "must be a CIDR block, got"),
        ({"spoke_cidrs": ["fd00::/8"]}, PrivateLinkValueError, "must be an IPv4 CIDR block"),
    ],
)
def test_a_wrong_option_is_rejected(
    stack: Stack, options: dict[str, Any], error: type[Exception], problem: str
) -> None:
    with pytest.raises(error) as caught:
        create_inspection(stack, **options)
    message = str(caught.value)
    assert problem in message
    assert "Stack/Inspection]" in message
    assert not [
        each
        for each in stack.node.find_all()
        if isinstance(each, ec2.CfnRoute) and each.vpc_endpoint_id is not None
    ]


def validate(stack: Stack) -> list[str]:
    """Return the errors at the end of synthesis."""
    return [error for each in stack.node.find_all() for error in each.node.validate()]


@pytest.mark.parametrize("association", [None, "enable"])
def test_a_default_route_table_association_is_rejected(
    stack: Stack, association: str | None
) -> None:
    gateway = ec2.CfnTransitGateway(
        stack, "OtherGateway", default_route_table_association=association
    )
    create_inspection(stack, transit_gateway_id=gateway.ref)
    assert validate(stack) == [
        "`transit_gateway_id` must have no default route table association, got "
        '`Stack/OtherGateway`; pass `default_route_table_association="disable"` and '
        '`default_route_table_propagation="disable"` to the `CfnTransitGateway`  '
        "[Stack/Inspection]"
    ]


def test_the_association_can_be_disabled_later_or_by_a_token(stack: Stack) -> None:
    gateway = ec2.CfnTransitGateway(stack, "OtherGateway")
    create_inspection(stack, transit_gateway_id=gateway.ref)
    gateway.default_route_table_association = "disable"
    assert validate(stack) == []
    gateway.default_route_table_association = CfnParameter(stack, "Association").value_as_string
    assert validate(stack) == []


def test_endpoints_without_known_subnets_are_rejected(stack: Stack) -> None:
    vpc = create_central_vpc(stack)
    endpoints = GatewayLoadBalancerEndpoints.from_endpoint_ids(
        stack,
        "Endpoints",
        vpc=vpc,
        endpoint_ids={vpc.availability_zones[0]: "vpce-0123456789abcdef0"},
    )
    with pytest.raises(PrivateLinkValueError, match="`endpoints` must have known subnets"):
        create_inspection(stack, vpc=vpc, endpoints=endpoints)


def test_an_error_of_the_second_routes_adds_no_routes(stack: Stack) -> None:
    vpc = create_central_vpc(stack)
    # The return traffic to the spokes has another way already.
    for subnet in vpc.public_subnets:
        assert isinstance(subnet, ec2.Subnet)
        subnet.add_route(
            "Other",
            router_type=ec2.RouterType.TRANSIT_GATEWAY,
            router_id=GATEWAY,
            destination_cidr_block="10.128.0.0/9",
        )
    with pytest.raises(PrivateLinkValueError) as caught:
        create_inspection(stack, vpc=vpc)
    assert "`nat_subnets` must not have another route to the same destination" in str(caught.value)
    assert "[Stack/Inspection]" in str(caught.value)
    routes = [each for each in stack.node.find_all() if isinstance(each, ec2.CfnRoute)]
    assert [each for each in routes if each.vpc_endpoint_id] == []


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found]


def test_a_nat_gateway_in_each_zone_is_no_warning(stack: Stack) -> None:
    create_inspection(stack)
    assert not [each for each in warnings_of(stack) if "natGateway" in each]


@pytest.mark.parametrize(
    ("kind", "nat_gateways"), [(EGRESS, 1), (ISOLATED, 2), (PUBLIC, 2)], ids=str
)
def test_zones_without_a_nat_gateway_of_their_own_are_a_warning(
    stack: Stack, kind: ec2.SubnetType, nat_gateways: int
) -> None:
    groups = {"Nat": PUBLIC, "Endpoint": kind, "Attachment": ISOLATED}
    configuration = [
        ec2.SubnetConfiguration(name=name, subnet_type=each, cidr_mask=28)
        for name, each in groups.items()
    ]
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/24"),
        max_azs=2,
        nat_gateways=None if kind is ISOLATED else nat_gateways,
        subnet_configuration=configuration,
    )
    create_inspection(stack, vpc=vpc)
    (warning,) = (each for each in warnings_of(stack) if "natGateway" in each)
    assert warning.startswith(
        "The subnets of the endpoints do not have a default route to a NAT gateway of their own "
        "Availability Zone each, so that responses from the internet pass through another endpoint."
    )


def test_nat_instances_are_nat_gateways(stack: Stack) -> None:
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/24"),
        max_azs=2,
        nat_gateway_provider=ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t3.nano")),
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=28)
            for name, kind in {"Nat": PUBLIC, "Endpoint": EGRESS, "Attachment": ISOLATED}.items()
        ],
    )
    create_inspection(stack, vpc=vpc)
    assert not [each for each in warnings_of(stack) if "natGateway" in each]


@pytest.mark.parametrize("selection", ["Public", "one zone"])
def test_nat_gateways_outside_of_the_nat_subnets_are_a_warning(
    stack: Stack, selection: str
) -> None:
    groups = {"Nat": PUBLIC, "Public": PUBLIC, "Endpoint": EGRESS, "Attachment": ISOLATED}
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/24"),
        max_azs=2,
        nat_gateway_subnets=group("Nat"),
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=28)
            for name, kind in groups.items()
        ],
    )
    first = vpc.select_subnets(subnet_group_name="Nat").subnets[:1]
    is_group = selection == "Public"
    create_inspection(
        stack,
        vpc=vpc,
        nat_subnets=group("Public") if is_group else ec2.SubnetSelection(subnets=first),
    )
    assert [each for each in warnings_of(stack) if "natGateway" in each] == [
        "The endpoints send packets to the NAT gateway "
        f"`Stack/Vpc/NatSubnet{1 if is_group else 2}/NATGateway`, whose subnet is not in "
        "`nat_subnets`, so that the responses bypass the endpoints. Add its subnet to "
        "`nat_subnets`. If the responses have other routes, acknowledge the warning: "
        '`Annotations.of(inspection).acknowledge_warning("'
        'cdk-privatelink:natGatewayOutsideOfNatSubnets")`. '
        "[ack: cdk-privatelink:natGatewayOutsideOfNatSubnets]"
    ]


@pytest.mark.parametrize("argument", ["transit_gateway_id", "endpoints"])
def test_constructs_of_another_stage_are_rejected(argument: str) -> None:
    app = App()
    stack, other = (Stack(Stage(app, name), "Stack") for name in ("One", "Other"))
    vpc = create_central_vpc(stack if argument == "transit_gateway_id" else other)
    values: dict[str, Callable[[], object]] = {
        "transit_gateway_id": lambda: ec2.CfnTransitGateway(other, "Other").ref,
        "endpoints": lambda: GatewayLoadBalancerEndpoints(
            other, "Endpoints", vpc=vpc, service=NAME, subnets=group("Endpoint")
        ),
    }
    with pytest.raises(PrivateLinkValueError) as error:
        create_inspection(stack, vpc=vpc, **{argument: values[argument]()})
    assert str(error.value).startswith(f"`{argument}` must be in the same stage, because")


def test_endpoints_with_a_route_to_spokes_are_rejected(stack: Stack) -> None:
    vpc = create_central_vpc(stack)
    subnet = vpc.private_subnets[1]
    assert isinstance(subnet, ec2.Subnet)
    subnet.add_route(
        "Back",
        router_id=GATEWAY,
        router_type=ec2.RouterType.TRANSIT_GATEWAY,
        destination_cidr_block="10.128.0.0/9",
    )
    with pytest.raises(PrivateLinkValueError) as error:
        create_inspection(stack, vpc=vpc)
    assert (
        "`endpoints` must be in subnets without a route to `spoke_cidrs`, got "
        "`Stack/Vpc/EndpointSubnet2`"
    ) in str(error.value)


class TestSpoke:
    def test_a_vpc_is_attached_once(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = add_spoke(inspection, "Orders", "10.129.0.0/16")
        with pytest.raises(PrivateLinkValueError, match="`vpc` must not be attached already"):
            inspection.add_spoke(
                "Again",
                vpc=vpc,
                attachment_subnets=group("Attachment"),
                subnets=group("Workload"),
            )

    def test_two_imports_of_a_vpc_are_attached_once(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        first, second = (existing_spoke(stack, name) for name in ("One", "Two"))
        selection = {
            "attachment_subnets": ec2.SubnetSelection(subnet_type=EGRESS),
            "subnets": ec2.SubnetSelection(subnet_type=ISOLATED),
        }
        inspection.add_spoke("One", vpc=first, **selection)
        with pytest.raises(PrivateLinkValueError, match="`vpc` must not be attached already"):
            inspection.add_spoke("Two", vpc=second, **selection)

    def test_two_pending_lookups_are_two_vpcs(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        inspection = create_inspection(stack)
        for name in ("One", "Two"):
            inspection.add_spoke(
                name,
                vpc=ec2.Vpc.from_lookup(stack, f"{name}Vpc", vpc_name=name),
                attachment_subnets=group("Attachment"),
                subnets=group("Workload"),
            )
        assert inspection.node.try_find_child("Two")

    def test_overlapping_spokes_are_a_warning(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        add_spoke(inspection, "Orders", "10.129.0.0/16")
        add_spoke(inspection, "Billing", "10.130.0.0/16")
        assert warnings_of(stack) == []
        add_spoke(inspection, "Copy", "10.128.0.0/15")
        assert warnings_of(stack) == [
            "The CIDR blocks of `Stack/CopyVpc` and `Stack/OrdersVpc` overlap, so that the transit "
            "gateway does not learn the route to one of them. Pass other `ip_addresses` to one of "
            "the VPCs. If all responses go to other CIDR blocks of the VPCs, acknowledge the "
            "warning: `Annotations.of(inspection).acknowledge_warning("
            '"cdk-privatelink:overlappingVpcs")`. [ack: cdk-privatelink:overlappingVpcs]'
        ]

    def test_the_vpc_of_the_endpoints_is_no_spoke(self, stack: Stack) -> None:
        vpc = create_central_vpc(stack)
        inspection = create_inspection(stack, vpc=vpc, spoke_cidrs=["10.0.0.0/8"])
        with pytest.raises(PrivateLinkValueError, match="`vpc` must not be attached already"):
            inspection.add_spoke(
                "Own", vpc=vpc, attachment_subnets=group("Attachment"), subnets=group("Attachment")
            )

    def test_two_attachment_subnets_in_one_zone_are_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(stack, "Orders", "10.129.0.0/16", Workload=ISOLATED, Attachment=ISOLATED)
        with pytest.raises(PrivateLinkValueError, match="`attachment_subnets` must have at most"):
            inspection.add_spoke(
                "Spoke",
                vpc=vpc,
                attachment_subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
                subnets=group("Workload"),
            )

    def test_subnets_in_a_zone_without_an_attachment_are_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(stack, "Orders", "10.129.0.0/16", Workload=ISOLATED, Attachment=ISOLATED)
        attached = vpc.select_subnets(subnet_group_name="Attachment").subnets[:1]
        with pytest.raises(PrivateLinkValueError) as error:
            inspection.add_spoke(
                "Spoke",
                vpc=vpc,
                attachment_subnets=ec2.SubnetSelection(subnets=attached),
                subnets=group("Workload"),
            )
        assert (
            "`subnets` must be in Availability Zones of the attachment, got "
            "`Stack/Orders/WorkloadSubnet2`; add a subnet in this zone to `attachment_subnets`"
        ) in str(error.value)

    def test_a_shared_route_table_has_one_route(self, stack: Stack) -> None:
        vpc = existing_spoke(stack, isolated_subnet_route_table_ids=["rtb-1", "rtb-1"])
        create_inspection(stack).add_spoke(
            "Spoke",
            vpc=vpc,
            attachment_subnets=ec2.SubnetSelection(subnet_type=EGRESS),
            subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
        )
        (route,) = (
            each["Properties"]
            for each in find_unlinted(stack, "AWS::EC2::Route").values()
            if each["Properties"]["RouteTableId"] == "rtb-1"
        )
        assert route["DestinationCidrBlock"] == "0.0.0.0/0"

    def test_a_vpc_in_another_stage_is_rejected(self) -> None:
        app = App()
        stack, other = (Stack(Stage(app, name), "Stack") for name in ("One", "Other"))
        inspection = create_inspection(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: inspection.add_spoke(
                "Spoke",
                vpc=existing_vpc(other),
                attachment_subnets=ec2.SubnetSelection(subnet_type=EGRESS),
                subnets=ec2.SubnetSelection(subnet_type=ISOLATED),
            ),
        )
        assert message.startswith("`vpc` must be in the same stage, because")
        assert message.endswith("[One/Stack/Inspection]")

    def test_a_secondary_block_with_host_bits_is_compared_like_the_others(
        self, stack: Stack
    ) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(stack, "Orders", "172.16.0.0/16", Workload=ISOLATED, Attachment=ISOLATED)
        # EC2 ignores the host bits.
        ec2.CfnVPCCidrBlock(stack, "Block", vpc_id=vpc.vpc_id, cidr_block="10.129.5.0/16")
        options = {
            "subnet_id": "subnet-0123456789abcdef0",
            "availability_zone": vpc.availability_zones[0],
            "route_table_id": "rtb-0123456789abcdef0",
        }
        subnet = ec2.Subnet.from_subnet_attributes(stack, "Subnet", **options)
        inspection.add_spoke(
            "Spoke",
            vpc=vpc,
            attachment_subnets=group("Attachment"),
            subnets=ec2.SubnetSelection(subnets=[subnet]),
        )

    def test_neighboring_blocks_can_contain_a_vpc(self, stack: Stack) -> None:
        inspection = create_inspection(stack, spoke_cidrs=["10.129.0.0/17", "10.129.128.0/17"])
        orders = add_spoke(inspection, "Orders", "10.129.0.0/16")
        Routes.from_stacks(stack).assert_inspected(
            source=workloads(orders)[0], destination=INTERNET
        )

    def test_an_error_adds_no_resources(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = existing_spoke(stack, isolated_subnet_route_table_ids=None)
        options: dict[str, Any] = {
            "vpc": vpc,
            "attachment_subnets": ec2.SubnetSelection(subnet_type=EGRESS),
            "subnets": ec2.SubnetSelection(subnet_type=ISOLATED),
        }
        message = catch_error(
            stack, PrivateLinkValueError, lambda: inspection.add_spoke("Spoke", **options)
        )
        assert "`subnets` must have known route tables" in message

    def test_a_default_route_is_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(
            stack, "Orders", "10.129.0.0/16", Nat=PUBLIC, Workload=EGRESS, Attachment=ISOLATED
        )
        with pytest.raises(PrivateLinkValueError) as error:
            inspection.add_spoke(
                "Spoke",
                vpc=vpc,
                attachment_subnets=group("Attachment"),
                subnets=group("Workload"),
            )
        assert "`subnets` must not have a default route, which bypasses the endpoints" in str(
            error.value
        )
        assert inspection.node.try_find_child("Spoke") is None

    def test_a_vpc_outside_of_the_blocks_is_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        with pytest.raises(PrivateLinkValueError) as error:
            add_spoke(inspection, "Orders", "10.1.0.0/16")
        assert "`vpc` must have a CIDR block in `spoke_cidrs`, got `10.1.0.0/16`" in str(
            error.value
        )

    def test_an_imported_vpc_outside_of_the_blocks_is_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = existing_vpc(stack, "Orders", isolated_subnet_ipv4_cidr_blocks=None)
        message = catch_error(
            stack, PrivateLinkValueError, lambda: add_existing_spoke(inspection, vpc)
        )
        assert message.startswith(
            "`vpc` must have a CIDR block in `spoke_cidrs`, got `10.0.0.0/16`; add the block"
        )

    def test_an_imported_vpc_with_unknown_blocks_is_accepted(self, stack: Stack) -> None:
        vpc = existing_spoke(stack, vpc_cidr_block=None, isolated_subnet_ipv4_cidr_blocks=None)
        add_existing_spoke(create_inspection(stack), vpc)

    def test_a_vpc_with_one_block_in_the_blocks_has_its_subnets_there(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(stack, "Orders", "172.16.0.0/16", Workload=ISOLATED, Attachment=ISOLATED)
        ec2.CfnVPCCidrBlock(stack, "Block", vpc_id=vpc.vpc_id, cidr_block="10.129.0.0/16")
        with pytest.raises(PrivateLinkValueError) as error:
            inspection.add_spoke(
                "Spoke",
                vpc=vpc,
                attachment_subnets=group("Attachment"),
                subnets=group("Workload"),
            )
        assert (
            "`subnets` must have a CIDR block in `spoke_cidrs`, got "
            "`172.16.0.0/28, 172.16.0.16/28`; add the block"
        ) in str(error.value)

    def test_the_known_subnets_of_an_imported_vpc_decide(self, stack: Stack) -> None:
        add_existing_spoke(
            create_inspection(stack), existing_spoke(stack, vpc_cidr_block="172.16.0.0/16")
        )

    def test_overlapping_imported_vpcs_are_a_warning(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        add_spoke(inspection, "Billing", "10.129.0.0/20")
        add_existing_spoke(inspection, existing_spoke(stack))
        assert [each for each in warnings_of(stack) if "`Stack/Orders` and `Stack/Bill" in each]

    @pytest.mark.parametrize("kind", [EGRESS, ISOLATED], ids=str)
    def test_ipv6_that_bypasses_the_endpoints_is_a_warning(
        self, stack: Stack, kind: ec2.SubnetType
    ) -> None:
        inspection = create_inspection(stack)
        vpc = ec2.Vpc(
            stack,
            "Orders",
            ip_addresses=ec2.IpAddresses.cidr("10.129.0.0/16"),
            ip_protocol=ec2.IpProtocol.DUAL_STACK,
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=PUBLIC),
                ec2.SubnetConfiguration(name="Workload", subnet_type=kind),
                ec2.SubnetConfiguration(name="Attachment", subnet_type=ISOLATED),
            ],
        )
        inspection.add_spoke(
            "Orders", vpc=vpc, attachment_subnets=group("Attachment"), subnets=group("Workload")
        )
        found = [each for each in warnings_of(stack) if "IPv6" in each]
        if kind is ISOLATED:
            assert found == []
        else:
            assert found == [
                "Subnets of `Stack/Orders` have a default route for IPv6, which does not lead to "
                "the endpoints. Pass subnets without IPv6. If this traffic needs no inspection, "
                "acknowledge the warning: `Annotations.of(inspection).acknowledge_warning("
                '"cdk-privatelink:spokeWithIpv6")`. [ack: cdk-privatelink:spokeWithIpv6]'
            ]

    @pytest.mark.parametrize(
        ("account", "region", "problem"),
        [
            ("111122223333", "us-east-1", "must be in eu-west-1, the Region of the stack, got"),
            ("444455556666", "eu-west-1", "must be in 111122223333, the account of the stack, got"),
        ],
    )
    def test_a_vpc_of_another_account_or_region_is_rejected(
        self, account: str, region: str, problem: str
    ) -> None:
        app = App()
        inspection = create_inspection(Stack(app, "Stack", env=IRELAND))
        other = Stack(app, "Other", env=Environment(account=account, region=region))
        with pytest.raises(PrivateLinkValueError) as error:
            add_spoke(inspection, "Orders", "10.129.0.0/16", scope=other)
        value = region if region != "eu-west-1" else account
        assert f"`vpc` {problem} `Other/OrdersVpc` in `{value}`; pass a VPC of this" in str(
            error.value
        )

    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "literal"])
    def test_a_vpc_in_an_unknown_account_and_region_is_accepted(
        self, env: Environment | None
    ) -> None:
        app = App()
        inspection = create_inspection(Stack(app, "Stack", env=env))
        other = Stack(app, "Other", env=None if env else IRELAND)
        add_spoke(inspection, "Orders", "10.129.0.0/16", scope=other)

    def test_an_id_in_use_is_rejected(self, stack: Stack) -> None:
        inspection = create_inspection(stack)
        Construct(inspection, "Orders")
        with pytest.raises(PrivateLinkValueError, match="`id`"):
            add_spoke(inspection, "Orders", "10.129.0.0/16")

    @pytest.mark.parametrize("argument", ["vpc", "attachment_subnets", "subnets"])
    def test_a_wrong_type_is_rejected(self, stack: Stack, argument: str) -> None:
        inspection = create_inspection(stack)
        vpc = create_vpc(stack, "Orders", "10.129.0.0/16", Workload=ISOLATED, Attachment=ISOLATED)
        options: dict[str, Any] = {
            "vpc": vpc,
            "attachment_subnets": group("Attachment"),
            "subnets": group("Workload"),
        }
        with pytest.raises(PrivateLinkTypeError, match=f"`{argument}` must be"):
            inspection.add_spoke("Spoke", **options | {argument: 5})
