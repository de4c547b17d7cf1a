"""The cost of a service that can be counted. Times are benchmarks only."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmarks.deployed import measure_depth, measure_figures
from tests.benchmarks.round_trips import count_endpoint_round_trips, count_round_trips


@pytest.mark.parametrize(("contender", "maximum"), [("derived", 5), ("lookup", 7)])
def test_a_service_has_a_maximum_of_round_trips(contender: str, maximum: int) -> None:
    round_trips = count_round_trips(contender)
    assert sum(round_trips.values()) <= maximum, round_trips


def test_an_endpoint_has_a_maximum_of_round_trips() -> None:
    endpoints = 50
    cdk, library = (
        sum(count_endpoint_round_trips(contender).values()) / endpoints
        for contender in ("cdk", "library")
    )
    # The scenario reads the stack, and creates a service of the CDK for its own endpoints.
    assert cdk == 3
    assert library <= 8


def test_a_lookup_has_no_more_round_trips_than_with_the_cdk() -> None:
    assert sum(count_round_trips("lookup").values()) <= sum(
        count_round_trips("l2_and_lookup").values()
    )


def test_a_service_in_an_agnostic_stack_has_a_maximum_of_round_trips() -> None:
    # Node.js calls back for each place that contains the name, when it resolves references and
    # when it writes the template, because only Node.js has the stack of the place.
    assert sum(count_round_trips("derived", region_is_known=False).values()) <= 5 + 2 * 4
    assert sum(count_round_trips("lookup", region_is_known=False).values()) <= 7


@pytest.mark.parametrize(
    ("contender", "per_service", "per_stack"),
    [("derived", 2, 0), ("lookup", 3, 3), ("l2_and_lookup", 4, 2)],
)
def test_the_number_of_resources_grows_linearly(
    contender: str, per_service: int, per_stack: int
) -> None:
    for services in (1, 10):
        assert (
            measure_figures(contender, services)["resources"] == per_service * services + per_stack
        )


def test_a_lookup_has_no_assets() -> None:
    assert measure_figures("lookup", 1)["assets"] == 0
    assert measure_figures("l2_and_lookup", 1)["assets"] == 1


def test_the_depth_is_the_longest_chain_of_dependencies() -> None:
    resources = {
        "A": {
            "Properties": {"Name": {"Fn::Join": ["", ["b-", {"Ref": "B"}, {"Ref": "AWS::Region"}]]}}
        },
        "B": {"DependsOn": ["C"]},
        "C": {"Properties": [{"Fn::GetAtt": ["D", "Arn"]}]},
        "D": {"DependsOn": "E"},
        "E": {},
    }
    assert measure_depth(resources) == 5


def test_the_library_imports_only_the_required_modules_of_the_cdk() -> None:
    load_balancer_modules = (
        "aws_cdk.aws_elasticloadbalancingv2, aws_cdk.aws_elasticloadbalancingv2_targets"
    )
    assert list_imported_modules("cdk_privatelink") == list_imported_modules(
        f"aws_cdk.aws_ec2, {load_balancer_modules}"
    )


def list_imported_modules(modules: str) -> list[str]:
    """Return the CDK modules of AWS services that an import loads."""
    code = (
        f"import json, sys, {modules}\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('aws_cdk.aws_')]))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return sorted(json.loads(process.stdout))
