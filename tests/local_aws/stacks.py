"""Stack operations: the order, the events and the rollbacks of CloudFormation.

moto makes resources in the order in which its parser stumbles over them, deletes them in the
order of a set, compares templates where CloudFormation compares resolved properties, and stops
halfway when one fails. To show what becomes of a stack, its backend's operations are replaced.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from graphlib import TopologicalSorter
from typing import Any
from unittest.mock import patch

from moto.cloudformation import exceptions, parsing, responses
from moto.cloudformation.models import (
    ChangeSet,
    CloudFormationBackend,
    Event,
    Stack,
    cloudformation_backends,
)
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.core import TaggedEC2Resource

from . import resources
from .asked import Asked, NotEmulatedError


class ChangeSetNotFoundError(exceptions.CloudFormationError):
    """The error that the CLI waits for after it deleted a change set; moto has another."""

    code = "ChangeSetNotFound"


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    clean = parsing.clean_json

    def clean_json(value: Any, resource_map: ResourceMap) -> Any:
        if isinstance(value, dict) and "Fn::GetAZs" in value:
            # moto takes a region's name in the template alone, no name for us-east-1 instead of
            # the stack's own region, and four zones for granted.
            region = clean_json(value["Fn::GetAZs"], resource_map) or resource_map._region_name
            return [zone.name for zone in RegionsAndZonesBackend.zones[region]]
        cleaned = clean(value, resource_map)
        if isinstance(cleaned, list):
            return [item for item in cleaned if item is not None]
        return cleaned

    def fetch_template(url: str, **place: str) -> str:
        return get_stack_from_s3_url(url.replace("127.0.0.1", "localhost"), **place)

    return [
        # moto finds the bucket in the path of a template's URL for localhost by name only.
        patch.object(responses, "get_stack_from_s3_url", fetch_template),
        # An unchanged template makes a change set that is FAILED, not an error.
        patch.object(
            responses.CloudFormationResponse, "_validate_different_update", lambda *_arguments: None
        ),
        # The previous value of a parameter is what it was given, not what that stands for.
        patch.object(Stack, "stack_parameters", property(given_parameters)),
        # moto drops AWS::NoValue from objects, but leaves a null in lists; and see above.
        patch.object(parsing, "clean_json", clean_json),
        # See the top of this module.
        patch.multiple(
            CloudFormationBackend,
            create_stack=create_stack,
            update_stack=update_stack,
            delete_stack=delete_stack,
            describe_change_set=describe_change_set,
            delete_change_set=delete_change_set,
            execute_change_set=execute_change_set,
        ),
    ]


def given_parameters(stack: Stack) -> dict[str, Any]:
    """Tell the parameters of a stack as they were given, or left to their defaults."""
    declared = stack.template_dict.get("Parameters", {})
    defaults = {name: each["Default"] for name, each in declared.items() if "Default" in each}
    return defaults | stack.parameters


def create_stack(
    backend: CloudFormationBackend,
    name: str,
    template: str,
    parameters: dict[str, str],
    tags: dict[str, str] | None = None,
    **_rest: Any,
) -> Stack:
    """Create a stack by the road that the CDK CLI takes: a change set, executed."""
    if any(stack.name == name for stack in backend.stacks.values()):
        raise exceptions.AlreadyExistsException(f"Stack [{name}] already exists")
    change_set, stack_id = backend.create_change_set(
        name, "create", template, parameters, "", "CREATE", tags=tags
    )
    backend.execute_change_set(change_set)
    return backend.stacks[stack_id]


def update_stack(
    backend: CloudFormationBackend,
    name: str,
    template: str,
    role_arn: str | None,
    parameters: list[dict[str, Any]],
    tags: dict[str, str] | None,
) -> Stack:
    """Update a stack by the same road."""
    stack = backend.get_stack(name)
    values = backend._resolve_update_parameters(stack, parameters)
    change_set, _ = backend.create_change_set(
        name, "update", template, values, "", "UPDATE", tags=tags, role_arn=role_arn
    )
    if backend.change_sets[change_set].status == "FAILED":
        raise exceptions.ValidationError(message="No updates are to be performed.")
    backend.execute_change_set(change_set)
    return stack


def delete_stack(backend: CloudFormationBackend, name_or_stack_id: str) -> None:
    """Delete a stack; one that is not there is no error."""
    for stack in list(backend.stacks.values()):
        if name_or_stack_id in (stack.name, stack.stack_id) and _operate(stack, "DELETE", {}, {}):
            backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)


def describe_change_set(backend: CloudFormationBackend, change_set_name: str) -> ChangeSet:
    """Find a change set by its name or ARN."""
    for change_set in backend.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            return change_set
    raise ChangeSetNotFoundError(f"ChangeSet [{change_set_name}] does not exist")


def delete_change_set(backend: CloudFormationBackend, change_set_name: str) -> None:
    """Delete a change set; one that is not there is no error."""
    for identifier, change_set in list(backend.change_sets.items()):
        if change_set_name in (identifier, change_set.change_set_name):
            del backend.change_sets[identifier]


def execute_change_set(backend: CloudFormationBackend, change_set_name: str, **_rest: Any) -> None:
    """Create or update the stack of a change set, which is spent by it."""
    change_set = describe_change_set(backend, change_set_name)
    del backend.change_sets[change_set.change_set_id]
    stack, action = change_set.stack, change_set.change_set_type
    stack.tags = change_set.tags or stack.tags
    if _operate(stack, action, change_set.template_dict, change_set.parameters):
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()


def _operate(
    stack: Stack, action: str, template: dict[str, Any], parameters: dict[str, str]
) -> bool:
    """Bring a stack to a template, or back to where it was; tell whether it got there."""
    exports = cloudformation_backends[stack.account_id][stack.region_name].exports
    previous = stack.resource_map
    live = {name: previous[name] for name in _in_order(previous)}
    target = ResourceMap(
        stack.stack_id,
        stack.name,
        parameters,
        stack.tags,
        stack.region_name,
        stack.account_id,
        template,
        exports,
    )
    target.load_mapping()
    target.load_parameters()
    target.load_conditions()
    outputs = OutputMap(target, template, stack.stack_id)
    _report(stack, f"{action}_IN_PROGRESS", "User Initiated")
    try:
        _converge(stack, target, live)
        # moto would resolve them when asked for them: too late to fail the stack.
        list(outputs.values())
    except Exception as error:
        if action == "DELETE":
            stack.output_map = OutputMap(previous, {}, stack.stack_id)
            outcome, reason = "DELETE_FAILED", str(error)
        else:
            rollback = {"CREATE": "ROLLBACK", "UPDATE": "UPDATE_ROLLBACK"}[action]
            _report(stack, f"{rollback}_IN_PROGRESS", str(error))
            _converge(stack, previous, live)
            outcome, reason = f"{rollback}_COMPLETE", None
        _settle(stack, previous, live)
        _report(stack, outcome, reason)
        return False
    _settle(stack, target, live)
    stack.output_map = outputs
    for name in [name for name in exports if exports[name].exporting_stack_id == stack.stack_id]:
        del exports[name]
    exports.update({export.name: export for export in stack.exports})
    _report(stack, f"{action}_COMPLETE")
    return True


def _converge(stack: Stack, target: ResourceMap, live: dict[str, Any]) -> None:
    """Create and change what the target asks for, then delete the rest; `live` follows along."""
    definitions = target._resource_json_map
    target._parsed_resources.update({name: live[name] for name in definitions if name in live})
    wanted = []
    for name in _in_order(target):
        condition = definitions[name].get("Condition")
        if condition is None or target.lazy_condition_map[condition]:
            wanted.append(name)
            asked = _ask(stack, target, name)
            if name not in live or live[name].asked.properties != asked.properties:
                _deploy(stack, target, live, asked)
    for name in reversed(list(live)):
        # What was replaced goes with what is no more asked for: after those that used it.
        old = vars(live[name]).pop("replaced", None) if name in wanted else live[name]
        if old is not None and not old.asked.retained:
            with _reported(stack, old.asked, "DELETE"):
                resources.delete(old, old.asked)
        if name not in wanted:
            del live[name]


def _ask(stack: Stack, target: ResourceMap, name: str) -> Asked:
    definition = target._resource_json_map[name]
    kind = definition["Type"]
    properties = parsing.clean_json(definition.get("Properties", {}), target)
    return Asked(
        logical_id=name,
        kind=kind,
        name=properties.get(parsing.resource_name_property_from_type(kind) or "")
        or parsing.generate_resource_name(kind, stack.name, name),
        properties=properties,
        retained=definition.get("DeletionPolicy") == "Retain",
        stack_id=stack.stack_id,
        account_id=stack.account_id,
        region=stack.region_name,
    )


def _deploy(stack: Stack, target: ResourceMap, live: dict[str, Any], asked: Asked) -> None:
    name, old = asked.logical_id, live.get(asked.logical_id)
    # moto's models write into the properties that they are given.
    given = asked._replace(properties=copy.deepcopy(asked.properties))
    with _reported(stack, asked, "CREATE" if old is None else "UPDATE"):
        new = resources.create(given) if old is None else _update(old, given)
        new.asked, new.logical_resource_id, new.cf_resource_type = asked, name, asked.kind
        live[name] = target._parsed_resources[name] = new
        if isinstance(new, TaggedEC2Resource):
            own = {"stack-name": stack.name, "stack-id": stack.stack_id, "logical-id": name}
            new.add_tags(stack.tags | {f"aws:cloudformation:{key}": own[key] for key in own})
        if failure := getattr(new, "failure", None):
            raise RuntimeError(failure)


def _update(old: Any, asked: Asked) -> Any:
    """Update a resource, or in a rollback take the one back that it has replaced."""
    kept = vars(old).pop("replaced", None)
    if kept is None:
        return resources.update(old, asked)
    vars(kept)["replaced"] = old
    return kept


def _settle(stack: Stack, target: ResourceMap, live: dict[str, Any]) -> None:
    """Make a map the stack's own. moto would create what is missing from it when asked about it."""
    definitions = target._resource_json_map
    target._parsed_resources.update({name: live.get(name) for name in definitions})
    target._resource_json_map = {name: definitions[name] for name in definitions if name in live}
    stack.resource_map = target


def _in_order(target: ResourceMap) -> list[str]:
    """List the logical ids of a map, each after those that it refers to."""
    definitions = target._resource_json_map
    graph = {
        name: {other for other in _references(definition) if other in definitions}
        for name, definition in definitions.items()
    }
    return list(TopologicalSorter(graph).static_order())


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("Ref", "DependsOn", "Fn::GetAtt"):
                yield from [item] if isinstance(item, str) else item
            if key == "Fn::Sub":
                yield from re.findall(r"\$\{([^!.}]+)", item if isinstance(item, str) else item[0])
            yield from _references(item)


@contextmanager
def _reported(stack: Stack, asked: Asked, verb: str) -> Iterator[None]:
    note = None
    _add_event(stack, asked.logical_id, asked.kind, f"{verb}_IN_PROGRESS")
    try:
        yield
    except NotEmulatedError:
        note = "not emulated"
    except Exception as error:
        _add_event(stack, asked.logical_id, asked.kind, f"{verb}_FAILED", str(error))
        raise
    _add_event(stack, asked.logical_id, asked.kind, f"{verb}_COMPLETE", note)


def _report(stack: Stack, status: str, reason: str | None = None) -> None:
    stack.status = status
    vars(stack)["stack_status_reason"] = reason
    _add_event(stack, stack.name, "AWS::CloudFormation::Stack", status, reason)


def _add_event(stack: Stack, name: str, kind: str, status: str, reason: str | None = None) -> None:
    physical_id = stack.stack_id if name == stack.name else ""
    event: Any = Event(stack.stack_id, stack.name, name, physical_id, kind, status, reason, None)
    if stack.events:
        # The CLI sorts by milliseconds: events of the same one would change places.
        event.timestamp = max(
            event.timestamp, stack.events[-1].timestamp + timedelta(milliseconds=1)
        )
    stack.events.append(event)
