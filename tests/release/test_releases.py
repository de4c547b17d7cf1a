"""The version of a release from the commits, and the changelog."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from projenrc.release import Releases
from tests.packaging.repository import run

TODAY = date(2030, 1, 2)
SETTINGS = 'VERSION = "0.1.0"\nREPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"\n'
CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Something.

[0.1.0]: https://github.com/cdk-privatelink/cdk-privatelink/releases/tag/v0.1.0
"""


class Repository:
    """A repository for releases."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.releases = Releases(root)
        (root / "projenrc").mkdir()
        (root / "projenrc" / "metadata.py").write_text(SETTINGS, encoding="utf-8")
        self.changelog = root / "CHANGELOG.md"
        self.changelog.write_text(CHANGELOG, encoding="utf-8")
        self.git("init", "--quiet")
        self.commit("feat: what there is at first")

    def git(self, *command: str) -> None:
        run(["git", "-c", "user.name=nobody", "-c", "user.email=", *command], self.root)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def release(self) -> None:
        version = self.releases.prepare(TODAY)
        self.commit(f"chore(release): {version}")
        self.git("tag", f"v{version}")

    def unreleased(self, prose: str) -> None:
        text = self.changelog.read_text(encoding="utf-8")
        self.changelog.write_text(
            text.replace("## [", f"## [Unreleased]\n\n{prose}\n\n## [", 1), encoding="utf-8"
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_first_release_has_the_configured_version(repository: Repository) -> None:
    assert repository.releases.released is None
    assert not repository.releases.due
    assert repository.releases.prepare(TODAY) == "0.1.0"
    assert repository.changelog.read_text(encoding="utf-8") == CHANGELOG.replace(
        "## [Unreleased]", "## [0.1.0] - 2030-01-02"
    )


def test_a_release_is_due_until_it_is_tagged(repository: Repository) -> None:
    repository.releases.prepare(TODAY)
    repository.commit("chore(release): 0.1.0")
    assert repository.releases.due
    assert repository.releases.prepare(TODAY) is None
    repository.git("tag", "v0.1.0")
    assert not repository.releases.due
    assert repository.releases.released == "0.1.0"


@pytest.mark.parametrize(
    ("commits", "version"),
    [
        (["fix: one"], "0.1.1"),
        (["feat: one", "fix: another"], "0.1.1"),
        (["perf: one", "docs: another"], "0.1.1"),
        (["feat!: one"], "0.2.0"),
        (["fix: one", "refactor!: another"], "0.2.0"),
        (["fix: one\n\nBREAKING CHANGE: it was relied upon"], "0.2.0"),
        (["docs: one", "test: another", "chore: a third", "not conventional"], None),
    ],
)
def test_the_commits_determine_the_version(
    commits: list[str], version: str | None, repository: Repository
) -> None:
    repository.release()
    for message in commits:
        repository.commit(message)
    assert repository.releases.upcoming == version


def test_a_feature_after_1_0_0_is_a_minor_version(repository: Repository) -> None:
    repository.release()
    repository.git("tag", "v1.2.3")
    repository.commit("feat: one")
    assert repository.releases.upcoming == "1.3.0"
    repository.commit("feat!: another")
    assert repository.releases.upcoming == "2.0.0"


def test_the_release_notes_contain_the_changelog_and_the_commits(repository: Repository) -> None:
    # GIVEN a release and later commits
    repository.release()
    repository.unreleased("### Fixed\n\n- What was wrong.")
    repository.commit("fix: what was wrong\n\nWith a body.")
    repository.commit("test: what was wrong")
    # WHEN the next release is prepared
    assert repository.releases.prepare(TODAY) == "0.1.1"
    # THEN the notes contain the changelog and the commits
    notes = repository.releases.notes()
    assert notes.startswith(
        "### Fixed\n\n- What was wrong.\n\n### Commits\n\n- fix: what was wrong ("
    )
    assert notes.count("\n- ") == 2
    text = repository.changelog.read_text(encoding="utf-8")
    assert "Unreleased" not in text
    assert "## [0.1.1] - 2030-01-02" in text
    assert text.endswith("cdk-privatelink/releases/tag/v0.1.1\n")
    assert repository.releases.version == "0.1.1"


def test_a_release_without_a_changelog_is_rejected(repository: Repository) -> None:
    repository.release()
    repository.commit("feat: one more option")
    with pytest.raises(LookupError, match=r"these commits are for users:\n- feat: one more option"):
        repository.releases.prepare(TODAY)
    assert repository.releases.version == "0.1.0"
