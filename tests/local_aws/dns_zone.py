"""Hosted zones and records. Route 53 stores names in lowercase, with a final dot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.route53 import models
from moto.route53.exceptions import (
    DnsNameInvalidForZone,
    InvalidVPCId,
    NoSuchHostedZone,
    ResourceRecordAlreadyExists,
    Route53ClientError,
)

from .resource_request import NotEmulatedError, ResourceRequest


class HostedZone:
    """`AWS::Route53::HostedZone`. In moto, it is public, has only a name, and is not deleted."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = models.route53_backends[request.account_id]["aws"]
        _validate_vpcs(request.properties)
        private = bool(request.properties.get("VPCs"))
        self._zone = self._backend.create_hosted_zone(
            _normalize_name(request.properties["Name"]), private
        )
        self.physical_resource_id = self._zone.resource_id
        self._configure(request.properties)

    def update(self, request: ResourceRequest) -> HostedZone:
        """Update all properties but the name, which would require replacement."""
        if _normalize_name(request.properties["Name"]) != self._zone.name:
            raise NotEmulatedError
        _validate_vpcs(request.properties, self._zone)
        self._configure(request.properties)
        return self

    def delete(self, *_place: str) -> None:
        """Delete the zone, which fails if it has records from outside of the stack."""
        self._backend.delete_hosted_zone(self._zone.resource_id)

    def get_cfn_attribute(self, name: str) -> Any:
        servers = self._zone.delegation_set
        return {"Id": self._zone.resource_id, "NameServers": servers and servers.name_servers}[name]

    def _configure(self, properties: dict[str, Any]) -> None:
        self._zone.comment = properties.get("HostedZoneConfig", {}).get("Comment")
        self._zone.vpcs = []
        for vpc in properties.get("VPCs", []):
            self._zone.add_vpc(vpc["VPCId"], vpc["VPCRegion"])
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("HostedZoneTags", [])}
        self._backend.resource_tags[self._zone.resource_id] = tags


class RecordSet:
    """`AWS::Route53::RecordSet`. moto deletes by the new name and type, not by the old ones."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = request.properties["Name"]
        self._zone = _find_zone(request)
        self._record = request.properties | {"Name": _normalize_name(request.properties["Name"])}
        self._key = self._record["Name"], self._record["Type"], self._record.get("SetIdentifier")

    @classmethod
    def create(cls, request: ResourceRequest) -> RecordSet:
        record = cls(request)
        name, kind, _ = record._key
        if not f".{name}".endswith(f".{record._zone.name}"):
            raise DnsNameInvalidForZone(name, record._zone.name)
        if record._key in map(_key, record._zone.rrsets):
            raise ResourceRecordAlreadyExists(name, kind)
        record._zone.upsert_rrset(record._record)
        return record

    def update(self, request: ResourceRequest) -> RecordSet:
        """Update the record in place, or replace it if its zone, name, type or set id changes."""
        new = RecordSet(request)
        if (new._zone, new._key) == (self._zone, self._key):
            self._zone.upsert_rrset(new._record)
            return new
        new = RecordSet.create(request)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._zone.rrsets = [other for other in self._zone.rrsets if _key(other) != self._key]


def find_private_zones(name: str, vpc_id: str) -> Iterator[models.FakeZone]:
    """Yield the private zones of a name that are associated with a VPC, of all accounts."""
    for backends in list(models.route53_backends.values()):
        for zone in list(backends["aws"].zones.values()):
            if zone.name == _normalize_name(name) and vpc_id in [
                each["vpc_id"] for each in zone.vpcs
            ]:
                yield zone


def _validate_vpcs(properties: dict[str, Any], own: models.FakeZone | None = None) -> None:
    """Raise an error if a VPC does not exist, or resolves the name of the zone already.

    Private DNS of an endpoint creates such a zone, too. The message is in many public reports.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html
    https://github.com/hashicorp/terraform-provider-aws/issues/37783
    """
    name = properties["Name"]
    for vpc in properties.get("VPCs", []):
        vpc_id, region = vpc["VPCId"], vpc["VPCRegion"]
        accounts = [account[region] for account in list(ec2_backends.values())]
        backends = [backend for backend in accounts if vpc_id in backend.vpcs]
        if not backends:
            raise InvalidVPCId
        zones = [each.id for each in find_private_zones(name, vpc_id) if each is not own]
        zones += [
            entry["HostedZoneId"]
            for endpoint in backends[0].vpc_end_points.values()
            for entry in endpoint.dns_entries or []
            if endpoint.vpc_id == vpc_id
            and endpoint.private_dns_enabled
            and _normalize_name(entry["DnsName"]) == _normalize_name(name)
        ]
        if zones:
            raise Route53ClientError(
                "ConflictingDomainExists",
                f"The VPC {vpc_id} in region {region} has already been associated with the hosted "
                f"zone {zones[0]} with the same domain name.",
            )


def _key(record: models.RecordSet) -> tuple[Any, Any, Any]:
    """Return the key of a record, which is unique in its zone."""
    return record.name, record.type, record.set_identifier


def _find_zone(request: ResourceRequest) -> models.FakeZone:
    backend = models.route53_backends[request.account_id]["aws"]
    if "HostedZoneId" in request.properties:
        return backend.get_hosted_zone(request.properties["HostedZoneId"])
    name = _normalize_name(request.properties["HostedZoneName"])
    zone = backend.get_hosted_zone_by_name(name)
    if zone is None:
        raise NoSuchHostedZone(name)
    return zone


def _normalize_name(name: str) -> str:
    return name.lower().rstrip(".") + "."
