"""The options of the command."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from .stories import STORIES, Story

DESCRIPTION = "Runs the stories on AWS, deletes everything, and writes a report."

_MAX_HOURS = 48


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. An error ends the process."""
    parser = argparse.ArgumentParser(prog="npx --yes projen integ", description=DESCRIPTION)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"stories, default: all of {', '.join(STORIES)}"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask before the deployment or deletion"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--delete",
        action="store_true",
        help="run nothing, and delete what all runs have left in these Regions and accounts",
    )
    instead.add_argument(
        "--list",
        action="store_true",
        help="run nothing, and print the names of the stories that would run, as JSON",
    )
    instead.add_argument(
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
    parser.add_argument("--hours", type=_parse_hours, default=6, help="the time limit, default: 6")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in STORIES]
    if unknown:
        parser.error(f"no story {unknown[0]!r}, choose from {', '.join(STORIES)}")
    if options.names and (options.delete or options.merge):
        parser.error("--delete and --merge are for all stories")
    if not options.region and not options.list and not options.merge:
        parser.error("no Region: set AWS_REGION, or pass --region")
    if options.other_region is None:
        # Each of them has three Availability Zones, all with access to other Regions.
        options.other_region = "eu-west-1" if options.region == "eu-central-1" else "eu-central-1"
    if options.other_region == options.region:
        parser.error("--other-region must be another Region")
    # As Route 53 stores it. A workflow without a domain passes none, or an empty one.
    options.domain = (options.domain or "").lower().rstrip(".") or None
    options.names = list(dict.fromkeys(options.names or STORIES))
    return options


def _parse_hours(text: str) -> float:
    hours = float(text)
    # Also false for `nan`.
    if not 0 < hours <= _MAX_HOURS:
        raise ValueError(text)
    return hours


def missing_options(story: Story, options: argparse.Namespace) -> list[str]:
    """Return the options that a story needs and that the user has not passed."""
    values = vars(options)
    return [need for need in story.needs if values[need.strip("-").replace("-", "_")] is None]
