"""A temporary directory for the test run, the accounts, and the flags of `cdk init` on request."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.recommended_flags import NOT_IN_UNIT_TESTS, read_recommended_flags

if TYPE_CHECKING:
    from tests.local_aws.accounts import Account

_FOLDER = pytest.StashKey[str]()


@pytest.fixture(scope="module")
def aws(pytestconfig: pytest.Config) -> Iterator[Account]:
    """Return the account of the provider, which is empty at the end."""
    # Not at the top: the floor of versions is tested without the emulator.
    from tests.integ.accounts import open_aws

    with open_aws(pytestconfig) as aws:
        yield aws


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--recommended-flags",
        action="store_true",
        help="synthesize the unit tests with the feature flags that `cdk init` writes",
    )
    parser.addoption(
        "--aws",
        metavar="FILE",
        help="run on AWS, with the settings that `npx --yes projen integ` writes to a file",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "without_recommended_flags(reason): skip with these flags")
    config.addinivalue_line("markers", "claim(*ids): the claims in docs/unproven.md that it proves")
    config.addinivalue_line("markers", "local_only: it is about the local AWS")
    # Workers of pytest-xdist inherit the environment of the controller.
    if hasattr(config, "workerinput"):
        return
    if config.getoption("--recommended-flags"):
        flags = read_recommended_flags()
        context = {name: flags[name] for name in flags.keys() - NOT_IN_UNIT_TESTS}
        os.environ["CDK_CONTEXT_JSON"] = json.dumps(context)
    # cfn-lint checks the templates. The validation of the CDK takes half of each synthesis.
    os.environ["CDK_VALIDATION"] = "false"
    # Each app is a process that imports the CDK: compiled code halves its time. One folder for all
    # of it keeps the folders of examples and test apps clean.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = f"{Path(sys.prefix, 'compiled', 'python')}"
    os.environ["NODE_COMPILE_CACHE"] = f"{Path(sys.prefix, 'compiled', 'node')}"
    # The CDK leaves a `cdk.out` folder here for every app without an output folder.
    config.stash[_FOLDER] = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="cdk-privatelink-")
    tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--aws"):
        items[:] = [item for item in items if not item.get_closest_marker("local_only")]
    if config.getoption("--recommended-flags"):
        for item in items:
            for marker in item.iter_markers("without_recommended_flags"):
                item.add_marker(pytest.mark.skip(reason=marker.args[0]))
