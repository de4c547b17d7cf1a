from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from cdk_privatelink import (
    ConnectionEvent,
    LoadBalancers,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import catch_error
from tests.unit.templates import GATEWAY_ARN, NOTIFICATION, make_service, only, resources_of

TOPIC_POLICY = "AWS::SNS::TopicPolicy"
ALL = ["Accept", "Connect", "Delete", "Reject"]


def service_arn(resource: dict[str, Any] | str) -> dict[str, Any]:
    place = [{"Ref": f"AWS::{each}"} for each in ("Partition", "Region", "AccountId")]
    parts = ["arn:", place[0], ":ec2:", place[1], ":", place[2]]
    end = (
        [f":vpc-endpoint-service/{resource}"]
        if isinstance(resource, str)
        else [":vpc-endpoint-service/", resource]
    )
    return {"Fn::Join": ["", [*parts, *end]]}


def conditions(resource: dict[str, Any] | str) -> dict[str, Any]:
    return {
        "ArnLike": {"aws:SourceArn": service_arn(resource)},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


THIS_SERVICE = conditions({"Ref": "Payments130453D3"})


def statements(stack: Stack) -> list[dict[str, Any]]:
    """Return the statements of the topic policy, without their ids."""
    found = only(stack, TOPIC_POLICY)["Properties"]["PolicyDocument"]["Statement"]
    return [{key: value for key, value in each.items() if key != "Sid"} for each in found]


class TestNotification:
    def test_a_notification_has_every_event_by_default(self, stack: Stack) -> None:
        make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"))
        ((topic_id, _),) = resources_of(stack, "AWS::SNS::Topic").items()
        assert only(stack, NOTIFICATION)["Properties"] == {
            "ServiceId": {"Ref": "Payments130453D3"},
            "ConnectionNotificationArn": {"Ref": topic_id},
            "ConnectionEvents": ALL,
        }

    def test_repeated_events_are_deduplicated(self, stack: Stack) -> None:
        events = [ConnectionEvent.CONNECT, ConnectionEvent.DELETE, ConnectionEvent.CONNECT]
        make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=events)
        assert only(stack, NOTIFICATION)["Properties"]["ConnectionEvents"] == ["Connect", "Delete"]

    def test_events_can_come_from_a_generator(self, stack: Stack) -> None:
        events: Any = (event for event in ConnectionEvent if event.name.startswith("A"))
        make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=events)
        assert only(stack, NOTIFICATION)["Properties"]["ConnectionEvents"] == ["Accept"]

    def test_another_call_for_the_same_topic_adds_events(self, stack: Stack) -> None:
        service, topic = make_service(stack), sns.Topic(stack, "Topic")
        service.add_connection_notification(topic, events=[ConnectionEvent.REJECT])
        service.add_connection_notification(
            topic, events=[ConnectionEvent.REJECT, ConnectionEvent.ACCEPT]
        )
        assert only(stack, NOTIFICATION)["Properties"]["ConnectionEvents"] == ["Reject", "Accept"]
        assert len(statements(stack)) == 1

    def test_a_service_can_notify_several_topics(self, stack: Stack) -> None:
        service = make_service(stack)
        service.add_connection_notification(sns.Topic(stack, "One"))
        service.add_connection_notification(sns.Topic(stack, "Two"))
        assert len(resources_of(stack, NOTIFICATION)) == 2

    def test_several_services_can_notify_one_topic(self, stack: Stack) -> None:
        topic = sns.Topic(stack, "Topic")
        for name in ("One", "Two"):
            make_service(stack, name).add_connection_notification(topic)
        assert len(resources_of(stack, NOTIFICATION)) == 2
        assert len(statements(stack)) == 2

    def test_topics_of_the_same_path_in_several_stacks_have_notifications_of_their_own(
        self,
    ) -> None:
        app = App()
        own, other = Stack(app, "Own"), Stack(app, "Other")
        service = make_service(own)
        for stack in (own, other):
            service.add_connection_notification(sns.Topic(stack, "Topic"))
        assert len(resources_of(own, NOTIFICATION)) == 2

    def test_the_logical_ids_of_notifications_are_the_same_in_every_stage(self) -> None:
        app = App()
        ids = []
        for name in ("Test", "Production"):
            stage = Stage(app, name)
            topics, stack = Stack(stage, "Topics"), Stack(stage, "Stack")
            service = make_service(stack)
            service.add_connection_notification(sns.Topic(topics, "Topic"))
            service.add_connection_notification(sns.Topic(stack, "Topic"))
            ids.append(set(resources_of(stack, NOTIFICATION)))
        assert ids[0] == ids[1]


class TestPolicies:
    def test_the_topic_policy_allows_publishing_for_this_service_only(self, stack: Stack) -> None:
        make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"))
        ((topic_id, _),) = resources_of(stack, "AWS::SNS::Topic").items()
        assert statements(stack) == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpce.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": {"Ref": topic_id},
                "Condition": THIS_SERVICE,
            }
        ]

    def test_the_notification_depends_on_the_topic_policy(self, stack: Stack) -> None:
        make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"))
        assert only(stack, NOTIFICATION)["DependsOn"] == list(resources_of(stack, TOPIC_POLICY))

    def test_the_key_of_an_encrypted_topic_allows_endpoint_services_to_use_it(
        self, stack: Stack
    ) -> None:
        topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
        make_service(stack).add_connection_notification(topic)
        policy = only(stack, "AWS::KMS::Key")["Properties"]["KeyPolicy"]
        assert policy["Statement"][1:] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpce.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": conditions("*"),
            }
        ]

    def test_a_load_balancer_that_depends_on_the_key_causes_no_cycle(self, stack: Stack) -> None:
        # GIVEN a load balancer that depends on the key of the topic
        key = kms.Key(stack, "Key")
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=ec2.Vpc(stack, "Vpc"))
        nlb.node.add_dependency(key)
        topic = sns.Topic(stack, "Topic", master_key=key)
        # THEN cfn-lint finds no cycle in the template
        make_service(stack, load_balancers=LoadBalancers.network(nlb)).add_connection_notification(
            topic
        )
        assert len(resources_of(stack, NOTIFICATION)) == 1

    def test_policies_in_other_stacks_allow_all_services_of_the_account(self) -> None:
        app = App()
        keys, topics, stack = (Stack(app, name) for name in ("Keys", "Topics", "Stack"))
        topic = sns.Topic(topics, "Topic", master_key=kms.Key(keys, "Key"))
        make_service(stack).add_connection_notification(topic)
        # No policy names the service, so that the stacks do not depend on each other.
        assert statements(topics)[0]["Condition"] == conditions("*")
        policy = only(keys, "AWS::KMS::Key")["Properties"]["KeyPolicy"]
        assert policy["Statement"][1]["Condition"] == conditions("*")
        app.synth()
        assert topics in stack.dependencies

    def test_a_topic_in_another_stage_is_rejected(self) -> None:
        app = App()
        stack, other = (Stack(Stage(app, name), "Stack") for name in ("One", "Other"))
        service, topic = make_service(stack), sns.Topic(other, "Topic")
        message = catch_error(
            stack, PrivateLinkValueError, lambda: service.add_connection_notification(topic)
        )
        assert message == (
            "`topic` must be in the same stage, because each stage is deployed separately, got "
            "`Other/Stack/Topic`; import it in the stage, by its ARN or its attributes  "
            "[One/Stack/Payments]"
        )

    def test_a_key_in_another_stack_than_the_topic_allows_all_services_of_the_account(self) -> None:
        app = App()
        keys, stack = Stack(app, "Keys"), Stack(app, "Stack")
        topic = sns.Topic(stack, "Topic", master_key=kms.Key(keys, "Key"))
        make_service(stack).add_connection_notification(topic)
        assert statements(stack)[0]["Condition"] == THIS_SERVICE
        policy = only(keys, "AWS::KMS::Key")["Properties"]["KeyPolicy"]
        assert policy["Statement"][1]["Condition"] == conditions("*")
        app.synth()

    def test_an_imported_topic_has_no_new_policy(self, stack: Stack) -> None:
        arn = "arn:aws:sns:eu-west-1:111122223333:alerts"
        make_service(stack).add_connection_notification(
            sns.Topic.from_topic_arn(stack, "Topic", arn)
        )
        assert only(stack, NOTIFICATION)["Properties"]["ConnectionNotificationArn"] == arn
        assert resources_of(stack, TOPIC_POLICY) == {}


class TestOtherStacks:
    def test_the_policy_of_a_topic_in_a_nested_stack_allows_all_services_of_the_account(
        self, stack: Stack
    ) -> None:
        nested = NestedStack(stack, "Nested")
        make_service(stack).add_connection_notification(sns.Topic(nested, "Topic"))
        assert statements(nested)[0]["Condition"]["ArnLike"]["aws:SourceArn"] == service_arn("*")
        # The reference to the nested stack implies a dependency on its policy.
        assert "DependsOn" not in only(stack, NOTIFICATION)

    def test_a_notification_in_a_nested_stack_depends_on_the_topic_policy(
        self, stack: Stack
    ) -> None:
        nested = NestedStack(stack, "Nested")
        make_service(nested).add_connection_notification(sns.Topic(nested, "Topic"))
        assert only(nested, NOTIFICATION)["DependsOn"] == list(resources_of(nested, TOPIC_POLICY))

    @pytest.mark.without_recommended_flags("The partition of a literal Region is a literal.")
    def test_the_policy_of_a_topic_in_another_account_names_the_account_of_the_service(
        self,
    ) -> None:
        app = App()
        topics = Stack(app, "Topics", env=Environment(account="444455556666", region="eu-west-1"))
        stack = Stack(app, "Stack", env=Environment(account="111122223333", region="eu-west-1"))
        make_service(stack).add_connection_notification(
            sns.Topic(topics, "Topic", topic_name="alerts")
        )
        # EC2 publishes on behalf of the account of the service.
        assert statements(topics)[0]["Condition"] == {
            "ArnLike": {
                "aws:SourceArn": {
                    "Fn::Join": [
                        "",
                        [
                            "arn:",
                            {"Ref": "AWS::Partition"},
                            ":ec2:eu-west-1:111122223333:vpc-endpoint-service/*",
                        ],
                    ]
                }
            },
            "StringEquals": {"aws:SourceAccount": "111122223333"},
        }


class TestRejected:
    def test_notifications_for_gateway_load_balancers_are_rejected(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN))
        with pytest.raises(PrivateLinkValueError) as error:
            service.add_connection_notification(sns.Topic(stack, "Topic"))
        assert str(error.value) == (
            "`add_connection_notification` must not be used with Gateway Load Balancers, "
            "for which EC2 does not support it, got `LoadBalancers.gateway()`; leave it "
            "out, or use Network Load Balancers  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", ["arn:aws:sns:eu-west-1:111122223333:alerts", None, 1])
    def test_a_value_that_is_not_a_topic_is_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack).add_connection_notification(wrong)
        assert str(error.value) == (
            f"`topic` must be an SNS topic, got `{wrong!r}`; pass an `sns.Topic`, or import "
            "a topic with `sns.Topic.from_topic_arn()`  [Stack/Payments]"
        )

    @pytest.mark.parametrize("wrong", ["Accept", ConnectionEvent.ACCEPT, 1])
    def test_events_that_are_not_a_list_are_rejected(self, stack: Stack, wrong: Any) -> None:
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=wrong)
        assert str(error.value) == (
            f"`events` must be a list, got `{wrong!r}`; put the value into a list  [Stack/Payments]"
        )
        assert resources_of(stack, NOTIFICATION) == {}

    def test_an_element_that_is_not_an_event_is_rejected(self, stack: Stack) -> None:
        wrong: Any = ["Accept"]
        with pytest.raises(PrivateLinkTypeError) as error:
            make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=wrong)
        assert str(error.value) == (
            "`events[0]` must be a member of `ConnectionEvent`, got `'Accept'`; pass "
            "`ConnectionEvent.ACCEPT`, `ConnectionEvent.CONNECT`, `ConnectionEvent.DELETE` or "
            "`ConnectionEvent.REJECT`  [Stack/Payments]"
        )
        assert resources_of(stack, NOTIFICATION) == {}

    def test_an_empty_list_of_events_is_rejected(self, stack: Stack) -> None:
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=[])
        assert str(error.value).startswith("`events` must not be empty, got `[]`; pass one ")
