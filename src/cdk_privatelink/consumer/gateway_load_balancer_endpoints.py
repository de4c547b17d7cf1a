"""The consumer's side of Gateway Load Balancers: endpoints, and the routes through them."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Sequence
from typing import cast

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import check_kind
from .._internal.scopes import new_construct, told_as_ours
from .._internal.subnets import (
    check_one_per_zone,
    check_selection,
    checked_vpc,
    literal_block,
    place_of,
    select,
    zone_of,
)
from .._internal.tokens import is_string_token
from ..errors import PrivateLinkValueError
from ..provider.endpoint_service_base import IPrivateLinkEndpointService
from .inspection_routes import Route, Routes, Table, table_of
from .service_reference import consumed, is_elsewhere, select_offered

_GATEWAY = re.compile(r"(igw|vgw)-[0-9a-f]+", re.ASCII)
# Python would take an address alone, and one with a mask like 255.0.0.0.
_BLOCK = re.compile(r"[^/%]+/\d+", re.ASCII)


class GatewayLoadBalancerEndpoints(Construct):
    """Endpoints to a service behind Gateway Load Balancers, one for each zone.

    ::

        endpoints = GatewayLoadBalancerEndpoints(
            self, "Inspection",
            vpc=vpc, service=service,
            subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
        )
        endpoints.add_routes(
            subnets=ec2.SubnetSelection(subnet_group_name="Application"),
            destination="0.0.0.0/0",
        )

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-load-balancer-endpoints.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        service: IPrivateLinkEndpointService | str,
        subnets: ec2.SubnetSelection | None = None,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
    ) -> None:
        """Make an endpoint in each of the subnets.

        A service of this app is complete, with its permissions, before the endpoints are made. If
        it requires acceptance, no route can lead to an endpoint until that is accepted.

        :param scope: The stack, or a construct in it, that these endpoints belong to.
        :param id: The name of this construct within ``scope``.
        :param vpc: The VPC to have them in.
        :param service: The service, or the name of any: literal, or known at deployment. It has to
            be behind Gateway Load Balancers, in the region of the VPC.
        :param subnets: The subnets of the endpoints, one for each zone, in which nothing else
            should be. Those in zones that the service is known not to be offered in are left out.
            Default: a private one of each zone.
        :param ip_address_type: The kinds of IP addresses of the packets. Default: IPv4
        :raises PrivateLinkValueError: What EC2 would refuse, or a place in the tree that the CDK
            refuses.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take, or an
            argument that it does not have.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        with new_construct(scope, id):
            super().__init__(scope, id)
        self._vpc = checked_vpc(vpc, scope=self)
        known = consumed(service, type="gateway", consumer=self, scope=self)
        if is_elsewhere(known.region, self):
            raise PrivateLinkValueError(
                "service",
                "is in another region, where only interface endpoints can reach it",
                got=f"`{known.known_as}`",
                fix="pass a service of the region of the VPC",
                scope=self,
            )
        offered = select_offered(
            self._vpc, subnets, known, consumer=self, scope=self, one_per_zone=subnets is None
        )
        check_one_per_zone(offered, argument="subnets", consumer=self, scope=self)
        if ip_address_type is not None:
            check_kind(
                "ip_address_type",
                ip_address_type,
                ec2.VpcEndpointIpAddressType,
                takes="an `ec2.VpcEndpointIpAddressType`",
                fix="pass one like `ec2.VpcEndpointIpAddressType.DUALSTACK`",
                scope=self,
            )

        self._has_ipv4 = ip_address_type is not ec2.VpcEndpointIpAddressType.IPV6
        self._has_ipv6 = ip_address_type not in (None, ec2.VpcEndpointIpAddressType.IPV4)
        self._requires_acceptance = known.requires_acceptance
        self._subnets = offered.subnets
        self._are_made_up = offered.are_made_up
        self._endpoints = {
            zone_of(subnet, self): ec2.CfnVPCEndpoint(
                self,
                f"Endpoint{place_of(subnet, self._vpc)}",
                vpc_endpoint_type="GatewayLoadBalancer",
                vpc_id=self._vpc.vpc_id,
                service_name=known.name,
                # EC2 takes one for each endpoint.
                subnet_ids=[subnet.subnet_id],
                ip_address_type=ip_address_type and ip_address_type.value.lower(),
            )
            for subnet in offered.subnets
        }
        if known.usable is not None:
            for endpoint in self._endpoints.values():
                endpoint.node.add_dependency(known.usable)
        self._routes = Routes(self, "Routes", vpc=self._vpc)

    @property
    def availability_zones(self) -> list[str]:
        """The names of the zones that have an endpoint."""
        return [subnet.availability_zone for subnet in self._subnets]

    @property
    def vpc_endpoint_ids(self) -> list[str]:
        """The ids of the endpoints, in the order of :attr:`availability_zones`."""
        return [endpoint.ref for endpoint in self._endpoints.values()]

    def add_routes(
        self,
        *,
        subnets: ec2.SubnetSelection,
        destination: str | ec2.SubnetSelection,
        return_path: str | ec2.SubnetSelection | None = None,
    ) -> None:
        """Send what subnets and a destination say to each other through the endpoints, both ways.

        Each subnet uses the endpoint of its own zone. Answers take the same endpoint, so that an
        appliance sees both directions of each connection: where they come in, a route for each of
        the subnets leads back to it.

        :param subnets: The subnets whose traffic is inspected, in zones that have an endpoint.
            There must not be a route to the destination yet, as isolated subnets have none.
        :param destination: An IPv4 or IPv6 block outside of the VPC, like ``"0.0.0.0/0"``, or other
            subnets of the VPC, by all kinds of addresses that the endpoints have. A block that is
            only known at deployment is one of IPv4, unless the endpoints have IPv6 alone.
        :param return_path: Where answers from that block come into the VPC: the id of an internet
            or virtual private gateway, which gets a route table, or the subnets of NAT gateways or
            of the attachments of a transit gateway. Default: the internet gateway of the VPC, where
            the endpoints are in public subnets.
        :raises PrivateLinkValueError: No endpoint in a zone, routes that there are already, or
            answers of which it is not known where they come in.
        :raises PrivateLinkTypeError: They are no subnets, no block, no gateway.
        :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/getting-started.html
        """
        if self._are_made_up:
            # Nor is anything known of where they lead: it is synthesised again after the look-up.
            return
        sources = self._sources(subnets)
        if isinstance(destination, ec2.SubnetSelection):
            self._check_no_return_path(return_path)
            routes = self._between(sources, destination)
        else:
            routes = self._to_block(sources, destination, return_path)
        self._routes.add(routes, scope=self)
        if self._requires_acceptance:
            Annotations.of(self).add_warning_v2(
                "cdk-privatelink:routesNeedAcceptance",
                "No route can lead to an endpoint until its connection is accepted. Have the "
                "service accept at once, or deploy the routes after the endpoints are accepted. If "
                "they are, say so: `Annotations.of(endpoints).acknowledge_warning("
                '"cdk-privatelink:routesNeedAcceptance")`.',
            )

    def _between(
        self, sources: Sequence[tuple[ec2.ISubnet, str]], destination: ec2.SubnetSelection
    ) -> list[Route]:
        """List the routes of both directions between subnets and others."""
        peers = self._others(destination, "destination", sources)
        families = [
            is_ipv6 for is_ipv6, has in ((False, self._has_ipv4), (True, self._has_ipv6)) if has
        ]
        return [
            self._to_subnet(self._table(start, argument), end, endpoint_id, is_ipv6=is_ipv6)
            for is_ipv6 in families
            for subnet, endpoint_id in sources
            for peer in peers
            for start, end, argument in (
                (subnet, peer, "subnets"),
                (peer, subnet, "destination"),
            )
        ]

    def _to_block(
        self, sources: Sequence[tuple[ec2.ISubnet, str]], destination: object, return_path: object
    ) -> list[Route]:
        """List the routes to a block, and those of the answers from there."""
        block, is_ipv6 = self._checked_block(destination)
        tables = self._return_tables(return_path, sources)
        label = self._label(block, "Destination")
        out = [
            Route(self._table(subnet, "subnets"), block, is_ipv6, endpoint_id, label)
            for subnet, endpoint_id in sources
        ]
        back = [
            self._to_subnet(table, subnet, endpoint_id, is_ipv6=is_ipv6)
            for table in tables
            for subnet, endpoint_id in sources
        ]
        return [*out, *back]

    def _checked_block(self, destination: object) -> tuple[str, bool]:
        """Tell a block as EC2 keeps it, and whether it is one of IPv6."""
        block, is_ipv6 = _block(destination, scope=self)
        if is_string_token(block):
            return block, not self._has_ipv4
        if not (self._has_ipv6 if is_ipv6 else self._has_ipv4):
            kind = "IPv6" if is_ipv6 else "IPv4"
            raise PrivateLinkValueError(
                "destination",
                f"is of {kind}, which the endpoints do not have",
                got=f"`{block}`",
                fix="make them with `ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK`",
                scope=self,
            )
        own = literal_block(self._vpc)
        if own and _lies_in(block, own):
            raise PrivateLinkValueError(
                "destination",
                "lies within the VPC, where only whole subnets can be routed to",
                got=f"`{block}`",
                fix="pass these subnets as an `ec2.SubnetSelection`",
                scope=self,
            )
        return block, is_ipv6

    def _selected(self, selection: object, argument: str) -> list[ec2.ISubnet]:
        selected = select(self._vpc, selection, argument=argument, scope=self)
        if selected.are_made_up:
            return []
        own = {subnet.subnet_id for subnet in self._subnets}
        for subnet in selected.subnets:
            if subnet.subnet_id in own:
                raise PrivateLinkValueError(
                    argument,
                    "has a subnet of the endpoints themselves, whose traffic would go in circles",
                    got=f"`{subnet.node.path}`",
                    fix="pass other subnets",
                    scope=self,
                )
        return selected.subnets

    def _others(
        self, selection: object, argument: str, sources: Sequence[tuple[ec2.ISubnet, str]]
    ) -> list[ec2.ISubnet]:
        """Find the subnets on the other side."""
        inspected = {subnet.subnet_id for subnet, _ in sources}
        others = self._selected(selection, argument)
        for subnet in others:
            if subnet.subnet_id in inspected:
                raise PrivateLinkValueError(
                    argument,
                    "has a subnet that is in `subnets` as well",
                    got=f"`{subnet.node.path}`",
                    fix="pass what is on the other side of the appliances",
                    scope=self,
                )
        return others

    def _sources(self, selection: object) -> list[tuple[ec2.ISubnet, str]]:
        """Pair each subnet with the endpoint of its zone."""
        check_selection("subnets", selection, scope=self)
        pairs = []
        for subnet in self._selected(selection, "subnets"):
            endpoint = self._endpoints.get(zone_of(subnet, self))
            if endpoint is None:
                raise PrivateLinkValueError(
                    "subnets",
                    "has a subnet in a zone without an endpoint",
                    got=f"`{subnet.node.path}`",
                    fix="pass subnets in zones that have one, or have endpoints in all of them",
                    scope=self,
                )
            pairs.append((subnet, endpoint.ref))
        return pairs

    def _return_tables(
        self, return_path: object, sources: Sequence[tuple[ec2.ISubnet, str]]
    ) -> list[Table]:
        """Find the route tables of where answers come in."""
        if return_path is None:
            return [self._internet_gateway()]
        if isinstance(return_path, str):
            if return_path == self._vpc.vpn_gateway_id:
                self._check_propagation([subnet for subnet, _ in sources])
            return [self._gateway(return_path)]
        subnets = self._others(return_path, "return_path", sources)
        return [self._table(subnet, "return_path") for subnet in subnets]

    def _internet_gateway(self) -> Table:
        """Find the internet gateway, if it is sure that answers come in by that."""
        vpc = self._vpc
        if isinstance(vpc, ec2.Vpc) and vpc.internet_gateway_id is not None:
            public = {subnet.subnet_id for subnet in vpc.public_subnets}
            if all(subnet.subnet_id in public for subnet in self._subnets):
                return self._gateway(vpc.internet_gateway_id)
        raise PrivateLinkValueError(
            "return_path",
            "is left out, although it is not known here where answers come into the VPC",
            got="endpoints that are not in public subnets of a VPC of this app",
            fix="pass the id of a gateway, or the subnets of NAT gateways or of the attachments of "
            "a transit gateway",
            scope=self,
        )

    def _gateway(self, gateway_id: str) -> Table:
        if gateway_id == getattr(self._vpc, "internet_gateway_id", None):
            return Table("InternetGateway", gateway_id, None)
        if gateway_id == self._vpc.vpn_gateway_id:
            return Table("VpnGateway", gateway_id, None)
        if not is_string_token(gateway_id) and not _GATEWAY.fullmatch(gateway_id):
            raise PrivateLinkValueError(
                "return_path",
                "is not the id of a gateway that can have a route table",
                got=f"`{gateway_id}`",
                fix="pass that of an internet or virtual private gateway, or subnets",
                scope=self,
            )
        return Table(self._label(gateway_id, "Gateway"), gateway_id, None)

    def _check_propagation(self, subnets: Sequence[ec2.ISubnet]) -> None:
        """Check that no routes that a VPN gateway makes lead around the endpoints."""
        propagated = [
            table
            for child in self._vpc.node.children
            if isinstance(child, ec2.CfnVPNGatewayRoutePropagation)
            for table in child.route_table_ids
        ]
        for subnet in subnets:
            if self._table(subnet, "subnets").known_as in propagated:
                raise PrivateLinkValueError(
                    "subnets",
                    "has one that gets routes of the VPN gateway, which lead around the endpoints",
                    got=f"`{subnet.node.path}`",
                    fix="make the VPC with `vpn_route_propagation` for the subnets of the "
                    "endpoints alone",
                    scope=self,
                )

    def _check_no_return_path(self, return_path: object) -> None:
        if return_path is not None:
            raise PrivateLinkValueError(
                "return_path",
                "is for blocks, while answers of subnets come from these",
                got=f"`{return_path!r}`",
                fix="leave it out",
                scope=self,
            )

    def _table(self, subnet: ec2.ISubnet, argument: str) -> Table:
        return table_of(subnet, place_of(subnet, self._vpc), argument=argument, scope=self)

    def _to_subnet(
        self, table: Table, subnet: ec2.ISubnet, endpoint_id: str, *, is_ipv6: bool
    ) -> Route:
        block = self._ipv6_block(subnet) if is_ipv6 else self._ipv4_block(subnet)
        label = place_of(subnet, self._vpc) + (" Ipv6" if is_ipv6 else "")
        return Route(table, block, is_ipv6, endpoint_id, label, subnet)

    def _ipv4_block(self, subnet: ec2.ISubnet) -> str:
        fix = "import the subnet with its `ipv4_cidr_block`"
        with told_as_ours("subnets", fix=fix, scope=self):
            return subnet.ipv4_cidr_block

    def _ipv6_block(self, subnet: ec2.ISubnet) -> str:
        resource = subnet.node.default_child if isinstance(subnet, ec2.Subnet) else None
        if not isinstance(resource, ec2.CfnSubnet) or resource.ipv6_cidr_block is None:
            raise PrivateLinkValueError(
                "subnets",
                "has one that is not known here to have an IPv6 block",
                got=f"`{subnet.node.path}`",
                fix="pass subnets of a dual-stack VPC of this app",
                scope=self,
            )
        return resource.ipv6_cidr_block

    def _label(self, value: str, kind: str) -> str:
        """Tell what stands for a value in ids, also where it is only known at deployment."""
        if not Token.is_unresolved(value):
            return value
        resolved = json.dumps(Stack.of(self).resolve(value), sort_keys=True)
        return f"{kind}-{hashlib.sha256(resolved.encode()).hexdigest()[:8]}"


def _block(destination: object, *, scope: Construct) -> tuple[str, bool]:
    argument, fix = "destination", "pass a block like `0.0.0.0/0` or `::/0`, or subnets of the VPC"
    check_kind(argument, destination, str, takes="a block or subnets", fix=fix, scope=scope)
    block = cast(str, destination)
    if is_string_token(block):
        return block, False
    try:
        network = ipaddress.ip_network(block, strict=False) if _BLOCK.fullmatch(block) else None
    except ValueError:
        network = None
    if network is None:
        raise PrivateLinkValueError(
            argument, "is no block of addresses", got=f"`{block}`", fix=fix, scope=scope
        )
    return str(network), network.version == 6


def _lies_in(block: str, other: str) -> bool:
    if is_string_token(block) or is_string_token(other):
        return False
    inner, outer = ipaddress.ip_network(block), ipaddress.ip_network(other, strict=False)
    return (
        isinstance(inner, ipaddress.IPv4Network)
        and isinstance(outer, ipaddress.IPv4Network)
        and inner.subnet_of(outer)
    )
