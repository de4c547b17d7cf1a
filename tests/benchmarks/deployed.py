"""Resources, template sizes, assets and permissions per stack."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.benchmarks.contenders import NAMES, load_contender
from tests.benchmarks.scenario import create_app, create_stacks
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
    "depth of dependencies": lambda template, _: measure_depth(template["Resources"]),
}


def measure() -> list[Table]:
    """Measure the templates of all contenders."""
    return [
        Table(
            f"Deployed resources, {services} service{'s' if services > 1 else ''} per stack",
            "The size of a template excludes white space. The depth is the number of resources in "
            "the longest chain of dependencies.",
            ["", *FIGURES],
            [[NAMES[name], *measure_figures(name, services).values()] for name in NAMES],
        )
        for services in SERVICES
    ]


def measure_figures(contender: str, services: int) -> dict[str, int]:
    """Return the figures of one stack with the number of services."""
    create_service = load_contender(contender)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(folder)
        for number, stack in enumerate(create_stacks(app, services)):
            create_service(stack, number)
        (artifact,) = app.synth().stacks
        return {name: figure(artifact.template, Path(folder)) for name, figure in FIGURES.items()}


def measure_depth(resources: Mapping[str, Any]) -> int:
    """Return the number of resources in the longest chain of dependencies."""

    @cache
    def depth_of(name: str) -> int:
        resource = resources[name]
        found = {*_references(resource.get("Properties", {})), *_as_list(resource.get("DependsOn"))}
        return 1 + max((depth_of(other) for other in found if other in resources), default=0)

    return max(map(depth_of, resources))


def _references(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield _as_list(inner)[0].partition(".")[0]
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _as_list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def _properties(template: Mapping[str, Any], resource_type: str) -> list[Mapping[str, Any]]:
    return [
        resource.get("Properties", {})
        for resource in template["Resources"].values()
        if resource["Type"] == resource_type
    ]


def _statements(template: Mapping[str, Any]) -> list[Any]:
    """Return the policy statements without the trust policies of roles."""
    roles, policies = (_properties(template, f"AWS::IAM::{kind}") for kind in ("Role", "Policy"))
    inline = [policy for role in roles for policy in role.get("Policies", [])]
    return [
        statement
        for policy in (*inline, *policies)
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _assets(assembly: Path) -> list[Path]:
    """Return the files and folders that are uploaded in addition to the template."""
    return list(assembly.glob("asset.*"))


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())
