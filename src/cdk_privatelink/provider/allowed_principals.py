"""The principals that can connect to an endpoint service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument, reject_mixed_list_tokens, sequence_of
from .._internal.scopes import reserved_id
from .._internal.stack_cache import StackCache
from .._internal.tokens import is_literal, is_single_unknown, referenced_resource
from .._internal.warnings import add_warning
from ..errors import PrivateLinkValueError
from .lifecycle import Lifecycle

# EC2 accepts accounts, roles and users without a path, everyone, and AWS services by their name.
# https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllowedPrincipal.html
_ARN = re.compile(
    r"\*|arn:aws[\w-]*:iam::(?P<account>\d{12}):((?P<root>root)|(role|user)/[\w+=,.@-]+)",
    re.ASCII,
)
# The domains are those of the partitions.
_SERVICE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov"
    r"|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)",
    re.ASCII,
)
_PATH = re.compile(r":(role|user)/[^/]*/")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)

# The type names classes besides their interfaces: jsii gives other names to the parameters of the
# interfaces, so that type checkers do not accept the classes for them.
AllowedPrincipal: TypeAlias = (
    iam.ArnPrincipal | iam.ServicePrincipal | iam.IRole | iam.Role | iam.IUser | iam.User
)


class AllowedPrincipals:
    """The principals of one service, in one ``AWS::EC2::VPCEndpointServicePermissions``."""

    def __init__(
        self,
        service: Construct,
        *,
        service_id: str,
        acceptance_required: object,
        lifecycle: Lifecycle,
    ) -> None:
        """Start without principals and without a resource."""
        self.arns: dict[str, str] = {}
        """The ARNs, by the keys that :func:`resolve_principals` gives them."""
        self._service = service
        self._service_id = service_id
        self._acceptance_required = acceptance_required
        self._lifecycle = lifecycle
        self.resource: ec2.CfnVPCEndpointServicePermissions | None = None
        """The resource, once there is a principal."""
        self._prerequisite: Construct | None = None

    def replace(self, arns: dict[str, str]) -> None:
        """Allow these principals, and create the resource for the first of them."""
        self.arns = arns
        if not arns:
            return
        if self.resource is None:
            self.resource = self._create(list(arns.values()))
        else:
            self.resource.allowed_principals = list(arns.values())
        if self._acceptance_required is False and "*" in arns.values():
            add_warning(
                self._service,
                "cdk-privatelink:openToEveryone",
                "Every AWS account can connect to this service without acceptance, which makes its "
                "load balancers public. Name the principals, or require acceptance.",
                variable="service",
            )

    def create_after(self, prerequisite: Construct) -> None:
        """Create the resource after another one, and so delete it before that one."""
        self._prerequisite = prerequisite
        if self.resource is not None:
            self.resource.node.add_dependency(prerequisite)

    def _create(self, arns: list[str]) -> ec2.CfnVPCEndpointServicePermissions:
        with reserved_id(self._service, "Permissions", scope=self._service):
            resource = ec2.CfnVPCEndpointServicePermissions(
                self._service, "Permissions", service_id=self._service_id, allowed_principals=arns
            )
        self._lifecycle.track_dependent(resource)
        self._lifecycle.add_prerequisite(resource)
        if self._prerequisite is not None:
            resource.node.add_dependency(self._prerequisite)
        return resource


def resolve_principals(
    argument: Argument, principals: object, *, allowed: Mapping[str, str], stack: Stack
) -> dict[str, str]:
    """Return the ARNs of the allowed principals and of more principals, without repetitions.

    The keys identify principals: two tokens for the same account have the same key.

    :param stack: The stack of the service, whose account ``iam.AccountRootPrincipal`` stands for.
    :raises PrivateLinkTypeError: The value is not a list, or an element has no principal ARN.
    :raises PrivateLinkValueError: EC2 does not accept a principal for an endpoint service.
    """
    arns = dict(allowed)
    for key, arn in sequence_of(lambda each, value: _resolve(each, value, stack))(
        argument, principals
    ):
        arns.setdefault(key, arn)
    reject_mixed_list_tokens(argument, list(arns.values()))
    return arns


def may_allow(principal: str, account: str) -> bool:
    """Return whether a principal may allow an account, as far as synthesis knows."""
    if principal == "*":
        return True
    # The partition is usually a token, and the account in an ARN is the fifth part.
    parts = principal.split(":")
    return (len(parts) < 6 and not is_literal(principal)) or (
        len(parts) > 5 and (parts[4] == account or not is_literal(parts[4]))
    )


def resolve_account(
    argument: Argument, principal: iam.AccountPrincipal, stack: Stack
) -> tuple[str, str]:
    """Return the id of an account and its ARN, since each principal has another token as its ARN.

    If jsii cannot return the id, the ARN stands for it.

    :raises PrivateLinkValueError: The value is not an account id.
    """
    cache = StackCache.of(stack)
    try:
        is_own = isinstance(principal, iam.AccountRootPrincipal)
        account = cache.account if is_own else principal.principal_account or ""
    except RuntimeError:
        # jsii cannot return the account if it is a token that is not a string.
        return principal.arn, principal.arn
    if not _ACCOUNT.fullmatch(account) and not is_single_unknown(account):
        raise argument.value_error(
            "must be an account id",
            got=account,
            fix="pass the twelve digits of an account id",
        )
    # The value of its ARN, without a round trip.
    return account, f"arn:{cache.partition}:iam::{account}:root"


def _resolve(argument: Argument, principal: object, stack: Stack) -> tuple[str, str]:
    if isinstance(principal, iam.AccountPrincipal):
        return resolve_account(argument, principal, stack)
    arn = _find_arn(principal)
    if arn is None:
        raise argument.type_error(
            "must be a principal with an ARN",
            got=principal,
            fix="pass an `iam.AccountPrincipal`, `iam.ArnPrincipal`, `iam.ServicePrincipal`, "
            "`iam.AnyPrincipal`, `iam.Role` or `iam.User`",
        )
    match = _ARN.fullmatch(arn)
    is_known = match is not None or _SERVICE.fullmatch(arn) is not None
    if not is_known and (is_literal(arn) or _PATH.search(arn)):
        raise _rejected_arn(argument, arn)
    resource = _find_resource(principal, arn)
    if resource is not None and _has_path(resource):
        raise _rejected_path(argument, resource.node.path.removesuffix("/Resource"))
    return (match["account"] if match and match["root"] else arn), arn


def _rejected_arn(argument: Argument, arn: str) -> PrivateLinkValueError:
    # A path is visible even if the rest of the ARN is a token.
    if _PATH.search(arn):
        return _rejected_path(argument, arn)
    return argument.value_error(
        "must be an ARN that EC2 accepts",
        got=arn,
        fix="pass an account, a role or user without a path, an AWS service, or everyone: "
        "`arn:<partition>:iam::<account>:root`, `...:role/<name>`, `...:user/<name>`, "
        "`<service>.amazonaws.com` or `*`",
    )


def _rejected_path(argument: Argument, got: str) -> PrivateLinkValueError:
    return argument.value_error(
        "must not be a role or user with a path, which EC2 does not accept",
        got=got,
        fix="pass a role or user without a path, or its account; roles of IAM Identity Center "
        "(`AWSReservedSSO_...`) always have a path",
    )


def _find_arn(principal: object) -> str | None:
    if isinstance(principal, iam.ArnPrincipal):
        return principal.arn
    if isinstance(principal, iam.ServicePrincipal):
        return principal.service
    # Imported roles and users are proxies without a class.
    arn = getattr(principal, "role_arn", None) or getattr(principal, "user_arn", None)
    return arn if isinstance(arn, str) else None


def _find_resource(principal: object, arn: str) -> CfnResource | None:
    """Return the resource of a role or user of the app."""
    if isinstance(principal, iam.ArnPrincipal):
        return referenced_resource(arn)
    child: object = principal
    # A lazy role has the role as its child, which has the resource.
    while not isinstance(child, CfnResource):
        node = getattr(child, "node", None)
        if node is None:
            return None
        child = node.default_child
    return child


def _has_path(resource: CfnResource) -> bool:
    """Return whether a role or user has a path, which the token of its ARN hides."""
    path = resource.path if isinstance(resource, (iam.CfnRole, iam.CfnUser)) else None
    return path not in (None, "/") and is_literal(path)
