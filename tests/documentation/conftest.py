"""Fixtures: the site, built once per worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documentation.pages import Html, build, pages_of


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site. A warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Html]:
    """Return the pages of the site by their addresses."""
    return pages_of(site)
