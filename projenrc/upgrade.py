"""Newer versions of what `.projenrc.py` pins: `python -m projenrc.upgrade`.

Within a major version only. A new major version is a decision, and so is a new lowest version of
what the library needs at run time.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

SETTINGS = Path(__file__).parents[1] / ".projenrc.py"
_VERSION = r"\d+\.\d+\.\d+"
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
"""What tells the versions that there are of something, each with what stands for it."""


def upgraded(settings: str, *, pypi: Versions, npm: Versions, actions: Versions) -> str:
    """Pin everything to its newest version within the major one."""

    def newer(match: re.Match[str], versions: Versions) -> str:
        found = {**versions(match["name"]), match["version"]: ""}
        newest = max(filter(_within(match["version"]), found), key=_key)
        if newest == match["version"]:
            return match[0]
        text = match[0].replace(match["version"], newest)
        digest = match.groupdict().get("digest")
        return text.replace(digest, found[newest]) if digest else text

    def table(match: re.Match[str]) -> str:
        versions = {"DEVELOPMENT": pypi, "HUB_DEVELOPMENT": npm}.get(match["name"])
        if versions is None:
            return match[0]
        return _PINNED.sub(lambda pin: newer(pin, versions), match[0])

    settings = _TABLE.sub(table, settings)
    settings = _TOOL.sub(lambda tool: newer(tool, npm), settings)
    return _ACTION.sub(lambda action: newer(action, actions), settings)


def in_pypi(name: str) -> dict[str, str]:
    """List the versions of a Python package that the running Python can have.

    So it is to be the lowest one that the project is developed with.
    """
    found = json.loads(_run("python", "-m", "pip", "index", "versions", "--json", name))
    return dict.fromkeys(found["versions"], "")


def in_npm(name: str) -> dict[str, str]:
    """List the versions of an npm package."""
    found = json.loads(_run("npm", "view", "--json", name, "versions"))
    return dict.fromkeys([found] if isinstance(found, str) else found, "")


def of_action(name: str) -> dict[str, str]:
    """List the versions of an action, with the digests of their commits."""
    found: dict[str, str] = {}
    for line in _run("git", "ls-remote", "--tags", f"https://github.com/{name}").splitlines():
        digest, tag = line.split("\trefs/tags/")
        # The commit of an annotated tag comes after the tag itself.
        found[tag.removeprefix("v").removesuffix("^{}")] = digest
    return found


def _within(version: str) -> Callable[[str], bool]:
    """Tell whether another version is a release of the same major one."""
    major = version.split(".")[0]
    return lambda other: bool(re.fullmatch(_VERSION, other)) and other.split(".")[0] == major


def _key(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    SETTINGS.write_text(
        upgraded(SETTINGS.read_text(encoding="utf-8"), pypi=in_pypi, npm=in_npm, actions=of_action),
        encoding="utf-8",
    )
