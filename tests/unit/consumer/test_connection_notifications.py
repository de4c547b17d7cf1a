"""Connection notifications of interface endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match

from cdk_privatelink import (
    ConnectionEvent,
    InterfaceEndpoint,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import IRELAND, NAME, catch_error, existing_vpc, find_unlinted
from tests.unit.templates import NOTIFICATION, make_service, only, resources_of

TOPIC_POLICY = "AWS::SNS::TopicPolicy"


def connect(stack: Stack, **options: Any) -> InterfaceEndpoint:
    return InterfaceEndpoint(
        stack, "Endpoint", vpc=existing_vpc(stack), **{"service": NAME} | options
    )


def endpoint_id(stack: Stack) -> dict[str, str]:
    (logical_id,) = resources_of(stack, "AWS::EC2::VPCEndpoint")
    return {"Ref": logical_id}


def arn(end: list[Any]) -> dict[str, Any]:
    place = [{"Ref": f"AWS::{each}"} for each in ("Partition", "Region", "AccountId")]
    parts = ["arn:", place[0], ":ec2:", place[1], ":", place[2]]
    return {"Fn::Join": ["", [*parts, *end]]}


def test_a_topic_receives_every_event_of_the_endpoint_by_default(stack: Stack) -> None:
    connect(stack).add_connection_notification(sns.Topic(stack, "Topic"))
    ((topic_id, _),) = resources_of(stack, "AWS::SNS::Topic").items()
    assert only(stack, NOTIFICATION)["Properties"] == {
        "VPCEndpointId": endpoint_id(stack),
        "ConnectionNotificationArn": {"Ref": topic_id},
        "ConnectionEvents": ["Accept", "Connect", "Delete", "Reject"],
    }


def test_the_topic_allows_ec2_to_publish_for_this_endpoint_only(stack: Stack) -> None:
    connect(stack).add_connection_notification(sns.Topic(stack, "Topic"))
    (statement,) = only(stack, TOPIC_POLICY)["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "vpce.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn([":vpc-endpoint/", endpoint_id(stack)])},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    (policy_id,) = resources_of(stack, TOPIC_POLICY)
    assert policy_id in only(stack, NOTIFICATION)["DependsOn"]


def test_a_key_allows_every_endpoint_of_the_account(stack: Stack) -> None:
    topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    connect(stack).add_connection_notification(topic)
    statements = only(stack, "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"]
    (statement,) = [each for each in statements if "Service" in each["Principal"]]
    condition = statement["Condition"]["ArnLike"]
    assert condition == {"aws:SourceArn": arn([":vpc-endpoint/*"])}


def test_another_call_for_the_topic_adds_events(stack: Stack) -> None:
    endpoint, topic = connect(stack), sns.Topic(stack, "Topic")
    endpoint.add_connection_notification(topic, events=[ConnectionEvent.ACCEPT])
    endpoint.add_connection_notification(
        topic, events=[ConnectionEvent.REJECT, ConnectionEvent.ACCEPT]
    )
    events = only(stack, NOTIFICATION)["Properties"]["ConnectionEvents"]
    assert events == ["Accept", "Reject"]


def test_a_service_and_its_endpoint_can_share_a_topic(stack: Stack) -> None:
    service, topic = make_service(stack), sns.Topic(stack, "Topic")
    service.add_connection_notification(topic)
    connect(stack, service=service).add_connection_notification(topic)
    assert len(resources_of(stack, NOTIFICATION)) == 2
    statements = only(stack, TOPIC_POLICY)["Properties"]["PolicyDocument"]["Statement"]
    assert len(statements) == 2


def test_an_imported_topic_is_warned_about(stack: Stack) -> None:
    imported = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:one")
    connect(stack).add_connection_notification(imported)
    text = (
        r"The endpoint may not be able to notify the topic `Stack/Topic`, which is imported, .* "
        r"`Annotations\.of\(endpoint\)\.acknowledge_warning"
    )
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(text))
    assert len(found) == 1


def test_a_topic_in_another_stack_allows_every_endpoint_of_the_account() -> None:
    app = App()
    other = Stack(app, "Other", env=IRELAND)
    topic = sns.Topic(other, "Topic")
    stack = Stack(app, "Stack", env=IRELAND)
    connect(stack).add_connection_notification(topic)
    (policy,) = find_unlinted(other, TOPIC_POLICY).values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    # A recommended flag writes the partition as a literal.
    assert ":ec2:eu-west-1:111122223333:vpc-endpoint/*'" in f"{statement['Condition']['ArnLike']}"


def test_a_topic_in_another_stage_is_rejected() -> None:
    app = App()
    stack, other = (Stack(Stage(app, name), "Stack") for name in ("One", "Other"))
    endpoint, topic = connect(stack), sns.Topic(other, "Topic")
    message = catch_error(
        stack,
        PrivateLinkValueError,
        lambda: endpoint.add_connection_notification(topic),
    )
    assert message.startswith("`topic` must be in the same stage, ")


@pytest.mark.parametrize(
    ("options", "error_type", "message"),
    [
        (
            {"topic": "arn:aws:sns:eu-west-1:111122223333:one"},
            PrivateLinkTypeError,
            "`topic` must be an SNS topic, got `'arn:aws:sns:eu-west-1:111122223333:one'`; pass an "
            "`sns.Topic`, or import a topic with `sns.Topic.from_topic_arn()`  [Stack/Endpoint]",
        ),
        (
            {"events": []},
            PrivateLinkValueError,
            "`events` must not be empty, got `[]`; pass one element or more, or leave it out"
            "  [Stack/Endpoint]",
        ),
        (
            {"events": ["Accept"]},
            PrivateLinkTypeError,
            "`events[0]` must be a member of `ConnectionEvent`, got `'Accept'`; pass "
            "`ConnectionEvent.ACCEPT`, `ConnectionEvent.CONNECT`, `ConnectionEvent.DELETE` or "
            "`ConnectionEvent.REJECT`  [Stack/Endpoint]",
        ),
    ],
)
def test_bad_input_is_rejected(
    stack: Stack, options: dict[str, Any], error_type: type[Exception], message: str
) -> None:
    endpoint = connect(stack)
    arguments = {"topic": sns.Topic(stack, "Topic")} | options
    found = catch_error(
        stack, error_type, lambda: endpoint.add_connection_notification(**arguments)
    )
    assert found == message
