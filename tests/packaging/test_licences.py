"""The licences of what comes with the library into the projects of users."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tests.local_hub.package import SOURCE

# All of them permissive and compatible with Apache-2.0, by any of the names that packages use.
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


def closure(name: str, known: set[str]) -> Iterator[Distribution]:
    """What is installed with a package, without what only its extras need."""
    if name not in known:
        known.add(name)
        found = distribution(name)
        yield found
        for requirement in map(Requirement, found.requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield from closure(requirement.name.lower(), known)


def licences(found: Distribution) -> set[str]:
    """The licences that it names: in the way of today, as classifiers, or in words of its own."""
    if expression := found.metadata.json.get("license_expression"):
        return {f"{expression}"}
    classifiers = {
        classifier.split(" :: ")[-1]
        for classifier in found.metadata.get_all("Classifier", [])
        if classifier.startswith("License ::")
    }
    return classifiers - {"OSI Approved"} or {f"{found.metadata.json.get('license')}"}


def test_python() -> None:
    found = {each.metadata["Name"]: licences(each) for each in closure("cdk-privatelink", set())}
    assert {"aws-cdk-lib", "constructs", "jsii"} <= found.keys()
    # One of several is enough: they are offered to choose from.
    refused = {name: named for name, named in found.items() if not named & PERMISSIVE}
    assert refused == {}


def test_npm() -> None:
    manifest = _manifest(SOURCE)
    assert "dependencies" not in manifest
    refused = {}
    for name in manifest["peerDependencies"]:
        folder = SOURCE / "node_modules" / name
        bundled = _manifest(folder).get("bundledDependencies", [])
        for each in (folder, *(folder / "node_modules" / other for other in bundled)):
            licence = _manifest(each)["license"]
            if not {*licence.strip("()").split(" OR ")} & PERMISSIVE:
                refused[each.name] = licence
    assert refused == {}


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "package.json").read_text(encoding="utf-8")))
