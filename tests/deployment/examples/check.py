"""Runs the app in the folder of an example, and then cdk-nag on the stacks."""

from __future__ import annotations

import json
import runpy
import sys

from aws_cdk import App, Stack
from cdk_nag import AwsSolutionsChecks


def main() -> None:
    """Print the rules with findings."""
    app: App = runpy.run_path("app.py")["app"]
    found = {
        violation.rule_name
        for stack in app.node.find_all()
        if isinstance(stack, Stack)
        for violation in AwsSolutionsChecks(stack).validate_scope(stack).violations
    }
    json.dump(sorted(found), sys.stdout)


if __name__ == "__main__":
    main()
