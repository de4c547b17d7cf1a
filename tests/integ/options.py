"""The options of the command."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from .stories import STORIES, Story

DESCRIPTION = "Runs the stories on AWS, deletes everything, and writes a report."


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. An error ends the process."""
    parser = argparse.ArgumentParser(prog="npx --yes projen integ", description=DESCRIPTION)
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


def missing_options(story: Story, options: argparse.Namespace) -> list[str]:
    """Return the options that a story needs and that the user has not passed."""
    values = vars(options)
    return [need for need in story.needs if values[need.strip("-").replace("-", "_")] is None]
