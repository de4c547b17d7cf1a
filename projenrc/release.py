"""Releases: the next version, its section of the changelog, and the check for an untagged release.

`python3 -m projenrc.release status` needs nothing but git, `prepare` needs git-cliff.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CLIFF = Path(__file__).with_name("cliff.toml")

_VERSION = re.compile(r'^VERSION = "(.+)"$', re.MULTILINE)
_REPOSITORY = re.compile(r'^REPOSITORY = "(.+)"$', re.MULTILINE)
_UNRELEASED = "## [Unreleased]"


class Releases:
    """The past and the next releases of a repository."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read the repository in a folder."""
        self._root = root
        self._settings = root / "projenrc" / "metadata.py"
        self._changelog = root / "CHANGELOG.md"

    @property
    def version(self) -> str:
        """The version in the metadata: of the last release, or of the one to tag next."""
        return self._setting(_VERSION)

    @property
    def released(self) -> str | None:
        """The version of the last tag before the current commit."""
        tag = self._run("git", "describe", "--tags", "--abbrev=0", "--match", "v*", check=False)
        return tag.removeprefix("v") or None

    @property
    def due(self) -> bool:
        """``True`` if the changelog has a dated section for the version, and no tag exists."""
        dated = re.search(rf"^## \[{re.escape(self.version)}\] - \d", self._text(), re.MULTILINE)
        return bool(dated) and not self._run("git", "tag", "--list", f"v{self.version}")

    @property
    def upcoming(self) -> str | None:
        """The next version by the commits since the last release, if they make a release."""
        version = self._cliff("--bumped-version").removeprefix("v")
        return None if version == self.released else version

    def notes(self) -> str:
        """Return the section of the changelog for the version."""
        return self._section(f"## [{self.version}]")

    def prepare(self, today: date) -> str | None:
        """Write the next version, and date the unreleased section of the changelog.

        Return ``None`` if there are no commits for users, or if a release is prepared already.
        """
        version = self.upcoming
        if version is None or self.due:
            return None
        commits = self._commits()
        prose = self._section(_UNRELEASED)
        if not prose:
            raise LookupError(
                f"CHANGELOG.md has nothing under `{_UNRELEASED}`, but these commits are for users:"
                f"\n{commits}\nDescribe their effect on users who upgrade."
            )
        section = f"## [{version}] - {today.isoformat()}\n\n{prose}\n"
        if self.released:
            # The first release has no commits since another release.
            section += f"\n### Commits\n\n{commits}\n"
        text = self._text().replace(f"{_UNRELEASED}\n\n{prose}\n", section)
        link = f"[{version}]: {self._setting(_REPOSITORY)}/releases/tag/v{version}\n"
        self._changelog.write_text(text if link in text else text + link, encoding="utf-8")
        settings = self._settings.read_text(encoding="utf-8")
        self._settings.write_text(
            settings.replace(f'VERSION = "{self.version}"', f'VERSION = "{version}"', 1),
            encoding="utf-8",
        )
        return version

    def _commits(self) -> str:
        """Return the commits since the last release that users notice."""
        return self._cliff("--unreleased", "--strip", "all")

    def _section(self, heading: str) -> str:
        """Return the text below a heading, up to the next heading or to the links at the end."""
        pattern = rf"^{re.escape(heading)}[^\n]*\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)"
        found = re.search(pattern, self._text(), re.MULTILINE | re.DOTALL)
        return found[1].strip() if found else ""

    def _text(self) -> str:
        return self._changelog.read_text(encoding="utf-8")

    def _setting(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self._settings.read_text(encoding="utf-8"))
        if not found:
            raise LookupError(f"{self._settings} has no line like {pattern.pattern}")
        return found[1]

    def _cliff(self, *arguments: str) -> str:
        return self._run("git-cliff", "--config", str(_CLIFF), *arguments)

    def _run(self, *command: str, check: bool = True) -> str:
        process = subprocess.run(
            command, cwd=self._root, capture_output=True, text=True, check=False
        )
        if check and process.returncode != 0:
            raise ChildProcessError(f"{' '.join(command)}: {process.stderr}")
        return process.stdout.strip()


def may_break(before: str, after: str) -> bool:
    """Return whether a new version may break users: a major version, or a minor one of 0.x."""
    old, new = ([int(part) for part in version.split(".")] for version in (before, after))
    return new[0] > old[0] or (old[0] == 0 and new[:2] > old[:2])


def main(command: str) -> str:
    """Run a command and return its output."""
    releases = Releases()
    if command == "prepare":
        version = releases.prepare(date.today())
        return f"{version} is prepared" if version else "There is nothing to release"
    if command == "status":
        return f"version={releases.version}\ndue={str(releases.due).lower()}"
    return releases.notes() if command == "notes" else releases.version


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{main(sys.argv[1])}\n")
    except LookupError as error:
        sys.exit(str(error))
