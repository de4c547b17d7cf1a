"""The names and ARNs of SSM parameters."""

from __future__ import annotations

import re

from .._internal.arguments import Argument, matching
from .._internal.stack_cache import StackCache
from .._internal.tokens import is_literal, is_token
from ..errors import PrivateLinkValueError

# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
# A name that contains a slash starts with one, and has at most fifteen levels.
_NAME = r"[\w.-]+|(/[\w.-]+){1,15}"
# The ARN of `/payments` and of `payments` is the same.
_ARN = re.compile(
    r"arn:(?P<partition>aws[\w-]*):ssm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):parameter(/[\w.-]+){1,15}",
    re.ASCII,
)
_MAX_NAME_LENGTH = 1011
_RESERVED = re.compile(r"/?(aws|ssm)[^/]*|/(aws|ssm)/.*", re.ASCII | re.IGNORECASE)
_NAME_FIX = (
    "pass a name like `payments` or `/payments/endpoint-service`, with letters, digits and `_.-`"
)

_VALID_NAME = matching(
    re.compile(_NAME, re.ASCII),
    problem="must be a name that Parameter Store accepts",
    fix=f"{_NAME_FIX}, and at most 15 levels",
)
_NAME_OR_ARN = matching(
    re.compile(rf"{_NAME}|{_ARN.pattern}", re.ASCII),
    problem="must be the name or the ARN of an SSM parameter",
    fix="pass a name like `/payments/endpoint-service` without a version, or an ARN like "
    "`arn:aws:ssm:eu-west-1:111122223333:parameter/payments/endpoint-service`",
)


def new_parameter_name(argument: Argument, value: object) -> str:
    """Require a name for a new parameter, or a token."""
    name = _VALID_NAME(argument, value)
    if is_literal(name) and _RESERVED.fullmatch(name):
        raise argument.value_error(
            "must not start with `aws` or `ssm`, which AWS reserves", got=name, fix=_NAME_FIX
        )
    return name


def validate_length(argument: Argument, name: str, suffixes: list[str]) -> None:
    """Check that Parameter Store accepts a name with the longest suffix.

    :raises PrivateLinkValueError: The name is too long.
    """
    limit = _MAX_NAME_LENGTH - max(map(len, suffixes))
    if is_literal(name) and len(name) > limit:
        raise PrivateLinkValueError(
            argument.name,
            f"must have at most {limit} characters, because the library appends a suffix",
            got=f"{len(name)} characters",
            fix="pass a shorter name",
            scope=argument.scope,
        )


def validate_parameter(argument: Argument, value: object, cache: StackCache) -> str:
    """Return the name or the ARN of an existing parameter.

    Each name is valid that may exist: the names of AWS start with `/aws/`.

    :param cache: The stack that reads the parameter.
    :raises PrivateLinkTypeError: The value is not a string.
    :raises PrivateLinkValueError: CloudFormation cannot read the parameter.
    """
    parameter = _NAME_OR_ARN(argument, value)
    if is_token(parameter):
        raise argument.value_error(
            "must be literal, because CloudFormation reads it before it creates resources",
            got=parameter,
            fix="pass the literal name or ARN, or pass the name of the service to "
            "`PrivateLinkEndpointService.from_service_name()`",
        )
    match = _ARN.fullmatch(parameter)
    if match:
        _validate_place(argument, match, cache)
    return parameter


def account_in(parameter: str) -> str | None:
    """Return the account in the ARN of a parameter, ``None`` for a name."""
    match = _ARN.fullmatch(parameter)
    return match["account"] if match else None


def _validate_place(argument: Argument, arn: re.Match[str], cache: StackCache) -> None:
    if is_literal(cache.region) and arn["region"] != cache.region:
        raise argument.value_error(
            f"must be in {cache.region}, the Region of the stack, because CloudFormation reads "
            "parameters of its own Region",
            got=arn[0],
            fix="publish the service in that Region too, or pass the name of the service to "
            "`PrivateLinkEndpointService.from_service_name()`",
        )
    partition = cache.partition_of_region
    if partition is not None and arn["partition"] != partition:
        raise argument.value_error(
            f"must be in the partition of the stack, `{partition}`",
            got=arn[0],
            fix="pass the ARN of the shared parameter, as Parameter Store returns it",
        )
