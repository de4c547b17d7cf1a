"""Alias records for an endpoint in hosted zones of the consumer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Rule, cdk_object, matching
from .._internal.scopes import translate_cdk_errors

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53

ZONE: Rule[route53.IHostedZone] = cdk_object(
    "node",
    "hosted_zone_id",
    "hosted_zone_arn",
    problem="must be a hosted zone",
    fix="pass a `route53.PrivateHostedZone`, or import one with "
    "`route53.PrivateHostedZone.from_private_hosted_zone_attributes()`",
)
RECORD_NAME: Rule[str] = matching(
    re.compile(r".+", re.DOTALL),
    problem="must not be empty",
    fix="pass a name in the zone, or leave it out for the name of the zone itself",
)


def add_alias_records(
    scope: Construct,
    endpoint: ec2.InterfaceVpcEndpoint,
    zone: route53.IHostedZone,
    record_name: str | None,
    *,
    record_types: set[str],
) -> list[route53.RecordSet]:
    """Add alias records for the Regional DNS name of an endpoint.

    :param record_types: The address types of the records, ``"ipv4"`` and ``"ipv6"``.
    """
    # Imported lazily: only aliases need these modules.
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_route53_targets as targets

    # jsii gives other names to the parameters of the class than to those of the interface.
    alias = cast(route53.IAliasRecordTarget, targets.InterfaceVpcEndpointTarget(endpoint))
    target = route53.RecordTarget.from_alias(alias)
    with translate_cdk_errors(
        Argument("zone", endpoint),
        "must have a known name",
        got=lambda: f"`{zone.node.path}`",
        fix="import the zone with "
        "`route53.PrivateHostedZone.from_private_hosted_zone_attributes()`",
    ):
        kinds = {"ipv4": ("A", route53.ARecord), "ipv6": ("Aaaa", route53.AaaaRecord)}
        return [
            kind(scope, record_id, zone=zone, record_name=record_name, target=target)
            for address_type, (record_id, kind) in kinds.items()
            if address_type in record_types
        ]
