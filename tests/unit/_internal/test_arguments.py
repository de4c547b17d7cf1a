"""The rules for arguments, and how they compose."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import PrivateLinkError, PrivateLinkTypeError, PrivateLinkValueError
from cdk_privatelink._internal.arguments import (
    Argument,
    Arguments,
    Rule,
    boolean,
    boolean_or_token,
    cdk_object,
    instance_of,
    list_of,
    matching,
    member_of,
    number,
    optional,
    or_list_token,
    seconds,
    sequence_of,
)
from tests.unit.templates import EMPTY

WORD = matching(re.compile("[a-z]+"), problem="must be a word", fix="pass lower-case letters")
STRING = instance_of(str, problem="must be a string", fix="pass a string")
VPC = cdk_object("node", "vpc_id", problem="must be a VPC", fix="pass an `ec2.Vpc`")
PORT = number(at_least=1, at_most=65535, whole=True, fix="pass a port")
COUNT = number(at_least=0, fix="pass a count")
INTERVAL = seconds(at_least=5, at_most=300)
WORDS = list_of(or_list_token(WORD))

check = Arguments("Stack/Construct")


def error_message(rule: Rule[Any], value: object, error_type: type[PrivateLinkError]) -> str:
    """Return the message of the error that a rule raises for a value."""
    with pytest.raises(PrivateLinkError) as error:
        check("argument", value, rule)
    assert type(error.value) is error_type
    assert error.value.construct_path == "Stack/Construct"
    return str(error.value)


def test_an_error_names_the_path_of_the_construct(stack: Stack) -> None:
    with pytest.raises(PrivateLinkTypeError) as error:
        Arguments(ec2.Vpc(stack, "Vpc"))("argument", 1, STRING)
    assert str(error.value) == "`argument` must be a string, got `1`; pass a string  [Stack/Vpc]"


def test_an_accepted_value_is_returned_unchanged() -> None:
    assert check("argument", "value", STRING) == "value"


class TestCdkObject:
    @pytest.mark.parametrize("is_imported", [True, False])
    def test_defined_and_imported_resources_are_accepted(
        self, stack: Stack, is_imported: bool
    ) -> None:
        vpc: object = ec2.Vpc(stack, "Vpc")
        if is_imported:
            vpc = ec2.Vpc.from_vpc_attributes(
                stack, "Imported", vpc_id="vpc-0123", availability_zones=["eu-west-1a"]
            )
        assert check("argument", vpc, VPC) is vpc

    def test_an_object_of_python_with_the_same_attributes_is_a_type_error(self) -> None:
        class Lookalike:
            node = None
            vpc_id = "vpc-0123"

        lookalike = Lookalike()
        assert error_message(VPC, lookalike, PrivateLinkTypeError) == (
            f"`argument` must be a VPC, got `{lookalike!r}`; pass an `ec2.Vpc`  [Stack/Construct]"
        )

    def test_a_construct_without_the_attributes_is_a_type_error(self, stack: Stack) -> None:
        assert "must be a VPC" in error_message(VPC, stack, PrivateLinkTypeError)


class TestMemberOf:
    @pytest.mark.parametrize("member", RemovalPolicy)
    def test_every_member_is_accepted_by_default(self, member: RemovalPolicy) -> None:
        assert check("argument", member, member_of(RemovalPolicy)) is member

    @pytest.mark.parametrize(
        ("allowed", "fix"),
        [
            ([RemovalPolicy.RETAIN], "`RemovalPolicy.RETAIN`"),
            (
                [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY],
                "`RemovalPolicy.RETAIN` or `RemovalPolicy.DESTROY`",
            ),
            (
                [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY, RemovalPolicy.SNAPSHOT],
                "`RemovalPolicy.RETAIN`, `RemovalPolicy.DESTROY` or `RemovalPolicy.SNAPSHOT`",
            ),
        ],
        ids=len,
    )
    def test_the_fix_of_a_type_error_lists_the_allowed_members(
        self, allowed: list[RemovalPolicy], fix: str
    ) -> None:
        assert error_message(
            member_of(RemovalPolicy, *allowed), "retain", PrivateLinkTypeError
        ) == (
            "`argument` must be a member of `RemovalPolicy`, got `'retain'`; "
            f"pass {fix}  [Stack/Construct]"
        )

    def test_a_member_that_is_not_allowed_is_a_value_error(self) -> None:
        rule = member_of(RemovalPolicy, RemovalPolicy.RETAIN)
        assert check("argument", RemovalPolicy.RETAIN, rule) is RemovalPolicy.RETAIN
        assert error_message(rule, RemovalPolicy.DESTROY, PrivateLinkValueError) == (
            "`argument` must be a supported member of `RemovalPolicy`, got "
            "`RemovalPolicy.DESTROY`; pass `RemovalPolicy.RETAIN`  [Stack/Construct]"
        )

    @pytest.mark.parametrize(
        ("enum", "name"),
        [
            (ec2.IpAddressType, "ec2.IpAddressType"),
            (elbv2.IpAddressType, "elbv2.IpAddressType"),
        ],
    )
    def test_an_enumeration_of_a_module_has_the_name_by_which_users_import_it(
        self, enum: type[Any], name: str
    ) -> None:
        message = error_message(member_of(enum), "ipv4", PrivateLinkTypeError)
        assert f"must be a member of `{name}`" in message
        assert f"`{name}.IPV4`" in message

    def test_a_member_of_another_enumeration_is_a_type_error(self) -> None:
        rule = member_of(ec2.IpAddressType)
        error_message(rule, elbv2.IpAddressType.IPV4, PrivateLinkTypeError)


class TestMatching:
    def test_a_string_must_match_as_a_whole(self) -> None:
        assert check("argument", "word", WORD) == "word"
        for wrong in ("two words", "word\n", "", "Word"):
            assert error_message(WORD, wrong, PrivateLinkValueError) == (
                f"`argument` must be a word, got `{wrong or EMPTY}`; pass lower-case letters"
                "  [Stack/Construct]"
            )

    @pytest.mark.parametrize("wrong", [None, 1, b"word", ["word"]])
    def test_another_type_is_a_type_error(self, wrong: object) -> None:
        assert error_message(WORD, wrong, PrivateLinkTypeError) == (
            f"`argument` must be a string, got `{wrong!r}`; pass lower-case letters"
            "  [Stack/Construct]"
        )

    def test_a_string_that_contains_a_token_is_accepted(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Word").value_as_string
        for value in (token, f"{token}-1", f"A {token}"):
            assert check("argument", value, WORD) == value

    def test_a_list_token_is_a_value_error(self, stack: Stack) -> None:
        (token,) = CfnParameter(stack, "Words", type="CommaDelimitedList").value_as_list
        for value in (token, f"{token}1"):
            error_message(WORD, value, PrivateLinkValueError)


class TestNumber:
    @pytest.mark.parametrize("right", [1, 443, 443.0, 65535])
    def test_a_whole_number_within_the_limits_is_accepted(self, right: float) -> None:
        assert check("argument", right, PORT) == right

    @pytest.mark.parametrize("right", [0, 0.5, 10**300])
    def test_a_number_without_an_upper_limit_is_accepted(self, right: float) -> None:
        assert check("argument", right, COUNT) == right

    def test_a_token_is_accepted(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Port", type="Number").value_as_number
        assert check("argument", token, PORT) == token

    @pytest.mark.parametrize(
        "wrong", [0, 0.5, 65536, -1, math.nan, math.inf, -math.inf, 10**400, -(10**400)]
    )
    def test_a_number_outside_of_the_limits_is_a_value_error(self, wrong: float) -> None:
        assert error_message(PORT, wrong, PrivateLinkValueError) == (
            f"`argument` must be between 1 and 65535, got `{wrong}`; pass a port  [Stack/Construct]"
        )

    @pytest.mark.parametrize("wrong", [-0.5, -1])
    def test_a_number_below_the_limit_is_a_value_error(self, wrong: float) -> None:
        assert error_message(COUNT, wrong, PrivateLinkValueError) == (
            f"`argument` must be 0 or more, got `{wrong}`; pass a count  [Stack/Construct]"
        )

    @pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 10**400])
    def test_a_number_that_node_js_does_not_have_is_a_value_error(self, wrong: float) -> None:
        assert error_message(COUNT, wrong, PrivateLinkValueError) == (
            f"`argument` must be a finite number, got `{wrong}`; pass a count  [Stack/Construct]"
        )

    def test_a_fraction_is_a_value_error_if_the_number_must_be_whole(self) -> None:
        assert error_message(PORT, 443.5, PrivateLinkValueError) == (
            "`argument` must be a whole number, got `443.5`; pass a port  [Stack/Construct]"
        )

    @pytest.mark.parametrize("wrong", [True, False, None, "443", [443], 1j])
    def test_another_type_is_a_type_error(self, wrong: object) -> None:
        assert error_message(PORT, wrong, PrivateLinkTypeError) == (
            f"`argument` must be a number, got `{wrong!r}`; pass a port  [Stack/Construct]"
        )


class TestSeconds:
    @pytest.mark.parametrize(
        "right", [Duration.seconds(5), Duration.minutes(5), Duration.millis(6000)]
    )
    def test_whole_seconds_within_the_limits_are_accepted(self, right: Duration) -> None:
        assert check("argument", right, INTERVAL) is right

    def test_a_token_is_accepted(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Seconds", type="Number").value_as_number
        duration = Duration.seconds(token)
        assert check("argument", duration, INTERVAL) is duration

    @pytest.mark.parametrize(
        ("wrong", "got"),
        [
            (Duration.seconds(4), "Duration.seconds(4)"),
            (Duration.seconds(301), "Duration.seconds(301)"),
            (Duration.millis(5500), "Duration.millis(5500)"),
            (Duration.days(1), "Duration.days(1)"),
        ],
    )
    def test_another_duration_is_a_value_error(self, wrong: Duration, got: str) -> None:
        assert error_message(INTERVAL, wrong, PrivateLinkValueError) == (
            f"`argument` must be between 5 and 300 whole seconds, got `{got}`; pass a `Duration` "
            "of 5 to 300 whole seconds  [Stack/Construct]"
        )

    @pytest.mark.parametrize("wrong", [30, "30", None])
    def test_another_type_is_a_type_error(self, wrong: object) -> None:
        assert error_message(INTERVAL, wrong, PrivateLinkTypeError) == (
            f"`argument` must be a `Duration`, got `{wrong!r}`; pass a `Duration` of 5 to 300 "
            "whole seconds  [Stack/Construct]"
        )


class TestBoolean:
    @pytest.mark.parametrize("rule", [boolean, boolean_or_token])
    def test_true_and_false_are_accepted(self, rule: Rule[Any]) -> None:
        assert check("argument", True, rule) is True
        assert check("argument", False, rule) is False

    @pytest.mark.parametrize("rule", [boolean, boolean_or_token])
    @pytest.mark.parametrize("wrong", [0, 1, None, "true"])
    def test_another_type_is_a_type_error(self, rule: Rule[Any], wrong: object) -> None:
        assert "must be a bool" in error_message(rule, wrong, PrivateLinkTypeError)

    def test_only_one_of_the_rules_accepts_a_token(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Flag").value
        assert check("argument", token, boolean_or_token) is token
        error_message(boolean, token, PrivateLinkTypeError)


class TestOptional:
    @pytest.mark.parametrize(
        "rule",
        [STRING, VPC, WORD, PORT, INTERVAL, boolean, list_of(WORD), member_of(RemovalPolicy)],
    )
    def test_none_is_accepted_by_the_optional_rule_only(self, rule: Rule[Any]) -> None:
        assert check("argument", None, optional(rule)) is None
        error_message(rule, None, PrivateLinkTypeError)

    @pytest.mark.parametrize("falsy", ["", 0, False, (), []])
    def test_other_falsy_values_are_not_none(self, falsy: object) -> None:
        with pytest.raises(PrivateLinkError):
            check("argument", falsy, optional(list_of(WORD)))

    def test_a_value_follows_the_rule(self) -> None:
        assert check("argument", 443, optional(PORT)) == 443
        assert error_message(optional(PORT), 0, PrivateLinkValueError) == (
            error_message(PORT, 0, PrivateLinkValueError)
        )


class TestLists:
    @pytest.mark.parametrize("of", [sequence_of, list_of])
    @pytest.mark.parametrize("values", [["b", "a"], ("b", "a"), dict.fromkeys("ba")], ids=repr)
    def test_every_iterable_is_accepted_in_its_order(
        self, of: Callable[[Rule[str]], Rule[list[str]]], values: object
    ) -> None:
        assert check("argument", values, of(WORD)) == ["b", "a"]

    @pytest.mark.parametrize("of", [sequence_of, list_of])
    def test_a_generator_is_read_once(self, of: Callable[[Rule[str]], Rule[list[str]]]) -> None:
        assert check("argument", (letter for letter in "ba"), of(WORD)) == ["b", "a"]

    @pytest.mark.parametrize("of", [sequence_of, list_of])
    @pytest.mark.parametrize("wrong", ["word", None, 1, RemovalPolicy.RETAIN])
    def test_another_type_is_a_type_error(
        self, of: Callable[[Rule[str]], Rule[list[str]]], wrong: object
    ) -> None:
        assert error_message(of(WORD), wrong, PrivateLinkTypeError) == (
            f"`argument` must be a list, got `{wrong!r}`; put the value into a list"
            "  [Stack/Construct]"
        )

    @pytest.mark.parametrize("of", [sequence_of, list_of])
    def test_an_error_names_the_index_of_the_element(
        self, of: Callable[[Rule[str]], Rule[list[str]]]
    ) -> None:
        assert error_message(of(WORD), ["word", "1"], PrivateLinkValueError) == (
            "`argument[1]` must be a word, got `1`; pass lower-case letters  [Stack/Construct]"
        )

    def test_an_error_in_nested_lists_names_all_indices(self) -> None:
        message = error_message(list_of(sequence_of(WORD)), [["a"], ["b", 1]], PrivateLinkTypeError)
        assert message.startswith("`argument[1][1]` must be a string, got `1`; ")

    def test_only_a_sequence_keeps_repetitions(self) -> None:
        values = ["b", "a", "b"]
        assert check("argument", values, sequence_of(WORD)) == values
        assert check("argument", values, list_of(WORD)) == ["b", "a"]

    def test_only_a_sequence_can_be_empty(self) -> None:
        assert check("argument", [], sequence_of(WORD)) == []
        assert error_message(list_of(WORD), [], PrivateLinkValueError) == (
            "`argument` must not be empty, got `[]`; pass one element or more, or leave it out"
            "  [Stack/Construct]"
        )

    def test_elements_can_be_none_if_their_rule_is_optional(self) -> None:
        assert check("argument", ["a", None], sequence_of(optional(WORD))) == ["a", None]


class TestListTokens:
    def test_a_list_token_is_accepted_alone(self, stack: Stack) -> None:
        token = CfnParameter(stack, "Words", type="CommaDelimitedList").value_as_list
        assert check("argument", token, WORDS) == token

    def test_a_list_token_within_a_string_is_a_value_error(self, stack: Stack) -> None:
        (token,) = CfnParameter(stack, "Words", type="CommaDelimitedList").value_as_list
        assert error_message(WORDS, [f"{token}1"], PrivateLinkValueError) == (
            f"`argument[0]` must be a word, got `{token}1`; pass lower-case letters"
            "  [Stack/Construct]"
        )

    def test_a_list_token_beside_other_values_is_a_value_error(self, stack: Stack) -> None:
        (one,) = CfnParameter(stack, "One", type="CommaDelimitedList").value_as_list
        (two,) = CfnParameter(stack, "Two", type="CommaDelimitedList").value_as_list
        string = CfnParameter(stack, "Word").value_as_string
        for values in ([one, "word"], ["word", one], [one, two], [string, one]):
            assert error_message(WORDS, values, PrivateLinkValueError) == (
                "`argument` must not mix a list token with other values, got a list token among "
                "2 values; pass either the list token alone or single values  [Stack/Construct]"
            )

    def test_string_tokens_mix_with_other_values(self, stack: Stack) -> None:
        values = [CfnParameter(stack, "Word").value_as_string, "word"]
        assert check("argument", values, WORDS) == values

    def test_a_value_that_is_not_a_list_token_follows_the_rule(self) -> None:
        message = error_message(WORDS, [1], PrivateLinkTypeError)
        assert message.startswith("`argument[0]` must be a string, got `1`; ")


def test_an_argument_creates_errors_for_checks_that_are_no_rules() -> None:
    argument = Argument("vpc", "Stack/Endpoint")
    type_error = argument.type_error("must be a VPC", got="vpc", fix="pass a VPC")
    value_error = argument.value_error("must be a VPC", got="vpc", fix="pass a VPC")
    assert f"{type_error}" == "`vpc` must be a VPC, got `'vpc'`; pass a VPC  [Stack/Endpoint]"
    assert f"{value_error}" == "`vpc` must be a VPC, got `vpc`; pass a VPC  [Stack/Endpoint]"
