"""Private DNS names of endpoint services and their verification records."""

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
    """Return the patches of moto for the time that the emulator runs."""

    def get_name(service: VPCServiceConfiguration) -> str | None:
        return vars(service).get("private_dns_name")

    def get_configuration(service: VPCServiceConfiguration) -> dict[str, str] | None:
        return vars(service).get("private_dns_name_configuration")

    return [
        # moto regards every name as verified. Properties of the class apply to services from
        # stacks and from EC2 calls.
        patch.object(
            VPCServiceConfiguration, "private_dns_name", property(get_name, set_name), create=True
        ),
        patch.object(
            VPCServiceConfiguration, "private_dns_name_configuration", property(get_configuration)
        ),
        # moto does not support this call.
        patch.object(
            EC2Response,
            "start_vpc_endpoint_service_private_dns_verification",
            start_verification,
            create=True,
        ),
    ]


def set_name(service: VPCServiceConfiguration, name: str | None) -> None:
    """Set the private DNS name. A new name requires a new verification record."""
    if vars(service).get("private_dns_name") != (name or None):
        verification = {
            "State": "pendingVerification",
            "Type": "TXT",
            "Value": f"vpce:{mock_random.get_random_string(20)}",
            "Name": f"_{mock_random.get_random_string(20, lower_case=True)}",
        }
        vars(service)["private_dns_name"] = name or None
        vars(service)["private_dns_name_configuration"] = verification if name else None


def start_verification(response: EC2Response) -> ActionResult:
    """Handle EC2's StartVpcEndpointServicePrivateDnsVerification, which ends immediately."""
    service_id = response._get_param("ServiceId")
    backend = response.ec2_backend
    (service,) = backend.describe_vpc_endpoint_service_configurations([service_id])
    if not service.private_dns_name:
        message = f"The VpcEndpointService Id '{service_id}' has no private DNS name to verify"
        raise EC2ClientError("InvalidParameter", message)
    verification = service.private_dns_name_configuration
    verified = _is_published(verification, service.private_dns_name, backend.account_id)
    verification["State"] = "verified" if verified else "failed"
    return ActionResult({"ReturnValue": True})


def _is_published(verification: dict[str, str], domain: str, account_id: str) -> bool:
    """Return whether a public zone has the record, at the domain or a parent domain."""
    labels = domain.lower().split(".")
    names = {".".join([verification["Name"], *labels[above:]]) for above in range(len(labels))}
    return any(
        record.type == "TXT"
        and record.name.lower().rstrip(".") in names
        # Quotation marks are part of the value of a TXT record.
        and f'"{verification["Value"]}"' in record.records
        for zone in route53_backends[account_id]["aws"].zones.values()
        if not zone.private_zone
        for record in zone.rrsets
    )
