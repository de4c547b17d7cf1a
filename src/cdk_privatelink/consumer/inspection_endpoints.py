"""Endpoints through which route tables send traffic, and the routes in both directions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.end_of_synthesis import add_final_check
from .._internal.scopes import checked_construction
from .._internal.subnets import (
    SUBNET_SELECTION,
    find_zone,
    ipv4_block_of,
    is_placeholder_zone,
    literal_cidr_blocks,
    relative_path,
    require_single_subnets,
    select_subnets,
    zone_of,
)
from .._internal.tokens import is_single_unknown
from .._internal.transit_gateways import find_attachments, has_appliance_mode
from .._internal.warnings import add_warning
from .cidr_blocks import is_in_block, parse_block
from .inspection_routes import (
    InspectionRoutes,
    Route,
    RouteTable,
    cdk_routes,
    find_route_table_id,
    label_of,
    route_table_of,
)

_GATEWAY_ID = re.compile(r"(igw|vgw)-[0-9a-f]+", re.ASCII)


class _InspectedSubnet(NamedTuple):
    """A subnet with the endpoint in its Availability Zone."""

    subnet: ec2.ISubnet
    endpoint_id: str


class RouteArguments(NamedTuple):
    """The arguments that errors about routes name."""

    subnets: Argument
    destination: Argument
    return_path: Argument


class RoutePair(NamedTuple):
    """The values of ``add_routes()``, and the arguments that they come from."""

    subnets: ec2.SubnetSelection
    destination: str | ec2.SubnetSelection
    return_path: str | ec2.SubnetSelection | None
    arguments: RouteArguments


class InspectionEndpoints(Construct):
    """Endpoints that inspect traffic, one per Availability Zone."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Add the construct to the tree. The subclass calls :meth:`_set_endpoints`."""
        with checked_construction(scope, id):
            super().__init__(scope, id)

    def _set_endpoints(
        self,
        endpoint_ids: Mapping[str, str],
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        address_types: set[str],
        requires_acceptance: bool = False,
        has_placeholder_subnets: bool = False,
        after: Construct | None = None,
    ) -> None:
        """Store the endpoints.

        :param endpoint_ids: The ids by Availability Zone, as ``zone_of()`` returns it.
        :param subnets: The subnets of the endpoints, as far as they are known.
        :param after: The construct to deploy before each route.
        """
        self._endpoint_ids = dict(endpoint_ids)
        self._vpc = vpc
        self._subnets = list(subnets)
        self._has_ipv4 = "ipv4" in address_types
        self._has_ipv6 = "ipv6" in address_types
        self._requires_acceptance = requires_acceptance
        self._has_placeholder_subnets = has_placeholder_subnets
        self._routes = InspectionRoutes(self, "Routes", vpc=vpc, after=after)
        # The subnets whose traffic goes to the endpoints.
        self._routed_subnets: list[ec2.ISubnet] = []

    @property
    def availability_zones(self) -> list[str]:
        """The names of the Availability Zones of the endpoints.

        The list is empty if a subnet is imported without its zone.
        """
        zones = [find_zone(subnet) for subnet in self._subnets]
        return [zone for zone in zones if zone] if all(zones) else []

    @property
    def vpc_endpoint_ids(self) -> list[str]:
        """The ids of the endpoints, in the order of :attr:`availability_zones`."""
        return list(self._endpoint_ids.values())

    def add_routes(
        self,
        *,
        subnets: ec2.SubnetSelection,
        destination: str | ec2.SubnetSelection,
        return_path: str | ec2.SubnetSelection | None = None,
    ) -> None:
        """Route traffic between subnets and a destination through the endpoints, both ways.

        Each subnet uses the endpoint in its own Availability Zone. Return traffic uses the same
        endpoint, so that an appliance sees both directions of each connection. For that, the place
        where return traffic enters the VPC gets a route to each of the subnets.

        :param subnets: The subnets whose traffic you inspect, in zones with an endpoint. They must
            not have a route to the destination yet. Isolated subnets have none.
        :param destination: An IPv4 or IPv6 CIDR block outside of the VPC, like ``"0.0.0.0/0"``, or
            other subnets of the VPC, for all address types of the endpoints. A token is an IPv4
            block, unless the endpoints are IPv6 only.
        :param return_path: The place where return traffic from the CIDR block enters the VPC: the
            id of an internet or virtual private gateway, which gets a route table, or the subnets
            of NAT gateways or of transit gateway attachments. Default: the internet gateway of the
            VPC, if the endpoints are in public subnets.
        :raises PrivateLinkValueError: A zone has no endpoint, a route exists already, or the return
            path is unknown.
        :raises PrivateLinkTypeError: A value is not a subnet selection, a CIDR block or the id of a
            gateway.
        :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/getting-started.html
        """
        arguments = RouteArguments(*(Argument(name, self) for name in RouteArguments._fields))
        self._add_all([RoutePair(subnets, destination, return_path, arguments)])

    def _add_all(self, pairs: Sequence[RoutePair]) -> None:
        if self._has_placeholder_subnets:
            # The CLI synthesizes again after the lookup of the VPC.
            return
        routes = [route for pair in pairs for route in self._routes_of(pair)]
        self._routes.add(routes, scope=self)
        if not self._routed_subnets:
            add_final_check(self, self._warn_of_attachments)
        self._routed_subnets += [each.table.subnet for each in routes if each.table.subnet]
        if self._requires_acceptance:
            add_warning(
                self,
                "cdk-privatelink:routesNeedAcceptance",
                "EC2 rejects routes to an endpoint until its connection is accepted. Pass "
                "`auto_accept=True` if the service is in the same account, or "
                "`acceptance_required=False` to the service, or deploy the routes after the "
                "acceptance.",
                variable="endpoints",
                unless="the endpoints are accepted",
            )

    def _routes_of(self, pair: RoutePair) -> list[Route]:
        """Return the routes of traffic and of its return traffic."""
        inspected = self._pair_with_endpoints(pair.arguments.subnets, pair.subnets)
        if not inspected:
            return []
        if isinstance(pair.destination, ec2.SubnetSelection):
            _reject_return_path(pair.arguments.return_path, pair.return_path)
            return self._routes_between(inspected, pair.destination, pair.arguments)
        return self._routes_to_block(inspected, pair)

    def _routes_between(
        self,
        inspected: Sequence[_InspectedSubnet],
        destination: ec2.SubnetSelection,
        arguments: RouteArguments,
    ) -> list[Route]:
        """Return the routes between the inspected subnets and other subnets of the VPC."""
        peers = self._select_peers(
            arguments.destination,
            destination,
            inspected=inspected,
            inspected_argument=arguments.subnets,
        )
        address_types = [
            is_ipv6
            for is_ipv6, is_supported in ((False, self._has_ipv4), (True, self._has_ipv6))
            if is_supported
        ]
        return [
            self._route_to_subnet(
                self._table(start_argument, start), end_argument, end, endpoint_id, is_ipv6=is_ipv6
            )
            for is_ipv6 in address_types
            for subnet, endpoint_id in inspected
            for peer in peers
            for start_argument, start, end_argument, end in (
                (arguments.subnets, subnet, arguments.destination, peer),
                (arguments.destination, peer, arguments.subnets, subnet),
            )
        ]

    def _routes_to_block(
        self, inspected: Sequence[_InspectedSubnet], pair: RoutePair
    ) -> list[Route]:
        """Return the routes to a CIDR block, and the routes of the return traffic."""
        argument = pair.arguments.subnets
        block, is_ipv6 = self._resolve_block(pair.arguments.destination, pair.destination)
        if is_ipv6 and any(map(_has_egress_only_route, self._subnets)):
            self._warn_of_egress_only_gateway()
        return_tables = self._return_tables(pair, inspected)
        label = label_of(self, block, "Destination")
        outbound = [
            Route(self._table(argument, subnet), block, is_ipv6, endpoint_id, label)
            for subnet, endpoint_id in inspected
        ]
        inbound = [
            self._route_to_subnet(table, argument, subnet, endpoint_id, is_ipv6=is_ipv6)
            for table in return_tables
            for subnet, endpoint_id in inspected
        ]
        return [*outbound, *inbound]

    def _resolve_block(self, argument: Argument, destination: object) -> tuple[str, bool]:
        """Return a CIDR block as EC2 stores it, and whether it is an IPv6 block."""
        block, is_ipv6 = parse_block(argument, destination)
        if is_ipv6 is None:
            return block, not self._has_ipv4
        if not (self._has_ipv6 if is_ipv6 else self._has_ipv4):
            raise argument.value_error(
                f"must be an {'IPv4' if is_ipv6 else 'IPv6'} CIDR block, like the endpoints",
                got=block,
                fix="pass `ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK` to the "
                "endpoints",
            )
        if any(is_in_block(block, each) for each in literal_cidr_blocks(self._vpc)):
            raise argument.value_error(
                "must be outside of the VPC, in which EC2 routes to whole subnets only",
                got=block,
                fix="pass the subnets as an `ec2.SubnetSelection`",
            )
        return block, is_ipv6

    def _select(self, argument: Argument, selection: object) -> list[ec2.ISubnet]:
        """Return subnets of the VPC that do not contain the endpoints."""
        selected = select_subnets(self._vpc, argument, selection)
        if selected.is_placeholder:
            return []
        require_single_subnets(argument, selected.subnets)
        own_ids = {subnet.subnet_id for subnet in self._subnets}
        for subnet in selected.subnets:
            if subnet.subnet_id in own_ids:
                raise argument.value_error(
                    "must not contain a subnet of the endpoints, whose traffic would loop",
                    got=subnet.node.path,
                    fix="pass other subnets",
                )
        return selected.subnets

    def _select_peers(
        self,
        argument: Argument,
        selection: object,
        *,
        inspected: Sequence[_InspectedSubnet],
        inspected_argument: Argument,
    ) -> list[ec2.ISubnet]:
        """Return the subnets on the other side of the appliances."""
        inspected_ids = {subnet.subnet_id for subnet, _ in inspected}
        peers = self._select(argument, selection)
        for subnet in peers:
            if subnet.subnet_id in inspected_ids:
                raise argument.value_error(
                    f"must not contain a subnet that `{inspected_argument.name}` contains",
                    got=subnet.node.path,
                    fix="pass the subnets on the other side of the appliances",
                )
        return peers

    def _pair_with_endpoints(self, argument: Argument, selection: object) -> list[_InspectedSubnet]:
        """Return each selected subnet with the endpoint in its zone, or none before a lookup."""
        SUBNET_SELECTION(argument, selection)
        pairs = []
        for subnet in self._select(argument, selection):
            zone = zone_of(subnet, self)
            endpoint_id = self._endpoint_ids.get(zone)
            if endpoint_id is None:
                if any(map(is_placeholder_zone, (zone, *self._endpoint_ids))):
                    # The CLI synthesizes again after the lookup of the zones.
                    return []
                raise argument.value_error(
                    "must be in Availability Zones with an endpoint",
                    got=subnet.node.path,
                    fix="pass subnets in the zones of the endpoints, import subnets with their "
                    "`availability_zone`, and pass `env` to the stack if its zones are tokens",
                )
            pairs.append(_InspectedSubnet(subnet, endpoint_id))
        return pairs

    def _return_tables(
        self, pair: RoutePair, inspected: Sequence[_InspectedSubnet]
    ) -> list[RouteTable]:
        """Return the route tables of the places where return traffic enters the VPC."""
        argument, return_path = pair.arguments.return_path, pair.return_path
        if return_path is None:
            return [self._internet_gateway_table(argument)]
        if isinstance(return_path, str):
            if return_path == self._vpc.vpn_gateway_id:
                self._validate_propagation(pair.arguments.subnets, inspected)
            return [self._gateway_table(argument, return_path)]
        if not isinstance(return_path, ec2.SubnetSelection):
            raise argument.type_error(
                "must be the id of a gateway or an `ec2.SubnetSelection`",
                got=return_path,
                fix="pass the id of an internet or virtual private gateway, or subnets",
            )
        subnets = self._select_peers(
            argument, return_path, inspected=inspected, inspected_argument=pair.arguments.subnets
        )
        return [self._table(argument, subnet) for subnet in subnets]

    def _internet_gateway_table(self, argument: Argument) -> RouteTable:
        """Return the table of the internet gateway, if return traffic certainly enters there."""
        vpc = self._vpc
        if isinstance(vpc, ec2.Vpc) and vpc.internet_gateway_id is not None:
            public_ids = {subnet.subnet_id for subnet in vpc.public_subnets}
            own_ids = {subnet.subnet_id for subnet in self._subnets}
            if own_ids and own_ids <= public_ids:
                return self._gateway_table(argument, vpc.internet_gateway_id)
        raise argument.value_error(
            "must be passed unless the endpoints are in public subnets of a VPC of the same app",
            got=None,
            fix="pass the id of a gateway, or the subnets of NAT gateways or of transit gateway "
            "attachments",
        )

    def _gateway_table(self, argument: Argument, gateway_id: str) -> RouteTable:
        if gateway_id == getattr(self._vpc, "internet_gateway_id", None):
            label = "InternetGateway"
        elif gateway_id == self._vpc.vpn_gateway_id:
            label = "VpnGateway"
        else:
            label = self._label_of_gateway(argument, gateway_id)
        # A VPC of the app has one gateway of each kind. Imported VPCs of a stack share a registry.
        is_own = isinstance(self._vpc, ec2.Vpc)
        key = label if is_own else label_of(self, gateway_id, "Gateway")
        return RouteTable(label, gateway_id, None, argument, key)

    def _label_of_gateway(self, argument: Argument, gateway_id: str) -> str:
        if not is_single_unknown(gateway_id) and not _GATEWAY_ID.fullmatch(gateway_id):
            raise argument.value_error(
                "must be the id of a gateway that can have a route table",
                got=gateway_id,
                fix="pass the id of an internet or virtual private gateway, or subnets",
            )
        return label_of(self, gateway_id, "Gateway")

    def _validate_propagation(
        self, argument: Argument, inspected: Sequence[_InspectedSubnet]
    ) -> None:
        """Check that no route of the VPN gateway bypasses the endpoints."""
        propagated = [
            table_id
            for child in self._vpc.node.children
            if isinstance(child, ec2.CfnVPNGatewayRoutePropagation)
            for table_id in child.route_table_ids
        ]
        for subnet, _ in inspected:
            if self._table(argument, subnet).id in propagated:
                raise argument.value_error(
                    "must not receive routes of the VPN gateway, which bypass the endpoints",
                    got=subnet.node.path,
                    fix="pass `vpn_route_propagation` to the VPC for the subnets of the endpoints "
                    "only",
                )

    def _warn_of_attachments(self) -> None:
        """Warn of attachments that send the two directions of a connection to two endpoints.

        https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-appliance-scenario.html
        """
        routed_ids = {each.subnet_id for each in self._routed_subnets}
        for attachment in find_attachments(self):
            # With one subnet, there is one Availability Zone to select.
            attached_ids = routed_ids.intersection(attachment.subnet_ids or ())
            if len(attached_ids) > 1 and has_appliance_mode(attachment) is False:
                add_warning(
                    self,
                    "cdk-privatelink:attachmentWithoutApplianceMode",
                    f"The attachment `{attachment.node.path}` of a transit gateway is not in "
                    "appliance mode, so that a response can arrive in another Availability Zone, "
                    "at another endpoint. Pass "
                    '`options={"ApplianceModeSupport": "enable"}` to the attachment.',
                    variable="endpoints",
                    unless="no connection crosses Availability Zones",
                )

    def _table(self, argument: Argument, subnet: ec2.ISubnet) -> RouteTable:
        table = route_table_of(argument, subnet, relative_path(subnet, self._vpc))
        if table.id in self._own_table_ids:
            raise argument.value_error(
                "must not share a route table with the endpoints, whose traffic would loop",
                got=subnet.node.path,
                fix="give the subnets of the endpoints route tables of their own",
            )
        return table

    @cached_property
    def _own_table_ids(self) -> set[str]:
        """The route tables of the endpoints, as far as they are known."""
        return {table for subnet in self._subnets if (table := find_route_table_id(subnet))}

    def _route_to_subnet(
        self,
        table: RouteTable,
        argument: Argument,
        subnet: ec2.ISubnet,
        endpoint_id: str,
        *,
        is_ipv6: bool,
    ) -> Route:
        block = _ipv6_block(argument, subnet) if is_ipv6 else ipv4_block_of(argument, subnet)
        label = relative_path(subnet, self._vpc) + (" Ipv6" if is_ipv6 else "")
        return Route(table, block, is_ipv6, endpoint_id, label, subnet)

    def _warn_of_egress_only_gateway(self) -> None:
        add_warning(
            self,
            "cdk-privatelink:egressOnlyGatewayDropsTraffic",
            "The subnets of the endpoints route IPv6 traffic to an egress-only internet gateway, "
            "which drops it. Put the endpoints into subnets with a route to an internet gateway.",
            variable="endpoints",
            unless="the traffic has another way",
        )


def add_route_pairs(endpoints: InspectionEndpoints, pairs: Sequence[RoutePair]) -> None:
    """Add the routes of several calls of ``add_routes()``: all, or none if there is an error.

    :raises PrivateLinkError: The errors of ``add_routes()``.
    """
    endpoints._add_all(pairs)


def vpc_of(endpoints: InspectionEndpoints) -> ec2.IVpc:
    """Return the VPC of endpoints."""
    return endpoints._vpc


def subnets_of(endpoints: InspectionEndpoints) -> list[ec2.ISubnet]:
    """Return the subnets of endpoints, as far as they are known."""
    return list(endpoints._subnets)


def _reject_return_path(argument: Argument, return_path: object) -> None:
    if return_path is not None:
        raise argument.value_error(
            "must be left out if the destination is a selection of subnets",
            got=return_path,
            fix="leave it out",
        )


def _has_egress_only_route(subnet: ec2.ISubnet) -> bool:
    """Return whether the CDK routes IPv6 traffic of a subnet to an egress-only gateway."""
    return any(route.egress_only_internet_gateway_id is not None for route in cdk_routes(subnet))


def _ipv6_block(argument: Argument, subnet: ec2.ISubnet) -> str:
    resource = subnet.node.default_child if isinstance(subnet, ec2.Subnet) else None
    if not isinstance(resource, ec2.CfnSubnet) or resource.ipv6_cidr_block is None:
        raise argument.value_error(
            "must have known IPv6 CIDR blocks",
            got=subnet.node.path,
            fix="pass subnets of a dual-stack VPC of the same app",
        )
    return resource.ipv6_cidr_block
