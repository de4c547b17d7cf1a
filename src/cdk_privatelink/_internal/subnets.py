"""Subnets of a VPC: selection, Availability Zones, and names for ids."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..errors import PrivateLinkValueError
from .arguments import Argument, Rule, cdk_object, instance_of
from .construct_cache import cached_by_construct, jsii_reference, stack_of
from .scopes import require_same_stage, translate_cdk_errors
from .stack_cache import StackCache
from .tokens import contains_list_token, is_literal, is_string_token

VPC: Rule[ec2.IVpc] = cdk_object(
    "node",
    "vpc_id",
    "select_subnets",
    problem="must be a VPC",
    fix="pass an `ec2.Vpc`, or import a VPC with `ec2.Vpc.from_lookup()`",
)
SUBNET_SELECTION = instance_of(
    ec2.SubnetSelection,
    problem="must be an `ec2.SubnetSelection`",
    fix="pass a selection like `ec2.SubnetSelection(subnet_group_name=...)`",
)

_FIELDS = (
    "availability_zones",
    "one_per_az",
    "subnet_filters",
    "subnet_group_name",
    "subnet_type",
    "subnets",
)
# The CDK names Availability Zones like this until the CLI has looked up their real names.
_PLACEHOLDER_ZONE = re.compile(r"dummy1[a-z]")
# The CDK returns this block until the CLI has looked up a VPC.
_PLACEHOLDER_BLOCK = "1.2.3.4/5"
# Two zones of the same form are comparable: names, and positions in the list of a Region.
_COMPARABLE_ZONES = (
    re.compile(r"[\w-]+"),
    re.compile(r'\{"Fn::Select": \[\d+, \{"Fn::GetAZs": .*\}\]\}'),
)


class SelectedSubnets(NamedTuple):
    """Subnets of a VPC.

    Until the CLI has looked up an imported VPC, its subnets and zones are placeholders of the CDK.
    They must never cause an error, which would keep the CLI from the lookup.
    """

    subnets: list[ec2.ISubnet]
    is_placeholder: bool


def require_own_environment(argument: Argument, vpc: ec2.IVpc, owner: Construct) -> None:
    """Check that a VPC defined in the app is in the stage and the Region that use it.

    :param owner: The construct that uses the VPC.
    :raises PrivateLinkValueError: The VPC is in another stage or Region.
    """
    if not isinstance(vpc, ec2.Vpc):
        return
    if jsii_reference(stack_of(vpc)) != jsii_reference(stack_of(owner)):
        require_same_stage(argument, vpc, owner)
        region, actual = (StackCache.of(each).region for each in (owner, vpc))
        require_equal(argument, vpc, actual, expected=region, kind="Region")


def require_equal(
    argument: Argument, vpc: ec2.IVpc, actual: str, *, expected: str, kind: str
) -> None:
    """Check the account or the Region of a VPC, unless it is a token.

    :raises PrivateLinkValueError: The two literal values differ.
    """
    if actual != expected and is_literal(actual) and is_literal(expected):
        raise argument.value_error(
            f"must be in {expected}, the {kind} of the stack",
            got=f"{vpc.node.path}` in `{actual}",
            fix=f"pass a VPC of this {kind}",
        )


def literal_cidr_blocks(vpc: ec2.IVpc) -> list[str]:
    """Return the known IPv4 CIDR blocks of a VPC, unless a block is a token."""
    secondary = [
        block.cidr_block
        for block in (_find_blocks(vpc) if isinstance(vpc, ec2.Vpc) else ())
        if isinstance(block, ec2.CfnVPCCidrBlock) and _is_part_of(block, vpc)
    ]
    blocks = [literal_cidr_block(vpc), *secondary]
    return [block for block in blocks if block is not None and is_literal(block)]


@cached_by_construct
def literal_cidr_block(vpc: ec2.IVpc) -> str | None:
    """Return the primary IPv4 CIDR block of a VPC, ``None`` if it is unknown or a placeholder."""
    if isinstance(vpc, ec2.Vpc):
        resource = vpc.node.default_child
        return resource.cidr_block if isinstance(resource, ec2.CfnVPC) else None
    try:
        block = vpc.vpc_cidr_block
    except RuntimeError:
        # The VPC is imported without its block.
        return None
    return None if block == _PLACEHOLDER_BLOCK else block


def select_subnets(
    vpc: ec2.IVpc, argument: Argument, selection: object, *, one_per_zone: bool = False
) -> SelectedSubnets:
    """Return the selected subnets of a VPC. Default: the private subnets.

    :param one_per_zone: Select the first subnet of each zone, as the CDK does for interface
        endpoints.
    :raises PrivateLinkTypeError: The selection is not an ``ec2.SubnetSelection``.
    :raises PrivateLinkValueError: No subnet of the VPC matches.
    """
    if selection is not None:
        SUBNET_SELECTION(argument, selection)
    fields = {name: getattr(selection, name, None) for name in _FIELDS}
    if one_per_zone:
        fields["one_per_az"] = True
    problem = "must select subnets of the VPC"
    fix = "pass a selection that the VPC has"

    def got() -> str:
        return f"{_describe(selection)} for VPC `{vpc.node.path}`"

    with translate_cdk_errors(argument, problem, got=got, fix=fix):
        selected = _select(vpc, fields)
        is_placeholder = selected.is_placeholder
        by_zone = fields["availability_zones"] or fields["subnet_filters"]
        if not selected.subnets and by_zone and has_placeholder_zones(vpc):
            # The selection may match after the lookup. All other subnets stand in until then.
            is_placeholder = True
            selected = _select(vpc, fields | {"availability_zones": None, "subnet_filters": None})
    _reject_other_vpcs(vpc, argument, fields["subnets"] or ())
    if not selected.subnets and not is_placeholder:
        raise PrivateLinkValueError(
            argument.name, problem, got=got(), fix=fix, scope=argument.scope
        )
    return SelectedSubnets(selected.subnets, is_placeholder)


def require_single_subnets(argument: Argument, subnets: Sequence[ec2.ISubnet]) -> None:
    """Check that no subnet stands for a whole list.

    :raises PrivateLinkValueError: A VPC is imported with a list token for its subnets.
    """
    for subnet in subnets:
        if contains_list_token(f"{subnet.subnet_id}{find_zone(subnet)}"):
            raise argument.value_error(
                "must be used with single subnets, not with a list token for the subnets of a VPC",
                got=subnet.node.path,
                fix="import the VPC with a list of ids and of Availability Zones",
            )


def validate_ipv6(argument: Argument, vpc: ec2.IVpc) -> None:
    """Check that a VPC of the app has an IPv6 CIDR block at the end of synthesis.

    :raises PrivateLinkValueError: The VPC has none.
    """
    if isinstance(vpc, ec2.Vpc) and not any(
        _may_have_ipv6(each, vpc) for each in _find_blocks(vpc)
    ):
        raise argument.value_error(
            "must not contain IPv6 in a VPC without an IPv6 CIDR block",
            got=vpc.node.path,
            fix="pass `ip_protocol=ec2.IpProtocol.DUAL_STACK` to the VPC",
        )


def validate_one_per_zone(
    argument: Argument, selected: SelectedSubnets, *, consumer: Construct
) -> None:
    """Check that no two subnets are in the same Availability Zone.

    :param consumer: A construct in the stack that uses the subnets.
    :raises PrivateLinkValueError: Two subnets are in the same zone.
    """
    if selected.is_placeholder:
        return
    by_zone: dict[str, ec2.ISubnet] = {}
    for subnet in selected.subnets:
        other = by_zone.setdefault(zone_of(subnet, consumer), subnet)
        if other is not subnet:
            raise argument.value_error(
                "must have at most one subnet per Availability Zone",
                got=f"{other.node.path}` and `{subnet.node.path}",
                fix="pass `one_per_az=True` to `ec2.SubnetSelection`",
            )


def filter_by_zone(
    selected: SelectedSubnets, zones: Sequence[str] | None, *, scope: Construct
) -> SelectedSubnets:
    """Remove the subnets that are certainly in none of the zones."""
    allowed = {resolve_zone(zone, scope) for zone in zones or ()}
    if not allowed or selected.is_placeholder:
        return selected
    zoned = [(subnet, zone_of(subnet, scope)) for subnet in selected.subnets]
    if any(map(_PLACEHOLDER_ZONE.fullmatch, (*allowed, *(zone for _, zone in zoned)))):
        return selected
    return selected._replace(
        subnets=[
            subnet for subnet, zone in zoned if any(_may_be_equal(zone, each) for each in allowed)
        ]
    )


def zone_of(subnet: ec2.ISubnet, scope: Construct) -> str:
    """Return the Availability Zone of a subnet, equal for different tokens of one zone.

    A subnet that is imported by its id alone has an unknown zone, which is equal to no other one.
    """
    return resolve_zone(find_zone(subnet) or f"${{unknown zone of {subnet.node.path}}}", scope)


@cached_by_construct
def find_zone(subnet: ec2.ISubnet) -> str | None:
    """Return the Availability Zone of a subnet, ``None`` if it is imported by its id alone."""
    try:
        return subnet.availability_zone
    except RuntimeError:
        return None


def zones_by_subnet_id(vpc: ec2.IVpc) -> dict[str, str | None]:
    """Return the Availability Zones of the subnets of a VPC."""
    subnets = [*vpc.private_subnets, *vpc.public_subnets, *vpc.isolated_subnets]
    return {each.subnet_id: find_zone(each) for each in subnets}


def all_zones_by_subnet_id(scope: Construct) -> dict[str, str | None]:
    """Return the Availability Zones of all subnets in an app, L1 and imported ones included."""
    zones: dict[str, str | None] = {}
    for each in scope.node.root.node.find_all():
        if isinstance(each, ec2.CfnSubnet):
            zones[each.ref] = each.availability_zone or each.attr_availability_zone
        elif hasattr(each, "associate_network_acl"):
            # An imported subnet is a proxy without a class.
            subnet = cast(ec2.ISubnet, each)
            zones[subnet.subnet_id] = find_zone(subnet)
    return zones


def find_ipv4_block(subnet: ec2.ISubnet) -> str | None:
    """Return the IPv4 CIDR block of a subnet, ``None`` if it is unknown or a placeholder."""
    try:
        block = subnet.ipv4_cidr_block
    except RuntimeError:
        # The subnet is imported without its block.
        return None
    return None if block == _PLACEHOLDER_BLOCK else block


def ipv4_block_of(argument: Argument, subnet: ec2.ISubnet) -> str:
    """Return the IPv4 CIDR block of a subnet.

    :raises PrivateLinkValueError: The subnet is imported without its block.
    """
    with translate_cdk_errors(
        argument,
        "must have known IPv4 CIDR blocks",
        got=lambda: f"`{subnet.node.path}`",
        fix="import the subnet with its `ipv4_cidr_block`",
    ):
        return subnet.ipv4_cidr_block


def relative_path(subnet: ec2.ISubnet, vpc: ec2.IVpc) -> str:
    """Return the path of a subnet in its VPC, or in its stack if the VPC does not contain it.

    The path is the same in every stage and independent of the order of construction, so that
    construct ids can use it.
    """
    path = subnet.node.path
    parent = vpc.node.path if path.startswith(f"{vpc.node.path}/") else subnet.stack.node.path
    return path.removeprefix(f"{parent}/")


# By VPC and selection.
_SELECTED: dict[tuple[str, str], SelectedSubnets] = {}


def _select(vpc: ec2.IVpc, fields: dict[str, Any]) -> SelectedSubnets:
    if not isinstance(vpc, ec2.Vpc) or fields["subnets"] or fields["subnet_filters"]:
        return _select_from(vpc, fields)
    # The subnets of such a VPC never change, and their selection needs many round trips.
    key = jsii_reference(vpc), f"{fields}"
    if key not in _SELECTED:
        _SELECTED[key] = _select_from(vpc, fields)
    return _SELECTED[key]


def _select_from(vpc: ec2.IVpc, fields: dict[str, Any]) -> SelectedSubnets:
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        selected = vpc.select_subnets(**given)
    except RuntimeError:
        # jsii reads the zones of the result, which subnets that are imported by their ids do not
        # have. The CDK returns given subnets as they are.
        if not fields["subnets"]:
            raise
        return SelectedSubnets(list(fields["subnets"]), is_placeholder=False)
    is_pending = bool(selected.is_pending_lookup)
    if is_pending and not selected.subnets:
        # Groups of subnets are known after the lookup. The placeholders of the CDK stand in.
        return SelectedSubnets(list(vpc.private_subnets), is_placeholder=True)
    return SelectedSubnets(selected.subnets, is_pending)


def is_placeholder_zone(zone: str) -> bool:
    """Return whether a zone is a placeholder of the CDK, until the CLI has looked it up."""
    return _PLACEHOLDER_ZONE.fullmatch(zone) is not None


def has_placeholder_zones(vpc: ec2.IVpc) -> bool:
    """Return whether the CLI has yet to look up the Availability Zones of a VPC."""
    return any(map(_PLACEHOLDER_ZONE.fullmatch, vpc.availability_zones))


def _reject_other_vpcs(vpc: ec2.IVpc, argument: Argument, subnets: Sequence[ec2.ISubnet]) -> None:
    for subnet in subnets:
        if isinstance(subnet.node.scope, ec2.Vpc) and subnet.node.scope is not vpc:
            raise argument.value_error(
                "must not contain a subnet of another VPC",
                got=subnet.node.path,
                fix=f"pass subnets of `{vpc.node.path}`",
            )


def _describe(selection: object) -> str:
    """Return the fields of a selection as an error message shows them."""
    fields = {name: getattr(selection, name, None) for name in _FIELDS}
    given = [f"`{name}={value}`" for name, value in fields.items() if value is not None]
    return ", ".join(given) or "the default selection"


def _may_be_equal(zone: str, other: str) -> bool:
    """Return whether two zones may be the same, as a name and a token can be."""
    comparable = any(form.fullmatch(zone) and form.fullmatch(other) for form in _COMPARABLE_ZONES)
    return zone == other or not comparable


def resolve_zone(zone: str, scope: Construct) -> str:
    """Return an Availability Zone, equal for different tokens of one zone."""
    if not is_string_token(zone):
        return zone
    return json.dumps(stack_of(scope).resolve(zone), sort_keys=True)


def _find_blocks(vpc: ec2.Vpc) -> list[CfnResource]:
    """Return the additional CIDR blocks of all VPCs in the app."""
    return [
        each
        for each in vpc.node.root.node.find_all()
        if isinstance(each, CfnResource) and each.cfn_resource_type == "AWS::EC2::VPCCidrBlock"
    ]


def _may_have_ipv6(block: CfnResource, vpc: ec2.Vpc) -> bool:
    """Return whether a CIDR block may be an IPv6 block of a VPC."""
    if not isinstance(block, ec2.CfnVPCCidrBlock):
        return True
    is_ipv4 = block.cidr_block is not None or block.ipv4_ipam_pool_id is not None
    return not is_ipv4 and _is_part_of(block, vpc)


def _is_part_of(block: ec2.CfnVPCCidrBlock, vpc: ec2.IVpc) -> bool:
    stack = Stack.of(block)
    return bool(stack.resolve(block.vpc_id) == stack.resolve(vpc.vpc_id))
