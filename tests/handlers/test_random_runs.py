"""Runs of a manager over random connections and rules, with random faults between them."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cdk_privatelink
from tests.handlers.managed_service import (
    ACCOUNTS,
    HOLD_TAG,
    MANAGER,
    Connection,
    FaultError,
    ManagedService,
    Server,
    unmatched_since,
)

_FILE = Path(cdk_privatelink.__file__).parent / "custom_resources/handlers/connection_manager.py"
HOUR = 3600
REGIONS = ["eu-west-1", "us-east-1"]
ACTIONS = [
    "GetParametersByPath",
    "DescribeVpcEndpointConnections",
    "AcceptVpcEndpointConnections",
    "RejectVpcEndpointConnections",
    "CreateTags",
    "DeleteTags",
    "GetParameter",
    "PutParameter",
    "Scan",
]
LIVE = "available"


class Context:
    """The context of an invocation with enough time."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left."""
        return 300_000


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start AWS for the handler, which runs in this process."""
    server = Server()
    with server.run() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "a-secret-key",
            "NO_PROXY": "*",
        }.items():
            patch.setenv(name, value)
        yield server


def load_handler() -> Callable[[Any, Any], Any]:
    specification = importlib.util.spec_from_file_location("manager_of_random_runs", _FILE)
    assert specification is not None
    assert specification.loader is not None
    module: Any = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up.
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module.handler  # type: ignore[no-any-return]


handler = load_handler()

tags: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.just({HOLD_TAG: ""}),
    # Longer ago than the manager waits, or not.
    st.sampled_from([100, 2 * HOUR]).map(unmatched_since),
)
connections = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS[:3]),
        st.sampled_from(["pendingAcceptance", LIVE]),
        st.sampled_from(REGIONS),
        st.integers(1_000, 1_005),
        tags,
    ),
    max_size=14,
)
rules = st.lists(
    st.tuples(
        st.lists(st.sampled_from(ACCOUNTS[:3]), max_size=2, unique=True),
        st.fixed_dictionaries(
            {},
            optional={
                "limit": st.integers(0, 4),
                "regions": st.lists(st.sampled_from(REGIONS), min_size=1, unique=True),
            },
        ),
    ),
    min_size=1,
    max_size=3,
)
options = st.fixed_dictionaries(
    {"max_disconnects": st.integers(1, 3)},
    optional={"reject_after": st.just(HOUR), "disconnect_after": st.just(HOUR)},
)
FAULTS = ["UnauthorizedOperation", "InvalidVpcEndpointId.NotFound", "vanishes"]
faults = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2), st.sampled_from(FAULTS)), max_size=4
)


def create(found: list[Any], accept: list[Any], settings: dict[str, Any]) -> ManagedService:
    service = ManagedService(
        *(
            Connection(
                f"vpce-{number}",
                account=account,
                state=state,
                region=region,
                created=created,
                tags=dict(tags),
            )
            for number, (account, state, region, created, tags) in enumerate(found)
        ),
        **settings,
    )
    for accounts, rule in accept:
        service.accept(*accounts, **rule)
    return service


def disturb(service: ManagedService, planned: list[tuple[str, int, str]]) -> None:
    """Plan an error, or the deletion of an endpoint, before the nth call of an action."""
    for action, number, kind in planned:

        def fail(kind: str = kind) -> None:
            if kind != "vanishes":
                raise FaultError(kind)
            if service.connections:
                service.connections.popitem()

        steps = service.before[action]
        steps += [None] * (number - len(steps))
        steps.insert(number, fail)


def run(server: Server, service: ManagedService) -> None:
    server.service = service
    # The function fails after changes that EC2 rejects, so that its message is repeated.
    with suppress(Exception):
        handler({"Manager": MANAGER}, Context())


def limit_of(service: ManagedService, connection: Connection) -> float | None:
    """Return the highest limit of the rules that match, or ``None`` without one."""
    limits = [
        rule.get("limit", float("inf"))
        for rule in service.rules
        if connection.account in rule.get("accounts", [connection.account])
        and connection.region in rule.get("regions", [connection.region])
    ]
    return max(limits, default=None)


@settings(max_examples=60, deadline=None)
@given(connections, rules, options, faults)
def test_runs_keep_their_promises_and_the_next_undisturbed_run_repairs(
    server: Server, found: list[Any], accept: list[Any], settings: dict[str, Any], planned: Any
) -> None:
    service = create(found, accept, settings)
    before = service.states()
    everything = dict(service.connections)
    # WHEN disturbed runs are followed by undisturbed ones
    disturb(service, planned)
    for _ in range(2):
        run(server, service)
    service.before.clear()
    for _ in range(2):
        run(server, service)
    after = {key: each.state for key, each in everything.items()}

    # THEN nothing of a matched account was rejected, and nothing without a rule accepted
    for key, each in everything.items():
        if limit_of(service, each) is not None:
            assert after[key] != "rejected"
        elif before[key] != LIVE:
            assert after[key] != LIVE
        if HOLD_TAG in each.tags:
            assert after[key] == before[key]
    # AND the brake holds over all runs
    disconnected = [key for key in after if before[key] == LIVE and after[key] == "rejected"]
    assert len(disconnected) <= settings["max_disconnects"]
    live = sum(state == LIVE for state in before.values())
    if live > 5:
        assert len(disconnected) <= len(before) // 5
    if "disconnect_after" not in settings:
        assert disconnected == []
    # AND no request waits that a rule has room for
    used = Counter(each.account for each in service.connections.values() if each.state == LIVE)
    for each in service.connections.values():
        limit = limit_of(service, each)
        if each.state == "pendingAcceptance" and HOLD_TAG not in each.tags and limit is not None:
            assert used[each.account] >= limit
    # AND another run changes nothing
    run(server, service)
    assert {key: each.state for key, each in everything.items()} == after
