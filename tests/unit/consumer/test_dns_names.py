"""The DNS names of interface endpoints, with the entries that CloudFormation returns for them."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, NestedStack, Stack, Stage
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink import InterfaceEndpoint, PrivateLinkValueError
from tests.unit.intrinsics import evaluate
from tests.unit.networks import IRELAND, NAME, VIRGINIA, existing_vpc
from tests.unit.templates import make_service, template_of

ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
BASE = "vpce-svc-0123456789abcdef0.eu-west-1.vpce.amazonaws.com"
REGIONAL = f"vpce-0a1b-c2d3.{BASE}"


def entries(zones: list[str], base: str = BASE) -> list[str]:
    """Return the entries of an endpoint in the order that CloudFormation documents."""
    zonal = [f"vpce-0a1b-c2d3-{zone}.{base}" for zone in zones]
    public = [f"Z38GZ743OKFT7T:{name}" for name in (f"vpce-0a1b-c2d3.{base}", *zonal)]
    return [*public, "Z0PRIVATE:payments.example.com", "Z0PRIVATE:*.payments.example.com"]


def connect(stack: Stack, zones: list[str] = ZONES, **options: Any) -> InterfaceEndpoint:
    vpc = options.pop("vpc", None) or existing_vpc(stack, zones=zones)
    return InterfaceEndpoint(stack, "Endpoint", vpc=vpc, **{"service": NAME} | options)


def deployed(stack: Stack, value: str, zones: list[str], *, base: str = BASE) -> Any:
    """Return the value of a string after the deployment of an endpoint in the zones."""
    attributes = {"DnsEntries": entries(zones, base), "AvailabilityZones": zones}
    return evaluate(stack.resolve(value), attributes | {"AWS::Region": "eu-west-1"})


@pytest.mark.parametrize("count", [1, 2, 3])
def test_names_are_right_for_every_number_of_zones(stack: Stack, count: int) -> None:
    zones = ZONES[:count]
    endpoint = connect(stack, zones)
    assert deployed(stack, endpoint.regional_dns_name, zones) == REGIONAL
    assert deployed(stack, endpoint.dns_hosted_zone_id, zones) == "Z38GZ743OKFT7T"
    names = {zone: deployed(stack, name, zones) for zone, name in endpoint.zonal_dns_names.items()}
    assert names == {zone: f"vpce-0a1b-c2d3-{zone}.{BASE}" for zone in zones}


def test_zonal_names_do_not_depend_on_the_order_of_the_entries(stack: Stack) -> None:
    endpoint = connect(stack)
    name = endpoint.zonal_dns_names["eu-west-1c"]
    assert deployed(stack, name, ZONES[::-1]) == f"vpce-0a1b-c2d3-eu-west-1c.{BASE}"


def test_zones_of_an_app_for_every_environment_are_keys_as_well(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    endpoint = connect(stack, vpc=vpc)
    second = vpc.isolated_subnets[1] if vpc.isolated_subnets else vpc.private_subnets[1]
    name = endpoint.zonal_dns_names[second.availability_zone]
    assert deployed(stack, name, ZONES) == f"vpce-0a1b-c2d3-eu-west-1b.{BASE}"


def test_a_name_of_a_service_that_is_a_token_has_the_same_names(stack: Stack) -> None:
    endpoint = connect(stack, service=CfnParameter(stack, "Name").value_as_string)
    names = [endpoint.regional_dns_name, endpoint.zonal_dns_names["eu-west-1a"]]
    found = [deployed(stack, name, ZONES) for name in names]
    assert found == [REGIONAL, f"vpce-0a1b-c2d3-eu-west-1a.{BASE}"]


def test_names_have_the_domain_of_their_partition(stack: Stack) -> None:
    base = "vpce-svc-0123456789abcdef0.cn-north-1.vpce.amazonaws.com.cn"
    name = connect(stack).zonal_dns_names["eu-west-1a"]
    assert deployed(stack, name, ZONES, base=base) == f"vpce-0a1b-c2d3-eu-west-1a.{base}"


def test_a_subnet_without_a_known_zone_has_no_zonal_name(stack: Stack) -> None:
    subnets = [
        ec2.Subnet.from_subnet_id(stack, "Unknown", "subnet-0123456789abcdef1"),
        ec2.Subnet.from_subnet_attributes(
            stack,
            "Known",
            subnet_id="subnet-0123456789abcdef2",
            availability_zone="eu-west-1b",
        ),
    ]
    endpoint = connect(stack, subnets=ec2.SubnetSelection(subnets=subnets))
    assert list(endpoint.zonal_dns_names) == ["eu-west-1b"]


def test_an_endpoint_to_another_region_has_no_zonal_names() -> None:
    stack = Stack(App(), "Stack", env=VIRGINIA)
    endpoint = connect(stack, ["us-east-1a"])
    with pytest.raises(PrivateLinkValueError) as error:
        assert endpoint.zonal_dns_names
    assert str(error.value) == (
        "`zonal_dns_names` must be used on an endpoint in the Region of its service, since EC2 "
        f"creates Regional names only for other Regions, got `{NAME}`; use `regional_dns_name`"
        "  [Stack/Endpoint]"
    )
    assert endpoint.regional_dns_name


@pytest.mark.parametrize("is_nested", [False, True])
def test_another_stack_can_use_the_names(is_nested: bool) -> None:
    stage = Stage(App(), "Stage", env=IRELAND)
    stack = Stack(stage, "Consumer")
    endpoint = connect(stack)
    other = NestedStack(stack, "Nested") if is_nested else Stack(stage, "Other")
    CfnOutput(other, "Name", value=endpoint.zonal_dns_names["eu-west-1a"])
    CfnOutput(other, "Zone", value=endpoint.dns_hosted_zone_id)
    stage.synth()
    outputs = template_of(other)["Outputs"]
    assert "Endpoint" not in outputs["Zone"]["Value"]
    assert "eu-west-1a" in str(outputs["Name"]["Value"])


def test_a_template_with_the_names_is_valid(stack: Stack) -> None:
    endpoint = connect(stack, service=make_service(stack))
    names = [endpoint.regional_dns_name, endpoint.dns_hosted_zone_id]
    for number, name in enumerate([*names, *endpoint.zonal_dns_names.values()]):
        CfnOutput(stack, f"Output{number}", value=name)
    assert len(template_of(stack)["Outputs"]) == 5


def test_every_zone_has_a_name_until_the_lookup() -> None:
    stack = Stack(App(), "Stack", env=IRELAND)
    endpoint = connect(stack, vpc=ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0))
    assert "eu-west-1a" in str(stack.resolve(endpoint.zonal_dns_names["eu-west-1a"]))


def test_another_zone_has_no_name_after_the_lookup(stack: Stack) -> None:
    with pytest.raises(KeyError):
        assert connect(stack).zonal_dns_names["eu-west-1z"]


def test_a_region_that_may_be_the_same_does_not_prevent_zonal_names(stack: Stack) -> None:
    service = CfnParameter(stack, "Name").value_as_string
    region = CfnParameter(stack, "Region").value_as_string
    assert connect(stack, service=service, service_region=region).zonal_dns_names
