"""Whatever is invalid is refused in the words of this library, before there is any resource."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from enum import EnumMeta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aws_cdk import (
    App,
    CfnResource,
    Duration,
    Environment,
    Intrinsic,
    RemovalPolicy,
    Stack,
    Stage,
    Token,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from cdk_privatelink import (
    ConnectionEvent,
    LoadBalancers,
    MetricOptions,
    PayerResponsibility,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.properties import values
from tests.unit.templates import APPLICATION_ARN, GATEWAY_ARN, NETWORK_ARN, make_service

MESSAGE = re.compile(r"`(?P<argument>\w+)[\w.\[\]]*` .+, got .+; .+  \[(?P<path>.*)\]", re.DOTALL)
LIST = Token.as_list({"Ref": "Something"})
RESOLVABLE = Token.as_any({"Ref": "Something"})
# What someone may pass by mistake: of another type, a class for an instance, a thing for its name.
THINGS: list[Any] = [
    object(),
    SimpleNamespace(load_balancer_arn=None, topic_arn=None, hosted_zone_id=None),
    lambda: None,
    int,
    Construct,
    Intrinsic,
    Path("a"),
    math.inf,
    -math.inf,
    math.nan,
    "\ud800",
    "a\0b",
    Stack(App(), "Foreign"),
    Duration.minutes(1),
    RemovalPolicy.SNAPSHOT,
    ec2.IpAddressType.IPV4,
    ec2.IpAddressType,
    elbv2.NetworkLoadBalancer,
    elbv2.IpAddressType.IPV4,
    iam.Role,
    iam.ServicePrincipal("ec2.amazonaws.com"),
    route53.HostedZone,
    sns.Topic,
    LoadBalancers.network(NETWORK_ARN),
    LoadBalancers,
    PrivateDns("example.com"),
    PrivateDns,
    *ConnectionEvent,
    ConnectionEvent,
    *PayerResponsibility,
    *ServiceNameSource,
    RESOLVABLE,
    LIST,
]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(),
    st.binary(min_size=1, max_size=10),
    st.datetimes(),
    st.sampled_from(THINGS),
    st.lists(st.integers() | st.text(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), min_size=1, max_size=2),
)


def no(*kinds: type) -> st.SearchStrategy[Any]:
    """Anything of other types than these."""
    return ANYTHING.filter(lambda value: not isinstance(value, kinds))


def lists_with(wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Lists with something wrong in them."""
    return st.lists(wrong, min_size=1, max_size=3)


NO_STRING = no(str)
SOMETHING = ANYTHING.filter(lambda value: value is not None)
# A list, and even a class of an enumeration, is a list of something.
NO_LIST = no(list, dict, EnumMeta, type(None))
NO_LIST_OR_EMPTY: st.SearchStrategy[Any] = NO_LIST | st.sampled_from([[], (), {}])
NO_FLAG = no(bool, Intrinsic).filter(lambda value: value is not RESOLVABLE)
LONG = st.text("a", min_size=257, max_size=300)
NO_DOMAIN_NAME = NO_STRING | st.text().filter(lambda text: "." not in text) | st.just("A.com")
WRONG_DNS = st.one_of(
    no(PrivateDns, type(None)),
    NO_DOMAIN_NAME.map(PrivateDns),
    SOMETHING.map(lambda zone: PrivateDns("example.com", hosted_zone=zone)),
)
NO_LOAD_BALANCERS = st.one_of(
    no(LoadBalancers),
    st.just(LoadBalancers.network()),
    ANYTHING.map(LoadBalancers.network),
    ANYTHING.map(LoadBalancers.gateway),
    st.sampled_from([GATEWAY_ARN, APPLICATION_ARN]).map(LoadBalancers.network),
    st.sampled_from([NETWORK_ARN, APPLICATION_ARN]).map(LoadBalancers.gateway),
)
WRONG_PRINCIPALS = st.one_of(
    ANYTHING,
    st.text().map(iam.ArnPrincipal),
    st.text("0123456789", max_size=11).map(iam.AccountPrincipal),
)
WRONG_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "load_balancers": NO_LOAD_BALANCERS,
    "allowed_principals": NO_LIST | lists_with(WRONG_PRINCIPALS),
    "allowed_regions": NO_LIST_OR_EMPTY | lists_with(ANYTHING),
    "acceptance_required": NO_FLAG,
    "contributor_insights": NO_FLAG.filter(lambda value: value is not None),
    "private_dns": WRONG_DNS,
    "supported_ip_address_types": NO_LIST_OR_EMPTY | lists_with(no(ec2.IpAddressType)),
    "payer_responsibility": no(PayerResponsibility, type(None)),
    "service_name_source": no(ServiceNameSource),
}


def resources(scope: Construct) -> list[str]:
    found = scope.node.root.node.find_all()
    return [each.node.path for each in found if isinstance(each, CfnResource)]


def refused(argument: str, scope: Construct, path: str, act: Callable[[], object]) -> None:
    """Check that nothing is done, and that it is told well."""
    before = resources(scope)
    with pytest.raises((PrivateLinkValueError, PrivateLinkTypeError)) as error:
        act()
    assert resources(scope) == before
    message = MESSAGE.fullmatch(f"{error.value}")
    assert message, f"{error.value}"
    assert (message["argument"], message["path"]) == (argument, path)


@pytest.mark.parametrize("option", WRONG_OPTIONS)
@given(data=st.data())
def test_options(option: str, data: st.DataObject) -> None:
    # GIVEN something wrong for one option, and what is right for others
    wrong = data.draw(WRONG_OPTIONS[option])
    others = data.draw(values.NETWORK)
    others.pop(option, None)
    stack = Stack(App(), "Stack")
    given = {name: make(Construct(stack, name)) for name, make in others.items()}
    # THEN that one is told
    refused(
        option, stack, "Stack/Payments", lambda: make_service(stack, **given, **{option: wrong})
    )


WRONG_IDS = NO_STRING | st.sampled_from(["", "${Token[TOKEN.1]}", "a${Token[TOKEN.1]}", LIST[0]])


@given(wrong=WRONG_IDS, of=st.sampled_from(["", "from_service_id", "from_service_name"]))
def test_ids(wrong: Any, of: str) -> None:
    stack = Stack(App(), "Stack")
    path = "Stack" if isinstance(wrong, str) else f"Stack/{wrong}"
    refused("id", stack, path, lambda: make_one(of, stack, wrong))


def make_one(of: str, scope: Any, id: Any) -> object:
    if of:
        return getattr(PrivateLinkEndpointService, of)(scope, id, "vpce-svc-0123456789abcdef0")
    return make_service(scope, id)


@given(
    wrong=no(Construct)
    | st.builds(App)
    | st.builds(lambda: Stage(App(), "Stage"))
    | st.builds(lambda: Construct(App(), "Nowhere")),
    of=st.sampled_from(["", "from_service_id", "from_service_name"]),
)
def test_scopes(wrong: Any, of: str) -> None:
    within = f"{wrong.node.path}/" if isinstance(wrong, Construct) and wrong.node.path else ""
    refused("scope", Stack(), f"{within}Payments", lambda: make_one(of, wrong, "Payments"))


@pytest.mark.parametrize("of", ["", "from_service_id", "from_service_name"])
def test_an_id_that_is_taken(of: str) -> None:
    stack = Stack(App(), "Stack")
    Construct(stack, "Payments")
    refused("id", stack, "Stack/Payments", lambda: make_one(of, stack, "Payments"))


@given(wrong=NO_STRING | st.text(), of=st.sampled_from(["service_id", "service_name"]))
def test_imports(wrong: Any, of: str) -> None:
    stack = Stack(App(), "Stack")
    take = getattr(PrivateLinkEndpointService, f"from_{of}")
    refused(of, stack, "Stack/Payments", lambda: take(stack, "Payments", wrong))


METRIC_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("account", "color", "id", "label", "region", "stack_account", "stack_region", "statistic"),
        no(str, type(None)),
    ),
    "dimensions_map": no(dict, type(None)) | st.sampled_from([{"Az": 1}, {1: "a"}, {"Az": ""}]),
    "period": no(Duration, type(None)) | st.just(Duration.seconds(7)),
    "unit": no(cloudwatch.Unit, type(None)),
    "visible": no(bool, type(None)),
    "Period": ANYTHING,
}
CALLS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "allow_principals": ("principals", WRONG_PRINCIPALS.map(lambda wrong: ([wrong], {}))),
    "add_connection_notification": ("topic", ANYTHING.map(lambda wrong: ([wrong], {}))),
    "verify_private_dns": ("after", no(Construct).map(lambda wrong: ([wrong], {}))),
    "apply_removal_policy": (
        "policy",
        (no(RemovalPolicy) | st.just(RemovalPolicy.SNAPSHOT)).map(lambda wrong: ([wrong], {})),
    ),
    "metric": ("metric_name", (NO_STRING | st.just("")).map(lambda wrong: ([wrong], {}))),
}


def a_service(stack: Stack) -> PrivateLinkEndpointService:
    return make_service(stack, private_dns=PrivateDns("payments.example.com"))


@pytest.mark.parametrize("method", CALLS)
@given(data=st.data())
def test_methods(method: str, data: st.DataObject) -> None:
    argument, calls = CALLS[method]
    arguments, options = data.draw(calls)
    stack = Stack(App(), "Stack")
    call = getattr(a_service(stack), method)
    refused(argument, stack, "Stack/Payments", lambda: call(*arguments, **options))


@given(wrong=NO_LIST_OR_EMPTY | lists_with(no(ConnectionEvent)))
def test_events(wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    service, topic = a_service(stack), sns.Topic(stack, "Topic")
    refused(
        "events",
        stack,
        "Stack/Payments",
        lambda: service.add_connection_notification(topic, events=wrong),
    )


THRESHOLD = st.one_of(
    no(int, float),
    st.booleans(),
    st.integers(max_value=-1),
    st.floats(-1e9, -1e-9),
    st.sampled_from([math.inf, -math.inf, math.nan, 10**400]),
)
ALARMS: dict[str, st.SearchStrategy[Any]] = {
    "id": WRONG_IDS,
    "threshold": THRESHOLD,
    # The zones of a load balancer that is only known by its ARN have to be given.
    "availability_zones": st.none() | NO_LIST_OR_EMPTY | lists_with(ANYTHING),
}


@pytest.mark.parametrize("argument", ALARMS)
@given(data=st.data())
def test_alarms(argument: str, data: st.DataObject) -> None:
    right: dict[str, Any] = {"id": "Rst", "threshold": 1, "availability_zones": ["eu-west-1a"]}
    wrong = data.draw(ALARMS[argument])
    stack = Stack(App(), "Stack")
    service = a_service(stack)
    no_string = argument == "id" and not isinstance(wrong, str)
    path = f"Stack/Payments/{wrong}" if no_string else "Stack/Payments"
    refused(
        argument,
        stack,
        path,
        lambda: service.add_rst_packets_sent_alarms(**right | {argument: wrong}),
    )


METRICS = [name for name in dir(PrivateLinkEndpointService) if name.startswith("metric_")]


@pytest.mark.parametrize("option", METRIC_OPTIONS)
@given(data=st.data(), method=st.sampled_from(METRICS))
def test_metrics(option: str, data: st.DataObject, method: str) -> None:
    wrong = data.draw(METRIC_OPTIONS[option])
    stack = Stack(App(), "Stack", env=Environment(account="111122223333", region="eu-west-1"))
    measure = getattr(a_service(stack), method)
    refused("options", stack, "Stack/Payments", lambda: measure(**{option: wrong}))


TAKEN: dict[str, tuple[str, Callable[[PrivateLinkEndpointService, Stack], object]]] = {
    "Permissions": (
        "scope",
        lambda service, _: service.allow_principals(iam.AnyPrincipal()),
    ),
    "Notification--Topic": (
        "scope",
        lambda service, stack: service.add_connection_notification(stack.node.find_child("Topic")),  # type: ignore
    ),
    "PrivateDnsVerification": (
        "scope",
        lambda service, _: service.verify_private_dns(),
    ),
}


def test_nothing_is_left_out() -> None:
    options = inspect.signature(PrivateLinkEndpointService.__init__).parameters
    keywords = {name for name in options if options[name].kind is inspect.Parameter.KEYWORD_ONLY}
    assert keywords == set(WRONG_OPTIONS)
    methods = {
        name
        for name, member in vars(PrivateLinkEndpointService).items()
        if not name.startswith("_") and inspect.isfunction(member)
    }
    assert methods == set(CALLS) - {"metric"} | {"add_rst_packets_sent_alarms"}
    assert set(MetricOptions.__annotations__) == set(METRIC_OPTIONS) - {"Period"}


@pytest.mark.parametrize("id", TAKEN)
def test_ids_that_are_taken_within_a_service(id: str) -> None:
    stack = Stack(App(), "Stack")
    service, _ = a_service(stack), sns.Topic(stack, "Topic")
    Construct(service, id)
    argument, act = TAKEN[id]
    refused(argument, stack, "Stack/Payments", lambda: act(service, stack))
