from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.harness import (
    ONE_QUESTION,
    Response,
    Run,
    checked,
    error,
    event,
    no_service,
    service,
)

NAME = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"


def run(request: dict[str, Any], **options: Any) -> Run:
    return checked("look_up_service_name", request, **options)


class TestLifecycle:
    def test_create(self) -> None:
        outcome = run(event("Create"), ec2=[service()])
        assert outcome.returncode == 0
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert outcome.answer["Data"] == {
            "ServiceName": NAME,
            "AvailabilityZones": "eu-west-1a,eu-west-1b",
            "AvailabilityZoneIds": "euw1-az1,euw1-az2",
            "BaseEndpointDnsNames": "vpce-svc-1.example",
        }
        (question,) = outcome.asked
        assert question["Action"] == "DescribeVpcEndpointServiceConfigurations"
        assert question["ServiceId.1"] == "vpce-svc-1"

    def test_update_of_the_same_service_keeps_the_physical_id(self) -> None:
        outcome = run(event("Update", PhysicalResourceId="vpce-svc-1"), ec2=[service()])
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert outcome.answer["Data"]["ServiceName"] == NAME

    def test_update_to_another_service(self) -> None:
        outcome = run(event("Update", PhysicalResourceId="vpce-svc-0"), ec2=[service()])
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert outcome.answer["Data"]["ServiceName"] == NAME

    def test_a_failed_update_keeps_the_physical_id(self) -> None:
        outcome = run(event("Update", PhysicalResourceId="vpce-svc-0"), ec2=[service("Failed")])
        assert outcome.answer["Status"] == "FAILED"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-0"

    def test_delete_asks_nothing(self) -> None:
        outcome = run(
            event("Delete", PhysicalResourceId="vpce-svc-1"), ec2=[error("UnauthorizedOperation")]
        )
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert outcome.asked == []


class TestFaults:
    @pytest.mark.parametrize(
        "passing",
        [
            error("InvalidVpcEndpointServiceId.NotFound"),
            no_service(),
            service(service_id="vpce-svc-2"),
            service("Pending"),
            error("RequestLimitExceeded", status=503),
            error("UnauthorizedOperation"),
            Response("<Truncated"),
        ],
        ids=["not found", "empty", "another", "pending", "throttled", "denied", "truncated"],
    )
    def test_what_passes_is_waited_for(self, passing: Response) -> None:
        outcome = run(event(), ec2=[passing, passing, service()])
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["Data"]["ServiceName"] == NAME

    @pytest.mark.parametrize(
        ("lasting", "reason"),
        [
            (no_service(), "DescribeVpcEndpointServiceConfigurations knows no such service"),
            (service("Pending"), "its state is Pending"),
            (error("UnauthorizedOperation", "Not allowed"), "Not allowed"),
        ],
        ids=["empty", "pending", "denied"],
    )
    def test_what_lasts_is_told_before_the_time_is_over(
        self, lasting: Response, reason: str
    ) -> None:
        outcome = run(event(), ec2=[lasting], seconds=ONE_QUESTION)
        assert outcome.answer["Status"] == "FAILED"
        assert "vpce-svc-1" in outcome.answer["Reason"]
        assert "did not become available in eu-west-1 in time" in outcome.answer["Reason"]
        assert reason in outcome.answer["Reason"]

    @pytest.mark.parametrize("state", ["Failed", "Deleting", "Deleted"])
    def test_a_service_that_is_of_no_use_is_told_at_once(self, state: str) -> None:
        outcome = run(event(), ec2=[service(state)])
        assert outcome.answer["Status"] == "FAILED"
        assert outcome.answer["Reason"] == f"vpce-svc-1 cannot be used: its state is {state}"
        assert len(outcome.asked) == 1

    def test_a_long_error_in_any_script_fits_into_the_answer(self) -> None:
        long = error("UnauthorizedOperation", '"Größe" 大小 🙂\n' * 2000)
        outcome = run(event(), ec2=[long], seconds=ONE_QUESTION)
        assert outcome.answer["Status"] == "FAILED"
        assert "Größe" in outcome.answer["Reason"]

    @pytest.mark.parametrize(
        "properties", [None, {}, {"ServiceId": ""}, {"ServiceId": ["vpce-svc-1"]}, "nonsense"]
    )
    def test_wrong_properties(self, properties: object) -> None:
        outcome = run(event(ResourceProperties=properties), ec2=[service()])
        assert outcome.answer["Status"] == "FAILED"
        assert outcome.answer["Reason"]
        assert outcome.asked == []

    def test_an_unknown_request_type(self) -> None:
        outcome = run(event("Import"), ec2=[service()])
        assert outcome.answer["Status"] == "FAILED"
        assert "'Import'" in outcome.answer["Reason"]

    def test_the_answer_is_sent_until_it_is_taken(self) -> None:
        outcome = run(
            event(), ec2=[service()], cloudformation=[Response(status=503)] * 2 + [Response()]
        )
        assert outcome.answer["Status"] == "SUCCESS"
        assert len(outcome.raw_answers) == 3

    def test_an_answer_that_is_never_taken_fails_the_function(self) -> None:
        # Lambda then tries the whole event once more.
        outcome = run(
            event("Delete", PhysicalResourceId="vpce-svc-1"),
            cloudformation=[Response(status=503)],
            seconds=18,
        )
        assert outcome.returncode == 1
        assert outcome.answers == []
