"""The values of intrinsic functions, as CloudFormation evaluates them at deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def evaluate(value: Any, attributes: Mapping[str, Any]) -> Any:
    """Return the value of an expression.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html

    :param attributes: The values of ``Ref`` and of ``Fn::GetAtt``, by the last name in them.
    """
    if isinstance(value, list):
        return [evaluate(each, attributes) for each in value]
    if not isinstance(value, dict):
        return value
    ((name, argument),) = value.items()
    if name == "Ref":
        return attributes[argument]
    if name == "Fn::GetAtt":
        return attributes[argument[-1]]
    if name == "Fn::GetAZs":
        return attributes["AvailabilityZones"]
    argument = evaluate(argument, attributes)
    if name == "Fn::Select":
        return argument[1][int(argument[0])]
    if name == "Fn::Split":
        return argument[1].split(argument[0])
    if name == "Fn::Join":
        return argument[0].join(argument[1])
    raise AssertionError(f"{name} is not known")
