"""The distribution for PyPI, built as for a release and used without the source tree."""

from __future__ import annotations

import email
import importlib.metadata
import json
import os
import re
import shutil
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

import cdk_privatelink
from projenrc.metadata import PYTHONS
from tests.packaging.interpreters import interpreter
from tests.packaging.repository import ROOT, run, tracked_files

REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"

SYNTHESIZE = """
import json, sys
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
import cdk_privatelink
from cdk_privatelink import LoadBalancers, PrivateLinkEndpointService

app = App()
stack = Stack(app, "Stack")
PrivateLinkEndpointService(
    stack, "Payments",
    load_balancers=LoadBalancers.network(
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/one/0123456789"
    ),
    allowed_principals=[iam.AccountPrincipal("111122223333")],
)
resources = app.synth().get_stack_by_name("Stack").template["Resources"]
print(json.dumps({
    "python": "%d.%d" % sys.version_info[:2],
    "module": cdk_privatelink.__file__,
    "types": sorted(resource["Type"] for resource in resources.values()),
}))
"""

RESOURCES = [
    "AWS::EC2::VPCEndpointService",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "Custom::PrivateLinkServiceName",
]


@pytest.fixture(scope="session")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sdist, and the wheel that was built from it."""
    if built := os.environ.get("DISTRIBUTION"):
        return ROOT / built
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    # A copy of the tracked files has no leftovers of the work tree.
    for name in tracked_files():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    run([sys.executable, "-m", "build", "--outdir", str(target), str(source)], cwd=source)
    return target


@pytest.fixture(scope="session")
def wheel(distribution: Path) -> Path:
    (wheel,) = distribution.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_string(archive.read(name).decode("utf-8"))


def test_wheel_contains_the_library_only(wheel: Path) -> None:
    package = Path(cdk_privatelink.__file__).parent
    modules = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    assert "cdk_privatelink/custom_resources/handlers/custom_resources.py" in modules
    info = f"{wheel.name.rsplit('-', 3)[0]}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == modules | {
            f"{info}/{name}"
            for name in ("METADATA", "RECORD", "WHEEL", "top_level.txt", "licenses/LICENSE")
        }
    assert wheel.stat().st_size < 250_000


def test_wheel_is_pure_python(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_metadata_describes_the_project(metadata: Message) -> None:
    assert metadata["Name"] == "cdk-privatelink"
    assert metadata["License"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["Description-Content-Type"] == "text/markdown"
    required = {requirement.split("<")[0] for requirement in metadata.get_all("Requires-Dist", [])}
    assert required == {"aws-cdk-lib", "constructs", "jsii"}
    assert {
        "Framework :: AWS CDK",
        "Framework :: AWS CDK :: 2",
        "Typing :: Typed",
        *(f"Programming Language :: Python :: {version}" for version in PYTHONS),
    } <= set(metadata.get_all("Classifier", []))


def test_links_on_pypi_are_absolute(metadata: Message, distribution: Path) -> None:
    (sdist,) = distribution.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        name = f"{sdist.name.removesuffix('.tar.gz')}/PKG-INFO"
        information = archive.extractfile(name)
        assert information
        source = email.message_from_bytes(information.read())
    for description in (metadata.get_payload(), source.get_payload()):
        text = f"{description}"
        assert relative_links(text) == []
        tag = f"/v{metadata['Version']}/"
        assert f"{REPOSITORY}/blob{tag}docs/start.md" in text
        assert f"{REPOSITORY}/raw{tag}docs/images/privatelink.svg" in text


def relative_links(markdown: str) -> list[str]:
    """Return the targets of links and images that are not absolute."""
    return re.findall(r"\]\((?!https://|#)([^)]*)\)", markdown)


def test_changelog_contains_the_version(metadata: Message) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^]]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    if released:
        assert released[0] == metadata["Version"]
    else:
        assert "## [Unreleased]" in changelog, "the first release needs a section"


def test_sdist_contains_the_files_of_a_build(distribution: Path) -> None:
    (sdist,) = distribution.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= names
    assert {
        "src/cdk_privatelink/py.typed",
        "src/cdk_privatelink/custom_resources/handlers/custom_resources.py",
    } <= names


@pytest.mark.parametrize("version", PYTHONS)
def test_wheel_alone_synthesizes_a_stack(version: str, wheel: Path, tmp_path: Path) -> None:
    result = synthesize_with([str(wheel)], version, tmp_path)
    assert result["python"] == version
    assert Path(result["module"]).is_relative_to(tmp_path)
    assert result["types"] == RESOURCES


def test_lowest_declared_versions_synthesize_a_stack(
    wheel: Path, metadata: Message, tmp_path: Path
) -> None:
    required = metadata.get_all("Requires-Dist", [])
    lowest = [re.sub(r"<.*>=", "==", requirement) for requirement in required]
    assert all("==" in requirement for requirement in lowest)
    tools = [
        f"{name}=={importlib.metadata.version(name)}"
        for name in ("cfn-lint", "pytest", "pytest-xdist")
    ]
    result = synthesize_with([str(wheel), *lowest, *tools], PYTHONS[0], tmp_path)
    assert result["types"] == RESOURCES
    # `npx --yes projen test:floor` runs the other tests.
    python = tmp_path / "environment" / "bin" / "python"
    # The synthesis compiled the CDK into the environment.
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPYCACHEPREFIX"}
    run([str(python), "-m", "pytest", "tests/unit/test_public_api.py"], ROOT, environment)


def synthesize_with(requirements: list[str], version: str, folder: Path) -> dict[str, Any]:
    """Synthesize a stack in an environment with the requirements only."""
    environment, uv = folder / "environment", [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--python", interpreter(version), str(environment)], folder)
    python = str(environment / "bin" / "python")
    run([*uv, "pip", "install", "--quiet", "--python", python, *requirements], folder)
    script = folder / "synthesize.py"
    script.write_text(SYNTHESIZE, encoding="utf-8")
    return dict(json.loads(run([python, "-I", str(script)], folder)))
