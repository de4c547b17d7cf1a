"""The templates of the examples with inspection, without a deployment."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from cdk_privatelink.assertions import PrivateLinkAssertionError, Routes
from tools.assembly import Assembly, synthesize

EXAMPLES = Path(__file__).parents[3] / "examples"
INTERNET = "198.51.100.7"


def subnets(assembly: Assembly, group: str) -> list[str]:
    """Return the paths of the subnets of a group in all VPCs."""
    found = [each.path for each in assembly.of_type("AWS::EC2::Subnet")]
    return [each for each in found if f"/{group}Subnet" in each]


def synthesize_with(references: str, example: str, folder: Path) -> Assembly:
    context = {"@aws-cdk/core:defaultCrossStackReferences": references}
    return synthesize(EXAMPLES / example, folder, context=context)


@pytest.fixture(params=["gateway_load_balancer_inspection", "transit_gateway_inspection"])
def assembly(request: pytest.FixtureRequest, tmp_path: Path) -> Assembly:
    # The recommended value, which apps of `cdk init` have.
    return synthesize_with("weak", request.param, tmp_path)


def test_connections_to_the_internet_are_inspected_in_both_directions(assembly: Assembly) -> None:
    routes = Routes.from_templates(assembly.templates)
    sources = subnets(assembly, "Application") + subnets(assembly, "Workload")
    assert len(sources) in (2, 4)
    for source in sources:
        routes.assert_inspected(source=source, destination=INTERNET)


def test_weak_references_between_stacks_lead_to_the_same_resources(tmp_path: Path) -> None:
    example = "gateway_load_balancer_inspection"
    strong, weak = (
        {
            (source.path, target.path)
            for source in assembly.resources
            for target in assembly.referenced_resources(source.properties, source.stack)
            if target.stack != source.stack
        }
        for assembly in (
            synthesize_with(each, example, tmp_path / each) for each in ("strong", "weak")
        )
    )
    assert weak == strong != set()


def test_connections_between_spokes_are_inspected_in_both_directions(tmp_path: Path) -> None:
    assembly = synthesize(EXAMPLES / "transit_gateway_inspection", tmp_path)
    routes = Routes.from_templates(assembly.templates)
    workloads = subnets(assembly, "Workload")
    checked = 0
    for source, destination in itertools.permutations(workloads, 2):
        if source.split("/")[1] != destination.split("/")[1]:
            routes.assert_inspected(source=source, destination=destination)
            checked += 1
    assert checked == 8


def test_an_example_without_inspection_has_routes_and_no_endpoints_on_them(
    tmp_path: Path,
) -> None:
    assembly = synthesize(EXAMPLES / "central_endpoints", tmp_path)
    routes = Routes.from_templates(assembly.templates)
    source, destination = (subnets(assembly, each)[0] for each in ("Workload", "Endpoint"))
    assert routes.trace(source=source, destination=destination)[-1].path == destination
    assert routes.trace_return(source=source, destination=destination)[-1].path == source
    with pytest.raises(PrivateLinkAssertionError, match="must be reached through an endpoint"):
        routes.assert_inspected(source=source, destination=destination)
    orders, _, billing, _ = subnets(assembly, "Workload")
    with pytest.raises(PrivateLinkAssertionError, match="must have a route"):
        routes.trace(source=orders, destination=billing)
