"""Transit gateways in stacks: VPC attachments, route tables, their routes and relations."""

from __future__ import annotations

import ipaddress
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from unittest.mock import patch

from moto.ec2.exceptions import EC2ClientError, InvalidTransitGatewayID
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.transit_gateway import TransitGateway as MotoTransitGateway
from moto.ec2.models.transit_gateway_attachments import (
    TransitGatewayAttachment,
    TransitGatewayVpcAttachment,
)
from moto.ec2.models.transit_gateway_route_tables import (
    TransitGatewayRouteTable,
    TransitGatewayRouteTableBackend,
)

from .resource_request import NotEmulatedError, ResourceRequest
from .tags import put_tags

_Value = TypeVar("_Value")
_OPTIONS = {
    "ApplianceModeSupport",
    "DnsSupport",
    "Ipv6Support",
    "SecurityGroupReferencingSupport",
}


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    search = TransitGatewayRouteTableBackend.search_transit_gateway_routes

    def search_routes(
        backend: EC2Backend,
        transit_gateway_route_table_id: str,
        filters: dict[str, list[str]],
        max_results: int | None = None,
    ) -> list[dict[str, Any]]:
        routes: list[dict[str, Any]] = []
        routes += search(backend, transit_gateway_route_table_id, filters, max_results)
        table = backend.transit_gateways_route_tables[transit_gateway_route_table_id]
        routes += [each for each in _propagated_routes(backend, table) if _matches(each, filters)]
        return routes

    # moto returns static routes only.
    return [
        patch.object(
            TransitGatewayRouteTableBackend, "search_transit_gateway_routes", search_routes
        )
    ]


def is_attached(backend: EC2Backend, transit_gateway_id: str, vpc_id: str) -> bool:
    """Return whether a VPC is attached to a transit gateway."""
    return any(
        (each.transit_gateway_id, each.resource_id) == (transit_gateway_id, vpc_id)
        for each in backend.transit_gateway_attachments.values()
    )


class TransitGateway(MotoTransitGateway):
    """`AWS::EC2::TransitGateway`. In moto, it always has a default route table."""

    def __init__(self, request: ResourceRequest) -> None:
        self._fixed = _without(request.properties, "Description", "Tags")
        backend = ec2_backends[request.account_id][request.region]
        super().__init__(backend, request.properties.get("Description"), self._fixed)
        backend.transit_gateways[self.id] = self
        self.default_association = self.options["DefaultRouteTableAssociation"] == "enable"
        self.default_propagation = self.options["DefaultRouteTablePropagation"] == "enable"
        if not (self.default_association or self.default_propagation):
            del backend.transit_gateways_route_tables[self.default_route_table.id]
        put_tags(self, request.properties)

    def update(self, request: ResourceRequest) -> TransitGateway:
        """Update the description and the tags. Updates of options are not emulated."""
        if _without(request.properties, "Description", "Tags") != self._fixed:
            raise NotEmulatedError
        self.description = request.properties.get("Description")
        put_tags(self, request.properties)
        return self

    def delete(self, *_place: str) -> None:
        """Delete the transit gateway, which fails if a VPC is attached.

        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGateway.html
        """
        attachments = self.ec2_backend.transit_gateway_attachments.values()
        if any(each.transit_gateway_id == self.id for each in attachments):
            raise EC2ClientError("IncorrectState", f"{self.id} has non-deleted VPC Attachments.")
        self.ec2_backend.transit_gateways_route_tables.pop(self.default_route_table.id, None)
        del self.ec2_backend.transit_gateways[self.id]

    def get_cfn_attribute(self, name: str) -> str:
        return {"Id": self.id, "TransitGatewayArn": self.arn}[name]


class VpcAttachment(TransitGatewayVpcAttachment):
    """`AWS::EC2::TransitGatewayVpcAttachment`."""

    def __init__(self, request: ResourceRequest) -> None:
        self._properties = request.properties
        backend = ec2_backends[request.account_id][request.region]
        gateway_id, vpc_id, subnet_ids = (
            request.properties[name] for name in ("TransitGatewayId", "VpcId", "SubnetIds")
        )
        gateway = backend.transit_gateways.get(gateway_id)
        if gateway is None:
            raise InvalidTransitGatewayID(gateway_id)
        if is_attached(backend, gateway_id, vpc_id):
            message = f"{gateway_id} has non-deleted Transit Gateway Attachments with same VPC ID."
            raise EC2ClientError("DuplicateTransitGatewayAttachment", message)
        _validate_subnets(backend, vpc_id, subnet_ids)
        options = request.properties.get("Options")
        _validate_options(options or {})
        super().__init__(backend, gateway, vpc_id, subnet_ids, options=options)
        self.transit_gateway_route_table = None
        backend.transit_gateway_attachments[self.id] = self
        if getattr(gateway, "default_association", True):
            associate(backend, self, gateway.default_route_table)
        if getattr(gateway, "default_propagation", True):
            backend.set_route_table_propagation(self.id, gateway.default_route_table.id)
        put_tags(self, request.properties)

    @property
    def physical_resource_id(self) -> str:
        return self.id

    def update(self, request: ResourceRequest) -> VpcAttachment:
        """Update options and tags in place. A change of the rest requires replacement.

        A replacement in the same VPC fails, because CloudFormation creates the new one first.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-transitgatewayvpcattachment.html
        """
        variable = ("Options", "Tags")
        if _without(request.properties, *variable) != _without(self._properties, *variable):
            new = type(self)(request)
            # The stack deletes the old one when nothing refers to it.
            vars(new)["replaced"] = self
            return new
        _validate_options(request.properties.get("Options", {}))
        self._properties = request.properties
        self.options = self.DEFAULT_OPTIONS | request.properties.get("Options", {})
        put_tags(self, request.properties)
        return self

    def delete(self, *_place: str) -> None:
        """Delete the attachment with its associations and propagations."""
        for table in self.ec2_backend.transit_gateways_route_tables.values():
            table.route_table_associations.pop(self.id, None)
            self.ec2_backend.disable_route_table_propagation(self.id, table.id)
        del self.ec2_backend.transit_gateway_attachments[self.id]

    def get_cfn_attribute(self, name: str) -> str:
        return {"Id": self.id}[name]


class RouteTable(TransitGatewayRouteTable):
    """`AWS::EC2::TransitGatewayRouteTable`."""

    def __init__(self, request: ResourceRequest) -> None:
        backend = ec2_backends[request.account_id][request.region]
        gateway_id = request.properties["TransitGatewayId"]
        if gateway_id not in backend.transit_gateways:
            raise InvalidTransitGatewayID(gateway_id)
        super().__init__(backend, gateway_id)
        backend.transit_gateways_route_tables[self.id] = self
        put_tags(self, request.properties)

    def update(self, request: ResourceRequest) -> RouteTable:
        """Update the tags in place, or replace the table if its transit gateway changes."""
        if request.properties["TransitGatewayId"] != self.transit_gateway_id:
            new = type(self)(request)
            vars(new)["replaced"] = self
            return new
        put_tags(self, request.properties)
        return self

    def delete(self, *_place: str) -> None:
        """Delete the table, which fails if an attachment is associated with it.

        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayRouteTable.html
        """
        if self.route_table_associations:
            raise EC2ClientError("IncorrectState", f"{self.id} has associated attachments.")
        del self.ec2_backend.transit_gateways_route_tables[self.id]

    def get_cfn_attribute(self, name: str) -> str:
        return {"TransitGatewayRouteTableId": self.id}[name]


class _Relation:
    """A relation of an attachment and a route table, which can only be replaced."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = ec2_backends[request.account_id][request.region]
        attachment_id, table_id = (
            request.properties[f"TransitGateway{name}Id"] for name in ("Attachment", "RouteTable")
        )
        self._attachment = _get(
            self._backend.transit_gateway_attachments, attachment_id, "TransitGatewayAttachment"
        )
        self._table = _get(
            self._backend.transit_gateways_route_tables, table_id, "TransitGatewayRouteTable"
        )
        if self._attachment.transit_gateway_id != self._table.transit_gateway_id:
            message = f"{attachment_id} and {table_id} belong to different transit gateways"
            raise EC2ClientError("InvalidParameterValue", message)
        self.physical_resource_id = f"{table_id}_{attachment_id}"
        self._create()

    def _create(self) -> None:
        raise NotImplementedError

    def update(self, request: ResourceRequest) -> _Relation:
        new = type(self)(request)
        vars(new)["replaced"] = self
        return new


class RouteTableAssociation(_Relation):
    """`AWS::EC2::TransitGatewayRouteTableAssociation`."""

    def _create(self) -> None:
        associate(self._backend, self._attachment, self._table)

    def delete(self, *_place: str) -> None:
        self._attachment.transit_gateway_route_table = None
        self._table.route_table_associations.pop(self._attachment.id, None)


class RouteTablePropagation(_Relation):
    """`AWS::EC2::TransitGatewayRouteTablePropagation`."""

    def _create(self) -> None:
        attachment_id, table = self._attachment.id, self._table
        present = [each.transitGatewayAttachmentId for each in table.route_table_propagation]
        if attachment_id in present:
            message = f"Propagation {attachment_id} already exists in {table.id}"
            raise EC2ClientError("TransitGatewayRouteTablePropagation.Duplicate", message)
        self._backend.set_route_table_propagation(attachment_id, table.id)

    def delete(self, *_place: str) -> None:
        self._backend.disable_route_table_propagation(self._attachment.id, self._table.id)


class Route:
    """`AWS::EC2::TransitGatewayRoute`. Updates, which require replacement, are not emulated."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = ec2_backends[request.account_id][request.region]
        table_id, self._block = (
            request.properties[name]
            for name in ("TransitGatewayRouteTableId", "DestinationCidrBlock")
        )
        self._table = _get(
            self._backend.transit_gateways_route_tables, table_id, "TransitGatewayRouteTable"
        )
        attachment_id = request.properties.get("TransitGatewayAttachmentId")
        is_blackhole = request.properties.get("Blackhole") is True
        if (attachment_id is None) is not is_blackhole:
            message = "Specify either a transit gateway attachment or a blackhole"
            raise EC2ClientError("InvalidParameterCombination", message)
        if self._block in self._table.routes:
            message = f"Static route {self._block} already exists in {table_id}"
            raise EC2ClientError("RouteAlreadyExists", message)
        route = self._backend.create_transit_gateway_route(
            table_id, self._block, blackhole=is_blackhole
        )
        if attachment_id is not None:
            attachments = self._backend.transit_gateway_attachments
            attachment = _get(attachments, attachment_id, "TransitGatewayAttachment")
            # moto stores one attachment, of which EC2 returns a list.
            route["transitGatewayAttachments"] = [_describe(attachment)]  # type: ignore[assignment]
        self.physical_resource_id = f"{table_id}_{self._block}"

    def update(self, _request: ResourceRequest) -> Route:
        raise NotEmulatedError

    def delete(self, *_place: str) -> None:
        """Delete the route, which may have been deleted with its table."""
        self._table.routes.pop(self._block, None)


def associate(
    backend: EC2Backend, attachment: TransitGatewayAttachment, table: TransitGatewayRouteTable
) -> None:
    """Associate an attachment with its only route table.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateTransitGatewayRouteTable.html
    """
    if attachment.transit_gateway_route_table is not None:
        message = f"{attachment.id} is already associated with a route table"
        raise EC2ClientError("Resource.AlreadyAssociated", message)
    backend.set_route_table_association(attachment.id, table.id)
    attachment.transit_gateway_route_table = table


def _propagated_routes(
    backend: EC2Backend, table: TransitGatewayRouteTable
) -> list[dict[str, Any]]:
    """Return a route for each CIDR block of the VPCs that propagate to a route table.

    The block of a VPC that overlaps with an earlier one is not propagated.
    https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
    """
    routes: dict[ipaddress.IPv4Network, dict[str, Any]] = {}
    for propagation in table.route_table_propagation:
        attachment = {
            "resourceId": propagation.resourceId,
            "resourceType": propagation.resourceType,
            "transitGatewayAttachmentId": propagation.transitGatewayAttachmentId,
        }
        for each in backend.get_vpc(propagation.resourceId).cidr_block_association_set:
            block = ipaddress.IPv4Network(each["cidr_block"])
            if not any(block.overlaps(other) for other in routes):
                routes[block] = {
                    "destinationCidrBlock": str(block),
                    "state": "active",
                    "type": "propagated",
                    "transitGatewayAttachments": [attachment],
                }
    return list(routes.values())


def _describe(attachment: TransitGatewayAttachment) -> dict[str, Any]:
    return {
        "resourceId": attachment.resource_id,
        "resourceType": attachment.resource_type,
        "transitGatewayAttachmentId": attachment.id,
    }


def _matches(route: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    keys = {
        "type": "type",
        "state": "state",
        "route-search.exact-match": "destinationCidrBlock",
    }
    return all(route[keys[name]] in values for name, values in filters.items())


def _validate_subnets(backend: EC2Backend, vpc_id: str, subnet_ids: list[str]) -> None:
    """Reject subnets of other VPCs, and two subnets in one Availability Zone.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachment.html
    """
    zones: set[str] = set()
    for subnet in map(backend.get_subnet, subnet_ids):
        if subnet.vpc_id != vpc_id:
            message = f"The subnet {subnet.id} is not in the VPC {vpc_id}"
            raise EC2ClientError("InvalidParameterValue", message)
        if subnet.availability_zone_id in zones:
            message = f"Found another subnet in the Availability Zone of {subnet.id}"
            raise EC2ClientError("DuplicateSubnetsInSameZone", message)
        zones.add(subnet.availability_zone_id)


def _validate_options(options: dict[str, str]) -> None:
    """Reject names that the schema of the resource type does not contain."""
    if unknown := options.keys() - _OPTIONS:
        keys = ", ".join(sorted(unknown))
        raise EC2ClientError("ValidationError", f"#/Options: extraneous key [{keys}]")


def _get(resources: dict[str, _Value], identifier: str, kind: str) -> _Value:
    if identifier not in resources:
        raise EC2ClientError(f"Invalid{kind}ID.NotFound", f"{identifier} does not exist")
    return resources[identifier]


def _without(properties: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in names}
