"""Routes through endpoints: checked together, then made, in the tables of subnets and gateways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from aws_cdk import Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.scopes import told_as_ours
from ..errors import PrivateLinkValueError


class Table(NamedTuple):
    """The route table of a subnet, or that of a gateway."""

    place: str
    """What tells it from others in ids: it has to stay the same while the table does."""
    known_as: str
    """The id of the route table, or that of the gateway."""
    subnet: ec2.ISubnet | None

    @property
    def key(self) -> str:
        """What tells it from others, also from itself by another token."""
        return self.known_as if self.subnet else self.place


class Route(NamedTuple):
    """A route to an endpoint."""

    table: Table
    destination: str
    is_ipv6: bool
    endpoint_id: str
    label: str
    """What tells its destination from others in ids."""
    subnet: ec2.ISubnet | None = None
    """The subnet that it leads to, if it is one."""

    @property
    def key(self) -> tuple[str, str]:
        """What there is one route for."""
        known = not Token.is_unresolved(self.destination)
        return self.table.key, self.destination if known else self.label


class Routes(Construct):
    """The routes to the endpoints of one construct."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.IVpc) -> None:
        """Have none at first."""
        super().__init__(scope, id)
        self._vpc = vpc

    def add(self, routes: Sequence[Route], *, scope: Construct) -> None:
        """Make the routes that there are not yet.

        :raises PrivateLinkValueError: Another route leads there; then none is made.
        """
        with told_as_ours("vpc", fix="give that construct another id", scope=scope):
            known = _Known.of(self._vpc)
        new: dict[tuple[str, str], Route] = {}
        for route in routes:
            key = route.key
            before = known.endpoints.get(key) or (new[key].endpoint_id if key in new else None)
            if before == route.endpoint_id:
                continue
            if before is not None:
                raise _taken(route, scope)
            if _has_route(route):
                raise _refusal(route, scope)
            new[key] = route
        # They are found first, since there may be something else in their place.
        gateways = [route.table for route in new.values() if route.table.subnet is None]
        with told_as_ours("vpc", fix="give that construct another id", scope=scope):
            tables = {each.key: known.table_of(each, self._vpc) for each in gateways}
        for key, route in new.items():
            self._make(route, tables.get(route.table.key, route.table.known_as))
            known.endpoints[key] = route.endpoint_id

    def _make(self, route: Route, table_id: str) -> None:
        made = ec2.CfnRoute(
            self,
            f"{route.table.place} to {route.label}",
            route_table_id=table_id,
            destination_cidr_block=None if route.is_ipv6 else route.destination,
            destination_ipv6_cidr_block=route.destination if route.is_ipv6 else None,
            vpc_endpoint_id=route.endpoint_id,
        )
        # EC2 lets a route be narrower than the VPC only where it leads to just a subnet.
        if isinstance(route.subnet, ec2.Subnet) and route.subnet.node.default_child:
            made.node.add_dependency(route.subnet.node.default_child)


class _Known(Construct):
    """What is known of the route tables of a VPC, whichever constructs have routes in them."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        # By table and destination, of which EC2 allows each pair once.
        self.endpoints: dict[tuple[str, str], str] = {}
        self._tables: dict[str, _GatewayRouteTable] = {}

    @classmethod
    def of(cls, vpc: ec2.IVpc) -> _Known:
        """Find what is known of a VPC, or begin it."""
        # An imported VPC is no construct that others can be put into.
        scope = vpc if isinstance(vpc, Construct) else vpc.stack
        found = scope.node.try_find_child("PrivateLinkRoutes")
        return found if isinstance(found, cls) else cls(scope, "PrivateLinkRoutes")

    def table_of(self, table: Table, vpc: ec2.IVpc) -> str:
        """Find the route table of a gateway, or make it: a gateway has one, whoever asks for it."""
        found = self._tables.get(table.key)
        if found is None:
            table_id = f"PrivateLinkRouteTable{table.place}"
            scope = cast(Construct, self.node.scope)
            found = _GatewayRouteTable(scope, table_id, vpc=vpc, gateway_id=table.known_as)
            self._tables[table.key] = found
        return found.route_table_id


class _GatewayRouteTable(Construct):
    """The route table of a gateway: where what comes in by it goes."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.IVpc, gateway_id: str) -> None:
        super().__init__(scope, id)
        table = ec2.CfnRouteTable(self, "Resource", vpc_id=vpc.vpc_id)
        association = ec2.CfnGatewayRouteTableAssociation(
            self, "Association", gateway_id=gateway_id, route_table_id=table.ref
        )
        # A gateway that is not attached to the VPC yet can have none of its route tables.
        for child in vpc.node.children:
            if isinstance(child, ec2.CfnVPCGatewayAttachment):
                association.node.add_dependency(child)
        self.route_table_id: str = table.ref


def table_of(subnet: ec2.ISubnet, place: str, *, argument: str, scope: Construct) -> Table:
    """Tell the route table of a subnet.

    :raises PrivateLinkValueError: That of an imported subnet is not known.
    """
    fix = "import the subnet with its `route_table_id`"
    with told_as_ours(argument, fix=fix, scope=scope):
        return Table(place, subnet.route_table.route_table_id, subnet)


def _has_route(route: Route) -> bool:
    """Whether the CDK has made a route of its own there: of other subnets it is not known."""
    subnet = route.table.subnet
    if not isinstance(subnet, ec2.Subnet):
        return False
    return any(
        isinstance(child, ec2.CfnRoute)
        and route.destination in (child.destination_cidr_block, child.destination_ipv6_cidr_block)
        for child in subnet.node.children
    )


def _taken(route: Route, scope: Construct) -> PrivateLinkValueError:
    return PrivateLinkValueError(
        "subnets",
        "has what goes through another endpoint already",
        got=f"a route from `{route.table.place}` to `{route.destination}`",
        fix="route what subnets and a destination say to each other by one call, which is for both "
        "directions, and give each subnet a route table of its own",
        scope=scope,
    )


def _refusal(route: Route, scope: Construct) -> PrivateLinkValueError:
    return PrivateLinkValueError(
        "subnets",
        "has a route table in which something else leads there",
        got=f"`{route.table.place}` with a route to `{route.destination}`",
        fix="pass isolated subnets, each with a route table of its own, which the CDK gives no "
        "way out of the VPC",
        scope=scope,
    )
