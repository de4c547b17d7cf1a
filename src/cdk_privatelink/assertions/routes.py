"""The routes of an app, for assertions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnElement, Reference, Stack, Tokenization
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from .._internal.tokens import is_token
from ..errors import PrivateLinkError, PrivateLinkTypeError, PrivateLinkValueError
from .errors import PrivateLinkAssertionError
from .templates import Resource, StackTemplate, Templates
from .topology import VPC_ATTACHMENTS, Topology
from .trace import (
    ENDPOINT,
    FUNCTIONS,
    ID_TYPES,
    SUBNET,
    Hop,
    IpAddress,
    Position,
    Trace,
    place_of,
    type_of,
)

_FIREWALL = "AWS::NetworkFirewall::Firewall"
_INSPECTING = (ENDPOINT, *FUNCTIONS)
# EC2 reserves the first addresses of a subnet.
_HOST = 10


class Routes:
    """The routes in the templates of an app, for assertions in unit tests.

    ::

        from cdk_privatelink.assertions import Routes

        routes = Routes.from_stacks(stack)
        routes.assert_inspected(source=subnet, destination="198.51.100.7")

    A packet takes the most specific route of each route table. Nothing is deployed. A value that
    the templates do not contain is an error if the way of the packet depends on it. Security
    groups, network ACLs and routes that AWS adds at run time are not evaluated: routes that VPN
    connections propagate, and routes to gateway endpoints.
    """

    def __init__(self, templates: Templates) -> None:
        """Use :meth:`from_stacks` or :meth:`from_templates` instead.

        :param templates: The templates.
        """
        self._templates = templates
        self._topology = Topology(templates)

    @staticmethod
    def from_stacks(*stacks: Stack) -> Routes:
        """Read the routes of stacks, which are synthesized.

        :param stacks: All stacks that contain a part of the network, each as a separate argument.
            Nested stacks are separate stacks.
        :raises PrivateLinkTypeError: A value is not a stack.
        """
        for each in stacks:
            if not isinstance(each, Stack):
                raise PrivateLinkTypeError(
                    "stacks",
                    "must be stacks",
                    got=f"`{type(each).__name__}`",
                    fix="pass each stack as a separate argument",
                    scope="Routes",
                )
        return Routes(Templates({each.node.path: _read_stack(each) for each in stacks}))

    @staticmethod
    def from_templates(templates: Mapping[str, Template | Mapping[str, Any]]) -> Routes:
        """Read the routes of templates.

        The path of a resource is in its metadata if the CDK CLI synthesizes the template.
        Otherwise, the path is ``"Name/LogicalId"``, with the name of the template.

        :param templates: The templates by the name of their stack in CloudFormation. The name of
            a nested stack is the logical id of its resource in the template of the parent.
        :raises PrivateLinkTypeError: A value is not a template.
        :raises PrivateLinkValueError: A resource has no type, as in loops of ``Fn::ForEach``.
        """
        is_valid = isinstance(templates, Mapping) and all(
            isinstance(each, (Template, Mapping)) for each in templates.values()
        )
        if not is_valid:
            raise PrivateLinkTypeError(
                "templates",
                "must be a mapping of names to templates",
                got=f"`{templates!r}`",
                fix='pass templates like `{"Stack": Template.from_stack(stack)}`',
                scope="Routes",
            )
        contents = {
            name: each.to_json() if isinstance(each, Template) else each
            for name, each in templates.items()
        }
        return Routes(
            Templates({name: StackTemplate(each, name) for name, each in contents.items()})
        )

    def trace(
        self,
        *,
        source: ec2.ISubnet | ec2.Subnet | str,
        destination: ec2.ISubnet | ec2.Subnet | str,
        ipv6: bool = False,
        availability_zone: str | None = None,
    ) -> list[Hop]:
        """Return the places that a packet reaches, the source and the last one included.

        The last place is the subnet of the destination, or a gateway out of the app.

        :param source: The subnet that sends the packet, or the id of the internet gateway, virtual
            private gateway, NAT gateway or attachment of a transit gateway through which the packet
            enters the VPC. A string can also be the path of a resource.
        :param destination: The IP address, or the subnet, that receives the packet.
        :param ipv6: ``True`` for the IPv6 address of a subnet as the destination. Default: IPv4
        :param availability_zone: The Availability Zone that transit gateways select for
            attachments in appliance mode. Default: the zone in which the packet enters the transit
            gateway, although a transit gateway can select each zone of the attachment.
        :raises PrivateLinkAssertionError: The packet does not arrive.
        :raises PrivateLinkValueError: The source or the destination is not part of the templates.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        address = self._address("destination", destination, ipv6=ipv6)
        zone = self._zone(availability_zone)
        return self._trace(self._start(source, zone), address, zone).hops

    def trace_return(
        self,
        *,
        source: ec2.ISubnet | ec2.Subnet | str,
        destination: ec2.ISubnet | ec2.Subnet | str,
        ipv6: bool = False,
        availability_zone: str | None = None,
    ) -> list[Hop]:
        """Return the places that the response to a packet reaches, back to the source.

        The response starts where :meth:`trace` ends. If a NAT gateway has translated the source of
        the packet, the response goes to the NAT gateway first.

        :param source: The subnet that sends the packet and receives the response.
        :param destination: The IP address, or the subnet, that receives the packet.
        :param ipv6: See :meth:`trace`. Default: IPv4
        :param availability_zone: See :meth:`trace`. Default: the zone in which the response enters
            the transit gateway.
        :raises PrivateLinkAssertionError: The packet or the response does not arrive.
        :raises PrivateLinkValueError: The source is not a subnet of the templates.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        address = self._address("destination", destination, ipv6=ipv6)
        zone = self._zone(availability_zone)
        return self._respond(self._send(source, address, zone), address, zone)

    def assert_inspected(
        self,
        *,
        source: ec2.ISubnet | ec2.Subnet | str,
        destination: ec2.ISubnet | ec2.Subnet | str,
        ipv6: bool = False,
    ) -> None:
        """Assert that a connection passes through endpoints, the same ones in both directions.

        Each choice of a transit gateway between the Availability Zones of an attachment in
        appliance mode is checked.

        :param source: The subnet that sends packets and receives responses.
        :param destination: The IP address, or the subnet, that receives packets.
        :param ipv6: See :meth:`trace`. Default: IPv4
        :raises PrivateLinkAssertionError: A packet does not arrive, bypasses the endpoints, or its
            response takes other endpoints.
        :raises PrivateLinkValueError: The source is not a subnet of the templates.
        :raises PrivateLinkTypeError: A value has a type that this method does not accept.
        """
        address = self._address("destination", destination, ipv6=ipv6)
        for zone in self._topology.attached_zones(in_appliance_mode=True) or [None]:
            outbound = self._send(source, address, zone)
            if not _endpoints(outbound.hops):
                raise PrivateLinkAssertionError(
                    "destination",
                    "must be reached through an endpoint",
                    got="no endpoint on the way",
                    fix="add the routes with `add_routes()`",
                    scope=outbound.hops[0].path,
                )
            inbound = self._respond(outbound, address, zone)
            _compare(_endpoints(outbound.hops), _endpoints(inbound), path=outbound.hops[0].path)

    def _send(
        self, source: ec2.ISubnet | ec2.Subnet | str, destination: IpAddress, zone: Any
    ) -> Trace:
        """Return the way of a packet that has a response."""
        start = self._start(source, zone)
        if start.resource is not start.subnet:
            raise _source_error(source, problem="must be a subnet, which receives the response")
        return self._trace(start, destination, zone)

    def _respond(self, outbound: Trace, destination: IpAddress, zone: Any) -> list[Hop]:
        """Return the hops of the response to a packet."""
        if outbound.end.subnet is None and type_of(outbound.end.resource) == ENDPOINT:
            raise PrivateLinkAssertionError(
                "destination",
                "must respond through endpoints with a known subnet",
                got=f"`{outbound.end.resource}`, with which the known way ends",
                fix="compare the last places of `trace()` from the subnet and from the gateway",
                scope=outbound.hops[0].path,
            )
        is_ipv6 = destination.version == 6
        start = outbound.start
        targets = [(each, each.subnet) for each in reversed(outbound.translations)]
        position = self._enter(outbound.end, zone or outbound.entered_zone)
        inbound = [Hop(**place_of(position))]
        for next_position, subnet in [*targets, (start, start.subnet)]:
            trace = self._trace(position, self._host("source", subnet, is_ipv6=is_ipv6), zone)
            inbound += trace.hops[1:]
            if next_position is not start:
                # The NAT gateway, which is in the subnet, takes the place of the subnet.
                inbound[-1] = inbound[-1]._replace(**place_of(next_position))
            position = next_position
        return inbound

    def _trace(self, start: Position, destination: IpAddress, zone: Any) -> Trace:
        trace = Trace(self._topology, destination, zone)
        trace.run(start)
        return trace

    def _start(self, source: ec2.ISubnet | ec2.Subnet | str, zone: Any) -> Position:
        found = self._find("source", source)
        if isinstance(found, Resource) and found.type == SUBNET:
            return Position(found, found)
        if isinstance(found, Resource) and found.type == "AWS::EC2::NatGateway":
            return Position(found, self._topology.subnets_of(found)[0])
        is_gateway = type_of(found) in (*ID_TYPES.values(), *VPC_ATTACHMENTS)
        if is_gateway or self._topology.table_of(found) is not None:
            return self._enter(Position(found, None), zone)
        problem = "must be a subnet, a gateway or an attachment of the templates"
        raise _source_error(source, problem=problem)

    def _enter(self, position: Position, zone: Any) -> Position:
        """Return the position of a packet that a transit gateway sends to a VPC."""
        attachment = position.resource
        if isinstance(attachment, Resource) and attachment.type in VPC_ATTACHMENTS:
            zones = zone, *self._topology.subnets_by_zone(attachment)
            return Position(attachment, self._topology.subnet_in_zone(attachment, *zones))
        return position

    def _find(self, name: str, value: object) -> Any:
        """Return the resource for a subnet, a token, or a path, or the id of another resource."""
        text = value if isinstance(value, str) else getattr(value, "subnet_id", None)
        if not isinstance(text, str):
            raise PrivateLinkTypeError(
                name,
                "must be a subnet or a string",
                got=f"`{type(value).__name__}`",
                fix="pass an `ec2.ISubnet`, an id or a path",
                scope="Routes",
            )
        if is_token(text):
            return self._resolve(text)
        matching = (each for each in self._templates.resources.values() if each.path == text)
        return next(matching, text)

    def _resolve(self, token: str) -> Any:
        tokens = Tokenization.reverse_string(token).tokens
        stacks = (Stack.of(each.target) for each in tokens if isinstance(each, Reference))
        # The zone of a subnet, or an imported value, is the same in each stack.
        stack = next(stacks, None) or Stack()
        return self._templates.resolve(stack.resolve(token), stack.node.path)

    def _zone(self, zone: str | None) -> Any:
        if zone is not None and not isinstance(zone, str):
            raise PrivateLinkTypeError(
                "availability_zone",
                "must be a string",
                got=f"`{type(zone).__name__}`",
                fix="pass the zone of an attached subnet: `subnet.availability_zone`",
                scope="Routes",
            )
        found = self._resolve(zone) if zone is not None and is_token(zone) else zone
        if found is not None and found not in self._topology.attached_zones():
            raise PrivateLinkValueError(
                "availability_zone",
                "must be an Availability Zone of an attachment to a transit gateway",
                got=f"`{found}`",
                fix="pass the zone of an attached subnet: `subnet.availability_zone`",
                scope="Routes",
            )
        return found

    def _address(self, name: str, value: object, *, ipv6: bool) -> IpAddress:
        if isinstance(value, str):
            try:
                return ipaddress.ip_address(value)
            except ValueError:
                pass
        found = self._find(name, value)
        if not isinstance(found, Resource) or found.type != SUBNET:
            raise PrivateLinkValueError(
                name,
                "must be an IP address, or a subnet of the templates",
                got=f"`{getattr(value, 'node', value)}`",
                fix="pass an address like `198.51.100.7`, or all stacks of the network to "
                "`from_stacks()`",
                scope="Routes",
            )
        return self._host(name, found, is_ipv6=ipv6)

    def _host(self, name: str, subnet: Resource, *, is_ipv6: bool) -> IpAddress:
        block = self._topology.block_of(subnet, ipv6=is_ipv6)
        if block is None:
            kind = "IPv6" if is_ipv6 else "IPv4"
            raise PrivateLinkValueError(
                name,
                f"must be a subnet with a known {kind} CIDR block",
                got="a subnet without one, or with a token",
                fix=f"pass `ipv6={not is_ipv6}`, or literal CIDR blocks to the VPC in tests",
                scope=subnet.path,
            )
        return block[_HOST]


def _read_stack(stack: Stack) -> StackTemplate:
    paths = {
        stack.resolve(each.logical_id): each.node.path
        for each in stack.node.find_all()
        if isinstance(each, CfnElement)
    }
    parent, nested = stack.nested_stack_parent, stack.nested_stack_resource
    return StackTemplate(
        content=Template.from_stack(stack).to_json(),
        name=None if is_token(stack.stack_name) else stack.stack_name,
        region=None if is_token(stack.region) else stack.region,
        paths=paths,
        nested_in=(parent.node.path, parent.resolve(nested.logical_id))
        if parent is not None and nested is not None
        else None,
    )


def _endpoints(hops: list[Hop]) -> list[str]:
    """Return the endpoints, of which a firewall has several."""
    return [
        f"{each.path}, {each.subnet}" if each.type == _FIREWALL and each.subnet else each.path
        for each in hops
        if each.type in _INSPECTING
    ]


def _quote(endpoints: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in endpoints) or "no endpoint"


def _source_error(source: object, *, problem: str) -> PrivateLinkError:
    return PrivateLinkValueError(
        "source",
        problem,
        got=f"`{getattr(source, 'node', source)}`",
        fix="pass a subnet, and all stacks of the network to `from_stacks()`",
        scope="Routes",
    )


def _compare(outbound: list[str], inbound: list[str], *, path: str) -> None:
    if outbound != inbound[::-1]:
        raise PrivateLinkAssertionError(
            "destination",
            "must respond through the same endpoints",
            got=f"{_quote(outbound)} for packets, and {_quote(inbound)} for responses",
            fix="pass `return_path` to `add_routes()`, and enable appliance mode for attachments "
            "of the VPC with the endpoints",
            scope=path,
        )
