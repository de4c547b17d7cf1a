"""Logical ids of a construct that has moved to another path in its stack."""

from __future__ import annotations

import re

import jsii
from aws_cdk import Aspects, CfnResource, IAspect, Stack
from constructs import Construct, IConstruct

from .._internal.arguments import matching

FORMER_PATH = matching(
    re.compile(r"[^/]+(/[^/]+)*"),
    problem="must be the path of a construct in its stack",
    fix="pass the ids from the stack to the construct, like `Payments` or `Api/Payments`",
)


def keep_logical_ids(construct: Construct, former_path: str) -> None:
    """Give all resources of a construct the logical ids that they had at another path."""
    Aspects.of(construct).add(_FormerLogicalIds(construct, former_path))


@jsii.implements(IAspect)
class _FormerLogicalIds:
    """An aspect, since resources can be added after the call."""

    def __init__(self, construct: Construct, former_path: str) -> None:
        self._depth = len(construct.node.scopes)
        self._former_path = former_path.split("/")

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource):
            below = [each.node.id for each in node.node.scopes[self._depth :]]
            node.override_logical_id(_logical_id([*self._former_path, *below]))


def _logical_id(path: list[str]) -> str:
    """Return the logical id that the CDK gives to a resource at a path in a stack."""
    stack = Stack()
    parent: Construct = stack
    for ancestor in path[:-1]:
        parent = Construct(parent, ancestor)
    return stack.get_logical_id(CfnResource(parent, path[-1], type="AWS::EC2::VPCEndpointService"))
