"""What CloudFormation has to deploy."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import NAMES, offer_of
from tests.benchmarks.scenario import app_in, stacks_in
from tests.benchmarks.table import Table

SERVICES = (1, 10, 100)
FIGURES: dict[str, Callable[[Mapping[str, Any], Path], int]] = {
    "resources": lambda template, _: len(template["Resources"]),
    "template, bytes": lambda template, _: len(json.dumps(template, separators=(",", ":"))),
    "assets": lambda _, assembly: len(_assets(assembly)),
    "assets, bytes": lambda _, assembly: sum(map(_size, _assets(assembly))),
    "IAM statements": lambda template, _: len(_statements(template)),
    "managed policies": lambda template, _: sum(
        len(properties.get("ManagedPolicyArns", []))
        for properties in _properties(template, "AWS::IAM::Role")
    ),
    "Lambdas": lambda template, _: len(_properties(template, "AWS::Lambda::Function")),
    "depth of dependencies": lambda template, _: depth(template["Resources"]),
}


def measure() -> list[Table]:
    """Read the templates of all contenders."""
    return [
        Table(
            f"What is deployed, {services} service{'s' if services > 1 else ''} a stack",
            "Templates are counted without white space; the depth is the number of resources in "
            "the longest chain in which each waits for the next one.",
            ["", *FIGURES],
            [[NAMES[name], *figures(name, services).values()] for name in NAMES],
        )
        for services in SERVICES
    ]


def figures(contender: str, services: int) -> dict[str, int]:
    """Tell what one stack with that many services deploys."""
    offer = offer_of(contender)
    with tempfile.TemporaryDirectory() as folder:
        app = app_in(folder)
        for number, stack in enumerate(stacks_in(app, services)):
            offer(stack, number)
        (made,) = app.synth().stacks
        return {name: figure(made.template, Path(folder)) for name, figure in FIGURES.items()}


def depth(resources: Mapping[str, Any]) -> int:
    """Tell how many resources wait for one another, one after the other."""

    @cache
    def below(name: str) -> int:
        resource = resources[name]
        found = {*_references(resource.get("Properties", {})), *_listed(resource.get("DependsOn"))}
        return 1 + max((below(other) for other in found if other in resources), default=0)

    return max(map(below, resources))


def _references(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield _listed(inner)[0].partition(".")[0]
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def _properties(template: Mapping[str, Any], resource_type: str) -> list[Mapping[str, Any]]:
    return [
        resource.get("Properties", {})
        for resource in template["Resources"].values()
        if resource["Type"] == resource_type
    ]


def _statements(template: Mapping[str, Any]) -> list[Any]:
    """List what is allowed, but for who may assume a role."""
    roles, policies = (_properties(template, f"AWS::IAM::{kind}") for kind in ("Role", "Policy"))
    inline = [policy for role in roles for policy in role.get("Policies", [])]
    return [
        statement
        for policy in (*inline, *policies)
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _assets(assembly: Path) -> list[Path]:
    """List the files and folders that are uploaded beside the template."""
    return list(assembly.glob("asset.*"))


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())
