"""The payer for the endpoints of a service."""

from __future__ import annotations

from enum import Enum

from constructs import Construct

from .._internal.warnings import add_warning


class PayerResponsibility(Enum):
    """The payer for the endpoints of a service, if not the owners of the endpoints."""

    SERVICE_OWNER = "ServiceOwner"
    """The owner of the service. EC2 does not allow you to revert this choice."""


def warn_of_payment(scope: Construct) -> None:
    """Warn that the owner pays for all endpoints, for good."""
    add_warning(
        scope,
        "cdk-privatelink:serviceOwnerPays",
        "The owner of this service pays for all of its endpoints, and EC2 does not allow you to "
        "revert this choice.",
        variable="service",
    )
