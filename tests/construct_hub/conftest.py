"""Fixtures for tests of the package that Construct Hub lists."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.local_hub.package import SOURCE, Package, find_tarball


@pytest.fixture(scope="session")
def package() -> Package:
    """Return the package from `npx --yes projen package:hub`."""
    try:
        return Package(find_tarball())
    except LookupError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def assembly(package: Package) -> dict[str, Any]:
    """Return the jsii assembly."""
    return package.assembly


@pytest.fixture(scope="session")
def generated(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the Python package that jsii generates, which is not published."""
    folder = tmp_path_factory.mktemp("generated")
    command = ["npx", "jsii-pacmak", "--code-only", "--targets", "python", "--outdir", f"{folder}"]
    process = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    assert package.manifest["version"] in f"{list(folder.rglob('*.jsii.tgz'))}"
    return folder / "python" / "src"
