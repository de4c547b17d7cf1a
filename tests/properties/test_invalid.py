"""Invalid arguments of the provider raise an error of this library and add no resource."""

from __future__ import annotations

import inspect
import math
import re
import string
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
from tests.properties import strategies
from tests.unit.templates import APPLICATION_ARN, GATEWAY_ARN, NETWORK_ARN, make_service

MESSAGE = re.compile(r"`(?P<argument>\w+)[\w.\[\]]*` .+, got .+; .+  \[(?P<path>.*)\]", re.DOTALL)
LIST = Token.as_list({"Ref": "Something"})
RESOLVABLE = Token.as_any({"Ref": "Something"})
# Values passed by mistake: of another type, a class, or a construct instead of a name.
OBJECTS: list[Any] = [
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
    iam.OrganizationPrincipal("o-1234567890"),
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
    st.sampled_from(OBJECTS),
    st.lists(st.integers() | st.text(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), min_size=1, max_size=2),
)


def other_than(*resource_types: type) -> st.SearchStrategy[Any]:
    """Return a strategy for values that are not instances of the types."""
    return ANYTHING.filter(lambda value: not isinstance(value, resource_types))


def lists_of(wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Return a strategy for lists of wrong values."""
    return st.lists(wrong, min_size=1, max_size=3)


NOT_STRINGS = other_than(str)
NOT_NONE = ANYTHING.filter(lambda value: value is not None)
# The class of an enumeration is iterable, too.
NOT_LISTS = other_than(list, dict, EnumMeta, type(None))
NOT_LISTS_OR_EMPTY: st.SearchStrategy[Any] = NOT_LISTS | st.sampled_from([[], (), {}])
NOT_FLAGS = other_than(bool, Intrinsic).filter(lambda value: value is not RESOLVABLE)
LONG_TEXTS = st.text("a", min_size=257, max_size=300)
NOT_DOMAIN_NAMES = NOT_STRINGS | st.text().filter(lambda text: "." not in text) | st.just("A.com")
WRONG_DNS = st.one_of(
    other_than(PrivateDns, type(None)),
    NOT_DOMAIN_NAMES.map(PrivateDns),
    NOT_NONE.map(lambda zone: PrivateDns("example.com", hosted_zone=zone)),
)
WRONG_LOAD_BALANCERS = st.one_of(
    other_than(LoadBalancers),
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
NOT_PARAMETERS = NOT_STRINGS | st.text(
    st.characters(exclude_characters=string.ascii_letters + string.digits + "_.-")
)
WRONG_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "load_balancers": WRONG_LOAD_BALANCERS,
    "allowed_principals": NOT_LISTS | lists_of(WRONG_PRINCIPALS),
    "allowed_regions": NOT_LISTS_OR_EMPTY | lists_of(ANYTHING),
    "acceptance_required": NOT_FLAGS,
    "contributor_insights": NOT_FLAGS.filter(lambda value: value is not None),
    "private_dns": WRONG_DNS,
    "supported_ip_address_types": NOT_LISTS_OR_EMPTY | lists_of(other_than(ec2.IpAddressType)),
    "payer_responsibility": other_than(PayerResponsibility, type(None)),
    "follow_availability_zones": other_than(bool) | st.just(True),
    "service_name_source": other_than(ServiceNameSource),
}


def resources(scope: Construct) -> list[str]:
    constructs = scope.node.root.node.find_all()
    return [each.node.path for each in constructs if isinstance(each, CfnResource)]


def assert_rejected(argument: str, scope: Construct, path: str, call: Callable[[], object]) -> None:
    """Assert that the call raises an error with argument, fix and path, and adds no resource."""
    before = resources(scope)
    with pytest.raises((PrivateLinkValueError, PrivateLinkTypeError)) as error:
        call()
    assert resources(scope) == before
    message = MESSAGE.fullmatch(f"{error.value}")
    assert message, f"{error.value}"
    assert (message["argument"], message["path"]) == (argument, path)


@pytest.mark.parametrize("option", WRONG_OPTIONS)
@given(data=st.data())
def test_a_wrong_option_of_a_service_is_rejected(option: str, data: st.DataObject) -> None:
    # GIVEN a wrong value for one option, and valid values for others
    wrong = data.draw(WRONG_OPTIONS[option])
    others = data.draw(strategies.NETWORK)
    others.pop(option, None)
    stack = Stack(App(), "Stack")
    given = {name: make(Construct(stack, name)) for name, make in others.items()}
    # THEN the error is for the wrong option
    assert_rejected(
        option, stack, "Stack/Payments", lambda: make_service(stack, **given, **{option: wrong})
    )


WRONG_IDS = NOT_STRINGS | st.sampled_from(["", "${Token[TOKEN.1]}", "a${Token[TOKEN.1]}", LIST[0]])


@given(wrong=WRONG_IDS, method=st.sampled_from(["", "from_service_id", "from_service_name"]))
def test_a_wrong_id_is_rejected(wrong: Any, method: str) -> None:
    stack = Stack(App(), "Stack")
    path = "Stack" if isinstance(wrong, str) else f"Stack/{wrong}"
    assert_rejected("id", stack, path, lambda: create_service(method, stack, wrong))


def create_service(method: str, scope: Any, id: Any) -> object:
    if method:
        return getattr(PrivateLinkEndpointService, method)(scope, id, "vpce-svc-0123456789abcdef0")
    return make_service(scope, id)


@given(
    wrong=other_than(Construct)
    | st.builds(App)
    | st.builds(lambda: Stage(App(), "Stage"))
    | st.builds(lambda: Construct(App(), "Nowhere")),
    method=st.sampled_from(["", "from_service_id", "from_service_name"]),
)
def test_a_wrong_scope_is_rejected(wrong: Any, method: str) -> None:
    prefix = f"{wrong.node.path}/" if isinstance(wrong, Construct) and wrong.node.path else ""
    assert_rejected(
        "scope", Stack(), f"{prefix}Payments", lambda: create_service(method, wrong, "Payments")
    )


@pytest.mark.parametrize("method", ["", "from_service_id", "from_service_name"])
def test_an_id_that_is_in_use_is_rejected(method: str) -> None:
    stack = Stack(App(), "Stack")
    Construct(stack, "Payments")
    assert_rejected(
        "id", stack, "Stack/Payments", lambda: create_service(method, stack, "Payments")
    )


@given(wrong=NOT_STRINGS | st.text(), method=st.sampled_from(["service_id", "service_name"]))
def test_a_wrong_id_or_name_of_an_imported_service_is_rejected(wrong: Any, method: str) -> None:
    stack = Stack(App(), "Stack")
    import_service = getattr(PrivateLinkEndpointService, f"from_{method}")
    assert_rejected(
        method, stack, "Stack/Payments", lambda: import_service(stack, "Payments", wrong)
    )


@given(
    wrong=NOT_PARAMETERS
    | st.sampled_from(["a/b", "a:1", "arn:aws:ssm:eu-west-1:111122223333:document/a", LIST[0]])
    | st.just("${Token[TOKEN.1]}")
)
def test_a_wrong_parameter_of_an_imported_service_is_rejected(wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    assert_rejected(
        "parameter",
        stack,
        "Stack/Payments",
        lambda: PrivateLinkEndpointService.from_parameter(stack, "Payments", wrong),
    )


METRIC_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("account", "color", "id", "label", "region", "stack_account", "stack_region", "statistic"),
        other_than(str, type(None)),
    ),
    "dimensions_map": other_than(dict, type(None))
    | st.sampled_from([{"Az": 1}, {1: "a"}, {"Az": ""}]),
    "period": other_than(Duration, type(None)) | st.just(Duration.seconds(7)),
    "unit": other_than(cloudwatch.Unit, type(None)),
    "visible": other_than(bool, type(None)),
    "Period": ANYTHING,
}
CALLS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "allow_principals": ("principals", WRONG_PRINCIPALS.map(lambda wrong: ([wrong], {}))),
    "add_connection_notification": ("topic", ANYTHING.map(lambda wrong: ([wrong], {}))),
    "verify_private_dns": ("after", other_than(Construct).map(lambda wrong: ([wrong], {}))),
    "apply_removal_policy": (
        "policy",
        (other_than(RemovalPolicy) | st.just(RemovalPolicy.SNAPSHOT)).map(
            lambda wrong: ([wrong], {})
        ),
    ),
    "keep_logical_ids": (
        "former_path",
        (NOT_STRINGS | st.sampled_from(["", "/", "a/", "/a", "a//b"])).map(
            lambda wrong: ([wrong], {})
        ),
    ),
    "metric": ("metric_name", (NOT_STRINGS | st.just("")).map(lambda wrong: ([wrong], {}))),
}


def create_default_service(stack: Stack) -> PrivateLinkEndpointService:
    return make_service(stack, private_dns=PrivateDns("payments.example.com"))


@pytest.mark.parametrize("method", CALLS)
@given(data=st.data())
def test_a_wrong_argument_of_a_method_is_rejected(method: str, data: st.DataObject) -> None:
    argument, calls = CALLS[method]
    arguments, options = data.draw(calls)
    stack = Stack(App(), "Stack")
    call = getattr(create_default_service(stack), method)
    assert_rejected(argument, stack, "Stack/Payments", lambda: call(*arguments, **options))


@given(wrong=NOT_LISTS_OR_EMPTY | lists_of(other_than(ConnectionEvent)))
def test_wrong_events_are_rejected(wrong: Any) -> None:
    stack = Stack(App(), "Stack")
    service, topic = create_default_service(stack), sns.Topic(stack, "Topic")
    assert_rejected(
        "events",
        stack,
        "Stack/Payments",
        lambda: service.add_connection_notification(topic, events=wrong),
    )


PUBLISHING: dict[str, st.SearchStrategy[Any]] = {
    "id": WRONG_IDS,
    "parameter_name": NOT_PARAMETERS | st.sampled_from(["a/b", "/aws/a", "ssm", "a" * 1000]),
    "share_with": NOT_LISTS
    | lists_of(
        st.one_of(
            NOT_STRINGS,
            st.text().map(iam.ArnPrincipal),
            st.text(string.digits, max_size=11),
            st.just(iam.AnyPrincipal()),
        )
    ),
}


@pytest.mark.parametrize("argument", PUBLISHING)
@given(data=st.data())
def test_a_wrong_argument_of_publish_is_rejected(argument: str, data: st.DataObject) -> None:
    valid: dict[str, Any] = {"id": "Consumers", "parameter_name": "payments"}
    wrong = data.draw(PUBLISHING[argument])
    stack = Stack(App(), "Stack")
    service = create_default_service(stack)
    wrong_type = argument == "id" and not isinstance(wrong, str)
    path = f"Stack/Payments/{wrong}" if wrong_type else "Stack/Payments"
    assert_rejected(argument, stack, path, lambda: service.publish(**valid | {argument: wrong}))


THRESHOLD = st.one_of(
    other_than(int, float),
    st.booleans(),
    st.integers(max_value=-1),
    st.floats(-1e9, -1e-9),
    st.sampled_from([math.inf, -math.inf, math.nan, 10**400]),
)
ALARMS: dict[str, st.SearchStrategy[Any]] = {
    "id": WRONG_IDS,
    "threshold": THRESHOLD,
    # The load balancer is imported by its ARN, so the zones are required.
    "availability_zones": st.none() | NOT_LISTS_OR_EMPTY | lists_of(ANYTHING),
}


@pytest.mark.parametrize("argument", ALARMS)
@given(data=st.data())
def test_a_wrong_argument_of_alarms_is_rejected(argument: str, data: st.DataObject) -> None:
    valid: dict[str, Any] = {"id": "Rst", "threshold": 1, "availability_zones": ["eu-west-1a"]}
    wrong = data.draw(ALARMS[argument])
    stack = Stack(App(), "Stack")
    service = create_default_service(stack)
    wrong_type = argument == "id" and not isinstance(wrong, str)
    path = f"Stack/Payments/{wrong}" if wrong_type else "Stack/Payments"
    assert_rejected(
        argument,
        stack,
        path,
        lambda: service.add_rst_packets_sent_alarms(**valid | {argument: wrong}),
    )


METRICS = [name for name in dir(PrivateLinkEndpointService) if name.startswith("metric_")]


@pytest.mark.parametrize("option", METRIC_OPTIONS)
@given(data=st.data(), method=st.sampled_from(METRICS))
def test_a_wrong_option_of_a_metric_is_rejected(
    option: str, data: st.DataObject, method: str
) -> None:
    wrong = data.draw(METRIC_OPTIONS[option])
    stack = Stack(App(), "Stack", env=Environment(account="111122223333", region="eu-west-1"))
    create_metric = getattr(create_default_service(stack), method)
    assert_rejected("options", stack, "Stack/Payments", lambda: create_metric(**{option: wrong}))


IDS_IN_USE: dict[str, tuple[str, Callable[[PrivateLinkEndpointService, Stack], object]]] = {
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
    "Draining": ("scope", lambda service, _: service.reject_connections_on_delete()),
    "Published": (
        "scope",
        lambda service, _: service.publish("Consumers", parameter_name="payments"),
    ),
}


def test_all_options_and_methods_of_the_service_are_tested() -> None:
    options = inspect.signature(PrivateLinkEndpointService.__init__).parameters
    keywords = {name for name in options if options[name].kind is inspect.Parameter.KEYWORD_ONLY}
    assert keywords == set(WRONG_OPTIONS)
    methods = {
        name
        for name, member in vars(PrivateLinkEndpointService).items()
        if not name.startswith("_") and inspect.isfunction(member)
    }
    others = {"add_rst_packets_sent_alarms", "publish", "reject_connections_on_delete"}
    assert methods == set(CALLS) - {"metric"} | others
    assert set(MetricOptions.__annotations__) == set(METRIC_OPTIONS) - {"Period"}


@pytest.mark.parametrize("id", IDS_IN_USE)
def test_an_id_that_is_in_use_within_a_service_is_rejected(id: str) -> None:
    stack = Stack(App(), "Stack")
    service, _ = create_default_service(stack), sns.Topic(stack, "Topic")
    Construct(service, id)
    argument, call = IDS_IN_USE[id]
    assert_rejected(argument, stack, "Stack/Payments", lambda: call(service, stack))
