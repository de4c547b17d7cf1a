"""The CIDR blocks of a VPC, for the rules of security groups."""

from __future__ import annotations

from functools import cache

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2

from .._internal.arguments import Argument
from .._internal.scopes import translate_cdk_errors
from .._internal.subnets import literal_cidr_block
from ..errors import PrivateLinkValueError


def resolve_peers(vpc: ec2.IVpc, address_types: set[str], path: str) -> list[ec2.IPeer]:
    """Return the CIDR blocks of a VPC, for the address types of the endpoint."""
    peers = []
    if "ipv4" in address_types:
        peers.append(_ipv4_peer(_ipv4_block(vpc, path)))
    if "ipv6" in address_types:
        peers.append(ec2.Peer.ipv6(_ipv6_block(vpc, path)))
    return peers


@cache
def _ipv4_peer(block: str) -> ec2.IPeer:
    return ec2.Peer.ipv4(block)


def _ipv4_block(vpc: ec2.IVpc, path: str) -> str:
    """Return the IPv4 CIDR block of a VPC, as a literal if possible."""
    with translate_cdk_errors(
        Argument("vpc", path),
        "must have a known IPv4 CIDR block, which the security group admits",
        got=lambda: f"`{vpc.node.path}`",
        fix="import the VPC with its `vpc_cidr_block`, or pass `open=False`",
    ):
        return literal_cidr_block(vpc) or vpc.vpc_cidr_block


def _ipv6_block(vpc: ec2.IVpc, path: str) -> str:
    blocks = vpc.vpc_ipv6_cidr_blocks if isinstance(vpc, ec2.Vpc) else []
    # The list is a token even if the VPC has no IPv6 CIDR block.
    if not blocks or not any(isinstance(child, ec2.CfnVPCCidrBlock) for child in vpc.node.children):
        raise PrivateLinkValueError(
            "vpc",
            "must have a known IPv6 CIDR block, which the security group admits",
            got=f"`{vpc.node.path}`",
            fix="pass a dual-stack VPC of the same app, or pass `open=False` and add the rules of "
            "the security group yourself",
            scope=path,
        )
    return Fn.select(0, blocks)
