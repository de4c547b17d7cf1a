"""Services in other apps, stages and stacks do not affect each other, in any order."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import jsii
import pytest
from aws_cdk import (
    App,
    Aspects,
    CfnOutput,
    CfnWaitConditionHandle,
    Environment,
    Fn,
    IAspect,
    NestedStack,
    RemovalPolicies,
    Stack,
    Stage,
    Tags,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from constructs import Construct, IConstruct

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.networks import existing_vpc, resolve_reference
from tests.unit.templates import (
    GATEWAY_ARN,
    NOTIFICATION,
    PERMISSIONS,
    SERVICE,
    make_service,
    network_arn,
    resources_of,
    template_of,
)

ACCOUNT = "111122223333"
IRELAND, VIRGINIA = (
    Environment(account=ACCOUNT, region=region) for region in ("eu-west-1", "us-east-1")
)
FUNCTION = "AWS::Lambda::Function"
# The function of a stack, its role and its log group.
SHARED = 3
LOOKUP, DERIVED = ServiceNameSource.LOOKUP, ServiceNameSource.DERIVED


class Provider(Construct):
    """A construct of a user with every resource of a provider."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        zone = route53.PublicHostedZone.from_hosted_zone_id(self, "Zone", "Z0123456789")
        topic = sns.Topic(self, "Topic", master_key=kms.Key(self, "Key"))
        for source in ServiceNameSource:
            service = PrivateLinkEndpointService(
                self,
                source.name,
                load_balancers=LoadBalancers.network(network_arn(f"{id}-{source.value}")),
                private_dns=PrivateDns(f"{source.value}.example.com", hosted_zone=zone),
                service_name_source=source,
            )
            if source is LOOKUP:
                service.allow_principals(iam.AccountPrincipal(ACCOUNT))
            service.add_connection_notification(topic)
            service.add_rst_packets_sent_alarms(
                "Rst", threshold=1, availability_zones=["eu-west-1a"]
            )
            CfnOutput(service, "Name", value=service.service_name)


class Consumer(Construct):
    """A construct of a user with every resource of a consumer, in a separate VPC."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        gate, application = (
            ec2.SubnetConfiguration(name=name, subnet_type=kind)
            for name, kind in (
                ("Gate", ec2.SubnetType.PUBLIC),
                ("Application", ec2.SubnetType.PRIVATE_ISOLATED),
            )
        )
        vpc = ec2.Vpc(self, "Vpc", subnet_configuration=[gate, application])
        services = [
            PrivateLinkEndpointService(
                self, kind, load_balancers=balancers, allowed_principals=[iam.AnyPrincipal()]
            )
            for kind, balancers in (
                ("Network", LoadBalancers.network(network_arn(f"{id}-network"))),
                ("Gateway", LoadBalancers.gateway(GatewayLoadBalancer(self, "Gwlb", vpc=vpc))),
            )
        ]
        InterfaceEndpoint(self, "Endpoint", vpc=vpc, service=services[0])
        endpoints = GatewayLoadBalancerEndpoints(
            self,
            "Endpoints",
            vpc=vpc,
            service=services[1],
            subnets=ec2.SubnetSelection(subnet_group_name="Gate"),
        )
        inspected = ec2.SubnetSelection(subnet_group_name="Application")
        endpoints.add_routes(subnets=inspected, destination="0.0.0.0/0")
        # Tokens are in construct ids, too.
        endpoints.add_routes(subnets=inspected, destination=Fn.import_value("Destination"))
        endpoints.add_routes(
            subnets=inspected,
            destination="10.9.0.0/16",
            return_path=Fn.import_value(f"Gateway{id}"),
        )


def consumer_stack(
    *ids: str, scope: Construct | None = None, env: Environment | None = None
) -> Stack:
    """Create a stack with consumers. Default scope: a new app."""
    stack = Stack(scope or App(), "Offers", env=env)
    for each in ids:
        Consumer(stack, each)
    return stack


def provider_stack(
    *ids: str, scope: Construct | None = None, env: Environment | None = None
) -> Stack:
    """Create a stack with providers. Default scope: a new app."""
    stack = Stack(scope or App(), "Offers", env=env)
    for each in ids:
        Provider(stack, each)
    return stack


def test_apps_that_are_constructed_in_turns_do_not_affect_each_other() -> None:
    # GIVEN the templates of one provider and of two providers
    one, both = template_of(provider_stack("One")), template_of(provider_stack("One", "Two"))
    # WHEN three apps are constructed in turns, and one is synthesized in between
    first, second, third = provider_stack("One"), provider_stack("One"), provider_stack("One")
    Provider(first, "Two")
    assert template_of(first) == both
    Provider(second, "Two")
    # THEN no template contains resources of another app
    assert template_of(second) == both
    assert template_of(third) == one


def test_an_app_that_is_synthesized_twice_has_the_same_templates() -> None:
    app = App()
    stack = provider_stack("One", scope=app)
    Provider(NestedStack(stack, "Nested"), "One")
    provider_stack("One", scope=Stage(app, "Stage"))

    def files(*, force: bool) -> dict[str, str]:
        directory = Path(app.synth(force=force).directory)
        return {f"{path}": path.read_text() for path in directory.rglob("*.template.json")}

    once = files(force=False)
    assert len(once) == 3
    assert files(force=True) == once


@pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
def test_one_construct_has_the_same_template_in_every_stack_and_stage(
    env: Environment | None,
) -> None:
    app = App()
    test, production = Stage(app, "Test"), Stage(app, "Production", env=env)
    # The same ids in the app and in stages, and a path that looks like an id.
    scopes = [app, test, production, Stage(test, "Production"), Stage(app, "Test-Production")]
    stacks = [provider_stack("One", scope=scope, env=env) for scope in scopes]
    sibling = Stack(production, "Sibling", env=env)
    Provider(sibling, "One")
    expected = provider_stack("One", env=env)
    assert len(resources_of(expected, FUNCTION)) == 1
    for stack in [*stacks, sibling]:
        assert template_of(stack) == template_of(expected)


def test_consumers_in_apps_that_are_constructed_in_turns_do_not_affect_each_other() -> None:
    one, both = template_of(consumer_stack("One")), template_of(consumer_stack("One", "Two"))
    first, second, third = consumer_stack("One"), consumer_stack("One"), consumer_stack("One")
    for stack in (first, second):
        Consumer(stack, "Two")
    assert [template_of(stack) for stack in (first, second, third)] == [both, both, one]
    assert len(both["Resources"]) == 2 * len(one["Resources"]) - SHARED


def test_consumers_in_an_app_that_is_synthesized_twice_have_the_same_template() -> None:
    app = App()
    consumer_stack("One", scope=app)

    def synthesize(*, force: bool) -> str:
        directory = Path(app.synth(force=force).directory)
        return (directory / "Offers.template.json").read_text()

    assert synthesize(force=False) == synthesize(force=True)


def test_one_consumer_has_the_same_template_in_every_stack_and_stage() -> None:
    app = App()
    test, production = Stage(app, "Test"), Stage(app, "Production")
    scopes = [app, test, production, Stage(test, "Production"), Stage(app, "Test-Production")]
    stacks = [consumer_stack("One", scope=scope) for scope in scopes]
    sibling = Stack(production, "Sibling")
    Consumer(sibling, "One")
    expected = without_names(template_of(consumer_stack("One")))
    for stack in [*stacks, sibling]:
        assert without_names(template_of(stack)) == expected


def without_names(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template without the paths that the CDK adds to tags and descriptions."""
    found = copy.deepcopy(template)
    for resource in found["Resources"].values():
        for name in ("Tags", "GroupDescription"):
            resource.get("Properties", {}).pop(name, None)
    return found


def add_outputs(
    service: PrivateLinkEndpointService, reader: Stack, source: ServiceNameSource
) -> None:
    CfnOutput(reader, "Name", value=service.service_name)
    if source is LOOKUP:
        CfnOutput(reader, "Zones", value=Fn.join("|", service.availability_zone_ids))


def local_outputs(source: ServiceNameSource, region: str | None = None) -> dict[str, Any]:
    """Return the expected outputs in the stack of the service."""
    if source is LOOKUP:
        name, zones = (
            {"Fn::GetAtt": ["PaymentsServiceName33A27103", attribute]}
            for attribute in ("ServiceName", "AvailabilityZoneIds")
        )
        joined = {"Fn::Join": ["|", {"Fn::Split": [",", zones]}]}
        return {"Name": {"Value": name}, "Zones": {"Value": joined}}
    prefix = ["PrivateLinkServiceNamePrefix", {"Ref": "AWS::Partition"}, "Prefix"]
    prefix_parts: list[Any] = [{"Fn::FindInMap": prefix}, ".", {"Ref": "AWS::Region"}, "."]
    if region is not None:
        prefix_parts = [f"com.amazonaws.vpce.{region}."]
    return {"Name": {"Value": {"Fn::Join": ["", [*prefix_parts, {"Ref": "Payments130453D3"}]]}}}


def resolve_links(value: Any, links: Sequence[tuple[Any, Any]]) -> Any:
    """Return the value with each reference to another stack replaced by its target."""
    for reference, target in links:
        if value == reference:
            return target
    if isinstance(value, list):
        return [resolve_links(item, links) for item in value]
    if isinstance(value, dict):
        return {key: resolve_links(item, links) for key, item in value.items()}
    return value


@pytest.mark.parametrize("source", ServiceNameSource)
class TestCrossStackReferences:
    @pytest.mark.parametrize("definers", [["Inner"], ["Outer"], ["Inner", "Outer"]], ids=str)
    def test_a_service_can_be_used_across_nested_stacks(
        self, source: ServiceNameSource, definers: list[str]
    ) -> None:
        # GIVEN services in a nested stack, its parent or both, each used by the other stack
        outer = Stack(App(), "Outer")
        inner = NestedStack(outer, "Inner")
        stacks: dict[str, Stack] = {"Inner": inner, "Outer": outer}
        reader = {"Inner": "Outer", "Outer": "Inner"}
        for name in definers:
            service = make_service(stacks[name], service_name_source=source)
            add_outputs(service, stacks[reader[name]], source)
            CfnOutput(stacks[name], "Own", value=service.service_name)
        # THEN each output refers to the right service
        templates = {name: template_of(stack) for name, stack in stacks.items()}
        ((nested_id, nested),) = resources_of(outer, "AWS::CloudFormation::Stack").items()
        links = [
            ({"Ref": key}, value)
            for key, value in nested["Properties"].get("Parameters", {}).items()
        ] + [
            ({"Fn::GetAtt": [nested_id, f"Outputs.{key}"]}, output["Value"])
            for key, output in templates["Inner"].get("Outputs", {}).items()
        ]
        for name in definers:
            read = templates[reader[name]]["Outputs"]
            for key, output in local_outputs(source).items():
                assert read[key] != output
                assert resolve_links(read[key], links) == output
        # AND a stack contains only the function or mapping that it needs
        for name, stack in stacks.items():
            needs_function = name in definers and source is LOOKUP
            assert len(resources_of(stack, FUNCTION)) == needs_function
            assert ("Mappings" in templates[name]) == (source is DERIVED)

    def test_a_service_can_be_used_in_another_stack(self, source: ServiceNameSource) -> None:
        app = App()
        provider, consumer = (Stack(app, name, env=IRELAND) for name in ("Provider", "Consumer"))
        add_outputs(make_service(provider, service_name_source=source), consumer, source)
        links = [
            ({"Fn::ImportValue": output["Export"]["Name"]}, output["Value"])
            for output in template_of(provider)["Outputs"].values()
        ]
        assert resolve_links(template_of(consumer), links) == {
            "Outputs": local_outputs(source, "eu-west-1"),
            **template_of(Stack(App(), "Empty", env=IRELAND)),
        }

    def test_a_service_can_be_used_in_another_region(self, source: ServiceNameSource) -> None:
        app = App()
        provider, consumer = (
            Stack(app, f"{env.region}", env=env, cross_region_references=True)
            for env in (IRELAND, VIRGINIA)
        )
        add_outputs(make_service(provider, service_name_source=source), consumer, source)
        # Not linted: the CDK defines the custom resources that export the values.
        source_template, target_template = (
            Template.from_stack(provider),
            Template.from_stack(consumer),
        )
        (writer,) = source_template.find_resources("Custom::CrossRegionExportWriter").values()
        ((reader_id, _),) = target_template.find_resources(
            "Custom::CrossRegionExportReader"
        ).items()
        links = [
            ({"Fn::GetAtt": [reader_id, key]}, value)
            for key, value in writer["Properties"]["WriterProps"]["exports"].items()
        ]
        read = target_template.to_json()
        assert resolve_links(read["Outputs"], links) == local_outputs(source, "eu-west-1")
        assert "Mappings" not in read
        assert [key for key in read["Resources"] if key.startswith("PrivateLink")] == []


@jsii.implements(IAspect)
class VisitingAspect:
    """An aspect that calls a function with each construct."""

    def __init__(self, visit: Callable[[IConstruct], None]) -> None:
        self._visit = visit

    def visit(self, node: IConstruct) -> None:
        self._visit(node)


class TestAspects:
    def test_aspects_change_the_resources_of_this_library(self) -> None:
        def override(node: IConstruct) -> None:
            if isinstance(node, lambda_.CfnFunction):
                node.add_property_override("MemorySize", 512)
                node.add_property_override("Runtime", "python3.14")

        # GIVEN tags, a removal policy, a permissions boundary and overrides for the whole app
        app = App()
        arn = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
        boundaries = Stack(app, "Boundaries")
        boundary = iam.ManagedPolicy.from_managed_policy_arn(boundaries, "Boundary", arn)
        Tags.of(app).add("Team", "payments")
        RemovalPolicies.of(app).retain()
        iam.PermissionsBoundary.of(app).apply(boundary)
        Aspects.of(app).add(cast(IAspect, VisitingAspect(override)))
        # THEN the template differs by these changes only
        changes: dict[str, dict[str, Any]] = {
            "AWS::IAM::Role": {"PermissionsBoundary": arn},
            FUNCTION: {"MemorySize": 512, "Runtime": "python3.14"},
            **{
                f"AWS::{kind}": {}
                for kind in ("CloudWatch::Alarm", "KMS::Key", "Logs::LogGroup", "SNS::Topic")
            },
            SERVICE: {},
        }
        expected = copy.deepcopy(template_of(provider_stack("One")))
        for resource in expected["Resources"].values():
            resource.update(DeletionPolicy="Retain", UpdateReplacePolicy="Retain")
            if (change := changes.get(resource["Type"])) is not None:
                tags = [{"Key": "Team", "Value": "payments"}]
                resource["Properties"] = resource.get("Properties", {}) | change | {"Tags": tags}
        assert template_of(provider_stack("One", scope=app)) == expected

    def test_an_aspect_can_add_principals_and_resources(self) -> None:
        def add(node: IConstruct) -> None:
            if isinstance(node, PrivateLinkEndpointService):
                node.allow_principals(iam.AccountPrincipal("444455556666"))
                if node.node.try_find_child("Handle") is None:
                    CfnWaitConditionHandle(node, "Handle")

        # GIVEN one stack with direct changes, and one with the same changes by an aspect
        at_once, app = provider_stack("One"), App()
        for node in at_once.node.find_all():
            add(node)
        late = provider_stack("One", scope=app)
        Aspects.of(app).add(cast(IAspect, VisitingAspect(add)))
        # THEN their templates are the same, even after a synthesis
        assert template_of(late) == template_of(at_once)
        app.synth(force=True)
        assert template_of(late) == template_of(at_once)
        added = resources_of(late, PERMISSIONS).values()
        assert [len(each["Properties"]["AllowedPrincipals"]) for each in added] == [2, 1]


def payments(stack: Stack) -> PrivateLinkEndpointService:
    """Return the service, or create it for the first step."""
    found = stack.node.try_find_child("Payments")
    return cast(PrivateLinkEndpointService, found) if found else make_service(stack)


def allow_and_alarm(stack: Stack) -> None:
    payments(stack).allow_principals(iam.AccountPrincipal(ACCOUNT))
    payments(stack).add_rst_packets_sent_alarms(
        "Rst", threshold=1, availability_zones=["eu-west-1a"]
    )


class TestOrder:
    """Logical ids and resources do not depend on the order of construction."""

    def test_the_order_of_construction_does_not_change_the_template(self) -> None:
        steps: list[Callable[[Stack], object]] = [
            lambda stack: Provider(stack, "Offer"),
            lambda stack: payments(stack).add_connection_notification(sns.Topic(stack, "Topic")),
            lambda stack: payments(stack).add_connection_notification(
                sns.Topic(Stack(App.of(stack), "Topics"), "Topic")
            ),
            allow_and_alarm,
        ]
        templates: list[dict[str, Any]] = []
        for ordered in itertools.permutations(steps):
            stack = Stack(App(), "Stack")
            for step in ordered:
                step(stack)
            # All templates equal the first one, which is linted.
            templates.append(
                dict(Template.from_stack(stack).to_json()) if templates else template_of(stack)
            )
        assert len(templates[0]["Resources"]) == 28
        assert [template for template in templates if template != templates[0]] == []

    def test_the_order_of_construction_does_not_change_the_template_of_consumers(self) -> None:
        def vpc(stack: Stack) -> ec2.IVpc:
            found = stack.node.try_find_child("Vpc")
            return cast(ec2.IVpc, found) if found else existing_vpc(stack)

        def endpoints(stack: Stack, id: str) -> GatewayLoadBalancerEndpoints:
            found = GatewayLoadBalancerEndpoints(stack, id, vpc=vpc(stack), service=service(stack))
            found.add_routes(
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                destination=f"10.{len(id)}.0.0/16",
                return_path=f"igw-0000000{len(id)}",
            )
            return found

        def service(stack: Stack) -> PrivateLinkEndpointService:
            found = stack.node.try_find_child("Gateway")
            balancers = LoadBalancers.gateway(GATEWAY_ARN)
            return cast(
                PrivateLinkEndpointService,
                found or make_service(stack, "Gateway", load_balancers=balancers),
            )

        steps: list[Callable[[Stack], object]] = [
            lambda stack: endpoints(stack, "One"),
            lambda stack: endpoints(stack, "Other"),
            lambda stack: service(stack).allow_principals(iam.AccountPrincipal(ACCOUNT)),
            lambda stack: InterfaceEndpoint(
                stack, "Endpoint", vpc=vpc(stack), service=payments(stack)
            ),
        ]
        templates: list[dict[str, Any]] = []
        for ordered in itertools.permutations(steps):
            stack = Stack(App(), "Stack")
            for step in ordered:
                step(stack)
            templates.append(
                dict(Template.from_stack(stack).to_json()) if templates else template_of(stack)
            )
        dependencies = [
            resolve_reference(each.get("DependsOn", []))
            for each in templates[0]["Resources"].values()
        ]
        assert dependencies.count(["GatewayPermissions"]) == 4
        assert [template for template in templates if template != templates[0]] == []

    def test_the_order_of_list_elements_does_not_change_logical_ids(self) -> None:
        steps: list[Callable[[Stack, sns.Topic], object]] = [
            lambda stack, topic: payments(stack).add_connection_notification(topic),
            lambda stack, topic: make_service(stack, "Other").add_connection_notification(topic),
            lambda stack, _: payments(stack).allow_principals(iam.AccountPrincipal(ACCOUNT)),
            lambda stack, _: payments(stack).allow_principals(iam.AnyPrincipal()),
        ]
        ids = set()
        for ordered in itertools.permutations(steps):
            stack = Stack(App(), "Stack")
            topic = sns.Topic(stack, "Topic")
            for step in ordered:
                step(stack, topic)
            ids.add(frozenset(template_of(stack)["Resources"]))
        assert len(ids) == 1


class TestIds:
    def test_topics_of_similar_paths_have_notifications_of_their_own(self, stack: Stack) -> None:
        topics = [sns.Topic(Construct(stack, "One"), "Topic"), sns.Topic(stack, "One--Topic")]
        service = make_service(stack)
        for topic in topics:
            service.add_connection_notification(topic)
        notified = resources_of(stack, NOTIFICATION).values()
        assert [each["Properties"]["ConnectionNotificationArn"] for each in notified] == [
            stack.resolve(topic.topic_arn) for topic in topics
        ]

    def test_an_id_of_this_library_that_is_in_use_is_rejected(self, stack: Stack) -> None:
        id_in_use = "PrivateLinkCustomResources"
        CfnWaitConditionHandle(stack, id_in_use)
        zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        with pytest.raises(PrivateLinkValueError) as error:
            make_service(stack, private_dns=PrivateDns("example.com", hosted_zone=zone))
        assert str(error.value) == (
            f"`scope` must keep the ids of this library free, got `Stack/{id_in_use}`; give "
            "that construct another id, or use another stack if another copy of this library "
            "created it  [Stack/Payments]"
        )
        assert list(template_of(stack)["Resources"]) == [id_in_use]

    def test_an_id_of_the_mapping_that_is_in_use_is_rejected_at_synthesis(
        self, stack: Stack
    ) -> None:
        CfnWaitConditionHandle(stack, "PrivateLinkServiceNamePrefix")
        add_outputs(make_service(stack, service_name_source=DERIVED), stack, DERIVED)
        problem = "must keep the ids of this library free, got `Stack/PrivateLinkServiceNamePrefix`"
        with pytest.raises(RuntimeError, match=problem):
            template_of(stack)
