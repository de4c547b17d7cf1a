"""An example as it is synthesised: its stacks, and what refers to what in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Resource(NamedTuple):
    """A resource of a stack."""

    stack: str
    id: str
    kind: str
    path: str
    properties: dict[str, Any]

    def __hash__(self) -> int:
        """Tell it from others by where it is."""
        return hash((self.stack, self.id))

    @property
    def name(self) -> str:
        """What the app calls it: its id, or that of the construct that it is a part of."""
        parts = [part for part in self.path.split("/")[1:] if part not in ("Resource", "ASG")]
        if self.properties.get("VpcEndpointType") == "GatewayLoadBalancer":
            # One of several, each in a zone.
            del parts[-1]
        return parts[-1]


class Assembly:
    """The templates of an app, and what refers to what in them."""

    def __init__(self, assembly: Path) -> None:
        """Read what an app has been synthesised to."""
        manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
        # The account and region of each stack, where they are known.
        self.places: dict[str, tuple[str | None, str | None]] = {
            name: _place(artifact["environment"])
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        self.templates: dict[str, dict[str, Any]] = {
            name: json.loads((assembly / f"{name}.template.json").read_text(encoding="utf-8"))
            for name in self.places
        }
        self.resources = [
            Resource(
                stack,
                logical_id,
                resource["Type"],
                resource.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{logical_id}"),
                resource.get("Properties", {}),
            )
            for stack, template in self.templates.items()
            for logical_id, resource in template["Resources"].items()
        ]
        self._by_id = {(each.stack, each.id): each for each in self.resources}

    def parameters(self, stack: str) -> list[str]:
        """List the parameters that a stack has to be told."""
        parameters = self.templates[stack].get("Parameters", {})
        return [name for name, parameter in parameters.items() if "Default" not in parameter]

    def of(self, *kinds: str) -> list[Resource]:
        """List the resources of some kinds."""
        return [each for each in self.resources if each.kind in kinds]

    def referred(self, value: Any, stack: str) -> Iterator[Resource | str]:
        """List the resources that a value refers to, and the parameters of nobody's making."""
        if isinstance(value, list):
            for item in value:
                yield from self.referred(item, stack)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "Ref" and item in self.parameters(stack):
                    yield from self._told(item, stack)
                elif key in ("Ref", "Fn::GetAtt"):
                    yield from self._found(stack, item if isinstance(item, str) else item[0])
                elif key == "Fn::ImportValue":
                    yield from self._exported(item)
                else:
                    yield from self.referred(item, stack)

    def resources_in(self, value: Any, stack: str) -> list[Resource]:
        """List the resources that a value refers to."""
        return [each for each in self.referred(value, stack) if isinstance(each, Resource)]

    def parameters_in(self, value: Any, stack: str) -> list[str]:
        """List the parameters that a value refers to, and that no other stack tells."""
        return [each for each in self.referred(value, stack) if isinstance(each, str)]

    def _found(self, stack: str, id: str) -> Iterator[Resource]:
        found = self._by_id.get((stack, id))
        if found is None:
            return
        if found.kind == "Custom::PrivateLinkServiceName":
            yield from self.resources_in(found.properties["ServiceId"], stack)
        else:
            yield found

    def _told(self, parameter: str, stack: str) -> Iterator[Resource | str]:
        """Find the output of another stack that a parameter is named after."""
        for other, template in self.templates.items():
            if parameter in template.get("Outputs", {}):
                yield from self.referred(template["Outputs"][parameter]["Value"], other)
                return
        yield f"{stack}.{parameter}"

    def _exported(self, name: str) -> Iterator[Resource | str]:
        for stack, template in self.templates.items():
            for output in template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    yield from self.referred(output["Value"], stack)


def synthesise(example: Path) -> Assembly:
    """Run the app of an example."""
    with tempfile.TemporaryDirectory() as folder:
        assembly = Path(folder)
        subprocess.run(
            [sys.executable, "app.py"], cwd=example, env=environment(example, assembly), check=True
        )
        return Assembly(assembly)


def environment(example: Path, assembly: Path) -> dict[str, str]:
    """Compose what the CDK CLI tells an app: where to, and the context of its `cdk.json`."""
    settings = json.loads((example / "cdk.json").read_text(encoding="utf-8"))
    context = settings.get("context", {}) | {"aws:cdk:enable-path-metadata": True}
    return os.environ | {"CDK_OUTDIR": str(assembly), "CDK_CONTEXT_JSON": json.dumps(context)}


def _place(environment: str) -> tuple[str | None, str | None]:
    """Take an environment apart, like `aws://111122223333/unknown-region`."""
    account, region = (
        None if part.startswith("unknown-") else part for part in environment.split("/")[2:]
    )
    return account, region
