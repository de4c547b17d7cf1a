"""What Construct Hub asks of a package before it lists it, and what else is packed.

The rules are those of https://github.com/cdklabs/construct-hub: its follower of npm decides whether
it looks at a package at all, its ingestion whether it takes it, and its catalog what it shows.
"""

from __future__ import annotations

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.local_hub.package import HANDLERS, SOURCE, Package

FRAMEWORKS = {"constructs", "aws-cdk-lib"}
# Of those that the hub allows, the well-known ones.
LICENSES = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "EPL-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
}
KEYWORDS = {"cdk", "aws-cdk", "awscdk", "cdk8s", "cdktf"}
# As the ingestion loads an assembly: validated, and with no features that it does not know.
LOAD = """
const { loadAssemblyFromFile } = require('@jsii/spec');
const features = ['intersection-types', 'class-covariant-overrides'];
loadAssemblyFromFile(process.argv[1], true, features);
"""


def test_npm_is_told_that_it_is_a_jsii_package(package: Package) -> None:
    assert package.manifest["jsii"]


@pytest.mark.parametrize("kind", ["devDependencies", "peerDependencies"])
def test_it_depends_on_a_framework_of_constructs(package: Package, kind: str) -> None:
    assert package.manifest[kind].keys() & FRAMEWORKS


def test_its_keywords_are_of_a_framework(package: Package) -> None:
    assert KEYWORDS & set(package.manifest["keywords"])


def test_its_license_is_allowed(package: Package) -> None:
    assert package.manifest["license"] in LICENSES


def test_it_holds_what_is_extracted(package: Package) -> None:
    assert {"package/.jsii", "package/package.json", "package/LICENSE"} <= package.files.keys()


def test_its_assembly_is_valid(package: Package, tmp_path: Path) -> None:
    assembly = package.unpack(tmp_path) / ".jsii"
    subprocess.run(["node", "--eval", LOAD, str(assembly)], cwd=SOURCE, check=True)


@pytest.mark.parametrize("key", ["name", "version", "license"])
def test_npm_and_jsii_agree(package: Package, key: str) -> None:
    assert package.manifest[key] == package.assembly[key]


def test_its_framework_is_detected(package: Package) -> None:
    assert "aws-cdk-lib" in package.assembly["dependencyClosure"]
    assert re.match(r"\^2\.\d", package.assembly["dependencies"]["aws-cdk-lib"])


def test_its_version_is_semantic(package: Package) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.manifest["version"])


@pytest.mark.parametrize("key", ["author", "description", "homepage", "repository"])
def test_its_page_has_something_to_show(package: Package, key: str) -> None:
    assert package.manifest[key]
    assert package.assembly[key]


def test_python_is_among_its_languages(package: Package) -> None:
    assert package.assembly["targets"]["python"] == {
        "distName": "cdk-privatelink",
        "module": "cdk_privatelink",
    }


def test_its_examples_are_compiled_and_translated(package: Package) -> None:
    snippets = json.loads(package.files["package/.jsii.tabl.json"])["snippets"].values()
    assert snippets
    assert all(each["didCompile"] and "python" in each["translations"] for each in snippets)


def test_it_is_the_version_that_pip_installs(package: Package) -> None:
    assert package.manifest["version"] == version("cdk-privatelink")


def test_its_functions_are_those_of_the_python_edition(package: Package) -> None:
    packed = {
        name.removeprefix("package/handlers/"): content
        for name, content in package.files.items()
        if name.startswith("package/handlers/")
    }
    assert packed == {path.name: path.read_bytes() for path in HANDLERS.glob("*.py")}


def test_it_holds_nothing_else(package: Package) -> None:
    known = re.compile(
        r"package/(\.jsii(\.tabl\.json)?|package\.json|README\.md|LICENSE"
        r"|handlers/\w+\.py|lib/[\w/-]+\.(js|d\.ts))"
    )
    assert [name for name in package.files if not known.fullmatch(name)] == []


def test_each_module_is_compiled(package: Package) -> None:
    sources = SOURCE / "src"
    modules = {path.relative_to(sources).with_suffix("") for path in sources.rglob("*.ts")}
    for extension in ("js", "d.ts"):
        packed = {name for name in package.files if re.search(rf"\.{extension}$", name)}
        assert packed == {f"package/lib/{module}.{extension}" for module in modules}


def test_it_is_small(package: Package) -> None:
    assert package.tarball.stat().st_size < 300_000
