"""The decisions of a manager, for random connections and rules."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import cdk_privatelink

_FILE = Path(cdk_privatelink.__file__).parent / "custom_resources/handlers/connection_manager.py"
_SPEC = importlib.util.spec_from_file_location("connection_manager", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
manager: Any = importlib.util.module_from_spec(_SPEC)
# Dataclasses look their module up.
sys.modules["connection_manager"] = manager
_SPEC.loader.exec_module(manager)

NOW = 1_000_000
ACCOUNTS, REGIONS = ["one", "two", "three"], ["eu-west-1", "us-east-1"]
REQUEST, LIVE = "pendingacceptance", {"available", "pending", "partial"}

tags = st.dictionaries(st.sampled_from([manager.HOLD_TAG]), st.just(""), max_size=1) | st.builds(
    lambda since: {manager.UNMATCHED_TAG: since},
    st.sampled_from(["", "nonsense", f"{NOW + 500}", f"{NOW - 50}", f"{NOW - 5_000}"]),
)
connections = st.lists(
    st.builds(
        manager.Connection,
        id=st.integers(0, 10_000).map(str),
        tag_id=st.just("tag"),
        is_attachment=st.booleans(),
        account=st.sampled_from(ACCOUNTS),
        region=st.sampled_from(REGIONS),
        state=st.sampled_from([REQUEST, *LIVE, "rejected", "deleted"]),
        created=st.integers(0, 5),
        tags=tags,
    ),
    max_size=30,
    unique_by=lambda each: each.id,
)


@st.composite
def rules(draw: st.DrawFn) -> Any:
    found = manager.Rules()
    for number in range(draw(st.integers(0, 4))):
        rule: dict[str, Any] = {"name": f"rule {number}"}
        for key, value in (
            ("accounts", st.lists(st.sampled_from(ACCOUNTS), min_size=1, unique=True)),
            ("limit", st.integers(0, 4)),
            ("regions", st.lists(st.sampled_from(REGIONS), min_size=1, unique=True)),
        ):
            if draw(st.booleans()):
                rule[key] = draw(value)
        found.add(rule)
    found.protected = draw(st.sets(st.sampled_from(ACCOUNTS), max_size=1))
    found.doubts = draw(st.sampled_from([[], ["a doubt"]]))
    return found


options = st.fixed_dictionaries(
    {"max_disconnects": st.integers(1, 4)},
    optional={"reject_after": st.just(1_000), "disconnect_after": st.just(1_000)},
)


def expected_limit(rules: Any, account: str, region: str) -> float | None:
    """Return the limit by a definition of its own: the highest of all rules that match."""
    every = [rule for group in rules.by_account.values() for rule in group]
    limits = [
        rule.get("limit", math.inf)
        for rule in every
        if account in rule.get("accounts", [account]) and region in rule.get("regions", [region])
    ]
    return max(limits) if limits else 0 if account in rules.protected else None


@settings(max_examples=400)
@given(connections, rules(), options, st.integers(0, 3))
def test_decisions_follow_the_rules(
    connections: Any, rules: Any, options: Any, disconnected: int
) -> None:
    decisions = manager.decide(connections, rules, options, NOW, disconnected)
    by_id = {each.connection.id: each for each in decisions}
    # Every open connection has a decision, and no other one.
    assert sorted(by_id) == sorted(
        each.id for each in connections if each.state in {REQUEST, *LIVE}
    )
    used = Counter(each.account for each in connections if each.state in LIVE)
    accepted = Counter(each.connection.account for each in decisions if each.action == "accept")
    for each in decisions:
        connection = each.connection
        limit = expected_limit(rules, connection.account, connection.region)
        is_held = manager.HOLD_TAG in connection.tags
        assert (each.action == "hold") == is_held
        if each.action in ("reject", "disconnect", "block") or each.tag == "create":
            assert limit is None
        if each.action in ("reject", "disconnect"):
            # Its time has passed, and nothing is in doubt.
            assert connection.tags[manager.UNMATCHED_TAG] == f"{NOW - 5_000}"
            assert rules.doubts == []
        if each.action == "reject":
            assert connection.state == REQUEST
            assert "reject_after" in options
        if each.action == "disconnect":
            assert connection.state in LIVE
            assert "disconnect_after" in options
        if each.action == "accept":
            assert limit is not None
            assert connection.state == REQUEST
        if each.action == "wait":
            assert limit is not None
            assert used[connection.account] + accepted[connection.account] >= limit
    # The brake holds.
    live = sum(used.values()) + disconnected
    allowed = min(options["max_disconnects"], live // 5 if live > 5 else math.inf)
    count = [each.action for each in decisions].count("disconnect")
    assert count <= max(allowed - disconnected, 0)
    # A limit holds, unless there were more connections before.
    for account, number in accepted.items():
        limits = [expected_limit(rules, account, region) or 0 for region in REGIONS]
        assert used[account] + number <= max(limits)


@settings(max_examples=200)
@given(connections, rules(), options, st.randoms(use_true_random=False))
def test_the_order_of_pages_does_not_matter(
    connections: Any, rules: Any, options: Any, random: Any
) -> None:
    shuffled = list(connections)
    random.shuffle(shuffled)
    assert manager.decide(shuffled, rules, options, NOW) == manager.decide(
        connections, rules, options, NOW
    )


@settings(max_examples=200)
@given(connections, rules(), options)
def test_a_second_run_has_nothing_to_accept(connections: Any, rules: Any, options: Any) -> None:
    after = [
        replace(each.connection, state="available") if each.action == "accept" else each.connection
        for each in manager.decide(connections, rules, options, NOW)
    ]
    again = manager.decide(after, rules, options, NOW)
    assert [each for each in again if each.action == "accept"] == []
