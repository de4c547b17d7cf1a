"""CIDR blocks of routes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from .._internal.arguments import Argument
from .._internal.tokens import is_literal, is_single_unknown

# `ipaddress` also accepts a single address, and a netmask like 255.0.0.0.
_BLOCK = re.compile(r"[^/%]+/\d+", re.ASCII)
_FIX = "pass a CIDR block like `0.0.0.0/0` or `::/0`, or subnets of the VPC"


def parse_block(argument: Argument, value: object, *, fix: str = _FIX) -> tuple[str, bool | None]:
    """Return a CIDR block as EC2 stores it, and whether it is an IPv6 block (token: ``None``).

    :raises PrivateLinkTypeError: The value is not a string.
    :raises PrivateLinkValueError: The value is not a CIDR block.
    """
    if not isinstance(value, str):
        raise argument.type_error("must be a CIDR block or subnets", got=value, fix=_FIX)
    if is_single_unknown(value):
        return value, None
    try:
        network = ipaddress.ip_network(value, strict=False) if _BLOCK.fullmatch(value) else None
    except ValueError:
        network = None
    if network is None:
        raise argument.value_error("must be a CIDR block", got=value, fix=fix)
    return str(network), network.version == 6


def merge_blocks(blocks: Sequence[str]) -> list[str]:
    """Return the largest IPv4 CIDR blocks that contain the same addresses."""
    return [str(each) for each in ipaddress.collapse_addresses(map(ipaddress.IPv4Network, blocks))]


def is_in_block(block: str, other: str) -> bool:
    """Return whether an IPv4 CIDR block certainly lies in another one."""
    if not is_literal(block) or not is_literal(other):
        return False
    inner, outer = (ipaddress.ip_network(each, strict=False) for each in (block, other))
    return (
        isinstance(inner, ipaddress.IPv4Network)
        and isinstance(outer, ipaddress.IPv4Network)
        and inner.subnet_of(outer)
    )
