"""The permission of a consumer to connect to a service."""

from __future__ import annotations

from constructs import Construct

from .._internal.tokens import is_literal
from .._internal.warnings import add_warning
from ..provider.allowed_principals import may_allow
from ..provider.service_reference import ServiceReference


def warn_of_missing_principal(
    endpoint: Construct, service: ServiceReference, *, account: str, variable: str = "endpoint"
) -> None:
    """Warn if no principal of a service allows the account of an endpoint."""
    # AWS documents permissions for other accounts only.
    if service.account in (None, account) or service.principals is None:
        return
    principals = service.principals()
    if not all(map(is_literal, (account, f"{service.account}"))):
        return
    if any(may_allow(principal, account) for principal in principals):
        return
    add_warning(
        endpoint,
        "cdk-privatelink:accountNotAllowed",
        f"The service `{service.display_name}` does not allow the account {account}, so that EC2 "
        "does not find the service. Call "
        f'`service.allow_principals(iam.AccountPrincipal("{account}"))`.',
        variable=variable,
    )
