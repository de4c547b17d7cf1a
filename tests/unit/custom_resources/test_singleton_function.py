"""The Lambda function that all custom resources of one kind share in a stack."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import PrivateLinkValueError
from cdk_privatelink.custom_resources.singleton_function import SingletonFunction
from tests.unit.templates import make_service


def get_or_create(stack: Stack) -> SingletonFunction:
    return SingletonFunction.get_or_create(
        stack,
        "Function",
        handler="look_up_service_name",
        description="Looks up names",
        timeout_seconds=180,
        scope=stack,
    )


def functions_of(stack: Stack) -> list[dict[str, Any]]:
    resources = Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    return [resource["Properties"] for resource in resources.values()]


def test_a_stack_has_one_function_for_all_calls(stack: Stack) -> None:
    assert get_or_create(stack).arn == get_or_create(stack).arn
    (function,) = functions_of(stack)
    assert function["Handler"] == "index.look_up_service_name"
    assert (function["Timeout"], function["Runtime"]) == (180, "python3.13")
    assert "def look_up_service_name(" in function["Code"]["ZipFile"]


def test_each_stack_has_a_function_of_its_own() -> None:
    app = App()
    stacks = Stack(app, "One"), Stack(app, "Two")
    for stack in stacks:
        get_or_create(stack)
    assert [len(functions_of(stack)) for stack in stacks] == [1, 1]


def test_find_returns_none_before_the_first_call(stack: Stack) -> None:
    assert SingletonFunction.find(stack, "Function", scope=stack) is None
    assert get_or_create(stack) is SingletonFunction.find(stack, "Function", scope=stack)


def test_each_policy_counts_and_allows_one_action_on_one_resource(stack: Stack) -> None:
    function = get_or_create(stack)
    for name in ("One", "Two"):
        scope = Construct(stack, name)
        function.add_policy(scope, "Policy", actions=["ec2:Do"], resource=f"arn:{name}")
    assert function.policy_count == 2
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    statements = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert statements == [
        {"Action": "ec2:Do", "Effect": "Allow", "Resource": f"arn:{name}"}
        for name in ("One", "Two")
    ]


def test_the_longest_timeout_counts(stack: Stack) -> None:
    function = get_or_create(stack)
    for seconds in (900, 300):
        function.require_timeout(seconds)
    assert functions_of(stack)[0]["Timeout"] == 900


class TestRemoval:
    @pytest.mark.parametrize("again", [False, True])
    def test_a_removed_function_with_custom_resources_is_an_error(
        self, stack: Stack, again: bool
    ) -> None:
        make_service(stack)
        stack.node.try_remove_child("PrivateLinkServiceNameLookup")
        if again:
            make_service(stack, "Again")
        with pytest.raises(RuntimeError) as error:
            Template.from_stack(stack)
        assert (
            "`scope` must keep the functions of this library, got "
            "`Stack/Payments/ServiceName/Default` without `Stack/PrivateLinkServiceNameLookup`; "
            "remove the construct that needs the function, too  [Stack]"
        ) in f"{error.value}"

    def test_a_removed_function_without_custom_resources_is_accepted(self, stack: Stack) -> None:
        make_service(stack)
        Construct(stack, "Other")
        for name in ("Payments", "PrivateLinkServiceNameLookup"):
            stack.node.try_remove_child(name)
        assert functions_of(stack) == []


def test_an_id_of_the_function_that_is_in_use_is_rejected(stack: Stack) -> None:
    Construct(stack, "Function")
    with pytest.raises(PrivateLinkValueError) as error:
        get_or_create(stack)
    assert str(error.value) == (
        "`scope` must keep the ids of this library free, got `Stack/Function`; give that "
        "construct another id  [Stack]"
    )
