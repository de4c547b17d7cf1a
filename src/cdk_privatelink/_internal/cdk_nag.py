"""Suppressions of cdk-nag rules, without a dependency on cdk-nag."""

from __future__ import annotations

from typing import Any

import aws_cdk
from aws_cdk import CfnResource, Stack
from aws_cdk import aws_iam as iam

_WILDCARDS = "AwsSolutions-IAM5"


def suppress_nag_rule(resource: CfnResource, rule: str, *, reason: str) -> None:
    """Suppress a rule for one resource."""
    _suppress_in_template(resource, {"id": rule, "reason": reason})
    _acknowledge(resource, rule, reason)


def suppress_wildcards(construct: iam.Role | iam.Policy, *resources: str, reason: str) -> None:
    """Suppress the findings for resources with a wildcard, in a role or policy.

    :param resources: The resources as in the policy, like `*` or an ARN with tokens.
    """
    resource = construct.node.default_child
    # With `iam.Role.customize_roles()`, roles and policies are not in the template.
    if not isinstance(resource, CfnResource):
        return
    resolve = Stack.of(construct).resolve
    findings = [f"Resource::{_flatten(resolve(each))}" for each in resources]
    suppression: dict[str, object] = {"id": _WILDCARDS, "reason": reason}
    if isinstance(construct, iam.Role):
        # Users can add statements to a role. A policy has only statements of this library.
        suppression["applies_to"] = findings
    _suppress_in_template(resource, suppression)
    for finding in findings:
        _acknowledge(resource, f"{_WILDCARDS}[{finding}]", reason)


def _suppress_in_template(resource: CfnResource, suppression: dict[str, object]) -> None:
    # cdk-nag 2 reads the metadata of the resource.
    resource.add_metadata("cdk_nag", {"rules_to_suppress": [suppression]})


def _acknowledge(resource: CfnResource, rule: str, reason: str) -> None:
    # cdk-nag 3 reads the acknowledgments of aws-cdk-lib, which older releases do not have.
    if hasattr(aws_cdk, "Validations"):
        acknowledgment = aws_cdk.Acknowledgment(id=rule, reason=reason)
        aws_cdk.Validations.of(resource).acknowledge(acknowledgment)


def _flatten(value: Any) -> str:
    """Return a resolved text as cdk-nag writes it, with `<AWS::Region>` for a reference."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return str(argument[0].join(map(_flatten, argument[1])))
    return f"<{argument if isinstance(argument, str) else '.'.join(argument)}>"
