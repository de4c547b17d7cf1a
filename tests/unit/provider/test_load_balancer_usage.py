"""Load balancers of two services: EC2 allows one service per load balancer."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Aws, CfnCondition, Fn, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Template

from cdk_privatelink import GatewayLoadBalancer, LoadBalancers
from tests.unit.networks import IRELAND, existing_vpc
from tests.unit.templates import NETWORK_ARN, NETWORK_ARN_2, make_service


def make_nlb(stack: Stack, id: str = "Nlb") -> elbv2.NetworkLoadBalancer:
    return elbv2.NetworkLoadBalancer(stack, id, vpc=existing_vpc(stack, f"{id}Vpc"))


def resource_of(load_balancer: elbv2.NetworkLoadBalancer) -> elbv2.CfnLoadBalancer:
    resource = load_balancer.node.default_child
    assert isinstance(resource, elbv2.CfnLoadBalancer)
    return resource


def error_of(stack: Stack) -> str:
    with pytest.raises(RuntimeError) as error:
        Template.from_stack(stack)
    return f"{error.value}"


MESSAGE = (
    "`load_balancers` must not contain a load balancer of another service, which EC2 does not "
    "allow, got `Stack/First`; pass a load balancer of its own to each service  [Stack/Second]"
)


@pytest.mark.parametrize("second", ["l2", "l1", "arn", "among others"])
def test_two_services_behind_one_load_balancer_are_an_error(stack: Stack, second: str) -> None:
    nlb = make_nlb(stack)
    members: dict[str, tuple[Any, ...]] = {
        "l2": (nlb,),
        "l1": (resource_of(nlb),),
        "arn": (nlb.load_balancer_arn,),
        "among others": (NETWORK_ARN, nlb),
    }
    make_service(stack, "First", load_balancers=LoadBalancers.network(nlb))
    make_service(stack, "Second", load_balancers=LoadBalancers.network(*members[second]))
    assert MESSAGE in error_of(stack)


def test_two_services_behind_one_gateway_load_balancer_are_an_error(stack: Stack) -> None:
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack))
    for name in ("First", "Second"):
        make_service(stack, name, load_balancers=LoadBalancers.gateway(gateway))
    assert MESSAGE in error_of(stack)


def test_two_services_with_one_arn_are_an_error(stack: Stack) -> None:
    for name in ("First", "Second"):
        make_service(stack, name, load_balancers=LoadBalancers.network(NETWORK_ARN))
    assert MESSAGE in error_of(stack)


def test_two_services_in_two_stacks_behind_one_load_balancer_are_an_error() -> None:
    app = App()
    stack, other = Stack(app, "Stack"), Stack(app, "Other")
    nlb = make_nlb(stack)
    make_service(stack, "First", load_balancers=LoadBalancers.network(nlb))
    make_service(other, "Second", load_balancers=LoadBalancers.network(nlb))
    assert "got `Stack/First`" in error_of(other)


def test_a_service_can_have_the_old_and_the_new_load_balancer(stack: Stack) -> None:
    """While a load balancer is replaced, the service has both."""
    make_service(stack, load_balancers=LoadBalancers.network(make_nlb(stack), NETWORK_ARN_2))
    Template.from_stack(stack)


def test_a_load_balancer_that_the_first_service_loses_later_is_accepted(stack: Stack) -> None:
    nlb = make_nlb(stack)
    first = make_service(stack, "First", load_balancers=LoadBalancers.network(nlb))
    make_service(stack, "Second", load_balancers=LoadBalancers.network(nlb))
    first.cfn_endpoint_service.network_load_balancer_arns = [NETWORK_ARN]
    Template.from_stack(stack)


@pytest.mark.parametrize("conditional", ["First", "Second"])
def test_a_service_with_a_condition_is_accepted(stack: Stack, conditional: str) -> None:
    """Services with opposite conditions never exist at once."""
    condition = CfnCondition(
        stack, "Condition", expression=Fn.condition_equals(Aws.REGION, "eu-west-1")
    )
    nlb = make_nlb(stack)
    for name in ("First", "Second"):
        service = make_service(stack, name, load_balancers=LoadBalancers.network(nlb))
        if name == conditional:
            service.cfn_endpoint_service.cfn_options.condition = condition
    Template.from_stack(stack)


def test_one_arn_in_two_stacks_is_accepted() -> None:
    """Stacks may be alternatives, and a token has a value of its own in each."""
    app = App()
    for arn in (NETWORK_ARN, Fn.import_value("LoadBalancer")):
        stacks = [Stack(app, f"{name}{arn == NETWORK_ARN}") for name in ("One", "Two")]
        for stack in stacks:
            make_service(stack, load_balancers=LoadBalancers.network(arn))
    app.synth()


def test_load_balancers_that_the_cli_has_yet_to_look_up_are_accepted() -> None:
    stack = Stack(App(), "Stack", env=IRELAND)
    for name in ("First", "Second"):
        nlb = elbv2.NetworkLoadBalancer.from_lookup(
            stack, f"{name}Nlb", load_balancer_tags={"name": name}
        )
        make_service(stack, name, load_balancers=LoadBalancers.network(nlb))
    Template.from_stack(stack)
