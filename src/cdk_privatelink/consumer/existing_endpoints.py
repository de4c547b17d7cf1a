"""Endpoints that inspect traffic, and that something else creates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_cdk import Fn, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, Rule, cdk_object, matching
from .._internal.regions import ZONE_NAME
from .._internal.scopes import require_same_stage
from .._internal.subnets import (
    SUBNET_SELECTION,
    VPC,
    find_zone,
    require_own_environment,
    resolve_zone,
    select_subnets,
    validate_one_per_zone,
    zone_of,
)
from .._internal.tokens import is_literal
from .address_types import resolve_address_types
from .inspection_endpoints import InspectionEndpoints

if TYPE_CHECKING:
    from aws_cdk import aws_networkfirewall as networkfirewall

_ID = matching(
    re.compile(r"vpce-[0-9a-f]+", re.ASCII),
    problem="must contain ids of endpoints",
    fix='pass a map like `{"eu-west-1a": "vpce-0123456789abcdef0"}`',
)
_FIREWALL: Rule[networkfirewall.CfnFirewall] = cdk_object(
    "attr_endpoint_ids",
    "subnet_mappings",
    problem="must be a firewall",
    fix="pass a `networkfirewall.CfnFirewall`, or import its endpoints with `from_endpoint_ids()`",
)


class ExistingEndpoints(InspectionEndpoints):
    """Endpoints with known ids."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: object,
        endpoint_ids: object,
        subnets: object,
        ip_address_type: ec2.VpcEndpointIpAddressType | None,
    ) -> None:
        """Import the endpoints."""
        super().__init__(scope, id)
        check = Arguments(self)
        checked_vpc = check("vpc", vpc, VPC)
        require_own_environment(check.argument("vpc"), checked_vpc, self)
        ids = check("endpoint_ids", endpoint_ids, _endpoint_ids)
        selected = (
            None
            if subnets is None
            else select_subnets(checked_vpc, check.argument("subnets"), subnets)
        )
        self._zones = list(ids)
        self._set_endpoints(
            {resolve_zone(zone, self): endpoint_id for zone, endpoint_id in ids.items()},
            vpc=checked_vpc,
            subnets=selected.subnets if selected else (),
            address_types=resolve_address_types(check, ip_address_type),
            has_placeholder_subnets=bool(selected and selected.is_placeholder),
        )

    @property
    def availability_zones(self) -> list[str]:
        """The names of the Availability Zones of the endpoints."""
        return list(self._zones)


class FirewallEndpoints(InspectionEndpoints):
    """The endpoints of a firewall of AWS Network Firewall."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: object,
        firewall: object,
        subnets: object,
        ip_address_type: ec2.VpcEndpointIpAddressType | None,
    ) -> None:
        """Take the ids of the endpoints from the firewall."""
        super().__init__(scope, id)
        check = Arguments(self)
        checked_vpc = check("vpc", vpc, VPC)
        require_own_environment(check.argument("vpc"), checked_vpc, self)
        checked_firewall = check("firewall", firewall, _FIREWALL)
        require_same_stage(check.argument("firewall"), checked_firewall, self)
        _reject_transit_gateway(check.argument("firewall"), checked_firewall)
        check("subnets", subnets, SUBNET_SELECTION)
        argument = check.argument("subnets")
        selected = select_subnets(checked_vpc, argument, subnets)
        validate_one_per_zone(argument, selected, consumer=self)
        if not selected.is_placeholder:
            for subnet in selected.subnets:
                _require_literal_zone(argument, subnet)
            _validate_mappings(argument, checked_firewall, selected.subnets)
        self._set_endpoints(
            {
                zone_of(subnet, self): _endpoint_id(checked_firewall, find_zone(subnet) or "")
                for subnet in selected.subnets
            },
            vpc=checked_vpc,
            subnets=selected.subnets,
            address_types=resolve_address_types(check, ip_address_type),
            has_placeholder_subnets=selected.is_placeholder,
        )


def _endpoint_ids(argument: Argument, value: object) -> dict[str, str]:
    """Require a map from Availability Zones to ids of endpoints."""
    if not isinstance(value, Mapping):
        raise argument.type_error(
            "must be a map from Availability Zones to ids of endpoints",
            got=value,
            fix='pass a map like `{"eu-west-1a": "vpce-0123456789abcdef0"}`',
        )
    if not value:
        raise argument.value_error("must not be empty", got=value, fix="pass one element or more")
    return {ZONE_NAME(argument, zone): _ID(argument, each) for zone, each in value.items()}


def _reject_transit_gateway(argument: Argument, firewall: networkfirewall.CfnFirewall) -> None:
    if firewall.transit_gateway_id is not None:
        raise argument.value_error(
            "must have endpoints in a VPC",
            got=f"{firewall.node.path}, which is attached to a transit gateway",
            fix="route to the attachment in the route tables of the transit gateway instead",
        )


def _require_literal_zone(argument: Argument, subnet: ec2.ISubnet) -> None:
    """Check that the name of a zone can be the delimiter of ``Fn::Split``."""
    zone = find_zone(subnet)
    if zone is None or not is_literal(zone):
        raise argument.value_error(
            "must be in Availability Zones whose names are known at synthesis",
            got=subnet.node.path,
            fix="pass `env` with an account and a Region to the stack, or pass "
            "`availability_zones` to the VPC",
        )


def _validate_mappings(
    argument: Argument, firewall: networkfirewall.CfnFirewall, subnets: list[ec2.ISubnet]
) -> None:
    stack = Stack.of(firewall)
    mappings: Any = stack.resolve(firewall.subnet_mappings)
    if not isinstance(mappings, list):
        return
    known = [mapping.get("subnetId") for mapping in mappings if isinstance(mapping, dict)]
    for subnet in subnets:
        if stack.resolve(subnet.subnet_id) not in known and len(known) == len(mappings):
            raise argument.value_error(
                "must be subnets of the firewall",
                got=subnet.node.path,
                fix="pass the subnets in the `subnet_mappings` of the firewall",
            )


def _endpoint_id(firewall: networkfirewall.CfnFirewall, zone: str) -> str:
    """Return the id of the endpoint in a zone, from a list of ``zone:id`` in no order."""
    joined = Fn.join(",", firewall.attr_endpoint_ids)
    return Fn.select(0, Fn.split(",", Fn.select(1, Fn.split(f"{zone}:", joined))))
