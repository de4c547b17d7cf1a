"""The scenarios for both editions, with the API that both have.

``python -m tests.construct_hub.scenarios`` prints the outcomes of the edition that is first on the
path, as JSON.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias, cast

import jsii
from aws_cdk import (
    App,
    Aws,
    CfnCondition,
    CfnMapping,
    CfnOutput,
    CfnParameter,
    Duration,
    Environment,
    Fn,
    LegacyStackSynthesizer,
    NestedStack,
    RemovalPolicy,
    Stack,
    Stage,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from cdk_privatelink import (
    ConnectionEvent,
    IGatewayLoadBalancer,
    LoadBalancers,
    PayerResponsibility,
    PrivateDns,
    PrivateLinkEndpointService,
    ServiceNameSource,
)

Scenario: TypeAlias = Callable[[Stack], object]

ACCOUNT = "111122223333"
NETWORK = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/net/one/0123456789"
NETWORK_2 = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/net/two/0123456789"
GATEWAY = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/gwy/one/0123456789"
APPLICATION = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/app/one/0123456789"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
DERIVED = ServiceNameSource.DERIVED

# Scenarios by name. The outcome of an invalid scenario is the message of the error.
VALID: dict[str, Scenario] = {}
INVALID: dict[str, Scenario] = {}


def valid(scenario: Scenario) -> Scenario:
    VALID[scenario.__name__] = scenario
    return scenario


def invalid(scenario: Scenario) -> Scenario:
    INVALID[scenario.__name__] = scenario
    return scenario


def service(
    stack: Construct, *, id: str = "Payments", load_balancers: Any = None, **options: Any
) -> PrivateLinkEndpointService:
    arn = NETWORK if id == "Payments" else NETWORK.replace("/one/", f"/{id.lower()}/")
    load_balancers = load_balancers or LoadBalancers.network(arn)
    return PrivateLinkEndpointService(stack, id, load_balancers=load_balancers, **options)


def create_stack(stack: Stack, id: str, region: str | None = None) -> Stack:
    env = Environment(account=ACCOUNT, region=region) if region else None
    return Stack(cast(Construct, stack.node.scope), id, env=env)


def load_balancer(stack: Stack, id: str = "LoadBalancer", **options: Any) -> Any:
    vpc = ec2.Vpc(stack, f"{id}Vpc", max_azs=2, nat_gateways=0)
    return elbv2.NetworkLoadBalancer(stack, id, vpc=vpc, **options)


def create_list_parameter(stack: Stack, id: str) -> list[str]:
    return CfnParameter(stack, id, type="CommaDelimitedList").value_as_list


class Gateway(Construct):
    """A Gateway Load Balancer of another library."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        l1 = elbv2.CfnLoadBalancer(self, "Resource", type="gateway", subnets=SUBNETS)
        self._arn = l1.ref

    @property
    def load_balancer_arn(self) -> str:
        return self._arn

    @property
    def load_balancer_type(self) -> str:
        return "gateway"


# The interface is a jsii interface in one edition, and a protocol in the other.
if hasattr(IGatewayLoadBalancer, "__jsii_type__"):
    Gateway = jsii.implements(IGatewayLoadBalancer)(Gateway)  # type: ignore[misc]


# --- load balancers


@valid
def only_a_load_balancer(stack: Stack) -> None:
    service(stack)


@valid
def load_balancers_of_the_app(stack: Stack) -> None:
    created = [load_balancer(stack, "One"), load_balancer(stack, "Two")]
    service(stack, load_balancers=LoadBalancers.network(*created))


@valid
def load_balancers_of_every_type(stack: Stack) -> None:
    imported = elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
        stack, "Imported", load_balancer_arn=NETWORK_2
    )
    l1 = elbv2.CfnLoadBalancer(stack, "L1", type="network", subnets=SUBNETS)
    token = elbv2.CfnLoadBalancer(
        stack, "Late", type=CfnParameter(stack, "Type").value_as_string, subnets=SUBNETS
    )
    arn = CfnParameter(stack, "Arn").value_as_string
    part = f"arn:{Aws.PARTITION}:elasticloadbalancing:{Aws.REGION}:{ACCOUNT}:loadbalancer/net/a/b"
    service(stack, load_balancers=LoadBalancers.network(NETWORK, imported, l1, token, arn, part))


@valid
def load_balancers_that_are_looked_up(stack: Stack) -> None:
    regional = create_stack(stack, "Known", "eu-west-1")
    imported = [
        elbv2.NetworkLoadBalancer.from_lookup(regional, name, load_balancer_tags={"name": name})
        for name in ("Blue", "Green")
    ]
    service(regional, load_balancers=LoadBalancers.network(*imported))


@valid
def a_list_of_load_balancers(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network(*create_list_parameter(stack, "Arns")))


@valid
def gateways(stack: Stack) -> None:
    l1 = elbv2.CfnLoadBalancer(stack, "L1", type="gateway", subnets=SUBNETS)
    created: Any = Gateway(stack, "Gateway")
    service(stack, load_balancers=LoadBalancers.gateway(created, l1, GATEWAY))


def network_without_enforcement(*load_balancers: Any) -> LoadBalancers:
    """Call `network()`, or the method of the edition for Construct Hub."""
    with_options = getattr(LoadBalancers, "network_with_options", None)
    if with_options is None:
        return LoadBalancers.network(*load_balancers, enforce_security_groups=False)
    options = importlib.import_module("cdk_privatelink").NetworkLoadBalancerOptions
    return cast(
        LoadBalancers, with_options(options(enforce_security_groups=False), *load_balancers)
    )


def load_balancer_with_group(stack: Stack, id: str = "LoadBalancer") -> Any:
    vpc = ec2.Vpc(stack, f"{id}Vpc", max_azs=1)
    group = ec2.SecurityGroup(stack, f"{id}Group", vpc=vpc)
    return elbv2.NetworkLoadBalancer(stack, id, vpc=vpc, security_groups=[group])


@valid
def a_load_balancer_that_admits_no_one(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network(load_balancer_with_group(stack)))


@valid
def a_load_balancer_with_a_rule_that_is_added_later(stack: Stack) -> None:
    nlb = load_balancer_with_group(stack)
    service(stack, load_balancers=LoadBalancers.network(nlb))
    nlb.connections.allow_from_any_ipv4(ec2.Port.tcp(443))


@valid
def load_balancers_without_enforcement(stack: Stack) -> None:
    with_group, without = load_balancer_with_group(stack), load_balancer(stack, "Without")
    service(stack, load_balancers=network_without_enforcement(with_group, without))


@invalid
def an_imported_load_balancer_without_enforcement(stack: Stack) -> None:
    service(stack, load_balancers=network_without_enforcement(NETWORK))


@valid
def an_l1_load_balancer_that_admits_no_one(stack: Stack) -> None:
    group = ec2.CfnSecurityGroup(stack, "Group", group_description="Empty")
    l1 = elbv2.CfnLoadBalancer(
        stack, "L1", type="network", subnets=SUBNETS, security_groups=[group.attr_group_id]
    )
    service(stack, load_balancers=LoadBalancers.network(l1))


@valid
def tokens_of_load_balancers_of_the_app(stack: Stack) -> None:
    arn = load_balancer_with_group(stack).load_balancer_arn
    created = service(stack, load_balancers=network_without_enforcement(arn))
    created.add_rst_packets_sent_alarms("Alarms", threshold=1)


@valid
def values_that_are_looked_up_later(stack: Stack) -> None:
    known = create_stack(stack, "Known", "eu-west-1")
    value = ssm.StringParameter.value_from_lookup(known, "/payments/value")
    created = service(
        known,
        load_balancers=LoadBalancers.network(value),
        allowed_principals=[iam.AccountPrincipal(value), iam.ArnPrincipal(value)],
        allowed_regions=[value],
        private_dns=PrivateDns(value),
    )
    created.add_rst_packets_sent_alarms("Alarms", threshold=1, availability_zones=[value])
    PrivateLinkEndpointService.from_service_id(known, "ById", value)
    PrivateLinkEndpointService.from_service_name(known, "ByName", value)


@valid
def a_load_balancer_of_services_with_conditions(stack: Stack) -> None:
    condition = CfnCondition(
        stack, "Condition", expression=Fn.condition_equals(Aws.REGION, "eu-west-1")
    )
    for name in ("One", "Two"):
        created = service(stack, id=name, load_balancers=LoadBalancers.network(NETWORK))
        created.cfn_endpoint_service.cfn_options.condition = condition


@invalid
def a_load_balancer_of_another_service(stack: Stack) -> None:
    balancers = LoadBalancers.network(load_balancer(stack))
    service(stack, id="One", load_balancers=balancers)
    service(stack, id="Two", load_balancers=balancers)


@invalid
def an_arn_of_another_service(stack: Stack) -> None:
    service(stack, id="One", load_balancers=LoadBalancers.network(NETWORK))
    service(stack, id="Two", load_balancers=LoadBalancers.network(NETWORK_2, NETWORK))


@invalid
def a_load_balancer_of_another_account(stack: Stack) -> None:
    known = create_stack(stack, "Known", "eu-west-1")
    arn = NETWORK.replace(ACCOUNT, "444455556666")
    service(known, load_balancers=LoadBalancers.network(arn))


@invalid
def the_token_of_an_application_load_balancer(stack: Stack) -> None:
    l1 = elbv2.CfnLoadBalancer(stack, "L1", subnets=SUBNETS)
    service(stack, load_balancers=LoadBalancers.network(l1.ref))


@invalid
def the_token_of_a_target_group(stack: Stack) -> None:
    group = elbv2.CfnTargetGroup(stack, "Group")
    service(stack, load_balancers=LoadBalancers.network(group.ref))


@valid
def other_regions_with_a_load_balancer_in_one_zone(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    service(stack, load_balancers=LoadBalancers.network(nlb), allowed_regions=["us-east-1"])


@valid
def other_regions_with_a_custom_idle_timeout(stack: Stack) -> None:
    nlb = load_balancer(stack)
    service(stack, load_balancers=LoadBalancers.network(nlb), allowed_regions=["us-east-1"])
    group = elbv2.NetworkTargetGroup(stack, "Group", vpc=nlb.vpc, port=443)
    nlb.add_listener(
        "Listener",
        port=443,
        default_target_groups=[group],
        tcp_idle_timeout=Duration.seconds(600),
    )


@valid
def a_retained_service_whose_load_balancer_is_not(stack: Stack) -> None:
    balancers = LoadBalancers.network(load_balancer(stack))
    service(stack, load_balancers=balancers).apply_removal_policy(RemovalPolicy.RETAIN)


@invalid
def a_lazy_role_with_a_path(stack: Stack) -> None:
    role = iam.LazyRole(stack, "Role", assumed_by=iam.AccountRootPrincipal(), path="/team/")
    service(stack, allowed_principals=[role])


@invalid
def the_token_of_a_role_with_a_path(stack: Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal(), path="/team/")
    service(stack, allowed_principals=[iam.ArnPrincipal(role.role_arn)])


@invalid
def the_name_of_a_service_as_its_id(stack: Stack) -> None:
    PrivateLinkEndpointService.from_service_id(stack, "Existing", service(stack).service_name)


@invalid
def the_id_of_a_service_as_its_name(stack: Stack) -> None:
    PrivateLinkEndpointService.from_service_name(stack, "Existing", service(stack).service_id)


@valid
def a_service_that_has_moved(stack: Stack) -> None:
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    private_dns = PrivateDns("payments.example.com", hosted_zone=zone)
    moved = service(Construct(stack, "Api"), private_dns=private_dns)
    moved.keep_logical_ids("Former/Payments")
    moved.allow_principals(iam.AccountPrincipal(ACCOUNT))
    moved.cfn_permissions.add_metadata("key", "value")


@invalid
def a_former_path_with_an_empty_id(stack: Stack) -> None:
    service(stack).keep_logical_ids("/Payments")


@invalid
def the_permissions_of_a_service_without_principals(stack: Stack) -> None:
    service(stack).cfn_permissions.add_metadata("key", "value")


@valid
def services_that_follow_their_load_balancers(stack: Stack) -> None:
    nlb = load_balancer(stack)
    service(
        stack,
        load_balancers=LoadBalancers.network(nlb),
        follow_availability_zones=True,
        allowed_regions=["us-east-1"],
    )
    l1 = elbv2.CfnLoadBalancer(
        stack, "L1", type="gateway", subnets=[nlb.vpc.public_subnets[0].subnet_id]
    )
    gateways = LoadBalancers.gateway(l1)
    service(stack, id="Other", load_balancers=gateways, follow_availability_zones=True)
    service(stack, id="Static")


@invalid
def a_derived_name_that_follows_load_balancers(stack: Stack) -> None:
    balancers = LoadBalancers.network(load_balancer(stack))
    service(
        stack,
        load_balancers=balancers,
        service_name_source=DERIVED,
        follow_availability_zones=True,
    )


@invalid
def an_arn_whose_zones_are_followed(stack: Stack) -> None:
    service(stack, follow_availability_zones=True)


@valid
def subnets_outside_of_the_vpc_that_are_followed(stack: Stack) -> None:
    imported = ec2.Subnet.from_subnet_attributes(
        stack, "Imported", subnet_id=SUBNETS[0], availability_zone="eu-west-1c"
    )
    ec2.Subnet.from_subnet_id(stack, "WithoutZone", SUBNETS[1])
    l1 = ec2.CfnSubnet(stack, "L1", vpc_id="vpc-0123456789abcdef0", cidr_block="10.0.1.0/24")
    nlb = load_balancer(stack)
    resource = cast(elbv2.CfnLoadBalancer, nlb.node.default_child)
    service(stack, load_balancers=LoadBalancers.network(nlb), follow_availability_zones=True)
    resource.subnets = [imported.subnet_id, l1.ref]


@invalid
def followed_zones_that_become_unknown(stack: Stack) -> None:
    nlb = load_balancer(stack)
    resource = cast(elbv2.CfnLoadBalancer, nlb.node.default_child)
    service(stack, load_balancers=LoadBalancers.network(nlb), follow_availability_zones=True)
    resource.subnets = SUBNETS


@valid
def services_that_are_drained(stack: Stack) -> None:
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    payments = service(
        stack,
        private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
        allowed_regions=["us-east-1"],
    )
    payments.reject_connections_on_delete()
    payments.allow_principals(iam.AnyPrincipal())
    orders = service(stack, id="Orders", service_name_source=DERIVED)
    orders.allow_principals(iam.AnyPrincipal())
    orders.reject_connections_on_delete()
    orders.reject_connections_on_delete()
    orders.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


@invalid
def a_construct_with_the_id_of_the_draining(stack: Stack) -> None:
    created = service(stack)
    Construct(created, "Draining")
    created.reject_connections_on_delete()


@invalid
def more_drained_services_than_the_role_has_room_for(stack: Stack) -> None:
    for number in range(44):
        created = service(
            stack,
            id=f"Service{number}",
            load_balancers=LoadBalancers.network(NETWORK.replace("/one/", f"/n{number}/")),
            service_name_source=DERIVED,
        )
        created.reject_connections_on_delete()


@valid
def load_balancers_that_are_exchanged_later(stack: Stack) -> None:
    created = service(stack)
    created.cfn_endpoint_service.network_load_balancer_arns = [NETWORK_2]


@invalid
def a_removed_function(stack: Stack) -> None:
    service(stack)
    stack.node.try_remove_child("PrivateLinkCustomResources")


@valid
def a_private_dns_name_in_several_regions(stack: Stack) -> None:
    zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    private_dns = PrivateDns("payments.example.com", hosted_zone=zone)
    service(stack, private_dns=private_dns, allowed_regions=["us-east-1"])


@invalid
def a_mapping_of_the_user(stack: Stack) -> None:
    CfnMapping(stack, "PrivateLinkServiceNamePrefix", mapping={"a": {"b": "c"}})
    derived = service(stack, service_name_source=DERIVED)
    CfnOutput(stack, "Name", value=derived.service_name)


@invalid
def a_notification_whose_id_is_in_use(stack: Stack) -> None:
    created = service(stack)
    Construct(created, "Notification--Topic")
    created.add_connection_notification(sns.Topic(stack, "Topic"))


@invalid
def a_verification_after_its_own_stack(stack: Stack) -> None:
    created = service(stack, private_dns=PrivateDns("payments.example.com"))
    created.verify_private_dns(stack)


@valid
def topics_that_may_be_unreachable(stack: Stack) -> None:
    known = create_stack(stack, "Known", "eu-west-1")
    created = service(known)
    topic_arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:connections"
    key_arn = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/one"
    created.add_connection_notification(sns.Topic.from_topic_arn(known, "Imported", topic_arn))
    created.add_connection_notification(sns.Topic(known, "Fifo", fifo=True))
    key = kms.Key.from_key_arn(known, "Key", key_arn)
    created.add_connection_notification(sns.Topic(known, "Encrypted", master_key=key))


@invalid
def a_topic_with_the_key_of_aws(stack: Stack) -> None:
    key = kms.Alias.from_alias_name(stack, "Key", "alias/aws/sns")
    topic = sns.Topic(stack, "Topic", master_key=key)
    service(stack).add_connection_notification(topic)


@invalid
def no_load_balancer(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network())


@invalid
def no_gateway(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.gateway())


@invalid
def a_load_balancer_twice(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network(NETWORK, NETWORK_2, NETWORK))


@invalid
def a_gateway_arn_as_network(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network(NETWORK, GATEWAY))


@invalid
def a_network_arn_as_gateway(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.gateway(NETWORK))


@invalid
def a_network_load_balancer_as_gateway(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.gateway(load_balancer(stack)))


@invalid
def a_gateway_as_network(stack: Stack) -> None:
    created: Any = Gateway(stack, "Gateway")
    service(stack, load_balancers=LoadBalancers.network(created))


@invalid
def a_gateway_l1_as_network(stack: Stack) -> None:
    l1 = elbv2.CfnLoadBalancer(stack, "L1", type="gateway", subnets=SUBNETS)
    service(stack, load_balancers=LoadBalancers.network(l1))


@invalid
def an_l1_without_type(stack: Stack) -> None:
    l1 = elbv2.CfnLoadBalancer(stack, "L1", subnets=SUBNETS)
    service(stack, load_balancers=LoadBalancers.network(l1))


@invalid
def an_application_load_balancer(stack: Stack) -> None:
    created: Any = elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=ec2.Vpc(stack, "Vpc", max_azs=2))
    service(stack, load_balancers=LoadBalancers.network(created))


@invalid
def an_application_arn(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network(APPLICATION))


@invalid
def a_string_that_is_not_a_load_balancer(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.network("payments"))


@invalid
def a_string_that_is_not_a_gateway(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.gateway(GATEWAY.replace("loadbalancer", "other")))


@invalid
def a_list_of_load_balancers_and_another(stack: Stack) -> None:
    service(
        stack, load_balancers=LoadBalancers.network(*create_list_parameter(stack, "Arns"), NETWORK)
    )


@invalid
def a_load_balancer_arn_of_another_region(stack: Stack) -> None:
    service(create_stack(stack, "Known", "us-east-2"))


@invalid
def a_load_balancer_of_another_region(stack: Stack) -> None:
    home, other = (create_stack(stack, region, region) for region in ("eu-west-1", "us-east-1"))
    service(home, load_balancers=LoadBalancers.network(load_balancer(other)))


# --- principals


@valid
def principals_of_every_type(stack: Stack) -> None:
    principals = [
        iam.AccountPrincipal(ACCOUNT),
        iam.AccountRootPrincipal(),
        iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:role/Consumer"),
        iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:user/consumer"),
        iam.ArnPrincipal(CfnParameter(stack, "Principal").value_as_string),
        iam.AccountPrincipal(CfnParameter(stack, "Account").value_as_string),
        iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal(ACCOUNT)),
        iam.Role.from_role_name(stack, "Imported", "Consumer"),
        iam.User(stack, "User"),
        iam.User.from_user_name(stack, "ImportedUser", "consumer"),
        iam.AnyPrincipal(),
    ]
    service(stack, allowed_principals=principals)


@valid
def aws_services_as_principals(stack: Stack) -> None:
    service(stack, allowed_principals=[iam.ServicePrincipal("firehose.amazonaws.com")])


@valid
def duplicate_principals(stack: Stack) -> None:
    root = iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:root")
    created = service(stack, allowed_principals=[iam.AccountPrincipal(ACCOUNT), root])
    created.allow_principals(iam.AccountPrincipal(ACCOUNT), iam.AccountRootPrincipal())
    created.allow_principals(iam.AccountRootPrincipal(), iam.AccountPrincipal(Aws.ACCOUNT_ID), root)


@valid
def principals_that_are_allowed_later(stack: Stack) -> None:
    created = service(stack, allowed_principals=[])
    created.allow_principals()
    created.allow_principals(iam.AccountPrincipal(ACCOUNT))
    created.allow_principals(iam.AccountPrincipal("444455556666"), iam.AnyPrincipal())


@valid
def a_list_of_principals(stack: Stack) -> None:
    service(
        stack,
        allowed_principals=[iam.ArnPrincipal(arn) for arn in create_list_parameter(stack, "Arns")],
    )


@valid
def a_service_that_is_open_to_everyone(stack: Stack) -> None:
    service(stack, allowed_principals=[iam.AnyPrincipal()], acceptance_required=False)


@valid
def a_service_that_is_opened_later(stack: Stack) -> None:
    service(stack, acceptance_required=False).allow_principals(iam.AnyPrincipal())


@invalid
def an_arn_of_a_session(stack: Stack) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Consumer/session"
    service(stack, allowed_principals=[iam.ArnPrincipal(arn)])


@invalid
def a_role_with_a_path(stack: Stack) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal(ACCOUNT), path="/teams/")
    service(stack, allowed_principals=[role])


@invalid
def a_user_with_a_path_later(stack: Stack) -> None:
    service(stack).allow_principals(iam.User(stack, "User", path="/teams/"))


@invalid
def an_imported_role_with_a_path(stack: Stack) -> None:
    service(stack, allowed_principals=[iam.Role.from_role_name(stack, "Role", "teams/Consumer")])


@invalid
def an_account_that_cannot_exist(stack: Stack) -> None:
    service(stack, allowed_principals=[iam.AccountPrincipal("1234")])


@invalid
def a_list_of_principals_and_another(stack: Stack) -> None:
    arns = [*create_list_parameter(stack, "Arns"), "*"]
    service(stack, allowed_principals=[iam.ArnPrincipal(arn) for arn in arns])


# --- options


@valid
def every_option(stack: Stack) -> None:
    service(
        stack,
        allowed_principals=[iam.AccountPrincipal(ACCOUNT)],
        allowed_regions=["us-east-1", "eu-west-1", "us-east-1"],
        acceptance_required=False,
        private_dns=PrivateDns("payments.example.com"),
        supported_ip_address_types=[ec2.IpAddressType.IPV6, ec2.IpAddressType.IPV4],
        payer_responsibility=PayerResponsibility.SERVICE_OWNER,
        contributor_insights=True,
        service_name_source=ServiceNameSource.LOOKUP,
    )


@valid
def token_options(stack: Stack) -> None:
    service(
        stack,
        allowed_regions=[CfnParameter(stack, "Region").value_as_string, "eu-west-1"],
        acceptance_required=CfnParameter(stack, "Acceptance", default="true").value,
        private_dns=PrivateDns(CfnParameter(stack, "Name").value_as_string),
        contributor_insights=CfnParameter(stack, "Insights", default="false").value,
    )


@valid
def a_list_of_regions(stack: Stack) -> None:
    service(stack, allowed_regions=create_list_parameter(stack, "Regions"))


@valid
def dualstack_load_balancers(stack: Stack) -> None:
    l1 = elbv2.CfnLoadBalancer(
        stack, "L1", type="network", subnets=SUBNETS, ip_address_type="dualstack"
    )
    service(
        stack,
        load_balancers=LoadBalancers.network(l1, NETWORK),
        supported_ip_address_types=[ec2.IpAddressType.IPV6],
    )


@valid
def allowed_regions_without_the_region_of_the_service(stack: Stack) -> None:
    regional = create_stack(stack, "Regional", "eu-west-1")
    service(regional, allowed_regions=["us-east-1"])


@invalid
def allowed_regions_of_gateways(stack: Stack) -> None:
    service(stack, load_balancers=LoadBalancers.gateway(GATEWAY), allowed_regions=["us-east-1"])


@invalid
def no_region(stack: Stack) -> None:
    service(stack, allowed_regions=[])


@invalid
def a_string_that_is_not_a_region(stack: Stack) -> None:
    service(stack, allowed_regions=["eu-west-1", "eu-west-1a"])


@invalid
def a_wrong_region_after_a_repeated_one(stack: Stack) -> None:
    service(stack, allowed_regions=["eu-west-1", "eu-west-1", "Europe"])


@invalid
def a_wrong_region_after_a_list_of_regions(stack: Stack) -> None:
    service(stack, allowed_regions=[*create_list_parameter(stack, "Regions"), "Europe"])


@invalid
def a_list_of_regions_and_another(stack: Stack) -> None:
    service(stack, allowed_regions=[*create_list_parameter(stack, "Regions"), "eu-west-1"])


@invalid
def no_ip_address_type(stack: Stack) -> None:
    service(stack, supported_ip_address_types=[])


@invalid
def a_load_balancer_without_ipv6(stack: Stack) -> None:
    service(
        stack,
        load_balancers=LoadBalancers.network(load_balancer(stack)),
        supported_ip_address_types=[ec2.IpAddressType.IPV6],
    )


# --- the name


def add_outputs(stack: Stack, created: PrivateLinkEndpointService, *, lookup: bool = True) -> None:
    values = {"Id": created.service_id, "Name": created.service_name, "Arn": created.service_arn}
    if lookup:
        values["Zones"] = Fn.join(" ", created.availability_zones)
        values["ZoneIds"] = Fn.join(" ", created.availability_zone_ids)
        values["DnsNames"] = Fn.join(" ", created.base_endpoint_dns_names)
    for name, value in values.items():
        CfnOutput(stack, name, value=value)


@valid
def lookup_results(stack: Stack) -> None:
    add_outputs(stack, service(stack))


@valid
def several_services_with_one_lookup(stack: Stack) -> None:
    for name in ("One", "Two"):
        service(stack, id=name)


@valid
def a_derived_name(stack: Stack) -> None:
    created = service(stack, service_name_source=DERIVED)
    add_outputs(stack, created, lookup=False)
    CfnOutput(create_stack(stack, "Other"), "Name", value=created.service_name)


@valid
def a_derived_name_in_a_literal_region(stack: Stack) -> None:
    for region in ("cn-north-1", "eusc-de-east-1", "us-gov-west-1", "eu-west-1"):
        regional = create_stack(stack, region, region)
        arn = NETWORK.replace("eu-west-1", region)
        created = service(
            regional, load_balancers=LoadBalancers.network(arn), service_name_source=DERIVED
        )
        add_outputs(regional, created, lookup=False)


@valid
def within_stages_and_nested_stacks(stack: Stack) -> None:
    stage = Stage(cast(Construct, stack.node.scope), "Stage")
    inner = NestedStack(Stack(stage, "Network"), "Nested")
    CfnOutput(Stack(stage, "Consumer"), "Name", value=service(inner).service_name)


@invalid
def zones_of_a_derived_name(stack: Stack) -> object:
    return service(stack, service_name_source=DERIVED).availability_zones


@invalid
def zone_ids_of_a_derived_name(stack: Stack) -> object:
    return service(stack, service_name_source=DERIVED).availability_zone_ids


@invalid
def dns_names_of_a_derived_name(stack: Stack) -> object:
    return service(stack, service_name_source=DERIVED).base_endpoint_dns_names


@invalid
def an_id_of_the_library_that_is_in_use(stack: Stack) -> None:
    Construct(stack, "PrivateLinkCustomResources")
    service(stack)


# --- ids


@invalid
def an_empty_id(stack: Stack) -> None:
    service(stack, id="")


@invalid
def an_id_that_is_a_token(stack: Stack) -> None:
    service(stack, id=CfnParameter(stack, "Id").value_as_string)


@invalid
def an_id_that_is_in_use(stack: Stack) -> None:
    service(stack)
    service(stack)


@invalid
def an_id_of_an_import_that_is_in_use(stack: Stack) -> None:
    service(stack)
    PrivateLinkEndpointService.from_service_id(stack, "Payments", "vpce-svc-0123456789abcdef0")


@invalid
def an_id_of_alarms_that_is_in_use(stack: Stack) -> None:
    created = service(stack)
    for _ in range(2):
        created.add_rst_packets_sent_alarms("A", threshold=1, availability_zones=["eu-west-1a"])


@invalid
def an_empty_id_of_alarms(stack: Stack) -> None:
    service(stack).add_rst_packets_sent_alarms("", threshold=1, availability_zones=["eu-west-1a"])


@invalid
def an_id_of_permissions_that_is_in_use(stack: Stack) -> None:
    created = service(stack)
    Construct(created, "Permissions")
    created.allow_principals(iam.AnyPrincipal())


@invalid
def an_id_of_the_parent_of_alarms_that_is_in_use(stack: Stack) -> None:
    created = service(stack)
    Construct(created, "RstPacketsSentAlarms")
    created.add_rst_packets_sent_alarms("A", threshold=1, availability_zones=["eu-west-1a"])


@invalid
def a_scope_outside_of_a_stack(stack: Stack) -> None:
    service(cast(Construct, stack.node.scope))


# --- private DNS


@valid
def private_dns_in_a_hosted_zone(stack: Stack) -> None:
    zone = route53.PublicHostedZone(stack, "Zone", zone_name="Example.com")
    by_id = route53.HostedZone.from_hosted_zone_id(stack, "ById", "Z0123456789")
    service(stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone))
    service(stack, id="Wild", private_dns=PrivateDns("*.example.com", hosted_zone=zone))
    service(stack, id="ById2", private_dns=PrivateDns("a.example.org", hosted_zone=by_id))


@valid
def private_dns_with_another_dns_provider(stack: Stack) -> None:
    created = service(stack, private_dns=PrivateDns("*.example.com"))
    CfnOutput(stack, "Record", value=created.domain_verification_name)
    CfnOutput(stack, "Value", value=created.domain_verification_value)
    created.verify_private_dns(sns.Topic(stack, "WaitFor"))
    other = service(stack, id="Other", private_dns=PrivateDns("other.example.com"))
    other.verify_private_dns()


@invalid
def a_domain_name_in_capitals(stack: Stack) -> None:
    service(stack, private_dns=PrivateDns("Payments.example.com"))


@invalid
def a_domain_name_of_one_label(stack: Stack) -> None:
    service(stack, private_dns=PrivateDns("payments"))


@invalid
def private_dns_of_gateways(stack: Stack) -> None:
    gateways = LoadBalancers.gateway(GATEWAY)
    service(stack, load_balancers=gateways, private_dns=PrivateDns("payments.example.com"))


@invalid
def a_private_hosted_zone(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1)
    zone = route53.PrivateHostedZone(stack, "Zone", zone_name="example.com", vpc=vpc)
    service(stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone))


@invalid
def a_hosted_zone_of_another_domain(stack: Stack) -> None:
    zone = route53.PublicHostedZone(stack, "Zone", zone_name="ample.com")
    service(stack, private_dns=PrivateDns("payments.example.com", hosted_zone=zone))


@invalid
def too_many_private_dns_names(stack: Stack) -> None:
    for number in range(42):
        name = PrivateDns(f"payments-{number}.example.com")
        created = service(stack, id=f"Payments{number}", private_dns=name)
        created.verify_private_dns()


@invalid
def a_record_name_without_private_dns(stack: Stack) -> object:
    return service(stack).domain_verification_name


@invalid
def a_record_value_without_private_dns(stack: Stack) -> object:
    return service(stack).domain_verification_value


@invalid
def a_verification_without_private_dns(stack: Stack) -> None:
    service(stack).verify_private_dns()


@invalid
def a_verification_twice(stack: Stack) -> None:
    created = service(stack, private_dns=PrivateDns("payments.example.com"))
    created.verify_private_dns()
    created.verify_private_dns()


@invalid
def a_verification_whose_id_is_in_use(stack: Stack) -> None:
    created = service(stack, private_dns=PrivateDns("payments.example.com"))
    Construct(created, "CustomResourcePolicy")
    created.verify_private_dns()


# --- notifications


@valid
def notifications(stack: Stack) -> None:
    key = kms.Key(stack, "Key")
    encrypted = sns.Topic(stack, "Encrypted-Topic", master_key=key)
    imported = sns.Topic.from_topic_arn(stack, "Imported", f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic")
    created = service(stack)
    created.add_connection_notification(
        encrypted, events=[ConnectionEvent.REJECT, ConnectionEvent.REJECT]
    )
    created.add_connection_notification(
        encrypted, events=[ConnectionEvent.ACCEPT, ConnectionEvent.REJECT]
    )
    created.add_connection_notification(imported)


@valid
def notifications_across_stacks(stack: Stack) -> None:
    created = service(stack)
    created.add_connection_notification(sns.Topic(create_stack(stack, "Other"), "Topic"))
    created.add_connection_notification(sns.Topic(NestedStack(stack, "Nested"), "Topic"))


@invalid
def notifications_of_gateways(stack: Stack) -> None:
    created = service(stack, load_balancers=LoadBalancers.gateway(GATEWAY))
    created.add_connection_notification(sns.Topic(stack, "Topic"))


@invalid
def notifications_without_events(stack: Stack) -> None:
    service(stack).add_connection_notification(sns.Topic(stack, "Topic"), events=[])


# --- metrics and alarms


def add_dashboard(stack: Stack, metrics: Iterable[cloudwatch.Metric]) -> None:
    widget = cloudwatch.GraphWidget(left=list(metrics))
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[[widget]])


@valid
def metrics(stack: Stack) -> None:
    created = service(stack)
    add_dashboard(
        stack,
        [
            created.metric("ActiveConnections"),
            created.metric("BytesProcessed", dimensions_map={"Az": "eu-west-1a"}, statistic="p99"),
            created.metric_active_connections(),
            created.metric_bytes_processed(label="Bytes"),
            created.metric_endpoints_count(statistic="Maximum"),
            created.metric_new_connections(),
            created.metric_rst_packets_sent(region="us-east-1"),
        ],
    )


@valid
def metrics_in_a_literal_environment(stack: Stack) -> None:
    created = service(create_stack(stack, "Known", "eu-west-1"))
    add_dashboard(
        create_stack(stack, "Dashboards", "us-east-1"), [created.metric_active_connections()]
    )


@valid
def alarms(stack: Stack) -> None:
    created = service(stack, load_balancers=LoadBalancers.network(load_balancer(stack)))
    created.add_rst_packets_sent_alarms("Few", threshold=10)
    created.add_rst_packets_sent_alarms(
        "Many", threshold=100, availability_zones=["eu-west-1a", "us-west-2-lax-1a", "eu-west-1a"]
    )


@valid
def alarms_in_some_zones_of_the_vpc(stack: Stack) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
    subnet = vpc.private_subnets[0]
    nlb = elbv2.NetworkLoadBalancer(
        stack, "Nlb", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[subnet])
    )
    l1 = elbv2.CfnLoadBalancer(stack, "L1", type="network", subnets=[subnet.subnet_id])
    created = service(stack, load_balancers=LoadBalancers.network(nlb, l1))
    created.add_rst_packets_sent_alarms("Alarm", threshold=1)


@invalid
def a_metric_without_name(stack: Stack) -> object:
    return service(stack).metric("")


@invalid
def a_threshold_below_zero(stack: Stack) -> None:
    service(stack).add_rst_packets_sent_alarms(
        "Alarm", threshold=-1, availability_zones=["eu-west-1a"]
    )


@invalid
def alarms_without_zones(stack: Stack) -> None:
    service(stack).add_rst_packets_sent_alarms("Alarm", threshold=1)


@invalid
def alarms_of_no_zone(stack: Stack) -> None:
    service(stack).add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=[])


@invalid
def alarms_of_a_zone_id(stack: Stack) -> None:
    created = service(stack)
    created.add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=["euw1-az1"])


@invalid
def alarms_of_a_list_of_zones(stack: Stack) -> None:
    zones = create_list_parameter(stack, "Zones")
    service(stack).add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=zones)


@invalid
def alarms_of_a_wrong_zone_after_a_repeated_one(stack: Stack) -> None:
    zones = ["eu-west-1a", "eu-west-1a", "euw1-az1"]
    service(stack).add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=zones)


@invalid
def alarms_of_a_wrong_zone_for_a_list_of_load_balancers(stack: Stack) -> None:
    created = service(
        stack, load_balancers=LoadBalancers.network(*create_list_parameter(stack, "Arns"))
    )
    created.add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=["euw1-az1"])


@invalid
def alarms_of_a_list_of_load_balancers(stack: Stack) -> None:
    created = service(
        stack, load_balancers=LoadBalancers.network(*create_list_parameter(stack, "Arns"))
    )
    created.add_rst_packets_sent_alarms("Alarm", threshold=1, availability_zones=["eu-west-1a"])


# --- published services

PARAMETER = "/payments/endpoint-service"
PARAMETER_ARN = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{PARAMETER}"
ORGANIZATION = f"arn:aws:organizations::{ACCOUNT}:organization/o-a1b2c3d4e5"


@valid
def a_published_service(stack: Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    created = service(
        stack,
        private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
        allowed_regions=["us-east-1", "eu-west-1"],
    )
    published = created.publish("Consumers", parameter_name=PARAMETER)
    created.publish("Simple", parameter_name="payments")
    created.publish("Late", parameter_name=CfnParameter(stack, "Name").value_as_string)
    # The parameters wait for a prerequisite that is added later.
    created.allow_principals(iam.AccountPrincipal(ACCOUNT))
    created.reject_connections_on_delete()
    CfnOutput(stack, "Parameter", value=published.parameter_name)


@valid
def a_published_service_without_lookup(stack: Stack) -> None:
    regions = create_list_parameter(stack, "Regions")
    created = service(stack, service_name_source=DERIVED, allowed_regions=regions)
    created.publish("Consumers", parameter_name=PARAMETER)


@valid
def a_published_service_in_a_literal_region(stack: Stack) -> None:
    regional = create_stack(stack, "Known", "eu-west-1")
    service(regional).publish("Consumers", parameter_name=PARAMETER)


@valid
def parameters_that_are_shared(stack: Stack) -> None:
    created = service(stack)
    role = iam.Role.from_role_arn(stack, "Role", f"arn:aws:iam::{ACCOUNT}:role/team/reader")
    user = iam.User.from_user_arn(stack, "User", f"arn:aws:iam::{ACCOUNT}:user/reader")
    created.publish(
        "Consumers",
        parameter_name=PARAMETER,
        share_with=[
            ACCOUNT,
            iam.AccountPrincipal(ACCOUNT),
            iam.ArnPrincipal(f"arn:aws:iam::{ACCOUNT}:root"),
            iam.AccountPrincipal("444455556666"),
            iam.AccountRootPrincipal(),
            iam.AccountPrincipal(CfnParameter(stack, "Account").value_as_string),
            CfnParameter(stack, "Principal").value_as_string,
            role,
            user,
            iam.Role(stack, "Own", assumed_by=iam.AccountPrincipal(ACCOUNT)),
            ORGANIZATION,
        ],
    )
    units = [ORGANIZATION, f"{ORGANIZATION.replace(':organization/', ':ou/')}/ou-a1b2-c3d4e5f6"]
    created.publish("Units", parameter_name="units", share_with=units)
    accounts = create_list_parameter(stack, "Accounts")
    created.publish("Accounts", parameter_name="accounts", share_with=accounts)
    created.publish("Nobody", parameter_name="nobody", share_with=[])


@valid
def a_retained_service_that_is_published(stack: Stack) -> None:
    created = service(stack)
    created.apply_removal_policy(RemovalPolicy.RETAIN)
    created.publish("Consumers", parameter_name=PARAMETER, share_with=[ACCOUNT])


@valid
def a_service_by_its_parameter(stack: Stack) -> None:
    regional = create_stack(stack, "Known", "eu-west-1")
    nested = NestedStack(stack, "Nested")
    for scope, name, parameter in (
        (stack, "Simple", "payments"),
        (stack, "Path", PARAMETER),
        (stack, "Again", PARAMETER),
        (stack, "Reserved", "/aws/service/payments"),
        (stack, "Shared", PARAMETER_ARN),
        (regional, "Regional", PARAMETER_ARN),
        (nested, "Nested", PARAMETER_ARN),
    ):
        imported = PrivateLinkEndpointService.from_parameter(scope, name, parameter)
        CfnOutput(scope, f"{name}Name", value=imported.service_name)
        CfnOutput(scope, f"{name}Arn", value=imported.service_arn)
        CfnOutput(scope, f"{name}Id", value=imported.service_id)
    CfnOutput(nested, "Zones", value=Fn.join(",", imported.availability_zone_ids))
    for name in ("First", "Second"):
        CfnOutput(nested, name, value=Fn.join(",", imported.allowed_regions))
    CfnOutput(nested, "Domain", value=imported.private_dns_name)


@invalid
def a_parameter_name_with_a_space(stack: Stack) -> None:
    service(stack).publish("Consumers", parameter_name="/payments/endpoint service")


@invalid
def a_parameter_name_without_its_first_slash(stack: Stack) -> None:
    service(stack).publish("Consumers", parameter_name="payments/endpoint-service")


@invalid
def a_parameter_name_that_aws_reserves(stack: Stack) -> None:
    service(stack).publish("Consumers", parameter_name="/aws/payments")


@invalid
def a_parameter_name_without_room_for_its_suffixes(stack: Stack) -> None:
    service(stack).publish("Consumers", parameter_name="p" * 990)


@invalid
def an_id_of_parameters_that_is_in_use(stack: Stack) -> None:
    created = service(stack)
    created.publish("Consumers", parameter_name="payments")
    created.publish("Consumers", parameter_name="others")


@invalid
def an_empty_id_of_parameters(stack: Stack) -> None:
    service(stack).publish("", parameter_name=PARAMETER)


@invalid
def a_construct_with_the_id_of_the_parameters(stack: Stack) -> None:
    created = service(stack)
    Construct(created, "Published")
    created.publish("Consumers", parameter_name=PARAMETER)


@invalid
def parameters_that_are_shared_with_everyone(stack: Stack) -> None:
    service(stack).publish("Consumers", parameter_name=PARAMETER, share_with=[iam.AnyPrincipal()])


@invalid
def parameters_that_are_shared_with_a_session(stack: Stack) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session"
    service(stack).publish("Consumers", parameter_name=PARAMETER, share_with=[ACCOUNT, session])


@invalid
def parameters_that_are_shared_with_a_wrong_account(stack: Stack) -> None:
    service(stack).publish(
        "Consumers", parameter_name=PARAMETER, share_with=[iam.AccountPrincipal("1234")]
    )


@invalid
def parameters_that_are_shared_with_a_list_and_an_account(stack: Stack) -> None:
    accounts = [*create_list_parameter(stack, "Accounts"), ACCOUNT]
    service(stack).publish("Consumers", parameter_name=PARAMETER, share_with=accounts)


@invalid
def a_token_of_a_parameter(stack: Stack) -> None:
    token = CfnParameter(stack, "Parameter").value_as_string
    PrivateLinkEndpointService.from_parameter(stack, "Existing", token)


@invalid
def a_parameter_with_a_version(stack: Stack) -> None:
    PrivateLinkEndpointService.from_parameter(stack, "Existing", f"{PARAMETER}:3")


@invalid
def an_arn_of_a_parameter_in_another_region(stack: Stack) -> None:
    regional = create_stack(stack, "Known", "us-east-1")
    PrivateLinkEndpointService.from_parameter(regional, "Existing", PARAMETER_ARN)


@invalid
def an_arn_of_a_parameter_in_another_partition(stack: Stack) -> None:
    regional = create_stack(stack, "Known", "eu-west-1")
    arn = PARAMETER_ARN.replace("arn:aws:", "arn:aws-cn:")
    PrivateLinkEndpointService.from_parameter(regional, "Existing", arn)


@invalid
def a_construct_with_the_id_of_the_template_parameters(stack: Stack) -> None:
    Construct(stack, "PrivateLinkParameters")
    PrivateLinkEndpointService.from_parameter(stack, "Existing", PARAMETER)


# --- imports and removal


@valid
def a_service_by_its_id(stack: Stack) -> None:
    token = CfnParameter(stack, "ServiceId").value_as_string
    for name, service_id in {"Literal": "vpce-svc-0123456789abcdef0", "Late": token}.items():
        imported = PrivateLinkEndpointService.from_service_id(stack, name, service_id)
        CfnOutput(stack, f"{name}Name", value=imported.service_name)
        CfnOutput(stack, f"{name}Arn", value=imported.service_arn)
        CfnOutput(stack, f"{name}Id", value=imported.vpc_endpoint_service_id)


@valid
def a_service_by_its_name(stack: Stack) -> None:
    names = {
        "Here": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
        "China": "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0123456789abcdef0",
        "Government": "com.amazonaws.vpce.us-gov-west-1.vpce-svc-0123456789abcdef0",
        "Late": CfnParameter(stack, "ServiceName").value_as_string,
    }
    metrics = []
    for name, service_name in names.items():
        imported = PrivateLinkEndpointService.from_service_name(stack, name, service_name)
        CfnOutput(stack, f"{name}Name", value=imported.vpc_endpoint_service_name)
        CfnOutput(stack, f"{name}Arn", value=imported.service_arn)
        CfnOutput(stack, f"{name}Id", value=imported.service_id)
        stack.node.add_metadata(name, [imported.name, imported.port, imported.private_dns_default])
        metrics.append(imported.metric_active_connections())
    add_dashboard(stack, metrics)


@valid
def a_service_as_an_argument_of_the_cdk(stack: Stack) -> None:
    zone = route53.PublicHostedZone(stack, "Zone", zone_name="example.com")
    route53.VpcEndpointServiceDomainName(
        stack,
        "Domain",
        endpoint_service=service(stack),
        domain_name="payments.example.com",
        public_hosted_zone=zone,
    )


@valid
def retained_resources(stack: Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
    private_dns = PrivateDns("payments.example.com", hosted_zone=zone)
    created = service(
        stack, private_dns=private_dns, allowed_principals=[iam.AccountPrincipal(ACCOUNT)]
    )
    created.apply_removal_policy(RemovalPolicy.RETAIN)
    other = service(stack, id="Other")
    other.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    other.allow_principals(iam.AccountPrincipal(ACCOUNT))


@invalid
def a_string_that_is_not_a_service_id(stack: Stack) -> None:
    PrivateLinkEndpointService.from_service_id(stack, "Existing", "vpce-0123456789abcdef0")


@invalid
def a_string_that_is_not_a_service_name(stack: Stack) -> None:
    PrivateLinkEndpointService.from_service_name(stack, "Existing", "com.amazonaws.eu-west-1.s3")


@invalid
def a_removal_policy_for_snapshots(stack: Stack) -> None:
    service(stack).apply_removal_policy(RemovalPolicy.SNAPSHOT)


def run_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return the outcome of a scenario: templates and warnings, or an error."""
    # With the legacy synthesizer, templates have no bootstrap version parameter.
    app = App(default_stack_synthesizer=LegacyStackSynthesizer())
    try:
        scenario(Stack(app, "Stack"))
        return {"synthesized": _read_assembly(Path(app.synth().directory))}
    except (RuntimeError, TypeError, ValueError) as error:
        return {"rejected": _read_message(error)}


def _read_message(error: Exception) -> str:
    """Return the message of an error, also if the CDK has collected it or resolves a token."""
    collected = re.search(r"failed with the following errors:\s+\[[^\]]+\] (.*)", f"{error}")
    resolving = re.search(r"Resolution error: (?:PrivateLinkValueError: )?(.*)\.", f"{error}")
    found = collected or resolving
    return found[1] if found else f"{error}"


def _read_assembly(folder: Path) -> dict[str, Any]:
    """Return the templates and warnings, also of stages and nested stacks."""
    templates = {path.name: _read(path) for path in folder.rglob("*.template.json")}
    metadata = {
        path.name: _filter_metadata(_read(path)) for path in folder.rglob("*.metadata.json")
    }
    return templates | metadata


def _filter_metadata(metadata: dict[str, list[dict[str, Any]]]) -> list[list[Any]]:
    return [
        [path, entry["data"]]
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] in ("aws:cdk:warning", "aws:cdk:acknowledged-rules")
    ]


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


if __name__ == "__main__":
    scenarios = {**VALID, **INVALID}
    json.dump({name: run_scenario(scenario) for name, scenario in scenarios.items()}, sys.stdout)
