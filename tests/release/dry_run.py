"""A dry run of a release with registries on loopback and the real tools.

It is not a regular test, because it publishes the files in dist/. Run
`npx --yes projen release:dry-run`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from projenrc.release import Releases
from tests.linter import findings
from tests.local_hub.package import ROOT, Package, find_tarball
from tests.packaging.test_distribution import RESOURCES, SYNTHESIZE
from tests.release.registries import npm, pypi

DIST = ROOT / "dist"
NAME = "cdk-privatelink"
VERSION = Releases().version

SYNTHESIZE_IN_JAVASCRIPT = """
const { App, Stack } = require('aws-cdk-lib');
const { AccountPrincipal } = require('aws-cdk-lib/aws-iam');
const { LoadBalancers, PrivateLinkEndpointService } = require('cdk-privatelink');

const app = new App();
const stack = new Stack(app, 'Stack');
new PrivateLinkEndpointService(stack, 'Payments', {
  loadBalancers: LoadBalancers.network(
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/one/0123456789',
  ),
  allowedPrincipals: [new AccountPrincipal('111122223333')],
});
const { Resources } = app.synth().getStackByName('Stack').template;
console.log(JSON.stringify(Object.values(Resources).map((resource) => resource.Type).sort()));
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a publisher, with a separate home directory for publib.

    Its Python allows user installs, like the Python of a runner and unlike a virtual environment.
    """
    folder = tmp_path_factory.mktemp("home")
    python = folder / "python"
    run([sys.executable, "-m", "venv", "--system-site-packages", str(python)])
    path = f"{python / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {
        "HOME": str(folder),
        "PATH": path,
        "PYTHONUSERBASE": str(folder / "local"),
        "npm_config_userconfig": str(folder / ".npmrc"),
    }


@pytest.fixture(scope="module")
def in_pypi(tmp_path_factory: pytest.TempPathFactory, home: dict[str, str]) -> Iterator[str]:
    """Start a registry, upload the Python edition with publib, and yield the URL."""
    with pypi(tmp_path_factory.mktemp("pypi") / "packages") as address:
        url = f"http://{address}/"
        login = {"TWINE_USERNAME": "anybody", "TWINE_PASSWORD": "anything"}
        publish("pypi", DIST / "python", home | login | {"TWINE_REPOSITORY_URL": url})
        yield f"{url}simple/"


@pytest.fixture(scope="module")
def in_npm(tmp_path_factory: pytest.TempPathFactory, home: dict[str, str]) -> Iterator[str]:
    """Start a registry, upload the edition for Construct Hub, and yield the URL."""
    folder = tmp_path_factory.mktemp("npm") / "packages"
    with npm(folder, NAME, os.environ["VERDACCIO"]) as (address, token):
        login = {"NPM_TOKEN": token, "NPM_REGISTRY": address, "DISABLE_HTTPS": "true"}
        publish("npm", DIST / "js", home | login)
        yield f"http://{address}/"


def publish(registry: str, folder: Path, environment: dict[str, str]) -> None:
    command = ["npx", "--yes", "--package", os.environ["PUBLIB"], f"publib-{registry}"]
    run([*command, str(folder)], environment=environment)


def run(
    command: list[str], cwd: Path | None = None, environment: dict[str, str] | None = None
) -> str:
    process = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_all_files_have_the_same_version() -> None:
    files = {path.relative_to(DIST).as_posix() for path in DIST.glob("[jpc][sylo]*/cdk*")}
    assert files == {
        f"cloudformation/{NAME}-{VERSION}.template.json",
        f"js/{NAME}-{VERSION}.tgz",
        f"python/cdk_privatelink-{VERSION}-py3-none-any.whl",
        f"python/cdk_privatelink-{VERSION}.tar.gz",
    }
    assert Package(find_tarball()).manifest["version"] == VERSION


def test_the_template_is_self_contained() -> None:
    text = next((DIST / "cloudformation").iterdir()).read_text(encoding="utf-8")
    assert findings(text) == []
    template = json.loads(text)
    assert set(template["Parameters"]) == {
        "AwsAccountToWhitelist",
        "ConnectionAcceptance",
        "ElbArn",
    }
    # Without assets and bootstrap resources, so that any tool can deploy the template.
    assert "BootstrapVersion" not in text
    assert "AssetParameters" not in text
    assert "cdk-hnb659fds" not in text


def test_the_python_edition_is_published(in_pypi: str, tmp_path: Path) -> None:
    # GIVEN an empty environment
    python = tmp_path / "environment" / "bin" / "python"
    run(["uv", "venv", "--quiet", "--python", sys.executable, str(tmp_path / "environment")])
    # WHEN the package is installed by name
    install = ["uv", "pip", "install", "--quiet", "--no-cache", "--python", str(python)]
    run([*install, "--no-deps", "--default-index", in_pypi, f"{NAME}=={VERSION}"])
    run(["uv", "pip", "install", "--quiet", "--python", str(python), f"{NAME}=={VERSION}"])
    # THEN a stack synthesizes
    script = tmp_path / "synthesize.py"
    script.write_text(SYNTHESIZE, encoding="utf-8")
    assert json.loads(run([str(python), "-I", str(script)], tmp_path))["types"] == RESOURCES


def test_the_sdist_is_published(in_pypi: str) -> None:
    with urllib.request.urlopen(f"{in_pypi}{NAME}/") as page:
        assert f">cdk_privatelink-{VERSION}.tar.gz<" in page.read().decode()


def test_the_edition_for_construct_hub_is_published(in_npm: str, tmp_path: Path) -> None:
    # GIVEN an empty project
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    # WHEN the package is installed by name
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error"]
    run([*install, "--registry", in_npm, f"{NAME}@{VERSION}"], tmp_path)
    # THEN a stack synthesizes
    script = tmp_path / "synthesize.js"
    script.write_text(SYNTHESIZE_IN_JAVASCRIPT, encoding="utf-8")
    assert json.loads(run(["node", str(script)], tmp_path)) == RESOURCES


def test_npm_returns_the_version(in_npm: str, home: dict[str, str]) -> None:
    view = ["npm", "view", "--json", "--registry", in_npm, NAME, "versions"]
    assert json.loads(run(view, environment=home)) in (VERSION, [VERSION])
