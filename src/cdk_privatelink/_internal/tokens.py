"""Detection of tokens: values that CloudFormation resolves at deployment.

The CDK encodes a token into a string, a list of one string, or a number. The value itself shows
whether it is a token, which saves the round trip to jsii that ``Token.is_unresolved()`` costs.
"""

from __future__ import annotations

import re
import struct

from aws_cdk import CfnResource, Reference, Tokenization
from constructs import Construct

# `ssm.StringParameter.value_from_lookup()` returns this until the CLI has looked up the value. An
# error would keep the CLI from the lookup.
_PLACEHOLDER = "dummy-value-for-"
_STRING = re.compile(r"\$\{Token\[[\w:.-]+\]\}", re.ASCII)
_LIST = re.compile(r"#\{Token\[[\w:.-]+\]\}", re.ASCII)
# The first two bytes of a double that stands for a token.
# https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/private/encoding.ts
_NUMBER = b"\xfb\xff"


def is_token(value: str) -> bool:
    """Return whether a string is, or contains, a token of any kind."""
    return is_string_token(value) or is_list_token(value)


def is_literal(value: str) -> bool:
    """Return whether the value of a string is final at synthesis."""
    return not is_token(value) and _PLACEHOLDER not in value


def is_single_unknown(value: str) -> bool:
    """Return whether a string stands for one value that is unknown at synthesis."""
    return not is_literal(value) and not contains_list_token(value)


def is_string_token(value: str) -> bool:
    """Return whether a string contains string tokens and no list token."""
    return _STRING.search(value) is not None and not contains_list_token(value)


def is_list_token(value: str) -> bool:
    """Return whether a string stands for a whole list, like the element of ``value_as_list``."""
    return _LIST.fullmatch(value) is not None


def contains_list_token(value: str) -> bool:
    """Return whether a string contains a list token, which the CDK cannot concatenate."""
    return _LIST.search(value) is not None


def is_number_token(value: float) -> bool:
    """Return whether a number is a token."""
    # A token is a double, while a huge integer does not fit into one.
    return isinstance(value, float) and struct.pack(">d", value).startswith(_NUMBER)


def is_resolvable(value: object) -> bool:
    """Return whether an object is an ``IResolvable``, like ``CfnParameter.value``."""
    # A stack has a method `resolve` too.
    return is_cdk_object(value) and hasattr(value, "resolve") and not isinstance(value, Construct)


def referenced_resource(value: str) -> CfnResource | None:
    """Return the resource of the app whose id or attribute a token stands for."""
    if not is_string_token(value):
        return None
    fragments = Tokenization.reverse_string(value)
    token = fragments.first_token
    # A string with more than one token, like a derived name, is no reference.
    if fragments.length != 1 or not isinstance(token, Reference):
        return None
    return token.target if isinstance(token.target, CfnResource) else None


def is_cdk_object(value: object) -> bool:
    """Return whether jsii can pass an object to the CDK."""
    return hasattr(type(value), "__jsii_type__") or (
        # An imported resource is a proxy, whose class has no type of jsii.
        not isinstance(value, type) and hasattr(value, "__jsii_ref__")
    )
