"""`npx --yes projen integ` with the credentials of two accounts of the local AWS."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integ.__main__ import main
from tests.integ.accounts import RealAccount
from tests.integ.claims import PAGE
from tests.integ.run import RUN_TAG
from tests.integ.stories import ROOT, STORIES
from tests.integ.waiting import wait_until
from tests.local_aws import LocalAws
from tests.local_aws.accounts import credentials

pytestmark = pytest.mark.local_only
CONSUMER = "444455556666"
REPORT = ROOT / "dist" / "integ" / "report.json"


@pytest.fixture(scope="module")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    config = tmp_path_factory.mktemp("aws") / "config"
    write_profile(config, "consumer", CONSUMER)
    with LocalAws() as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CONFIG_FILE", f"{config}")
        aws.environment["AWS_CONFIG_FILE"] = f"{config}"
        yield aws


def write_profile(config: Path, name: str, account: str) -> None:
    """Add a profile of an account to a file of the AWS CLI."""
    keys = [f"{key.lower()} = {value}" for key, value in credentials(account).items()]
    with config.open("a", encoding="utf-8") as file:
        file.write("\n".join((f"[profile {name}]", *keys, "")))


def run(
    aws: LocalAws, *arguments: str, answer: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.integ", *arguments],
        cwd=ROOT,
        env=aws.environment,
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )


def read_report() -> dict[str, Any]:
    return dict(json.loads(REPORT.read_text(encoding="utf-8")))


def list_stacks(aws: LocalAws) -> list[str]:
    accounts = (aws, aws.account(CONSUMER))
    return [
        stack["StackName"]
        for account in accounts
        for region in ("eu-west-1", "eu-central-1")
        for stack in account.client("cloudformation", region).describe_stacks()["Stacks"]
    ]


def test_nothing_is_deployed_without_consent(local_aws: LocalAws) -> None:
    process = run(local_aws, "traffic", "saas_cross_account", answer="n\n")
    assert process.returncode == 2, process.stderr
    # The load balancer, an endpoint in two zones and the host.
    assert "  traffic                            $0.05 per hour\n" in process.stdout
    assert "saas_cross_account                 not run: needs --consumer-profile" in process.stdout
    assert "after 6 hours:\nat most $0.33 of your account" in process.stdout
    assert "Deploy? [y/N]" in process.stdout
    assert list_stacks(local_aws) == []


def test_stories_run_in_both_accounts_and_everything_is_deleted(local_aws: LocalAws) -> None:
    names = ["saas_cross_account", "upgrade"]
    process = run(local_aws, *names, "--yes", "--consumer-profile", "consumer")
    assert process.returncode == 0, process.stdout + process.stderr
    assert list_stacks(local_aws) == []
    report = read_report()
    assert report["place"] == "an emulator"
    assert [each["name"] for each in report["stories"]] == names
    assert all(each["outcome"].endswith("passed") for each in report["stories"])
    assert report["remaining"] == []
    # An emulator proves nothing about AWS.
    assert {each["outcome"] for each in report["claims"]} == {"not run"}
    reasons = {each["id"]: each["reason"] for each in report["claims"]}
    assert reasons["upgrade-in-place"] == "an emulator proves nothing"
    # The report can be attached to an issue.
    text = REPORT.read_text(encoding="utf-8") + REPORT.with_suffix(".md").read_text("utf-8")
    assert local_aws.id not in text
    assert CONSUMER not in text


def start(aws: LocalAws, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a run, and wait for its first stack."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integ", "draining", "--yes"],
        cwd=ROOT,
        env=aws.environment,
        stdout=stdout,
        stderr=subprocess.STDOUT,
    )
    wait_until(lambda: bool(list_stacks(aws)))
    return process


def test_everything_is_deleted_if_the_terminal_closes(local_aws: LocalAws) -> None:
    process = start(local_aws, subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    # It ends the stories like Ctrl-C.
    process.send_signal(signal.SIGHUP)
    # THEN everything is deleted before the command ends, and no claim holds
    assert process.wait(timeout=600) != 0
    assert list_stacks(local_aws) == []
    report = read_report()
    assert "interrupted" in report["stories"][0]["outcome"]
    outcomes = {each["id"]: each["outcome"] for each in report["claims"]}
    assert outcomes["template-during-an-update"] == "not run"


def test_the_stories_end_if_the_command_is_killed(local_aws: LocalAws) -> None:
    process = start(local_aws)
    process.kill()
    process.wait()
    wait_until(lambda: list_stacks(local_aws) == [])


def test_a_story_without_its_options_is_not_run(
    local_aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["saas_cross_account", "--yes", "--region", "eu-west-1"]
    assert main(arguments) == 2
    output = capsys.readouterr().out
    assert "saas_cross_account                 not run: needs --consumer-profile" in output
    assert "VPCs per Region" not in output
    # WHEN the account has more than the default VPC
    ec2 = local_aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert main(arguments) == 2
    assert "\nThere are 2 in eu-west-1 already.\n" in capsys.readouterr().out
    ec2.delete_vpc(VpcId=vpc_id)


def test_the_stories_that_would_run_are_listed_for_workflows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ["saas_cross_account", "private_dns", "upgrade"]
    assert main([*names, "--list", "--domain", "example.com"]) == 0
    assert json.loads(capsys.readouterr().out) == ["private_dns", "upgrade"]


def test_an_unknown_domain_is_an_error_before_the_question(
    local_aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["private_dns", "--region", "eu-west-1", "--domain", "example.org"]
    assert main(arguments) == 2
    expected = f"account {local_aws.id} has 0 public hosted zones example.org\n"
    assert capsys.readouterr().err == expected


def test_a_region_that_denies_access_is_an_error_before_the_question(
    local_aws: LocalAws, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(account: RealAccount, service: str, region: str | None = None) -> Any:
        if region == "eu-north-1":
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeStacks")
        return client(account, service, region)

    client = RealAccount.client
    monkeypatch.setattr(RealAccount, "client", deny)
    assert main(["traffic", "--region", "eu-west-1", "--other-region", "eu-north-1"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"account {local_aws.id} in eu-north-1: ")
    assert "AccessDenied" in error


def test_reports_in_a_folder_are_merged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integ.__main__.REPORT", tmp_path / "merged")
    for name in ("traffic", "rules"):
        report = {
            "place": "AWS",
            "settings": {
                "Started": "2026-01-01",
                "Minutes": 1,
                "Region": "eu-west-1",
                "Other Region": "eu-central-1",
            },
            "versions": {"cdk-privatelink": "0.1.0", "commit": "abc"},
            "stories": [{"name": name, "outcome": "1 passed", "seconds": 1}],
            "claims": [],
            "remaining": [],
            "tests": {},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
    assert main(["--merge", f"{tmp_path}"]) == 0
    output = capsys.readouterr().out
    assert "| traffic | 1 passed | 1 |" in output
    assert "| rules | 1 passed | 1 |" in output
    assert main(["--merge", f"{tmp_path / 'nothing'}"]) == 2
    assert "no reports" in capsys.readouterr().err
    (tmp_path / "other.json").write_text("[1]", encoding="utf-8")
    assert main(["--merge", f"{tmp_path}"]) == 2
    assert "other.json is no report" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hours", "nan"], "argument --hours: invalid"),
        (["--hours", "0"], "argument --hours: invalid"),
        (["--other-region", "eu-west-1"], "--other-region must be another Region"),
        (["traffic", "--delete"], "--delete and --merge are for all stories"),
        (["--list", "--delete"], "not allowed with argument"),
        (["nothing"], "no story 'nothing', choose from network_load_balancer, "),
    ],
)
def test_invalid_options_are_errors(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--region", "eu-west-1", *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_second_account_must_be_another_one(
    local_aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    write_profile(Path(local_aws.environment["AWS_CONFIG_FILE"]), "same", local_aws.id)
    assert main(["traffic", "--region", "eu-west-1", "--consumer-profile", "same"]) == 2
    assert "the profile same is of the same account" in capsys.readouterr().err


def test_stacks_of_earlier_runs_are_deleted_on_request(local_aws: LocalAws) -> None:
    template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    cloudformation = local_aws.client("cloudformation")
    tags = [{"Key": RUN_TAG, "Value": "integ-of-yesterday"}]
    cloudformation.create_stack(StackName="Earlier", TemplateBody=template, Tags=tags)
    cloudformation.create_stack(StackName="Other", TemplateBody=template)
    # A run was interrupted between the change set and its execution.
    cloudformation.create_change_set(
        StackName="Reviewed",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template,
        Tags=tags,
    )
    stacks = cloudformation.describe_stacks(StackName="Reviewed")["Stacks"]
    assert [each["StackStatus"] for each in stacks] == ["REVIEW_IN_PROGRESS"]
    process = run(local_aws, "--delete", answer="n\n")
    assert process.returncode == 2
    assert "Delete 2 stacks, also of running stories? [y/N]" in process.stdout
    process = run(local_aws, "--delete", "--yes")
    assert process.returncode == 0, process.stderr
    assert list_stacks(local_aws) == ["Other"]
    cloudformation.delete_stack(StackName="Other")


def test_every_test_with_a_claim_belongs_to_a_story() -> None:
    assert PAGE.exists()
    with_claims = [
        path
        for path in Path(ROOT, "tests").rglob("test_*.py")
        if "pytest.mark.claim(" in path.read_text(encoding="utf-8")
    ]
    stories = {story.tests for story in STORIES.values()}
    others = ("test_command.py", "test_unproven.py")
    assert {path for path in with_claims if path.name not in others} <= stories
    assert all(path.exists() for path in stories)
