"""The inspection of the traffic of many VPCs behind a transit gateway."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, Rule, instance_of, list_of, matching
from .._internal.scopes import checked_construction
from .._internal.subnets import (
    SUBNET_SELECTION,
    VPC,
    literal_cidr_blocks,
    relative_path,
    require_single_subnets,
    select_subnets,
)
from .._internal.tokens import is_token
from .cidr_blocks import is_in_block, parse_block
from .inspection_endpoints import InspectionEndpoints, RoutePair, add_route_pairs, subnets_of
from .inspection_routes import has_cdk_route, label_of, route_table_of
from .interface import IGatewayLoadBalancerEndpoints

_EVERYTHING = "0.0.0.0/0"
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
    block, is_ipv6 = parse_block(argument, value)
    if is_ipv6:
        raise argument.value_error(
            "must be an IPv4 CIDR block", got=block, fix="add the routes for IPv6 yourself"
        )
    return block


def _select(vpc: ec2.IVpc, argument: Argument, selection: object) -> list[ec2.ISubnet]:
    """Return subnets. Without a selection, the CDK would select the private subnets."""
    subnets = select_subnets(vpc, argument, SUBNET_SELECTION(argument, selection)).subnets
    require_single_subnets(argument, subnets)
    return subnets


class TransitGatewayInspection(Construct):
    """The inspection of all IPv4 traffic between VPCs, and of their traffic to the internet.

    ::

        inspection = TransitGatewayInspection(
            self, "Inspection",
            transit_gateway_id=gateway.ref,
            vpc=vpc,
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
        vpc: ec2.IVpc | ec2.Vpc,
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
        :param vpc: The VPC of the endpoints.
        :param endpoints: The endpoints in this VPC, in subnets with a route to NAT gateways.
        :param attachment_subnets: The subnets of the attachment, one per Availability Zone of the
            endpoints, without a route to the internet. Put nothing else into these subnets.
        :param nat_subnets: The subnets of the NAT gateways, one gateway per Availability Zone.
        :param spoke_cidrs: The IPv4 CIDR blocks that contain all spokes, like ``"10.128.0.0/9"``.
            They must not overlap with the VPC of the endpoints.
        :raises PrivateLinkValueError: EC2 would reject a value, a route exists already, or the CDK
            rejects ``scope`` or ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        """
        with checked_construction(scope, id):
            super().__init__(scope, id)
        check = Arguments(self)
        self._gateway_id = check("transit_gateway_id", transit_gateway_id, _GATEWAY_ID)
        checked_vpc = check("vpc", vpc, VPC)
        checked_endpoints = check("endpoints", endpoints, _ENDPOINTS)
        self._blocks = check("spoke_cidrs", spoke_cidrs, list_of(_ipv4_block, is_required=True))
        attached = _select(checked_vpc, check.argument("attachment_subnets"), attachment_subnets)
        _select(checked_vpc, check.argument("nat_subnets"), nat_subnets)
        endpoint_subnets = subnets_of(checked_endpoints)
        if not endpoint_subnets:
            raise check.argument("endpoints").value_error(
                "must have known subnets",
                got=checked_endpoints.node.path,
                fix="pass `subnets` to `from_endpoint_ids()`",
            )

        # From the spokes to everything, and back from the NAT gateways.
        pairs = [RoutePair(attachment_subnets, _EVERYTHING, nat_subnets)]
        pairs += [RoutePair(nat_subnets, block, attachment_subnets) for block in self._blocks]
        add_route_pairs(checked_endpoints, pairs)
        self._spoke_table, self._inspection_table = (
            ec2.CfnTransitGatewayRouteTable(self, name, transit_gateway_id=self._gateway_id)
            for name in ("SpokeRoutes", "InspectionRoutes")
        )
        attachment = self._attach(
            self, checked_vpc, attached, self._inspection_table, appliance_mode=True
        )
        ec2.CfnTransitGatewayRoute(
            self,
            "ToInspection",
            transit_gateway_route_table_id=self._spoke_table.ref,
            destination_cidr_block=_EVERYTHING,
            transit_gateway_attachment_id=attachment.ref,
        )
        # After the inspection, packets to a spoke leave through the transit gateway.
        for block in self._blocks:
            argument = check.argument("endpoints")
            self._add_routes(self, argument, checked_vpc, endpoint_subnets, block, attachment)

    def add_spoke(
        self,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        attachment_subnets: ec2.SubnetSelection,
        subnets: ec2.SubnetSelection,
    ) -> None:
        """Attach a VPC, and send all IPv4 traffic of its subnets to the endpoints.

        :param id: The id of the attachment in this construct.
        :param vpc: The VPC, in the account and Region of this stack, with a CIDR block in
            ``spoke_cidrs``.
        :param attachment_subnets: The subnets of the attachment, one per Availability Zone.
        :param subnets: The subnets whose traffic is inspected. They must not have a default route
            yet. Isolated subnets have none.
        :raises PrivateLinkValueError: The VPC has no CIDR block in ``spoke_cidrs``, a subnet has a
            default route, or the id is in use.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        check = Arguments(self)
        checked_vpc = check("vpc", vpc, VPC)
        self._require_spoke(check.argument("vpc"), checked_vpc)
        argument = check.argument("subnets")
        attached = _select(checked_vpc, check.argument("attachment_subnets"), attachment_subnets)
        selected = _select(checked_vpc, argument, subnets)
        for subnet in selected:
            if has_cdk_route(subnet, _EVERYTHING):
                raise argument.value_error(
                    "must not have a default route, which bypasses the endpoints",
                    got=subnet.node.path,
                    fix="pass isolated subnets",
                )
        with checked_construction(self, id):
            spoke = Construct(self, id)
        attachment = self._attach(spoke, checked_vpc, attached, self._spoke_table)
        ec2.CfnTransitGatewayRouteTablePropagation(
            spoke,
            "Propagation",
            transit_gateway_attachment_id=attachment.ref,
            transit_gateway_route_table_id=self._inspection_table.ref,
        )
        self._add_routes(spoke, argument, checked_vpc, selected, _EVERYTHING, attachment)

    def _require_spoke(self, argument: Argument, vpc: ec2.IVpc) -> None:
        """Check that responses have a route to a VPC, as far as CIDR blocks are known."""
        own = literal_cidr_blocks(vpc)
        if not own or any(is_token(block) for block in self._blocks):
            return
        if not any(is_in_block(each, block) for each in own for block in self._blocks):
            raise argument.value_error(
                "must have a CIDR block in `spoke_cidrs`",
                got=", ".join(own),
                fix="add the block to `spoke_cidrs` of the construct",
            )

    def _attach(
        self,
        scope: Construct,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
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
            subnet_ids=[subnet.subnet_id for subnet in subnets],
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
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        destination: str,
        attachment: ec2.CfnTransitGatewayVpcAttachment,
    ) -> None:
        target = label_of(scope, destination, "Destination")
        for subnet in subnets:
            label = relative_path(subnet, vpc)
            route = ec2.CfnRoute(
                scope,
                f"{label} to {target}",
                route_table_id=route_table_of(argument, subnet, label).id,
                destination_cidr_block=destination,
                transit_gateway_id=self._gateway_id,
            )
            # EC2 rejects a route to a transit gateway that the VPC is not attached to.
            route.node.add_dependency(attachment)
