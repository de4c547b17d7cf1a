"""What becomes of the connections to an endpoint service, told to a topic."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, cast

from aws_cdk import Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import checked_list, is_resource
from .._internal.scopes import told_as_ours
from ..errors import PrivateLinkTypeError
from .endpoint_service_base import IPrivateLinkEndpointService

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns


class ConnectionEvent(Enum):
    """What can happen to a connection between an endpoint and a service."""

    ACCEPT = "Accept"
    """The owner of the service accepts a connection."""

    CONNECT = "Connect"
    """A consumer asks for a connection."""

    DELETE = "Delete"
    """A consumer deletes an endpoint."""

    REJECT = "Reject"
    """The owner of the service rejects a connection."""


def checked_events(events: object, *, scope: Construct) -> list[ConnectionEvent]:
    """Check the events and return them without repetitions, all of them for ``None``.

    :raises PrivateLinkTypeError: Not a list, or something in it that is no event.
    :raises PrivateLinkValueError: An empty list.
    """
    return checked_list(
        "events",
        ConnectionEvent if events is None else events,
        ConnectionEvent,
        takes="`ConnectionEvent`",
        fix="pass one or more of "
        + ", ".join(f"`ConnectionEvent.{event.name}`" for event in ConnectionEvent),
        scope=scope,
    )


def check_topic(topic: object, *, scope: Construct) -> None:
    """Check that it is a topic.

    :raises PrivateLinkTypeError: It is not.
    """
    if not is_resource(topic, "topic_arn", "add_to_resource_policy"):
        raise PrivateLinkTypeError(
            "topic",
            "takes a topic",
            got=f"`{topic!r}`",
            fix="pass a `Topic` of `aws_sns`, an existing one as `Topic.from_topic_arn()`",
            scope=scope,
        )


def notify_topic(
    service: IPrivateLinkEndpointService, topic: sns.ITopic, events: list[ConnectionEvent]
) -> None:
    """Have EC2 tell the topic of the events, besides those that it is told of already."""
    notification_id = _notification_id(service, topic)
    found = service.node.try_find_child(notification_id)
    if isinstance(found, ec2.CfnVPCEndpointConnectionNotification):
        known = found.connection_events
        found.connection_events = [
            *known,
            *(event.value for event in events if event.value not in known),
        ]
        return
    with told_as_ours(
        "add_connection_notification", fix=f"keep the id `{notification_id}` free", scope=service
    ):
        notification = ec2.CfnVPCEndpointConnectionNotification(
            service,
            notification_id,
            connection_notification_arn=topic.topic_arn,
            connection_events=[event.value for event in events],
            service_id=service.service_id,
        )
    _allow_to_publish(service, topic, notification)


def _notification_id(service: Construct, topic: sns.ITopic) -> str:
    """Tell topics apart by their place in the stack, or else in the stage.

    So every stage has the same ids, and they do not depend on the order of construction.
    """
    own = Stack.of(topic) is Stack.of(service)
    around = Stack.of(topic) if own else Stage.of(topic)
    # The CDK makes two hyphens of each slash, so that ids with hyphens could be taken for paths.
    place = topic.node.path.removeprefix(around.node.path if around else "").replace("-", "%2D")
    return ("Notification" if own else "NotificationAcrossStacks") + place


def _allow_to_publish(
    service: IPrivateLinkEndpointService,
    topic: sns.ITopic,
    notification: ec2.CfnVPCEndpointConnectionNotification,
) -> None:
    stack = Stack.of(service)
    any_service = stack.format_arn(
        service="ec2", resource="vpc-endpoint-service", resource_name="*"
    )
    # The id of the service in a policy in another stack would make the two stacks depend on each
    # other. So it is every endpoint service of this account and region.
    same_stack = Stack.of(topic) is stack
    added = topic.add_to_resource_policy(
        _statement(
            stack,
            ["sns:Publish"],
            resource=topic.topic_arn,
            on_behalf_of=service.service_arn if same_stack else any_service,
        )
    )
    # A notification is of no use, and may be refused, before it can be published. For a topic in a
    # nested stack, the reference to it waits for all of that stack already.
    nested = Stack.of(topic).nested_stack_parent is not None
    if added.policy_dependable is not None and (same_stack or not nested):
        notification.node.add_dependency(added.policy_dependable)
    if topic.master_key is not None:
        # The policy is part of the key, and the service may depend on what the key encrypts: with
        # the id of the service in it, they would depend on each other. In the policy of a key, the
        # resource means that key.
        topic.master_key.add_to_resource_policy(
            _statement(
                stack,
                ["kms:Decrypt", "kms:GenerateDataKey*"],
                resource="*",
                on_behalf_of=any_service,
            )
        )


def _statement(
    stack: Stack, actions: list[str], *, resource: str, on_behalf_of: str
) -> iam.PolicyStatement:
    """Let EC2 in for a service of this account alone, since anyone's may name a topic."""
    return iam.PolicyStatement(
        principals=[cast(iam.IPrincipal, iam.ServicePrincipal("vpce.amazonaws.com"))],
        actions=actions,
        resources=[resource],
        conditions={
            "ArnLike": {"aws:SourceArn": on_behalf_of},
            "StringEquals": {"aws:SourceAccount": stack.account},
        },
    )
