"""The page on security tells all that anyone is allowed, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from cdk_privatelink import PrivateDns
from tests.documentation.site import table_below
from tests.unit.templates import make_service, template_of

PAGE = "docs/security.md"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """All that the library can be asked to allow, in one stack."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    service = make_service(stack, private_dns=PrivateDns("example.com", hosted_zone=zone))
    service.add_connection_notification(sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key")))
    return template_of(stack)


def allowed(value: Any) -> Iterator[tuple[str, str]]:
    """Who is allowed what, however deep: the service, or none where it is the role's own."""
    if isinstance(value, list):
        for item in value:
            yield from allowed(item)
    elif isinstance(value, dict) and value.get("Effect") == "Allow":
        actions = value["Action"]
        principal = value.get("Principal", {})
        # What the CDK gives to the account of every key is not this library's.
        if "AWS" not in principal:
            for action in [actions] if isinstance(actions, str) else actions:
                yield principal.get("Service", ""), action
    elif isinstance(value, dict):
        for item in value.values():
            yield from allowed(item)


def code(cell: str) -> str:
    """Read what stands as code in a cell."""
    (found,) = re.findall(r"`([^`]+)`", cell)[:1]
    return str(found)


def test_every_permission_is_told(template: dict[str, Any]) -> None:
    look_up = {("", code(row[0])) for row in table_below(PAGE, "What the look-up may do")}
    verification = {
        ("", code(row[0])) for row in table_below(PAGE, "What the verification may do besides")
    }
    notifications = {
        ("vpce.amazonaws.com", code(row[0])) for row in table_below(PAGE, "Notifications")
    }
    assume = ("lambda.amazonaws.com", "sts:AssumeRole")
    assert set(allowed(template)) == {*look_up, *verification, *notifications, assume}


def test_what_each_function_may_do(template: dict[str, Any]) -> None:
    look_up = {("", code(row[0])) for row in table_below(PAGE, "What the look-up may do")}
    resources = template["Resources"].items()
    (role,) = [each for name, each in resources if name.startswith("PrivateLinkServiceNameLookupR")]
    assert set(allowed(role["Properties"]["Policies"])) == look_up
    (policy,) = [each for _, each in resources if each["Type"] == "AWS::IAM::Policy"]
    assert set(allowed(policy)) == {
        ("", code(row[0])) for row in table_below(PAGE, "What the verification may do besides")
    }


def test_the_log_is_kept_as_long_as_it_says(template: dict[str, Any]) -> None:
    groups = [each for each in template["Resources"].values() if each["Type"].endswith("LogGroup")]
    assert [(each["Properties"]["RetentionInDays"], each["DeletionPolicy"]) for each in groups] == [
        (30, "Delete"),
        (30, "Delete"),
    ]
