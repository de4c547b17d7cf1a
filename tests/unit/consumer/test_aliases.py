"""Alias records of interface endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, PrivateLinkTypeError, PrivateLinkValueError
from tests.unit.intrinsics import evaluate
from tests.unit.networks import NAME, catch_error, existing_vpc
from tests.unit.templates import resources_of

RECORD = "AWS::Route53::RecordSet"
ADDRESS_TYPES, RECORD_TYPES = ec2.VpcEndpointIpAddressType, ec2.VpcEndpointDnsRecordIpType


def connect(stack: Stack, **options: Any) -> InterfaceEndpoint:
    vpc = existing_vpc(stack, "EndpointVpc")
    return InterfaceEndpoint(stack, "Endpoint", vpc=vpc, service=NAME, open=False, **options)


def zone(stack: Stack, id: str = "Zone") -> route53.PrivateHostedZone:
    vpc = ec2.Vpc(stack, f"{id}Vpc", nat_gateways=0)
    return route53.PrivateHostedZone(stack, id, zone_name="services.internal", vpc=vpc)


def records(stack: Stack) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources_of(stack, RECORD).values()]


def test_the_records_are_returned(stack: Stack) -> None:
    endpoint = connect(stack, ip_address_type=ADDRESS_TYPES.DUALSTACK)
    records = endpoint.add_alias("Alias", zone=zone(stack), record_name="payments")
    assert [type(each) for each in records] == [route53.ARecord, route53.AaaaRecord]


def test_a_zone_in_another_stage_is_rejected() -> None:
    app = App()
    stack, other = (Stack(Stage(app, name), "Stack") for name in ("One", "Other"))
    endpoint = connect(stack)
    other_zone = zone(other)
    message = catch_error(
        stack, PrivateLinkValueError, lambda: endpoint.add_alias("Alias", zone=other_zone)
    )
    assert message == (
        "`zone` must be in the same stage, because each stage is deployed separately, got "
        "`Other/Stack/Zone`; import it in the stage, by its ARN or its attributes"
        "  [One/Stack/Endpoint]"
    )


def test_an_alias_resolves_a_name_in_the_zone_to_the_endpoint(stack: Stack) -> None:
    connect(stack).add_alias("Alias", zone=zone(stack), record_name="payments")
    (record,) = records(stack)
    assert (record["Name"], record["Type"]) == ("payments.services.internal.", "A")
    assert record["HostedZoneId"]["Ref"].startswith("Zone")
    target = evaluate(record["AliasTarget"]["DNSName"], {"DnsEntries": ["Z1:one", "Z2:two"]})
    zone_id = evaluate(record["AliasTarget"]["HostedZoneId"], {"DnsEntries": ["Z1:one", "Z2:two"]})
    assert (target, zone_id) == ("one", "Z1")


def test_an_alias_without_a_name_is_the_name_of_the_zone(stack: Stack) -> None:
    connect(stack).add_alias("Alias", zone=zone(stack))
    assert [each["Name"] for each in records(stack)] == ["services.internal."]


@pytest.mark.parametrize(
    ("address_type", "record_type", "expected"),
    [
        (ADDRESS_TYPES.IPV4, None, ["A"]),
        (ADDRESS_TYPES.IPV6, None, ["AAAA"]),
        (ADDRESS_TYPES.DUALSTACK, None, ["A", "AAAA"]),
        (ADDRESS_TYPES.DUALSTACK, RECORD_TYPES.IPV4, ["A"]),
        (ADDRESS_TYPES.DUALSTACK, RECORD_TYPES.IPV6, ["AAAA"]),
        (ADDRESS_TYPES.DUALSTACK, RECORD_TYPES.SERVICE_DEFINED, ["A", "AAAA"]),
    ],
)
def test_records_have_the_types_of_the_dns_names_of_the_endpoint(
    stack: Stack, address_type: Any, record_type: Any, expected: list[str]
) -> None:
    endpoint = connect(stack, ip_address_type=address_type, dns_record_ip_type=record_type)
    endpoint.add_alias("Alias", zone=zone(stack))
    assert sorted(each["Type"] for each in records(stack)) == expected


def test_an_endpoint_can_have_several_aliases_in_several_zones(stack: Stack) -> None:
    endpoint = connect(stack)
    shared = zone(stack)
    shared.add_vpc(ec2.Vpc(stack, "Other", nat_gateways=0))
    endpoint.add_alias("One", zone=shared, record_name="one")
    endpoint.add_alias("Two", zone=shared, record_name="two")
    endpoint.add_alias("Resource", zone=zone(stack, "Second"), record_name="one")
    names = sorted(each["Name"] for each in records(stack))
    assert names == ["one.services.internal.", "one.services.internal.", "two.services.internal."]


def test_the_id_of_an_alias_cannot_collide_with_ids_of_the_library(stack: Stack) -> None:
    endpoint = connect(stack)
    endpoint.add_alias("SecurityGroup", zone=zone(stack))
    (path,) = [
        each.node.path for each in stack.node.find_all() if isinstance(each, route53.CfnRecordSet)
    ]
    assert path == "Stack/Endpoint/Aliases/SecurityGroup/A/Resource"


def test_an_imported_zone_and_a_name_that_is_a_token_are_accepted(stack: Stack) -> None:
    imported = route53.PrivateHostedZone.from_private_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789", zone_name="services.internal"
    )
    name = CfnParameter(stack, "Name").value_as_string
    connect(stack).add_alias("Alias", zone=imported, record_name=name)
    (record,) = records(stack)
    assert record["HostedZoneId"] == "Z0123456789"
    assert record["Name"] == {"Fn::Join": ["", [{"Ref": "Name"}, ".services.internal."]]}


@pytest.mark.parametrize(
    ("options", "error_type", "message"),
    [
        (
            {"zone": "services.internal"},
            PrivateLinkTypeError,
            "`zone` must be a hosted zone, got `'services.internal'`; pass a "
            "`route53.PrivateHostedZone`, or import one with "
            "`route53.PrivateHostedZone.from_private_hosted_zone_attributes()`  [Stack/Endpoint]",
        ),
        (
            {"record_name": ""},
            PrivateLinkValueError,
            "`record_name` must not be empty, got `''`; pass a name in the zone, or leave it out "
            "for the name of the zone itself  [Stack/Endpoint]",
        ),
        (
            {"record_name": 1},
            PrivateLinkTypeError,
            "`record_name` must be a string, got `1`; pass a name in the zone, or leave it out for "
            "the name of the zone itself  [Stack/Endpoint]",
        ),
        (
            {"id": ""},
            PrivateLinkValueError,
            "`id` must not be empty or a token, got `''`; pass a string that is not empty and "
            "contains no token  [Stack/Endpoint]",
        ),
    ],
)
def test_bad_input_is_rejected(
    stack: Stack, options: dict[str, Any], error_type: type[Exception], message: str
) -> None:
    endpoint = connect(stack)
    arguments: dict[str, Any] = {"id": "Alias", "zone": zone(stack)} | options
    alias_id = arguments.pop("id")
    assert (
        catch_error(stack, error_type, lambda: endpoint.add_alias(alias_id, **arguments)) == message
    )


def test_a_zone_that_is_imported_without_its_name_is_rejected(stack: Stack) -> None:
    endpoint = connect(stack)
    imported = route53.HostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    message = catch_error(
        stack,
        PrivateLinkValueError,
        lambda: endpoint.add_alias("Alias", zone=imported, record_name="payments"),
    )
    assert message.startswith("`zone` must have a known name (")
    assert message.endswith(
        ", got `Stack/Zone`; import the zone with "
        "`route53.PrivateHostedZone.from_private_hosted_zone_attributes()`  [Stack/Endpoint]"
    )


def test_an_alias_id_must_be_unique(stack: Stack) -> None:
    endpoint = connect(stack)
    endpoint.add_alias("Alias", zone=zone(stack), record_name="one")
    with pytest.raises(PrivateLinkValueError, match="must be unique in its scope"):
        endpoint.add_alias("Alias", zone=zone(stack, "Other"), record_name="two")


def test_a_construct_of_the_user_cannot_have_the_id_of_the_aliases(stack: Stack) -> None:
    endpoint = connect(stack)
    Construct(endpoint, "Aliases")
    with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
        endpoint.add_alias("Alias", zone=zone(stack))
