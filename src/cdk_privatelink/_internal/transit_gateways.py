"""Attachments of VPCs to transit gateways."""

from __future__ import annotations

from typing import TypeAlias

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

Attachment: TypeAlias = ec2.CfnTransitGatewayAttachment | ec2.CfnTransitGatewayVpcAttachment


def find_attachments(scope: Construct) -> list[Attachment]:
    """Return the attachments of VPCs in the app."""
    return [each for each in scope.node.root.node.find_all() if isinstance(each, Attachment)]


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
