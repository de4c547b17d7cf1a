"""Pins newer versions in `projenrc/dependencies.py`: `python -m projenrc.upgrade`.

Versions stay within their major version. A new major version is a decision, and so is a new lowest
version of a runtime dependency.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from projenrc.metadata import PYTHONS

SETTINGS = Path(__file__).with_name("dependencies.py")
_PYPI_TABLES = "BUILD", "DOCS", "LINTERS", "LOCAL_AWS", "TESTS"
_NPM_TABLES = ("HUB_DEVELOPMENT",)
_VERSION = r"\d+\.\d+(?:\.\d+)?"
_TABLE = re.compile(r"^(?P<name>[A-Z_]+) = \{\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
_PINNED = re.compile(
    rf'^    "(?P<name>[^"\[]+)(?:\[.*\])?": "(?P<version>{_VERSION})",$', re.MULTILINE
)
_TOOL = re.compile(rf'"(?P<name>@?[\w./-]+)@(?P<version>{_VERSION})"')
_ACTION = re.compile(
    rf'^    "(?P<name>[\w/-]+)": "(?P<digest>[0-9a-f]{{40}})",  # v(?P<version>{_VERSION})$',
    re.MULTILINE,
)

Versions = Callable[[str], dict[str, str]]
"""A function that returns the versions of a package or action, with their digests."""


def pin_newest(settings: str, *, pypi: Versions, npm: Versions, actions: Versions) -> str:
    """Return the settings with the newest version of everything within its major version."""

    def newer(match: re.Match[str], versions: Versions) -> str:
        available = {**versions(match["name"]), match["version"]: ""}
        newest = max(filter(_within(match["version"]), available), key=_key)
        if newest == match["version"]:
            return match[0]
        text = match[0].replace(match["version"], newest)
        digest = match.groupdict().get("digest")
        return text.replace(digest, available[newest]) if digest else text

    def table(match: re.Match[str]) -> str:
        registries = dict.fromkeys(_PYPI_TABLES, pypi) | dict.fromkeys(_NPM_TABLES, npm)
        versions = registries.get(match["name"])
        if versions is None:
            return match[0]
        return _PINNED.sub(lambda pin: newer(pin, versions), match[0])

    settings = _TABLE.sub(table, settings)
    settings = _TOOL.sub(lambda tool: newer(tool, npm), settings)
    return _ACTION.sub(lambda action: newer(action, actions), settings)


def in_pypi(name: str) -> dict[str, str]:
    """Return the versions of a Python package that support the lowest Python of the project."""
    # pip requires wheels for the versions of another Python than its own.
    lowest = ["--python-version", PYTHONS[0], "--only-binary", ":all:"]
    response = json.loads(_run("python", "-m", "pip", "index", "versions", "--json", *lowest, name))
    return dict.fromkeys(response["versions"], "")


def in_npm(name: str) -> dict[str, str]:
    """Return the versions of an npm package."""
    response = json.loads(_run("npm", "view", "--json", name, "versions"))
    return dict.fromkeys([response] if isinstance(response, str) else response, "")


def of_action(name: str) -> dict[str, str]:
    """Return the versions of an action, with the digests of their commits."""
    digests: dict[str, str] = {}
    for line in _run("git", "ls-remote", "--tags", f"https://github.com/{name}").splitlines():
        digest, tag = line.split("\trefs/tags/")
        # The commit of an annotated tag comes after the tag itself.
        digests[tag.removeprefix("v").removesuffix("^{}")] = digest
    return digests


def _within(version: str) -> Callable[[str], bool]:
    """Return a predicate for releases of the same major version."""
    major = version.split(".")[0]
    return lambda other: bool(re.fullmatch(_VERSION, other)) and other.split(".")[0] == major


def _key(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    SETTINGS.write_text(
        pin_newest(
            SETTINGS.read_text(encoding="utf-8"), pypi=in_pypi, npm=in_npm, actions=of_action
        ),
        encoding="utf-8",
    )
