"""Who may connect to an endpoint service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.stack_cache import StackFacts
from .._internal.tokens import check_list_tokens, is_string_token, is_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError

# EC2 knows these and no others: an account, a role, a user, everyone. A path in the name of a role
# or user is not supported.
# https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
_ARN = re.compile(
    r"\*|arn:aws[\w-]*:iam::(?P<account>\d{12}):((?P<root>root)|(role|user)/[\w+=,.@-]+)",
    re.ASCII,
)
_PATH = re.compile(r":(role|user)/[^/]*/")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


# Classes are named beside their interfaces, since their arguments have other names in Python, which
# type checkers hold against them.
AllowedPrincipal: TypeAlias = iam.ArnPrincipal | iam.IRole | iam.Role | iam.IUser | iam.User


def checked_principals(
    principals: object,
    *,
    already: Mapping[str, str],
    argument: str,
    stack: Stack,
    scope: Construct,
) -> dict[str, str]:
    """Check the principals and return their ARNs behind those that are allowed already.

    The keys are what makes principals the same: the first one is kept.

    :param stack: That of the service, which ``iam.AccountRootPrincipal`` is the account of.
    :raises PrivateLinkTypeError: Not a list, or something in it that has no principal ARN.
    :raises PrivateLinkValueError: What EC2 does not accept for an endpoint service.
    """
    if isinstance(principals, str) or not isinstance(principals, Iterable):
        raise PrivateLinkTypeError(
            argument,
            "takes a list of principals",
            got=f"`{principals!r}`",
            fix="put it into a list",
            scope=scope,
        )
    checked = dict(already)
    for principal in principals:
        key, arn = _checked(principal, argument, stack, scope)
        checked.setdefault(key, arn)
    check_list_tokens(argument, list(checked.values()), scope=scope)
    return checked


def _checked(principal: object, argument: str, stack: Stack, scope: Construct) -> tuple[str, str]:
    if isinstance(principal, iam.AccountPrincipal):
        return _checked_account(principal, argument, stack, scope)
    arn = _arn(principal)
    if arn is None:
        raise PrivateLinkTypeError(
            argument,
            "takes principals that have an ARN",
            got=f"`{principal!r}`",
            fix="pass each as `iam.AccountPrincipal`, `iam.ArnPrincipal`, `iam.AnyPrincipal`, "
            "`iam.Role` or `iam.User`",
            scope=scope,
        )
    match = _ARN.fullmatch(arn)
    if isinstance(principal, (iam.Role, iam.User)) and _has_path(principal):
        raise PrivateLinkValueError(
            argument,
            "has a role or user with a path, which EC2 does not accept",
            got=f"`{principal.node.path}`",
            fix="pass one without a path, or its account",
            scope=scope,
        )
    # A path can be seen even where the rest of the ARN is only known at deployment.
    if match is None and (not is_token(arn) or _PATH.search(arn)):
        raise PrivateLinkValueError(
            argument,
            "has an ARN that EC2 does not accept",
            got=f"`{arn}`",
            fix="pass an account, a role or user without a path, or everyone: "
            "`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>` or `*`",
            scope=scope,
        )
    return (match["account"] if match and match["root"] else arn), arn


def _arn(principal: object) -> str | None:
    if isinstance(principal, iam.ArnPrincipal):
        return principal.arn
    # Imported roles and users are proxies of no class of their own.
    arn = getattr(principal, "role_arn", None) or getattr(principal, "user_arn", None)
    return arn if isinstance(arn, str) else None


def _has_path(principal: iam.Role | iam.User) -> bool:
    """Whether a role or user of this app has a path, which the token of its ARN hides."""
    path = getattr(principal.node.default_child, "path", None)
    return path not in (None, "/") and not is_token(path)


def _checked_account(
    principal: iam.AccountPrincipal, argument: str, stack: Stack, scope: Construct
) -> tuple[str, str]:
    """Tell accounts apart by their id, since each principal has a token of its own as ARN."""
    facts = StackFacts.of(stack)
    try:
        own = isinstance(principal, iam.AccountRootPrincipal)
        account = facts.account if own else principal.principal_account or ""
    except RuntimeError:
        # One that is known at deployment, and not as a string, does not come through to Python.
        return principal.arn, principal.arn
    if not _ACCOUNT.fullmatch(account) and not is_string_token(account):
        raise PrivateLinkValueError(
            argument,
            "has an account that cannot exist",
            got=f"`{account}`",
            fix="pass the twelve digits of its id",
            scope=scope,
        )
    # What its ARN stands for, without asking for it.
    return account, f"arn:{facts.partition}:iam::{account}:root"
