"""The DNS names of an interface endpoint."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2

from .._internal.subnets import find_zone, is_placeholder_zone


def split_regional_entry(endpoint: ec2.InterfaceVpcEndpoint) -> list[str]:
    """Return the id of the hosted zone of the Regional DNS name, and the name.

    CloudFormation returns the entries in the order Regional, zonal, private, wildcard. An entry is
    ``hostedZoneId:name``.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
    """
    return Fn.split(":", Fn.select(0, endpoint.vpc_endpoint_dns_entries))


def zonal_dns_names(regional_dns_name: str, subnets: Sequence[ec2.ISubnet]) -> dict[str, str]:
    """Return the DNS name of each known Availability Zone.

    The entries do not show which name is the one of which zone, since zones can be tokens. So the
    names are composed as AWS documents them: the zone follows the id of the endpoint.

    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html#endpoint-service-dns-hostnames
    """
    separator = ".vpce-svc-"
    parts = Fn.split(separator, regional_dns_name)
    endpoint_id, service_id = Fn.select(0, parts), Fn.select(1, parts)
    zones = [zone for subnet in subnets if (zone := find_zone(subnet))]
    names = _ZonalNames(f"{endpoint_id}-", f"{separator}{service_id}")
    names.update({zone: names.compose(zone) for zone in zones})
    names.has_placeholders = any(map(is_placeholder_zone, zones))
    return names


class _ZonalNames(dict[str, str]):
    """The names by zone. Until the CLI has looked up the zones, every zone has a name."""

    has_placeholders = False

    def __init__(self, start: str, end: str) -> None:
        super().__init__()
        self._start, self._end = start, end

    def compose(self, zone: str) -> str:
        return f"{self._start}{zone}{self._end}"

    def __missing__(self, zone: str) -> str:
        if self.has_placeholders:
            return self.compose(zone)
        raise KeyError(zone)
