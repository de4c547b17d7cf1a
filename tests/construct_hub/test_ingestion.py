"""The rules of Construct Hub for packages, and the content of the package.

The rules are from https://github.com/cdklabs/construct-hub: the npm follower selects packages, the
ingestion accepts or rejects them, and the catalog displays them.
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
# The well-known licenses that the hub allows.
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
# The ingestion validates an assembly and rejects unknown features.
LOAD = """
const { loadAssemblyFromFile } = require('@jsii/spec');
const features = ['intersection-types', 'class-covariant-overrides'];
loadAssemblyFromFile(process.argv[1], true, features);
"""


def test_the_manifest_has_the_jsii_section(package: Package) -> None:
    assert package.manifest["jsii"]


@pytest.mark.parametrize("kind", ["devDependencies", "peerDependencies"])
def test_the_package_depends_on_a_construct_framework(package: Package, kind: str) -> None:
    assert package.manifest[kind].keys() & FRAMEWORKS


def test_the_keywords_include_a_framework(package: Package) -> None:
    assert KEYWORDS & set(package.manifest["keywords"])


def test_the_license_is_allowed(package: Package) -> None:
    assert package.manifest["license"] in LICENSES


def test_the_tarball_contains_the_files_that_the_hub_extracts(package: Package) -> None:
    assert {"package/.jsii", "package/package.json", "package/LICENSE"} <= package.files.keys()


def test_the_assembly_is_valid(package: Package, tmp_path: Path) -> None:
    assembly = package.unpack(tmp_path) / ".jsii"
    subprocess.run(["node", "--eval", LOAD, str(assembly)], cwd=SOURCE, check=True)


@pytest.mark.parametrize("key", ["name", "version", "license"])
def test_the_manifest_and_the_assembly_have_the_same_values(package: Package, key: str) -> None:
    assert package.manifest[key] == package.assembly[key]


def test_the_framework_is_detected(package: Package) -> None:
    assert "aws-cdk-lib" in package.assembly["dependencyClosure"]
    assert re.match(r"\^2\.\d", package.assembly["dependencies"]["aws-cdk-lib"])


def test_the_version_is_semantic(package: Package) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.manifest["version"])


@pytest.mark.parametrize("key", ["author", "description", "homepage", "repository"])
def test_the_page_has_author_description_and_links(package: Package, key: str) -> None:
    assert package.manifest[key]
    assert package.assembly[key]


def test_python_is_a_target_language(package: Package) -> None:
    assert package.assembly["targets"]["python"] == {
        "distName": "cdk-privatelink",
        "module": "cdk_privatelink",
    }


def test_the_examples_are_compiled_and_translated(package: Package) -> None:
    snippets = json.loads(package.files["package/.jsii.tabl.json"])["snippets"].values()
    assert snippets
    assert all(each["didCompile"] and "python" in each["translations"] for each in snippets)


def test_both_editions_have_the_same_version(package: Package) -> None:
    assert package.manifest["version"] == version("cdk-privatelink")


def test_both_editions_have_the_same_function_for_custom_resources(package: Package) -> None:
    names = {
        name.removeprefix("package/handlers/"): content
        for name, content in package.files.items()
        if name.startswith("package/handlers/")
    }
    # Connection managers are in the Python edition only.
    assert names == {"custom_resources.py": (HANDLERS / "custom_resources.py").read_bytes()}


def test_the_tarball_contains_no_other_files(package: Package) -> None:
    allowed = re.compile(
        r"package/(\.jsii(\.tabl\.json)?|package\.json|README\.md|LICENSE"
        r"|handlers/\w+\.py|lib/[\w/-]+\.(js|d\.ts))"
    )
    assert [name for name in package.files if not allowed.fullmatch(name)] == []


def test_every_module_is_compiled(package: Package) -> None:
    sources = SOURCE / "src"
    modules = {path.relative_to(sources).with_suffix("") for path in sources.rglob("*.ts")}
    for extension in ("js", "d.ts"):
        names = {name for name in package.files if re.search(rf"\.{extension}$", name)}
        assert names == {f"package/lib/{module}.{extension}" for module in modules}


def test_the_tarball_is_small(package: Package) -> None:
    assert package.tarball.stat().st_size < 300_000


def test_links_in_the_readme_are_absolute(package: Package) -> None:
    readme = package.files["package/README.md"].decode()
    assert re.findall(r"\]\((?!https://)([^)]*)\)", readme) == []
    assert "](https://" in readme
