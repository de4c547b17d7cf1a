"""The detection of tokens, compared with the CDK."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from aws_cdk import Aws, CfnParameter, Fn, Intrinsic, Stack, Token
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink._internal.tokens import (
    contains_list_token,
    is_cdk_object,
    is_list_token,
    is_number_token,
    is_resolvable,
    is_string_token,
    is_token,
)

REFERENCE = {"Ref": "Parameter"}


STRINGS: list[Callable[[], str]] = [
    lambda: Token.as_string(REFERENCE),
    lambda: f"prefix-{Token.as_string(REFERENCE)}-suffix",
    lambda: Token.as_string(REFERENCE, display_hint="a hint with spaces, and: punctuation"),
    lambda: Aws.REGION,
    lambda: Fn.import_value("Export"),
    lambda: Fn.join("-", [Aws.REGION, "a"]),
]
LISTS: list[Callable[[], list[str]]] = [
    lambda: Token.as_list(REFERENCE),
    lambda: Token.as_list(REFERENCE, display_hint="a hint"),
    lambda: Fn.split(",", Fn.import_value("Export")),
    lambda: Fn.get_azs(),
]
LITERALS = ["", "word", "${Token}", "${Token[]}", "#{Token[]}", "${AWS::Region}", "Token[TOKEN.1]"]


@pytest.mark.parametrize("create", STRINGS)
def test_string_tokens_of_the_cdk_are_string_tokens(create: Callable[[], str]) -> None:
    value = create()
    assert Token.is_unresolved(value)
    assert is_token(value)
    assert is_string_token(value)
    assert not is_list_token(value)
    assert not contains_list_token(value)


@pytest.mark.parametrize("create", LISTS)
def test_elements_of_list_tokens_of_the_cdk_are_list_tokens(
    create: Callable[[], list[str]],
) -> None:
    values = create()
    (element,) = values
    assert Token.is_unresolved(values)
    assert is_token(element)
    assert is_list_token(element)
    assert contains_list_token(element)
    assert not is_string_token(element)


def test_a_list_token_within_a_string_is_neither_a_list_token_nor_a_string_token() -> None:
    (element,) = Token.as_list(REFERENCE)
    for value in (f"prefix-{element}", f"{element}{Token.as_string(REFERENCE)}"):
        assert contains_list_token(value)
        assert not is_list_token(value)
        assert not is_string_token(value)


@pytest.mark.parametrize("value", LITERALS)
def test_other_strings_are_no_tokens(value: str) -> None:
    assert not Token.is_unresolved(value)
    assert not is_token(value)
    assert not contains_list_token(value)


def test_number_tokens_of_the_cdk_are_number_tokens() -> None:
    # The CDK numbers its tokens, and each number changes the bytes of the token.
    for _ in range(300):
        assert is_number_token(Token.as_number(REFERENCE))


def test_a_number_parameter_is_a_number_token(stack: Stack) -> None:
    value = CfnParameter(stack, "Parameter", type="Number").value_as_number
    assert Token.is_unresolved(value)
    assert is_number_token(value)


# The last three numbers are near tokens, which are about -1.888e289.
@pytest.mark.parametrize(
    "value",
    [0, -0.0, 1, 443, 0.5, -1, 2**53, -(2**53), 1e300, 5e-324, -1.82e289, -1.95e289, 1.888e289],
)
def test_other_numbers_are_no_tokens(value: float) -> None:
    assert not Token.is_unresolved(value)
    assert not is_number_token(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, -(10**400)])
def test_numbers_that_jsii_cannot_send_are_no_tokens(value: float) -> None:
    assert not is_number_token(value)


def test_the_detection_of_a_token_sends_no_request(requests: list[object]) -> None:
    string, number = Token.as_string(REFERENCE), Token.as_number(REFERENCE)
    (element,) = Token.as_list(REFERENCE)
    assert requests
    requests.clear()
    for value in (string, element, "word"):
        for detect in (is_token, is_string_token, is_list_token, contains_list_token):
            detect(value)
    for each in (number, 443, math.nan, 10**400):
        is_number_token(each)
    assert requests == []


class TestObjects:
    def test_resolvable_objects_are_tokens(self, stack: Stack) -> None:
        for value in (
            CfnParameter(stack, "Parameter").value,
            Token.as_any(REFERENCE),
            Fn.condition_equals(Aws.REGION, "eu-west-1"),
        ):
            assert is_resolvable(value)
            assert is_cdk_object(value)

    def test_constructs_are_objects_of_the_cdk_and_no_tokens(self, stack: Stack) -> None:
        imported = ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-0123", availability_zones=["eu-west-1a"]
        )
        # A stack has a method `resolve` too.
        for value in (stack, imported):
            assert is_cdk_object(value)
            assert not is_resolvable(value)

    def test_structs_and_enumerations_are_objects_of_the_cdk_and_no_tokens(self) -> None:
        for value in (ec2.SubnetSelection(), ec2.SubnetType.PUBLIC):
            assert is_cdk_object(value)
            assert not is_resolvable(value)

    def test_classes_and_objects_of_python_are_no_objects_of_the_cdk(self) -> None:
        class Resolvable:
            def resolve(self) -> None: ...

        values: list[object] = [Resolvable(), None, "word", 1, True, [], Stack, Intrinsic]
        for value in values:
            assert not is_resolvable(value)
            assert not is_cdk_object(value)
