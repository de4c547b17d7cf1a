"""Runs stories with pytest, deletes everything, and writes the report."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .accounts import RealAws
from .claims import read_claims
from .recorder import VARIABLE
from .report import ON_AWS, ON_EMULATOR, REPORT, judge, print_report, summarize, write_report
from .run import RUN_TAG
from .stories import ROOT, Story

# The time that an interrupted run has for the deletion of its stacks.
_CLEANUP_SECONDS = 3600


def run_stories(stories: Sequence[Story], hours: float, started: datetime, aws: RealAws) -> int:
    """Run the stories, write the report, delete everything, and return the exit code."""
    # A shell starts jobs in the background with an ignored SIGINT, which pytest would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # nohup ignores it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _leave_terminal)
    code, results = _run_tests(stories, hours * 3600, aws)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    report = _report_of(stories, results, started, aws)
    accounts = [each.id for each in aws.accounts]
    # The results are safe before the deletion, which can fail.
    write_report(REPORT, report, accounts)
    print("Deleting the stacks that are left, which Ctrl-C does not stop.", flush=True)
    remaining = aws.delete_stacks()
    markdown = write_report(REPORT, report | {"remaining": remaining}, accounts)
    print_report(markdown)
    _print_tagged(aws)
    return print_remaining(remaining) or code


def _run_tests(
    stories: Sequence[Story], seconds: float, aws: RealAws
) -> tuple[int, dict[str, Any]]:
    """Run the tests of the stories, and return the exit code and the result of each test."""
    with tempfile.TemporaryDirectory(prefix="integ-") as folder:
        results_path, settings_path = Path(folder, "results.json"), Path(folder, "run.json")
        aws.run.write(settings_path)
        # Without the arguments of functions, among which are environment variables.
        command = [sys.executable, "-m", "pytest", "-p", "tests.integ.recorder", "--tb=short"]
        command += [f"--aws={settings_path}", *(f"{story.tests}" for story in stories)]
        code = _run_until(command, {VARIABLE: f"{results_path}"}, seconds)
        if not results_path.exists():
            return code, {}
        return code, json.loads(results_path.read_text(encoding="utf-8"))


def _run_until(command: Sequence[str], variables: Mapping[str, str], seconds: float) -> int:
    """Run pytest until a deadline, and return its exit code. Interrupts end with the deletion."""
    # In a session of its own, so that Ctrl-C reaches it once.
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, start_new_session=True
    )
    for allowed in (seconds, _CLEANUP_SECONDS):
        with suppress(KeyboardInterrupt):
            try:
                return process.wait(allowed)
            except subprocess.TimeoutExpired:
                print("The time is over: the stories are stopped.", flush=True)
        # The fixtures of pytest delete the stacks. The CDK CLI ends, too.
        os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait() or 1


def _report_of(
    stories: Sequence[Story], results: Mapping[str, Any], started: datetime, aws: RealAws
) -> dict[str, Any]:
    return {
        "place": ON_AWS if aws.forwards_packets else ON_EMULATOR,
        "settings": {
            "Started": f"{started:%Y-%m-%d %H:%M} UTC",
            "Minutes": round((datetime.now(timezone.utc) - started).total_seconds() / 60),
            "Region": aws.region,
            "Other Region": aws.other_region,
            "Second account": "yes" if aws.consumer else "no",
        },
        "versions": _versions(),
        "stories": [summarize(story, results) for story in stories],
        "claims": judge(read_claims(), results, on_aws=aws.forwards_packets),
        "remaining": ["unknown: the command ended before the deletion"],
        "tests": results,
    }


def _versions() -> dict[str, str]:
    def output_of(*command: str) -> str:
        process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return process.stdout.strip() or "unknown"

    packages = ("cdk-privatelink", "aws-cdk-lib", "constructs", "jsii", "boto3")
    return {
        **{name: importlib.metadata.version(name) for name in packages},
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"),
        "CDK CLI": output_of("cdk", "--version"),
        "Python": platform.python_version(),
    }


def _leave_terminal(*_signal: object) -> None:
    """End the stories, and write to a file what the closed terminal would show."""
    REPORT.mkdir(parents=True, exist_ok=True)
    with (REPORT / "output.txt").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    # SIGINT is ignored once the deletion has begun.
    signal.raise_signal(signal.SIGINT)


def print_remaining(stacks: Sequence[str]) -> int:
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
