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
    named,
    no_service,
    service,
    started,
)

DESCRIBE = "DescribeVpcEndpointServiceConfigurations"
START = "StartVpcEndpointServicePrivateDnsVerification"


def run(request: dict[str, Any], **options: Any) -> Run:
    return checked("verify_private_dns", request, **options)


def actions(outcome: Run) -> list[str]:
    return [question["Action"] for question in outcome.asked]


class TestLifecycle:
    @pytest.mark.parametrize("request_type", ["Create", "Update"])
    def test_it_is_started_and_waited_for(self, request_type: str) -> None:
        pending = named("pendingVerification")
        outcome = run(
            event(request_type), ec2=[pending, started(), pending, pending, named("verified")]
        )
        assert outcome.returncode == 0
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert actions(outcome) == [DESCRIBE, START, DESCRIBE, DESCRIBE, DESCRIBE]
        assert outcome.asked[1]["ServiceId"] == "vpce-svc-1"

    def test_a_name_that_is_verified_already(self) -> None:
        outcome = run(event(), ec2=[named("verified")])
        assert outcome.answer["Status"] == "SUCCESS"
        assert actions(outcome) == [DESCRIBE]

    def test_a_changed_name_is_verified_once_ec2_knows_it(self) -> None:
        # GIVEN an EC2 that still tells of the old name, which is verified
        old, new = named("verified", "old.example.com"), named("pendingVerification")
        # WHEN the name is changed
        request = event("Update", PhysicalResourceId="vpce-svc-1")
        outcome = run(request, ec2=[old, new, started(), named("verified")])
        # THEN it is the new one that is verified
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.answer["PhysicalResourceId"] == "vpce-svc-1"
        assert actions(outcome) == [DESCRIBE, DESCRIBE, START, DESCRIBE]

    def test_delete_asks_nothing(self) -> None:
        request = event("Delete", PhysicalResourceId="vpce-svc-1")
        outcome = run(request, ec2=[error("UnauthorizedOperation")])
        assert outcome.answer["Status"] == "SUCCESS"
        assert outcome.asked == []


class TestFaults:
    def test_a_verification_that_failed_is_started_anew(self) -> None:
        # The record may not have been to be seen everywhere when EC2 looked for it.
        failed = named("failed")
        outcome = run(event(), ec2=[failed, started(), failed, started(), named("verified")])
        assert outcome.answer["Status"] == "SUCCESS"
        assert actions(outcome) == [DESCRIBE, START, DESCRIBE, START, DESCRIBE]

    @pytest.mark.parametrize(
        "passing",
        [
            error("InvalidVpcEndpointServiceId.NotFound"),
            no_service(),
            service(),
            error("RequestLimitExceeded", status=503),
            error("UnauthorizedOperation"),
            Response("<Truncated"),
        ],
        ids=["not found", "empty", "without a name", "throttled", "denied", "truncated"],
    )
    def test_what_passes_is_waited_for(self, passing: Response) -> None:
        outcome = run(event(), ec2=[passing, passing, named("verified")])
        assert outcome.answer["Status"] == "SUCCESS"

    def test_a_start_that_was_refused_is_tried_again(self) -> None:
        pending = named("pendingVerification")
        script = [pending, error("UnauthorizedOperation"), pending, started(), named("verified")]
        outcome = run(event(), ec2=script)
        assert outcome.answer["Status"] == "SUCCESS"
        assert actions(outcome) == [DESCRIBE, START, DESCRIBE, START, DESCRIBE]

    @pytest.mark.parametrize("state", ["pendingVerification", "failed"])
    def test_the_reason_says_what_to_check(self, state: str) -> None:
        outcome = run(event(), ec2=[named(state), started()], seconds=ONE_QUESTION)
        assert outcome.answer["Status"] == "FAILED"
        assert outcome.answer["Reason"] == (
            "payments.example.com of vpce-svc-1 was not verified in time. The last answer of EC2: "
            f"its state is {state}. Check that public DNS has a TXT record "
            "_a-name.payments.example.com with vpce:a-value"
        )

    def test_the_record_of_a_wildcard_is_below_its_parent(self) -> None:
        request = event(
            ResourceProperties={"ServiceId": "vpce-svc-1", "DomainName": "*.example.com"}
        )
        script = [named("pendingVerification", "*.example.com"), started()]
        outcome = run(request, ec2=script, seconds=ONE_QUESTION)
        assert "_a-name.example.com with" in outcome.answer["Reason"]

    def test_a_name_of_which_the_proof_is_not_known_yet(self) -> None:
        bare = service(private_dns="<privateDnsName>payments.example.com</privateDnsName>")
        outcome = run(event(), ec2=[bare], seconds=ONE_QUESTION)
        assert outcome.answer["Reason"].endswith(
            "The last answer of EC2: it does not tell yet which record would prove the name"
        )
        assert actions(outcome) == [DESCRIBE]

    def test_the_reason_is_that_of_ec2(self) -> None:
        script = [named("pendingVerification"), error("UnauthorizedOperation", "Not allowed")]
        outcome = run(event(), ec2=script, seconds=ONE_QUESTION)
        assert outcome.answer["Status"] == "FAILED"
        assert "Not allowed" in outcome.answer["Reason"]
        assert START in outcome.answer["Reason"]

    @pytest.mark.parametrize(
        ("properties", "name"),
        [
            (None, "ServiceId"),
            ("nonsense", "ServiceId"),
            ({"ServiceId": "vpce-svc-1"}, "DomainName"),
            ({"ServiceId": "vpce-svc-1", "DomainName": [""]}, "DomainName"),
        ],
    )
    def test_wrong_properties(self, properties: object, name: str) -> None:
        outcome = run(event(ResourceProperties=properties), ec2=[named("verified")])
        assert outcome.answer["Status"] == "FAILED"
        assert outcome.answer["Reason"].startswith(
            f"{name} must be a string that is not empty, got"
        )
        assert outcome.asked == []
