"""Who may connect to an endpoint service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .tokens import check_list_tokens, is_token

# EC2 knows these and no others: an account, a role, a user, everyone. A path in the name of a role
# or user is not supported.
# https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
_ARN = re.compile(r"\*|arn:[^:]+:iam::[^:]+:(root|(role|user)/[^/]+)")


def checked_principal_arns(principals: object, *, scope: Construct) -> list[str]:
    """Check the principals and return their ARNs in the order given.

    :raises PrivateLinkTypeError: Not a list, or something in it that has no principal ARN.
    :raises PrivateLinkValueError: An ARN that EC2 does not accept for an endpoint service.
    """
    if isinstance(principals, str) or not isinstance(principals, Iterable):
        raise PrivateLinkTypeError(
            "allowed_principals",
            "takes a list of principals",
            got=f"`{principals!r}`",
            fix="put it into a list",
            scope=scope,
        )
    arns = [_checked_arn(principal, scope) for principal in principals]
    check_list_tokens("allowed_principals", arns, scope=scope)
    return arns


def distinct(arns: list[str], stack: Stack) -> list[str]:
    """Drop repetitions, keeping the order.

    Two principals of one account hold different tokens for the same ARN, so what the tokens
    resolve to is compared. What resolves to nothing yet is only equal to itself.
    """
    resolved = stack.resolve([[arn] for arn in arns])
    first: dict[str, str] = {}
    for arn, value in zip(arns, resolved, strict=True):
        first.setdefault(json.dumps(value) if value else arn, arn)
    return list(first.values())


def _checked_arn(principal: object, scope: Construct) -> str:
    if not isinstance(principal, iam.ArnPrincipal):
        raise PrivateLinkTypeError(
            "allowed_principals",
            "takes principals that have an ARN",
            got=f"`{principal!r}`",
            fix="pass `iam.AccountPrincipal`, `iam.ArnPrincipal` or `iam.AnyPrincipal`",
            scope=scope,
        )
    arn = principal.arn
    if not _ARN.fullmatch(arn) and not is_token(arn):
        raise PrivateLinkValueError(
            "allowed_principals",
            "has an ARN that EC2 does not accept",
            got=f"`{arn}`",
            fix="pass an account, a role or user without a path, or everyone: "
            "`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>` or `*`",
            scope=scope,
        )
    return arn
