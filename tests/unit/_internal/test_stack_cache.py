"""The environment of a stack, read once."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, NestedStack, Stack, Token
from constructs import Construct

from cdk_privatelink._internal.stack_cache import StackCache


def make_stack(id: str = "Stack", *, region: str | None = None) -> Stack:
    return Stack(App(), id, env=Environment(account="111122223333", region=region))


@pytest.mark.parametrize("region", ["eu-west-1", None])
def test_the_values_are_the_values_of_the_stack(region: str | None) -> None:
    stack = make_stack(region=region)
    cache = StackCache.of(stack)
    assert cache.region == stack.region
    assert cache.account == stack.account
    assert stack.resolve(cache.partition) == stack.resolve(stack.partition)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_partition_of_a_region_is_known(region: str, partition: str) -> None:
    assert StackCache.of(make_stack(region=region)).partition_of_region == partition


@pytest.mark.parametrize("region", [None, "xx-new-1"])
def test_the_partition_of_a_token_or_a_new_region_is_none(region: str | None) -> None:
    assert StackCache.of(make_stack(region=region)).partition_of_region is None


def test_a_stack_has_one_cache() -> None:
    stack = make_stack()
    assert StackCache.of(stack) is StackCache.of(stack)
    assert StackCache.of(stack) is StackCache.of(Stack.of(Construct(stack, "Child")))


def test_each_value_is_read_once(requests: list[object]) -> None:
    stack = make_stack(region="eu-west-1")
    for number_of_reads in (1, 2):
        requests.clear()
        cache = StackCache.of(stack)
        values = (cache.region, cache.account, cache.partition, cache.partition_of_region)
        assert all(values)
        assert bool(requests) == (number_of_reads == 1)


def test_stacks_of_the_same_name_have_caches_of_their_own() -> None:
    first, second = make_stack(region="eu-west-1"), make_stack(region="us-east-1")
    assert [StackCache.of(stack).region for stack in (first, second)] == ["eu-west-1", "us-east-1"]


def test_a_nested_stack_has_a_cache_of_its_own() -> None:
    stack = make_stack(region="eu-west-1")
    nested = NestedStack(stack, "Nested")
    assert StackCache.of(nested) is not StackCache.of(stack)
    assert StackCache.of(nested).region == "eu-west-1"


def test_a_token_stays_a_token() -> None:
    assert Token.is_unresolved(StackCache.of(make_stack()).region)
