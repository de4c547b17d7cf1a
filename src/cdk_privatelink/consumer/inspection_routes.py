"""Routes through endpoints, in the route tables of subnets and gateways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple, cast

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.scopes import reserved_id, translate_cdk_errors
from .._internal.tokens import is_token
from ..errors import PrivateLinkValueError
from .unique_routes import add_route

_ROUTES_ID = "PrivateLinkRoutes"


class RouteTable(NamedTuple):
    """The route table of a subnet or of a gateway."""

    label: str
    """The part of construct ids for this table, the same in every deployment."""
    id: str
    """The id of the route table, or of the gateway."""
    subnet: ec2.ISubnet | None
    argument: Argument
    """The argument that the table comes from, for errors."""
    key: str
    """The identity of the table. A gateway can have several tokens for its id."""


class Route(NamedTuple):
    """A route to an endpoint."""

    table: RouteTable
    destination: str
    is_ipv6: bool
    endpoint_id: str
    label: str
    """The part of construct ids for the destination."""
    subnet: ec2.ISubnet | None = None
    """The destination, if it is a subnet."""

    @property
    def key(self) -> tuple[str, str]:
        """The table and the destination, for which EC2 allows one route."""
        return self.table.key, self.label if is_token(self.destination) else self.destination


class InspectionRoutes(Construct):
    """The routes to the endpoints of one construct."""

    def __init__(
        self, scope: Construct, id: str, *, vpc: ec2.IVpc, after: Construct | None = None
    ) -> None:
        """Start without routes.

        :param after: The construct to deploy before each route.
        """
        super().__init__(scope, id)
        self._vpc = vpc
        self._after = after

    def add(self, routes: Sequence[Route], *, scope: Construct) -> None:
        """Add the routes that do not exist yet: all of them, or none if there is an error.

        :raises PrivateLinkValueError: A table has another route to a destination.
        """
        registry = _RouteRegistry.of(self._vpc, scope=scope)
        new: dict[tuple[str, str], Route] = {}
        for route in routes:
            existing = registry.endpoints.get(route.key)
            if existing is None and route.key in new:
                existing = new[route.key].endpoint_id
            if existing == route.endpoint_id:
                continue
            if existing is not None:
                raise _other_endpoint(route)
            if has_cdk_route(route.table.subnet, route.destination):
                raise _other_target(route)
            new[route.key] = route
        # All tables come before the first route, because an id of theirs can be taken.
        table_ids = {
            route.table.key: registry.table_id(route.table, self._vpc, scope=scope)
            for route in new.values()
        }
        for key, route in new.items():
            self._create(route, table_ids[route.table.key])
            registry.endpoints[key] = route.endpoint_id

    def _create(self, route: Route, table_id: str) -> None:
        resource = add_route(
            self,
            f"{route.table.label} to {route.label}",
            table_id=table_id,
            destination=route.destination,
            is_ipv6=route.is_ipv6,
            argument=route.table.argument,
            vpc_endpoint_id=route.endpoint_id,
        )
        # EC2 accepts a destination in the VPC only if it is exactly an existing subnet.
        if isinstance(route.subnet, ec2.Subnet) and route.subnet.node.default_child:
            resource.node.add_dependency(route.subnet.node.default_child)
        if self._after is not None:
            resource.node.add_dependency(self._after)


class _RouteRegistry(Construct):
    """The routes to endpoints in a VPC of the app, or in all imported VPCs of a stack."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        # By table and destination.
        self.endpoints: dict[tuple[str, str], str] = {}
        self._gateway_tables: dict[str, _GatewayRouteTable] = {}

    @classmethod
    def of(cls, vpc: ec2.IVpc, *, scope: Construct) -> _RouteRegistry:
        """Return the registry for a VPC."""
        # An imported VPC is a proxy, which cannot have children.
        parent = vpc if isinstance(vpc, Construct) else vpc.stack
        existing = parent.node.try_find_child(_ROUTES_ID)
        if isinstance(existing, cls):
            return existing
        with reserved_id(parent, _ROUTES_ID, scope=scope):
            return cls(parent, _ROUTES_ID)

    def table_id(self, table: RouteTable, vpc: ec2.IVpc, *, scope: Construct) -> str:
        """Return the id of a route table. A gateway gets one table for all constructs."""
        if table.subnet is not None:
            return table.id
        if table.key not in self._gateway_tables:
            parent = cast(Construct, self.node.scope)
            table_id = f"PrivateLinkRouteTable{table.label}"
            if isinstance(parent.node.try_find_child(table_id), _GatewayRouteTable):
                # The VPN gateway of another imported VPC, which has the same label.
                table_id = f"PrivateLinkRouteTable{table.key}"
            with reserved_id(parent, table_id, scope=scope):
                self._gateway_tables[table.key] = _GatewayRouteTable(
                    parent, table_id, vpc=vpc, gateway_id=table.id
                )
        return self._gateway_tables[table.key].route_table_id


class _GatewayRouteTable(Construct):
    """The route table of a gateway, for traffic that enters the VPC through it."""

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.IVpc, gateway_id: str) -> None:
        super().__init__(scope, id)
        table = ec2.CfnRouteTable(self, "Resource", vpc_id=vpc.vpc_id)
        association = ec2.CfnGatewayRouteTableAssociation(
            self, "Association", gateway_id=gateway_id, route_table_id=table.ref
        )
        # EC2 accepts the association only if the gateway is attached to the VPC.
        for child in vpc.node.children:
            if isinstance(child, ec2.CfnVPCGatewayAttachment):
                association.node.add_dependency(child)
        self.route_table_id: str = table.ref


def route_table_of(argument: Argument, subnet: ec2.ISubnet, label: str) -> RouteTable:
    """Return the route table of a subnet.

    :raises PrivateLinkValueError: The subnet is imported without its route table.
    """
    with translate_cdk_errors(
        argument,
        "must have known route tables",
        got=lambda: f"`{subnet.node.path}`",
        fix="import the subnet with its `route_table_id`",
    ):
        table_id = subnet.route_table.route_table_id
        return RouteTable(label, table_id, subnet, argument, key=table_id)


def label_of(scope: Construct, value: str, kind: str) -> str:
    """Return the part of construct ids for a value that may be a token."""
    if not is_token(value):
        return value
    resolved = json.dumps(Stack.of(scope).resolve(value), sort_keys=True)
    return f"{kind}-{hashlib.sha256(resolved.encode()).hexdigest()[:8]}"


def find_route_table_id(subnet: ec2.ISubnet) -> str | None:
    """Return the id of the route table, ``None`` if the subnet is imported without it."""
    try:
        return subnet.route_table.route_table_id
    except RuntimeError:
        return None


def cdk_routes(subnet: ec2.ISubnet | None) -> list[ec2.CfnRoute]:
    """Return the routes that the CDK has created in the table of a subnet of this app."""
    if not isinstance(subnet, ec2.Subnet):
        return []
    return [child for child in subnet.node.children if isinstance(child, ec2.CfnRoute)]


def has_cdk_route(subnet: ec2.ISubnet | None, destination: str) -> bool:
    """Return whether the CDK has created a route to a destination in the table of a subnet."""
    return any(
        destination in (route.destination_cidr_block, route.destination_ipv6_cidr_block)
        for route in cdk_routes(subnet)
    )


def default_routes(subnet: ec2.ISubnet) -> list[ec2.CfnRoute]:
    """Return the IPv4 default route that the CDK has created in the table of a subnet."""
    return [each for each in cdk_routes(subnet) if each.destination_cidr_block == "0.0.0.0/0"]


def all_have_nat_gateways(subnets: Sequence[ec2.ISubnet]) -> bool:
    """Return whether each subnet has a NAT gateway or NAT instance of its own.

    The result is ``True`` if the CDK does not know the routes.
    """
    if not all(isinstance(subnet, ec2.Subnet) for subnet in subnets):
        return True
    gateways = [
        route.nat_gateway_id or route.instance_id or route.network_interface_id
        for subnet in subnets
        for route in default_routes(subnet)
    ]
    return None not in gateways and len(set(gateways)) == len(subnets)


def _other_endpoint(route: Route) -> PrivateLinkValueError:
    return _existing_route(
        route,
        "must not have a route through another endpoint to the same destination",
        fix="call `add_routes()` once for both directions, and give each subnet a route table of "
        "its own",
    )


def _other_target(route: Route) -> PrivateLinkValueError:
    return _existing_route(
        route,
        "must not have another route to the same destination",
        fix="pass isolated subnets with a route table of their own, to which the CDK adds no route "
        "out of the VPC",
    )


def _existing_route(route: Route, problem: str, *, fix: str) -> PrivateLinkValueError:
    argument = route.table.argument
    got = f"a route from `{route.table.label}` to `{route.destination}`"
    return PrivateLinkValueError(argument.name, problem, got=got, fix=fix, scope=argument.scope)
