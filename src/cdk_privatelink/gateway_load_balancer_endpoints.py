"""The consumer's side of Gateway Load Balancers: endpoints, and the routes through them."""

from __future__ import annotations

import ipaddress
import re
from typing import NoReturn, cast

from aws_cdk import Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .consumed_service import consumed, is_elsewhere, select_offered
from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .interface import IPrivateLinkEndpointService
from .kinds import check_kind
from .place import new_construct, told_as_ours
from .routes import Route, Routes, Table, table_of
from .subnets import check_one_per_zone, checked_vpc, place_of, select, zone_of
from .tokens import is_string_token

_GATEWAY = re.compile(r"(igw|vgw)-[0-9a-f]+", re.ASCII)
# Python would take an address alone, and one with a mask like 255.0.0.0.
_BLOCK = re.compile(r"[^/%]+/\d+", re.ASCII)

# What interface endpoints have, and these do not.
_NOT_HERE = {
    "connections": "security groups",
    "open": "security groups",
    "policy_document": "endpoint policies",
    "port": "a port",
    "private_dns_enabled": "private DNS names",
    "security_groups": "security groups",
    "service_region": "services of other regions",
}


class GatewayLoadBalancerEndpoints(Construct):
    """Endpoints to a service behind Gateway Load Balancers, one for each zone.

    ::

        endpoints = GatewayLoadBalancerEndpoints(
            self, "Inspection",
            vpc=vpc, service=service,
            subnets=ec2.SubnetSelection(subnet_group_name="Inspection"),
        )
        endpoints.route_through(
            ec2.SubnetSelection(subnet_group_name="Application"), "0.0.0.0/0"
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
        **unsupported: NoReturn,
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
        :param unsupported: Nothing: security groups, endpoint policies and private DNS names, which
            EC2 has for interface endpoints only, are refused.
        :raises PrivateLinkValueError: What EC2 would refuse, or a place in the tree that the CDK
            refuses.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take, or an
            argument that it does not have.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        with new_construct(scope, id):
            super().__init__(scope, id)
        _check_unsupported(unsupported, scope=self)
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
        # What is only known at deployment, and stands in ids as a number.
        self._numbered: dict[str, str] = {}

    @property
    def availability_zones(self) -> list[str]:
        """The names of the zones that have an endpoint."""
        return [subnet.availability_zone for subnet in self._subnets]

    @property
    def vpc_endpoint_ids(self) -> list[str]:
        """The ids of the endpoints, in the order of :attr:`availability_zones`."""
        return [endpoint.ref for endpoint in self._endpoints.values()]

    def route_through(
        self,
        subnets: ec2.SubnetSelection,
        destination: str | ec2.SubnetSelection,
        *,
        return_path: str | ec2.SubnetSelection | None = None,
    ) -> None:
        """Send what subnets and a destination say to each other through the endpoints, both ways.

        Each subnet uses the endpoint of its own zone. Answers take the same endpoint, so that an
        appliance sees both directions of each connection: where they come in, a route for each of
        the subnets leads back to it.

        :param subnets: The subnets whose traffic is inspected, in zones that have an endpoint.
            There must not be a route to the destination yet, as isolated subnets have none.
        :param destination: An IPv4 or IPv6 block, like ``"0.0.0.0/0"``, or other subnets of
            the VPC.
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
            peers = self._selected(destination, "destination")
            forward = [
                self._to_subnet(self._table(subnet, "subnets"), peer, endpoint_id)
                for subnet, endpoint_id in sources
                for peer in peers
            ]
            tables = [self._table(peer, "destination") for peer in peers]
            is_ipv6 = False
        else:
            is_ipv6 = _is_ipv6(destination, scope=self)
            forward = [
                Route(
                    self._table(subnet, "subnets"),
                    destination,
                    is_ipv6,
                    endpoint_id,
                    self._label(destination, "Destination"),
                )
                for subnet, endpoint_id in sources
            ]
            tables = self._return_tables(return_path)
        back = [
            self._to_subnet(table, subnet, endpoint_id, is_ipv6=is_ipv6)
            for table in tables
            for subnet, endpoint_id in sources
        ]
        self._routes.add([*forward, *back], scope=self)

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

    def _sources(self, selection: object) -> list[tuple[ec2.ISubnet, str]]:
        """Pair each subnet with the endpoint of its zone."""
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

    def _return_tables(self, return_path: object) -> list[Table]:
        """Find the route tables of where answers come in."""
        if return_path is None:
            return [self._internet_gateway()]
        if isinstance(return_path, str):
            return [self._gateway(return_path)]
        subnets = self._selected(return_path, "return_path")
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
        self, table: Table, subnet: ec2.ISubnet, endpoint_id: str, *, is_ipv6: bool = False
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
        """Tell what stands for a value in ids: a number where it is only known at deployment."""
        if not Token.is_unresolved(value):
            return value
        return self._numbered.setdefault(value, f"{kind}{len(self._numbered) + 1}")


def _check_unsupported(unsupported: dict[str, NoReturn], *, scope: Construct) -> None:
    for name in unsupported:
        lacking = _NOT_HERE.get(name)
        raise PrivateLinkTypeError(
            name,
            f"is for interface endpoints: Gateway Load Balancer endpoints have no {lacking}"
            if lacking
            else "is no argument of Gateway Load Balancer endpoints",
            got=f"`{unsupported[name]!r}`",
            fix="leave it out",
            scope=scope,
        )


def _is_ipv6(destination: object, *, scope: Construct) -> bool:
    argument, fix = "destination", "pass a block like `0.0.0.0/0` or `::/0`, or subnets of the VPC"
    check_kind(argument, destination, str, takes="a block or subnets", fix=fix, scope=scope)
    block = cast(str, destination)
    if is_string_token(block):
        return False
    try:
        network = ipaddress.ip_network(block, strict=False) if _BLOCK.fullmatch(block) else None
    except ValueError:
        network = None
    if network is None:
        raise PrivateLinkValueError(
            argument, "is no block of addresses", got=f"`{block}`", fix=fix, scope=scope
        )
    return network.version == 6
