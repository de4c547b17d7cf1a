"""Fixtures for tests that deploy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local_aws import LocalAws


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """Start an empty AWS for the tests of one module."""
    with LocalAws() as aws:
        yield aws
