"""Whatever is invalid is refused, on the consumer's side too."""

from __future__ import annotations

import inspect
import ipaddress
import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from constructs import Construct
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_privatelink import (
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
)
from tests.properties.test_invalid import (
    ANYTHING,
    LIST,
    NO_LIST,
    NO_LIST_OR_EMPTY,
    NO_STRING,
    SOMETHING,
    WRONG_IDS,
    lists_with,
    no,
    refused,
)
from tests.unit.networks import NAME, existing_vpc
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

# There are many arguments, and little to tell values of another type from each other.
FEW = settings(max_examples=settings().max_examples // 4)

NONE = type(None)
GATEWAY = "igw-0123456789abcdef0"
PRIVATE, ISOLATED = (
    ec2.SubnetSelection(subnet_type=kind)
    for kind in (ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED)
)
NO_SELECTION = no(ec2.SubnetSelection, NONE) | st.sampled_from(
    [ec2.SubnetSelection(subnets=[]), ec2.SubnetSelection(subnet_group_name="Other")]
)


def _two_in_a_zone(vpc: ec2.IVpc) -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])


NO_SUBNETS = NO_SELECTION | st.just(_two_in_a_zone)


def _behind(arn: str, kind: str) -> Callable[[Stack], object]:
    balancers = getattr(LoadBalancers, kind)(arn)
    return lambda stack: make_service(stack, load_balancers=balancers)


NAMES = re.compile(r"(.+\.)?vpce\..+\.vpce-svc-.+")
NO_SERVICE = NO_STRING | st.text().filter(lambda text: not NAMES.fullmatch(text)) | st.just(LIST[0])
REGIONS = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
NO_REGION = no(str, NONE) | st.text().filter(lambda text: not REGIONS.fullmatch(text))
NO_ADDRESSES = no(ec2.VpcEndpointIpAddressType, NONE)
WRONG_TARGETS = lists_with(ANYTHING) | st.sampled_from(
    [
        [targets.IpTarget("10.0.0.1"), targets.InstanceIdTarget("i-0123456789abcdef0")],
        [targets.AlbArnTarget("arn", 80)],
    ]
)
WRONG: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    InterfaceEndpoint: {
        "vpc": ANYTHING,
        "service": NO_SERVICE | st.just(_behind(GATEWAY_ARN, "gateway")),
        "port": st.one_of(
            no(int),
            st.booleans(),
            st.integers(max_value=0),
            st.integers(min_value=65536),
        ),
        "private_dns_enabled": no(bool, NONE),
        "subnets": NO_SUBNETS,
        "security_groups": NO_LIST_OR_EMPTY | lists_with(ANYTHING),
        "open": no(bool),
        "ip_address_type": NO_ADDRESSES,
        "dns_record_ip_type": no(ec2.VpcEndpointDnsRecordIpType, NONE),
        # What can be looked up needs a stack that says where it is.
        "lookup_supported_azs": no(bool) | st.just(True),
        "service_region": NO_REGION | st.sampled_from(["us-east-1", LIST[0]]),
    },
    GatewayLoadBalancerEndpoints: {
        "vpc": ANYTHING,
        "service": NO_SERVICE | st.just(_behind(NETWORK_ARN, "network")),
        "subnets": NO_SUBNETS,
        "ip_address_type": NO_ADDRESSES,
    },
    GatewayLoadBalancer: {
        "vpc": ANYTHING,
        "vpc_subnets": NO_SUBNETS,
        "targets": NO_LIST | WRONG_TARGETS,
        "target_type": no(elbv2.TargetType, NONE)
        | st.sampled_from([elbv2.TargetType.LAMBDA, elbv2.TargetType.ALB]),
        "health_check": no(elbv2.HealthCheck, NONE),
        "cross_zone_enabled": no(bool),
        "flow_stickiness": no(FlowStickiness),
        "deregistration_delay": no(Duration, NONE)
        | st.integers(3601, 10**9).map(Duration.seconds)
        | st.integers(0, 10**6).filter(lambda millis: millis % 1000).map(Duration.millis),
        "ip_address_type": no(elbv2.IpAddressType)
        | st.just(elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4),
    },
}
CONSTRUCTS = list(WRONG)


def right(construct: type, scope: Construct) -> dict[str, Any]:
    """What a construct needs."""
    given: dict[str, Any] = {"vpc": existing_vpc(scope)}  # type: ignore[arg-type]
    return given if construct is GatewayLoadBalancer else {**given, "service": NAME}


@pytest.mark.parametrize(
    ("construct", "option"),
    [(construct, option) for construct, options in WRONG.items() for option in options],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
@given(data=st.data())
@FEW
def test_options(construct: type, option: str, data: st.DataObject) -> None:
    wrong = data.draw(WRONG[construct][option])
    stack = Stack(App(), "Stack")
    options = right(construct, stack)
    if wrong is _two_in_a_zone:
        wrong = _two_in_a_zone(options["vpc"])
    elif option == "service" and inspect.isfunction(wrong) and wrong.__qualname__[0] == "_":
        wrong = wrong(stack)
    refused(
        option,
        stack,
        "Stack/Consumer",
        lambda: construct(stack, "Consumer", **{**options, option: wrong}),
    )


def _is_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


WRONG_ROUTES: dict[str, st.SearchStrategy[Any]] = {
    "subnets": no(ec2.SubnetSelection, NONE)
    | st.sampled_from([ec2.SubnetSelection(subnets=[]), PRIVATE]),
    "destination": st.one_of(
        NO_STRING.filter(lambda value: value is not LIST),
        st.text().filter(lambda text: not _is_block(text)),
        st.ip_addresses().map(str),
        st.sampled_from([LIST[0], PRIVATE, ec2.SubnetSelection(subnets=[])]),
    ),
    "return_path": st.one_of(
        SOMETHING.filter(lambda value: not isinstance(value, str)),
        st.text(),
        st.sampled_from([None, LIST[0], PRIVATE, ec2.SubnetSelection(subnets=[])]),
    ),
}


@pytest.mark.parametrize("argument", WRONG_ROUTES)
@given(data=st.data())
@FEW
def test_routes(argument: str, data: st.DataObject) -> None:
    # GIVEN endpoints in private subnets
    wrong = data.draw(WRONG_ROUTES[argument])
    stack = Stack(App(), "Stack")
    endpoints = GatewayLoadBalancerEndpoints(
        stack, "Consumer", **right(GatewayLoadBalancerEndpoints, stack)
    )
    others: dict[str, Any] = {
        "subnets": ISOLATED,
        "destination": "0.0.0.0/0",
        "return_path": None if isinstance(wrong, ec2.SubnetSelection) else GATEWAY,
    }
    # THEN routes are refused for what is wrong, and none is made
    refused(
        argument,
        stack,
        "Stack/Consumer",
        lambda: endpoints.add_routes(**others | {argument: wrong}),
    )


@given(wrong=WRONG_TARGETS.filter(lambda values: values is not LIST), kind=st.booleans())
@FEW
def test_targets_that_are_added(wrong: list[Any], kind: bool) -> None:
    stack = Stack(App(), "Stack")
    first: Any = targets.IpTarget("10.0.0.9")
    options: dict[str, Any] = {"targets": [first]} if kind else {}
    gateway = GatewayLoadBalancer(stack, "Consumer", **right(GatewayLoadBalancer, stack), **options)
    refused("targets", stack, "Stack/Consumer", lambda: gateway.add_target(*wrong))


@pytest.mark.parametrize("construct", CONSTRUCTS)
@given(wrong=WRONG_IDS)
@FEW
def test_ids(construct: Any, wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    options = right(construct, stack)
    path = "Stack" if isinstance(wrong, str) else f"Stack/{wrong}"
    refused("id", stack, path, lambda: construct(stack, wrong, **options))


@pytest.mark.parametrize("construct", CONSTRUCTS)
@given(
    wrong=no(Construct)
    | st.builds(App)
    | st.builds(lambda: Stage(App(), "Stage"))
    | st.builds(lambda: Construct(App(), "Nowhere"))
)
@FEW
def test_scopes(construct: Any, wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    options = right(construct, stack)
    within = f"{wrong.node.path}/" if isinstance(wrong, Construct) and wrong.node.path else ""
    refused("scope", stack, f"{within}Consumer", lambda: construct(wrong, "Consumer", **options))


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_an_id_that_is_taken(construct: Any) -> None:
    stack = Stack(App(), "Stack")
    options = right(construct, stack)
    Construct(stack, "Consumer")
    refused("id", stack, "Stack/Consumer", lambda: construct(stack, "Consumer", **options))


METHODS: dict[type, set[str]] = {
    InterfaceEndpoint: set(),
    GatewayLoadBalancerEndpoints: {"add_routes"},
    GatewayLoadBalancer: {"add_target"},
}


def test_nothing_is_left_out() -> None:
    for construct, wrong in WRONG.items():
        parameters = inspect.signature(construct.__init__).parameters  # type: ignore[misc]
        assert set(wrong) == {
            name
            for name, parameter in parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }
        assert METHODS[construct] == {
            name
            for name, member in vars(construct).items()
            if not name.startswith("_") and inspect.isfunction(member)
        }
    arguments = inspect.signature(GatewayLoadBalancerEndpoints.add_routes).parameters
    assert set(arguments) == {"self", *WRONG_ROUTES}
