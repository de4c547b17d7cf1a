"""Runs the stories on AWS, deletes everything, and writes a report.

`npx --yes projen integ [NAME ...]` runs it, with the credentials of the environment.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .accounts import RealAws
from .claims import read_claims
from .recorder import VARIABLE
from .report import ON_AWS, ON_EMULATOR, judge, merge, write_report
from .run import RUN_TAG, Run
from .stories import ROOT, STORIES, Story, price_of

REPORT = ROOT / "dist" / "integ"
# The time that an interrupted run has for the deletion of its stacks.
_CLEANUP_SECONDS = 3600


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit code."""
    options = _parse(arguments)
    stories = [STORIES[name] for name in options.names or STORIES]
    available = [story for story in stories if not _missing(story, options)]
    if options.list:
        return _list(stories, options)
    if options.merge:
        return _merge(options.merge)
    started = datetime.now(timezone.utc)
    run = Run(
        id=f"integ-{secrets.token_hex(3)}",
        expires=f"{started + timedelta(hours=options.hours):%Y-%m-%dT%H:%MZ}",
        region=options.region,
        other_region=options.other_region,
        consumer_profile=options.consumer_profile,
        domain=options.domain,
    )
    try:
        aws = RealAws(run)
        aws.check_access()
    except (BotoCoreError, ClientError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.delete:
        return _report_remaining(aws.delete_stacks(all_runs=True))
    _print_plan(aws, stories, options)
    if not available:
        return 2
    if not options.yes and not _confirm():
        return 2
    return _run(available, options.hours, started, aws)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="npx --yes projen integ", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"stories, default: all of {', '.join(STORIES)}"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before the deployment")
    parser.add_argument(
        "--delete", action="store_true", help="run nothing, and delete the stacks of earlier runs"
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="run nothing, and print the names of the stories that would run, as JSON",
    )
    parser.add_argument(
        "--merge",
        type=Path,
        metavar="FOLDER",
        help="run nothing, and write one report from the JSON reports in a folder",
    )
    parser.add_argument(
        "--region",
        default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        help="default: AWS_REGION",
    )
    parser.add_argument("--other-region", help="the Region of consumers in another Region")
    parser.add_argument("--consumer-profile", help="the AWS profile of a second account")
    parser.add_argument("--domain", help="the name of a public hosted zone in the account")
    parser.add_argument("--hours", type=float, default=6, help="the time limit, default: 6")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in STORIES]
    if unknown:
        parser.error(f"no story {unknown[0]!r}, choose from {', '.join(STORIES)}")
    if not options.region and not options.list and not options.merge:
        parser.error("no Region: set AWS_REGION, or pass --region")
    if options.other_region is None:
        # Each of them has three Availability Zones, all with access to other Regions.
        options.other_region = "eu-west-1" if options.region == "eu-central-1" else "eu-central-1"
    return options


def _missing(story: Story, options: argparse.Namespace) -> list[str]:
    """Return the options that a story needs and that the user has not passed."""
    values = vars(options)
    return [need for need in story.needs if values[need.strip("-").replace("-", "_")] is None]


def _list(stories: Sequence[Story], options: argparse.Namespace) -> int:
    names = [story.name for story in stories if not _missing(story, options)]
    for story in stories:
        if story.name not in names:
            print(f"{story.name}: needs {', '.join(_missing(story, options))}", file=sys.stderr)
    print(json.dumps(names))
    return 0 if names else 2


def _print_plan(aws: RealAws, stories: Sequence[Story], options: argparse.Namespace) -> None:
    print(f"Account {aws.id} in {aws.region}, with consumers in {aws.other_region}, too")
    if aws.consumer is not None:
        print(f"Second account {aws.consumer.id}")
    print(f"Stacks {aws.run.id}-…, tagged {RUN_TAG}={aws.run.id}\n")
    prices, context = [], aws.context
    for story in stories:
        missing = _missing(story, options)
        if missing:
            print(f"  {story.name:34} not run: needs {', '.join(missing)}")
            continue
        prices.append(price_of(story, context))
        print(f"  {story.name:34} ${prices[-1]:.2f} per hour")
    most = sum(prices) + max(prices, default=0) * options.hours
    print(
        "\nPrices are those of us-east-1, and AWS charges for each hour that has begun. Stories run"
        "\none after the other, and each one deletes its stacks. They are stopped after"
        f" {options.hours:g} hours:\nat most ${most:.2f} of your account."
    )


def _confirm() -> bool:
    try:
        return input("Deploy? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _run(stories: Sequence[Story], hours: float, started: datetime, aws: RealAws) -> int:
    """Run the stories, write the report, and delete everything."""
    signal.signal(signal.SIGHUP, _leave_terminal)
    with tempfile.TemporaryDirectory(prefix="integ-") as folder:
        results_path, settings_path = Path(folder, "results.json"), Path(folder, "run.json")
        aws.run.write(settings_path)
        # Without the arguments of functions, among which are environment variables.
        command = [sys.executable, "-m", "pytest", "-p", "tests.integ.recorder", "--tb=short"]
        command += [f"--aws={settings_path}", *(f"{story.tests}" for story in stories)]
        code = _run_tests(command, {VARIABLE: f"{results_path}"}, hours * 3600)
        results: dict[str, Any] = (
            json.loads(results_path.read_text(encoding="utf-8")) if results_path.exists() else {}
        )
    report = {
        "place": ON_AWS if aws.forwards_packets else ON_EMULATOR,
        "settings": {
            "Started": f"{started:%Y-%m-%d %H:%M} UTC",
            "Minutes": round((datetime.now(timezone.utc) - started).total_seconds() / 60),
            "Region": aws.region,
            "Other Region": aws.other_region,
            "Second account": "yes" if aws.consumer else "no",
        },
        "versions": _versions(),
        "stories": [_summarize(story, results) for story in stories],
        "claims": judge(read_claims(), results, on_aws=aws.forwards_packets),
        "remaining": ["unknown: the command ended before the deletion"],
        "tests": results,
    }
    accounts = [each.id for each in aws.accounts]
    # The results are safe before the deletion, which can fail.
    write_report(REPORT, report, accounts)
    print("Deleting the stacks that are left, which Ctrl-C does not stop.", flush=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    remaining = aws.delete_stacks()
    markdown = write_report(REPORT, report | {"remaining": remaining}, accounts)
    _print_report(markdown)
    _print_tagged(aws)
    return _report_remaining(remaining) or code


def _merge(folder: Path) -> int:
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.json")]
    try:
        report = merge(reports)
    except ValueError as error:
        print(f"{folder}: {error}", file=sys.stderr)
        return 2
    _print_report(write_report(REPORT, report))
    return 0


def _print_report(markdown: str) -> None:
    print(markdown.partition("\n## ")[0])
    print(f"The report is in {REPORT.relative_to(ROOT)}/report.md and report.json")


def _leave_terminal(*_signal: object) -> None:
    """End the stories, and write to a file what the closed terminal would show."""
    REPORT.mkdir(parents=True, exist_ok=True)
    with (REPORT / "output.txt").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    # Ignored while everything is deleted already.
    signal.raise_signal(signal.SIGINT)


def _report_remaining(stacks: Sequence[str]) -> int:
    """Print the stacks that could not be deleted, and return the exit code."""
    for stack in stacks:
        print(f"Not deleted: {stack}")
    return 1 if stacks else 0


def _print_tagged(aws: RealAws) -> None:
    """Print the resources with the tag of the run, among which are deleted ones for an hour."""
    filters = [{"Key": RUN_TAG, "Values": [aws.run.id]}]
    for account in aws.accounts:
        for region in aws.regions:
            client = account.client("resourcegroupstaggingapi", region)
            for page in client.get_paginator("get_resources").paginate(TagFilters=filters):
                for each in page["ResourceTagMappingList"]:
                    print(f"Tagged, or just deleted: {each['ResourceARN']}")


def _run_tests(command: Sequence[str], variables: Mapping[str, str], seconds: float) -> int:
    """Run pytest until a deadline, and return its exit code. Interrupts end with the deletion."""
    # In a session of its own, so that Ctrl-C reaches it once.
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, start_new_session=True
    )
    for allowed in (seconds, _CLEANUP_SECONDS):
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            return process.wait(allowed)
        # The fixtures of pytest delete the stacks. The CDK CLI ends, too.
        os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait() or 1


def _summarize(story: Story, results: Mapping[str, Any]) -> dict[str, Any]:
    own = [each for name, each in results.items() if Path(name).name.startswith(story.tests.name)]
    outcomes = [each["outcome"] for each in own]
    counts = [
        f"{outcomes.count(outcome)} {outcome}"
        for outcome in ("passed", "failed", "error", "skipped")
        if outcome in outcomes
    ]
    seconds = sum(each["seconds"] for each in own)
    return {"name": story.name, "outcome": ", ".join(counts) or "not run", "seconds": seconds}


def _versions() -> dict[str, str]:
    def output_of(*command: str) -> str:
        process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return process.stdout.strip() or "unknown"

    packages = ("cdk-privatelink", "aws-cdk-lib", "constructs", "jsii", "boto3")
    return {
        **{name: importlib.metadata.version(name) for name in packages},
        "commit": output_of("git", "rev-parse", "HEAD"),
        "CDK CLI": output_of("cdk", "--version"),
        "Python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
