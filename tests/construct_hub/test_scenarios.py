"""Both editions synthesize the same templates and raise the same errors.

Each scenario runs with the Python edition and with the Python package that jsii generates for the
other edition, which calls the TypeScript code.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.construct_hub.naming import translate_to_python
from tests.construct_hub.scenarios import INVALID, VALID
from tests.local_hub.package import ROOT

_TOKEN = re.compile(r"(?<=Token\[)[^\]]*(?=\])")


def run_scenarios(edition: Path) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, "-m", "tests.construct_hub.scenarios"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(edition), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    # The number in a token depends on the order of creation.
    return dict(json.loads(_TOKEN.sub("", process.stdout)))


@pytest.fixture(scope="module")
def python() -> dict[str, Any]:
    return run_scenarios(ROOT / "src")


@pytest.fixture(scope="module")
def hub(generated: Path) -> dict[str, Any]:
    return {name: translate_outcome(outcome) for name, outcome in run_scenarios(generated).items()}


def translate_outcome(outcome: dict[str, Any]) -> dict[str, Any]:
    if "rejected" in outcome:
        # jsii adds the name of the error to the message of methods.
        message = outcome["rejected"].removeprefix("PrivateLinkValueError: ")
        return {"rejected": translate_to_python(message)}
    return {
        "synthesized": {
            name: json.loads(translate_to_python(json.dumps(content)))
            if name.endswith(".metadata.json")
            else content
            for name, content in outcome["synthesized"].items()
        }
    }


@pytest.mark.parametrize("name", VALID)
def test_both_editions_synthesize_the_same_templates(
    name: str, python: dict[str, Any], hub: dict[str, Any]
) -> None:
    assert python[name]["synthesized"]
    assert hub[name] == python[name]


@pytest.mark.parametrize("name", INVALID)
def test_both_editions_raise_the_same_errors(
    name: str, python: dict[str, Any], hub: dict[str, Any]
) -> None:
    assert re.fullmatch(r"`[\w.\[\]]+` .+, got .+; .+  \[.+\]", python[name]["rejected"])
    assert hub[name] == python[name]
