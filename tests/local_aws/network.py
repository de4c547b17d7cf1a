"""What moto's stacks leave out when they make VPCs, subnets and addresses."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from .asked import Asked, is_true
from .tags import put_tags


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    get_attribute = ElasticAddress.get_cfn_attribute

    def get_address_attribute(address: ElasticAddress, name: str) -> Any:
        return address.public_ip if name == "PublicIp" else get_attribute(address, name)

    # moto knows the other one alone.
    return [patch.object(ElasticAddress, "get_cfn_attribute", get_address_attribute)]


def prepare(asked: Asked) -> None:
    """Ask for what AWS takes for granted; there is no EC2 outside of VPCs any more."""
    if asked.kind == "AWS::EC2::EIP":
        asked.properties.setdefault("Domain", "vpc")


def complete(resource: Any, asked: Asked) -> None:
    """Give a resource of EC2 what it was asked for and did not get."""
    properties = asked.properties
    if isinstance(resource, VPC):
        resource.enable_dns_support = is_true(properties.get("EnableDnsSupport", True))
        resource.enable_dns_hostnames = is_true(properties.get("EnableDnsHostnames", False))
    if isinstance(resource, Subnet):
        public = is_true(properties.get("MapPublicIpOnLaunch", False))
        vars(resource)["map_public_ip_on_launch"] = public
    if isinstance(resource, TaggedEC2Resource):
        put_tags(resource, properties)
