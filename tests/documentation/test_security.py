"""docs/security.md lists exactly the permissions that the library creates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from cdk_privatelink import InterfaceEndpoint, PrivateDns
from tests.documentation.pages import table_below
from tests.unit.networks import existing_vpc
from tests.unit.templates import make_service, template_of

PAGE = "docs/security.md"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Return the template of a stack with every permission that the library can create."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    service = make_service(stack, private_dns=PrivateDns("example.com", hosted_zone=zone))
    service.reject_connections_on_delete()
    endpoint = InterfaceEndpoint(
        stack, "Endpoint", vpc=existing_vpc(stack), service=service, auto_accept=True
    )
    assert endpoint.private_ip_addresses
    service.add_connection_notification(sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key")))
    return template_of(stack)


def permissions(value: Any) -> Iterator[tuple[str, str]]:
    """Yield principal and action of each statement. The principal of a role's policy is empty."""
    if isinstance(value, list):
        for item in value:
            yield from permissions(item)
    elif isinstance(value, dict) and value.get("Effect") == "Allow":
        actions = value["Action"]
        principal = value.get("Principal", {})
        # The CDK itself adds a statement for the account to every key.
        if "AWS" not in principal:
            for action in [actions] if isinstance(actions, str) else actions:
                yield principal.get("Service", ""), action
    elif isinstance(value, dict):
        for item in value.values():
            yield from permissions(item)


def code(cell: str) -> str:
    """Return the code in a table cell."""
    (found,) = re.findall(r"`([^`]+)`", cell)[:1]
    return str(found)


def test_page_lists_every_permission(template: dict[str, Any]) -> None:
    lookup = {("", code(row[0])) for row in table_below(PAGE, "Permissions of the function")}
    verification = {
        ("", code(row[0])) for row in table_below(PAGE, "Permissions for a private DNS name")
    }
    acceptance = {("", code(row[0])) for row in table_below(PAGE, "Permissions for acceptance")}
    addresses = {("", code(row[0])) for row in table_below(PAGE, "Permissions for addresses")}
    draining = {("", code(row[0])) for row in table_below(PAGE, "Permissions for draining")}
    notifications = {
        ("vpce.amazonaws.com", code(row[0])) for row in table_below(PAGE, "Notifications")
    }
    assume = ("lambda.amazonaws.com", "sts:AssumeRole")
    assert set(permissions(template)) == {
        *lookup,
        *verification,
        *draining,
        *acceptance,
        *addresses,
        *notifications,
        assume,
    }


def test_page_lists_the_permissions_of_each_function(template: dict[str, Any]) -> None:
    lookup = {("", code(row[0])) for row in table_below(PAGE, "Permissions of the function")}
    resources = template["Resources"].items()
    (role,) = [each for name, each in resources if name.startswith("PrivateLinkCustomResourcesR")]
    assert set(permissions(role["Properties"]["Policies"])) == lookup
    policies = [each for _, each in resources if each["Type"] == "AWS::IAM::Policy"]
    assert set(permissions(policies)) == {
        ("", code(row[0]))
        for heading in (
            "Permissions for a private DNS name",
            "Permissions for draining",
            "Permissions for acceptance",
            "Permissions for addresses",
        )
        for row in table_below(PAGE, heading)
    }


def test_log_groups_have_the_documented_retention(template: dict[str, Any]) -> None:
    groups = [each for each in template["Resources"].values() if each["Type"].endswith("LogGroup")]
    assert [(each["Properties"]["RetentionInDays"], each["DeletionPolicy"]) for each in groups] == [
        (30, "Delete"),
    ]
