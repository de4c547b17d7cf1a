"""The licenses of the dependencies that users install with the library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tests.local_hub.package import SOURCE

# Permissive licenses that are compatible with Apache-2.0, by all names that packages use.
PERMISSIVE = {
    "Apache License 2.0",
    "Apache License, Version 2.0",
    "Apache Software License",
    "Apache-2.0",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "MIT",
    "MIT License",
    "PSF-2.0",
    "Python Software Foundation License",
}


def dependencies_of(name: str, visited: set[str]) -> Iterator[Distribution]:
    """Yield a package and its dependencies, without extras."""
    if name not in visited:
        visited.add(name)
        package = distribution(name)
        yield package
        for requirement in map(Requirement, package.requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield from dependencies_of(requirement.name.lower(), visited)


def licenses(package: Distribution) -> set[str]:
    """Return the licenses of a package: its license expression, classifiers or text."""
    if expression := package.metadata.json.get("license_expression"):
        return {f"{expression}"}
    classifiers = {
        classifier.split(" :: ")[-1]
        for classifier in package.metadata.get_all("Classifier", [])
        if classifier.startswith("License ::")
    }
    return classifiers - {"OSI Approved"} or {f"{package.metadata.json.get('license')}"}


def test_python_dependencies_have_permissive_licenses() -> None:
    packages = {
        each.metadata["Name"]: licenses(each) for each in dependencies_of("cdk-privatelink", set())
    }
    assert {"aws-cdk-lib", "constructs", "jsii"} <= packages.keys()
    # A package with several licenses offers a choice.
    rejected = {name: names for name, names in packages.items() if not names & PERMISSIVE}
    assert rejected == {}


def test_npm_dependencies_have_permissive_licenses() -> None:
    manifest = _manifest(SOURCE)
    assert "dependencies" not in manifest
    rejected = {}
    for name in manifest["peerDependencies"]:
        folder = SOURCE / "node_modules" / name
        bundled = _manifest(folder).get("bundledDependencies", [])
        for each in (folder, *(folder / "node_modules" / other for other in bundled)):
            expression = _manifest(each)["license"]
            if not {*expression.strip("()").split(" OR ")} & PERMISSIVE:
                rejected[each.name] = expression
    assert rejected == {}


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "package.json").read_text(encoding="utf-8")))
