"""A temporary directory for the whole test run, deleted at its end.

The CDK leaves a `cdk.out` folder in the temporary directory for every app without an output folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

_FOLDER = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    # Workers of pytest-xdist inherit the environment of the controller.
    if hasattr(config, "workerinput"):
        return
    config.stash[_FOLDER] = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="cdk-privatelink-")
    tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
