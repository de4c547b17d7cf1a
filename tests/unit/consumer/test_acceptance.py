"""Endpoints whose connections their own stack accepts."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from aws_cdk import App, CfnParameter, Duration, Environment, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from cdk_privatelink import (
    ConnectionManager,
    ConnectionRule,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateDns,
    PrivateLinkEndpointService,
    PrivateLinkValueError,
)
from tests.unit.networks import (
    ACCOUNT,
    ENDPOINT,
    IRELAND,
    NAME,
    VIRGINIA,
    catch_error,
    existing_vpc,
    find_unlinted,
    group,
    vpc_of,
)
from tests.unit.templates import (
    GATEWAY_ARN,
    NETWORK_ARN,
    make_service,
    only,
    resources_of,
    template_of,
)

ACCEPTANCE, POLICY, ROUTE = "Custom::PrivateLinkAcceptance", "AWS::IAM::Policy", "AWS::EC2::Route"
FUNCTION = "AWS::Lambda::Function"
OTHER_ACCOUNT = "444455556666"
SERVICE_ID = NAME.rpartition(".")[2]


def connect(stack: Stack, service: Any = None, id: str = "Endpoint", **options: Any) -> Any:
    return InterfaceEndpoint(
        stack,
        id,
        vpc=options.pop("vpc", None) or existing_vpc(stack, f"{id}Vpc"),
        service=service or make_service(stack),
        auto_accept=True,
        **options,
    )


def with_private_dns(stack: Stack, **options: Any) -> PrivateLinkEndpointService:
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    private_dns = PrivateDns("payments.example.com", hosted_zone=zone)
    return make_service(stack, private_dns=private_dns, **options)


def statements_of(stack: Stack, policy: str) -> list[dict[str, Any]]:
    """Return the statements of the policy whose logical id begins with a text."""
    ((_, found),) = [
        (key, each) for key, each in resources_of(stack, POLICY).items() if key.startswith(policy)
    ]
    return list(found["Properties"]["PolicyDocument"]["Statement"])


class TestAcceptance:
    def test_the_custom_resource_accepts_the_endpoint_of_the_service(self, stack: Stack) -> None:
        service = make_service(stack)
        connect(stack, service)
        ((endpoint_id, _),) = resources_of(stack, ENDPOINT).items()
        properties = only(stack, ACCEPTANCE)["Properties"]
        assert properties["ServiceId"] == stack.resolve(service.service_id)
        assert properties["ServiceRegion"] == {"Ref": "AWS::Region"}
        assert properties["VpcEndpointIds"] == [{"Ref": endpoint_id}]
        assert properties["ServiceTimeout"] == "1920"
        assert "PrivateDnsEnabled" not in properties
        assert only(stack, FUNCTION)["Properties"]["Timeout"] == 900

    def test_without_the_option_there_is_none_of_it(self, stack: Stack) -> None:
        service = make_service(stack)
        InterfaceEndpoint(stack, "Endpoint", vpc=existing_vpc(stack), service=service)
        assert resources_of(stack, ACCEPTANCE) == {}
        code = only(stack, FUNCTION)["Properties"]["Code"]["ZipFile"]
        assert "_accept" not in code

    def test_the_code_is_one_module_without_imports_of_this_library(self, stack: Stack) -> None:
        connect(stack)
        connect(stack, id="Other", service=make_service(stack, "Orders"))
        code = only(stack, FUNCTION)["Properties"]["Code"]["ZipFile"]
        assert code.count("def _accept(") == 1
        assert "cdk_privatelink" not in code
        compile(code, "index.py", "exec")

    def test_a_service_is_imported_by_its_name(self, stack: Stack) -> None:
        connect(stack, NAME)
        properties = only(stack, ACCEPTANCE)["Properties"]
        assert properties["ServiceId"] == SERVICE_ID

    def test_a_service_of_the_cdk_is_accepted(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack))
        service = ec2.VpcEndpointService(
            stack,
            "Service",
            vpc_endpoint_service_load_balancers=[cast(ec2.IVpcEndpointServiceLoadBalancer, nlb)],
        )
        connect(stack, service)
        # cfn-lint finds a dependency on the service that the name implies.
        (acceptance,) = find_unlinted(stack, ACCEPTANCE).values()
        properties = acceptance["Properties"]
        assert properties["ServiceId"] == stack.resolve(service.vpc_endpoint_service_id)

    def test_a_change_of_the_endpoint_repeats_the_acceptance(self) -> None:
        def properties(**options: Any) -> Any:
            stack = Stack(App(), "Stack")
            endpoint = connect(stack, NAME, **options)
            if options:
                Tags.of(endpoint).add("team", "payments")
            return only(stack, ACCEPTANCE)["Properties"]["Properties"]

        stack = Stack(App(), "Other")
        security_group = ec2.SecurityGroup.from_security_group_id(
            stack, "Group", "sg-0123456789abcdef0"
        )
        changed = properties(open=False, security_groups=[security_group])
        assert changed != properties()
        assert "payments" in json.dumps(changed)

    def test_a_token_as_the_name_passes(self, stack: Stack) -> None:
        connect(stack, CfnParameter(stack, "Name").value_as_string)
        assert only(stack, ACCEPTANCE)

    def test_dependents_of_the_endpoint_wait_for_the_acceptance(self, stack: Stack) -> None:
        endpoint = connect(stack)
        record = ec2.CfnVPC(stack, "Dependent", cidr_block="10.0.0.0/16")
        record.node.add_dependency(endpoint)
        ((acceptance_id, _),) = resources_of(stack, ACCEPTANCE).items()
        assert acceptance_id in only(stack, "AWS::EC2::VPC")["DependsOn"]


class TestOtherRegion:
    def test_the_connection_is_accepted_in_the_region_of_the_service(self) -> None:
        app = App()
        provider = Stack(app, "Provider", env=IRELAND)
        consumer = Stack(app, "Consumer", env=VIRGINIA, cross_region_references=True)
        service = make_service(provider, allowed_regions=["us-east-1"])
        connect(consumer, service)
        template = Template.from_stack(consumer)
        (acceptance,) = template.find_resources(ACCEPTANCE).values()
        assert acceptance["Properties"]["ServiceRegion"] == "eu-west-1"
        policies = template.find_resources(POLICY)
        (policy,) = [each for key, each in policies.items() if key.startswith("Endpoint")]
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Action"] == [
            "ec2:AcceptVpcEndpointConnections",
            "vpce:AllowMultiRegion",
        ]
        assert f":ec2:eu-west-1:{ACCOUNT}:vpc-endpoint-service/" in json.dumps(statement)


class TestPrivateDns:
    def test_the_name_is_enabled_after_the_acceptance(self, stack: Stack) -> None:
        connect(stack, with_private_dns(stack))
        assert only(stack, ACCEPTANCE)["Properties"]["PrivateDnsEnabled"] is True
        # CloudFormation neither enables the name too early, nor disables it later.
        assert "PrivateDnsEnabled" not in only(stack, ENDPOINT)["Properties"]
        pattern = Match.string_like_regexp("EC2 rejects an endpoint")
        assert Annotations.from_stack(stack).find_warning("*", pattern) == []

    def test_the_name_can_be_left_out(self, stack: Stack) -> None:
        connect(stack, with_private_dns(stack), private_dns_enabled=False)
        assert "PrivateDnsEnabled" not in only(stack, ACCEPTANCE)["Properties"]
        assert only(stack, ENDPOINT)["Properties"]["PrivateDnsEnabled"] is False

    def test_a_name_of_an_imported_service_can_be_enabled(self, stack: Stack) -> None:
        connect(stack, NAME, private_dns_enabled=True)
        assert only(stack, ACCEPTANCE)["Properties"]["PrivateDnsEnabled"] is True

    def test_a_name_that_is_not_verified_is_left_out(self, stack: Stack) -> None:
        service = make_service(stack, private_dns=PrivateDns("payments.example.com"))
        connect(stack, service)
        assert "PrivateDnsEnabled" not in only(stack, ACCEPTANCE)["Properties"]


class TestPermissions:
    def test_only_this_connection_can_be_accepted(self, stack: Stack) -> None:
        service = make_service(stack)
        connect(stack, service)
        assert statements_of(stack, "Endpoint") == [
            {
                "Action": "ec2:AcceptVpcEndpointConnections",
                "Effect": "Allow",
                "Resource": stack.resolve(service.service_arn),
            }
        ]
        assert statements_of(stack, "PrivateLinkCustomResourcesAcceptance") == [
            {
                "Action": ["ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"],
                "Effect": "Allow",
                "Resource": "*",
            }
        ]

    def test_private_dns_needs_the_endpoint_and_a_hosted_zone_of_its_vpc(
        self, stack: Stack
    ) -> None:
        endpoint = connect(stack, with_private_dns(stack), vpc=existing_vpc(stack))
        _, modify, associate = statements_of(stack, "Endpoint")
        assert modify["Action"] == "ec2:ModifyVpcEndpoint"
        assert json.dumps(stack.resolve(endpoint.vpc_endpoint_id)) in json.dumps(modify["Resource"])
        assert associate["Action"] == "route53:AssociateVPCWithHostedZone"
        assert "VPCId=vpc-0123456789abcdef0,VPCRegion=" in json.dumps(associate["Condition"])

    def test_the_acceptance_waits_for_its_permissions(self, stack: Stack) -> None:
        connect(stack)
        needed = only(stack, ACCEPTANCE)["DependsOn"]
        assert needed == sorted(resources_of(stack, POLICY))


class TestGatewayLoadBalancerEndpoints:
    def inspect(self, stack: Stack, **options: Any) -> GatewayLoadBalancerEndpoints:
        vpc = vpc_of(
            stack,
            Inspection=ec2.SubnetType.PUBLIC,
            Application=ec2.SubnetType.PRIVATE_ISOLATED,
        )
        endpoints = GatewayLoadBalancerEndpoints(
            stack,
            "Endpoints",
            vpc=vpc,
            service=make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN)),
            subnets=group("Inspection"),
            **options,
        )
        endpoints.add_routes(subnets=group("Application"), destination="0.0.0.0/0")
        return endpoints

    def warnings_of(self, stack: Stack) -> int:
        pattern = Match.string_like_regexp("EC2 rejects routes")
        return len(Annotations.from_stack(stack).find_warning("*", pattern))

    def test_one_custom_resource_accepts_all_endpoints(self, stack: Stack) -> None:
        endpoints = self.inspect(stack, auto_accept=True)
        properties = only(stack, ACCEPTANCE)["Properties"]
        assert properties["VpcEndpointIds"] == stack.resolve(endpoints.vpc_endpoint_ids)
        assert len(properties["VpcEndpointIds"]) == 2

    def test_every_route_waits_for_the_acceptance(self, stack: Stack) -> None:
        self.inspect(stack, auto_accept=True)
        ((acceptance_id, _),) = resources_of(stack, ACCEPTANCE).items()
        routes = [
            each
            for each in resources_of(stack, ROUTE).values()
            if "VpcEndpointId" in each["Properties"]
        ]
        assert len(routes) == 4
        assert all(acceptance_id in each["DependsOn"] for each in routes)

    def test_only_routes_without_acceptance_are_a_warning(self, stack: Stack) -> None:
        self.inspect(stack, auto_accept=True)
        assert self.warnings_of(stack) == 0
        other = Stack(App(), "Other")
        self.inspect(other)
        assert self.warnings_of(other) == 1


class TestManager:
    def manage(self, stack: Stack, service: Any, *accept: ConnectionRule, **options: Any) -> None:
        options.setdefault("disconnect_unmatched_after", Duration.days(30))
        ConnectionManager(stack, "Manager", service=service, accept=[*accept], **options)

    @pytest.fixture
    def stacks(self) -> tuple[Stack, Stack]:
        app = App()
        return Stack(app, "Provider", env=IRELAND), Stack(app, "Consumer", env=IRELAND)

    @pytest.mark.parametrize("is_late", [False, True])
    def test_an_endpoint_that_the_manager_would_disconnect_is_an_error(
        self, stacks: tuple[Stack, Stack], is_late: bool
    ) -> None:
        provider, consumer = stacks
        service = make_service(provider)
        rule = ConnectionRule.accounts(OTHER_ACCOUNT)
        if is_late:
            self.manage(provider, service, rule)
        connect(consumer, service)
        if not is_late:
            self.manage(provider, service, rule)
        with pytest.raises(RuntimeError) as error:
            template_of(provider)
        assert (
            "`accept` must match each endpoint with `auto_accept=True`, or the manager disconnects "
            f"it, got no rule for `Consumer/Endpoint` in {ACCOUNT}, eu-west-1; add the account and "
            "Region to a rule, or leave out `disconnect_unmatched_after`  [Provider/Manager]"
        ) in f"{error.value}"

    @pytest.mark.parametrize(
        ("rule", "options"),
        [
            (ConnectionRule.accounts(ACCOUNT), {}),
            (ConnectionRule.accounts(iam.AccountPrincipal(ACCOUNT), regions=["eu-west-1"]), {}),
            (ConnectionRule.everyone(), {}),
            (ConnectionRule.accounts(OTHER_ACCOUNT), {"disconnect_unmatched_after": None}),
            (ConnectionRule.accounts(OTHER_ACCOUNT), {"dry_run": True}),
        ],
    )
    def test_a_rule_or_a_manager_that_keeps_connections_is_none(
        self, stacks: tuple[Stack, Stack], rule: ConnectionRule, options: dict[str, Any]
    ) -> None:
        provider, consumer = stacks
        service = make_service(provider)
        self.manage(provider, service, rule, **options)
        connect(consumer, service)
        assert template_of(provider)

    def test_a_rule_of_another_region_is_an_error(self, stacks: tuple[Stack, Stack]) -> None:
        provider, consumer = stacks
        service = make_service(provider)
        self.manage(provider, service, ConnectionRule.everyone(regions=["us-east-1"]))
        connect(consumer, service)
        with pytest.raises(RuntimeError, match="must match each endpoint"):
            template_of(provider)

    def test_unknown_accounts_pass(self, stack: Stack) -> None:
        service = make_service(stack)
        self.manage(stack, service, ConnectionRule.accounts(OTHER_ACCOUNT))
        connect(stack, service)
        assert template_of(stack)

    def test_an_import_by_name_is_the_same_service(self) -> None:
        stack = Stack(App(), "Stack", env=IRELAND)
        imported = PrivateLinkEndpointService.from_service_id(stack, "Imported", SERVICE_ID)
        self.manage(stack, imported, ConnectionRule.accounts(OTHER_ACCOUNT))
        connect(stack, NAME)
        with pytest.raises(RuntimeError, match="must match each endpoint"):
            template_of(stack)


class TestRejected:
    def test_a_service_of_another_account_is_accepted_by_its_owner(self) -> None:
        app = App()
        provider = Stack(
            app, "Provider", env=Environment(account=OTHER_ACCOUNT, region="eu-west-1")
        )
        consumer = Stack(app, "Consumer", env=IRELAND)
        service = make_service(
            provider,
            load_balancers=LoadBalancers.network(NETWORK_ARN.replace(ACCOUNT, OTHER_ACCOUNT)),
            allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
        )
        vpc = existing_vpc(consumer)
        message = catch_error(
            consumer, PrivateLinkValueError, lambda: connect(consumer, service, vpc=vpc)
        )
        assert message == (
            "`auto_accept` must not be `True` for a service of another account, whose owner has "
            f"to accept, got `Provider/Payments in {OTHER_ACCOUNT}`; leave it out, and let a "
            "`ConnectionManager` of the service accept by rule  [Consumer/Endpoint]"
        )

    def test_more_endpoints_than_the_role_has_room_for(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        for number in range(11):
            connect(stack, NAME, f"E{number}", vpc=vpc, private_dns_enabled=number == 0)
        characters = sum(
            len(json.dumps(each["Properties"]["PolicyDocument"], separators=(",", ":")))
            for each in Template.from_stack(stack).find_resources(POLICY).values()
        )
        assert characters < 10_240
