"""The rules for arguments compose, and tokens pass them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Lazy, Stack, Token
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink import PrivateLinkError, PrivateLinkTypeError, PrivateLinkValueError
from cdk_privatelink._internal.arguments import (
    Arguments,
    boolean,
    list_of,
    matching,
    member_of,
    number,
    optional,
    or_list_token,
    seconds,
)

LETTERS = matching(re.compile("[a-z]+"), problem="must be letters", fix="pass letters")
PERCENT = number(at_least=0, at_most=100, whole=True, fix="pass a percentage")
TYPES = ec2.IpAddressType


def error_message(rule: Callable[..., Any], value: object) -> tuple[type, str]:
    with pytest.raises(PrivateLinkError) as error:
        Arguments("Stack/Construct")("option", value, rule)
    return type(error.value), f"{error.value}"


def test_a_rule_returns_the_value() -> None:
    check = Arguments("Stack/Construct")
    assert check("option", "abc", LETTERS) == "abc"
    assert check("option", None, optional(LETTERS)) is None
    assert check("option", ["b", "a", "b"], list_of(LETTERS)) == ["b", "a"]
    assert check("option", False, boolean) is False


def test_an_element_of_a_list_is_named_by_its_index() -> None:
    assert error_message(optional(list_of(LETTERS)), ["a", "1"]) == (
        PrivateLinkValueError,
        "`option[1]` must be letters, got `1`; pass letters  [Stack/Construct]",
    )


def test_a_member_of_another_enumeration_is_a_type_error() -> None:
    assert error_message(member_of(TYPES), "IPV4") == (
        PrivateLinkTypeError,
        "`option` must be a member of `ec2.IpAddressType`, got `'IPV4'`; pass "
        "`ec2.IpAddressType.IPV4` or `ec2.IpAddressType.IPV6`  [Stack/Construct]",
    )


def test_a_member_that_is_not_allowed_is_a_value_error() -> None:
    assert error_message(member_of(TYPES, TYPES.IPV4), TYPES.IPV6) == (
        PrivateLinkValueError,
        "`option` must be a supported member of `ec2.IpAddressType`, got `IpAddressType.IPV6`; "
        "pass `ec2.IpAddressType.IPV4`  [Stack/Construct]",
    )


@pytest.mark.parametrize("wrong", [-1, 101, math.inf, -math.inf, math.nan, 10**400])
def test_a_number_outside_of_its_limits_is_rejected(wrong: float) -> None:
    error, message = error_message(PERCENT, wrong)
    assert error is PrivateLinkValueError
    assert message.startswith("`option` must be between 0 and 100, got `")


@pytest.mark.parametrize("right", [0, 100, 50.0])
def test_a_number_within_its_limits_is_accepted(right: float) -> None:
    assert Arguments("Path")("option", right, PERCENT) == right


def test_a_number_without_an_upper_limit_must_be_finite() -> None:
    rule = number(at_least=0, fix="pass a number")
    assert Arguments("Path")("option", 10**9, rule) == 10**9
    for wrong in (math.inf, math.nan, 10**400):
        assert error_message(rule, wrong)[0] is PrivateLinkValueError


def test_durations_are_whole_seconds_within_limits() -> None:
    rule = seconds(at_least=5, at_most=60)
    assert Arguments("Path")("option", Duration.minutes(1), rule).to_seconds() == 60
    for wrong in (Duration.seconds(4), Duration.seconds(61), Duration.millis(5500)):
        assert error_message(rule, wrong)[0] is PrivateLinkValueError
    assert error_message(rule, 5)[0] is PrivateLinkTypeError


def test_tokens_pass(stack: Stack) -> None:
    check = Arguments(stack)
    parameter = CfnParameter(stack, "Parameter")
    text, count = parameter.value_as_string, Token.as_number(parameter.value)
    assert check("option", text, LETTERS) == text
    assert check("option", count, PERCENT) == count
    unknown = Duration.seconds(Token.as_number(Lazy.any(parameter)))  # type: ignore[arg-type]
    assert check("option", unknown, seconds(at_least=5, at_most=60)) is unknown


def test_a_list_token_must_be_alone(stack: Stack) -> None:
    names = CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
    rule = list_of(or_list_token(LETTERS))
    assert Arguments(stack)("option", names, rule) == names
    error, message = error_message(rule, [*names, "a"])
    assert error is PrivateLinkValueError
    assert message.startswith("`option` must not mix a list token with other values, got ")
    assert error_message(list_of(LETTERS), names)[0] is PrivateLinkValueError
