"""The transit gateways of the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deployment.test_local_private_link import attribute, resource
from tests.local_aws import LocalAws

Resources = dict[str, dict[str, Any]]
STATE = [{"Name": "state", "Values": ["active"]}]
GATEWAY_ID = {"Ref": "Gateway"}
NO_DEFAULTS = {
    "DefaultRouteTableAssociation": "disable",
    "DefaultRouteTablePropagation": "disable",
}


class Stacks:
    """Stacks of a test, which deletes them."""

    def __init__(self, aws: LocalAws) -> None:
        self.ec2 = aws.client("ec2")
        self._client = aws.client("cloudformation")
        self._names: list[str] = []

    def deploy(self, resources: Resources, stack: str = "network") -> str:
        """Create or update a stack and return its status."""
        body = json.dumps({"Resources": resources})
        if stack in self._names:
            self._client.update_stack(StackName=stack, TemplateBody=body)
        else:
            self._names.append(stack)
            self._client.create_stack(StackName=stack, TemplateBody=body)
        return self.status(stack)

    def status(self, stack: str = "network") -> str:
        return str(self._client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def failures(self, stack: str = "network") -> list[str]:
        """Return the reasons of failed resources."""
        found = self._client.describe_stack_events(StackName=stack)["StackEvents"]
        return [
            each["ResourceStatusReason"]
            for each in found
            if each["ResourceStatus"].endswith("_FAILED") and each["LogicalResourceId"] != stack
        ]

    def id_of(self, logical_id: str, stack: str = "network") -> str:
        found = self._client.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def delete(self, stack: str = "network") -> None:
        self._client.delete_stack(StackName=stack)

    def clean_up(self) -> None:
        """Delete all stacks, and assert that no resource is left."""
        for stack in reversed(self._names):
            self.delete(stack)
        assert self._client.describe_stacks()["Stacks"] == []
        assert self.ec2.describe_transit_gateways()["TransitGateways"] == []
        assert self.ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"] == []
        assert self.ec2.describe_transit_gateway_attachments()["TransitGatewayAttachments"] == []


@pytest.fixture
def stacks(local_aws: LocalAws) -> Iterator[Stacks]:
    created = Stacks(local_aws)
    yield created
    created.clean_up()


def vpc(name: str, cidr: str) -> Resources:
    """Return a VPC with a subnet in each of two zones and a route table."""
    ref = {"Ref": name}
    prefix = cidr.rsplit(".", 2)[0]
    subnets = {
        f"{name}{zone}": resource(
            "EC2::Subnet",
            VpcId=ref,
            CidrBlock=f"{prefix}.{index}.0/24",
            AvailabilityZone=f"eu-west-1{zone}",
        )
        for index, zone in enumerate("ab")
    }
    table = {f"{name}Routes": resource("EC2::RouteTable", VpcId=ref)}
    return {name: resource("EC2::VPC", CidrBlock=cidr)} | subnets | table


def attachment(name: str, *zones: str, **properties: Any) -> Resources:
    subnet_ids = [{"Ref": f"{name}{zone}"} for zone in zones or ("a", "b")]
    definition = resource(
        "EC2::TransitGatewayVpcAttachment",
        TransitGatewayId=GATEWAY_ID,
        VpcId={"Ref": name},
        SubnetIds=subnet_ids,
        **properties,
    )
    return {f"{name}Attachment": definition}


def relation(kind: str, name: str, table: str) -> dict[str, Any]:
    return resource(
        f"EC2::TransitGatewayRouteTable{kind}",
        TransitGatewayAttachmentId=attribute(f"{name}Attachment", "Id"),
        TransitGatewayRouteTableId={"Ref": table},
    )


def route(name: str, **definition: Any) -> dict[str, Any]:
    properties = {
        "RouteTableId": {"Ref": f"{name}Routes"},
        "DestinationCidrBlock": "10.0.0.0/8",
        "TransitGatewayId": GATEWAY_ID,
    }
    return resource("EC2::Route", **properties) | definition


def gateway(**options: Any) -> Resources:
    return {"Gateway": resource("EC2::TransitGateway", **options)}


def test_attachments_use_the_default_route_table(stacks: Stacks) -> None:
    spokes = vpc("One", "10.1.0.0/16") | vpc("Two", "10.2.0.0/16") | vpc("Same", "10.2.0.0/16")
    attachments = attachment("One") | attachment("Two") | attachment("Same")
    attachments["SameAttachment"]["DependsOn"] = "TwoAttachment"
    assert stacks.deploy(gateway() | spokes | attachments) == "CREATE_COMPLETE"
    (found,) = stacks.ec2.describe_transit_gateways()["TransitGateways"]
    table_id = found["Options"]["AssociationDefaultRouteTableId"]
    for each in stacks.ec2.describe_transit_gateway_attachments()["TransitGatewayAttachments"]:
        assert each["Association"]["TransitGatewayRouteTableId"] == table_id
    routes = stacks.ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=table_id, Filters=STATE
    )["Routes"]
    # The CIDR block of the third VPC overlaps.
    targets = {
        each["DestinationCidrBlock"]: each["TransitGatewayAttachments"][0]["ResourceId"]
        for each in routes
    }
    assert targets == {"10.1.0.0/16": stacks.id_of("One"), "10.2.0.0/16": stacks.id_of("Two")}
    assert {each["Type"] for each in routes} == {"propagated"}


def test_route_is_a_blackhole_after_the_attachment_is_deleted(stacks: Stacks) -> None:
    network = gateway(**NO_DEFAULTS) | vpc("One", "10.1.0.0/16")
    table = {"Table": resource("EC2::TransitGatewayRouteTable", TransitGatewayId=GATEWAY_ID)}
    relations = {kind: relation(kind, "One", "Table") for kind in ("Association", "Propagation")}
    to_gateway = {"Route": route("One", DependsOn="OneAttachment")}
    resources = network | table | attachment("One") | relations | to_gateway
    assert stacks.deploy(resources) == "CREATE_COMPLETE"

    def state() -> list[str]:
        tables = stacks.ec2.describe_route_tables(RouteTableIds=[stacks.id_of("OneRoutes")])
        routes = tables["RouteTables"][0]["Routes"]
        return [each["State"] for each in routes if "TransitGatewayId" in each]

    assert state() == ["active"]
    unattached = network | table | {"Route": route("One")}
    assert stacks.deploy(unattached) == "UPDATE_COMPLETE"
    assert state() == ["blackhole"]
    table_id = stacks.id_of("Table")
    (found,) = stacks.ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"]
    assert found["TransitGatewayRouteTableId"] == table_id
    response = stacks.ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=table_id, Filters=STATE
    )
    assert response["Routes"] == []


TABLES = {
    name: resource("EC2::TransitGatewayRouteTable", TransitGatewayId=GATEWAY_ID)
    for name in ("Table", "Other")
}
BASE = gateway(**NO_DEFAULTS) | vpc("One", "10.1.0.0/16") | TABLES


def static_route(block: str, **properties: Any) -> dict[str, Any]:
    return resource(
        "EC2::TransitGatewayRoute",
        TransitGatewayRouteTableId={"Ref": "Table"},
        DestinationCidrBlock=block,
        **properties,
    )


def test_static_routes_lead_to_attachments_and_blackholes(stacks: Stacks) -> None:
    static = {
        "ToOne": static_route(
            "0.0.0.0/0", TransitGatewayAttachmentId=attribute("OneAttachment", "Id")
        ),
        "Nowhere": static_route("10.9.0.0/16", Blackhole=True),
    }
    resources = BASE | attachment("One") | static
    assert stacks.deploy(resources) == "CREATE_COMPLETE"

    def search() -> dict[str, tuple[str, list[str]]]:
        routes = stacks.ec2.search_transit_gateway_routes(
            TransitGatewayRouteTableId=stacks.id_of("Table"),
            Filters=[{"Name": "type", "Values": ["static"]}],
        )["Routes"]
        return {
            each["DestinationCidrBlock"]: (
                each["State"],
                [one["ResourceId"] for one in each.get("TransitGatewayAttachments", [])],
            )
            for each in routes
        }

    assert search() == {
        "0.0.0.0/0": ("active", [stacks.id_of("One")]),
        "10.9.0.0/16": ("blackhole", []),
    }
    del resources["Nowhere"]
    assert stacks.deploy(resources) == "UPDATE_COMPLETE"
    assert list(search()) == ["0.0.0.0/0"]


def test_attachment_is_updated_in_place(stacks: Stacks) -> None:
    network = gateway() | vpc("One", "10.1.0.0/16")
    stacks.deploy(network | attachment("One"))
    before = stacks.id_of("OneAttachment")
    tags = [{"Key": "team", "Value": "orders"}]
    changed = attachment("One", Tags=tags, Options={"ApplianceModeSupport": "enable"})
    assert stacks.deploy(network | changed) == "UPDATE_COMPLETE"
    assert stacks.id_of("OneAttachment") == before
    response = stacks.ec2.describe_transit_gateway_vpc_attachments()
    (found,) = response["TransitGatewayVpcAttachments"]
    assert found["Options"]["ApplianceModeSupport"] == "enable"
    assert {"Key": "team", "Value": "orders"} in found["Tags"]


def test_attachment_in_the_same_vpc_cannot_be_replaced(stacks: Stacks) -> None:
    network = gateway() | vpc("One", "10.1.0.0/16")
    stacks.deploy(network | attachment("One", "a", "b"))
    assert stacks.deploy(network | attachment("One", "a")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "non-deleted Transit Gateway Attachments" in stacks.failures()[0]


def test_transit_gateway_with_an_attachment_cannot_be_deleted(stacks: Stacks) -> None:
    stacks.deploy(gateway() | vpc("One", "10.1.0.0/16"))
    gateway_id = stacks.id_of("Gateway")
    subnet_ids = [stacks.id_of("Onea")]
    other = resource(
        "EC2::TransitGatewayVpcAttachment",
        TransitGatewayId=gateway_id,
        VpcId=stacks.id_of("One"),
        SubnetIds=subnet_ids,
    )
    stacks.deploy({"Attachment": other}, stack="spoke")
    stacks.delete()
    assert stacks.status() == "DELETE_FAILED"
    assert f"{gateway_id} has non-deleted VPC Attachments." in stacks.failures()[0]


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"Route": route("One")}, "does not exist"),
        (
            attachment("One") | {"Second": attachment("One")["OneAttachment"]},
            "non-deleted Transit Gateway Attachments with same VPC ID",
        ),
        (
            vpc("Two", "10.2.0.0/16")
            | {
                "Attachment": resource(
                    "EC2::TransitGatewayVpcAttachment",
                    TransitGatewayId=GATEWAY_ID,
                    VpcId={"Ref": "One"},
                    SubnetIds=[{"Ref": "Twoa"}],
                )
            },
            "is not in the VPC",
        ),
        (
            attachment("One", "a", "c")
            | {
                "Onec": resource(
                    "EC2::Subnet",
                    VpcId={"Ref": "One"},
                    CidrBlock="10.1.9.0/24",
                    AvailabilityZone="eu-west-1a",
                )
            },
            "Found another subnet in the Availability Zone",
        ),
        (
            attachment("One")
            | {
                "ToTable": relation("Association", "One", "Table"),
                "ToOther": relation("Association", "One", "Other"),
            },
            "is already associated with a route table",
        ),
        (
            attachment("One")
            | {
                "ToTable": relation("Propagation", "One", "Table"),
                "Again": relation("Propagation", "One", "Table"),
            },
            "already exists in tgw-rtb-",
        ),
        (
            attachment("One")
            | {
                "Gateway2": gateway(**NO_DEFAULTS)["Gateway"],
                "Foreign": resource(
                    "EC2::TransitGatewayRouteTable", TransitGatewayId={"Ref": "Gateway2"}
                ),
                "ToForeign": relation("Association", "One", "Foreign"),
            },
            "belong to different transit gateways",
        ),
        (
            attachment("One")
            | {
                "ToOne": static_route(
                    "0.0.0.0/0", TransitGatewayAttachmentId=attribute("OneAttachment", "Id")
                ),
                "Again": static_route("0.0.0.0/0", Blackhole=True),
            },
            "Static route 0.0.0.0/0 already exists",
        ),
        (
            {"Nowhere": static_route("0.0.0.0/0")},
            "Specify either a transit gateway attachment or a blackhole",
        ),
        (
            attachment("One", Options={"applianceModeSupport": "enable"}),
            "#/Options: extraneous key [applianceModeSupport]",
        ),
        (
            {
                "Missing": resource(
                    "EC2::TransitGatewayRouteTable", TransitGatewayId="tgw-0123456789abcdef0"
                )
            },
            "The transitGateway ID 'tgw-0123456789abcdef0' does not exist",
        ),
    ],
    ids=[
        "route without attachment",
        "two attachments of a VPC",
        "subnet of another VPC",
        "two subnets in a zone",
        "two route tables",
        "two propagations",
        "another transit gateway",
        "two static routes",
        "static route without a target",
        "unknown option",
        "missing transit gateway",
    ],
)
def test_stack_fails_if_ec2_rejects_a_resource(
    stacks: Stacks, resources: Resources, reason: str
) -> None:
    assert stacks.deploy(BASE | resources) == "ROLLBACK_COMPLETE"
    assert reason in stacks.failures()[0]
