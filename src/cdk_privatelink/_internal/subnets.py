"""Which subnets of a VPC are meant, and which zones they are in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .arguments import check_kind, is_resource
from .scopes import told_as_ours, types_told_as_ours

_CHOICES = (
    "availability_zones",
    "one_per_az",
    "subnet_filters",
    "subnet_group_name",
    "subnet_type",
    "subnets",
)
# What the CDK calls zones until their names have been looked up.
_MADE_UP = re.compile(r"dummy1[a-z]")
# A name, and a place in the list of the zones of a region.
_COMPARABLE = (
    re.compile(r"[\w-]+"),
    re.compile(r'\{"Fn::Select": \[\d+, \{"Fn::GetAZs": .*\}\]\}'),
)


class Subnets(NamedTuple):
    """Subnets of a VPC.

    Those of a VPC that still has to be looked up are made up by the CDK, as are its zones: nothing
    can be said of them until it has been, and a refusal would keep the CLI from ever doing it.
    """

    subnets: list[ec2.ISubnet]
    are_made_up: bool


def checked_vpc(vpc: object, *, scope: Construct | str) -> ec2.IVpc:
    """Check that it is a VPC, made here or not.

    :raises PrivateLinkTypeError: It is not.
    """
    if not is_resource(vpc, "vpc_id", "select_subnets"):
        raise PrivateLinkTypeError(
            "vpc",
            "takes a VPC",
            got=f"`{vpc!r}`",
            fix="pass a `Vpc` of `aws_ec2`, an existing one as `Vpc.from_lookup()`",
            scope=scope,
        )
    return cast(ec2.IVpc, vpc)


def literal_block(vpc: ec2.IVpc) -> str | None:
    """Tell the IPv4 block of a VPC, unless it is only known at deployment."""
    resource = vpc.node.default_child if isinstance(vpc, ec2.Vpc) else None
    return resource.cidr_block if isinstance(resource, ec2.CfnVPC) else None


def check_selection(argument: str, selection: object, *, scope: Construct | str) -> None:
    """Check that it says which subnets are meant.

    :raises PrivateLinkTypeError: It does not.
    """
    check_kind(
        argument,
        selection,
        ec2.SubnetSelection,
        takes="an `ec2.SubnetSelection`",
        fix="pass one like `ec2.SubnetSelection(subnet_group_name=...)`",
        scope=scope,
    )


def select(
    vpc: ec2.IVpc,
    selection: object,
    *,
    argument: str,
    scope: Construct | str,
    one_per_zone: bool = False,
) -> Subnets:
    """Find the subnets of a VPC that are meant: its private ones, where nothing is said.

    :param one_per_zone: Take the first of each zone, as the CDK does for interface endpoints.
    :raises PrivateLinkTypeError: It is no ``ec2.SubnetSelection``.
    :raises PrivateLinkValueError: There are none, or what the VPC does not have.
    """
    if selection is not None:
        check_selection(argument, selection, scope=scope)
    choices = {name: getattr(selection, name, None) for name in _CHOICES}
    if one_per_zone:
        choices["one_per_az"] = True
    fix = "pass a selection of what the VPC has"
    with told_as_ours(argument, fix=fix, scope=scope), types_told_as_ours(scope):
        selected = _selected(vpc, choices)
        are_made_up = bool(selected.is_pending_lookup)
        narrowed = choices["availability_zones"] or choices["subnet_filters"]
        if (
            not selected.subnets
            and narrowed
            and any(map(_MADE_UP.fullmatch, vpc.availability_zones))
        ):
            # They may be in zones that are not known yet. Others stand for them until then.
            are_made_up = True
            selected = _selected(
                vpc, choices | {"availability_zones": None, "subnet_filters": None}
            )
    elsewhere = [
        subnet
        for subnet in choices["subnets"] or ()
        if isinstance(subnet.node.scope, ec2.Vpc) and subnet.node.scope is not vpc
    ]
    if elsewhere:
        raise PrivateLinkValueError(
            argument,
            "has a subnet of another VPC",
            got=f"`{elsewhere[0].node.path}`",
            fix=f"pass subnets of `{vpc.node.path}`",
            scope=scope,
        )
    if not selected.subnets and not are_made_up:
        raise PrivateLinkValueError(
            argument,
            "has no subnet in it",
            got=f"those of VPC `{vpc.node.path}`",
            fix=fix,
            scope=scope,
        )
    return Subnets(selected.subnets, are_made_up)


def _selected(vpc: ec2.IVpc, choices: dict[str, Any]) -> ec2.SelectedSubnets:
    return vpc.select_subnets(**{name: it for name, it in choices.items() if it is not None})


def check_one_per_zone(
    subnets: Subnets, *, argument: str, consumer: Construct, scope: Construct | str
) -> None:
    """Check that no two subnets are in one zone.

    :param consumer: Where they are used, in its stack.
    :param scope: What errors name.
    :raises PrivateLinkValueError: Two are.
    """
    known: dict[str, ec2.ISubnet] = {}
    for subnet in subnets.subnets:
        other = known.setdefault(zone_of(subnet, consumer), subnet)
        if other is not subnet and not subnets.are_made_up:
            raise PrivateLinkValueError(
                argument,
                "has two subnets in one zone",
                got=f"`{other.node.path}` and `{subnet.node.path}`",
                fix="pass one for each zone, as `one_per_az=True` of `ec2.SubnetSelection` does",
                scope=scope,
            )


def in_zones(subnets: Subnets, zones: Sequence[str] | None, *, scope: Construct) -> Subnets:
    """Leave out the subnets that are in none of the zones, where that is known."""
    known = {_told(zone, scope) for zone in zones or ()}
    zoned = [(subnet, zone_of(subnet, scope)) for subnet in subnets.subnets]
    made_up = any(_MADE_UP.fullmatch(zone) for zone in (*known, *(zone for _, zone in zoned)))
    if not known or made_up or subnets.are_made_up:
        return subnets
    return subnets._replace(
        subnets=[subnet for subnet, zone in zoned if any(_may_be(zone, each) for each in known)]
    )


def zone_of(subnet: ec2.ISubnet, scope: Construct) -> str:
    """Tell the zone of a subnet; two tokens for one zone are told alike."""
    return _told(subnet.availability_zone, scope)


def place_of(subnet: ec2.ISubnet, vpc: ec2.IVpc) -> str:
    """Tell where a subnet is within its VPC, or else within its stack.

    It is the same in every stage, and as an id it does not depend on the order of construction.
    """
    path = subnet.node.path
    around = vpc.node.path if path.startswith(f"{vpc.node.path}/") else subnet.stack.node.path
    return path.removeprefix(f"{around}/")


def _may_be(zone: str, other: str) -> bool:
    """Whether two zones may be the same one, which a name and a token can be."""
    comparable = any(each.fullmatch(zone) and each.fullmatch(other) for each in _COMPARABLE)
    return zone == other or not comparable


def _told(zone: str, scope: Construct) -> str:
    if not Token.is_unresolved(zone):
        return zone
    return json.dumps(Stack.of(scope).resolve(zone), sort_keys=True)
