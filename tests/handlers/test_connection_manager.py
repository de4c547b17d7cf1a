"""The function of connection managers as a process, with AWS on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cdk_privatelink.custom_resources.inline_function import read_inline_code
from tests.handlers.managed_service import (
    ACCOUNTS,
    HOLD_TAG,
    MANAGER,
    UNMATCHED_TAG,
    Connection,
    FaultError,
    ManagedService,
    Server,
    unmatched_since,
)
from tests.local_aws.lambda_runtime import Invocation, LambdaRuntime

ONE, TWO, THREE = ACCOUNTS[:3]
ACCEPT, REJECT = "AcceptVpcEndpointConnections", "RejectVpcEndpointConnections"
DESCRIBE, SCAN = "DescribeVpcEndpointConnections", "Scan"
HOUR, DAY = 3600, 86_400
NUDGE = {
    "Records": [{"eventSourceARN": f"arn:aws:sqs:eu-west-1:111122223333:{MANAGER}", "body": "{"}]
}
# The function waits for AWS at most this long, and reserves 30 seconds for its end.
SECONDS = 90


Invoke = Callable[..., Invocation]


@pytest.fixture(scope="module")
def invoke(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invoke]:
    """Return a function that runs the manager of a service, always in the same process."""
    folder = tmp_path_factory.mktemp("managers")
    (folder / "index.py").write_text(read_inline_code("connection_manager.py"), encoding="utf-8")
    server = Server()

    def run(
        service: ManagedService,
        event: Any = NUDGE,
        *,
        fails: bool = False,
        seconds: float = SECONDS,
    ) -> Invocation:
        server.service = service
        invocation = runtime.invoke(event, seconds=seconds, request_id="1")
        assert invocation.failed == fails, invocation.log
        return invocation

    with server.run() as url:
        runtime = LambdaRuntime(folder, handler="index.handler", endpoint_url=url, variables={})
        try:
            yield run
        finally:
            runtime.close()


def lines(invocation: Invocation) -> list[dict[str, Any]]:
    """Return the lines of the log about connections, without the metrics."""
    parsed = [json.loads(line) for line in invocation.log.splitlines() if line.startswith("{")]
    return [line for line in parsed if "_aws" not in line]


def metrics(invocation: Invocation) -> dict[str, Any]:
    (line,) = [line for line in invocation.log.splitlines() if '"_aws"' in line]
    parsed: dict[str, Any] = json.loads(line)
    (directive,) = parsed.pop("_aws")["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("CdkPrivateLink", [["Service Id"]])
    assert parsed.pop("Service Id") == "vpce-svc-1"
    assert {each["Name"] for each in directive["Metrics"]} == parsed.keys()
    return parsed


def live(count: int, account: str = THREE, **options: Any) -> list[Connection]:
    return [Connection(f"live-{n}", account, "available", **options) for n in range(count)]


class TestAcceptance:
    def test_requests_that_a_rule_matches_are_accepted(self, invoke: Invoke) -> None:
        service = ManagedService(Connection("a", ONE), Connection("b", TWO)).accept(ONE)
        invocation = invoke(service)
        assert service.states() == {"a": "available", "b": "pendingAcceptance"}
        assert [
            (each["endpoint"], each["outcome"], each["rule"]) for each in lines(invocation)
        ] == [
            ("b", "unchanged", ""),
            ("a", "accepted", "accept[0]"),
        ]
        found = metrics(invocation)
        assert (found["Accepted"], found["Pending"], found["Failed"]) == (1, 1, 0)
        assert found["OldestPendingAge"] > DAY

    def test_the_oldest_requests_within_the_limit_are_accepted(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("new", ONE, created=3),
            Connection("old", ONE, created=1, region="us-east-1"),
            Connection("middle", ONE, created=2),
            Connection("used", ONE, "available", created=9),
        ).accept(ONE, limit=2)
        invoke(service)
        waiting = {key for key, state in service.states().items() if state == "pendingAcceptance"}
        assert waiting == {"new", "middle"}

    def test_the_most_generous_rule_counts(self, invoke: Invoke) -> None:
        requests = [Connection(f"r{n}", ONE, created=n) for n in range(4)]
        service = ManagedService(*requests).accept(ONE, limit=1).accept(limit=3)
        invoke(service)
        assert list(service.states().values()).count("available") == 3

    def test_a_region_that_no_rule_names_waits(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("here", ONE), Connection("there", ONE, region="us-east-1")
        ).accept(ONE, regions=["eu-west-1"])
        invoke(service)
        assert service.states() == {"here": "available", "there": "pendingAcceptance"}

    def test_rows_of_tables_are_rules(self, invoke: Invoke) -> None:
        requests = [
            Connection(f"{account}-{n}", account, created=n)
            for account in (ONE, TWO)
            for n in (1, 2)
        ]
        service = ManagedService(*requests).table(
            "customers",
            {"account": {"S": ONE}, "limit": {"N": "1"}, "name": {"S": "any"}},
            {"account": {"S": TWO}, "regions": {"SS": ["us-east-1"]}},
        )
        invoke(service)
        accepted = {key for key, state in service.states().items() if state == "available"}
        assert accepted == {f"{ONE}-1"}

    def test_connections_on_many_pages_are_accepted_in_batches(self, invoke: Invoke) -> None:
        service = ManagedService(
            *(Connection(f"c{n:03}", ONE) for n in range(120)), page_size=50
        ).accept()
        invoke(service)
        assert set(service.states().values()) == {"available"}
        assert service.sizes["Accept"] == [50, 50, 20]
        assert service.calls.count(DESCRIBE) == 3

    def test_attachments_of_transit_gateways_are_accepted(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("tgw-attach-1", ONE, is_attachment=True), Connection("vpce-1", ONE)
        ).accept(ONE)
        invoke(service)
        assert set(service.states().values()) == {"available"}

    def test_nothing_to_do_changes_nothing(self, invoke: Invoke) -> None:
        service = ManagedService(*live(3, ONE)).accept(ONE)
        invoke(service)
        assert service.calls == ["GetParametersByPath", DESCRIBE]

    def test_a_dry_run_changes_nothing(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("a", ONE),
            *live(2, tags=unmatched_since(DAY)),
            dry_run=True,
            disconnect_after=60,
            reject_after=60,
        ).accept(ONE)
        before = service.states()
        invocation = invoke(service)
        assert service.states() == before
        assert set(service.calls) == {"GetParametersByPath", "GetParameter", DESCRIBE}
        assert {each["action"] for each in lines(invocation)} == {"accept", "disconnect"}
        assert {each["outcome"] for each in lines(invocation)} == {"dry run"}

    def test_a_dry_run_shows_what_happens_after_the_time(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("a", TWO),
            *live(2),
            reject_after=DAY,
            disconnect_after=DAY,
            max_disconnects=1,
            dry_run=True,
        ).accept(ONE)
        actions = [each["action"] for each in lines(invoke(service))]
        assert sorted(actions) == ["block", "disconnect", "reject"]
        assert REJECT not in service.calls


class TestRejection:
    def test_nothing_is_rejected_by_default(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("a", TWO, tags=unmatched_since(DAY)), *live(1, tags=unmatched_since(DAY))
        ).accept(ONE)
        invoke(service)
        assert REJECT not in service.calls
        assert "CreateTags" not in service.calls

    def test_an_unmatched_request_is_rejected_when_its_time_has_passed(
        self, invoke: Invoke
    ) -> None:
        service = ManagedService(
            Connection("first", TWO),
            Connection("soon", TWO, tags=unmatched_since(HOUR / 2)),
            Connection("late", TWO, tags=unmatched_since(2 * HOUR)),
            reject_after=HOUR,
        ).accept(ONE)
        found = metrics(invoke(service))
        assert service.states() == {
            "first": "pendingAcceptance",
            "soon": "pendingAcceptance",
            "late": "rejected",
        }
        assert service.connections["first"].tags.keys() == {UNMATCHED_TAG}
        assert (found["Rejected"], found["Pending"]) == (1, 2)

    def test_a_connection_that_matches_again_loses_its_tag(self, invoke: Invoke) -> None:
        service = ManagedService(*live(1, ONE, tags=unmatched_since(DAY)), disconnect_after=60)
        invoke(service.accept(ONE))
        assert service.states() == {"live-0": "available"}
        assert service.connections["live-0"].tags == {}

    def test_the_brake_holds_over_any_number_of_runs(self, invoke: Invoke) -> None:
        service = ManagedService(
            *live(20, tags=unmatched_since(DAY)), disconnect_after=HOUR, max_disconnects=3
        ).accept(ONE)
        first = metrics(invoke(service))
        assert list(service.states().values()).count("rejected") == 3
        assert (first["Disconnected"], first["Blocked"]) == (3, 17)
        second = metrics(invoke(service))
        assert list(service.states().values()).count("rejected") == 3
        assert (second["Disconnected"], second["Blocked"]) == (0, 17)
        # On the next day, as many again.
        service.ledger = json.dumps(dict.fromkeys(json.loads(service.ledger), 1))
        assert metrics(invoke(service))["Disconnected"] == 3

    def test_at_most_a_fifth_of_the_connections_is_disconnected(self, invoke: Invoke) -> None:
        service = ManagedService(
            *live(8, tags=unmatched_since(DAY)), disconnect_after=HOUR, max_disconnects=100
        ).accept(ONE)
        assert metrics(invoke(service))["Disconnected"] == 1

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [{"account": {"S": "12"}}, {"account": {"S": ONE}, "limit": {"S": "many"}}],
        ],
        ids=["empty", "two rows that make no sense"],
    )
    def test_doubtful_tables_reject_nothing(self, invoke: Invoke, rows: Any) -> None:
        service = ManagedService(
            Connection("a", TWO, tags=unmatched_since(DAY)),
            *live(1, tags=unmatched_since(DAY)),
            Connection("b", TWO),
            disconnect_after=60,
            reject_after=60,
        ).table("customers", *rows)
        invocation = invoke(service)
        assert REJECT not in service.calls
        assert service.connections["b"].tags == {}
        found = metrics(invocation)
        assert (found["Blocked"], found["Failed"]) == (1, len(rows))
        assert "customers" in invocation.log

    def test_a_table_that_becomes_empty_is_an_alarm_at_once(self, invoke: Invoke) -> None:
        # Nothing is remembered, so that the time begins when the table has a row again.
        service = ManagedService(*live(1), disconnect_after=HOUR).table("customers")
        assert metrics(invoke(service))["Blocked"] == 1
        assert service.connections["live-0"].tags == {}

    def test_a_row_that_makes_no_sense_protects_its_account(self, invoke: Invoke) -> None:
        service = ManagedService(
            Connection("a", TWO, tags=unmatched_since(DAY)),
            *live(1, tags=unmatched_since(DAY)),
            disconnect_after=60,
            reject_after=60,
        ).table(
            "customers", {"account": {"S": ONE}}, {"account": {"S": TWO}, "limit": {"S": "many"}}
        )
        invoke(service)
        assert service.states() == {"a": "pendingAcceptance", "live-0": "rejected"}

    def test_a_table_without_access_accepts_by_the_other_rules(self, invoke: Invoke) -> None:
        def deny() -> None:
            raise FaultError("AccessDeniedException")

        service = (
            ManagedService(
                Connection("a", ONE), *live(1, tags=unmatched_since(DAY)), disconnect_after=60
            )
            .accept(ONE)
            .table("customers")
        )
        service.before[SCAN] = [deny]
        invocation = invoke(service, fails=True)
        assert service.states() == {"a": "available", "live-0": "available"}
        assert metrics(invocation)["Failed"] == 1

    def test_a_ledger_that_cannot_be_read_disconnects_nothing(self, invoke: Invoke) -> None:
        service = ManagedService(*live(1, tags=unmatched_since(DAY)), disconnect_after=60)
        service.ledger = "nonsense"
        invoke(service.accept(ONE), fails=True)
        assert REJECT not in service.calls

    def test_a_held_connection_stays_as_it_is(self, invoke: Invoke) -> None:
        hold = {HOLD_TAG: ""}
        service = ManagedService(
            Connection("a", ONE, tags=hold),
            *live(1, tags=unmatched_since(DAY) | hold),
            disconnect_after=60,
        ).accept(ONE)
        found = metrics(invoke(service))
        assert service.states() == {"a": "pendingAcceptance", "live-0": "available"}
        assert (found["Held"], found["Accepted"], found["Disconnected"]) == (2, 0, 0)

    def test_a_failed_call_does_not_spend_the_brake(self, invoke: Invoke) -> None:
        def vanish() -> None:
            del service.connections["live-0"]
            raise FaultError("InvalidVpcEndpointId.NotFound")

        service = ManagedService(
            *live(5, tags=unmatched_since(DAY)), disconnect_after=60, max_disconnects=5
        ).accept(ONE)
        service.before[REJECT] = [vanish]
        found = metrics(invoke(service))
        assert set(service.states().values()) == {"rejected"}
        assert (found["Disconnected"], found["Blocked"], found["Failed"]) == (4, 0, 0)

    def test_rules_that_change_during_a_run_save_connections(self, invoke: Invoke) -> None:
        service = ManagedService(*live(1, tags=unmatched_since(DAY)), disconnect_after=60).accept(
            ONE
        )
        service.before["GetParametersByPath"] = [None, lambda: bool(service.accept(THREE))]
        invoke(service)
        assert service.states() == {"live-0": "available"}

    def test_two_runs_at_once_do_not_disconnect_both(self, invoke: Invoke) -> None:
        service = ManagedService(*live(1, tags=unmatched_since(DAY)), disconnect_after=60)

        def another_run_writes() -> None:
            service.ledger_version += 1

        service.before["PutParameter"] = [another_run_writes]
        invocation = invoke(service.accept(ONE), fails=True)
        assert "at the same time" in invocation.log
        assert REJECT not in service.calls


class TestFaults:
    def test_parameters_in_the_middle_of_a_deployment_change_nothing(self, invoke: Invoke) -> None:
        service = ManagedService(Connection("a", ONE), pieces=5).accept(ONE)
        invocation = invoke(service, fails=True)
        assert "are incomplete" in invocation.result["errorMessage"]
        assert service.calls == ["GetParametersByPath"]

    def test_a_parameter_that_is_deleted_later_does_not_count(self, invoke: Invoke) -> None:
        # CloudFormation deletes the parameters of removed rules after the rules must be in force.
        service = ManagedService(Connection("a", ONE), Connection("b", TWO), pieces=1)
        service.accept(ONE).accept(TWO)
        assert invoke(service).result["Complete"]
        assert service.states() == {"a": "available", "b": "pendingAcceptance"}

    def test_a_connection_without_a_region_is_in_the_region_of_the_service(
        self, invoke: Invoke
    ) -> None:
        service = ManagedService(Connection("a", ONE, region=""), Connection("b", TWO, region=""))
        service.accept(ONE, regions=["eu-west-1"]).accept(TWO, regions=["us-east-1"])
        invoke(service)
        assert service.states() == {"a": "available", "b": "pendingAcceptance"}

    def test_throttled_calls_are_repeated(self, invoke: Invoke) -> None:
        def throttle() -> None:
            raise FaultError("RequestLimitExceeded", 503)

        service = ManagedService(Connection("a", ONE)).accept(ONE)
        for action in (DESCRIBE, ACCEPT):
            service.before[action] = [throttle, throttle]
        invoke(service)
        assert service.states() == {"a": "available"}

    def test_a_connection_that_vanishes_is_no_failure(self, invoke: Invoke) -> None:
        service = ManagedService(Connection("a", ONE), Connection("b", ONE)).accept(ONE)
        service.before[ACCEPT] = [lambda: bool(service.connections.pop("a"))]
        invocation = invoke(service)
        assert service.states() == {"b": "available"}
        assert [each["outcome"] for each in lines(invocation)] == ["gone", "accepted"]

    def test_one_wrong_id_does_not_stop_the_others(self, invoke: Invoke) -> None:
        def reject_all() -> None:
            raise FaultError("InvalidVpcEndpointId.NotFound")

        service = ManagedService(Connection("a", ONE), Connection("b", ONE)).accept(ONE)
        service.before[ACCEPT] = [reject_all]
        invoke(service)
        assert set(service.states().values()) == {"available"}
        assert service.sizes["Accept"] == [1, 1]

    def test_one_wrong_id_does_not_stop_other_rejections(self, invoke: Invoke) -> None:
        def reject_all() -> None:
            raise FaultError("InvalidVpcEndpointId.NotFound")

        requests = [Connection(name, TWO, tags=unmatched_since(DAY)) for name in ("a", "b")]
        service = ManagedService(*requests, reject_after=60).accept(ONE)
        service.before[REJECT] = [reject_all]
        invoke(service)
        assert set(service.states().values()) == {"rejected"}
        assert service.sizes["Reject"] == [1, 1]

    def test_a_change_that_ec2_rejects_is_a_failure_which_the_next_run_repairs(
        self, invoke: Invoke
    ) -> None:
        def change() -> None:
            service.connections["a"].state = "failed"

        service = ManagedService(Connection("a", ONE), Connection("b", ONE)).accept(ONE)
        service.before[ACCEPT] = [change]
        invocation = invoke(service, fails=True)
        assert metrics(invocation)["Failed"] == 1
        assert "InvalidState" in invocation.log
        service.connections["a"].state = "pendingAcceptance"
        invoke(service)
        assert set(service.states().values()) == {"available"}

    def test_a_run_without_enough_time_continues_with_a_message(self, invoke: Invoke) -> None:
        service = ManagedService(Connection("a", ONE)).accept(ONE)
        invocation = invoke(service, seconds=29)
        assert service.messages == ["continue"]
        assert invocation.result == {"Version": "one", "Complete": False, "Failed": 0}
        assert service.states() == {"a": "pendingAcceptance"}

    def test_a_custom_resource_learns_the_version(self, invoke: Invoke) -> None:
        service = ManagedService(Connection("a", ONE)).accept(ONE)
        invocation = invoke(service, {"Manager": MANAGER})
        assert invocation.result == {"Version": "one", "Complete": True, "Failed": 0}
        assert service.states() == {"a": "available"}

    def test_states_in_any_case_and_closed_connections(self, invoke: Invoke) -> None:
        closed = ("Rejected", "deleting", "Deleted", "failed", "Expired")
        service = ManagedService(
            Connection("a", ONE, "PendingAcceptance"),
            # Its consumer changes it.
            Connection("b", ONE, "Pending"),
            *(Connection(state, ONE, state) for state in closed),
        ).accept(ONE, limit=1)
        found = metrics(invoke(service))
        assert (found["Accepted"], found["Pending"]) == (0, 1)
