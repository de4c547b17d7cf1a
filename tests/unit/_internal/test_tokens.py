"""The detection of tokens agrees with the CDK."""

from __future__ import annotations

import math

import pytest
from aws_cdk import CfnParameter, Stack, Token

from cdk_privatelink._internal import tokens


def test_string_tokens(stack: Stack) -> None:
    token = CfnParameter(stack, "Parameter").value_as_string
    for text in (token, f"a{token}b", "a", "", "${Token[", "${AWS::Region}"):
        assert tokens.is_string_token(text) == Token.is_unresolved(text)
        assert not tokens.is_list_token(text)


def test_list_tokens(stack: Stack) -> None:
    (token,) = CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list
    assert Token.is_unresolved([token])
    assert tokens.is_list_token(token)
    assert tokens.is_token(token)
    assert not tokens.is_list_token(f"a{token}")
    assert tokens.contains_list_token(f"a{token}")
    assert not tokens.is_string_token(f"a{token}")


def test_number_tokens(stack: Stack) -> None:
    token = Token.as_number(CfnParameter(stack, "Number").value)
    for value in (token, 0, 1, -1.5, 443, 1e300, -1e300):
        assert tokens.is_number_token(value) == Token.is_unresolved(value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 10**400])
def test_numbers_that_jsii_cannot_pass_are_no_tokens(value: float) -> None:
    assert not tokens.is_number_token(value)
