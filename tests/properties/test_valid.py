"""Valid arguments of the provider synthesize to a template without findings of cfn-lint."""

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
from tests.properties import strategies

IRELAND = Environment(account="111122223333", region="eu-west-1")


def _stage(app: App) -> Stack:
    return Stack(Stage(app, "Stage", env=IRELAND), "Stack")


SCOPES: list[Callable[[App], Construct]] = [
    lambda app: Stack(app, "Stack"),
    lambda app: Stack(app, "Stack", env=IRELAND),
    lambda app: Construct(Stack(app, "Stack"), "Construct"),
    lambda app: NestedStack(Stack(app, "Stack"), "Nested"),
    _stage,
]


def lint_templates(app: App) -> list[dict[str, Any]]:
    """Return the templates of all stacks after cfn-lint has checked them."""
    stacks = [each for each in app.node.find_all() if isinstance(each, Stack)]
    templates = [dict(Template.from_stack(each).to_json()) for each in stacks]
    for template in templates:
        if "Resources" in template:
            found = findings(json.dumps(template, ensure_ascii=False))
            assert found == []
    return templates


def create_service(
    scope: Construct, id: str, options: dict[str, strategies.Factory]
) -> PrivateLinkEndpointService:
    """Create a service with the options, and their constructs in the same stack."""
    siblings = Construct(Stack.of(scope), "Siblings")
    created = {name: build(Construct(siblings, name)) for name, build in options.items()}
    return PrivateLinkEndpointService(scope, id, **created)


def resource_types(templates: list[dict[str, Any]]) -> list[str]:
    return [each["Type"] for found in templates for each in found.get("Resources", {}).values()]


@given(create_scope=st.sampled_from(SCOPES), id=strategies.IDS, options=strategies.OPTIONS)
def test_every_valid_set_of_service_options_synthesizes(
    create_scope: Callable[[App], Construct], id: str, options: dict[str, strategies.Factory]
) -> None:
    app = App()
    service = create_service(create_scope(app), id, options)
    CfnOutput(service, "Id", value=service.service_id)
    CfnOutput(service, "Arn", value=service.service_arn)
    CfnOutput(service, "Name", value=service.service_name)
    has_lookup = "service_name_source" not in options or (
        options["service_name_source"](app) is ServiceNameSource.LOOKUP
    )
    if has_lookup:
        CfnOutput(service, "Zones", value=Fn.join(",", service.availability_zone_ids))
    found = resource_types(lint_templates(app))
    assert found.count("AWS::EC2::VPCEndpointService") == 1
    assert found.count("Custom::PrivateLinkServiceName") == has_lookup
    assert found.count("AWS::EC2::VPCEndpointServicePermissions") <= 1


Step = Callable[[PrivateLinkEndpointService, Construct], object]
"""An operation on a service, with a scope for new constructs."""


def _notify(topic: strategies.Factory, events: Any) -> Step:
    return lambda service, scope: service.add_connection_notification(topic(scope), events=events)


def _allow(principals: list[strategies.Factory]) -> Step:
    return lambda service, scope: service.allow_principals(*strategies.combine(principals)(scope))


def _publish(name: strategies.Factory, principals: list[strategies.Factory]) -> Step:
    return lambda service, scope: service.publish(
        scope.node.id,
        parameter_name=name(Construct(scope, "Name")),
        share_with=strategies.combine(principals)(scope),
    )


def _alarm(threshold: Any, zones: Any) -> Step:
    return lambda service, scope: service.add_rst_packets_sent_alarms(
        scope.node.id, threshold=threshold, availability_zones=zones
    )


def _create_metric(name: str, options: dict[str, Any]) -> Step:
    return lambda service, scope: add_dashboard(scope, getattr(service, name)(**options))


def add_dashboard(scope: Construct, metric: cloudwatch.Metric) -> None:
    """Create a dashboard with the metric."""
    graph = cloudwatch.GraphWidget(left=[cast(cloudwatch.IMetric, metric)])
    cloudwatch.Dashboard(scope, "Dashboard", widgets=[[cast(cloudwatch.IWidget, graph)]])


METRICS = [name for name in dir(PrivateLinkEndpointService) if name.startswith("metric_")]
METRIC_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "color": st.just("#ff8800"),
        "dimensions_map": st.sampled_from([{}, {"Az": "eu-west-1a"}]),
        "label": strategies.TEXTS.filter(bool),
        "period": st.sampled_from([60, 300, 3600]).map(Duration.seconds),
        "statistic": st.sampled_from(["Sum", "Average", "p99"]),
        "unit": st.sampled_from(cloudwatch.Unit),
    },
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(_allow, st.lists(strategies.PRINCIPALS, max_size=3)),
    st.builds(_notify, strategies.TOPICS, strategies.EVENTS),
    st.builds(
        _publish,
        strategies.PARAMETER_NAMES,
        st.lists(strategies.SHARE_PRINCIPALS, max_size=3),
    ),
    st.builds(_alarm, strategies.THRESHOLDS, strategies.ZONES),
    st.builds(_create_metric, st.sampled_from(METRICS), METRIC_OPTIONS),
    st.sampled_from([policy for policy in RemovalPolicy if policy.name != "SNAPSHOT"]).map(
        lambda policy: lambda service, _: service.apply_removal_policy(policy)
    ),
    st.just(lambda service, _: Tags.of(service).add("team", "payments")),
    st.just(lambda service, _: service.reject_connections_on_delete()),
)


@given(
    create_scope=st.sampled_from(SCOPES),
    options=strategies.NETWORK,
    steps=st.lists(STEPS, max_size=6),
)
def test_every_sequence_of_method_calls_synthesizes(
    create_scope: Callable[[App], Construct],
    options: dict[str, strategies.Factory],
    steps: list[Step],
) -> None:
    app = App()
    scope = create_scope(app)
    service = create_service(scope, "Service", options)
    for number, step in enumerate(steps):
        step(service, Construct(Stack.of(scope), f"Step{number}"))
    lint_templates(app)


IMPORTS = [
    ("from_service_id", "vpce-svc-0123456789abcdef0"),
    ("from_service_name", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"),
    ("from_service_name", "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0123456789abcdef0"),
]


@given(
    create_scope=st.sampled_from(SCOPES),
    kind=st.sampled_from(IMPORTS),
    token=st.none() | st.sampled_from(strategies.TOKENS),
    id=strategies.IDS,
    metric=st.sampled_from(METRICS),
    options=METRIC_OPTIONS,
)
def test_every_imported_service_synthesizes(
    create_scope: Callable[[App], Construct],
    kind: tuple[str, str],
    token: strategies.Factory | None,
    id: str,
    metric: str,
    options: dict[str, Any],
) -> None:
    app = App()
    scope, (method, literal) = create_scope(app), kind
    siblings = Construct(Stack.of(scope), "Siblings")
    value = literal if token is None else token(siblings)
    service = getattr(PrivateLinkEndpointService, method)(scope, id, value)
    ec2.CfnVPCEndpoint(
        siblings, "Endpoint", vpc_id="vpc-0123456789abcdef0", service_name=service.service_name
    )
    ssm.CfnParameter(siblings, "Arn", type="String", value=service.service_arn)
    add_dashboard(siblings, getattr(service, metric)(**options))
    lint_templates(app)


@given(
    create_scope=st.sampled_from(SCOPES),
    id=strategies.IDS,
    name=strategies.EXISTING_PARAMETERS,
    is_arn=st.booleans(),
)
def test_every_published_service_synthesizes(
    create_scope: Callable[[App], Construct], id: str, name: str, is_arn: bool
) -> None:
    app = App()
    scope = create_scope(app)
    arn = f"arn:aws:ssm:eu-west-1:111122223333:parameter/{name.removeprefix('/')}"
    service = PrivateLinkEndpointService.from_parameter(scope, id, arn if is_arn else name)
    siblings = Construct(Stack.of(scope), "Siblings")
    ec2.CfnVPCEndpoint(
        siblings, "Endpoint", vpc_id="vpc-0123456789abcdef0", service_name=service.service_name
    )
    CfnOutput(siblings, "Zones", value=Fn.join(",", service.availability_zone_ids))
    CfnOutput(siblings, "Region", value=Fn.select(0, service.allowed_regions))
    CfnOutput(siblings, "Domain", value=service.private_dns_name)
    lint_templates(app)
