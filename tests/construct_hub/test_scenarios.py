"""Both editions make the same templates of the same wishes, and refuse the same in the same words.

Each scenario runs with the Python edition and with what jsii generates for Python from the other
one, which hands everything over to its TypeScript.
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

from tests.construct_hub.naming import in_python
from tests.construct_hub.scenarios import INVALID, VALID
from tests.local_hub.package import ROOT

_TOKEN = re.compile(r"(?<=Token\[)[^\]]*(?=\])")


def outcomes(edition: Path) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, "-m", "tests.construct_hub.scenarios"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(edition), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    # Tokens are numbered as they are made.
    return dict(json.loads(_TOKEN.sub("", process.stdout)))


@pytest.fixture(scope="module")
def python() -> dict[str, Any]:
    return outcomes(ROOT / "src")


@pytest.fixture(scope="module")
def hub(generated: Path) -> dict[str, Any]:
    return {name: in_words_of_python(outcome) for name, outcome in outcomes(generated).items()}


def in_words_of_python(outcome: dict[str, Any]) -> dict[str, Any]:
    if "refused" in outcome:
        # jsii puts the name of the error in front of what methods throw.
        message = outcome["refused"].removeprefix("PrivateLinkValueError: ")
        return {"refused": in_python(message)}
    return {
        "synthesised": {
            name: json.loads(in_python(json.dumps(content)))
            if name.endswith(".metadata.json")
            else content
            for name, content in outcome["synthesised"].items()
        }
    }


@pytest.mark.parametrize("name", VALID)
def test_equal_templates(name: str, python: dict[str, Any], hub: dict[str, Any]) -> None:
    assert python[name]["synthesised"]
    assert hub[name] == python[name]


@pytest.mark.parametrize("name", INVALID)
def test_equal_messages(name: str, python: dict[str, Any], hub: dict[str, Any]) -> None:
    assert re.fullmatch(r"`[\w.\[\]]+` .+, got .+; .+  \[.+\]", python[name]["refused"])
    assert hub[name] == python[name]
