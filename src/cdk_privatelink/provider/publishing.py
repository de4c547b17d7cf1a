"""The SSM parameters that hand over a service to its consumers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from aws_cdk import CfnResource, Fn, Names, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._internal.arguments import Argument, or_list_token, reject_mixed_list_tokens, sequence_of
from .._internal.tokens import is_cdk_object, is_list_token, is_single_unknown
from .allowed_principals import resolve_account
from .lifecycle import Lifecycle

if TYPE_CHECKING:
    from aws_cdk import aws_ssm as ssm

AVAILABILITY_ZONE_IDS = "-availability-zone-ids"
ALLOWED_REGIONS = "-allowed-regions"
PRIVATE_DNS_NAME = "-private-dns-name"

# The id and the description of each parameter, by the suffix of its name.
_PARAMETERS = {
    "": ("ServiceName", "The name of a VPC endpoint service"),
    ALLOWED_REGIONS: (
        "AllowedRegions",
        "The Regions from which consumers can connect to the VPC endpoint service",
    ),
    AVAILABILITY_ZONE_IDS: (
        "AvailabilityZoneIds",
        "The ids of the Availability Zones of the VPC endpoint service",
    ),
    PRIVATE_DNS_NAME: ("PrivateDnsName", "The private DNS name of the VPC endpoint service"),
}

# https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html
_PRINCIPAL = re.compile(
    r"\d{12}|arn:aws[\w-]*:(organizations::\d{12}:(organization/o-[a-z0-9]+"
    r"|ou/o-[a-z0-9]+/ou-[a-z0-9-]+)|iam::\d{12}:(role|user)/[\w+=,.@/-]+)",
    re.ASCII,
)
_ORGANIZATION = re.compile(r"arn:[^:]+:organizations::[^:]+:(organization|ou)/.+")
_ROOT = re.compile(r"arn:[^:]+:iam::(?P<account>[^:]+):root")
_PRINCIPAL_FIX = (
    "pass an account id, or the ARN of an organization, an organizational unit, a role or a user"
)

# The type names classes besides their interfaces, like `AllowedPrincipal`.
SharePrincipal: TypeAlias = str | iam.ArnPrincipal | iam.IRole | iam.Role | iam.IUser | iam.User


def with_own_region(own: str, regions: Sequence[str] | None) -> list[str]:
    """Return the Regions from which consumers can connect, with the Region of the service."""
    if regions is not None and any(is_list_token(region) for region in regions):
        # The CDK cannot write a list token beside another value.
        return [own, Fn.join(",", list(regions))]
    return list(dict.fromkeys([own, *(regions or ())]))


def resolve_share_principals(argument: Argument, values: object, *, stack: Stack) -> list[str]:
    """Return the principals of a resource share, without repetitions.

    :param stack: The stack of the service, whose account ``iam.AccountRootPrincipal`` stands for.
    :raises PrivateLinkTypeError: The value is not a list, or an element is not a principal.
    :raises PrivateLinkValueError: AWS RAM does not accept a principal.
    """

    def resolve(each: Argument, value: object) -> str:
        return _resolve(each, value, stack)

    principals = list(dict.fromkeys(sequence_of(or_list_token(resolve))(argument, values)))
    reject_mixed_list_tokens(argument, principals)
    return principals


def add_parameters(
    scope: Construct,
    name: str,
    values: Mapping[str, str | list[str]],
    *,
    share_with: Sequence[str],
    lifecycle: Lifecycle,
) -> ssm.StringParameter:
    """Add a parameter for each value, share them, and return the first one.

    :param values: The values by the suffixes of the names, first the service name.
    """
    # Imported lazily: only published services need this module.
    from aws_cdk import aws_ssm as ssm

    options: dict[str, Any] = {
        # Parameter Store never changes a parameter from advanced to standard: it rejects an update
        # with the tier standard, and one without a tier. With intelligent tiering, a small new
        # parameter is standard, and a parameter that was shared before stays advanced.
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-default-tier.html
        "tier": ssm.ParameterTier.ADVANCED if share_with else ssm.ParameterTier.INTELLIGENT_TIERING,
        # A name that starts with a token stands for a name that starts with a slash.
        "simple_name": not name.startswith(("/", "${Token[")),
    }
    parameters = [
        _add_parameter(scope, name, suffix, value, options) for suffix, value in values.items()
    ]
    # A consumer that reads a parameter can connect.
    scope.node.add_dependency(lifecycle.readiness)
    for parameter in parameters:
        # Every deployment of a consumer reads the parameters, also of a retained service.
        lifecycle.track_dependent(cast(CfnResource, parameter.node.default_child))
    if share_with:
        _share(scope, [parameter.parameter_arn for parameter in parameters], share_with)
    return cast("ssm.StringParameter", parameters[0])


def _add_parameter(
    scope: Construct, name: str, suffix: str, value: str | list[str], options: dict[str, Any]
) -> ssm.StringParameter | ssm.StringListParameter:
    from aws_cdk import aws_ssm as ssm

    parameter_id, description = _PARAMETERS[suffix]
    options = {"parameter_name": name + suffix, "description": description, **options}
    if isinstance(value, list):
        return ssm.StringListParameter(scope, parameter_id, string_list_value=value, **options)
    return ssm.StringParameter(scope, parameter_id, string_value=value, **options)


def _share(scope: Construct, arns: list[str], principals: Sequence[str]) -> None:
    """Let principals read parameters, with the default permission of AWS RAM."""
    # Imported lazily: only shared parameters need this module.
    from aws_cdk import aws_ram as ram

    ram.CfnResourceShare(
        scope,
        "Share",
        name=Names.unique_resource_name(scope, max_length=64, separator="-"),
        # Only an organization and its units are certainly inside of the organization of the
        # service. Without this property, AWS RAM rejects an account outside of it.
        allow_external_principals=not all(map(_ORGANIZATION.fullmatch, principals)),
        principals=list(principals),
        resource_arns=arns,
    )


def _resolve(argument: Argument, value: object, stack: Stack) -> str:
    if isinstance(value, iam.AccountPrincipal):
        account, arn = resolve_account(argument, value, stack)
        # jsii cannot return the id of an account if it is a token that is not a string.
        return Fn.select(4, Fn.split(":", arn)) if account == arn else account
    if isinstance(value, iam.OrganizationPrincipal):
        raise argument.value_error(
            "must be the ARN of an organization, which contains the management account",
            got=value.organization_id,
            fix="pass a string like "
            "`arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5`",
        )
    principal = _find_principal(value)
    if principal is None:
        raise argument.type_error(
            "must be a string or a principal with an ARN", got=value, fix=_PRINCIPAL_FIX
        )
    root = _ROOT.fullmatch(principal)
    if root:
        return root["account"]
    if not is_single_unknown(principal) and not _PRINCIPAL.fullmatch(principal):
        raise argument.value_error(
            "must be a principal with which AWS RAM shares parameters",
            got=principal,
            fix=_PRINCIPAL_FIX,
        )
    return principal


def _find_principal(value: object) -> str | None:
    """Return the account id or the ARN of a principal."""
    if isinstance(value, str):
        return value
    if isinstance(value, iam.ServicePrincipal):
        return value.service
    if isinstance(value, iam.ArnPrincipal):
        return value.arn
    # Imported roles and users are proxies without a class.
    arn = getattr(value, "role_arn", None) or getattr(value, "user_arn", None)
    return arn if isinstance(arn, str) and is_cdk_object(value) else None
