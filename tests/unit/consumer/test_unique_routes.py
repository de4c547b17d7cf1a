"""Other routes in the tables of inspected subnets, which CloudFormation would reject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnCondition, CfnParameter, Environment, Fn, Stack, Stage
from aws_cdk import aws_ec2 as ec2

from cdk_privatelink import GatewayLoadBalancerEndpoints, TransitGatewayInspection
from tests.unit.networks import NAME, existing_vpc, group

PUBLIC, EGRESS, ISOLATED = (
    ec2.SubnetType.PUBLIC,
    ec2.SubnetType.PRIVATE_WITH_EGRESS,
    ec2.SubnetType.PRIVATE_ISOLATED,
)
EVERYTHING = "0.0.0.0/0"
GATEWAY = "tgw-0123456789abcdef0"
TABLE = "rtb-0123456789abcdef0"


def create_vpc(stack: Stack, id: str = "Vpc", block: str = "10.129.0.0/24") -> ec2.Vpc:
    groups = {"Nat": PUBLIC, "Endpoint": EGRESS, "Attachment": ISOLATED, "Application": ISOLATED}
    return ec2.Vpc(
        stack,
        id,
        ip_addresses=ec2.IpAddresses.cidr(block),
        max_azs=1,
        subnet_configuration=[
            ec2.SubnetConfiguration(name=name, subnet_type=kind, cidr_mask=28)
            for name, kind in groups.items()
        ],
    )


def add_inspection(
    stack: Stack, vpc: ec2.Vpc, id: str = "Inspection"
) -> tuple[GatewayLoadBalancerEndpoints, TransitGatewayInspection]:
    endpoints = GatewayLoadBalancerEndpoints(
        stack, f"{id}Endpoints", vpc=vpc, service=NAME, subnets=group("Endpoint")
    )
    inspection = TransitGatewayInspection(
        stack,
        id,
        transit_gateway_id=GATEWAY,
        endpoints=endpoints,
        attachment_subnets=group("Attachment"),
        nat_subnets=group("Nat"),
        spoke_cidrs=["10.129.0.0/16"],
    )
    return endpoints, inspection


def add_spoke(inspection: TransitGatewayInspection, vpc: ec2.IVpc) -> None:
    inspection.add_spoke(
        "Spoke", vpc=vpc, attachment_subnets=group("Attachment"), subnets=group("Application")
    )


def add_routes(vpc: ec2.IVpc, id: str = "Endpoints") -> None:
    """Add routes through endpoints with known ids."""
    zones = {subnet.availability_zone for subnet in vpc.isolated_subnets}
    GatewayLoadBalancerEndpoints.from_endpoint_ids(
        vpc.stack, id, vpc=vpc, endpoint_ids=dict.fromkeys(zones, "vpce-0123456789abcdef0")
    ).add_routes(
        subnets=ec2.SubnetSelection(subnets=[vpc.isolated_subnets[-1]]),
        destination=EVERYTHING,
        return_path="igw-0123456789abcdef0",
    )


def add_own_route(stack: Stack, vpc: ec2.Vpc, block: str = EVERYTHING) -> ec2.CfnRoute:
    """Add a route of the user in the table of the inspected subnet."""
    return ec2.CfnRoute(
        stack,
        "Own",
        route_table_id=vpc.isolated_subnets[-1].route_table.route_table_id,
        destination_cidr_block=block,
        transit_gateway_id=GATEWAY,
    )


def find_errors(stack: Stack) -> list[str]:
    """Return the errors at the end of synthesis."""
    found = stack.node.root.node.find_all()
    return [error for each in found for error in each.node.validate()]


def expect_error(stack: Stack, *paths: str, argument: str = "subnets", path: str) -> None:
    assert find_errors(stack) == [
        f"`{argument}` must not have another route to the same destination, got "
        f"{' and '.join(f'`{each}`' for each in paths)}; remove one of the routes  [{path}]"
    ]


SPOKE_ROUTE = "Stack/Inspection/Spoke/ApplicationSubnet1 to 0.0.0.0--0"
ROUTE = "Stack/Endpoints/Routes/ApplicationSubnet1 to 0.0.0.0--0"
OWN = "Stack/Own"


@pytest.mark.parametrize("is_spoke_first", [True, False])
def test_a_spoke_has_no_other_endpoints(stack: Stack, is_spoke_first: bool) -> None:
    spoke = create_vpc(stack)
    _, inspection = add_inspection(stack, create_vpc(stack, "Central", "10.0.0.0/24"))
    steps: list[Callable[[], None]] = [
        lambda: add_spoke(inspection, spoke),
        lambda: add_routes(spoke),
    ]
    for step in steps if is_spoke_first else reversed(steps):
        step()
    expect_error(stack, SPOKE_ROUTE, ROUTE, path="Stack/Inspection")


def test_two_inspections_have_no_spoke_in_common(stack: Stack) -> None:
    spoke = create_vpc(stack)
    for name, block in (("Inspection", "10.0.0.0/24"), ("Other", "10.0.1.0/24")):
        _, inspection = add_inspection(stack, create_vpc(stack, f"{name}Vpc", block), name)
        add_spoke(inspection, spoke)
    expect_error(
        stack, SPOKE_ROUTE, SPOKE_ROUTE.replace("Inspection", "Other"), path="Stack/Inspection"
    )


def test_two_inspections_do_not_share_endpoints(stack: Stack) -> None:
    endpoints, _ = add_inspection(stack, create_vpc(stack, block="10.0.0.0/24"))
    TransitGatewayInspection(
        stack,
        "Second",
        transit_gateway_id="tgw-0123456789abcdef1",
        endpoints=endpoints,
        attachment_subnets=group("Attachment"),
        nat_subnets=group("Nat"),
        spoke_cidrs=["10.129.0.0/16"],
    )
    expect_error(
        stack,
        "Stack/Inspection/EndpointSubnet1 to 10.129.0.0--16",
        "Stack/Second/EndpointSubnet1 to 10.129.0.0--16",
        argument="endpoints",
        path="Stack/Inspection",
    )


def test_a_route_of_the_stack_is_found(stack: Stack) -> None:
    vpc = create_vpc(stack)
    add_routes(vpc)
    # EC2 ignores the host bits.
    add_own_route(stack, vpc, "10.1.2.3/0")
    expect_error(stack, ROUTE, OWN, path="Stack/Endpoints")


def test_a_route_of_another_stack_is_found(stack: Stack) -> None:
    vpc = create_vpc(stack)
    add_routes(vpc)
    other = Stack(stack.node.root, "Other")  # type: ignore[arg-type]
    add_own_route(other, vpc)
    expect_error(stack, ROUTE, "Other/Own", path="Stack/Endpoints")


def test_a_later_route_of_the_subnet_is_found(stack: Stack) -> None:
    vpc = create_vpc(stack)
    add_routes(vpc)
    subnet = vpc.isolated_subnets[-1]
    assert isinstance(subnet, ec2.Subnet)
    subnet.add_route("Late", router_id=GATEWAY, router_type=ec2.RouterType.TRANSIT_GATEWAY)
    expect_error(stack, "Stack/Vpc/ApplicationSubnet1/Late", ROUTE, path="Stack/Endpoints")


def test_tokens_of_one_table_are_the_same_table(stack: Stack) -> None:
    for number in range(2):
        table = Fn.import_value("Table")
        vpc = existing_vpc(
            stack,
            f"Vpc{number}",
            zones=["eu-west-1a"],
            isolated_subnet_route_table_ids=[table],
        )
        add_routes(vpc, f"Endpoints{number}")
    path = "Routes/IsolatedSubnet1 to 0.0.0.0--0"
    expect_error(
        stack, f"Stack/Endpoints0/{path}", f"Stack/Endpoints1/{path}", path="Stack/Endpoints0"
    )


def validate_accepted(change: Callable[[Stack, ec2.Vpc], Any]) -> None:
    stack = Stack(App(), "Stack")
    vpc = create_vpc(stack)
    add_routes(vpc)
    change(stack, vpc)
    assert find_errors(stack) == []


def test_routes_to_other_destinations_and_in_other_tables_are_accepted() -> None:
    def change(stack: Stack, vpc: ec2.Vpc) -> None:
        add_own_route(stack, vpc, "10.1.2.3/1")
        subnet = vpc.isolated_subnets[0]
        assert isinstance(subnet, ec2.Subnet)
        subnet.add_route("Late", router_id=GATEWAY, router_type=ec2.RouterType.TRANSIT_GATEWAY)
        ec2.CfnRoute(
            stack,
            "List",
            route_table_id=vpc.isolated_subnets[-1].route_table.route_table_id,
            destination_prefix_list_id="pl-0123456789abcdef0",
            transit_gateway_id=GATEWAY,
        )

    validate_accepted(change)


def test_two_routes_of_the_user_are_not_compared() -> None:
    def change(stack: Stack, _: ec2.Vpc) -> None:
        for number in range(2):
            ec2.CfnRoute(
                stack,
                f"Own{number}",
                route_table_id=TABLE,
                destination_cidr_block=EVERYTHING,
                transit_gateway_id=GATEWAY,
            )

    validate_accepted(change)


def test_a_route_with_a_condition_is_accepted() -> None:
    def change(stack: Stack, vpc: ec2.Vpc) -> None:
        parameter = CfnParameter(stack, "Bypass").value_as_string
        condition = CfnCondition(
            stack, "Condition", expression=Fn.condition_equals(parameter, "yes")
        )
        add_own_route(stack, vpc).cfn_options.condition = condition

    validate_accepted(change)


def test_tables_of_other_stages_and_placeholders_are_other_tables() -> None:
    app = App()
    env = Environment(account="111122223333", region="eu-west-1")
    for name in ("One", "Two"):
        stack = Stack(Stage(app, name), "Stack", env=env)
        add_routes(
            existing_vpc(stack, zones=["eu-west-1a"], isolated_subnet_route_table_ids=[TABLE])
        )
        # The CLI synthesizes again after the lookup.
        _, inspection = add_inspection(stack, create_vpc(stack, "Central", "10.0.0.0/24"))
        for number in range(2):
            inspection.add_spoke(
                f"Spoke{number}",
                vpc=ec2.Vpc.from_lookup(stack, f"Pending{number}", vpc_name=f"{number}"),
                attachment_subnets=group("Attachment"),
                subnets=group("Application"),
            )
    assert find_errors(stack) == []
