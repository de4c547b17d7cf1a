"""Strategies for the arguments of the public API.

Each strategy draws a factory that creates the value in a scope, because tokens and constructs
belong to a stack.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import jsii
from aws_cdk import (
    Aws,
    CfnCondition,
    CfnParameter,
    Environment,
    Fn,
    IStableStringProducer,
    Lazy,
    Stack,
    Stage,
    Token,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from hypothesis import strategies as st

from cdk_privatelink import (
    ConnectionEvent,
    LoadBalancers,
    PayerResponsibility,
    PrivateDns,
    ServiceNameSource,
)

Factory: TypeAlias = Callable[[Construct], Any]
"""Creates a value in a scope for this value only."""

REGIONS = ["eu-west-1", "us-east-1", "ap-southeast-2"]


def constant(value: Any) -> Factory:
    """Return a factory that ignores the scope."""
    return lambda _: value


def constants(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Factory]:
    """Return a strategy for factories that ignore the scope."""
    return strategy.map(constant)


def combine(factories: list[Factory]) -> Factory:
    """Return a factory for a list of values, each in a separate scope."""
    return lambda scope: [make(Construct(scope, f"{n}")) for n, make in enumerate(factories)]


def in_list(make: Factory) -> Factory:
    """Return a factory for a list of one value."""
    return lambda scope: [make(scope)]


def optional(strategy: st.SearchStrategy[Factory]) -> st.SearchStrategy[Factory]:
    """Return a strategy that also draws `None`."""
    return st.just(constant(None)) | strategy


@jsii.implements(IStableStringProducer)
class StableString:
    """A string that is resolved during synthesis."""

    def produce(self) -> str:
        return "produced"


def parameter(scope: Construct) -> str:
    """Return a deploy-time string."""
    return CfnParameter(scope, "Parameter").value_as_string


TOKENS: list[Factory] = [
    parameter,
    lambda scope: f"a-{parameter(scope)}-b",
    lambda _: Fn.import_value("Shared"),
    lambda _: Lazy.string(cast(IStableStringProducer, StableString())),
    lambda _: Token.as_string({"Ref": "AWS::Region"}),
    lambda scope: Fn.select(1, list_parameter(scope)),
]
"""Strings that are tokens, each of another kind."""


def list_parameter(scope: Construct) -> list[str]:
    """Return a deploy-time list of strings."""
    return CfnParameter(scope, "List", type="CommaDelimitedList").value_as_list


def names(alphabet: str, *, max_size: int) -> st.SearchStrategy[str]:
    """Return a strategy for names of at least one character."""
    return st.text(alphabet, min_size=1, max_size=max_size)


ALPHANUMERIC = string.ascii_letters + string.digits
ACCOUNTS = names(string.digits, max_size=12).map(lambda digits: digits.zfill(12))
# Characters that AWS allows in tags.
TEXTS = st.text(
    st.characters(categories=["L", "N", "Zs"], include_characters="_.:/=+-@"), max_size=256
)
# The CDK stores children in a JavaScript object, which has these properties.
RESERVED_IDS = {"__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"}
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(
    lambda text: text not in RESERVED_IDS
)


def arns(kind: str) -> st.SearchStrategy[str]:
    """Return a strategy for ARNs of load balancers in the account and Region of the stacks."""
    return st.builds(
        lambda name, number: (
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/"
            f"{kind}/{name}/{number}"
        ),
        names(ALPHANUMERIC + "-", max_size=32),
        names(string.hexdigits.lower(), max_size=16),
    )


def l1(kind: str) -> Factory:
    """Return a factory for a load balancer with the required properties only."""
    return lambda scope: elbv2.CfnLoadBalancer(
        scope,
        "L1",
        type=kind,
        subnets=["subnet-0123456789abcdef0"],
        ip_address_type="dualstack",
    )


def _network_load_balancer(scope: Construct) -> elbv2.NetworkLoadBalancer:
    attributes = ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    )
    return elbv2.NetworkLoadBalancer(
        scope, "L2", vpc=attributes, ip_address_type=elbv2.IpAddressType.DUAL_STACK
    )


def _imported(scope: Construct) -> elbv2.INetworkLoadBalancer:
    return elbv2.NetworkLoadBalancer.from_network_load_balancer_attributes(
        scope,
        "Imported",
        load_balancer_arn="arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/"
        "imported/0123456789abcdef",
    )


class Gateway(Construct):
    """A construct of a user that creates a Gateway Load Balancer."""

    load_balancer_type = "gateway"

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.load_balancer_arn: str = l1("gateway")(self).ref


NON_ARNS: dict[str, list[Factory]] = {
    "net": [*TOKENS, l1("network"), _network_load_balancer, _imported],
    "gwy": [*TOKENS, l1("gateway"), lambda scope: Gateway(scope, "Gateway")],
}


def load_balancers(kind: str) -> st.SearchStrategy[Factory]:
    """Return a strategy for load balancers of a type, as ARNs, tokens or constructs."""
    arns_only = st.lists(arns(kind), unique=True, max_size=2)
    others = st.lists(st.sampled_from(NON_ARNS[kind]), unique=True, max_size=2)
    both = st.tuples(arns_only, others).map(lambda drawn: [*map(constant, drawn[0]), *drawn[1]])
    wrap = LoadBalancers.network if kind == "net" else LoadBalancers.gateway
    return both.filter(bool).map(combine).map(lambda make: lambda scope: wrap(*make(scope)))


def list_of_load_balancers(scope: Construct) -> LoadBalancers:
    """Return a deploy-time list, whose length is a token too."""
    return LoadBalancers.network(*list_parameter(scope))


def _role(scope: Construct) -> iam.Role:
    return iam.Role(scope, "Role", assumed_by=iam.AccountRootPrincipal())


PRINCIPALS: st.SearchStrategy[Factory] = st.one_of(
    constants(ACCOUNTS.map(iam.AccountPrincipal)),
    constants(
        st.builds(
            lambda account, kind, name: iam.ArnPrincipal(f"arn:aws:iam::{account}:{kind}/{name}"),
            ACCOUNTS,
            st.sampled_from(["role", "user"]),
            names(ALPHANUMERIC + "_+=,.@-", max_size=64),
        )
    ),
    st.sampled_from(
        [
            lambda _: iam.AnyPrincipal(),
            lambda _: iam.ServicePrincipal("firehose.amazonaws.com"),
            lambda _: iam.AccountRootPrincipal(),
            lambda scope: iam.AccountPrincipal(Stack.of(scope).account),
            *(lambda scope, make=make: iam.AccountPrincipal(make(scope)) for make in TOKENS),
            *(lambda scope, make=make: iam.ArnPrincipal(make(scope)) for make in TOKENS),
            _role,
            lambda scope: iam.User(scope, "User"),
            lambda scope: iam.Role.from_role_name(scope, "Imported", "consumer"),
            lambda scope: iam.User.from_user_name(scope, "Imported", "consumer"),
        ]
    ),
)
# Principals with which AWS RAM shares parameters.
SHARE_PRINCIPALS: st.SearchStrategy[Factory] = st.one_of(
    constants(ACCOUNTS),
    constants(ACCOUNTS.map(iam.AccountPrincipal)),
    constants(ACCOUNTS.map(lambda account: iam.ArnPrincipal(f"arn:aws:iam::{account}:root"))),
    constants(ACCOUNTS.map(lambda account: f"arn:aws:iam::{account}:role/team/reader")),
    constants(ACCOUNTS.map(lambda account: f"arn:aws:organizations::{account}:organization/o-a1")),
    st.sampled_from(
        [
            *TOKENS,
            *(lambda scope, make=make: iam.AccountPrincipal(make(scope)) for make in TOKENS),
            lambda _: iam.AccountRootPrincipal(),
            _role,
            lambda scope: iam.User(scope, "User"),
            lambda scope: iam.Role.from_role_name(scope, "Imported", "consumer"),
        ]
    ),
)
# Names of SSM parameters, and names of existing ones, which AWS may have created.
EXISTING_PARAMETERS = st.from_regex(
    r"[A-Za-z0-9_.-]{1,60}|(/[A-Za-z0-9_.-]{1,20}){1,15}", fullmatch=True
)
PARAMETER_NAMES = constants(
    EXISTING_PARAMETERS.filter(
        lambda name: not name.lower().removeprefix("/").startswith(("aws", "ssm"))
    )
) | st.sampled_from(TOKENS)
LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", fullmatch=True)
DOMAIN_NAMES = st.builds(
    lambda labels, wildcard: ("*." if wildcard else "") + ".".join([*labels, "example.com"]),
    st.lists(LABELS, max_size=3),
    st.booleans(),
)


def _unnamed_zone(scope: Construct) -> route53.IHostedZone:
    return route53.PublicHostedZone.from_hosted_zone_id(scope, "ById", "Z0123456789")


def _new_zone(scope: Construct) -> route53.IHostedZone:
    return route53.PublicHostedZone(scope, "Zone", zone_name="Example.com")


def _named_zone(scope: Construct) -> route53.IHostedZone:
    return route53.HostedZone.from_hosted_zone_attributes(
        scope, "ByName", hosted_zone_id="Z0123456789", zone_name="example.com"
    )


PRIVATE_DNS: st.SearchStrategy[Factory] = st.builds(
    lambda name, zone: lambda scope: PrivateDns(name(scope), hosted_zone=zone(scope)),
    constants(DOMAIN_NAMES) | st.sampled_from(TOKENS),
    optional(st.sampled_from([_unnamed_zone, _new_zone, _named_zone])),
)


def _condition(scope: Construct) -> Any:
    condition = CfnCondition(
        scope, "Condition", expression=Fn.condition_equals(Aws.REGION, "eu-west-1")
    )
    return Fn.condition_if(condition.logical_id, True, False)


FLAGS = st.sampled_from(
    [
        constant(True),
        constant(False),
        _condition,
        lambda scope: CfnParameter(scope, "Flag", allowed_values=["true", "false"]).value,
    ]
)
TYPES = st.lists(
    st.sampled_from([ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6]), min_size=1, max_size=3
)
COMMON: dict[str, st.SearchStrategy[Factory]] = {
    "allowed_principals": st.lists(PRINCIPALS, max_size=4).map(combine),
    "allowed_regions": constants(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=4))
    | st.sampled_from([constant(None), list_parameter, *map(in_list, TOKENS)]),
    "acceptance_required": FLAGS,
    "contributor_insights": optional(FLAGS),
    "payer_responsibility": constants(st.sampled_from([None, PayerResponsibility.SERVICE_OWNER])),
    "supported_ip_address_types": optional(constants(TYPES)),
    "service_name_source": constants(st.sampled_from(ServiceNameSource)),
}
NETWORK = st.fixed_dictionaries(
    {"load_balancers": load_balancers("net")},
    optional={**COMMON, "private_dns": optional(PRIVATE_DNS)},
)
TOKEN_LIST = st.fixed_dictionaries(
    {"load_balancers": st.just(list_of_load_balancers)}, optional=COMMON
)
# EC2 supports other Regions for Network Load Balancers only.
GATEWAY = st.fixed_dictionaries(
    {"load_balancers": load_balancers("gwy")},
    optional={name: option for name, option in COMMON.items() if name != "allowed_regions"},
)
OPTIONS: st.SearchStrategy[dict[str, Factory]] = NETWORK | GATEWAY | TOKEN_LIST


def _encrypted_topic(scope: Construct) -> sns.Topic:
    return sns.Topic(scope, "Encrypted", master_key=kms.Key(scope, "Key"))


def _topic_in_another_stack(scope: Construct) -> sns.Topic:
    stack = Stack.of(scope)
    env = Environment(account=stack.account, region=stack.region)
    return sns.Topic(Stack(Stage.of(scope), f"Topics{scope.node.id}", env=env), "Topic")


TOPICS = st.sampled_from(
    [
        lambda scope: sns.Topic(scope, "Topic"),
        _encrypted_topic,
        lambda scope: sns.Topic.from_topic_arn(
            scope, "Imported", "arn:aws:sns:eu-west-1:111122223333:connections"
        ),
        _topic_in_another_stack,
    ]
)
EVENTS = st.none() | st.lists(st.sampled_from(ConnectionEvent), min_size=1, max_size=5)
ZONES = st.lists(
    st.sampled_from(["eu-west-1a", "eu-west-1b", "us-west-2-lax-1a"]), min_size=1, max_size=3
)
THRESHOLDS = st.integers(0, 10**9) | st.floats(0, 1e9)
