"""The migration guides keep existing services: same logical ids, same properties."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack

from tests.documentation.pages import ROOT, blocks_of, names_after
from tests.unit.templates import PERMISSIONS, SERVICE, resources_of, template_of

STACK = blocks_of("README.md")[0]
# The service of the README itself, which no guide migrates.
README_SERVICE = "Payments"


def migrated(stack: Stack) -> dict[str, Any]:
    """Return the services and permissions that the guide migrates."""
    resources = {**resources_of(stack, SERVICE), **resources_of(stack, PERMISSIONS)}
    return {key: value for key, value in resources.items() if not key.startswith(README_SERVICE)}


class TestFromTheCdk:
    def test_logical_ids_and_properties_stay_the_same(self) -> None:
        before, after = blocks_of("docs/migration/cdk.md")
        old = migrated(names_after(STACK, before)["stack"])
        new = migrated(names_after(STACK, before, after)["stack"])
        assert {each["Type"] for each in old.values()} == {SERVICE, PERMISSIONS}
        assert {key: each["Properties"] for key, each in new.items()} == {
            key: each["Properties"] for key, each in old.items()
        }

    def test_logical_ids_change_without_the_overrides(self) -> None:
        before, after = blocks_of("docs/migration/cdk.md")
        old = migrated(names_after(STACK, before)["stack"])
        kept = [line for line in after.splitlines() if "override_logical_id" not in line]
        new = migrated(names_after(STACK, before, "\n".join(kept))["stack"])
        assert old.keys() != new.keys()

    def test_console_output_shows_the_logical_ids_of_the_code(self) -> None:
        before, _ = blocks_of("docs/migration/cdk.md")
        shown = (ROOT / "docs/migration/cdk.md").read_text(encoding="utf-8")
        for key, each in migrated(names_after(STACK, before)["stack"]).items():
            assert f"  {key}:\n    Type: {each['Type']}\n" in shown


class TestFromTheTemplate:
    def test_logical_ids_are_the_ids_of_the_original_template(self) -> None:
        stack = names_after(STACK, *blocks_of("docs/migration/cloudformation.md"))["stack"]
        assert {key: each["Type"] for key, each in migrated(stack).items()} == {
            "VpcEndpointService": SERVICE,
            "VpcEndpointServicePermissions": PERMISSIONS,
        }


class TestFromTerraform:
    def test_import_template_contains_the_service_only(self) -> None:
        new, imported, principals = blocks_of("docs/migration/terraform.md")
        names = names_after(STACK, new, imported)
        (resource,) = template_of(names["stack"])["Resources"].values()
        assert resource["Type"] == SERVICE
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
        # AND adding principals changes no property of the service
        names = names_after(STACK, new, imported, principals)
        assert [*resources_of(names["stack"], SERVICE).values()] == [resource]
        assert len(resources_of(names["stack"], PERMISSIONS)) == 1
