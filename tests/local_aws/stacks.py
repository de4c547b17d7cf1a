"""Stack operations in the order, with the events and the rollbacks of CloudFormation.

moto creates resources in the order of its parser, deletes them in the order of a set, compares
templates instead of resolved properties, and stops halfway when a resource fails. This module
replaces the operations of its backend.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
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
from .resource_request import NotEmulatedError, ResourceRequest


class ChangeSetNotFoundError(exceptions.CloudFormationError):
    """The error that the CLI expects after it deleted a change set. moto raises another."""

    code = "ChangeSetNotFound"


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    clean = parsing.clean_json

    def clean_json(value: Any, resource_map: ResourceMap) -> Any:
        if isinstance(value, dict) and "Fn::GetAZs" in value:
            # moto resolves literal names only, uses us-east-1 instead of the stack's Region for
            # an empty name, and returns four zones for every Region.
            region = clean_json(value["Fn::GetAZs"], resource_map) or resource_map._region_name
            return [zone.name for zone in RegionsAndZonesBackend.zones[region]]
        if isinstance(value, dict) and "Fn::GetStackOutput" in value:
            return get_stack_output(
                clean_json(value["Fn::GetStackOutput"], resource_map), resource_map
            )
        cleaned = clean(value, resource_map)
        if isinstance(cleaned, list):
            return [item for item in cleaned if item is not None]
        return cleaned

    def fetch_template(url: str, **place: str) -> str:
        return get_stack_from_s3_url(url.replace("127.0.0.1", "localhost"), **place)

    return [
        # moto reads the bucket from the path of a URL only if its host is `localhost`.
        patch.object(responses, "get_stack_from_s3_url", fetch_template),
        # An unchanged template results in a FAILED change set, not in an error.
        patch.object(
            responses.CloudFormationResponse, "_validate_different_update", lambda *_arguments: None
        ),
        # The previous value of a parameter is the literal value, not the resolved value.
        patch.object(Stack, "stack_parameters", property(get_parameters)),
        # moto removes AWS::NoValue from objects, but not from lists.
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


def get_stack_output(reference: dict[str, str], target: ResourceMap) -> Any:
    """Return the output of another stack, of another account by the ARN of a role there.

    Apps of `cdk init` have such references between stacks instead of exports.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
    """
    role = reference.get("RoleArn")
    account = role.split(":")[4] if role else target._account_id
    region = reference.get("Region") or target._region_name
    for stack in cloudformation_backends[account][region].stacks.values():
        if stack.name == reference["StackName"]:
            output = stack.output_map.get(reference["OutputName"])
            if output is not None:
                return output.value
    raise exceptions.ValidationError(
        message=f"No output {reference['OutputName']} of stack {reference['StackName']}"
    )


def get_parameters(stack: Stack) -> dict[str, Any]:
    """Return the literal values or defaults of the parameters of a stack."""
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
    """Create a stack with a change set, as the CDK CLI does."""
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
    """Update a stack with a change set, as the CDK CLI does."""
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
    """Delete a stack if it exists."""
    for stack in list(backend.stacks.values()):
        if name_or_stack_id in (stack.name, stack.stack_id) and _operate(stack, "DELETE", {}, {}):
            backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)


def describe_change_set(backend: CloudFormationBackend, change_set_name: str) -> ChangeSet:
    """Return the change set of a name or ARN."""
    for change_set in backend.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            return change_set
    raise ChangeSetNotFoundError(f"ChangeSet [{change_set_name}] does not exist")


def delete_change_set(backend: CloudFormationBackend, change_set_name: str) -> None:
    """Delete a change set if it exists."""
    for identifier, change_set in list(backend.change_sets.items()):
        if change_set_name in (identifier, change_set.change_set_name):
            del backend.change_sets[identifier]


def execute_change_set(backend: CloudFormationBackend, change_set_name: str, **_rest: Any) -> None:
    """Create or update the stack of a change set, and delete the change set."""
    change_set = describe_change_set(backend, change_set_name)
    del backend.change_sets[change_set.change_set_id]
    stack, action = change_set.stack, change_set.change_set_type
    stack.tags = change_set.tags or stack.tags

    def adopt_template() -> None:
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()

    _operate(stack, action, change_set.template_dict, change_set.parameters, adopt_template)


def _operate(
    stack: Stack,
    action: str,
    template: dict[str, Any],
    parameters: dict[str, str],
    adopt_template: Callable[[], None] = lambda: None,
) -> bool:
    """Update a stack to a template, or roll it back. Return whether it succeeded.

    :param adopt_template: called when all resources of the template exist, before the others are
        deleted.
    """
    exports = cloudformation_backends[stack.account_id][stack.region_name].exports
    previous = stack.resource_map
    live = {name: previous[name] for name in _sort_by_dependency(previous)}
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
        defined = _converge(stack, target, live)
        # moto would resolve outputs on read, too late to fail the stack.
        list(outputs.values())
        adopt_template()
        if action == "UPDATE":
            _report(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        _clean_up(stack, live, defined, may_fail=action == "UPDATE")
    except Exception as error:
        if action == "DELETE":
            stack.output_map = OutputMap(previous, {}, stack.stack_id)
            outcome, reason = "DELETE_FAILED", str(error)
        else:
            rollback = {"CREATE": "ROLLBACK", "UPDATE": "UPDATE_ROLLBACK"}[action]
            _report(stack, f"{rollback}_IN_PROGRESS", str(error))
            defined = _converge(stack, previous, live)
            if action == "UPDATE":
                _report(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
            _clean_up(stack, live, defined, may_fail=action == "UPDATE")
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


def _converge(stack: Stack, target: ResourceMap, live: dict[str, Any]) -> list[str]:
    """Create and update the resources of the target in `live`, and return their logical ids."""
    definitions = target._resource_json_map
    target._parsed_resources.update({name: live[name] for name in definitions if name in live})
    defined = []
    for name in _sort_by_dependency(target):
        condition = definitions[name].get("Condition")
        if condition is None or target.lazy_condition_map[condition]:
            defined.append(name)
            request = _resolve_request(stack, target, name)
            if name not in live or live[name].resource_request.properties != request.properties:
                _deploy(stack, target, live, request)
    return defined


def _clean_up(stack: Stack, live: dict[str, Any], defined: list[str], *, may_fail: bool) -> None:
    """Delete replaced and removed resources, after the resources that used them.

    :param may_fail: CloudFormation ignores failures after an update: the resources stay, outside
        of the stack.
        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/744
    """
    for name in reversed(list(live)):
        old = vars(live[name]).pop("replaced", None) if name in defined else live[name]
        if old is not None and not old.resource_request.retained:
            try:
                with _report_events(stack, old.resource_request, "DELETE"):
                    resources.delete(old, old.resource_request)
            except Exception:
                if not may_fail:
                    raise
        if name not in defined:
            del live[name]


def _resolve_request(stack: Stack, target: ResourceMap, name: str) -> ResourceRequest:
    definition = target._resource_json_map[name]
    kind = definition["Type"]
    properties = parsing.clean_json(definition.get("Properties", {}), target)
    return ResourceRequest(
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


def _deploy(
    stack: Stack, target: ResourceMap, live: dict[str, Any], request: ResourceRequest
) -> None:
    name, old = request.logical_id, live.get(request.logical_id)
    # The classes of moto modify the properties.
    copied_request = request._replace(properties=copy.deepcopy(request.properties))
    with _report_events(stack, request, "CREATE" if old is None else "UPDATE"):
        new = resources.create(copied_request) if old is None else _update(old, copied_request)
        new.resource_request, new.logical_resource_id, new.cf_resource_type = (
            request,
            name,
            request.kind,
        )
        live[name] = target._parsed_resources[name] = new
        if isinstance(new, TaggedEC2Resource):
            tags = {"stack-name": stack.name, "stack-id": stack.stack_id, "logical-id": name}
            new.add_tags(stack.tags | {f"aws:cloudformation:{key}": tags[key] for key in tags})
        if failure := getattr(new, "failure", None):
            raise RuntimeError(failure)


def _update(old: Any, request: ResourceRequest) -> Any:
    """Update a resource, or restore the replaced one in a rollback."""
    restored = vars(old).pop("replaced", None)
    if restored is None:
        return resources.update(old, request)
    vars(restored)["replaced"] = old
    return restored


def _settle(stack: Stack, target: ResourceMap, live: dict[str, Any]) -> None:
    """Set the map of the stack, with all resources, because moto creates missing ones on read."""
    definitions = target._resource_json_map
    target._parsed_resources.update({name: live.get(name) for name in definitions})
    target._resource_json_map = {name: definitions[name] for name in definitions if name in live}
    stack.resource_map = target


def _sort_by_dependency(target: ResourceMap) -> list[str]:
    """Return the logical ids of a map, each after the ids that it refers to."""
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
def _report_events(stack: Stack, request: ResourceRequest, verb: str) -> Iterator[None]:
    note = None
    _add_event(stack, request.logical_id, request.kind, f"{verb}_IN_PROGRESS")
    try:
        yield
    except NotEmulatedError:
        note = "not emulated"
    except Exception as error:
        _add_event(stack, request.logical_id, request.kind, f"{verb}_FAILED", str(error))
        raise
    _add_event(stack, request.logical_id, request.kind, f"{verb}_COMPLETE", note)


def _report(stack: Stack, status: str, reason: str | None = None) -> None:
    stack.status = status
    vars(stack)["stack_status_reason"] = reason
    _add_event(stack, stack.name, "AWS::CloudFormation::Stack", status, reason)


def _add_event(stack: Stack, name: str, kind: str, status: str, reason: str | None = None) -> None:
    physical_id = stack.stack_id if name == stack.name else ""
    event: Any = Event(stack.stack_id, stack.name, name, physical_id, kind, status, reason, None)
    if stack.events:
        # The CLI sorts by milliseconds, so each event has another millisecond.
        event.timestamp = max(
            event.timestamp, stack.events[-1].timestamp + timedelta(milliseconds=1)
        )
    stack.events.append(event)
