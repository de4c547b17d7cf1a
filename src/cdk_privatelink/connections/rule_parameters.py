"""The parameters of Systems Manager that tell the function of a manager what its rules are.

An environment variable has room for some hundred accounts, parameters for all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

# A parameter has 4,096 characters. A rule of 150 accounts has at most 3,100.
_PATH = "/cdk-privatelink"


def add_parameters(
    scope: Construct, *, name: str, settings: dict[str, Any], rules: Sequence[dict[str, Any]]
) -> tuple[list[ssm.CfnParameter], str]:
    """Add one parameter per rule, the first one with the settings, and return their version, too.

    :param name: The name of the manager.
    """
    settings = settings | {"pieces": len(rules)}
    version = _hash(Stack.of(scope), [settings, *rules])
    pieces: list[dict[str, Any]] = [{"version": version, "rules": [rule]} for rule in rules]
    pieces[0]["settings"] = settings
    parameters = [
        _add_parameter(scope, f"Rules{number}", f"{name}/rules/{number}", piece)
        for number, piece in enumerate(pieces)
    ]
    return parameters, version


def parameter_arns(scope: Construct, name: str, *parts: str) -> list[str]:
    """Return the ARNs of parameters of a manager."""
    stack = Stack.of(scope)
    return [
        stack.format_arn(
            service="ssm", resource="parameter", resource_name=f"cdk-privatelink/{name}/{part}"
        )
        for part in parts
    ]


def _add_parameter(scope: Construct, id: str, name: str, value: object) -> ssm.CfnParameter:
    return ssm.CfnParameter(
        scope,
        id,
        name=f"{_PATH}/{name}",
        type="String",
        value=Stack.of(scope).to_json_string(value),
    )


def _hash(stack: Stack, value: object) -> str:
    """Return an identifier of rules, the same for the same rules in every synthesis."""
    resolved = json.dumps(stack.resolve(value), sort_keys=True)
    return hashlib.sha256(resolved.encode()).hexdigest()[:16]
