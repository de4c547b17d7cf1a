"""VPC endpoints of consumers, for services of any account and of AWS."""

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

from . import dns_zone, endpoint_rules, notifications
from .resource_request import ResourceRequest, is_true
from .tags import put_tags

# A change of these properties requires replacement.
_FIXED = ("ServiceName", "ServiceRegion", "VpcEndpointType", "VpcId")
_LISTS = ("RouteTableIds", "SecurityGroupIds", "SubnetIds")
_SCALARS = ("PolicyDocument", "PrivateDnsEnabled")


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    return [
        # moto accepts any service name, and still returns deleted endpoints.
        patch.multiple(
            EC2Response,
            create_vpc_endpoint=create_endpoint,
            modify_vpc_endpoint=modify_endpoint,
            delete_vpc_endpoints=delete_endpoints,
        ),
    ]


class Endpoint(VPCEndPoint):
    """`AWS::EC2::VPCEndpoint`, also created by EC2's CreateVpcEndpoint."""

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
            self._set_route_tables(properties.get("RouteTableIds", []))
        except EC2ClientError:
            self.delete()
            raise

    @classmethod
    def create(cls, request: ResourceRequest) -> Endpoint:
        return cls.create_in(ec2_backends[request.account_id][request.region], request.properties)

    @classmethod
    def create_in(cls, backend: EC2Backend, properties: dict[str, Any]) -> Endpoint:
        endpoint = cls(backend, properties)
        if endpoint.service is not None:
            notifications.publish(endpoint.service, "Connect", endpoint.id)
        return endpoint

    def update(self, request: ResourceRequest) -> Endpoint:
        """Update the endpoint in place, or replace it if a fixed property changes."""
        old = self.properties
        if all(request.properties.get(name) == old.get(name) for name in _FIXED):
            self.configure(request.properties)
            self._set_route_tables(request.properties.get("RouteTableIds", []))
            return self
        new = Endpoint.create(request)
        # The stack deletes the old one when nothing refers to it.
        vars(new)["replaced"] = self
        return new

    def configure(self, properties: dict[str, Any]) -> None:
        """Apply all properties that can change, without the routes."""
        backend = self.ec2_backend
        endpoint_rules.validate_endpoint(backend, self.service, properties)
        private = is_true(properties.get("PrivateDnsEnabled", False))
        if private and not self.private_dns_enabled:
            endpoint_rules.validate_private_dns(backend, self.service, properties, self.state)
            self._validate_private_name()
        self.properties = properties
        self.private_dns_enabled = private
        policy = properties.get("PolicyDocument") or VPCEndPoint.DEFAULT_POLICY
        self.policy_document = policy if isinstance(policy, str) else json.dumps(policy)
        self.security_group_ids = list(properties.get("SecurityGroupIds", []))
        if self.vpc_endpoint_type == "Interface" and not self.security_group_ids:
            default = backend.get_security_group_from_name("default", vpc_id=self.vpc_id)
            self.security_group_ids = [default.id]
        self._set_subnets(properties.get("SubnetIds", []))
        self.dns_entries = self._dns_entries()
        put_tags(self, properties)

    def delete(self, *_place: str) -> None:
        tables = self.ec2_backend.route_tables.values()
        if any(route.vpc_endpoint_id == self.id for table in tables for route in table.routes):
            message = "Endpoint must be removed from route table before deletion"
            raise EC2ClientError("InvalidParameter", message)
        self._set_route_tables([])
        self._set_subnets([])
        del self.ec2_backend.vpc_end_points[self.id]
        if self.service is not None:
            notifications.publish(self.service, "Delete", self.id)

    def get_cfn_attribute(self, name: str) -> Any:
        entries = self.dns_entries or []
        return {
            "Id": self.id,
            "CreationTimestamp": self.creation_timestamp.isoformat(),
            "DnsEntries": [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in entries],
            "NetworkInterfaceIds": self.network_interface_ids,
        }[name]

    def _set_subnets(self, subnet_ids: list[str]) -> None:
        """Create and delete network interfaces, so that each of the subnets has one."""
        backend = self.ec2_backend
        for subnet_id in self._interfaces.keys() - set(subnet_ids):
            backend.delete_network_interface(self._interfaces.pop(subnet_id))
        for subnet_id in subnet_ids:
            if subnet_id not in self._interfaces:
                subnet = backend.get_subnet(subnet_id)
                interface = backend.create_network_interface(
                    subnet,
                    random_private_ip(subnet.cidr_block),
                    group_ids=self.security_group_ids,
                    description=f"VPC Endpoint Interface {self.id}",
                )
                self._interfaces[subnet_id] = interface.id
        self.subnet_ids = list(subnet_ids)
        self.network_interface_ids = list(self._interfaces.values())

    def _set_route_tables(self, route_table_ids: list[str]) -> None:
        """Create and delete the routes of a gateway endpoint, so that each table has one."""
        lists = self.ec2_backend.managed_prefix_lists.values()
        prefix_lists = [each.id for each in lists if each.prefix_list_name == self.service_name]
        for prefix_list in prefix_lists if self.vpc_endpoint_type == "Gateway" else []:
            for table in set(self.route_table_ids) - set(route_table_ids):
                self.ec2_backend.delete_route(table, prefix_list)
            for table in [each for each in route_table_ids if each not in self.route_table_ids]:
                self.ec2_backend.create_route(
                    table, None, destination_prefix_list_id=prefix_list, gateway_id=self.id
                )
        self.route_table_ids = list(route_table_ids)

    def _dns_entries(self) -> list[dict[str, str]]:
        """Return the DNS names: Regional, one per zone, and the private one."""
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

    def _validate_private_name(self) -> None:
        """Raise an error if a private zone in the VPC has the name, as many public reports show.

        https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        """
        name = self._private_name()
        if name and any(dns_zone.find_private_zones(name, self.vpc_id)):
            raise EC2ClientError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS "
                f"domain for {name} in the VPC {self.vpc_id}",
            )

    def _private_name(self) -> str | None:
        if self.service is not None:
            return self.service.private_dns_name
        account_and_region = self.ec2_backend.account_id, self.ec2_backend.region_name
        for default in self.ec2_backend._collect_default_endpoint_services(*account_and_region):
            if default["ServiceName"] == self.service_name and "PrivateDnsName" in default:
                return str(default["PrivateDnsName"])
        return None


def create_endpoint(response: EC2Response) -> ActionResult:
    """Handle EC2's CreateVpcEndpoint, which has the same parameters as CloudFormation."""
    parameters = {name: response._get_param(name) for name in (*_FIXED, *_LISTS, *_SCALARS)}
    properties = {name: value for name, value in parameters.items() if value is not None}
    for specification in response._get_param("TagSpecifications", []):
        properties["Tags"] = specification["Tags"]
    return ActionResult({"VpcEndpoint": Endpoint.create_in(response.ec2_backend, properties)})


def modify_endpoint(response: EC2Response) -> ActionResult:
    """Handle EC2's ModifyVpcEndpoint."""
    endpoint = response.ec2_backend.get_vpc_end_point(response._get_param("VpcEndpointId"))
    assert isinstance(endpoint, Endpoint)
    properties = dict(endpoint.properties)
    for name in _LISTS:
        removed = response._get_param(f"Remove{name}", [])
        remaining = [each for each in properties.get(name, []) if each not in removed]
        properties[name] = list(dict.fromkeys([*remaining, *response._get_param(f"Add{name}", [])]))
    for name in _SCALARS:
        if (value := response._get_param(name)) is not None:
            properties[name] = value
    endpoint.configure(properties)
    endpoint._set_route_tables(properties["RouteTableIds"])
    return ActionResult({"Return": True})


def delete_endpoints(response: EC2Response) -> ActionResult:
    """Handle EC2's DeleteVpcEndpoints, which can succeed in part."""
    failures = []
    for identifier in response._get_param("VpcEndpointIds", []):
        try:
            endpoint = response.ec2_backend.vpc_end_points.get(identifier)
            if not isinstance(endpoint, Endpoint):
                raise InvalidVpcEndPointIdError(identifier)
            endpoint.delete()
        except EC2ClientError as error:
            failures.append(describe_failure(identifier, error))
    return ActionResult({"Unsuccessful": failures})


def describe_failure(identifier: str, error: EC2ClientError) -> dict[str, Any]:
    """Return an error in the format of calls for several resources."""
    details = {"Code": error.code, "Message": error.message}
    return {"ResourceId": identifier, "Error": details}
