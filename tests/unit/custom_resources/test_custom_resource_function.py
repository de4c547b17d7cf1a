"""The Lambda function that all custom resources of a stack share."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from constructs import Construct

from cdk_privatelink import PrivateLinkValueError
from cdk_privatelink._internal.arguments import Argument
from cdk_privatelink.custom_resources.custom_resource_function import (
    CustomResourceFunction,
    validate_permissions,
)
from tests.unit.templates import make_service

ID = "PrivateLinkCustomResources"


def get_or_create(stack: Stack) -> CustomResourceFunction:
    return CustomResourceFunction.get_or_create(stack, scope=stack)


def functions_of(stack: Stack) -> list[dict[str, Any]]:
    resources = Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    return [resource["Properties"] for resource in resources.values()]


def test_a_stack_has_one_function_for_all_calls(stack: Stack) -> None:
    assert get_or_create(stack).arn == get_or_create(stack).arn
    (function,) = functions_of(stack)
    assert function["Handler"] == "index.handler"
    assert (function["Timeout"], function["Runtime"]) == (900, "python3.13")
    assert "def handler(" in function["Code"]["ZipFile"]


def test_each_stack_has_a_function_of_its_own() -> None:
    app = App()
    stacks = Stack(app, "One"), Stack(app, "Two")
    for stack in stacks:
        get_or_create(stack)
    assert [len(functions_of(stack)) for stack in stacks] == [1, 1]


def test_each_service_has_one_statement_for_all_actions(stack: Stack) -> None:
    function = get_or_create(stack)
    services = [Construct(stack, name) for name in ("One", "Two")]
    for action in ("ec2:Do", "ec2:Undo"):
        for service in services:
            function.allow(service, actions=[action], resource_arn=f"arn:{service.node.id}")
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    statements = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert statements == [
        {"Action": ["ec2:Do", "ec2:Undo"], "Effect": "Allow", "Resource": f"arn:{name}"}
        for name in ("One", "Two")
    ]


def test_actions_need_room_in_the_role(stack: Stack) -> None:
    function = get_or_create(stack)
    argument = Argument("option", stack)
    actions = [f"ec2:{'x' * 4600}"]
    for name in ("One", "Two"):
        service = Construct(stack, name)
        if name == "Two":
            with pytest.raises(PrivateLinkValueError, match="4787 characters of policies before"):
                validate_permissions(
                    argument, [*actions, f"ec2:{'y' * 200}"], stack=stack, construct=service
                )
        validate_permissions(argument, actions, stack=stack, construct=service)
        function.allow(service, actions=actions, resource_arn="arn")


def test_the_timeout_does_not_depend_on_the_custom_resources(stack: Stack) -> None:
    # CloudFormation would shorten it before it deletes the custom resource that needs the time.
    get_or_create(stack)
    assert functions_of(stack)[0]["Timeout"] == 900


class TestRemoval:
    @pytest.mark.parametrize("again", [False, True])
    def test_a_removed_function_with_custom_resources_is_an_error(
        self, stack: Stack, again: bool
    ) -> None:
        make_service(stack)
        stack.node.try_remove_child(ID)
        if again:
            make_service(stack, "Again")
        with pytest.raises(RuntimeError) as error:
            Template.from_stack(stack)
        assert (
            "`scope` must keep the function of this library, got "
            "`Stack/Payments/ServiceName/Default` without `Stack/PrivateLinkCustomResources`; "
            "remove the construct that needs the function, too  [Stack]"
        ) in f"{error.value}"

    def test_a_removed_function_without_custom_resources_is_accepted(self, stack: Stack) -> None:
        make_service(stack)
        Construct(stack, "Other")
        for name in ("Payments", ID):
            stack.node.try_remove_child(name)
        assert functions_of(stack) == []


def test_an_id_of_the_function_that_is_in_use_is_rejected(stack: Stack) -> None:
    Construct(stack, ID)
    with pytest.raises(PrivateLinkValueError) as error:
        get_or_create(stack)
    assert str(error.value) == (
        "`scope` must keep the ids of this library free, got `Stack/PrivateLinkCustomResources`; "
        "give that construct another id, or use another stack if another copy of this library "
        "created it  [Stack]"
    )
