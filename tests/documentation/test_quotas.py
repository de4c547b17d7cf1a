"""The page on quotas counts what is made, and how long it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53

from cdk_privatelink import InterfaceEndpoint, PrivateDns, ServiceNameSource
from cdk_privatelink.provider.private_dns import MAX_NAMES_PER_STACK
from tests.documentation.site import table_below
from tests.unit.templates import make_service, template_of

PAGE = "docs/quotas.md"
MOST_RESOURCES = 500


def resources(number: int, *, private_dns: bool = False, **options: Any) -> int:
    """Count the resources of a stack with so many services."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    for index in range(number):
        if private_dns:
            options["private_dns"] = PrivateDns(f"n{index}.example.com", hosted_zone=zone)
        make_service(stack, f"S{index}", allowed_principals=[iam.AnyPrincipal()], **options)
    return len(template_of(stack)["Resources"])


@pytest.mark.parametrize(
    ("row", "options", "most"),
    [
        (0, {}, MOST_RESOURCES),
        (1, {"service_name_source": ServiceNameSource.DERIVED}, MOST_RESOURCES),
        (2, {"private_dns": True}, MAX_NAMES_PER_STACK),
    ],
    ids=["looked up", "derived", "private DNS"],
)
def test_how_many_services_fit_a_stack(row: int, options: dict[str, Any], most: int) -> None:
    _, each, once, fit = table_below(PAGE, "Stacks")[row]
    one, two = resources(1, **options), resources(2, **options)
    assert (int(each), int(once)) == (two - one, 2 * one - two)
    assert int(fit) == min(most, (MOST_RESOURCES - int(once)) // int(each))


def size(principals: list[iam.ArnPrincipal]) -> int:
    """Measure the template of a service with principals."""
    app = App()
    stack = Stack(app, "Stack")
    make_service(stack, allowed_principals=principals)
    return Path(app.synth().get_stack_by_name("Stack").template_full_path).stat().st_size


def test_how_long_a_template_is() -> None:
    told = [int(row[1].replace(",", "")) for row in table_below(PAGE, "Principals")]
    accounts = [f"{number:012}" for number in range(1, 101)]
    nobody = size([])
    measured: list[float] = [nobody]
    for some in (
        [iam.AccountPrincipal(account) for account in accounts],
        [iam.ArnPrincipal(f"arn:aws:iam::{account}:root") for account in accounts],
    ):
        # What is there once, whoever is allowed, does not count.
        measured.append((size([*some]) - size([*some[:50]])) / 50)
    assert told == pytest.approx(measured, rel=0.1)


def test_how_many_resources_an_interface_endpoint_is() -> None:
    name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
    stack = Stack(App(), "Stack")
    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=ec2.Vpc(stack, "Vpc"), service=name)
    made = [each for each in endpoint.node.find_all() if CfnResource.is_cfn_resource(each)]
    told = {row[0]: row[1] for row in table_below(PAGE, "What consumers have to plan")}
    assert told["resources of an `InterfaceEndpoint`"].startswith(f"{len(made)}:")
