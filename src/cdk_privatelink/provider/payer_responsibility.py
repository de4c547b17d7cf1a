"""Who pays for the endpoints of a service."""

from __future__ import annotations

from enum import Enum

from aws_cdk import Annotations
from constructs import Construct

from .._internal.arguments import check_kind


class PayerResponsibility(Enum):
    """Who pays for the endpoints of a service, where it is not their owners."""

    SERVICE_OWNER = "ServiceOwner"
    """The owner of the service. EC2 does not let it be taken back."""


def check_payer_responsibility(payer: object, *, scope: Construct) -> None:
    """Check that it is a ``PayerResponsibility``, if there is one.

    :raises PrivateLinkTypeError: It is not.
    """
    if payer is not None:
        check_kind(
            "payer_responsibility",
            payer,
            PayerResponsibility,
            takes="a `PayerResponsibility`",
            fix="pass `PayerResponsibility.SERVICE_OWNER`, or leave it out for the owners of the "
            "endpoints to pay",
            scope=scope,
        )


def warn_of_paying(scope: Construct) -> None:
    """Warn that there is no way back."""
    Annotations.of(scope).add_warning_v2(
        "cdk-privatelink:serviceOwnerPays",
        "The owner of this service pays for all of its endpoints, and EC2 does not let that be "
        "taken back. If it is meant, say so: `Annotations.of(service).acknowledge_warning("
        '"cdk-privatelink:serviceOwnerPays")`.',
    )
