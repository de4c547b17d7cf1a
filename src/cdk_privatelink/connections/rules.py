"""The rules that decide which connections a manager accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import (
    Argument,
    Rule,
    cdk_object,
    list_of,
    matching,
    number,
    optional,
)
from .._internal.regions import REGION
from .._internal.tokens import is_literal

if TYPE_CHECKING:
    from aws_cdk import aws_dynamodb as dynamodb

# A parameter of Systems Manager has 4,096 characters: this many accounts with all Regions fit, and
# the settings of the manager.
_ACCOUNTS_PER_PIECE = 150
_ACCOUNT_FIX = "pass an account id like `111122223333`, or an `iam.AccountPrincipal`"
_ACCOUNT_ID = matching(
    re.compile(r"\d{12}", re.ASCII), problem="must be the id of an account", fix=_ACCOUNT_FIX
)
_LIMIT = optional(
    number(at_least=1, whole=True, fix="pass the number of connections of one account")
)
_REGIONS = optional(list_of(REGION))
_TABLE: Rule[dynamodb.ITable] = cdk_object(
    "node",
    "table_arn",
    "table_name",
    problem="must be a DynamoDB table",
    fix="pass a `dynamodb.Table` or a `dynamodb.TableV2`",
)


_KINDS = ("accounts", "everyone", "table")


class ConnectionRule:
    """A rule of a :class:`ConnectionManager`, which accepts connections.

    Created by :meth:`accounts`, :meth:`everyone` or :meth:`table`. If several rules match a
    connection, the one with the highest limit counts. The manager that receives the rule validates
    it, so that errors can name the manager.
    """

    def __init__(self, kind: str, **options: Any) -> None:
        """Call :meth:`accounts`, :meth:`everyone` or :meth:`table` instead."""
        self._kind = kind
        self._options = options

    @classmethod
    def accounts(
        cls,
        *accounts: str | iam.AccountPrincipal,
        limit: int | None = None,
        regions: Sequence[str] | None = None,
    ) -> ConnectionRule:
        """Accept the connections of accounts.

        :param accounts: Ids of accounts, or ``iam.AccountPrincipal``, each as a separate argument.
        :param limit: The number of connections that each account may have, in all Regions
            together. Requests beyond it wait. Default: no limit.
        :param regions: The Regions of the endpoints, like ``["eu-west-1"]``. Default: all Regions
            that the service allows.
        """
        return cls("accounts", accounts=accounts, limit=limit, regions=regions)

    @classmethod
    def everyone(
        cls, *, limit: int | None = None, regions: Sequence[str] | None = None
    ) -> ConnectionRule:
        """Accept the connections of every account that the service allows.

        :param limit: The number of connections that each account may have, in all Regions
            together. Requests beyond it wait. Default: no limit.
        :param regions: The Regions of the endpoints, like ``["eu-west-1"]``. Default: all Regions
            that the service allows.
        """
        return cls("everyone", limit=limit, regions=regions)

    @classmethod
    def table(cls, table: dynamodb.ITable) -> ConnectionRule:
        """Accept the connections of accounts in a DynamoDB table, without a deployment.

        Each item is a rule. Its attributes: ``account``, the partition key of the table, is a
        string of 12 digits; ``limit``, which can be left out, is a whole number; ``regions``, which
        can be left out, is a set or a list of strings.

        :param table: The table. With a stream of ``dynamodb.StreamViewType.KEYS_ONLY`` or more, a
            change of a ``dynamodb.Table`` is in force within a minute. Without one, and for a
            ``dynamodb.TableV2``, it is in force after the ``interval`` of the manager.
        """
        return cls("table", table=table)


def CONNECTION_RULE(argument: Argument, value: object) -> ConnectionRule:  # noqa: N802
    """Require a rule that one of the class methods has created."""
    if not isinstance(value, ConnectionRule) or value._kind not in _KINDS:
        raise argument.type_error(
            "must be a `ConnectionRule`",
            got=value,
            fix="pass a rule like `ConnectionRule.accounts(...)`",
        )
    return value


def resolve_rule(argument: Argument, rule: ConnectionRule) -> list[dict[str, Any]]:
    """Return a rule as the function reads it, in parts that fit into one parameter each.

    :raises PrivateLinkTypeError: A value has the wrong type.
    :raises PrivateLinkValueError: A value cannot work.
    """
    options = rule._options
    if rule._kind == "table":
        return [{"table": table_of(argument, rule).table_name}]
    limit = _LIMIT(argument._replace(name=f"{argument.name}.limit"), options["limit"])
    regions = _REGIONS(argument._replace(name=f"{argument.name}.regions"), options["regions"])
    common = {"name": argument.name, "limit": limit, "regions": regions}
    if rule._kind == "everyone":
        return [common | {"accounts": None}]
    accounts = list_of(_account, is_required=True)(
        argument._replace(name=f"{argument.name}.accounts"), options["accounts"]
    )
    return [
        common | {"accounts": accounts[start : start + _ACCOUNTS_PER_PIECE]}
        for start in range(0, len(accounts), _ACCOUNTS_PER_PIECE)
    ]


def has_tokens(rules: Sequence[dict[str, Any]], stack: Stack) -> bool:
    """Return whether resolved rules contain tokens, besides the names of tables."""
    for rule in rules:
        known = {key: value for key, value in rule.items() if value is not None}
        if "table" not in rule and stack.resolve(known) != known:
            return True
    return False


def may_match(rule: dict[str, Any], account: str, region: str) -> bool:
    """Return whether a resolved rule matches an endpoint, as far as synthesis knows."""
    return "table" in rule or (
        _may_contain(rule["accounts"], account) and _may_contain(rule["regions"], region)
    )


def _may_contain(values: Sequence[str] | None, value: str) -> bool:
    # Without values, a rule matches everything. Two tokens may stand for the same value.
    return values is None or value in values or not all(map(is_literal, [value, *values]))


def table_of(argument: Argument, rule: ConnectionRule) -> dynamodb.ITable:
    """Return the table of a rule.

    :raises PrivateLinkTypeError: The value is not a table.
    :raises PrivateLinkValueError: The function cannot read accounts in the table.
    """
    argument = argument._replace(name=f"{argument.name}.table")
    table = _TABLE(argument, rule._options["table"])
    _validate_environment(argument, table)
    _validate_key(argument, table)
    return table


def _validate_environment(argument: Argument, table: dynamodb.ITable) -> None:
    """Check that the function finds a table by its name."""
    stack, arn = Stack.of(cast(Construct, argument.scope)), table.table_arn
    if is_literal(arn):
        # The environment of an imported table is the one of its stack.
        region, account = arn.split(":")[3:5]
    else:
        region, account = table.env.region, table.env.account
    for value, expected in ((account, stack.account), (region, stack.region)):
        if value != expected and is_literal(value) and is_literal(expected):
            raise argument.value_error(
                "must be in the account and Region of the manager",
                got=f"{table.node.path} in {value}",
                fix="pass a table of the account and Region of the stack",
            )


def _validate_key(argument: Argument, table: dynamodb.ITable) -> None:
    """Check that accounts are strings, because numbers lose leading zeros."""
    resource = table.node.default_child
    if not isinstance(resource, CfnResource):
        # Imported.
        return
    definitions: Any = getattr(resource, "attribute_definitions", None)
    for each in definitions if isinstance(definitions, list) else ():
        if each.attribute_name == "account" and each.attribute_type != "S":
            raise argument.value_error(
                "must have strings as the attribute `account`",
                got=f"type {each.attribute_type}",
                fix="create the table with `dynamodb.AttributeType.STRING` for `account`",
            )


def tables_of(argument: Argument, rules: Sequence[ConnectionRule]) -> list[dynamodb.ITable]:
    """Return the tables of rules, each once."""
    tables = [table_of(argument, rule) for rule in rules if rule._kind == "table"]
    return list({table.node.path: table for table in tables}.values())


def _account(argument: Argument, value: object) -> str:
    if isinstance(value, iam.AccountPrincipal):
        # A number in the constructor is possible at run time.
        return _ACCOUNT_ID(argument, f"{value.account_id}")
    if not isinstance(value, str):
        raise argument.type_error(
            "must be an account id or an `iam.AccountPrincipal`", got=value, fix=_ACCOUNT_FIX
        )
    return _ACCOUNT_ID(argument, value)
