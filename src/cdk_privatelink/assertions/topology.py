"""The network of an app: route tables, gateways, and attachments of transit gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .templates import IpNetwork, Resource, Templates, parse_network

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


class Route(NamedTuple):
    """A route in a route table of a VPC or of a transit gateway."""

    networks: list[IpNetwork] | None
    """The destinations, `None` if the template does not contain them."""
    kind: str
    """The property that names the target."""
    target: Any
    """The target, `None` for a blackhole."""
    is_static: bool = True


class Topology:
    """The routes of an app, by route table."""

    def __init__(self, templates: Templates) -> None:
        """Read the routes and associations of the templates."""
        self._templates = templates
        self._routes: dict[Any, list[Route]] = {}
        for each in templates.of_type("AWS::EC2::Route"):
            table = templates.get(each, "RouteTableId")
            self._routes.setdefault(table, []).append(self._read_route(each))
        for each in templates.of_type("AWS::EC2::TransitGatewayRoute"):
            table = templates.get(each, "TransitGatewayRouteTableId")
            network = parse_network(templates.get(each, "DestinationCidrBlock"))
            target = templates.get(each, "TransitGatewayAttachmentId")
            route = Route([network] if network else None, "TransitGatewayAttachmentId", target)
            self._routes.setdefault(table, []).append(route)
        self._tables = self._read_pairs("AWS::EC2::SubnetRouteTableAssociation", "SubnetId")
        self._tables |= self._read_pairs("AWS::EC2::GatewayRouteTableAssociation", "GatewayId")
        self._add_propagated_routes()

    def routes_of(self, table: Any) -> list[Route]:
        """Return the routes of a route table, without local routes."""
        return self._routes.get(table, [])

    def table_of(self, subnet_or_gateway: Any) -> Any:
        """Return the route table of a subnet or gateway, ``None`` without an association."""
        return self._tables.get(subnet_or_gateway)

    def local_routes_of(self, vpc: Any) -> list[Route]:
        """Return the routes for the CIDR blocks of a VPC."""
        return [Route([each], "GatewayId", "local") for each in self.blocks_of(vpc)]

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
        options = self._templates.get(attachment, "Options")
        return isinstance(options, Mapping) and options.get("ApplianceModeSupport") == "enable"

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
                return self._templates.get(each, "TransitGatewayRouteTableId")
        return self._default_table(attachment, "Association")

    def _read_route(self, route: Resource) -> Route:
        get = self._templates.get
        kind = next((name for name in TARGETS if name in route.properties), "")
        prefix_list = get(route, "DestinationPrefixListId")
        if isinstance(prefix_list, Resource):
            entries = self._templates.get_list(prefix_list, "Entries")
            values = [each["Cidr"] for each in entries]
        else:
            values = [get(route, "DestinationCidrBlock", "DestinationIpv6CidrBlock")]
        networks = [network for each in values if (network := parse_network(each))]
        is_known = len(networks) == len(values)
        return Route(networks if is_known else None, kind, get(route, kind))

    def _read_pairs(self, resource_type: str, name: str) -> dict[Any, Any]:
        return {
            self._templates.get(each, name): self._templates.get(each, "RouteTableId")
            for each in self._templates.of_type(resource_type)
        }

    def _add_propagated_routes(self) -> None:
        for each in self._templates.of_type("AWS::EC2::TransitGatewayRouteTablePropagation"):
            attachment = self._templates.get(each, "TransitGatewayAttachmentId")
            table = self._templates.get(each, "TransitGatewayRouteTableId")
            self._propagate(attachment, table)
        for each in self._templates.of_type(*VPC_ATTACHMENTS):
            default = self._default_table(each, "Propagation")
            if default is not None:
                self._propagate(each, default)

    def _propagate(self, attachment: Any, table: Any) -> None:
        for block in self.blocks_of(self.vpc_of(attachment)):
            route = Route([block], "TransitGatewayAttachmentId", attachment, is_static=False)
            self._routes.setdefault(table, []).append(route)

    def gateway_of(self, attachment: Resource) -> Any:
        """Return the transit gateway of an attachment."""
        return self._templates.get(attachment, "TransitGatewayId")

    def _default_table(self, attachment: Any, kind: str) -> Any:
        """Return the default route table of a transit gateway, ``None`` if it is disabled."""
        gateway = self.gateway_of(attachment) if isinstance(attachment, Resource) else None
        if not isinstance(gateway, Resource):
            return None
        is_disabled = self._templates.get(gateway, f"DefaultRouteTable{kind}") == "disable"
        return None if is_disabled else f"{gateway}, default route table"
