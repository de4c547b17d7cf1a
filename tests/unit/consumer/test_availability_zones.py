"""The Availability Zones of endpoints, which depend on the zones of the service if known."""

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
    catch_error,
    existing_vpc,
    find_unlinted,
    group,
    ids,
    resolve_reference,
    routes_of,
    vpc_of,
)
from tests.unit.templates import NETWORK_ARN, make_service, only, resources_of

THREE = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


def network_service(stack: Stack, *zones: str, vpc: ec2.IVpc | None = None, **options: Any) -> Any:
    """Create a service with a Network Load Balancer in the zones."""
    vpc = vpc or existing_vpc(stack, "ProviderVpc", zones=list(zones))
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    return make_service(stack, load_balancers=LoadBalancers.network(nlb), **options)


def gateway_service(stack: Stack, *zones: str, vpc: ec2.IVpc | None = None) -> Any:
    """Create a service with a Gateway Load Balancer in the zones."""
    vpc = vpc or existing_vpc(stack, "ProviderVpc", zones=list(zones))
    gateway = GatewayLoadBalancer(stack, "Gwlb", vpc=vpc)
    return make_service(stack, load_balancers=LoadBalancers.gateway(gateway))


def connect(stack: Stack, **options: Any) -> list[Any]:
    """Create an interface endpoint and return its subnets."""
    endpoint = InterfaceEndpoint(stack, "Endpoint", **options)
    resource = endpoint.node.default_child
    assert isinstance(resource, ec2.CfnVPCEndpoint)
    found: list[Any] = stack.resolve(resource.subnet_ids)
    return found


def test_an_interface_endpoint_is_in_the_zones_of_the_load_balancer_not_of_its_vpc() -> None:
    stack = Stack(App(), "Stack", env=IRELAND)
    provider_vpc = existing_vpc(stack, "ProviderVpc", zones=THREE)
    first = ec2.SubnetSelection(availability_zones=THREE[:1])
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=provider_vpc, vpc_subnets=first)
    service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
    vpc = existing_vpc(stack, zones=THREE)
    (subnet,) = connect(stack, vpc=vpc, service=service)
    assert subnet == vpc.private_subnets[0].subnet_id


def inspect(stack: Stack, **options: Any) -> list[Any]:
    """Create Gateway Load Balancer endpoints and return their subnets."""
    endpoints = GatewayLoadBalancerEndpoints(stack, "Endpoint", **options)
    found = []
    for child in endpoints.node.children:
        if isinstance(child, ec2.CfnVPCEndpoint):
            found += stack.resolve(child.subnet_ids)
    return found


BOTH_TYPES = pytest.mark.parametrize(
    ("create_service", "create_endpoint"), [(network_service, connect), (gateway_service, inspect)]
)
CreateService = Callable[..., PrivateLinkEndpointService]
CreateEndpoint = Callable[..., list[Any]]


@BOTH_TYPES
class TestKnownZones:
    def test_subnets_outside_of_the_zones_of_the_service_are_omitted(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        service = create_service(stack, "eu-west-1b", "eu-west-1c", "eu-west-1d")
        vpc = existing_vpc(stack, zones=THREE)
        assert create_endpoint(stack, vpc=vpc, service=service) == ids("subnet", 2, 2)

    def test_an_endpoint_can_be_in_another_subnet_of_the_zone_of_the_service(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        service = create_service(stack, "eu-west-1b")
        found = create_endpoint(
            stack, vpc=existing_vpc(stack, zones=THREE), service=service, subnets=ISOLATED
        )
        assert found == ids("subnet", 12, 1)

    def test_subnets_without_a_zone_of_the_service_are_rejected(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        service, vpc = create_service(stack, "eu-west-1c", "eu-west-1d"), existing_vpc(stack)
        assert catch_error(
            stack, PrivateLinkValueError, lambda: create_endpoint(stack, vpc=vpc, service=service)
        ) == (
            "`subnets` must have a subnet in an Availability Zone of the service, got "
            "`eu-west-1a`, `eu-west-1b`; pass subnets in `eu-west-1c`, `eu-west-1d`  "
            "[Stack/Endpoint]"
        )

    def test_zones_by_index_in_one_stack_are_compared(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        # GIVEN zones that are indexes in the list of the Region
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
        # THEN different indexes are different zones
        found = create_endpoint(
            stack,
            vpc=existing_vpc(stack),
            service=create_service(stack, vpc=provider),
            subnets=ec2.SubnetSelection(subnets=[first, third]),
        )
        assert found == ["subnet-0123456789abcdef0"]

    def test_zones_of_the_parent_stack_are_compared(
        self, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        outer = Stack(App(), "Outer", env=IRELAND)
        service, inner = create_service(outer, "eu-west-1b"), NestedStack(outer, "Inner")
        found = create_endpoint(inner, vpc=existing_vpc(inner, zones=THREE), service=service)
        assert found == ids("subnet", 2, 1)

    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_zones_of_another_stack_are_compared(
        self,
        create_service: CreateService,
        create_endpoint: CreateEndpoint,
        env: Environment | None,
    ) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        service = create_service(provider, "eu-west-1b")
        found = create_endpoint(stack, vpc=existing_vpc(stack, zones=THREE), service=service)
        assert found == ids("subnet", 2, 1)


class TestUnknownZones:
    def test_the_zones_of_a_load_balancer_arn_are_unknown(self, stack: Stack) -> None:
        service = make_service(stack, load_balancers=LoadBalancers.network(NETWORK_ARN))
        assert connect(stack, vpc=existing_vpc(stack), service=service) == ids("subnet", 1, 2)

    def test_the_zones_of_a_load_balancer_and_an_arn_are_unknown(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, "ProviderVpc", zones=["eu-west-1b"])
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
        load_balancers = LoadBalancers.network(nlb, NETWORK_ARN)
        service = make_service(stack, load_balancers=load_balancers)
        assert connect(stack, vpc=existing_vpc(stack), service=service) == ids("subnet", 1, 2)

    def test_the_zones_of_several_load_balancers_are_combined(self, stack: Stack) -> None:
        nlbs = [
            elbv2.NetworkLoadBalancer(
                stack, f"{zone}-nlb", vpc=existing_vpc(stack, f"{zone}-vpc", zones=[zone])
            )
            for zone in ("eu-west-1a", "eu-west-1c")
        ]
        service = make_service(stack, load_balancers=LoadBalancers.network(*nlbs))
        found = connect(stack, vpc=existing_vpc(stack, zones=THREE), service=service)
        assert found == [*ids("subnet", 1, 1), *ids("subnet", 3, 1)]

    @BOTH_TYPES
    def test_zone_names_of_another_account_are_not_compared(
        self, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        # GIVEN an account in which the same names can be other zones
        app = App()
        other = Environment(account="444455556666", region="eu-west-1")
        provider, stack = Stack(app, "Provider", env=other), Stack(app, "Stack", env=IRELAND)
        service = create_service(provider, "eu-west-1b")
        found = create_endpoint(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    def test_zone_names_of_another_region_are_not_compared(self) -> None:
        app = App()
        provider, stack = Stack(app, "Provider", env=VIRGINIA), Stack(app, "Stack", env=IRELAND)
        service = network_service(provider, "us-east-1a", allowed_regions=["eu-west-1"])
        found = connect(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH_TYPES
    def test_literal_zones_of_a_service_are_not_compared_with_zones_by_index(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        # GIVEN a service with literal zones, and a VPC with zones by index
        service = create_service(stack, "eu-west-1a", "eu-west-1b")
        found = create_endpoint(stack, vpc=vpc_of(stack), service=service)
        assert resolve_reference(found) == ["VpcPrivateSubnet1Subnet", "VpcPrivateSubnet2Subnet"]

    @BOTH_TYPES
    def test_zones_by_index_of_a_service_are_not_compared_with_literal_zones(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        service = create_service(stack, vpc=vpc_of(stack, "Provider"))
        found = create_endpoint(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH_TYPES
    def test_token_zones_are_not_compared(
        self, stack: Stack, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        zones = [CfnParameter(stack, f"Zone{n}").value_as_string for n in (1, 2)]
        service = create_service(stack, "eu-west-1a")
        found = create_endpoint(stack, vpc=existing_vpc(stack, zones=zones), service=service)
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
                    "subnetId": f"subnet-{number + index:017}",
                    "cidr": f"10.0.{number + index}.0/24",
                    "availabilityZone": zone,
                    "routeTableId": f"rtb-{number + index:017}",
                }
                for index, zone in enumerate(THREE)
            ],
        }
        for name, kind, number in (("Gate", "Public", 1), ("Application", "Isolated", 11))
    ],
}


def consumers(stack: Stack, vpc: ec2.IVpc | ec2.Vpc) -> None:
    """Create all constructs with zones. None of them must fail before the lookups of the CLI."""
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
    all_endpoints = GatewayLoadBalancerEndpoints(
        stack, "All", vpc=vpc, service=service, subnets=group("Gate")
    )
    all_endpoints.add_routes(
        subnets=application, destination="172.16.0.0/12", return_path="vgw-0123456789abcdef0"
    )


class TestLookups:
    """The placeholders of pending lookups are not a reason to reject arguments."""

    ZONES = "endpoint-service-availability-zones:account=111122223333:region=eu-west-1"

    def get_missing(self, stack: Stack) -> dict[str, str]:
        """Return the context keys of pending lookups by provider."""
        app = stack.node.root
        assert isinstance(app, App)
        manifest = Path(app.synth().directory, "manifest.json").read_text(encoding="utf-8")
        found = json.loads(manifest).get("missing", [])
        return {each["provider"]: each["key"] for each in found}

    def create_stack(self, **context: Any) -> Stack:
        return Stack(App(context=context), "Stack", env=IRELAND)

    def lookup_vpc(self, stack: Stack) -> ec2.IVpc:
        return ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")

    def test_pending_lookups_of_a_vpc_and_of_a_service_raise_no_error(self) -> None:
        stack = self.create_stack()
        consumers(stack, self.lookup_vpc(stack))
        assert set(self.get_missing(stack)) == {
            "vpc-provider",
            "endpoint-service-availability-zones",
        }
        # Placeholder subnets have no routes.
        assert routes_of(stack, lint=False) == {}

    def test_a_pending_lookup_of_a_vpc_in_a_stack_with_known_zones_raises_no_error(self) -> None:
        # GIVEN the result of an earlier lookup
        context = {"availability-zones:account=111122223333:region=eu-west-1": THREE}
        stack = self.create_stack(**context)
        # THEN the placeholder zones of the VPC are accepted
        consumers(stack, self.lookup_vpc(stack))
        assert find_unlinted(stack, ENDPOINT)

    def test_a_pending_lookup_of_the_zones_of_a_stack_raises_no_error(self) -> None:
        stack = self.create_stack()
        vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        consumers(stack, vpc)
        assert "availability-zones" in self.get_missing(stack)
        # Subnets in placeholder zones have no routes.
        assert routes_of(stack, lint=False) == {}

    def test_placeholder_subnets_are_not_the_subnets_of_the_endpoints(self) -> None:
        # GIVEN endpoints in a zone that is not looked up yet, for which any subnet is a placeholder
        stack = self.create_stack()
        vpc = vpc_of(stack, Isolated=ec2.SubnetType.PRIVATE_ISOLATED)
        one = ec2.SubnetSelection(
            subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, availability_zones=["eu-west-1a"]
        )
        endpoints = GatewayLoadBalancerEndpoints(stack, "Gates", vpc=vpc, service=NAME, subnets=one)
        # THEN any subnet can have routes through the endpoints
        other = ec2.SubnetSelection(subnets=[vpc.isolated_subnets[1]])
        endpoints.add_routes(
            subnets=other, destination="0.0.0.0/0", return_path="igw-0123456789abcdef0"
        )
        assert len(find_unlinted(stack, ENDPOINT)) == 2
        assert routes_of(stack, lint=False) == {}

    def test_a_pending_lookup_of_a_service_for_a_known_vpc_raises_no_error(self) -> None:
        stack = self.create_stack()
        connect(stack, vpc=existing_vpc(stack), service=NAME, lookup_supported_azs=True)
        assert set(self.get_missing(stack)) == {"endpoint-service-availability-zones"}

    @BOTH_TYPES
    def test_placeholder_zones_of_a_service_are_not_compared(
        self, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        stack = self.create_stack()
        service = create_service(stack, vpc=vpc_of(stack, "Provider"))
        found = create_endpoint(stack, vpc=existing_vpc(stack), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH_TYPES
    def test_a_placeholder_vpc_of_a_service_is_not_compared(
        self, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        stack = self.create_stack()
        service = create_service(stack, vpc=self.lookup_vpc(stack))
        found = create_endpoint(stack, vpc=existing_vpc(stack, "Consumer"), service=service)
        assert found == ids("subnet", 1, 2)

    @BOTH_TYPES
    def test_placeholder_zones_of_a_consumer_are_not_compared(
        self, create_service: CreateService, create_endpoint: CreateEndpoint
    ) -> None:
        stack = self.create_stack()
        service = create_service(stack, "eu-west-1b")
        found = create_endpoint(stack, vpc=vpc_of(stack), service=service)
        assert resolve_reference(found) == ["VpcPrivateSubnet1Subnet", "VpcPrivateSubnet2Subnet"]

    def test_an_empty_selection_is_rejected_despite_pending_lookups(self) -> None:
        stack = self.create_stack()
        vpc, nothing = vpc_of(stack), ec2.SubnetSelection(subnets=[])
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, subnets=nothing),
        )
        assert message.startswith(
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC `Stack/Vpc`; "
        )

    def test_the_results_of_lookups_determine_the_zones_and_routes(self) -> None:
        # GIVEN the results of all lookups
        pending = self.create_stack()
        consumers(pending, self.lookup_vpc(pending))
        keys = self.get_missing(pending)
        stack = self.create_stack(
            **{
                keys["vpc-provider"]: LOOKED_UP,
                keys["endpoint-service-availability-zones"]: ["eu-west-1a", "eu-west-1c"],
            }
        )
        consumers(stack, self.lookup_vpc(stack))
        # THEN the endpoints are in the zones of the results
        assert self.get_missing(stack) == {}
        found = {
            resolve_reference(key): each["Properties"]["SubnetIds"]
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

    def test_subnets_outside_of_the_zones_of_a_lookup_are_rejected(self) -> None:
        stack = self.create_stack(**{f"{self.ZONES}:serviceName={NAME}": ["eu-west-1c"]})
        vpc = existing_vpc(stack)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, lookup_supported_azs=True),
        ) == (
            "`subnets` must have a subnet in an Availability Zone of the service, got "
            "`eu-west-1a`, `eu-west-1b`; pass subnets in `eu-west-1c`  [Stack/Endpoint]"
        )

    def test_a_lookup_for_subnets_in_zones_by_index_is_rejected(self) -> None:
        stack = self.create_stack()
        vpc = vpc_of(Stack(App.of(stack), "Network"))
        assert catch_error(
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
    def test_a_lookup_without_a_literal_service_or_environment_is_rejected(
        self, env: Environment | None, service: Callable[[Stack], str], problem: str
    ) -> None:
        stack = Stack(App(), "Stack", env=env)
        vpc, name = existing_vpc(stack), service(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=name, lookup_supported_azs=True),
        )
        assert message.startswith(f"`lookup_supported_azs` must be used with {problem}")
        assert message.endswith(
            "; pass `subnets` in the zones of the service instead  [Stack/Endpoint]"
        )

    def test_a_lookup_of_a_service_in_another_region_is_rejected(self) -> None:
        stack = Stack(App(), "Stack", env=VIRGINIA)
        vpc = existing_vpc(stack)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: connect(stack, vpc=vpc, service=NAME, lookup_supported_azs=True),
        ) == (
            "`lookup_supported_azs` must be used with a service in the Region of the endpoint, got "
            "`eu-west-1`; leave it out: endpoints to another Region can be in any zone  "
            "[Stack/Endpoint]"
        )

    def test_zones_are_not_looked_up_by_default(self) -> None:
        stack = self.create_stack()
        connect(stack, vpc=existing_vpc(stack), service=NAME)
        assert self.get_missing(stack) == {}
        assert only(stack, ENDPOINT)
