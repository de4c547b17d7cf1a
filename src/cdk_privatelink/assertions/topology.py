"""The network of an app: route tables, gateways, and attachments of transit gateways."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .templates import IpNetwork, Resource, Templates, Unknown, parse_network

VPC_ATTACHMENTS = ("AWS::EC2::TransitGatewayVpcAttachment", "AWS::EC2::TransitGatewayAttachment")
# The properties of a route that name its target, with `GatewayId` for local routes too.
TARGETS = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "OdbNetworkArn",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)


# Of routes with the same destination, EC2 uses the static one.
# https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
_STATIC, _PREFIX_LIST, _LOCAL_OR_PROPAGATED = 2, 1, 0
_EVERYTHING = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
# An unknown CIDR block of a VPC contains private addresses, and shared or unique local addresses.
_PRIVATE = [
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]


class Doubt(NamedTuple):
    """The reason why a route may, or may not, be in a route table or contain an address."""

    problem: str
    got: str
    fix: str


class Route(NamedTuple):
    """A route in a route table of a VPC or of a transit gateway."""

    networks: Sequence[IpNetwork]
    """The destinations."""
    kind: str
    """The property that names the target."""
    target: Any
    """The target, `None` for a blackhole."""
    precedence: int = _STATIC
    doubt: Doubt | None = None
    is_limit: bool = False
    """The destination is unknown, and can be any block within the networks."""


class DefaultTable(NamedTuple):
    """The default route table of a transit gateway."""

    gateway: Resource

    def __str__(self) -> str:
        """Return the name, as messages contain it."""
        return f"{self.gateway}, default route table"


class Topology:
    """The routes of an app, by route table."""

    def __init__(self, templates: Templates) -> None:
        """Read the routes and associations of the templates."""
        self._templates = templates
        self._routes: dict[Any, list[Route]] = {}
        # Each of these routes can be in any route table.
        self._routes_of_any_table: dict[str, list[Route]] = {}
        for each in templates.of_type("AWS::EC2::Route"):
            self._add_route(each, "RouteTableId", self._read_route(each))
        for each in templates.of_type("AWS::EC2::TransitGatewayRoute"):
            self._add_route(each, "TransitGatewayRouteTableId", self._read_transit_route(each))
        self._tables = self._read_pairs("AWS::EC2::SubnetRouteTableAssociation", "SubnetId")
        self._tables |= self._read_pairs("AWS::EC2::GatewayRouteTableAssociation", "GatewayId")
        self._add_propagated_routes()

    def routes_of(self, table: Any) -> list[Route]:
        """Return the routes that a route table of a VPC contains or may contain."""
        return [*self._routes.get(table, []), *self._routes_of_any_table.get("RouteTableId", [])]

    def transit_routes_of(self, table: Any) -> list[Route]:
        """Return the routes that a route table of a transit gateway contains or may contain."""
        unplaced = self._routes_of_any_table.get("TransitGatewayRouteTableId", [])
        return [*self._routes.get(table, []), *unplaced]

    def table_of(self, subnet_or_gateway: Any) -> Any:
        """Return the route table of a subnet or gateway, ``None`` without an association."""
        return self._tables.get(subnet_or_gateway)

    def local_routes_of(self, vpc: Any) -> list[Route]:
        """Return the routes for the CIDR blocks of a VPC."""
        return self._routes_to_vpc(vpc, self.blocks_of(vpc), "GatewayId", "local")

    def _routes_to_vpc(
        self, vpc: Any, blocks: list[IpNetwork], kind: str, target: Any
    ) -> list[Route]:
        routes = [Route([each], kind, target, _LOCAL_OR_PROPAGATED) for each in blocks]
        if vpc is None or (isinstance(vpc, Resource) and self._templates.has_known_blocks(vpc)):
            return routes
        doubt = Doubt(
            problem="must be compared with literal CIDR blocks",
            got=f"the VPC `{vpc}`, whose CIDR blocks are unknown",
            fix="pass a literal CIDR block to the VPC in tests",
        )
        # EC2 delivers to the subnets of a VPC in any case.
        subnets = [
            block
            for each in self.subnets_of_vpc(vpc)
            for is_ipv6 in (False, True)
            if (block := self.block_of(each, ipv6=is_ipv6)) is not None
        ]
        routes += [Route([each], kind, target, _LOCAL_OR_PROPAGATED) for each in subnets]
        rest = _exclude(_PRIVATE, [*blocks, *subnets])
        return [*routes, Route(rest, kind, target, _LOCAL_OR_PROPAGATED, doubt, is_limit=True)]

    def blocks_of(self, vpc: Any) -> list[IpNetwork]:
        """Return the CIDR blocks of a VPC, as far as the templates contain them."""
        if not isinstance(vpc, Resource):
            return []
        return [*self._templates.ipv4_blocks(vpc), *self._templates.ipv6_blocks(vpc)]

    def block_of(self, subnet: Resource, *, ipv6: bool) -> IpNetwork | None:
        """Return the CIDR block of a subnet."""
        name = "Ipv6CidrBlock" if ipv6 else "CidrBlock"
        return parse_network(self._templates.get(subnet, name))

    def vpc_of(self, resource: Any) -> Any:
        """Return the VPC of a subnet, a gateway, or a route table."""
        if isinstance(resource, Resource) and "VpcId" in resource.properties:
            return self._templates.get(resource, "VpcId")
        for each in self._templates.of_type("AWS::EC2::VPCGatewayAttachment"):
            if resource in (
                self._templates.get(each, "InternetGatewayId"),
                self._templates.get(each, "VpnGatewayId"),
            ):
                return self._templates.get(each, "VpcId")
        table = self.table_of(resource)
        return self.vpc_of(table) if isinstance(table, Resource) else None

    def peer_of(self, connection: Any, vpc: Any) -> Any:
        """Return the VPC on the other side of a peering connection."""
        ends = [self._templates.get(connection, name) for name in ("VpcId", "PeerVpcId")]
        return ends[1] if ends[0] is vpc else ends[0]

    def zone_of(self, subnet: Resource) -> Any:
        """Return the Availability Zone of a subnet, which may be an unknown value."""
        zone = self._templates.get(subnet, "AvailabilityZone", "AvailabilityZoneId")
        return subnet if zone is None else zone

    def subnets_of_vpc(self, vpc: Any) -> list[Resource]:
        """Return the subnets of a VPC."""
        subnets = self._templates.of_type("AWS::EC2::Subnet")
        return [each for each in subnets if self.vpc_of(each) == vpc]

    def subnets_of(self, resource: Resource) -> list[Any]:
        """Return the subnets of an endpoint, NAT gateway, attachment or firewall."""
        if resource.type == "AWS::NetworkFirewall::Firewall":
            mappings = self._templates.get_list(resource, "SubnetMappings")
            return [each["SubnetId"] for each in mappings if isinstance(each, Mapping)]
        subnet = self._templates.get(resource, "SubnetId")
        return [subnet] if subnet is not None else self._templates.get_list(resource, "SubnetIds")

    def subnet_in_zone(self, attachment: Resource, *zones: Any) -> Resource | None:
        """Return the subnet of an attachment in the first of the zones that it has."""
        by_zone = self.subnets_by_zone(attachment)
        return next((by_zone[each] for each in zones if each in by_zone), None)

    def subnets_by_zone(self, attachment: Resource) -> dict[Any, Resource]:
        """Return the subnets of an attachment that are part of the templates."""
        subnets = self.subnets_of(attachment)
        return {self.zone_of(each): each for each in subnets if isinstance(each, Resource)}

    def attachment_of(self, vpc: Any, gateway: Any) -> Resource | None:
        """Return the attachment of a VPC to a transit gateway."""
        for each in self._templates.of_type(*VPC_ATTACHMENTS):
            if self.vpc_of(each) == vpc and self.gateway_of(each) == gateway:
                return each
        return None

    def has_appliance_mode(self, attachment: Resource) -> bool:
        """Return whether a transit gateway selects one zone for both directions of a flow."""
        return bool(self._option(attachment, "ApplianceModeSupport") == "enable")

    def _option(self, attachment: Resource, name: str) -> Any:
        """Return an option of an attachment, which is disabled by default."""
        options = self._templates.get(attachment, "Options")
        return options.get(name) if isinstance(options, Mapping) else None

    def attached_zones(self, *, in_appliance_mode: bool = False) -> list[Any]:
        """Return the zones of attachments, or of the ones from whose zones a gateway selects."""
        zones = [
            zone
            for attachment in self._templates.of_type(*VPC_ATTACHMENTS)
            if not in_appliance_mode or self.has_appliance_mode(attachment)
            for zone in self.subnets_by_zone(attachment)
        ]
        return list(dict.fromkeys(zones))

    def transit_gateway_table_of(self, attachment: Any) -> Any:
        """Return the route table for packets from an attachment."""
        for each in self._templates.of_type("AWS::EC2::TransitGatewayRouteTableAssociation"):
            if self._templates.get(each, "TransitGatewayAttachmentId") == attachment:
                return self._read_table(each, "TransitGatewayRouteTableId")
        return self._default_table(attachment, "Association")

    def _add_route(self, resource: Resource, name: str, route: Route) -> None:
        """Add a route to its table, with a doubt if the table or the existence is unknown."""
        table = self._templates.get(resource, name)
        destination = ", ".join(map(str, route.networks))
        if resource.condition is not None and route.doubt is None:
            doubt = Doubt(
                problem="must be reached without routes that depend on conditions",
                got=f"`{resource}` to `{destination}` with the condition `{resource.condition}`",
                fix="remove the condition in tests",
            )
            route = route._replace(doubt=doubt)
        if not isinstance(table, Unknown):
            self._routes.setdefault(table, []).append(route)
            return
        if route.doubt is None:
            doubt = Doubt(
                problem="must be reached without routes in unknown route tables",
                got=f"`{resource}` to `{destination}` in `{table}`, which can be this table",
                fix="pass all stacks of the network, and the route table as a plain reference",
            )
            route = route._replace(doubt=doubt)
        self._routes_of_any_table.setdefault(name, []).append(route)

    def _read_route(self, route: Resource) -> Route:
        get = self._templates.get
        kind = next((name for name in TARGETS if name in route.properties), "")
        prefix_list = get(route, "DestinationPrefixListId")
        precedence = _STATIC if prefix_list is None else _PREFIX_LIST
        if isinstance(prefix_list, Resource):
            entries = self._templates.get_list(prefix_list, "Entries")
            values = [each["Cidr"] if isinstance(each, Mapping) else each for each in entries]
        else:
            values = [get(route, "DestinationCidrBlock", "DestinationIpv6CidrBlock")]
        networks = [network for each in values if (network := parse_network(each))]
        if len(networks) == len(values):
            return Route(networks, kind, get(route, kind), precedence)
        doubt = Doubt(
            problem="must be compared with literal CIDR blocks",
            got=f"`{route}`, whose destination is a token",
            fix="pass literal CIDR blocks to the routes in tests",
        )
        if prefix_list is not None:
            doubt = doubt._replace(
                got=f"`{route}`, which has the unknown entries of the prefix list `{prefix_list}`",
                fix="pass a `CfnPrefixList` with literal entries to the route in tests",
            )
        limit = _EVERYTHING
        if "DestinationIpv6CidrBlock" in route.properties:
            limit = _EVERYTHING[1:]
        elif "DestinationCidrBlock" in route.properties:
            limit = _EVERYTHING[:1]
        return Route(limit, kind, get(route, kind), precedence, doubt, is_limit=True)

    def _read_transit_route(self, route: Resource) -> Route:
        kind = "TransitGatewayAttachmentId"
        target = self._templates.get(route, kind)
        network = parse_network(self._templates.get(route, "DestinationCidrBlock"))
        if network is not None:
            return Route([network], kind, target)
        doubt = Doubt(
            problem="must be compared with literal CIDR blocks",
            got=f"`{route}`, whose destination is a token",
            fix="pass literal CIDR blocks to the routes in tests",
        )
        return Route(_EVERYTHING, kind, target, doubt=doubt, is_limit=True)

    def _read_table(self, association: Resource, name: str) -> Any:
        """Return the route table of an association, which is unknown if it is conditional."""
        table = self._templates.get(association, name)
        condition = association.condition
        return table if condition is None else Unknown("Fn::If", (condition, table))

    def _read_pairs(self, resource_type: str, name: str) -> dict[Any, Any]:
        return {
            self._templates.get(each, name): self._read_table(each, "RouteTableId")
            for each in self._templates.of_type(resource_type)
        }

    def _add_propagated_routes(self) -> None:
        name = "TransitGatewayRouteTableId"
        for each in self._templates.of_type("AWS::EC2::TransitGatewayRouteTablePropagation"):
            attachment = self._templates.get(each, "TransitGatewayAttachmentId")
            for route in self._propagated_routes_of(attachment):
                self._add_route(each, name, route)
        for each in self._templates.of_type(*VPC_ATTACHMENTS):
            default = self._default_table(each, "Propagation")
            if default is not None:
                self._routes.setdefault(default, []).extend(self._propagated_routes_of(each))

    def _propagated_routes_of(self, attachment: Any) -> list[Route]:
        """Return the routes to the VPC of an attachment.

        Attachments of other apps propagate routes that are unknown, and are not evaluated.
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html
        """
        if not isinstance(attachment, Resource):
            return []
        vpc = self.vpc_of(attachment)
        routes = self._routes_to_vpc(
            vpc, self.blocks_of(vpc), "TransitGatewayAttachmentId", attachment
        )
        if self._option(attachment, "Ipv6Support") == "enable":
            return routes
        return [
            route._replace(networks=networks)
            for route in routes
            if (networks := [each for each in route.networks if each.version == 4])
        ]

    def gateway_of(self, attachment: Resource) -> Any:
        """Return the transit gateway of an attachment."""
        return self._templates.get(attachment, "TransitGatewayId")

    def _default_table(self, attachment: Any, kind: str) -> Any:
        """Return the default route table of a transit gateway, ``None`` if it is disabled."""
        gateway = self.gateway_of(attachment) if isinstance(attachment, Resource) else None
        if not isinstance(gateway, Resource):
            return None
        is_disabled = self._templates.get(gateway, f"DefaultRouteTable{kind}") == "disable"
        return None if is_disabled else DefaultTable(gateway)


def _exclude(networks: Sequence[IpNetwork], blocks: list[IpNetwork]) -> list[IpNetwork]:
    """Return the parts of networks that are outside of some blocks."""
    for block in blocks:
        networks = [part for each in networks for part in _exclude_one(each, block)]
    return [*networks]


def _exclude_one(network: Any, block: Any) -> Iterable[IpNetwork]:
    if network.version != block.version or not network.overlaps(block):
        return [network]
    is_part: bool = block.subnet_of(network)
    return network.address_exclude(block) if is_part else []
