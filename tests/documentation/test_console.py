"""What the pages have their readers type is there to be typed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

import boto3
import pytest
from botocore import xform_name

from tests.documentation.site import ROOT, blocks_of, sources

# What the AWS CLI has besides the operations of the services.
_ITS_OWN = {("cloudformation", "deploy")}
# What it calls differently, or adds to each of them.
_RENAMED = {"notification-endpoint": "endpoint"}
_ADDED = {"region"}


def commands() -> Iterator[list[str]]:
    """Every command in a console block, with the lines that it goes on in."""
    for page in sources():
        for block in blocks_of(page, "console"):
            for line in re.sub(r"\\\n", " ", block).splitlines():
                if line.startswith("$ "):
                    yield shlex.split(line[2:], comments=True)


COMMANDS = list(commands())


def test_tasks_of_the_project_exist() -> None:
    tasks = json.loads((ROOT / ".projen" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    asked = [each[3:] for each in COMMANDS if each[:3] == ["npx", "--yes", "projen"]]
    assert len(asked) > 5
    assert [each for each in asked if each and each[0] not in tasks] == []


def test_examples_that_are_shown_exist() -> None:
    shown = [each[4] for each in COMMANDS if each[2:4] == ["projen", "demo"] and len(each) > 4]
    assert [name for name in shown if not (ROOT / "examples" / name / "app.py").is_file()] == []


def test_the_cdk_is_the_release_that_the_project_runs() -> None:
    tasks = (ROOT / ".projen" / "tasks.json").read_text(encoding="utf-8")
    (release,) = set(re.findall(r"aws-cdk@[\d.]+", tasks))
    asked = {each[1] for each in COMMANDS if each[0] == "npx" and each[1].startswith("aws-cdk")}
    assert asked == {release}


@pytest.mark.parametrize(
    "command",
    [each for each in COMMANDS if each[0] == "aws" and (each[1], each[2]) not in _ITS_OWN],
    ids=" ".join,
)
def test_what_aws_is_asked_for_exists(command: list[str]) -> None:
    _, service, operation, *rest = command
    client = boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload]
    name = client.meta.method_to_api_mapping[operation.replace("-", "_")]
    takes = client.meta.service_model.operation_model(name).input_shape.members
    options = {each[2:] for each in rest if each.startswith("--")} - _ADDED
    known = {xform_name(member, "-") for member in takes}
    assert {_RENAMED.get(option, option) for option in options} <= known
