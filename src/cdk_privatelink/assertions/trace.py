"""The way of one packet."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple, TypeAlias

from .errors import PrivateLinkAssertionError
from .templates import IpNetwork, Resource, firewall_zone
from .topology import VPC_ATTACHMENTS, DefaultTable, Route, Topology

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

SUBNET = "AWS::EC2::Subnet"
# The attachments of a transit gateway that return each packet to it.
FUNCTIONS = (
    "AWS::EC2::TransitGatewayNetworkFunctionAttachment",
    "AWS::NetworkFirewall::Firewall",
)
# The types of ids that are no resource of the app.
ID_TYPES = {
    "eigw": "AWS::EC2::EgressOnlyInternetGateway",
    "igw": "AWS::EC2::InternetGateway",
    "tgw": "AWS::EC2::TransitGateway",
    "tgw-attach": "AWS::EC2::TransitGatewayAttachment",
    "vgw": "AWS::EC2::VPNGateway",
}
ENDPOINT = "AWS::EC2::VPCEndpoint"


class Hop(NamedTuple):
    """A place that a packet reaches, and the route by which it gets there."""

    type: str
    """The type of the resource in CloudFormation, like ``AWS::EC2::VPCEndpoint``."""
    path: str
    """The path of the construct, or the id of a resource that is not part of the app."""
    subnet: str | None = None
    """The path of the subnet of an endpoint, a NAT gateway or an attachment, whose route table
    decides about the next hop. ``None`` for all other places."""
    route_table: str | None = None
    """The path of the route table with the route to this place, or of the gateway or attachment
    without a route table. ``None`` for the first place."""
    route: str | None = None
    """The CIDR block of the route to this place, like ``0.0.0.0/0``."""


class _Way(NamedTuple):
    """A matching route."""

    route: Route
    table: Any
    """The route table, or the gateway or attachment without one."""
    network: IpNetwork

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the next hop."""
        return {"route_table": f"{self.table}", "route": f"{self.network}"}


class Position(NamedTuple):
    """A place of a packet."""

    resource: Any
    subnet: Any
    """The subnet whose route table is next. Gateways and transit gateways have other tables."""


class Trace:
    """The way of one packet."""

    def __init__(self, topology: Topology, destination: IpAddress, zone: Any) -> None:
        """Start nowhere.

        :param zone: The zone that transit gateways select in appliance mode.
        """
        self._topology = topology
        self._destination = destination
        self._selected_zone = zone
        self.entered_zone: Any = None
        """The zone in which the packet has entered the transit gateway."""
        self.hops: list[Hop] = []
        self.translations: list[Position] = []
        self.start = self.end = Position(None, None)

    def run(self, start: Position) -> None:
        """Follow the packet until it arrives or leaves the app.

        :raises PrivateLinkAssertionError: It does neither.
        """
        self.start = start
        visited: set[Position] = set()
        position: Position | None = start
        self.hops.append(Hop(**place_of(start)))
        while position is not None:
            if position in visited:
                raise self._error(
                    problem="must be reached without a loop",
                    got=f"a packet that returns to `{position.resource}`",
                    fix="change the routes on the way",
                    path=f"{position.subnet or position.resource}",
                )
            visited.add(position)
            self.end = position
            position = self._next(position)

    def _next(self, position: Position) -> Position | None:
        if position.subnet is not None:
            return self._leave_subnet(position.subnet)
        kind = type_of(position.resource)
        if kind in VPC_ATTACHMENTS or kind in FUNCTIONS:
            return self._cross_transit_gateway(position.resource)
        return self._enter_vpc(position.resource)

    def _leave_subnet(self, subnet: Any) -> Position | None:
        table = self._topology.table_of(subnet)
        if table is None:
            raise self._error(
                problem="must be reached through subnets whose route tables are in the templates",
                got="a subnet without an association, or of another app",
                fix="associate a route table with the subnet: the main route table of a VPC is not "
                "in its template",
                path=f"{subnet}",
            )
        self._check_table(table)
        vpc = self._topology.vpc_of(subnet)
        routes = [*self._topology.routes_of(table), *self._topology.local_routes_of(vpc)]
        return self._follow(self._select(routes, table), subnet, vpc)

    def _enter_vpc(self, gateway: Any) -> Position | None:
        """Route a packet that enters a VPC through a gateway."""
        table, vpc = self._topology.table_of(gateway), self._topology.vpc_of(gateway)
        local = self._topology.local_routes_of(vpc)
        if table is None:
            way = self._select(local, gateway)
        else:
            self._check_table(table)
            way = self._select([*self._topology.routes_of(table), *local], table)
        return self._follow(way, None, vpc)

    def _follow(self, way: _Way, subnet: Any, vpc: Any) -> Position | None:
        kind, target = way.route.kind, way.route.target
        if kind == "VpcEndpointId":
            if type_of(target) == ENDPOINT and not isinstance(target, Resource):
                # The subnet of an endpoint of another app is unknown.
                self._leave_app(way)
                return None
            return self._enter_endpoint(way)
        if kind == "NatGatewayId":
            return self._translate(way)
        if kind == "TransitGatewayId" and subnet is not None:
            return self._enter_transit_gateway(subnet, way)
        if target == "local":
            self._deliver(vpc, way)
        elif kind == "VpcPeeringConnectionId" and isinstance(target, Resource):
            self._deliver(self._topology.peer_of(target, vpc), way)
        elif kind in ("EgressOnlyInternetGatewayId", "GatewayId"):
            self._leave_app(way)
        else:
            raise self._error(
                problem="must be reached through gateways, endpoints, peering connections and "
                "transit gateways of the templates",
                got=f"a route to `{kind}`",
                fix="pass all stacks of the network, or test the rest of the way otherwise",
                path=f"{way.table}",
            )
        return None

    def _deliver(self, vpc: Any, way: _Way) -> None:
        for subnet in self._topology.subnets_of_vpc(vpc):
            block = self._topology.block_of(subnet, ipv6=self._destination.version == 6)
            if block is not None and self._destination in block:
                self.end = Position(subnet, subnet)
                self.hops.append(Hop(SUBNET, subnet.path, None, **way.fields))
                return
        raise self._error(
            problem="must be in a subnet of its VPC",
            got=f"`{self._destination}`",
            fix="pass an address in a subnet, or all stacks of the network",
            path=f"{vpc}",
        )

    def _leave_app(self, way: _Way) -> None:
        self.end = self._enter(Position(way.route.target, None), way)

    def _enter_endpoint(self, way: _Way) -> Position:
        value = way.route.target
        of_firewall = firewall_zone(value)
        if of_firewall is not None:
            endpoint, zone = of_firewall
            subnets = [
                each
                for each in self._topology.subnets_of(endpoint)
                if isinstance(each, Resource) and self._topology.zone_of(each) == zone
            ]
        else:
            endpoint = value
            subnets = self._topology.subnets_of(value) if isinstance(value, Resource) else []
        return self._enter_only_subnet(
            endpoint,
            subnets,
            way,
            problem="must be reached through endpoints with one known subnet",
            fix="pass the stack of the endpoint",
        )

    def _translate(self, way: _Way) -> Position:
        gateway = way.route.target
        subnets = self._topology.subnets_of(gateway) if isinstance(gateway, Resource) else []
        position = self._enter_only_subnet(
            gateway,
            subnets,
            way,
            problem="must be reached through NAT gateways with a known subnet",
            fix="pass the stack of the NAT gateway",
        )
        self.translations.append(position)
        return position

    def _enter_only_subnet(
        self, place: Any, subnets: list[Any], way: _Way, *, problem: str, fix: str
    ) -> Position:
        """Enter the target of a route, which is in one subnet."""
        if len(subnets) != 1:
            got = f"`{way.route.target}`"
            raise self._error(problem=problem, got=got, fix=fix, path=f"{way.table}")
        return self._enter(Position(place, subnets[0]), way)

    def _enter_transit_gateway(self, subnet: Any, way: _Way) -> Position | None:
        vpc, zone = self._topology.vpc_of(subnet), self._topology.zone_of(subnet)
        attachment = self._topology.attachment_of(vpc, way.route.target)
        if attachment is None and not isinstance(way.route.target, Resource):
            # A transit gateway of another app, to which that app attaches the VPC.
            self._leave_app(way)
            return None
        if attachment is None or self._topology.subnet_in_zone(attachment, zone) is None:
            raise self._error(
                problem="must be reached from Availability Zones with an attachment to the transit "
                "gateway",
                got=f"`{subnet}` without an attachment in its zone",
                fix="add a subnet of this zone to the attachment of the VPC",
                path=f"{way.table}",
            )
        self.entered_zone = zone
        return self._enter(Position(attachment, None), way)

    def _cross_transit_gateway(self, attachment: Any) -> Position | None:
        table = self._topology.transit_gateway_table_of(attachment)
        is_known = isinstance(table, (Resource, DefaultTable))
        if not is_known and isinstance(attachment, Resource) and not self._is_complete(attachment):
            return None
        if table is None:
            way = self._select([], attachment)
        else:
            self._check_table(table)
            way = self._select(self._topology.transit_routes_of(table), table)
        target = way.route.target
        if target is None:
            raise self._error(
                problem="must not be reached through a blackhole",
                got=f"a static route for `{way.network}` without an attachment",
                fix="remove the route, or add an attachment to it",
                path=f"{table}",
            )
        if isinstance(target, Resource) and target.type in VPC_ATTACHMENTS:
            return self._enter(Position(target, self._select_subnet(target)), way)
        if type_of(target) in FUNCTIONS:
            return self._enter(Position(target, None), way)
        self._leave_app(way)
        return None

    def _select_subnet(self, attachment: Resource) -> Resource:
        """Return the subnet of an attachment that receives the packet.

        A transit gateway keeps packets in the zone in which they enter it. In appliance mode, it
        selects one zone for both directions of each flow.
        https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
        """
        by_zone = self._topology.subnets_by_zone(attachment)
        zones = [self.entered_zone]
        if self._topology.has_appliance_mode(attachment):
            zones = [self._selected_zone, self.entered_zone, *by_zone]
        elif len(by_zone) == 1:
            zones = [*by_zone]
        found = self._topology.subnet_in_zone(attachment, *zones)
        if found is None:
            raise self._error(
                problem="must be reached in a certain Availability Zone",
                got="an attachment without a subnet in the zone of the packet",
                fix="add a subnet of this zone to the attachment, or enable appliance mode",
                path=attachment.path,
            )
        return found

    def _is_complete(self, attachment: Resource) -> bool:
        """Return whether the templates contain the transit gateway of an attachment."""
        return isinstance(self._topology.gateway_of(attachment), Resource)

    def _enter(self, position: Position, way: _Way) -> Position:
        self.hops.append(Hop(**place_of(position), **way.fields))
        return position

    def _check_table(self, table: Any) -> None:
        if not isinstance(table, (Resource, DefaultTable)):
            raise self._error(
                problem="must be reached through route tables of the templates",
                got=f"an association with `{table}`",
                fix="pass the stack of the route table, and associations without conditions",
                path=f"{table}",
            )

    def _select(self, routes: list[Route], table: Any) -> _Way:
        """Return the most specific route for the destination."""
        matching = [
            (rank, route, network)
            for route in routes
            for network in route.networks
            if (rank := self._rank(route, network)) is not None
        ]
        certain = [each for each in matching if each[1].doubt is None]
        best = max(certain, key=lambda each: each[0]) if certain else None
        for rank, route, network in matching:
            if best is not None and (rank < best[0] or _next_hop(route) == _next_hop(best[1])):
                continue
            if route.doubt is None:
                raise self._error(
                    problem="must have one most specific route in each route table on the way",
                    got=f"routes to `{network}` with different targets",
                    fix="remove one of the routes",
                    path=f"{table}",
                )
            # A table does not have two routes to the same destination.
            if best is None or rank > best[0]:
                raise self._error(**route.doubt._asdict(), path=f"{table}")
        if best is None:
            raise self._error(
                problem="must have a route in each route table on the way",
                got=f"no route to `{self._destination}`",
                fix="add a route to this route table, or pass the stack that contains the route",
                path=f"{table}",
            )
        _, route, network = best
        return _Way(route, table, network)

    def _rank(self, route: Route, network: IpNetwork) -> tuple[int, int] | None:
        """Return the priority that a route has, or can have at most, for the destination."""
        if self._destination not in network:
            return None
        length = network.max_prefixlen if route.is_limit else network.prefixlen
        return length, route.precedence

    def _error(self, *, problem: str, got: str, fix: str, path: str) -> PrivateLinkAssertionError:
        return PrivateLinkAssertionError("destination", problem, got=got, fix=fix, scope=path)


def _next_hop(route: Route) -> tuple[str, Any]:
    return route.kind, route.target


def place_of(position: Position) -> dict[str, Any]:
    """Return the fields of a hop for a position."""
    resource, subnet = position
    inside = None if subnet is None or subnet is resource else f"{subnet}"
    return {"type": type_of(resource), "path": f"{resource}", "subnet": inside}


def type_of(value: Any) -> str:
    """Return the type of a resource, which is not part of the app if its id is known only."""
    if isinstance(value, Resource):
        return value.type
    prefix = value.rpartition("-")[0] if isinstance(value, str) else ""
    return ENDPOINT if prefix == "vpce" else ID_TYPES.get(prefix, "Unknown")
