"""In which zones consumers connect: where the service is, as far as that is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Fn, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkValueError,
)
from tests.unit.networks import (
    ACCOUNT,
    ENDPOINT,
    IRELAND,
    NAME,
    VIRGINIA,
    existing_vpc,
    group,
    ids,
    refusal,
    routes_of,
    told,
    unlinted,
    vpc_of,
)
from tests.unit.templates import NETWORK_ARN, make_service, only, resources_of

THREE = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


def network_service(stack: Stack, *zones: str, vpc: ec2.IVpc | None = None, **options: Any) -> Any:
    """A service that is offered in the zones of a VPC."""
    vpc = vpc or existing_vpc(stack, "ProviderVpc", zones=list(zones))
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    return make_service(stack, load_balancers=LoadBalancers.network(nlb), **options)


def gateway_service(stack: Stack, *zones: str, vpc: ec2.IVpc | None = None) -> Any:
    """The same behind a Gateway Load Balancer."""
    vpc = vpc or existing_vpc(stack, "ProviderVpc", zones=list(zones))
    gateway = GatewayLoadBalancer(stack, "Gwlb", vpc=vpc)
    return make_service(stack, load_balancers=LoadBalancers.gateway(gateway))


def connect(stack: Stack, **options: Any) -> list[Any]:
    """An interface endpoint; the subnets that it is in."""
    endpoint = InterfaceEndpoint(stack, "Endpoint", **options)
    resource = endpoint.node.default_child
    assert isinstance(resource, ec2.CfnVPCEndpoint)
    found: list[Any] = stack.resolve(resource.subnet_ids)
    return found


def inspect(stack: Stack, **options: Any) -> list[Any]:
    """The same with Gateway Load Balancer endpoints."""
    endpoints = GatewayLoadBalancerEndpoints(stack, "Endpoint", **options)
    found = []
    for child in endpoints.node.children:
        if isinstance(child, ec2.CfnVPCEndpoint):
            found += stack.resolve(child.subnet_ids)
    return found


BOTH = pytest.mark.parametrize(
    ("serve", "consume"), [(network_service, connect), (gateway_service, inspect)]
)
Serve = Callable[..., PrivateLinkEndpointService]
Consume = Callable[..., list[Any]]


@BOTH
class TestKnownZones:
    def test_subnets_in_others_are_left_out(
        self, stack: Stack, serve: Serve, consume: Consume
    ) -> None:
        service = serve(stack, "eu-west-1b", "eu-west-1c", "eu-west-1d")
        vpc = existing_vpc(stack, zones=THREE)
        assert consume(stack, vpc=vpc, service=service) == ids("subnet", 2, 2)

    def test_another_subnet_of_the_same_zone_is_no_matter(
        self, stack: Stack, serve: Serve, consume: Consume
    ) -> None:
        service = serve(stack, "eu-west-1b")
        found = consume(
            stack, vpc=existing_vpc(stack, zones=THREE), service=service, subnets=ISOLATED
        )
        assert found == ids("subnet", 12, 1)

    def test_none_is_left(self, stack: Stack, serve: Serve, consume: Consume) -> None:
        service, vpc = serve(stack, "eu-west-1c", "eu-west-1d"), existing_vpc(stack)
        assert refusal(
            stack, PrivateLinkValueError, lambda: consume(stack, vpc=vpc, service=service)
        ) == (
            "`subnets` must have a subnet in an Availability Zone of the service, got "
            "`eu-west-1a`, `eu-west-1b`; pass subnets in `eu-west-1c`, `eu-west-1d`  "
            "[Stack/Endpoint]"
        )

    def test_of_a_vpc_in_a_stack_of_any_environment(
        self, stack: Stack, serve: Serve, consume: Consume
    ) -> None:
        # GIVEN zones that are places in the list of the region
        provider = vpc_of(stack, "Provider")
        first = ec2.Subnet.from_subnet_attributes(
            stack,
            "First",
            subnet_id="subnet-0123456789abcdef0",
            availability_zone=Fn.select(0, Fn.get_azs()),
        )
        third = ec2.Subnet.from_subnet_attributes(
            stack,
            "Third",
            subnet_id="subnet-0123456789abcdef3",
            availability_zone=Fn.select(2, Fn.get_azs()),
        )
        # THEN these are told from each other
        found = consume(
            stack,
            vpc=existing_vpc(stack),
            service=serve(stack, vpc=provider),
            subnets=ec2.SubnetSelection(subnets=[first, third]),
        )
        assert found == ["subnet-0123456789abcdef0"]

    def test_of_a_stack_around(self, serve: Serve, consume: Consume) -> None:
        outer = Stack(App(), "Outer", env=IRELAND)
        service, inner = serve(outer, "eu-west-1b"), NestedStack(outer, "Inner")
        found = consume(inner, vpc=existing_vpc(inner, zones=THREE), service=service)
        assert found == ids("subnet", 2, 1)

    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_of_another_stack(
        self, serve: Serve, consume: Consume, env: Environment | None
    ) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        service = serve(provider, "eu-west-1b")
        found = consume(stack, vpc=existing_vpc(stack, zones=THREE), service=service)
        assert found == ids("subnet", 2, 1)


class TestUnknownZones:
    def test_of_an_arn(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.network(NETWORK_ARN))
        assert connect(stack, vpc=existing_vpc(stack), service=service) == ids("subnet", 1, 2)

    def test_of_one_of_several_load_balancers(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, "ProviderVpc", zones=["eu-west-1b"])
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
        load_balancers = LoadBalancers.network(nlb, NETWORK_ARN)
        service = make_service(stack, load_balancers=load_balancers)
        assert connect(stack, vpc=existing_vpc(stack), service=service) == ids("subnet", 1, 2)

    def test_of_several_load_balancers(self, stack: Stack) -> None:
        nlbs = [
            elbv2.NetworkLoadBalancer(
                stack, f"{zone}-nlb", vpc=existing_vpc(stack, f"{zone}-vpc", zones=[zone])
            )
            for zone in ("eu-west-1a", "eu-west-1c")
        ]
        service = make_service(stack, load_balancers=LoadBalancers.network(*nlbs))
        found = connect(stack, vpc=existing_vpc(stack, zones=THREE), service=service)
        assert found == [*ids("subnet", 1, 1), *ids("subnet", 3, 1)]

    @BOTH
    def test_of_another_account(self, serve: Serve, consume: Consume) -> None:
        # GIVEN an account that may mean other zones by the same names
        app = App()
        other = Environment(account="444455556666", region="eu-west-1")
        provider, stack = Stack(app, "Provider", env=other), Stack(app, "Stack", env=IRELAND)
        service = serve(provider, "eu-west-1b")
        found = consume(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    def test_of_another_region(self) -> None:
        app = App()
        provider, stack = Stack(app, "Provider", env=VIRGINIA), Stack(app, "Stack", env=IRELAND)
        service = network_service(provider, "us-east-1a", allowed_regions=["eu-west-1"])
        found = connect(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH
    def test_where_one_side_has_names_and_the_other_has_not(
        self, stack: Stack, serve: Serve, consume: Consume
    ) -> None:
        # GIVEN a service in zones by their names, and a VPC in zones by their place
        service = serve(stack, "eu-west-1a", "eu-west-1b")
        found = consume(stack, vpc=vpc_of(stack), service=service)
        assert told(found) == ["VpcPrivateSubnet1Subnet", "VpcPrivateSubnet2Subnet"]

    @BOTH
    def test_where_the_other_side_has(self, stack: Stack, serve: Serve, consume: Consume) -> None:
        service = serve(stack, vpc=vpc_of(stack, "Provider"))
        found = consume(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH
    def test_zones_of_parameters(self, stack: Stack, serve: Serve, consume: Consume) -> None:
        zones = [CfnParameter(stack, f"Zone{n}").value_as_string for n in (1, 2)]
        service = serve(stack, "eu-west-1a")
        found = consume(stack, vpc=existing_vpc(stack, zones=zones), service=service)
        assert found == ids("subnet", 1, 2)


LOOKED_UP = {
    "vpcId": "vpc-0123456789abcdef0",
    "vpcCidrBlock": "10.0.0.0/16",
    "ownerAccountId": ACCOUNT,
    "availabilityZones": [],
    "subnetGroups": [
        {
            "name": name,
            "type": kind,
            "subnets": [
                {
                    "subnetId": f"subnet-{number + place:017}",
                    "cidr": f"10.0.{number + place}.0/24",
                    "availabilityZone": zone,
                    "routeTableId": f"rtb-{number + place:017}",
                }
                for place, zone in enumerate(THREE)
            ],
        }
        for name, kind, number in (("Gate", "Public", 1), ("Application", "Isolated", 11))
    ],
}


def consumers(stack: Stack, vpc: ec2.IVpc | ec2.Vpc) -> None:
    """All that asks for zones, none of which may keep the CLI from its look-ups."""
    zone = ec2.SubnetSelection(
        subnet_group_name="Gate", availability_zones=["eu-west-1b", "eu-west-1c"]
    )
    InterfaceEndpoint(
        stack,
        "Interface",
        vpc=vpc,
        service=NAME,
        subnets=zone,
        lookup_supported_azs=True,
    )
    gateway = GatewayLoadBalancer(stack, "Gateway", vpc=vpc, vpc_subnets=zone)
    service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway))
    endpoints = GatewayLoadBalancerEndpoints(stack, "Gates", vpc=vpc, service=service, subnets=zone)
    application = ec2.SubnetSelection(
        subnet_group_name="Application", availability_zones=["eu-west-1b"]
    )
    endpoints.add_routes(
        subnets=application, destination="0.0.0.0/0", return_path="igw-0123456789abcdef0"
    )
    every = GatewayLoadBalancerEndpoints(
        stack, "All", vpc=vpc, service=service, subnets=group("Gate")
    )
    every.add_routes(
        subnets=application, destination="172.16.0.0/12", return_path="vgw-0123456789abcdef0"
    )


class TestLookUps:
    """What has not been looked up yet is no reason to refuse anything."""

    ZONES = "endpoint-service-availability-zones:account=111122223333:region=eu-west-1"

    def missing(self, stack: Stack) -> dict[str, str]:
        """The look-ups that the CLI is asked for: the keys of what they find."""
        app = stack.node.root
        assert isinstance(app, App)
        manifest = Path(app.synth().directory, "manifest.json").read_text(encoding="utf-8")
        found = json.loads(manifest).get("missing", [])
        return {each["provider"]: each["key"] for each in found}

    def stack(self, **context: Any) -> Stack:
        return Stack(App(context=context), "Stack", env=IRELAND)

    def looked_up(self, stack: Stack) -> ec2.IVpc:
        return ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")

    def test_a_vpc_and_the_zones_of_a_service(self) -> None:
        stack = self.stack()
        consumers(stack, self.looked_up(stack))
        assert set(self.missing(stack)) == {"vpc-provider", "endpoint-service-availability-zones"}
        # Routes to what is made up are none.
        assert routes_of(stack, lint=False) == {}

    def test_a_vpc_in_a_stack_of_which_the_zones_are_known(self) -> None:
        # GIVEN what an earlier look-up has found
        known = {"availability-zones:account=111122223333:region=eu-west-1": THREE}
        stack = self.stack(**known)
        # THEN the made up zones of the VPC are not held against it
        consumers(stack, self.looked_up(stack))
        assert unlinted(stack, ENDPOINT)

    def test_zones_of_a_stack(self) -> None:
        stack = self.stack()
        vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        consumers(stack, vpc)
        assert "availability-zones" in self.missing(stack)
        # Nor are there routes of subnets in zones that are not known yet.
        assert routes_of(stack, lint=False) == {}

    def test_subnets_that_stand_for_others_are_not_those_of_the_endpoints(self) -> None:
        # GIVEN endpoints in a zone that is not known yet, which any subnet stands for
        stack = self.stack()
        vpc = vpc_of(stack, Isolated=ec2.SubnetType.PRIVATE_ISOLATED)
        one = ec2.SubnetSelection(
            subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, availability_zones=["eu-west-1a"]
        )
        endpoints = GatewayLoadBalancerEndpoints(stack, "Gates", vpc=vpc, service=NAME, subnets=one)
        # THEN another one can be routed through them, whichever that turns out to be
        other = ec2.SubnetSelection(subnets=[vpc.isolated_subnets[1]])
        endpoints.add_routes(
            subnets=other, destination="0.0.0.0/0", return_path="igw-0123456789abcdef0"
        )
        assert len(unlinted(stack, ENDPOINT)) == 2
        assert routes_of(stack, lint=False) == {}

    def test_zones_of_a_service_for_a_vpc_that_is_known(self) -> None:
        stack = self.stack()
        connect(stack, vpc=existing_vpc(stack), service=NAME, lookup_supported_azs=True)
        assert set(self.missing(stack)) == {"endpoint-service-availability-zones"}

    @BOTH
    def test_a_service_in_made_up_zones(self, serve: Serve, consume: Consume) -> None:
        stack = self.stack()
        service = serve(stack, vpc=vpc_of(stack, "Provider"))
        found = consume(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH
    def test_a_service_in_a_vpc_that_is_made_up(self, serve: Serve, consume: Consume) -> None:
        stack = self.stack()
        service = serve(stack, vpc=self.looked_up(stack))
        found = consume(stack, vpc=existing_vpc(stack, "Consumer"), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH
    def test_a_consumer_in_made_up_zones(self, serve: Serve, consume: Consume) -> None:
        stack = self.stack()
        service = serve(stack, "eu-west-1b")
        found = consume(stack, vpc=vpc_of(stack), service=service)
        assert told(found) == ["VpcPrivateSubnet1Subnet", "VpcPrivateSubnet2Subnet"]

    def test_a_selection_of_nothing_is_refused_all_the_same(self) -> None:
        stack = self.stack()
        vpc, nothing = vpc_of(stack), ec2.SubnetSelection(subnets=[])
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, subnets=nothing),
        )
        assert message.startswith(
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC `Stack/Vpc`; "
        )

    def test_once_all_is_looked_up(self) -> None:
        # GIVEN what the CLI has found
        asking = self.stack()
        consumers(asking, self.looked_up(asking))
        keys = self.missing(asking)
        stack = self.stack(
            **{
                keys["vpc-provider"]: LOOKED_UP,
                keys["endpoint-service-availability-zones"]: ["eu-west-1a", "eu-west-1c"],
            }
        )
        consumers(stack, self.looked_up(stack))
        # THEN that decides
        assert self.missing(stack) == {}
        found = {
            told(key): each["Properties"]["SubnetIds"]
            for key, each in resources_of(stack, ENDPOINT).items()
        }
        b, c = ids("subnet", 2, 1), ids("subnet", 3, 1)
        assert found == {
            "Interface": c,
            "GatesEndpointGateSubnet2": b,
            "GatesEndpointGateSubnet3": c,
            "AllEndpointGateSubnet2": b,
            "AllEndpointGateSubnet3": c,
        }
        assert routes_of(stack)[ids("rtb", 12, 1)[0]] == {
            "0.0.0.0/0": "GatesEndpointGateSubnet2",
            "172.16.0.0/12": "AllEndpointGateSubnet2",
        }

    def test_a_service_that_is_not_where_the_subnets_are(self) -> None:
        stack = self.stack(**{f"{self.ZONES}:serviceName={NAME}": ["eu-west-1c"]})
        vpc = existing_vpc(stack)
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, lookup_supported_azs=True),
        ) == (
            "`subnets` must have a subnet in an Availability Zone of the service, got "
            "`eu-west-1a`, `eu-west-1b`; pass subnets in `eu-west-1c`  [Stack/Endpoint]"
        )

    def test_zones_that_cannot_be_compared(self) -> None:
        stack = self.stack()
        vpc = vpc_of(Stack(App.of(stack), "Network"))
        assert refusal(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, lookup_supported_azs=True),
        ) == (
            "`lookup_supported_azs` must be used with subnets in literal Availability "
            "Zones, got `Network/Vpc/PrivateSubnet1`; pass `subnets` in the zones of the "
            "service instead  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        ("env", "service", "problem"),
        [
            (IRELAND, lambda stack: CfnParameter(stack, "Name").value_as_string, "the literal"),
            (None, lambda _: NAME, "a stack with a literal account"),
            (Environment(account=ACCOUNT), lambda _: NAME, "a stack with a literal Region"),
        ],
    )
    def test_what_cannot_be_looked_up(
        self, env: Environment | None, service: Callable[[Stack], str], problem: str
    ) -> None:
        stack = Stack(App(), "Stack", env=env)
        vpc, name = existing_vpc(stack), service(stack)
        message = refusal(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=name, lookup_supported_azs=True),
        )
        assert message.startswith(f"`lookup_supported_azs` must be used with {problem}")
        assert message.endswith(
            "; pass `subnets` in the zones of the service instead  [Stack/Endpoint]"
        )

    def test_nothing_is_looked_up_unasked(self) -> None:
        stack = self.stack()
        connect(stack, vpc=existing_vpc(stack), service=NAME)
        assert self.missing(stack) == {}
        assert only(stack, ENDPOINT)
