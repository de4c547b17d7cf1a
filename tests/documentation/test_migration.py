"""What the pages on migration promise of services that are live: they stay what they are."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack

from tests.documentation.site import ROOT, blocks_of, names_after
from tests.unit.templates import PERMISSIONS, SERVICE, resources_of, template_of

STACK = blocks_of("README.md")[0]
# What the README's own service is called, which the pages are not about.
OTHERS = "Payments"


def live(stack: Stack) -> dict[str, Any]:
    """Services and who may connect to them: what must neither go nor change."""
    found = {**resources_of(stack, SERVICE), **resources_of(stack, PERMISSIONS)}
    return {key: value for key, value in found.items() if not key.startswith(OTHERS)}


class TestFromTheCdk:
    def test_service_and_permissions_stay_as_they_are(self) -> None:
        before, after = blocks_of("docs/migration/cdk.md")
        old = live(names_after(STACK, before)["stack"])
        new = live(names_after(STACK, before, after)["stack"])
        assert {each["Type"] for each in old.values()} == {SERVICE, PERMISSIONS}
        assert {key: each["Properties"] for key, each in new.items()} == {
            key: each["Properties"] for key, each in old.items()
        }

    def test_without_the_ids_it_would_be_replaced(self) -> None:
        before, after = blocks_of("docs/migration/cdk.md")
        old = live(names_after(STACK, before)["stack"])
        kept = [line for line in after.splitlines() if "override_logical_id" not in line]
        new = live(names_after(STACK, before, "\n".join(kept))["stack"])
        assert old.keys() != new.keys()

    def test_the_output_of_its_console_is_that_of_its_code(self) -> None:
        before, _ = blocks_of("docs/migration/cdk.md")
        shown = (ROOT / "docs/migration/cdk.md").read_text(encoding="utf-8")
        for key, each in live(names_after(STACK, before)["stack"]).items():
            assert f"  {key}:\n    Type: {each['Type']}\n" in shown


class TestFromTheTemplate:
    def test_logical_ids_are_those_of_the_template(self) -> None:
        stack = names_after(STACK, *blocks_of("docs/migration/cloudformation.md"))["stack"]
        assert {key: each["Type"] for key, each in live(stack).items()} == {
            "VpcEndpointService": SERVICE,
            "VpcEndpointServicePermissions": PERMISSIONS,
        }


class TestFromTerraform:
    def test_what_is_imported_is_the_service_alone(self) -> None:
        new, imported, principals = blocks_of("docs/migration/terraform.md")
        names = names_after(STACK, new, imported)
        (resource,) = template_of(names["stack"])["Resources"].values()
        assert resource["Type"] == SERVICE
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
        # AND nothing of it changes when its principals come
        names = names_after(STACK, new, imported, principals)
        assert [*resources_of(names["stack"], SERVICE).values()] == [resource]
        assert len(resources_of(names["stack"], PERMISSIONS)) == 1
