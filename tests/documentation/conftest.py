"""The site, built once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documentation.site import Html, build, pages_of


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, in which a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Html]:
    """All of its pages, by their addresses."""
    return pages_of(site)
