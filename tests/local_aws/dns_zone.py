"""Hosted zones and their records, under names as Route 53 keeps them: lower case, final dot."""

from __future__ import annotations

from typing import Any

from moto.route53 import models
from moto.route53.exceptions import (
    DnsNameInvalidForZone,
    NoSuchHostedZone,
    ResourceRecordAlreadyExists,
)

from .asked import Asked, NotEmulatedError


class HostedZone:
    """`AWS::Route53::HostedZone`; moto's is always public, has a name alone and cannot go."""

    def __init__(self, asked: Asked) -> None:
        self._backend = models.route53_backends[asked.account_id]["aws"]
        private = bool(asked.properties.get("VPCs"))
        self._zone = self._backend.create_hosted_zone(_kept(asked.properties["Name"]), private)
        self.physical_resource_id = self._zone.resource_id
        self._configure(asked.properties)

    def update(self, asked: Asked) -> HostedZone:
        """Take over all but the name, for which CloudFormation would make another zone."""
        if _kept(asked.properties["Name"]) != self._zone.name:
            raise NotEmulatedError
        self._configure(asked.properties)
        return self

    def delete(self, *_place: str) -> None:
        """Delete the zone, which fails while it holds records of others."""
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
    """`AWS::Route53::RecordSet`; moto's goes by its new name and type when its old must go."""

    def __init__(self, asked: Asked) -> None:
        self.physical_resource_id = asked.properties["Name"]
        self._zone = _find_zone(asked)
        self._record = asked.properties | {"Name": _kept(asked.properties["Name"])}
        self._key = self._record["Name"], self._record["Type"], self._record.get("SetIdentifier")

    @classmethod
    def create(cls, asked: Asked) -> RecordSet:
        record = cls(asked)
        name, kind, _ = record._key
        if not f".{name}".endswith(f".{record._zone.name}"):
            raise DnsNameInvalidForZone(name, record._zone.name)
        if record._key in map(_key, record._zone.rrsets):
            raise ResourceRecordAlreadyExists(name, kind)
        record._zone.upsert_rrset(record._record)
        return record

    def update(self, asked: Asked) -> RecordSet:
        """Change the record in place, or make another one when it is no more the same."""
        new = RecordSet(asked)
        if (new._zone, new._key) == (self._zone, self._key):
            self._zone.upsert_rrset(new._record)
            return new
        new = RecordSet.create(asked)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._zone.rrsets = [other for other in self._zone.rrsets if _key(other) != self._key]


def _key(record: models.RecordSet) -> tuple[Any, Any, Any]:
    """Give what tells a record from the others of its zone."""
    return record.name, record.type, record.set_identifier


def _find_zone(asked: Asked) -> models.FakeZone:
    backend = models.route53_backends[asked.account_id]["aws"]
    if "HostedZoneId" in asked.properties:
        return backend.get_hosted_zone(asked.properties["HostedZoneId"])
    name = _kept(asked.properties["HostedZoneName"])
    zone = backend.get_hosted_zone_by_name(name)
    if zone is None:
        raise NoSuchHostedZone(name)
    return zone


def _kept(name: str) -> str:
    return name.lower().rstrip(".") + "."
