"""VPCs and firewalls of other stages and Regions, which CloudFormation cannot reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_networkfirewall as networkfirewall

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    PrivateLinkValueError,
)
from tests.unit.networks import IRELAND, NAME, VIRGINIA, existing_vpc, group, vpc_of

Call = Callable[[Stack, ec2.IVpc], Any]


def add_firewall(stack: Stack, vpc: ec2.IVpc, *, scope: Stack | None = None) -> None:
    subnets = vpc.select_subnets(subnet_group_name="Application").subnets
    firewall = networkfirewall.CfnFirewall(
        scope or stack,
        "Firewall",
        firewall_name="firewall",
        firewall_policy_arn="arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/one",
        vpc_id=vpc.vpc_id,
        subnet_mappings=[
            networkfirewall.CfnFirewall.SubnetMappingProperty(subnet_id=each.subnet_id)
            for each in subnets
        ],
    )
    GatewayLoadBalancerEndpoints.from_network_firewall(
        stack, "Endpoints", vpc=vpc, firewall=firewall, subnets=group("Application")
    )


CALLS: dict[str, Call] = {
    "endpoints": lambda stack, vpc: GatewayLoadBalancerEndpoints(
        stack, "Endpoints", vpc=vpc, service=NAME, subnets=group("Application")
    ),
    "existing": lambda stack, vpc: GatewayLoadBalancerEndpoints.from_endpoint_ids(
        stack, "Endpoints", vpc=vpc, endpoint_ids={"eu-west-1a": "vpce-0123456789abcdef0"}
    ),
    "firewall": add_firewall,
    "load balancer": lambda stack, vpc: GatewayLoadBalancer(
        stack, "Gateway", vpc=vpc, vpc_subnets=group("Application")
    ),
}


def create_vpc(stack: Stack) -> ec2.Vpc:
    return vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED)


@pytest.mark.parametrize("name", CALLS)
def test_a_vpc_of_another_stage_is_rejected(name: str) -> None:
    app = App()
    stack, other = (Stack(Stage(app, each), "Stack", env=IRELAND) for each in ("One", "Other"))
    with pytest.raises(PrivateLinkValueError) as error:
        CALLS[name](stack, create_vpc(other))
    assert str(error.value).startswith(
        "`vpc` must be in the same stage, because each stage is deployed separately, got "
        "`Other/Stack/Vpc`"
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_vpc_of_another_region_is_rejected(name: str) -> None:
    app = App()
    stack, other = Stack(app, "Stack", env=IRELAND), Stack(app, "Other", env=VIRGINIA)
    with pytest.raises(PrivateLinkValueError) as error:
        CALLS[name](stack, create_vpc(other))
    assert (
        "`vpc` must be in eu-west-1, the Region of the stack, got `Other/Vpc` in `us-east-1`; pass "
        "a VPC of this Region"
    ) in str(error.value)


@pytest.mark.parametrize("name", CALLS)
def test_a_vpc_of_another_stack_of_the_region_is_accepted(name: str) -> None:
    app = App()
    stack, other = (Stack(app, each, env=IRELAND) for each in ("Stack", "Other"))
    CALLS[name](stack, create_vpc(other))


def test_an_imported_vpc_is_accepted_in_another_stage() -> None:
    app = App()
    stack, other = (Stack(Stage(app, name), "Stack", env=IRELAND) for name in ("One", "Other"))
    GatewayLoadBalancerEndpoints(stack, "Endpoints", vpc=existing_vpc(other), service=NAME)
    app.synth()


def test_a_firewall_of_another_stage_is_rejected() -> None:
    app = App()
    stack, other = (Stack(Stage(app, name), "Stack", env=IRELAND) for name in ("One", "Other"))
    with pytest.raises(PrivateLinkValueError, match="`firewall` must be in the same stage, beca"):
        add_firewall(stack, create_vpc(stack), scope=other)
