"""What becomes of the connections to an endpoint service, told to a topic."""

from __future__ import annotations

from enum import Enum
from typing import cast

from aws_cdk import Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from .errors import PrivateLinkTypeError
from .interface import IPrivateLinkEndpointService
from .lists import checked_list


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
    if not hasattr(topic, "topic_arn"):
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
    if found is not None:
        notification = cast(ec2.CfnVPCEndpointConnectionNotification, found)
        known = notification.connection_events
        notification.connection_events = [
            *known,
            *(event.value for event in events if event.value not in known),
        ]
        return
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
    place = topic.node.path.removeprefix(around.node.path if around else "")
    return ("Notification" if own else "NotificationAcrossStacks") + place


def _allow_to_publish(
    service: IPrivateLinkEndpointService,
    topic: sns.ITopic,
    notification: ec2.CfnVPCEndpointConnectionNotification,
) -> None:
    added = topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[_principal()],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=_conditions(service, topic),
        )
    )
    if added.policy_dependable is not None:
        # EC2 refuses a notification that it could not publish.
        notification.node.add_dependency(added.policy_dependable)
    key = topic.master_key
    if key is not None:
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[_principal()],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                # In the policy of a key, this means that key.
                resources=["*"],
                conditions=_conditions(service, key),
            )
        )


def _principal() -> iam.IPrincipal:
    return cast(iam.IPrincipal, iam.ServicePrincipal("vpce.amazonaws.com"))


def _conditions(service: IPrivateLinkEndpointService, target: IConstruct) -> dict[str, object]:
    """Say on whose behalf EC2 may come, since any service of anyone may name a topic."""
    stack, service_arn = Stack.of(service), service.service_arn
    if Stack.of(target) is not stack:
        # The id of the service in a policy in another stack would make the two stacks depend on
        # each other. So it is every endpoint service of this account and region.
        service_arn = stack.format_arn(
            service="ec2", resource="vpc-endpoint-service", resource_name="*"
        )
    return {
        "ArnLike": {"aws:SourceArn": service_arn},
        "StringEquals": {"aws:SourceAccount": stack.account},
    }
