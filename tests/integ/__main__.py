"""Runs the stories on AWS, deletes everything, and writes a report.

`npx --yes projen integ [NAME ...]` runs it, with the credentials of the environment.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .accounts import RealAws
from .execution import print_remaining, run_stories
from .options import missing_options, parse_options
from .report import REPORT, REPORT_KEYS, merge, print_report, write_report
from .run import RUN_TAG, Run
from .stories import STORIES, Story, price_of

# The default VPC.
_OTHER_VPCS = 1


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit code."""
    options = parse_options(arguments)
    stories = [STORIES[name] for name in options.names]
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
        return _delete(aws, ask=not options.yes)
    _print_plan(aws, stories, options)
    available = [story for story in stories if not missing_options(story, options)]
    if not available:
        print("Nothing to run.")
        return 2
    if not options.yes and not _confirm("Deploy"):
        return 2
    return run_stories(available, options.hours, started, aws)


def _list(stories: Sequence[Story], options: argparse.Namespace) -> int:
    names = []
    for story in stories:
        if missing := missing_options(story, options):
            print(f"{story.name}: needs {', '.join(missing)}", file=sys.stderr)
        else:
            names.append(story.name)
    print(json.dumps(names))
    return 0 if names else 2


def _print_plan(aws: RealAws, stories: Sequence[Story], options: argparse.Namespace) -> None:
    print(f"Account {aws.id} in {aws.region}, with consumers in {aws.other_region}, too")
    if aws.consumer is not None:
        print(f"Second account {aws.consumer.id}")
    print(f"Stacks {aws.run.id}-…, tagged {RUN_TAG}={aws.run.id}\n")
    prices, context = [], aws.context
    for story in stories:
        missing = missing_options(story, options)
        if missing:
            print(f"  {story.name:34} not run: needs {', '.join(missing)}")
            continue
        prices.append(price_of(story, context))
        print(f"  {story.name:34} ${prices[-1]:.2f} per hour")
    for region in aws.regions:
        count = len(aws.client("ec2", region).describe_vpcs()["Vpcs"])
        if count > _OTHER_VPCS:
            print(
                f"\nAn account has five VPCs per Region by default, and stories need up to four."
                f"\nThere are {count} in {region} already."
            )
    most = sum(prices) + max(prices, default=0) * options.hours
    print(
        "\nPrices are those of us-east-1, and AWS charges for each hour that has begun. Stories run"
        "\none after the other, and each one deletes its stacks. They are stopped after"
        f" {options.hours:g} hours:\nat most ${most:.2f} of your account."
    )


def _delete(aws: RealAws, *, ask: bool) -> int:
    """Delete what all runs have left."""
    stacks = aws.list_stacks(all_runs=True)
    for account in aws.accounts:
        print(f"Account {account.id} in {' and '.join(aws.regions)}")
    for stack in stacks:
        print(f"  {stack}")
    if stacks and ask and not _confirm(f"Delete {len(stacks)} stacks, also of running stories"):
        return 2
    return print_remaining(aws.delete_stacks(all_runs=True))


def _confirm(action: str) -> bool:
    try:
        return input(f"{action}? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def _merge(folder: Path) -> int:
    try:
        report = merge([_read_report(path) for path in sorted(folder.rglob("*.json"))])
    except ValueError as error:
        print(f"{folder}: {error}", file=sys.stderr)
        return 2
    print_report(write_report(REPORT, report))
    return 0


def _read_report(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        report = None
    if not isinstance(report, dict) or not report.keys() >= REPORT_KEYS:
        raise ValueError(f"{path.name} is no report")
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
