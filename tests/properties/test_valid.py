"""Whatever is valid synthesises, to a template in which cfn-lint finds nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from aws_cdk import (
    App,
    CfnOutput,
    Duration,
    Environment,
    Fn,
    NestedStack,
    RemovalPolicy,
    Stack,
    Stage,
    Tags,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from cdk_privatelink import (
    PrivateLinkEndpointService,
    ServiceNameSource,
)
from tests.linter import findings
from tests.properties import values

IRELAND = Environment(account="111122223333", region="eu-west-1")


def _stage(app: App) -> Stack:
    return Stack(Stage(app, "Stage", env=IRELAND), "Stack")


PLACES: list[Callable[[App], Construct]] = [
    lambda app: Stack(app, "Stack"),
    lambda app: Stack(app, "Stack", env=IRELAND),
    lambda app: Construct(Stack(app, "Stack"), "Construct"),
    lambda app: NestedStack(Stack(app, "Stack"), "Nested"),
    _stage,
]


def check(app: App) -> list[dict[str, Any]]:
    """Synthesise everything, and lint every template."""
    stacks = [each for each in app.node.find_all() if isinstance(each, Stack)]
    templates = [dict(Template.from_stack(each).to_json()) for each in stacks]
    for template in templates:
        if "Resources" in template:
            found = findings(json.dumps(template, ensure_ascii=False))
            assert found == []
    return templates


def make(scope: Construct, id: str, options: dict[str, values.Make]) -> PrivateLinkEndpointService:
    """A service with the options, and what they need beside it."""
    beside = Construct(Stack.of(scope), "Beside")
    made = {name: build(Construct(beside, name)) for name, build in options.items()}
    return PrivateLinkEndpointService(scope, id, **made)


def kinds(templates: list[dict[str, Any]]) -> list[str]:
    return [each["Type"] for found in templates for each in found.get("Resources", {}).values()]


@given(place=st.sampled_from(PLACES), id=values.IDS, options=values.OPTIONS)
def test_options(
    place: Callable[[App], Construct], id: str, options: dict[str, values.Make]
) -> None:
    app = App()
    service = make(place(app), id, options)
    CfnOutput(service, "Id", value=service.service_id)
    CfnOutput(service, "Arn", value=service.service_arn)
    CfnOutput(service, "Name", value=service.service_name)
    looks_up = "service_name_source" not in options or (
        options["service_name_source"](app) is ServiceNameSource.LOOKUP
    )
    if looks_up:
        CfnOutput(service, "Zones", value=Fn.join(",", service.availability_zone_ids))
    found = kinds(check(app))
    assert found.count("AWS::EC2::VPCEndpointService") == 1
    assert found.count("Custom::PrivateLinkServiceName") == looks_up
    assert found.count("AWS::EC2::VPCEndpointServicePermissions") <= 1


Step = Callable[[PrivateLinkEndpointService, Construct], object]
"""Something to do with a service, with a construct to make things in."""


def _notify(topic: values.Make, events: Any) -> Step:
    return lambda service, scope: service.add_connection_notification(topic(scope), events=events)


def _allow(principals: list[values.Make]) -> Step:
    return lambda service, scope: service.allow_principals(*values.together(principals)(scope))


def _alarm(threshold: Any, zones: Any) -> Step:
    return lambda service, scope: service.add_rst_packets_sent_alarms(
        scope.node.id, threshold=threshold, availability_zones=zones
    )


def _measure(name: str, options: dict[str, Any]) -> Step:
    return lambda service, scope: show(scope, getattr(service, name)(**options))


def show(scope: Construct, metric: cloudwatch.Metric) -> None:
    """Put the metric into a template."""
    graph = cloudwatch.GraphWidget(left=[cast(cloudwatch.IMetric, metric)])
    cloudwatch.Dashboard(scope, "Dashboard", widgets=[[cast(cloudwatch.IWidget, graph)]])


METRICS = [name for name in dir(PrivateLinkEndpointService) if name.startswith("metric_")]
METRIC_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "color": st.just("#ff8800"),
        "dimensions_map": st.sampled_from([{}, {"Az": "eu-west-1a"}]),
        "label": values.TEXTS.filter(bool),
        "period": st.sampled_from([60, 300, 3600]).map(Duration.seconds),
        "statistic": st.sampled_from(["Sum", "Average", "p99"]),
        "unit": st.sampled_from(cloudwatch.Unit),
    },
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(_allow, st.lists(values.PRINCIPALS, max_size=3)),
    st.builds(_notify, values.TOPICS, values.EVENTS),
    st.builds(_alarm, values.THRESHOLDS, values.ZONES),
    st.builds(_measure, st.sampled_from(METRICS), METRIC_OPTIONS),
    st.sampled_from([policy for policy in RemovalPolicy if policy.name != "SNAPSHOT"]).map(
        lambda policy: lambda service, _: service.apply_removal_policy(policy)
    ),
    st.just(lambda service, _: Tags.of(service).add("team", "payments")),
)


@given(
    place=st.sampled_from(PLACES),
    options=values.NETWORK,
    steps=st.lists(STEPS, max_size=6),
)
def test_what_is_done_with_a_service(
    place: Callable[[App], Construct], options: dict[str, values.Make], steps: list[Step]
) -> None:
    app = App()
    scope = place(app)
    service = make(scope, "Service", options)
    for number, step in enumerate(steps):
        step(service, Construct(Stack.of(scope), f"Step{number}"))
    check(app)


IMPORTED = [
    ("from_service_id", "vpce-svc-0123456789abcdef0"),
    ("from_service_name", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"),
    ("from_service_name", "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0123456789abcdef0"),
]


@given(
    place=st.sampled_from(PLACES),
    kind=st.sampled_from(IMPORTED),
    token=st.none() | st.sampled_from(values.TOKENS),
    id=values.IDS,
    metric=st.sampled_from(METRICS),
    options=METRIC_OPTIONS,
)
def test_imported_services(
    place: Callable[[App], Construct],
    kind: tuple[str, str],
    token: values.Make | None,
    id: str,
    metric: str,
    options: dict[str, Any],
) -> None:
    app = App()
    scope, (method, literal) = place(app), kind
    beside = Construct(Stack.of(scope), "Beside")
    value = literal if token is None else token(beside)
    service = getattr(PrivateLinkEndpointService, method)(scope, id, value)
    ec2.CfnVPCEndpoint(
        beside, "Endpoint", vpc_id="vpc-0123456789abcdef0", service_name=service.service_name
    )
    ssm.CfnParameter(beside, "Arn", type="String", value=service.service_arn)
    show(beside, getattr(service, metric)(**options))
    check(app)
