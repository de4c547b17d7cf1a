"""Every invalid argument of the consumer raises an error of this library."""

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
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_privatelink import (
    ConnectionEvent,
    FlowHandling,
    FlowStickiness,
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    TransitGatewayInspection,
)
from tests.properties.test_invalid import (
    ANYTHING,
    LIST,
    METRIC_OPTIONS,
    NOT_LISTS,
    NOT_LISTS_OR_EMPTY,
    NOT_NONE,
    NOT_STRINGS,
    THRESHOLD,
    WRONG_IDS,
    assert_rejected,
    lists_of,
    other_than,
)
from tests.unit.networks import IRELAND, NAME, existing_vpc
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

# There are many arguments, and values of wrong types rarely differ in behavior.
FEWER_EXAMPLES = settings(max_examples=settings().max_examples // 4)

NONE = type(None)
GATEWAY = "igw-0123456789abcdef0"
PRIVATE, ISOLATED = (
    ec2.SubnetSelection(subnet_type=kind)
    for kind in (ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED)
)
WRONG_SELECTIONS = other_than(ec2.SubnetSelection, NONE) | st.sampled_from(
    [ec2.SubnetSelection(subnets=[]), ec2.SubnetSelection(subnet_group_name="Other")]
)


def _select_two_per_zone(vpc: ec2.IVpc) -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])


WRONG_SUBNETS = WRONG_SELECTIONS | st.just(_select_two_per_zone)


def _service_factory(arn: str, kind: str) -> Callable[[Stack], object]:
    balancers = getattr(LoadBalancers, kind)(arn)
    return lambda stack: make_service(stack, load_balancers=balancers)


NAMES = re.compile(r"(.+\.)?vpce\..+\.vpce-svc-.+")
WRONG_SERVICES = (
    NOT_STRINGS | st.text().filter(lambda text: not NAMES.fullmatch(text)) | st.just(LIST[0])
)
REGIONS = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
WRONG_REGIONS = other_than(str, NONE) | st.text().filter(lambda text: not REGIONS.fullmatch(text))
NOT_IP_ADDRESS_TYPES = other_than(ec2.VpcEndpointIpAddressType, NONE)
WRONG_TARGETS = lists_of(ANYTHING) | st.sampled_from(
    [
        [targets.IpTarget("10.0.0.1"), targets.InstanceIdTarget("i-0123456789abcdef0")],
        [targets.AlbArnTarget("arn", 80)],
    ]
)


def _is_cidr_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


WRONG_OPTIONS: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    InterfaceEndpoint: {
        "vpc": ANYTHING,
        "service": WRONG_SERVICES | st.just(_service_factory(GATEWAY_ARN, "gateway")),
        "ports": NOT_LISTS_OR_EMPTY
        | lists_of(
            st.one_of(
                other_than(int),
                st.booleans(),
                st.integers(max_value=0),
                st.integers(min_value=65536),
            )
        ),
        "private_dns_enabled": other_than(bool, NONE),
        "subnets": WRONG_SUBNETS,
        "security_groups": NOT_LISTS_OR_EMPTY | lists_of(ANYTHING),
        "open": other_than(bool),
        "ip_address_type": NOT_IP_ADDRESS_TYPES,
        "dns_record_ip_type": other_than(ec2.VpcEndpointDnsRecordIpType, NONE),
        # Lookups require a stack with an account and a Region.
        "lookup_supported_azs": other_than(bool) | st.just(True),
        "service_region": WRONG_REGIONS | st.sampled_from(["us-east-1", LIST[0]]),
        "auto_accept": other_than(bool),
    },
    GatewayLoadBalancerEndpoints: {
        "vpc": ANYTHING,
        "service": WRONG_SERVICES | st.just(_service_factory(NETWORK_ARN, "network")),
        "subnets": WRONG_SUBNETS,
        "ip_address_type": NOT_IP_ADDRESS_TYPES,
        "auto_accept": other_than(bool),
    },
    GatewayLoadBalancer: {
        "vpc": ANYTHING,
        "vpc_subnets": WRONG_SUBNETS,
        "targets": NOT_LISTS | WRONG_TARGETS,
        "target_type": other_than(elbv2.TargetType, NONE)
        | st.sampled_from([elbv2.TargetType.LAMBDA, elbv2.TargetType.ALB]),
        "health_check": other_than(elbv2.HealthCheck, NONE),
        "cross_zone_enabled": other_than(bool),
        "flow_stickiness": other_than(FlowStickiness),
        "flow_handling": other_than(FlowHandling, NONE),
        "tcp_idle_timeout": other_than(Duration, NONE)
        | st.integers(0, 59).map(Duration.seconds)
        | st.integers(6001, 10**9).map(Duration.seconds),
        "deletion_protection": other_than(bool, NONE),
        "deregistration_delay": other_than(Duration, NONE)
        | st.integers(3601, 10**9).map(Duration.seconds)
        | st.integers(0, 10**6).filter(lambda millis: millis % 1000).map(Duration.millis),
        "ip_address_type": other_than(elbv2.IpAddressType)
        | st.just(elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4),
    },
    TransitGatewayInspection: {
        "transit_gateway_id": NOT_STRINGS
        | st.text().filter(lambda text: not re.fullmatch("tgw-[0-9a-f]+", text))
        | st.just(LIST[0]),
        "endpoints": ANYTHING,
        "attachment_subnets": WRONG_SELECTIONS | st.none(),
        "nat_subnets": WRONG_SELECTIONS | st.none(),
        "spoke_cidrs": NOT_LISTS_OR_EMPTY
        | lists_of(
            NOT_STRINGS.filter(lambda value: value is not LIST)
            | st.text().filter(lambda text: not _is_cidr_block(text))
            | st.just("::/0")
        ),
    },
}
CONSTRUCTS = list(WRONG_OPTIONS)


def required_options(construct: type, scope: Construct) -> dict[str, Any]:
    """Return the required options of a construct."""
    vpc = existing_vpc(scope)  # type: ignore[arg-type]
    if construct is TransitGatewayInspection:
        return {
            "transit_gateway_id": "tgw-0123456789abcdef0",
            "endpoints": GatewayLoadBalancerEndpoints(scope, "Own", vpc=vpc, service=NAME),
            "attachment_subnets": ISOLATED,
            "nat_subnets": PRIVATE,
            "spoke_cidrs": ["10.128.0.0/9"],
        }
    return {"vpc": vpc} if construct is GatewayLoadBalancer else {"vpc": vpc, "service": NAME}


@pytest.mark.parametrize(
    ("construct", "option"),
    [(construct, option) for construct, options in WRONG_OPTIONS.items() for option in options],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
@given(data=st.data())
@FEWER_EXAMPLES
def test_a_wrong_option_of_a_construct_is_rejected(
    construct: type, option: str, data: st.DataObject
) -> None:
    wrong = data.draw(WRONG_OPTIONS[construct][option])
    stack = Stack(App(), "Stack")
    options = required_options(construct, stack)
    if wrong is _select_two_per_zone:
        wrong = _select_two_per_zone(options["vpc"])
    elif option == "service" and inspect.isfunction(wrong) and wrong.__qualname__[0] == "_":
        wrong = wrong(stack)
    assert_rejected(
        option,
        stack,
        "Stack/Consumer",
        lambda: construct(stack, "Consumer", **{**options, option: wrong}),
    )


WRONG_ROUTES: dict[str, st.SearchStrategy[Any]] = {
    "subnets": other_than(ec2.SubnetSelection, NONE)
    | st.sampled_from([ec2.SubnetSelection(subnets=[]), PRIVATE]),
    "destination": st.one_of(
        NOT_STRINGS.filter(lambda value: value is not LIST),
        st.text().filter(lambda text: not _is_cidr_block(text)),
        st.ip_addresses().map(str),
        st.sampled_from([LIST[0], PRIVATE, ec2.SubnetSelection(subnets=[])]),
    ),
    "return_path": st.one_of(
        NOT_NONE.filter(lambda value: not isinstance(value, str)),
        st.text(),
        st.sampled_from([None, LIST[0], PRIVATE, ec2.SubnetSelection(subnets=[])]),
    ),
}


@pytest.mark.parametrize("argument", WRONG_ROUTES)
@given(data=st.data())
@FEWER_EXAMPLES
def test_a_wrong_argument_of_routes_is_rejected(argument: str, data: st.DataObject) -> None:
    # GIVEN endpoints in private subnets
    wrong = data.draw(WRONG_ROUTES[argument])
    stack = Stack(App(), "Stack")
    endpoints = GatewayLoadBalancerEndpoints(
        stack, "Consumer", **required_options(GatewayLoadBalancerEndpoints, stack)
    )
    others: dict[str, Any] = {
        "subnets": ISOLATED,
        "destination": "0.0.0.0/0",
        "return_path": None if isinstance(wrong, ec2.SubnetSelection) else GATEWAY,
    }
    # THEN the error is for the wrong argument, and no route is created
    assert_rejected(
        argument,
        stack,
        "Stack/Consumer",
        lambda: endpoints.add_routes(**others | {argument: wrong}),
    )


@given(wrong=WRONG_TARGETS.filter(lambda values: values is not LIST), kind=st.booleans())
@FEWER_EXAMPLES
def test_wrong_targets_of_add_target_are_rejected(wrong: list[Any], kind: bool) -> None:
    stack = Stack(App(), "Stack")
    first: Any = targets.IpTarget("10.0.0.9")
    options: dict[str, Any] = {"targets": [first]} if kind else {}
    gateway = GatewayLoadBalancer(
        stack, "Consumer", **required_options(GatewayLoadBalancer, stack), **options
    )
    assert_rejected("targets", stack, "Stack/Consumer", lambda: gateway.add_target(*wrong))


@pytest.mark.parametrize("construct", CONSTRUCTS)
@given(wrong=WRONG_IDS)
@FEWER_EXAMPLES
def test_a_wrong_id_of_a_construct_is_rejected(construct: Any, wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    options = required_options(construct, stack)
    path = "Stack" if isinstance(wrong, str) else f"Stack/{wrong}"
    assert_rejected("id", stack, path, lambda: construct(stack, wrong, **options))


@pytest.mark.parametrize("construct", CONSTRUCTS)
@given(
    wrong=other_than(Construct)
    | st.builds(App)
    | st.builds(lambda: Stage(App(), "Stage"))
    | st.builds(lambda: Construct(App(), "Nowhere"))
)
@FEWER_EXAMPLES
def test_a_wrong_scope_of_a_construct_is_rejected(construct: Any, wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    options = required_options(construct, stack)
    prefix = f"{wrong.node.path}/" if isinstance(wrong, Construct) and wrong.node.path else ""
    assert_rejected(
        "scope", stack, f"{prefix}Consumer", lambda: construct(wrong, "Consumer", **options)
    )


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_an_id_of_a_construct_that_is_in_use_is_rejected(construct: Any) -> None:
    stack = Stack(App(), "Stack")
    options = required_options(construct, stack)
    Construct(stack, "Consumer")
    assert_rejected("id", stack, "Stack/Consumer", lambda: construct(stack, "Consumer", **options))


ENDPOINTS = [InterfaceEndpoint, GatewayLoadBalancerEndpoints]
WITH_METRICS = [*ENDPOINTS, GatewayLoadBalancer]


def _alias(endpoint: Any, **wrong: Any) -> None:
    stack = Stack.of(endpoint)
    zone = route53.PrivateHostedZone.from_private_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789", zone_name="services.internal"
    )
    endpoint.add_alias(**{"id": "Alias", "zone": zone, "record_name": "payments"} | wrong)


def _alarms(endpoint: Any, **wrong: Any) -> None:
    endpoint.add_packets_dropped_alarms(**{"id": "Dropped", "threshold": 1} | wrong)


def _notification(endpoint: Any, **wrong: Any) -> None:
    topic = sns.Topic.from_topic_arn(endpoint, "Topic", "arn:aws:sns:eu-west-1:111122223333:one")
    endpoint.add_connection_notification(**{"topic": topic, "events": None} | wrong)


def _host_alarms(gateway: Any, **wrong: Any) -> None:
    gateway.add_unhealthy_host_alarms(**{"id": "Unhealthy", "threshold": 1} | wrong)


def _allow_to(gateway: Any, **wrong: Any) -> None:
    gateway.allow_to(*wrong.values())


def _metric(endpoint: Any, **wrong: Any) -> None:
    endpoint.metric(**{"metric_name": "PacketsDropped"} | wrong)


WRONG_CALLS: dict[tuple[Any, str], tuple[Callable[..., None], st.SearchStrategy[Any]]] = {
    (InterfaceEndpoint, "id"): (_alias, WRONG_IDS),
    (InterfaceEndpoint, "zone"): (_alias, ANYTHING),
    (InterfaceEndpoint, "record_name"): (
        _alias,
        NOT_STRINGS.filter(lambda value: value is not None) | st.just(""),
    ),
    (InterfaceEndpoint, "topic"): (_notification, ANYTHING),
    (InterfaceEndpoint, "events"): (
        _notification,
        NOT_LISTS_OR_EMPTY | lists_of(other_than(ConnectionEvent)),
    ),
    **{(kind, "threshold"): (_alarms, THRESHOLD) for kind in ENDPOINTS},
    **{(kind, "metric_name"): (_metric, NOT_STRINGS | st.just("")) for kind in WITH_METRICS},
    (GatewayLoadBalancer, "threshold"): (_host_alarms, THRESHOLD),
    (GatewayLoadBalancer, "availability_zones"): (
        _host_alarms,
        NOT_LISTS_OR_EMPTY | lists_of(ANYTHING),
    ),
    (GatewayLoadBalancer, "appliances"): (_allow_to, ANYTHING),
}


@pytest.mark.parametrize(
    ("construct", "argument"),
    list(WRONG_CALLS),
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
@given(data=st.data())
@FEWER_EXAMPLES
def test_a_wrong_argument_of_a_method_is_rejected(
    construct: Any, argument: str, data: st.DataObject
) -> None:
    call, strategy = WRONG_CALLS[construct, argument]
    wrong = data.draw(strategy)
    stack = Stack(App(), "Stack")
    endpoint = construct(stack, "Consumer", **required_options(construct, stack))
    wrong_type = argument == "id" and not isinstance(wrong, str)
    path = f"Stack/Consumer/{wrong}" if wrong_type else "Stack/Consumer"
    assert_rejected(argument, stack, path, lambda: call(endpoint, **{argument: wrong}))


@pytest.mark.parametrize("construct", WITH_METRICS)
@pytest.mark.parametrize("option", METRIC_OPTIONS)
@given(data=st.data())
@FEWER_EXAMPLES
def test_a_wrong_option_of_a_metric_is_rejected(
    construct: Any, option: str, data: st.DataObject
) -> None:
    wrong = data.draw(METRIC_OPTIONS[option])
    stack = Stack(App(), "Stack", env=IRELAND)
    endpoint = construct(stack, "Consumer", **required_options(construct, stack))
    method = data.draw(st.sampled_from([each for each in dir(endpoint) if each[:7] == "metric_"]))
    create_metric = getattr(endpoint, method)
    assert_rejected("options", stack, "Stack/Consumer", lambda: create_metric(**{option: wrong}))


METRIC_METHODS = {
    "metric",
    "metric_active_connections",
    "metric_bytes_processed",
    "metric_new_connections",
    "metric_packets_dropped",
    "metric_rst_packets_received",
}
METHODS: dict[type, set[str]] = {
    InterfaceEndpoint: {
        "add_alias",
        "add_connection_notification",
        "add_packets_dropped_alarms",
        "add_to_policy",
        *METRIC_METHODS,
    },
    GatewayLoadBalancerEndpoints: {"add_packets_dropped_alarms", "add_routes", *METRIC_METHODS},
    GatewayLoadBalancer: {
        "add_target",
        "add_unhealthy_host_alarms",
        "allow_to",
        "apply_removal_policy",
        "metric",
        "metric_active_flow_count",
        "metric_consumed_lcus",
        "metric_healthy_host_count",
        "metric_new_flow_count",
        "metric_processed_bytes",
        "metric_rejected_flow_count",
        "metric_tcp_elb_reset_count",
        "metric_unhealthy_host_count",
    },
    TransitGatewayInspection: {"add_spoke"},
}


def test_all_options_and_methods_of_consumer_constructs_are_tested() -> None:
    for construct, wrong in WRONG_OPTIONS.items():
        parameters = inspect.signature(construct.__init__).parameters  # type: ignore[misc]
        assert set(wrong) == {
            name
            for name, parameter in parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }
        assert METHODS[construct] == {
            name
            for each in construct.__mro__
            if each.__module__.startswith("cdk_privatelink.")
            for name, member in vars(each).items()
            if not name.startswith("_") and inspect.isfunction(member)
        }
    arguments = inspect.signature(GatewayLoadBalancerEndpoints.add_routes).parameters
    assert set(arguments) == {"self", *WRONG_ROUTES}
