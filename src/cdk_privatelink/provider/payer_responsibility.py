"""The payer for the endpoints of a service."""

from __future__ import annotations

from enum import Enum

from aws_cdk import Annotations
from constructs import Construct


class PayerResponsibility(Enum):
    """The payer for the endpoints of a service, if not the owners of the endpoints."""

    SERVICE_OWNER = "ServiceOwner"
    """The owner of the service. EC2 does not allow you to revert this choice."""


def warn_of_payment(scope: Construct) -> None:
    """Warn that the owner pays for all endpoints, for good."""
    Annotations.of(scope).add_warning_v2(
        "cdk-privatelink:serviceOwnerPays",
        "The owner of this service pays for all of its endpoints, and EC2 does not allow you to "
        "revert this choice. If this is intended, acknowledge the warning: "
        '`Annotations.of(service).acknowledge_warning("cdk-privatelink:serviceOwnerPays")`.',
    )
