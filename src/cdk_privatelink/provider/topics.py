"""SNS topics that EC2 may not be able to notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.tokens import is_literal
from .._internal.warnings import add_warning

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns

_MANAGED_KEY = "alias/aws/sns"


def reject_managed_key(argument: Argument, topic: sns.ITopic) -> None:
    """Check that a topic is not encrypted with the key that AWS manages.

    :raises PrivateLinkValueError: The policy of the key allows no AWS service to use it.
    :see: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    child = topic.node.default_child
    key_ids = (
        getattr(topic.master_key, "key_id", None),
        getattr(child, "kms_master_key_id", None),
    )
    if any(f"{key_id}".endswith(_MANAGED_KEY) for key_id in key_ids):
        raise argument.value_error(
            "must not be encrypted with the key `alias/aws/sns`, whose policy allows no service to "
            "publish",
            got=topic.node.path,
            fix="pass a topic with a `kms.Key` of yours, or without encryption",
        )


def warn_of_place(owner: Construct, topic: sns.ITopic) -> None:
    """Warn about FIFO topics, and about topics in other Regions."""
    if topic.fifo:
        _warn(
            owner,
            topic,
            "is a FIFO topic. Such a topic needs a message group for each message, for which EC2 "
            "has no option. Pass a standard topic.",
        )
    region, expected = topic.env.region, Stack.of(owner).region
    if region != expected and is_literal(region) and is_literal(expected):
        _warn(
            owner,
            topic,
            f"is in {region}. AWS documents no notifications to other Regions. Pass a topic in "
            f"{expected}.",
        )


def warn_of_topic_policy(owner: Construct, topic: sns.ITopic) -> None:
    """Warn that the policy of an imported topic has to allow publishing."""
    _warn(
        owner,
        topic,
        "is imported, so that the app cannot extend its policy. The policy must allow "
        "`vpce.amazonaws.com` the action `sns:Publish`.",
    )


def warn_of_key_policy(owner: Construct, topic: sns.ITopic) -> None:
    """Warn that the policy of an imported key has to allow publishing."""
    _warn(
        owner,
        topic,
        "has an imported key, so that the app cannot extend the policy of the key. The policy must "
        "allow `vpce.amazonaws.com` the actions `kms:Decrypt` and `kms:GenerateDataKey*`.",
    )


def _warn(owner: Construct, topic: sns.ITopic, problem: str) -> None:
    kind = "endpoint" if isinstance(owner, ec2.InterfaceVpcEndpoint) else "service"
    add_warning(
        owner,
        "cdk-privatelink:topicMayBeUnreachable",
        f"The {kind} may not be able to notify the topic `{topic.node.path}`, which {problem}",
        variable=kind,
    )
