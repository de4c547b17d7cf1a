"""The inspection of the traffic of many VPCs behind a transit gateway."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, Rule, instance_of, list_of, matching
from .._internal.end_of_synthesis import add_final_validation
from .._internal.scopes import checked_construction, named_construct, require_same_stage
from .._internal.stack_cache import StackCache
from .._internal.subnets import (
    SUBNET_SELECTION,
    VPC,
    SelectedSubnets,
    find_ipv4_block,
    find_zone,
    is_placeholder_zone,
    literal_cidr_block,
    literal_cidr_blocks,
    relative_path,
    require_equal,
    require_own_environment,
    require_single_subnets,
    select_subnets,
    validate_one_per_zone,
    zone_of,
)
from .._internal.tokens import is_literal, is_token, referenced_resource
from .._internal.warnings import add_warning
from .cidr_blocks import is_in_block, merge_blocks, parse_block
from .inspection_endpoints import (
    InspectionEndpoints,
    RouteArguments,
    RoutePair,
    add_route_pairs,
    subnets_of,
    vpc_of,
)
from .inspection_routes import (
    all_have_nat_gateways,
    default_routes,
    has_cdk_route,
    label_of,
    route_table_of,
)
from .interface import IGatewayLoadBalancerEndpoints
from .unique_routes import add_route

_EVERYTHING = "0.0.0.0/0"
# The CDK returns this id until the CLI has looked up a VPC.
_PLACEHOLDER_VPC_ID = "vpc-12345"
_GATEWAY_ID = matching(
    re.compile(r"tgw-[0-9a-f]+", re.ASCII),
    problem="must be the id of a transit gateway",
    fix="pass an id like `tgw-0123456789abcdef0`, or `ref` of a `CfnTransitGateway`",
)
_ENDPOINTS: Rule[InspectionEndpoints] = instance_of(
    InspectionEndpoints,
    problem="must be endpoints that inspect traffic",
    fix="pass `GatewayLoadBalancerEndpoints`",
)


def _ipv4_block(argument: Argument, value: object) -> str:
    fix = "pass a block like `10.128.0.0/9`"
    if not isinstance(value, str):
        raise argument.type_error("must be a CIDR block", got=value, fix=fix)
    block, is_ipv6 = parse_block(argument, value, fix=fix)
    if is_ipv6:
        raise argument.value_error("must be an IPv4 CIDR block", got=block, fix=fix)
    return block


def _select(vpc: ec2.IVpc, argument: Argument, selection: object) -> SelectedSubnets:
    """Return subnets. Without a selection, the CDK would select the private subnets."""
    selected = select_subnets(vpc, argument, SUBNET_SELECTION(argument, selection))
    require_single_subnets(argument, selected.subnets)
    return selected


class TransitGatewayInspection(Construct):
    """The inspection of all IPv4 traffic between VPCs, and of their traffic to the internet.

    ::

        inspection = TransitGatewayInspection(
            self, "Inspection",
            transit_gateway_id=gateway.ref,
            endpoints=endpoints,
            attachment_subnets=ec2.SubnetSelection(subnet_group_name="Attachment"),
            nat_subnets=ec2.SubnetSelection(subnet_group_name="Nat"),
            spoke_cidrs=["10.128.0.0/9"],
        )
        inspection.add_spoke(
            "Orders",
            vpc=orders_vpc,
            attachment_subnets=ec2.SubnetSelection(subnet_group_name="Attachment"),
            subnets=ec2.SubnetSelection(subnet_group_name="Workload"),
        )

    The transit gateway gets two route tables: the VPCs of teams, the spokes, send everything to the
    VPC of the endpoints, and only that VPC has routes to each spoke.

    :see: https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-appliance-scenario.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        transit_gateway_id: str,
        endpoints: IGatewayLoadBalancerEndpoints,
        attachment_subnets: ec2.SubnetSelection,
        nat_subnets: ec2.SubnetSelection,
        spoke_cidrs: Sequence[str],
    ) -> None:
        """Attach the VPC of the endpoints in appliance mode, and add all routes in this VPC.

        :param scope: The stack, or a construct in the stack, that contains the attachment.
        :param id: The id of this construct in ``scope``.
        :param transit_gateway_id: The id of the transit gateway. Disable the default association
            and propagation of route tables, which would connect the spokes with each other.
        :param endpoints: The endpoints, in subnets with a route to the NAT gateway in their
            Availability Zone.
        :param attachment_subnets: The subnets of the attachment in the VPC of the endpoints: one
            per Availability Zone, without a route to the internet. Put nothing else into them.
            CloudFormation replaces the attachment if they change, which EC2 rejects.
        :param nat_subnets: The subnets of all NAT gateways in this VPC, in each Availability Zone.
        :param spoke_cidrs: The IPv4 CIDR blocks that contain the inspected subnets of all spokes,
            like ``"10.128.0.0/9"``. They must not be inside the VPC of the endpoints.
        :raises PrivateLinkValueError: EC2 would reject a value, a route exists already, or the CDK
            rejects ``scope`` or ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        """
        with checked_construction(scope, id):
            super().__init__(scope, id)
        check = Arguments(self)
        self._gateway_id = check("transit_gateway_id", transit_gateway_id, _GATEWAY_ID)
        if (resource := referenced_resource(self._gateway_id)) is not None:
            require_same_stage(check.argument("transit_gateway_id"), resource, self)
        checked = check("endpoints", endpoints, _ENDPOINTS)
        require_same_stage(check.argument("endpoints"), checked, self)
        self._blocks = check("spoke_cidrs", spoke_cidrs, list_of(_ipv4_block, is_required=True))
        vpc = vpc_of(checked)
        self._attached_vpcs = [vpc]
        self._require_outside(check.argument("spoke_cidrs"), vpc)
        attached = self._select_attachment(check, vpc, attachment_subnets)
        _require_no_default_route(check.argument("attachment_subnets"), attached)
        in_public = _select(vpc, check.argument("nat_subnets"), nat_subnets)
        tables = self._tables_of_endpoints(check.argument("endpoints"), checked)

        # From the spokes to everything, and back from the NAT gateways.
        in_attachment, to_spokes, in_nat = map(
            check.argument, ("attachment_subnets", "spoke_cidrs", "nat_subnets")
        )
        outbound = RouteArguments(in_attachment, to_spokes, in_nat)
        inbound = RouteArguments(in_nat, to_spokes, in_attachment)
        pairs = [RoutePair(attachment_subnets, _EVERYTHING, nat_subnets, outbound)]
        pairs += [
            RoutePair(nat_subnets, block, attachment_subnets, inbound) for block in self._blocks
        ]
        add_route_pairs(checked, pairs)
        self._spoke_table, self._inspection_table = (
            ec2.CfnTransitGatewayRouteTable(self, name, transit_gateway_id=self._gateway_id)
            for name in ("SpokeRoutes", "InspectionRoutes")
        )
        attachment = self._attach(self, vpc, attached, self._inspection_table, appliance_mode=True)
        ec2.CfnTransitGatewayRoute(
            self,
            "ToInspection",
            transit_gateway_route_table_id=self._spoke_table.ref,
            destination_cidr_block=_EVERYTHING,
            transit_gateway_attachment_id=attachment.ref,
        )
        # After the inspection, packets to a spoke leave through the transit gateway.
        argument = check.argument("endpoints")
        for block in self._blocks:
            self._add_routes(self, argument, tables, block, attachment)
        add_final_validation(
            self, lambda: self._require_no_default_association(check.argument("transit_gateway_id"))
        )
        self._warn_of_other_nat_gateways(vpc, subnets_of(checked), in_public)
        if not all_have_nat_gateways(subnets_of(checked)):
            add_warning(
                self,
                "cdk-privatelink:natGatewayNotInEachZone",
                "The subnets of the endpoints do not have a default route to a NAT gateway of "
                "their own Availability Zone each, so that responses from the internet pass "
                "through another endpoint. Create a NAT gateway per Availability Zone.",
                variable="inspection",
                unless="the traffic to the internet takes another way",
            )

    def add_spoke(
        self,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        attachment_subnets: ec2.SubnetSelection,
        subnets: ec2.SubnetSelection,
    ) -> None:
        """Attach a VPC, and send all IPv4 traffic of its subnets to the endpoints.

        The resources are part of the stack of this construct, which depends on the stack of the
        VPC.

        :param id: The id of the attachment in this construct.
        :param vpc: The VPC, in the account and Region of this stack.
        :param attachment_subnets: The subnets of the attachment, one per Availability Zone.
            CloudFormation replaces the attachment if they change, which EC2 rejects.
        :param subnets: The subnets whose traffic is inspected, with CIDR blocks in
            ``spoke_cidrs``. They must not have a default route yet. Isolated subnets have none.
        :raises PrivateLinkValueError: The VPC is attached already or in another account or Region,
            a subnet is outside of ``spoke_cidrs``, has a default route or is in an Availability
            Zone without an attachment, or the id is in use.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        check = Arguments(self)
        checked_vpc = check("vpc", vpc, VPC)
        require_same_stage(check.argument("vpc"), checked_vpc, self)
        self._require_new_vpc(check.argument("vpc"), checked_vpc)
        attached = self._select_attachment(check, checked_vpc, attachment_subnets)
        argument = check.argument("subnets")
        selected = _select(checked_vpc, argument, subnets)
        self._require_spoke_blocks(check, checked_vpc, selected)
        self._require_attached_zones(argument, selected, attached)
        _require_no_default_route(argument, selected)
        tables = _tables(argument, selected.subnets, checked_vpc)
        spoke = named_construct(self, id)
        self._warn_of_overlap(checked_vpc)
        if any(has_cdk_route(subnet, "::/0") for subnet in selected.subnets):
            self._warn_of_ipv6(checked_vpc)
        self._attached_vpcs.append(checked_vpc)
        attachment = self._attach(spoke, checked_vpc, attached, self._spoke_table)
        ec2.CfnTransitGatewayRouteTablePropagation(
            spoke,
            "Propagation",
            transit_gateway_attachment_id=attachment.ref,
            transit_gateway_route_table_id=self._inspection_table.ref,
        )
        self._add_routes(spoke, argument, tables, _EVERYTHING, attachment)

    def _select_attachment(
        self, check: Arguments, vpc: ec2.IVpc, selection: object
    ) -> SelectedSubnets:
        """Return the subnets of an attachment.

        https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        """
        argument = check.argument("attachment_subnets")
        selected = _select(vpc, argument, selection)
        validate_one_per_zone(argument, selected, consumer=self)
        return selected

    def _require_no_default_association(self, argument: Argument) -> None:
        """Check that attachments get no route table by default, as far as it is known.

        EC2 rejects a second association of an attachment.
        https://github.com/hashicorp/terraform-provider-aws/issues/16452
        """
        gateway = referenced_resource(self._gateway_id)
        if not isinstance(gateway, ec2.CfnTransitGateway):
            return
        # Default of CloudFormation: "enable".
        if gateway.default_route_table_association in (None, "enable"):
            raise argument.value_error(
                "must have no default route table association",
                got=gateway.node.path,
                fix='pass `default_route_table_association="disable"` and '
                '`default_route_table_propagation="disable"` to the `CfnTransitGateway`',
            )

    def _require_outside(self, argument: Argument, vpc: ec2.IVpc) -> None:
        """Check that no block of the spokes is inside the VPC of the endpoints."""
        for block in self._blocks:
            if any(is_in_block(block, each) for each in literal_cidr_blocks(vpc)):
                raise argument.value_error(
                    "must be outside of the VPC of the endpoints",
                    got=block,
                    fix="pass blocks that contain other VPCs",
                )

    def _require_attached_zones(
        self, argument: Argument, selected: SelectedSubnets, attached: SelectedSubnets
    ) -> None:
        """Check that the transit gateway receives packets of subnets, as far as zones are known.

        https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        """
        if selected.is_placeholder or attached.is_placeholder:
            return
        if not all(map(find_zone, attached.subnets)):
            return
        zones = {zone_of(subnet, self) for subnet in attached.subnets}
        for subnet in selected.subnets:
            zone = zone_of(subnet, self)
            if any(map(is_placeholder_zone, (zone, *zones))):
                return
            if find_zone(subnet) and zone not in zones:
                raise argument.value_error(
                    "must be in Availability Zones of the attachment",
                    got=subnet.node.path,
                    fix="add a subnet in this zone to `attachment_subnets`",
                )

    def _tables_of_endpoints(
        self, argument: Argument, endpoints: InspectionEndpoints
    ) -> dict[str, str]:
        """Return the route tables of the endpoints, which have no routes to the spokes yet."""
        subnets = subnets_of(endpoints)
        if not subnets:
            raise argument.value_error(
                "must have known subnets",
                got=endpoints.node.path,
                fix="pass `subnets` to `from_endpoint_ids()`",
            )
        for subnet in subnets:
            for block in self._blocks:
                if has_cdk_route(subnet, block):
                    raise argument.value_error(
                        "must be in subnets without a route to `spoke_cidrs`",
                        got=subnet.node.path,
                        fix="remove the route, which this construct adds",
                    )
        return _tables(argument, subnets, vpc_of(endpoints))

    def _require_new_vpc(self, argument: Argument, vpc: ec2.IVpc) -> None:
        """Check that a VPC can be attached, as far as it is known."""
        if isinstance(vpc, ec2.Vpc):
            require_own_environment(argument, vpc, self)
            account, actual = (StackCache.of(each).account for each in (self, vpc))
            # Only the owner of a VPC can attach it.
            require_equal(argument, vpc, actual, expected=account, kind="account")
        if any(_are_same(vpc, other) for other in self._attached_vpcs):
            raise argument.value_error(
                "must not be attached already", got=vpc.node.path, fix="attach each VPC once"
            )

    def _require_spoke_blocks(
        self, check: Arguments, vpc: ec2.IVpc, selected: SelectedSubnets
    ) -> None:
        """Check that responses to subnets have a route, as far as their CIDR blocks are known."""
        if selected.is_placeholder or any(is_token(block) for block in self._blocks):
            return
        spokes = merge_blocks(self._blocks)

        def is_outside(block: str) -> bool:
            return is_literal(block) and not any(is_in_block(block, each) for each in spokes)

        found = [find_ipv4_block(subnet) for subnet in selected.subnets]
        outside = [block for block in found if block is not None and is_outside(block)]
        name = "subnets"
        # Subnets without a known block are part of the blocks of the VPC.
        if outside or not all(block and is_literal(block) for block in found):
            own = literal_cidr_blocks(vpc)
            if own and all(map(is_outside, own)):
                name, outside = "vpc", own
        if outside:
            raise check.argument(name).value_error(
                "must have a CIDR block in `spoke_cidrs`",
                got=", ".join(outside),
                fix="add the block to `spoke_cidrs` of the construct",
            )

    def _warn_of_other_nat_gateways(
        self, vpc: ec2.IVpc, subnets: Sequence[ec2.ISubnet], selected: SelectedSubnets
    ) -> None:
        """Warn of NAT gateways whose subnets get no routes back to the endpoints."""
        nat_subnet_ids = {subnet.subnet_id for subnet in selected.subnets}
        used = {route.nat_gateway_id for each in subnets for route in default_routes(each)}
        others = [
            each.node.path
            for each in (vpc.node.find_all() if isinstance(vpc, ec2.Vpc) else ())
            if isinstance(each, ec2.CfnNatGateway)
            and each.ref in used
            and each.subnet_id not in nat_subnet_ids
        ]
        if others:
            add_warning(
                self,
                "cdk-privatelink:natGatewayOutsideOfNatSubnets",
                f"The endpoints send packets to the NAT gateway `{others[0]}`, whose subnet is not "
                "in `nat_subnets`, so that the responses bypass the endpoints. Add its subnet to "
                "`nat_subnets`.",
                variable="inspection",
                unless="the responses have other routes",
            )

    def _warn_of_ipv6(self, vpc: ec2.IVpc) -> None:
        add_warning(
            self,
            "cdk-privatelink:spokeWithIpv6",
            f"Subnets of `{vpc.node.path}` have a default route for IPv6, which does not lead to "
            "the endpoints. Pass subnets without IPv6.",
            variable="inspection",
            unless="this traffic needs no inspection",
        )

    def _warn_of_overlap(self, vpc: ec2.IVpc) -> None:
        """Warn of a spoke whose route EC2 does not propagate.

        https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        """
        block = literal_cidr_block(vpc)
        for other in self._attached_vpcs:
            other_block = literal_cidr_block(other)
            if block is None or other_block is None:
                continue
            if is_in_block(block, other_block) or is_in_block(other_block, block):
                add_warning(
                    self,
                    "cdk-privatelink:overlappingVpcs",
                    f"The CIDR blocks of `{vpc.node.path}` and `{other.node.path}` overlap, so "
                    "that the transit gateway does not learn the route to one of them. Pass other "
                    "`ip_addresses` to one of the VPCs.",
                    variable="inspection",
                    unless="all responses go to other CIDR blocks of the VPCs",
                )

    def _attach(
        self,
        scope: Construct,
        vpc: ec2.IVpc,
        selected: SelectedSubnets,
        table: ec2.CfnTransitGatewayRouteTable,
        *,
        appliance_mode: bool = False,
    ) -> ec2.CfnTransitGatewayVpcAttachment:
        # CloudFormation replaces the other type, `TransitGatewayAttachment`, if a tag changes.
        attachment = ec2.CfnTransitGatewayVpcAttachment(
            scope,
            "Attachment",
            transit_gateway_id=self._gateway_id,
            vpc_id=vpc.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in selected.subnets],
            # In appliance mode, both directions of a connection pass through one Availability Zone.
            # `OptionsProperty` of the CDK writes names that CloudFormation does not accept.
            options={"ApplianceModeSupport": "enable" if appliance_mode else "disable"},
        )
        ec2.CfnTransitGatewayRouteTableAssociation(
            scope,
            "Association",
            transit_gateway_attachment_id=attachment.ref,
            transit_gateway_route_table_id=table.ref,
        )
        return attachment

    def _add_routes(
        self,
        scope: Construct,
        argument: Argument,
        tables: Mapping[str, str],
        destination: str,
        attachment: ec2.CfnTransitGatewayVpcAttachment,
    ) -> None:
        target = label_of(scope, destination, "Destination")
        for table_id, label in tables.items():
            route = add_route(
                scope,
                f"{label} to {target}",
                table_id=table_id,
                destination=destination,
                argument=argument,
                transit_gateway_id=self._gateway_id,
            )
            # EC2 rejects a route to a transit gateway that the VPC is not attached to.
            route.node.add_dependency(attachment)


def _are_same(vpc: ec2.IVpc, other: ec2.IVpc) -> bool:
    if vpc.node.path == other.node.path:
        return True
    # Two imports of one VPC. Until the CLI has looked them up, all VPCs have the same id.
    return is_literal(vpc.vpc_id) and vpc.vpc_id == other.vpc_id != _PLACEHOLDER_VPC_ID


def _require_no_default_route(argument: Argument, selected: SelectedSubnets) -> None:
    for subnet in selected.subnets:
        if has_cdk_route(subnet, _EVERYTHING):
            raise argument.value_error(
                "must not have a default route, which bypasses the endpoints",
                got=subnet.node.path,
                fix="pass isolated subnets",
            )


def _tables(argument: Argument, subnets: Sequence[ec2.ISubnet], vpc: ec2.IVpc) -> dict[str, str]:
    """Return the ids of route tables, which subnets can share, with the part of construct ids."""
    tables: dict[str, str] = {}
    for subnet in subnets:
        label = relative_path(subnet, vpc)
        tables.setdefault(route_table_of(argument, subnet, label).id, label)
    return tables
