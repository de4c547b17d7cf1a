"""Notifications of connection events through Amazon SNS."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal, cast

from aws_cdk import Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Arguments, Rule, cdk_object, list_of, member_of, optional
from .._internal.scopes import require_same_stage, reserved_id
from .topics import (
    reject_managed_key,
    warn_of_key_policy,
    warn_of_place,
    warn_of_topic_policy,
)

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns

_TOPIC: Rule[sns.ITopic] = cdk_object(
    "node",
    "topic_arn",
    "add_to_resource_policy",
    problem="must be an SNS topic",
    fix="pass an `sns.Topic`, or import a topic with `sns.Topic.from_topic_arn()`",
)


class ConnectionEvent(Enum):
    """An event of a connection between an endpoint and a service."""

    ACCEPT = "Accept"
    """The owner of the service accepts a connection."""

    CONNECT = "Connect"
    """A consumer requests a connection."""

    DELETE = "Delete"
    """A consumer deletes an endpoint."""

    REJECT = "Reject"
    """The owner of the service rejects a connection."""


_EVENTS = optional(list_of(member_of(ConnectionEvent)))


def add_notification(
    owner: Construct,
    topic: object,
    events: object,
    *,
    resource: Literal["vpc-endpoint", "vpc-endpoint-service"],
    resource_id: str,
) -> None:
    """Send events to a topic, besides the events that it receives already.

    :param owner: The endpoint service or the endpoint, whose method has the arguments.
    :param resource: The type of the owner in its ARN.
    :param resource_id: The id of the owner.
    :raises PrivateLinkError: The topic or the events are wrong.
    """
    check = Arguments(owner)
    checked_topic = check("topic", topic, _TOPIC)
    require_same_stage(check.argument("topic"), checked_topic, owner)
    names = [event.value for event in check("events", events, _EVENTS) or ConnectionEvent]
    notification_id = _notification_id(owner, checked_topic)
    existing = owner.node.try_find_child(notification_id)
    if isinstance(existing, ec2.CfnVPCEndpointConnectionNotification):
        names = [*existing.connection_events, *names]
        existing.connection_events = list(dict.fromkeys(names))
        return
    reject_managed_key(check.argument("topic"), checked_topic)
    is_service = resource == "vpc-endpoint-service"
    with reserved_id(owner, notification_id, scope=owner):
        notification = ec2.CfnVPCEndpointConnectionNotification(
            owner,
            notification_id,
            connection_notification_arn=checked_topic.topic_arn,
            connection_events=names,
            service_id=resource_id if is_service else None,
            vpc_endpoint_id=None if is_service else resource_id,
        )
    warn_of_place(owner, checked_topic)
    _allow_publishing(
        owner, checked_topic, notification, resource=resource, resource_id=resource_id
    )


def _notification_id(owner: Construct, topic: sns.ITopic) -> str:
    """Return an id from the path of the topic in the stack, or else in the stage.

    The id is the same in every stage and independent of the order of construction.
    """
    same_stack = Stack.of(topic) is Stack.of(owner)
    parent = Stack.of(topic) if same_stack else Stage.of(topic)
    # The CDK replaces each slash in an id with two hyphens. Escaped hyphens keep ids different.
    path = topic.node.path.removeprefix(parent.node.path if parent else "").replace("-", "%2D")
    return ("Notification" if same_stack else "NotificationAcrossStacks") + path


def _allow_publishing(
    owner: Construct,
    topic: sns.ITopic,
    notification: ec2.CfnVPCEndpointConnectionNotification,
    *,
    resource: str,
    resource_id: str,
) -> None:
    stack = Stack.of(owner)
    own_arn, any_arn = (
        stack.format_arn(service="ec2", resource=resource, resource_name=name)
        for name in (resource_id, "*")
    )
    # A policy in another stack cannot contain the id of the owner: the stacks would depend on each
    # other. It allows every owner of the type in the account and Region instead.
    same_stack = Stack.of(topic) is stack
    result = topic.add_to_resource_policy(
        _statement(
            stack,
            ["sns:Publish"],
            resource=topic.topic_arn,
            source_arn=own_arn if same_stack else any_arn,
        )
    )
    if not result.statement_added:
        warn_of_topic_policy(owner, topic)
    # EC2 may reject a notification whose topic does not allow publishing yet. A reference to a
    # topic in a nested stack waits for the whole nested stack anyway.
    is_nested = Stack.of(topic).nested_stack_parent is not None
    if result.policy_dependable is not None and (same_stack or not is_nested):
        notification.node.add_dependency(result.policy_dependable)
    if topic.master_key is not None:
        # The policy is a part of the key, and the owner may depend on resources that use the key.
        # With the id of the owner in the policy, they would depend on each other. In a key policy,
        # the resource `*` stands for the key itself.
        key_result = topic.master_key.add_to_resource_policy(
            _statement(
                stack,
                ["kms:Decrypt", "kms:GenerateDataKey*"],
                resource="*",
                source_arn=any_arn,
            )
        )
        if not key_result.statement_added:
            warn_of_key_policy(owner, topic)


def _statement(
    stack: Stack, actions: list[str], *, resource: str, source_arn: str
) -> iam.PolicyStatement:
    """Allow EC2 to act for services of this account only, since any service can name a topic."""
    return iam.PolicyStatement(
        principals=[cast(iam.IPrincipal, iam.ServicePrincipal("vpce.amazonaws.com"))],
        actions=actions,
        resources=[resource],
        conditions={
            "ArnLike": {"aws:SourceArn": source_arn},
            "StringEquals": {"aws:SourceAccount": stack.account},
        },
    )
