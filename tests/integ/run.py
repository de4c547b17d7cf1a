"""A run on AWS: its settings, and the names and tags of its stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

RUN_TAG, EXPIRES_TAG = "cdk-privatelink:integ", "cdk-privatelink:integ-expires"
# Of resources that are not in a stack.
OUTSIDE_TAG = "cdk-privatelink:integ-outside-of-stacks"


class Run(NamedTuple):
    """The settings of a run, which the command passes to pytest in a file."""

    id: str
    """The prefix of all stack names, like `integ-1a2b3c`."""
    expires: str
    """The time at which the run ends, in UTC."""
    region: str
    other_region: str
    """The Region of consumers in another Region."""
    consumer_profile: str | None
    """The profile for the account of the consumer, `None` without a second account."""
    domain: str | None
    """The name of a public hosted zone in the account, for private DNS names."""

    @classmethod
    def read(cls, path: Path) -> Run:
        """Read the settings from a file."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write the settings to a file."""
        path.write_text(json.dumps(self._asdict()), encoding="utf-8")

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all stacks, which CloudFormation adds to their resources."""
        return {RUN_TAG: self.id, EXPIRES_TAG: self.expires}

    def stack_name(self, name: str) -> str:
        """Return the name of a stack in CloudFormation."""
        return name if name.startswith(self.id) else f"{self.id}-{name}"

    def prepare(self, folder: Path) -> None:
        """Give the stacks of a cloud assembly the names and tags of this run.

        Everything is deleted with its stack, also what users would keep.
        """
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for name, artifact in manifest["artifacts"].items():
            if artifact["type"] == "aws:cloudformation:stack":
                artifact["properties"]["stackName"] = self.stack_name(name)
                artifact["properties"]["tags"] = self.tags
                _delete_everything(folder / artifact["properties"]["templateFile"])
        path.write_text(json.dumps(manifest), encoding="utf-8")


def _delete_everything(template_path: Path) -> None:
    template: dict[str, Any] = json.loads(template_path.read_text(encoding="utf-8"))
    for resource in template.get("Resources", {}).values():
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if policy in resource:
                resource[policy] = "Delete"
    template_path.write_text(json.dumps(template, indent=1), encoding="utf-8")
