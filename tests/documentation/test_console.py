"""Commands on the pages exist: tasks, examples, operations and options of the AWS CLI."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

import boto3
import pytest
from botocore import xform_name

from tests.documentation.pages import ROOT, blocks_of, sources

# Commands of the AWS CLI that are no operations of a service.
_CLI_ONLY = {("cloudformation", "deploy")}
# Options that the AWS CLI renames, or adds to every operation.
_RENAMED = {"notification-endpoint": "endpoint"}
_ADDED = {"region"}


def commands() -> Iterator[list[str]]:
    """Yield each command in a console block, with its continuation lines."""
    for page in sources():
        for block in blocks_of(page, "console"):
            for line in re.sub(r"\\\n", " ", block).splitlines():
                if line.startswith("$ "):
                    yield shlex.split(line[2:], comments=True)


COMMANDS = list(commands())


def test_projen_tasks_on_the_pages_exist() -> None:
    tasks = json.loads((ROOT / ".projen" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    names = [each[3:] for each in COMMANDS if each[:3] == ["npx", "--yes", "projen"]]
    assert len(names) > 5
    assert [each for each in names if each and each[0] not in tasks] == []


def test_examples_in_demo_commands_exist() -> None:
    shown = [each[4] for each in COMMANDS if each[2:4] == ["projen", "demo"] and len(each) > 4]
    assert [name for name in shown if not (ROOT / "examples" / name / "app.py").is_file()] == []


def test_pages_use_the_cdk_cli_of_the_project() -> None:
    tasks = (ROOT / ".projen" / "tasks.json").read_text(encoding="utf-8")
    (release,) = set(re.findall(r"aws-cdk@[\d.]+", tasks))
    releases = {each[1] for each in COMMANDS if each[0] == "npx" and each[1].startswith("aws-cdk")}
    assert releases == {release}


@pytest.mark.parametrize(
    "command",
    [each for each in COMMANDS if each[0] == "aws" and (each[1], each[2]) not in _CLI_ONLY],
    ids=" ".join,
)
def test_operations_and_options_of_the_aws_cli_exist(command: list[str]) -> None:
    _, service, operation, *rest = command
    client = boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload]
    name = client.meta.method_to_api_mapping[operation.replace("-", "_")]
    members = client.meta.service_model.operation_model(name).input_shape.members
    options = {each[2:] for each in rest if each.startswith("--")} - _ADDED
    supported = {xform_name(member, "-") for member in members}
    assert {_RENAMED.get(option, option) for option in options} <= supported
