"""Topics that EC2 may not be able to notify."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Annotations as ConstructAnnotations
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import PrivateLinkValueError
from tests.unit.networks import catch_error
from tests.unit.templates import make_service

WARNING = "cdk-privatelink:topicMayBeUnreachable"
ENV = Environment(account="111122223333", region="eu-west-1")


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack", env=ENV)


def by_alias(stack: Stack) -> Any:
    return sns.Topic(
        stack, "Topic", master_key=kms.Alias.from_alias_name(stack, "Key", "alias/aws/sns")
    )


def by_property(stack: Stack) -> Any:
    topic = sns.Topic(stack, "Topic")
    resource = topic.node.default_child
    assert isinstance(resource, sns.CfnTopic)
    resource.kms_master_key_id = "arn:aws:kms:eu-west-1:111122223333:alias/aws/sns"
    return topic


@pytest.mark.parametrize("make", [by_alias, by_property])
def test_a_topic_with_the_key_of_aws_is_rejected(
    stack: Stack, make: Callable[[Stack], Any]
) -> None:
    service, topic = make_service(stack), make(stack)
    assert catch_error(
        stack, PrivateLinkValueError, lambda: service.add_connection_notification(topic)
    ) == (
        "`topic` must not be encrypted with the key `alias/aws/sns`, whose policy allows no "
        "service to publish, got `Stack/Topic`; pass a topic with a `kms.Key` of yours, or without "
        "encryption  [Stack/Payments]"
    )


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("/Stack/Payments", Match.any_value())
    start, end = "The service may not be able to notify the topic ", " If this is intended, "
    texts = [f"{each.entry.data}" for each in found]
    assert all(text.startswith(start) and text.endswith(f"[ack: {WARNING}]") for text in texts)
    return [text.removeprefix(start).partition(end)[0] for text in texts]


def imported(stack: Stack) -> Any:
    return sns.Topic.from_topic_arn(
        stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:connections"
    )


def imported_elsewhere(stack: Stack) -> Any:
    return sns.Topic.from_topic_arn(
        stack, "Topic", "arn:aws:sns:us-east-1:111122223333:connections"
    )


def with_imported_key(stack: Stack) -> Any:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/one")
    return sns.Topic(stack, "Topic", master_key=key)


def fifo(stack: Stack) -> Any:
    return sns.Topic(stack, "Topic", fifo=True)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            imported,
            [
                "`Stack/Topic`, which is imported, so that the app cannot extend its policy. The "
                "policy must allow `vpce.amazonaws.com` the action `sns:Publish`."
            ],
        ),
        (
            imported_elsewhere,
            [
                "`Stack/Topic`, which is in us-east-1. AWS documents no notifications to other "
                "Regions. Pass a topic in eu-west-1.",
                "`Stack/Topic`, which is imported, so that the app cannot extend its policy. The "
                "policy must allow `vpce.amazonaws.com` the action `sns:Publish`.",
            ],
        ),
        (
            with_imported_key,
            [
                "`Stack/Topic`, which has an imported key, so that the app cannot extend the "
                "policy of the key. The policy must allow `vpce.amazonaws.com` the actions "
                "`kms:Decrypt` and `kms:GenerateDataKey*`."
            ],
        ),
        (
            fifo,
            [
                "`Stack/Topic`, which is a FIFO topic. Such a topic needs a message group for each "
                "message, for which EC2 has no option. Pass a standard topic."
            ],
        ),
    ],
)
def test_a_topic_that_ec2_may_not_reach_adds_a_warning(
    stack: Stack, make: Callable[[Stack], Any], expected: list[str]
) -> None:
    make_service(stack).add_connection_notification(make(stack))
    assert warnings_of(stack) == expected


def test_the_warning_can_be_acknowledged(stack: Stack) -> None:
    service = make_service(stack)
    service.add_connection_notification(imported(stack))
    ConstructAnnotations.of(service).acknowledge_warning(WARNING)
    assert warnings_of(stack) == []


@pytest.mark.parametrize("has_key", [False, True])
def test_a_topic_of_the_app_adds_no_warning(stack: Stack, has_key: bool) -> None:
    key = kms.Key(stack, "Key") if has_key else None
    make_service(stack).add_connection_notification(sns.Topic(stack, "Topic", master_key=key))
    assert warnings_of(stack) == []


def test_a_topic_in_an_unknown_region_adds_no_warning() -> None:
    app = App()
    stack = Stack(app, "Stack")
    topics = Stack(app, "Topics", env=ENV)
    make_service(stack).add_connection_notification(sns.Topic(topics, "Topic", topic_name="events"))
    assert warnings_of(stack) == []
