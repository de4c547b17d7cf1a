"""Endpoints to a service with Gateway Load Balancers, and the routes through them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, boolean
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.metrics import MetricOptions
from .._internal.scopes import (
    checked_construction,
    reserved_construct,
    validate_id,
)
from .._internal.stack_cache import StackCache
from .._internal.subnets import (
    SUBNET_SELECTION,
    VPC,
    find_zone,
    ipv4_block_of,
    literal_cidr_blocks,
    relative_path,
    select_subnets,
    validate_ipv6,
    validate_one_per_zone,
    zone_of,
)
from .._internal.tokens import is_single_unknown, is_token
from .._internal.warnings import add_warning
from ..errors import PrivateLinkValueError
from ..provider.alarms import THRESHOLD
from ..provider.interface import IPrivateLinkEndpointService
from .acceptance import add_acceptance, validate_acceptance
from .address_types import validate_address_type
from .cidr_blocks import is_in_block, parse_block
from .inspection_routes import (
    InspectionRoutes,
    Route,
    RouteTable,
    find_route_table_id,
    route_table_of,
)
from .metrics import MeasuredEndpoint, add_packets_dropped_alarms, endpoint_metric
from .permissions import warn_of_missing_principal
from .service_resolution import is_cross_region, resolve_service, select_supported_subnets

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack

_GATEWAY_ID = re.compile(r"(igw|vgw)-[0-9a-f]+", re.ASCII)


class _InspectedSubnet(NamedTuple):
    """A subnet with the endpoint in its Availability Zone."""

    subnet: ec2.ISubnet
    endpoint_id: str


class GatewayLoadBalancerEndpoints(Construct):
    """Endpoints to a service with Gateway Load Balancers, one per Availability Zone.

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
        auto_accept: bool = False,
    ) -> None:
        """Create one endpoint per subnet.

        For a service defined in the same app, CloudFormation creates the endpoints after the
        permissions of the service. If the service requires acceptance, EC2 rejects routes to an
        endpoint until its connection is accepted.

        :param scope: The stack, or a construct in the stack, that contains these endpoints.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC of the endpoints.
        :param service: The service, or the name of an endpoint service as a string or token. The
            service must have Gateway Load Balancers and be in the Region of the VPC.
        :param subnets: The subnets of the endpoints, one per Availability Zone. Put nothing else
            into these subnets. Subnets in zones in which the service is certainly not available are
            left out. Default: one private subnet per zone.
        :param ip_address_type: The IP address types of the endpoints. Default: IPv4
        :param auto_accept: ``True`` to accept the connections in the same deployment, for a service
            in the same account that requires acceptance. The routes, and what depends on this
            construct, wait until the endpoints are available. Default: ``False``
        :raises PrivateLinkValueError: EC2 would reject a value, or the CDK rejects ``scope`` or
            ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        with checked_construction(scope, id):
            super().__init__(scope, id)
        check = Arguments(self)
        self._vpc = check("vpc", vpc, VPC)
        argument = Argument("service", self)
        reference = resolve_service(argument, service, type="gateway", consumer=self)
        if is_cross_region(reference.region, self):
            raise argument.value_error(
                "must be in the Region of the VPC, unlike services for interface endpoints",
                got=reference.display_name,
                fix="pass a service in the Region of the VPC",
            )
        argument = Argument("subnets", self)
        selected = select_supported_subnets(
            argument,
            self._vpc,
            subnets,
            reference,
            consumer=self,
            one_per_zone=subnets is None,
        )
        validate_one_per_zone(argument, selected, consumer=self)
        address_types = validate_address_type(check, ip_address_type, reference)
        check("auto_accept", auto_accept, boolean)
        if auto_accept:
            validate_acceptance(check.argument("auto_accept"), reference, consumer=self)

        self._has_ipv4 = "ipv4" in address_types
        self._has_ipv6 = "ipv6" in address_types
        if self._has_ipv6:
            argument = Argument("ip_address_type", self)
            add_final_validation(self, lambda: validate_ipv6(argument, self._vpc))
        self._requires_acceptance = reference.requires_acceptance and not auto_accept
        self._subnets = selected.subnets
        self._has_placeholder_subnets = selected.is_placeholder
        self._endpoints = {
            zone_of(subnet, self): ec2.CfnVPCEndpoint(
                self,
                f"Endpoint{relative_path(subnet, self._vpc)}",
                vpc_endpoint_type="GatewayLoadBalancer",
                vpc_id=self._vpc.vpc_id,
                service_name=reference.name,
                # EC2 accepts one subnet per endpoint.
                subnet_ids=[subnet.subnet_id],
                ip_address_type=ip_address_type and ip_address_type.value.lower(),
            )
            for subnet in selected.subnets
        }
        self._measured = [
            MeasuredEndpoint(
                self,
                "GatewayLoadBalancer",
                service_name=reference.name,
                vpc=self._vpc,
                endpoint_id=self._endpoints[zone_of(subnet, self)].ref,
                subnets=[subnet],
            )
            for subnet in self._subnets
        ]
        if reference.ready is not None:
            for endpoint in self._endpoints.values():
                endpoint.node.add_dependency(reference.ready)
        account = StackCache.of(scope).account
        add_final_check(
            scope,
            lambda: warn_of_missing_principal(
                self, reference, account=account, variable="endpoints"
            ),
        )
        acceptance = (
            add_acceptance(self, list(self._endpoints.values()), reference)
            if auto_accept and self._endpoints
            else None
        )
        self._routes = InspectionRoutes(self, "Routes", vpc=self._vpc, after=acceptance)

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
        return [endpoint.ref for endpoint in self._endpoints.values()]

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
        if self._has_placeholder_subnets:
            # The CLI synthesizes again after the lookup of the VPC.
            return
        inspected = self._pair_with_endpoints(subnets)
        if isinstance(destination, ec2.SubnetSelection):
            self._reject_return_path(return_path)
            routes = self._routes_between(inspected, destination)
        else:
            routes = self._routes_to_block(inspected, destination, return_path)
        self._routes.add(routes, scope=self)
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

    def metric(self, metric_name: str, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return a metric of each endpoint, from the namespace ``AWS/PrivateLinkEndpoints``.

        A widget of a dashboard accepts the list.

        :param metric_name: The name of the metric in CloudWatch, like ``"ActiveConnections"``.
        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        :returns: The metrics, in the order of :attr:`vpc_endpoint_ids`.
        :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an
            option.
        :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
        """
        return self._metric(metric_name, None, options)

    def metric_active_connections(
        self, **options: Unpack[MetricOptions]
    ) -> list[cloudwatch.Metric]:
        """Return the number of active connections through each endpoint.

        :param options: See :class:`MetricOptions`. Default: the average over five minutes.
        """
        return self._metric("ActiveConnections", "Average", options)

    def metric_bytes_processed(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of bytes through each endpoint, in both directions.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("BytesProcessed", "Sum", options)

    def metric_new_connections(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of new connections through each endpoint.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("NewConnections", "Sum", options)

    def metric_packets_dropped(self, **options: Unpack[MetricOptions]) -> list[cloudwatch.Metric]:
        """Return the number of packets that each endpoint drops.

        An increase can indicate that the endpoint or the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("PacketsDropped", "Sum", options)

    def metric_rst_packets_received(
        self, **options: Unpack[MetricOptions]
    ) -> list[cloudwatch.Metric]:
        """Return the number of reset packets that each endpoint receives from the service.

        An increase can indicate that the service is unhealthy.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("RstPacketsReceived", "Sum", options)

    def add_packets_dropped_alarms(self, id: str, *, threshold: float) -> list[cloudwatch.Alarm]:
        """Add the alarms that AWS recommends for endpoints.

        There is one alarm per endpoint. It goes off when the endpoint drops more than ``threshold``
        packets per minute for five minutes. Minutes without traffic count as minutes without
        dropped packets. Add actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :param threshold: The number of dropped packets per minute that you tolerate.
        :returns: The alarms, in the order of :attr:`vpc_endpoint_ids`.
        :raises PrivateLinkValueError: The threshold is negative.
        :raises PrivateLinkTypeError: The value is not a number.
        :see: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkEndpoints
        """
        validate_id(id, scope=self)
        Arguments(self)("threshold", threshold, THRESHOLD)
        with checked_construction(self._alarms, id):
            alarms = Construct(self._alarms, id)
        return [
            alarm
            for endpoint in self._measured
            for alarm in add_packets_dropped_alarms(alarms, endpoint, threshold)
        ]

    def _metric(
        self, metric_name: str, statistic: str | None, options: MetricOptions
    ) -> list[cloudwatch.Metric]:
        return [
            endpoint_metric(endpoint, metric_name, statistic, options)
            for endpoint in self._measured
        ]

    @cached_property
    def _alarms(self) -> Construct:
        return reserved_construct(self, "PacketsDroppedAlarms")

    def _routes_between(
        self, inspected: Sequence[_InspectedSubnet], destination: ec2.SubnetSelection
    ) -> list[Route]:
        """Return the routes between the inspected subnets and other subnets of the VPC."""
        peers = self._select_peers("destination", destination, inspected)
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
                ("subnets", subnet, "destination", peer),
                ("destination", peer, "subnets", subnet),
            )
        ]

    def _routes_to_block(
        self, inspected: Sequence[_InspectedSubnet], destination: object, return_path: object
    ) -> list[Route]:
        """Return the routes to a CIDR block, and the routes of the return traffic."""
        block, is_ipv6 = self._resolve_block(destination)
        return_tables = self._return_tables(return_path, inspected)
        label = self._label(block, "Destination")
        outbound = [
            Route(self._table("subnets", subnet), block, is_ipv6, endpoint_id, label)
            for subnet, endpoint_id in inspected
        ]
        inbound = [
            self._route_to_subnet(table, "subnets", subnet, endpoint_id, is_ipv6=is_ipv6)
            for table in return_tables
            for subnet, endpoint_id in inspected
        ]
        return [*outbound, *inbound]

    def _resolve_block(self, destination: object) -> tuple[str, bool]:
        """Return a CIDR block as EC2 stores it, and whether it is an IPv6 block."""
        argument = Argument("destination", self)
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
        self, name: str, selection: object, inspected: Sequence[_InspectedSubnet]
    ) -> list[ec2.ISubnet]:
        """Return the subnets on the other side of the appliances."""
        argument = Argument(name, self)
        inspected_ids = {subnet.subnet_id for subnet, _ in inspected}
        peers = self._select(argument, selection)
        for subnet in peers:
            if subnet.subnet_id in inspected_ids:
                raise argument.value_error(
                    "must not contain a subnet that `subnets` contains",
                    got=subnet.node.path,
                    fix="pass the subnets on the other side of the appliances",
                )
        return peers

    def _pair_with_endpoints(self, selection: object) -> list[_InspectedSubnet]:
        """Return each selected subnet with the endpoint in its zone."""
        argument = Argument("subnets", self)
        SUBNET_SELECTION(argument, selection)
        pairs = []
        for subnet in self._select(argument, selection):
            endpoint = self._endpoints.get(zone_of(subnet, self))
            if endpoint is None:
                raise argument.value_error(
                    "must be in Availability Zones with an endpoint",
                    got=subnet.node.path,
                    fix="pass subnets in the zones of the endpoints, and import subnets with "
                    "their `availability_zone`",
                )
            pairs.append(_InspectedSubnet(subnet, endpoint.ref))
        return pairs

    def _return_tables(
        self, return_path: object, inspected: Sequence[_InspectedSubnet]
    ) -> list[RouteTable]:
        """Return the route tables of the places where return traffic enters the VPC."""
        if return_path is None:
            return [self._internet_gateway_table()]
        if isinstance(return_path, str):
            if return_path == self._vpc.vpn_gateway_id:
                self._validate_propagation(inspected)
            return [self._gateway_table(return_path)]
        subnets = self._select_peers("return_path", return_path, inspected)
        return [self._table("return_path", subnet) for subnet in subnets]

    def _internet_gateway_table(self) -> RouteTable:
        """Return the table of the internet gateway, if return traffic certainly enters there."""
        vpc = self._vpc
        if isinstance(vpc, ec2.Vpc) and vpc.internet_gateway_id is not None:
            public_ids = {subnet.subnet_id for subnet in vpc.public_subnets}
            if all(subnet.subnet_id in public_ids for subnet in self._subnets):
                return self._gateway_table(vpc.internet_gateway_id)
        raise PrivateLinkValueError(
            "return_path",
            "must be passed unless the endpoints are in public subnets of a VPC of the same app",
            got="`None`",
            fix="pass the id of a gateway, or the subnets of NAT gateways or of transit gateway "
            "attachments",
            scope=self,
        )

    def _gateway_table(self, gateway_id: str) -> RouteTable:
        if gateway_id == getattr(self._vpc, "internet_gateway_id", None):
            return RouteTable("InternetGateway", gateway_id, None)
        if gateway_id == self._vpc.vpn_gateway_id:
            return RouteTable("VpnGateway", gateway_id, None)
        if not is_single_unknown(gateway_id) and not _GATEWAY_ID.fullmatch(gateway_id):
            raise Argument("return_path", self).value_error(
                "must be the id of a gateway that can have a route table",
                got=gateway_id,
                fix="pass the id of an internet or virtual private gateway, or subnets",
            )
        return RouteTable(self._label(gateway_id, "Gateway"), gateway_id, None)

    def _validate_propagation(self, inspected: Sequence[_InspectedSubnet]) -> None:
        """Check that no route of the VPN gateway bypasses the endpoints."""
        propagated = [
            table_id
            for child in self._vpc.node.children
            if isinstance(child, ec2.CfnVPNGatewayRoutePropagation)
            for table_id in child.route_table_ids
        ]
        for subnet, _ in inspected:
            if self._table("subnets", subnet).id in propagated:
                raise Argument("subnets", self).value_error(
                    "must not receive routes of the VPN gateway, which bypass the endpoints",
                    got=subnet.node.path,
                    fix="pass `vpn_route_propagation` to the VPC for the subnets of the endpoints "
                    "only",
                )

    def _reject_return_path(self, return_path: object) -> None:
        if return_path is not None:
            raise Argument("return_path", self).value_error(
                "must be left out if the destination is a selection of subnets",
                got=return_path,
                fix="leave it out",
            )

    def _table(self, name: str, subnet: ec2.ISubnet) -> RouteTable:
        argument = Argument(name, self)
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
        argument_name: str,
        subnet: ec2.ISubnet,
        endpoint_id: str,
        *,
        is_ipv6: bool,
    ) -> Route:
        argument = Argument(argument_name, self)
        block = _ipv6_block(argument, subnet) if is_ipv6 else ipv4_block_of(argument, subnet)
        label = relative_path(subnet, self._vpc) + (" Ipv6" if is_ipv6 else "")
        return Route(table, block, is_ipv6, endpoint_id, label, subnet)

    def _label(self, value: str, kind: str) -> str:
        """Return the part of construct ids for a value that may be a token."""
        if not is_token(value):
            return value
        resolved = json.dumps(Stack.of(self).resolve(value), sort_keys=True)
        return f"{kind}-{hashlib.sha256(resolved.encode()).hexdigest()[:8]}"


def _ipv6_block(argument: Argument, subnet: ec2.ISubnet) -> str:
    resource = subnet.node.default_child if isinstance(subnet, ec2.Subnet) else None
    if not isinstance(resource, ec2.CfnSubnet) or resource.ipv6_cidr_block is None:
        raise argument.value_error(
            "must have known IPv6 CIDR blocks",
            got=subnet.node.path,
            fix="pass subnets of a dual-stack VPC of the same app",
        )
    return resource.ipv6_cidr_block
