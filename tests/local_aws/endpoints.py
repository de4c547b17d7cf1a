"""VPC endpoints: where consumers meet the services of others, and AWS's own."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidVpcEndPointIdError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_private_ip, random_vpc_ep_id
from moto.moto_api._internal import mock_random

from . import endpoint_rules
from .asked import Asked, is_true
from .tags import put_tags

# For which CloudFormation makes another endpoint.
_FIXED = ("ServiceName", "ServiceRegion", "VpcEndpointType", "VpcId")
_OF_LISTS = ("RouteTableIds", "SecurityGroupIds", "SubnetIds")
_OTHERS = ("PolicyDocument", "PrivateDnsEnabled")


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    return [
        # moto takes every name for a service, and remembers what is deleted.
        patch.multiple(
            EC2Response,
            create_vpc_endpoint=create_endpoint,
            modify_vpc_endpoint=modify_endpoint,
            delete_vpc_endpoints=delete_endpoints,
        ),
    ]


class Endpoint(VPCEndPoint):
    """`AWS::EC2::VPCEndpoint`, and what EC2's CreateVpcEndpoint makes."""

    def __init__(self, backend: EC2Backend, properties: dict[str, Any]) -> None:
        name = properties["ServiceName"]
        region = properties.get("ServiceRegion") or backend.region_name
        self.service = endpoint_rules.find_service(backend, name, region)
        self.service_region = region if region != backend.region_name else None
        kind = properties.get("VpcEndpointType", "Gateway")
        identifier = random_vpc_ep_id()
        super().__init__(backend, identifier, properties["VpcId"], name, kind, None, [], [])
        if self.service is not None and self.service.acceptance_required:
            self.state = "pendingAcceptance"
        self.connection_id = f"vpce-con-{mock_random.get_random_hex(17)}"
        self._prefix = f"{identifier}-{mock_random.get_random_string(8, lower_case=True)}"
        self._interfaces: dict[str, str] = {}
        self.configure(properties)
        backend.vpc_end_points[identifier] = self
        try:
            self._add_routes(properties.get("RouteTableIds", []))
        except EC2ClientError:
            self.delete()
            raise

    @classmethod
    def create(cls, asked: Asked) -> Endpoint:
        return cls.make(ec2_backends[asked.account_id][asked.region], asked.properties)

    @classmethod
    def make(cls, backend: EC2Backend, properties: dict[str, Any]) -> Endpoint:
        return cls(backend, properties)

    def update(self, asked: Asked) -> Endpoint:
        """Change the endpoint, or make another one when it is no more the same."""
        old = self.properties
        if all(asked.properties.get(name) == old.get(name) for name in _FIXED):
            self.configure(asked.properties)
            self._add_routes(asked.properties.get("RouteTableIds", []))
            return self
        new = Endpoint.create(asked)
        # The stack deletes it when nothing refers to it any more.
        vars(new)["replaced"] = self
        return new

    def configure(self, properties: dict[str, Any]) -> None:
        """Take over all that can be changed, but for routes."""
        backend = self.ec2_backend
        endpoint_rules.check(backend, self.service, properties)
        private = is_true(properties.get("PrivateDnsEnabled", False))
        if private and not self.private_dns_enabled:
            endpoint_rules.check_private_dns(backend, self.service, properties, self.state)
        self.properties = properties
        self.private_dns_enabled = private
        policy = properties.get("PolicyDocument") or VPCEndPoint.DEFAULT_POLICY
        self.policy_document = policy if isinstance(policy, str) else json.dumps(policy)
        self.security_group_ids = list(properties.get("SecurityGroupIds", []))
        if self.vpc_endpoint_type == "Interface" and not self.security_group_ids:
            default = backend.get_security_group_from_name("default", vpc_id=self.vpc_id)
            self.security_group_ids = [default.id]
        self._be_in(properties.get("SubnetIds", []))
        self.dns_entries = self._dns_entries()
        put_tags(self, properties)

    def delete(self, *_place: str) -> None:
        tables = self.ec2_backend.route_tables.values()
        if any(route.vpc_endpoint_id == self.id for table in tables for route in table.routes):
            message = "Endpoint must be removed from route table before deletion"
            raise EC2ClientError("InvalidParameter", message)
        self._add_routes([])
        self._be_in([])
        del self.ec2_backend.vpc_end_points[self.id]

    def get_cfn_attribute(self, name: str) -> Any:
        entries = self.dns_entries or []
        return {
            "Id": self.id,
            "CreationTimestamp": self.creation_timestamp.isoformat(),
            "DnsEntries": [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in entries],
            "NetworkInterfaceIds": self.network_interface_ids,
        }[name]

    def _be_in(self, subnet_ids: list[str]) -> None:
        """Have one network interface in each of some subnets, and none elsewhere."""
        backend = self.ec2_backend
        for subnet_id in self._interfaces.keys() - set(subnet_ids):
            backend.delete_network_interface(self._interfaces.pop(subnet_id))
        for subnet_id in subnet_ids:
            if subnet_id not in self._interfaces:
                subnet = backend.get_subnet(subnet_id)
                made = backend.create_network_interface(
                    subnet,
                    random_private_ip(subnet.cidr_block),
                    group_ids=self.security_group_ids,
                    description=f"VPC Endpoint Interface {self.id}",
                )
                self._interfaces[subnet_id] = made.id
        self.subnet_ids = list(subnet_ids)
        self.network_interface_ids = list(self._interfaces.values())

    def _add_routes(self, route_table_ids: list[str]) -> None:
        """Have the routes of a gateway endpoint in some tables, and none elsewhere."""
        lists = self.ec2_backend.managed_prefix_lists.values()
        found = [each.id for each in lists if each.prefix_list_name == self.service_name]
        for prefix_list in found if self.vpc_endpoint_type == "Gateway" else []:
            for table in set(self.route_table_ids) - set(route_table_ids):
                self.ec2_backend.delete_route(table, prefix_list)
            for table in [each for each in route_table_ids if each not in self.route_table_ids]:
                self.ec2_backend.create_route(
                    table, None, destination_prefix_list_id=prefix_list, gateway_id=self.id
                )
        self.route_table_ids = list(route_table_ids)

    def _dns_entries(self) -> list[dict[str, str]]:
        """Name the endpoint, then its part in each zone, then what it is known by in private."""
        if self.vpc_endpoint_type != "Interface":
            return []
        region = self.service_region or self.ec2_backend.region_name
        base = self.service_name.removeprefix(f"com.amazonaws.{region}.") + f".{region}.vpce"
        base = f"{base}.amazonaws.com"
        if self.service is not None:
            base = self.service.endpoint_dns_name
        subnets = map(self.ec2_backend.get_subnet, self.subnet_ids or [])
        zones = [subnet.availability_zone for subnet in subnets]
        names = [f"{self._prefix}.{base}", *(f"{self._prefix}-{zone}.{base}" for zone in zones)]
        entries = [{"DnsName": name, "HostedZoneId": "Z38GZ743OKFT7T"} for name in names]
        if self.private_dns_enabled and (private := self._private_name()):
            entries.append({"DnsName": private, "HostedZoneId": f"Z{self.id[5:].upper()}"})
        return entries

    def _private_name(self) -> str | None:
        if self.service is not None:
            return self.service.private_dns_name
        place = self.ec2_backend.account_id, self.ec2_backend.region_name
        for known in self.ec2_backend._collect_default_endpoint_services(*place):
            if known["ServiceName"] == self.service_name and "PrivateDnsName" in known:
                return str(known["PrivateDnsName"])
        return None


def create_endpoint(response: EC2Response) -> ActionResult:
    """Answer EC2's CreateVpcEndpoint, whose parameters are CloudFormation's properties."""
    given = {name: response._get_param(name) for name in (*_FIXED, *_OF_LISTS, *_OTHERS)}
    properties = {name: value for name, value in given.items() if value is not None}
    for specification in response._get_param("TagSpecifications", []):
        properties["Tags"] = specification["Tags"]
    return ActionResult({"VpcEndpoint": Endpoint.make(response.ec2_backend, properties)})


def modify_endpoint(response: EC2Response) -> ActionResult:
    """Answer EC2's ModifyVpcEndpoint."""
    endpoint = response.ec2_backend.get_vpc_end_point(response._get_param("VpcEndpointId"))
    assert isinstance(endpoint, Endpoint)
    properties = dict(endpoint.properties)
    for name in _OF_LISTS:
        removed = response._get_param(f"Remove{name}", [])
        kept = [each for each in properties.get(name, []) if each not in removed]
        properties[name] = list(dict.fromkeys([*kept, *response._get_param(f"Add{name}", [])]))
    for name in _OTHERS:
        if (value := response._get_param(name)) is not None:
            properties[name] = value
    endpoint.configure(properties)
    endpoint._add_routes(properties["RouteTableIds"])
    return ActionResult({"Return": True})


def delete_endpoints(response: EC2Response) -> ActionResult:
    """Answer EC2's DeleteVpcEndpoints, which does what it can."""
    unsuccessful = []
    for identifier in response._get_param("VpcEndpointIds", []):
        try:
            endpoint = response.ec2_backend.vpc_end_points.get(identifier)
            if not isinstance(endpoint, Endpoint):
                raise InvalidVpcEndPointIdError(identifier)
            endpoint.delete()
        except EC2ClientError as error:
            unsuccessful.append(unsuccess(identifier, error))
    return ActionResult({"Unsuccessful": unsuccessful})


def unsuccess(identifier: str, error: EC2ClientError) -> dict[str, Any]:
    """Put an error as the calls do that are about several things at once."""
    told = {"Code": error.code, "Message": error.message}
    return {"ResourceId": identifier, "Error": told}
