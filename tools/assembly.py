"""A synthesized example: its stacks, its resources, and the references between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Resource(NamedTuple):
    """A resource of a stack."""

    stack: str
    id: str
    type: str
    path: str
    properties: dict[str, Any]

    def __hash__(self) -> int:
        """Return a hash of the stack and the logical id, since properties have none."""
        return hash((self.stack, self.id))

    @property
    def name(self) -> str:
        """The id of the construct that creates the resource."""
        parts = [part for part in self.path.split("/")[1:] if part not in ("Resource", "ASG")]
        if self.type == "Custom::PrivateLinkConnectionRules":
            # The construct is the connection manager.
            del parts[-2:]
        if self.type == "AWS::RAM::ResourceShare":
            # The parent has the id that the user gave to the published parameters.
            del parts[-1]
        if self.properties.get("VpcEndpointType") == "GatewayLoadBalancer":
            # One endpoint per Availability Zone: the last part is the zone's.
            del parts[-1]
        return parts[-1]


class Assembly:
    """The templates of an app, with the references between resources resolved."""

    def __init__(self, folder: Path) -> None:
        """Read the cloud assembly in a folder."""
        self.folder = folder
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        # The names in CloudFormation.
        self.stack_names: dict[str, str] = {
            name: artifact.get("properties", {}).get("stackName", name)
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        # The account and the Region of each stack, None for a token.
        self.environments: dict[str, tuple[str | None, str | None]] = {
            name: _parse_environment(artifact["environment"])
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        self.templates: dict[str, dict[str, Any]] = {
            name: json.loads((folder / f"{name}.template.json").read_text(encoding="utf-8"))
            for name in self.environments
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

    def required_parameters(self, stack: str) -> list[str]:
        """Return the parameters of a stack that have no default."""
        parameters = self.templates[stack].get("Parameters", {})
        return [name for name, parameter in parameters.items() if "Default" not in parameter]

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types."""
        return [each for each in self.resources if each.type in types]

    def references(self, value: Any, stack: str) -> Iterator[Resource | str]:
        """Yield the resources that a value refers to, and `Stack.Name` for each parameter.

        A parameter that is named after an output of another stack is resolved to that output, and
        a parameter that reads an SSM parameter to the value of the SSM parameter.
        """
        if isinstance(value, list):
            for item in value:
                yield from self.references(item, stack)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "Ref" and item in self.required_parameters(stack):
                    yield from self._resolve_parameter(item, stack)
                elif key == "Ref" and item in self.templates[stack].get("Parameters", {}):
                    yield from self._resolve_ssm_parameter(item, stack)
                elif key in ("Ref", "Fn::GetAtt"):
                    yield from self._resolve(stack, item if isinstance(item, str) else item[0])
                elif key == "Fn::ImportValue":
                    yield from self._resolve_export(item)
                elif key == "Fn::GetStackOutput":
                    yield from self._resolve_stack_output(item)
                else:
                    yield from self.references(item, stack)

    def referenced_resources(self, value: Any, stack: str) -> list[Resource]:
        """Return the resources that a value refers to."""
        return [each for each in self.references(value, stack) if isinstance(each, Resource)]

    def referenced_parameters(self, value: Any, stack: str) -> list[str]:
        """Return the parameters that a value refers to and that no stack outputs."""
        return [each for each in self.references(value, stack) if isinstance(each, str)]

    def _resolve(self, stack: str, logical_id: str) -> Iterator[Resource]:
        resource = self._by_id.get((stack, logical_id))
        if resource is None:
            return
        if resource.type == "Custom::PrivateLinkServiceName":
            # The lookup stands for the service whose name it returns.
            yield from self.referenced_resources(resource.properties["ServiceId"], stack)
        else:
            yield resource

    def _resolve_parameter(self, parameter: str, stack: str) -> Iterator[Resource | str]:
        for other, template in self.templates.items():
            if parameter in template.get("Outputs", {}):
                yield from self.references(template["Outputs"][parameter]["Value"], other)
                return
        yield f"{stack}.{parameter}"

    def _resolve_ssm_parameter(self, parameter: str, stack: str) -> Iterator[Resource | str]:
        _, _, name = self.templates[stack]["Parameters"][parameter]["Default"].partition(
            ":parameter"
        )
        for each in self.of_type("AWS::SSM::Parameter"):
            if name and each.properties.get("Name") == name:
                yield from self.references(each.properties["Value"], each.stack)

    def _resolve_export(self, name: str) -> Iterator[Resource | str]:
        for stack, template in self.templates.items():
            for output in template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    yield from self.references(output["Value"], stack)

    def _resolve_stack_output(self, reference: Mapping[str, str]) -> Iterator[Resource | str]:
        for stack, template in self.templates.items():
            output = template.get("Outputs", {}).get(reference["OutputName"])
            if self.stack_names[stack] == reference["StackName"] and output is not None:
                yield from self.references(output["Value"], stack)


def synthesize(
    example: Path,
    folder: Path,
    *,
    context: Mapping[str, Any] | None = None,
    default_context: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Assembly:
    """Run the app of an example and return its cloud assembly, which is written to a folder."""
    variables = app_environment(
        example, folder, context=context, default_context=default_context, environment=environment
    )
    subprocess.run([sys.executable, "app.py"], cwd=example, env=variables, check=True)
    return Assembly(folder)


def app_environment(
    example: Path,
    folder: Path,
    *,
    context: Mapping[str, Any] | None = None,
    default_context: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the environment that the CDK CLI runs an app with.

    :param context: Context that overrides the context in `cdk.json`.
    :param default_context: Context that the context in `cdk.json` overrides.
    :param environment: Environment variables. Default: those of this process.
    """
    settings = json.loads((example / "cdk.json").read_text(encoding="utf-8"))
    merged = {
        **(default_context or {}),
        **settings.get("context", {}),
        **(context or {}),
        "aws:cdk:enable-path-metadata": True,
    }
    variables = dict(os.environ if environment is None else environment)
    return variables | {
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(merged),
        # Test apps share constructs.
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


def _parse_environment(environment: str) -> tuple[str | None, str | None]:
    """Return account and Region of an environment like `aws://111122223333/unknown-region`."""
    account, region = (
        None if part.startswith("unknown-") else part for part in environment.split("/")[2:]
    )
    return account, region
