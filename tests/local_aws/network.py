"""Properties of VPCs, subnets and addresses that moto's stacks omit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from .resource_request import ResourceRequest, is_true
from .tags import put_tags


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    get_attribute = ElasticAddress.get_cfn_attribute

    def get_address_attribute(address: ElasticAddress, name: str) -> Any:
        return address.public_ip if name == "PublicIp" else get_attribute(address, name)

    # moto supports the attribute `AllocationId` only.
    return [patch.object(ElasticAddress, "get_cfn_attribute", get_address_attribute)]


def prepare(request: ResourceRequest) -> None:
    """Add the defaults of AWS. Every address is for a VPC."""
    if request.kind == "AWS::EC2::EIP":
        request.properties.setdefault("Domain", "vpc")


def complete(resource: Any, request: ResourceRequest) -> None:
    """Add the properties that moto's stacks omit to an EC2 resource."""
    properties = request.properties
    if isinstance(resource, VPC):
        resource.enable_dns_support = is_true(properties.get("EnableDnsSupport", True))
        resource.enable_dns_hostnames = is_true(properties.get("EnableDnsHostnames", False))
    if isinstance(resource, Subnet):
        public = is_true(properties.get("MapPublicIpOnLaunch", False))
        vars(resource)["map_public_ip_on_launch"] = public
    if isinstance(resource, TaggedEC2Resource):
        put_tags(resource, properties)
