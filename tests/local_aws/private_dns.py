"""Private DNS names of endpoint services, and the proof that their domain is the provider's."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.responses import EC2Response
from moto.moto_api._internal import mock_random
from moto.route53.models import route53_backends


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""

    def get_name(service: VPCServiceConfiguration) -> str | None:
        return vars(service).get("private_dns_name")

    def get_configuration(service: VPCServiceConfiguration) -> dict[str, str] | None:
        return vars(service).get("private_dns_name_configuration")

    return [
        # moto takes every name for verified. As properties of its class, these two hold for
        # services from stacks and for those made and changed through EC2.
        patch.object(
            VPCServiceConfiguration, "private_dns_name", property(get_name, set_name), create=True
        ),
        patch.object(
            VPCServiceConfiguration, "private_dns_name_configuration", property(get_configuration)
        ),
        # moto lacks it.
        patch.object(
            EC2Response,
            "start_vpc_endpoint_service_private_dns_verification",
            start_verification,
            create=True,
        ),
    ]


def set_name(service: VPCServiceConfiguration, name: str | None) -> None:
    """Ask for a proof, unless the service had this name already."""
    if vars(service).get("private_dns_name") != (name or None):
        proof = {
            "State": "pendingVerification",
            "Type": "TXT",
            "Value": f"vpce:{mock_random.get_random_string(20)}",
            "Name": f"_{mock_random.get_random_string(20, lower_case=True)}",
        }
        vars(service)["private_dns_name"] = name or None
        vars(service)["private_dns_name_configuration"] = proof if name else None


def start_verification(response: EC2Response) -> ActionResult:
    """Look for the proof, and be done with it at once."""
    service_id = response._get_param("ServiceId")
    backend = response.ec2_backend
    (service,) = backend.describe_vpc_endpoint_service_configurations([service_id])
    if not service.private_dns_name:
        message = f"The VpcEndpointService Id '{service_id}' has no private DNS name to verify"
        raise EC2ClientError("InvalidParameter", message)
    proof = service.private_dns_name_configuration
    found = _is_published(proof, service.private_dns_name, backend.account_id)
    proof["State"] = "verified" if found else "failed"
    return ActionResult({"ReturnValue": True})


def _is_published(proof: dict[str, str], domain: str, account_id: str) -> bool:
    """Tell whether a public zone has the record, under the domain or one above it."""
    labels = domain.lower().split(".")
    names = {".".join([proof["Name"], *labels[above:]]) for above in range(len(labels))}
    return any(
        record.type == "TXT"
        and record.name.lower().rstrip(".") in names
        # Quotation marks are part of a TXT record's value.
        and f'"{proof["Value"]}"' in record.records
        for zone in route53_backends[account_id]["aws"].zones.values()
        if not zone.private_zone
        for record in zone.rrsets
    )
