"""Libraries of others that jsii generates for Python, beside the Python edition.

pip installs the Python edition for each library that depends on the npm package.
"""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, PrivateLinkValueError
from tests.local_hub.package import SOURCE, Package
from tests.unit.templates import (
    LOOKUP,
    NETWORK_ARN,
    make_service,
    only,
    resources_of,
    template_of,
)

CODE = """
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { LoadBalancers, PrivateLinkEndpointService } from 'cdk-privatelink';
import { Construct } from 'constructs';

export class Platform extends Construct {
  public readonly service: ec2.IVpcEndpointService;

  constructor(scope: Construct, id: string, loadBalancerArn: string) {
    super(scope, id);
    this.service = new PrivateLinkEndpointService(this, 'Payments', {
      loadBalancers: LoadBalancers.network(loadBalancerArn),
    });
  }
}
"""


@pytest.fixture(scope="module")
def depending_library(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python project of a library that depends on the npm package, as jsii expects."""
    peers = package.manifest["peerDependencies"] | _requirement(package)
    folder = tmp_path_factory.mktemp("depending_library", numbered=False)
    # Python imports the dependencies of package.json, whatever the code is. Without imports, jsii
    # compiles it in a quarter of the time.
    return generate(folder, package, "export class Platform {}", {"peerDependencies": peers})


@pytest.fixture(scope="module")
def bundling_library(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python project of a library that contains a copy of the npm package."""
    dependencies = {
        "peerDependencies": package.manifest["peerDependencies"],
        "dependencies": _requirement(package),
        "bundledDependencies": [package.manifest["name"]],
    }
    folder = tmp_path_factory.mktemp("bundling_library", numbered=False)
    return generate(folder, package, CODE, dependencies)


def _requirement(package: Package) -> dict[str, str]:
    return {package.manifest["name"]: f"^{package.manifest['version']}"}


def generate(folder: Path, package: Package, code: str, dependencies: dict[str, Any]) -> Path:
    """Compile a library, and return the Python project that jsii generates."""
    target = {"distName": folder.name, "module": folder.name}
    manifest = {
        "name": folder.name,
        "version": "1.0.0",
        "description": "A library of others",
        "author": {"name": "Others"},
        "license": "Apache-2.0",
        "repository": {"url": "https://example.com/library.git"},
        "main": "index.js",
        "types": "index.d.ts",
        "jsii": {"outdir": "dist", "targets": {"python": target}},
        **dependencies,
    }
    (folder / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "README.md").touch()
    (folder / "index.ts").write_text(code, encoding="utf-8")
    # The packages that npm would install.
    modules = folder / "node_modules"
    modules.mkdir()
    package.unpack(folder).rename(modules / package.manifest["name"])
    for peer in package.manifest["peerDependencies"]:
        (modules / peer).symlink_to(SOURCE / "node_modules" / peer)
    run("jsii", cwd=folder)
    run("jsii-pacmak", "--code-only", cwd=folder)
    return folder / "dist" / "python"


def run(tool: str, *arguments: str, cwd: Path) -> None:
    command = [str(SOURCE / "node_modules" / ".bin" / tool), *arguments]
    process = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_a_library_that_depends_on_the_npm_package_reports_the_fix(
    depending_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN that pip installs the Python edition
    assert '"cdk-privatelink>=' in (depending_library / "setup.py").read_text(encoding="utf-8")
    # WHEN the library is imported
    monkeypatch.syspath_prepend(depending_library / "src")
    with pytest.raises(ImportError) as error:
        importlib.import_module("depending_library")
    # THEN the error contains the fix
    assert str(error.value) == (
        "libraries that jsii generates must bundle the npm package `cdk-privatelink`, because the "
        "package on PyPI is written in Python; ask the maintainers of the library that imports "
        "this module to add `cdk-privatelink` to `bundledDependencies` in its package.json"
    )


class TestBundlingLibrary:
    """A library that bundles the npm package works beside the Python edition."""

    @pytest.fixture
    def stack(self) -> Stack:
        return Stack(App(), "Stack")

    @pytest.fixture
    def platform(
        self, bundling_library: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> Any:
        monkeypatch.syspath_prepend(bundling_library / "src")
        library: Any = importlib.import_module("bundling_library")
        return library.Platform(stack, "Platform", NETWORK_ARN)

    def test_its_templates_are_those_of_the_python_edition(
        self, bundling_library: Path, platform: Any, stack: Stack
    ) -> None:
        assert "cdk-privatelink" not in (bundling_library / "setup.py").read_text(encoding="utf-8")
        own_stack = Stack(App(), "Stack")
        make_service(Construct(own_stack, "Platform"))
        assert template_of(stack) == template_of(own_stack)
        # Python receives each construct of the library from jsii.
        paths = [construct.node.path for construct in stack.node.find_all()]
        assert f"{platform.node.path}/Payments/ServiceName" in paths

    def test_endpoints_of_the_python_edition_connect_by_its_service_name(
        self, platform: Any, stack: Stack
    ) -> None:
        name = platform.service.vpc_endpoint_service_name
        InterfaceEndpoint(stack, "Endpoint", vpc=ec2.Vpc(stack, "Vpc"), service=name)
        endpoint = only(stack, "AWS::EC2::VPCEndpoint")["Properties"]
        (lookup,) = resources_of(stack, LOOKUP)
        assert endpoint["ServiceName"] == {"Fn::GetAtt": [lookup, "ServiceName"]}

    def test_its_services_and_ours_need_stacks_of_their_own(
        self, platform: Any, stack: Stack
    ) -> None:
        assert platform.node.scope is stack
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack)
        assert str(error.value) == (
            "`scope` must keep the ids of this library free, got "
            "`Stack/PrivateLinkCustomResources`; give that construct another id, or use another "
            "stack if another copy of this library created it  [Stack/Payments]"
        )
