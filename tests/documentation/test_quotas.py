"""The numbers in docs/quotas.md: resources per stack and sizes of templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53

from cdk_privatelink import InterfaceEndpoint, PrivateDns, ServiceNameSource
from tests.documentation.pages import table_below
from tests.unit.templates import make_service, template_of

PAGE = "docs/quotas.md"
RESOURCE_QUOTA = 500
# The unit tests of private DNS names and of draining show that one more is an error.
MAX_VERIFIED_NAMES = 41
MAX_DRAINED_SERVICES = 43


def count_resources(
    number: int, *, private_dns: bool = False, drains: bool = False, **options: Any
) -> int:
    """Return the number of resources of a stack with some services."""
    stack = Stack(App(), "Stack")
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    for index in range(number):
        if private_dns:
            options["private_dns"] = PrivateDns(f"n{index}.example.com", hosted_zone=zone)
        everyone = [iam.AnyPrincipal()]
        service = make_service(stack, f"S{index}", allowed_principals=everyone, **options)
        if drains:
            service.reject_connections_on_delete()
    return len(template_of(stack)["Resources"])


@pytest.mark.parametrize(
    ("row", "options", "limit"),
    [
        (0, {}, RESOURCE_QUOTA),
        (1, {"service_name_source": ServiceNameSource.DERIVED}, RESOURCE_QUOTA),
        (2, {"private_dns": True}, MAX_VERIFIED_NAMES),
        (3, {"drains": True}, MAX_DRAINED_SERVICES),
    ],
    ids=["looked up", "derived", "private DNS", "draining"],
)
def test_page_counts_the_services_that_fit_in_a_stack(
    row: int, options: dict[str, Any], limit: int
) -> None:
    _, per_service, per_stack, services = table_below(PAGE, "Stacks")[row]
    one, two = count_resources(1, **options), count_resources(2, **options)
    assert (int(per_service), int(per_stack)) == (two - one, 2 * one - two)
    assert int(services) == min(limit, (RESOURCE_QUOTA - int(per_stack)) // int(per_service))


def template_size(principals: list[iam.ArnPrincipal]) -> int:
    """Return the size in bytes of the template of a service with principals."""
    app = App()
    stack = Stack(app, "Stack")
    make_service(stack, allowed_principals=principals)
    return Path(app.synth().get_stack_by_name("Stack").template_full_path).stat().st_size


def test_page_gives_the_size_of_a_template_with_principals() -> None:
    documented = [int(row[1].replace(",", "")) for row in table_below(PAGE, "Principals")]
    accounts = [f"{number:012}" for number in range(1, 101)]
    empty = template_size([])
    measured: list[float] = [empty]
    for some in (
        [iam.AccountPrincipal(account) for account in accounts],
        [iam.ArnPrincipal(f"arn:aws:iam::{account}:root") for account in accounts],
    ):
        # Subtract the size that does not depend on principals.
        measured.append((template_size([*some]) - template_size([*some[:50]])) / 50)
    assert documented == pytest.approx(measured, rel=0.1)


def test_page_counts_the_resources_of_an_interface_endpoint() -> None:
    name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
    stack = Stack(App(), "Stack")
    endpoint = InterfaceEndpoint(stack, "Endpoint", vpc=ec2.Vpc(stack, "Vpc"), service=name)
    resources = [each for each in endpoint.node.find_all() if CfnResource.is_cfn_resource(each)]
    documented = {row[0]: row[1] for row in table_below(PAGE, "Quotas of consumers")}
    assert documented["Resources of an `InterfaceEndpoint`"].startswith(f"{len(resources)}:")
