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
from tests.documentation.pages import blocks_of
from tests.linter import findings
from tests.local_hub.package import ROOT, SOURCE, Package, find_tarball
from tests.packaging.test_distribution import RESOURCES
from tests.release.registries import npm, pypi

DIST = ROOT / "dist"
NAME = "cdk-privatelink"
VERSION = Releases().version
# A feature flag that `cdk init` writes adds this resource to every VPC.
BY_FLAG = "Custom::VpcRestrictDefaultSG"
# pytest turns off the validation of the CDK.
CDK = {**os.environ, "CDK_VALIDATION": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}

# The example of the npm package's README in the stack of a new project.
STACK = """\
{imports}
import type {{ StackProps }} from 'aws-cdk-lib';

export class ShopStack extends Stack {{
  constructor(scope: Construct, id: string, props?: StackProps) {{
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc');
    const nlb = new elbv2.NetworkLoadBalancer(this, 'LoadBalancer', {{ vpc }});
    {example}
  }}
}}
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


def create_project(language: str, folder: Path) -> Path:
    """Create a project with the CDK CLI, which installs its requirements."""
    project = folder / "shop"
    project.mkdir()
    run(["cdk", "init", "app", "--language", language], project, CDK)
    return project


def synthesize(cdk: list[str], project: Path, environment: dict[str, str]) -> dict[str, set[str]]:
    """Run `cdk synth` and return the types of the resources in each template."""
    run([*cdk, "synth", "--quiet"], project, environment)
    return {
        path.name.removesuffix(".template.json"): {
            each["Type"]
            for each in json.loads(path.read_text(encoding="utf-8"))["Resources"].values()
        }
        for path in (project / "cdk.out").glob("*.template.json")
    }


def test_the_python_edition_works_in_a_new_project(in_pypi: str, tmp_path: Path) -> None:
    # GIVEN a new project
    project = create_project("python", tmp_path)
    environment = CDK | {"PATH": f"{project / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    # WHEN the package is installed by name, and then its dependencies
    install = ["pip", "install", "--quiet", f"{NAME}=={VERSION}"]
    run([*install, "--no-cache-dir", "--no-deps", "--index-url", in_pypi], project, environment)
    run(install, project, environment)
    # THEN the example of the README synthesizes
    (project / "app.py").write_text(blocks_of("README.md")[0], encoding="utf-8")
    templates = synthesize(["cdk"], project, environment)
    assert templates.keys() == {"Provider", "Consumer"}
    assert {*RESOURCES, BY_FLAG} <= templates["Provider"]
    assert "AWS::EC2::VPCEndpoint" in templates["Consumer"]


def test_the_sdist_is_published(in_pypi: str) -> None:
    with urllib.request.urlopen(f"{in_pypi}{NAME}/") as page:
        assert f">cdk_privatelink-{VERSION}.tar.gz<" in page.read().decode()


def test_the_edition_for_construct_hub_works_in_a_new_project(in_npm: str, tmp_path: Path) -> None:
    # GIVEN a new project
    project = create_project("typescript", tmp_path)
    # WHEN the package is installed by name
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error"]
    run([*install, "--registry", in_npm, f"{NAME}@{VERSION}"], project)
    # THEN the example of the package's README compiles and synthesizes
    fixture = (SOURCE / "rosetta" / "default.ts-fixture").read_text(encoding="utf-8")
    stack = STACK.format(
        imports=fixture.partition("declare ")[0],
        example=blocks_of(SOURCE / "README.md", "ts")[0],
    )
    (project / "lib" / "shop-stack.ts").write_text(stack, encoding="utf-8")
    templates = synthesize(["npx", "cdk"], project, CDK)
    assert {*RESOURCES, BY_FLAG} <= templates["ShopStack"]


def test_npm_returns_the_version(in_npm: str, home: dict[str, str]) -> None:
    view = ["npm", "view", "--json", "--registry", in_npm, NAME, "versions"]
    assert json.loads(run(view, environment=home)) in (VERSION, [VERSION])
