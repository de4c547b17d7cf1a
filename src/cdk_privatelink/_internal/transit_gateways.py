"""Attachments of VPCs to transit gateways."""

from __future__ import annotations

from typing import TypeAlias

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .construct_cache import stack_of, stage_path
from .stack_cache import StackCache
from .tokens import is_literal

Attachment: TypeAlias = ec2.CfnTransitGatewayAttachment | ec2.CfnTransitGatewayVpcAttachment


def find_attachments(scope: Construct) -> list[Attachment]:
    """Return the attachments of VPCs in the stage and the Region of a construct."""
    return [
        each
        for each in scope.node.root.node.find_all()
        if isinstance(each, Attachment) and _may_be_connected(each, scope)
    ]


def _may_be_connected(attachment: Attachment, scope: Construct) -> bool:
    if stage_path(stack_of(attachment)) != stage_path(stack_of(scope)):
        return False
    regions = {StackCache.of(each).region for each in (attachment, scope)}
    return len(regions) == 1 or not all(map(is_literal, regions))


def has_appliance_mode(attachment: Attachment) -> bool | None:
    """Return whether an attachment is in appliance mode, ``None`` if the options are a token.

    The names of ``OptionsProperty`` are not those of CloudFormation, so that they enable nothing.
    """
    options = Stack.of(attachment).resolve(attachment.options)
    if options is None:
        return False
    mode = options.get("ApplianceModeSupport", "disable")
    is_token = isinstance(mode, dict) or any(name.startswith("Fn::") for name in options)
    return None if is_token else bool(mode == "enable")
