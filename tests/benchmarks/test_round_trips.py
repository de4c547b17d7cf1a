"""What a service costs, as far as it can be counted: of times, there are only benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmarks.deployed import depth, figures
from tests.benchmarks.round_trips import a_service


@pytest.mark.parametrize(("contender", "most"), [("derived", 5), ("look_up", 7)])
def test_round_trips_of_a_service(contender: str, most: int) -> None:
    asked = a_service(contender)
    assert sum(asked.values()) <= most, asked


def test_a_look_up_asks_no_more_than_that_of_the_cdk() -> None:
    assert sum(a_service("look_up").values()) <= sum(a_service("l2_and_look_up").values())


def test_round_trips_where_the_region_is_known_at_deployment() -> None:
    # Node.js calls back for each place that has the name, when references are looked for and when
    # the template is written: in which stack that is, only it knows.
    assert sum(a_service("derived", region_is_known=False).values()) <= 5 + 2 * 4
    assert sum(a_service("look_up", region_is_known=False).values()) <= 7


@pytest.mark.parametrize(
    ("contender", "each", "once"), [("derived", 2, 0), ("look_up", 3, 3), ("l2_and_look_up", 4, 2)]
)
def test_resources(contender: str, each: int, once: int) -> None:
    for services in (1, 10):
        assert figures(contender, services)["resources"] == each * services + once


def test_nothing_is_uploaded_beside_the_template() -> None:
    assert figures("look_up", 1)["assets"] == 0
    assert figures("l2_and_look_up", 1)["assets"] == 1


def test_depth() -> None:
    resources = {
        "A": {
            "Properties": {"Name": {"Fn::Join": ["", ["b-", {"Ref": "B"}, {"Ref": "AWS::Region"}]]}}
        },
        "B": {"DependsOn": ["C"]},
        "C": {"Properties": [{"Fn::GetAtt": ["D", "Arn"]}]},
        "D": {"DependsOn": "E"},
        "E": {},
    }
    assert depth(resources) == 5


def test_modules_of_the_cdk_are_imported_by_those_who_need_them() -> None:
    of_load_balancers = (
        "aws_cdk.aws_elasticloadbalancingv2, aws_cdk.aws_elasticloadbalancingv2_targets"
    )
    assert imported("cdk_privatelink") == imported(f"aws_cdk.aws_ec2, {of_load_balancers}")


def imported(modules: str) -> list[str]:
    """The CDK's modules for single services of AWS that an import brings along."""
    code = (
        f"import json, sys, {modules}\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('aws_cdk.aws_')]))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return sorted(json.loads(process.stdout))
