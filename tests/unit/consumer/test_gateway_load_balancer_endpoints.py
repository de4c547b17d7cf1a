"""Gateway Load Balancer endpoints: one in each zone, to services that can be behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    LoadBalancers,
    PrivateLinkEndpointService,
    PrivateLinkTypeError,
    PrivateLinkValueError,
)
from tests.unit.networks import (
    ACCOUNT,
    ENDPOINT,
    IRELAND,
    NAME,
    VIRGINIA,
    elements,
    existing_vpc,
    group,
    ids,
    refusal,
    told,
    vpc_of,
)
from tests.unit.templates import GATEWAY_ARN, make_service, resources_of, template_of

ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


def inspect(stack: Stack, id: str = "Inspection", **options: Any) -> GatewayLoadBalancerEndpoints:
    """Endpoints in an existing VPC, to an existing service, unless the options say else."""
    options.setdefault("service", NAME)
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return GatewayLoadBalancerEndpoints(stack, id, **options)


def said(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return refusal(stack, error_type, lambda: inspect(stack, **options))


def service_of(stack: Stack, **options: Any) -> PrivateLinkEndpointService:
    return make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN), **options)


class TestResources:
    def test_what_is_there_by_default(self, stack: Stack) -> None:
        inspect(stack)
        template = template_of(stack)
        assert template["Resources"] == {
            f"InspectionEndpointPrivateSubnet{number}{digest}": {
                "Type": ENDPOINT,
                "Properties": {
                    "VpcEndpointType": "GatewayLoadBalancer",
                    "VpcId": "vpc-0123456789abcdef0",
                    "ServiceName": NAME,
                    "SubnetIds": ids("subnet", number, 1),
                },
            }
            for number, digest in ((1, "359CA532"), (2, "BD1B0096"))
        }
        # EC2 has these endpoints for services of its own region only.
        assert "Conditions" not in template

    def test_subnets_that_are_chosen(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        made = inspect(stack, vpc=vpc, subnets=group("Gate"))
        assert [told(each) for each in resources_of(stack, ENDPOINT)] == [
            "InspectionEndpointGateSubnet1",
            "InspectionEndpointGateSubnet2",
        ]
        assert told(stack.resolve(made.vpc_endpoint_ids)) == [
            "InspectionEndpointGateSubnet1",
            "InspectionEndpointGateSubnet2",
        ]
        assert made.availability_zones == vpc.availability_zones

    def test_ids_stay_when_a_zone_is_put_before_others(self) -> None:
        # GIVEN a VPC that gets another zone, which comes first
        found = []
        for zones in (["eu-west-1b"], ["eu-west-1a", "eu-west-1b"]):
            stack = Stack(App(), "Stack")
            subnets = [
                ec2.Subnet.from_subnet_attributes(
                    stack, zone, subnet_id=f"subnet-{number:017}", availability_zone=zone
                )
                for number, zone in enumerate(zones)
            ]
            inspect(stack, subnets=ec2.SubnetSelection(subnets=subnets))
            found.append(set(resources_of(stack, ENDPOINT)))
        # THEN the endpoint of the other one is not replaced
        assert found[0] < found[1]

    def test_one_private_subnet_of_each_zone_by_default(self, stack: Stack) -> None:
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        assert inspect(stack, vpc=vpc).availability_zones == zones[:2]

    @pytest.mark.parametrize("kind", ec2.VpcEndpointIpAddressType)
    def test_ip_addresses(self, stack: Stack, kind: ec2.VpcEndpointIpAddressType) -> None:
        inspect(stack, ip_address_type=kind)
        found = resources_of(stack, ENDPOINT).values()
        assert [each["Properties"]["IpAddressType"] for each in found] == [kind.name.lower()] * 2

    def test_imported_subnets_of_other_places(self, stack: Stack) -> None:
        place = Construct(stack, "Network")
        subnet = ec2.Subnet.from_subnet_attributes(
            place, "Gate", subnet_id="subnet-0123456789abcdef0", availability_zone="eu-west-1a"
        )
        inspect(stack, subnets=ec2.SubnetSelection(subnets=[subnet]))
        (found,) = resources_of(stack, ENDPOINT)
        assert told(found) == "InspectionEndpointNetworkGate"

    def test_a_vpc_of_another_stack(self) -> None:
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        inspect(stack, vpc=vpc_of(network))
        found = resources_of(stack, ENDPOINT)
        assert [told(each) for each in found] == [
            "InspectionEndpointPrivateSubnet1",
            "InspectionEndpointPrivateSubnet2",
        ]
        assert resources_of(network, ENDPOINT) == {}


class TestServices:
    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_one_of_this_app(self, env: Environment | None) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        inspect(stack, service=service_of(provider, allowed_principals=[iam.AnyPrincipal()]))
        names = [
            each["Properties"]["ServiceName"] for each in resources_of(stack, ENDPOINT).values()
        ]
        assert [told(name).partition("ServiceName")[0] for name in names] == [
            "Provider:ExportsOutputFnGetAttPayments"
        ] * 2
        assert stack.dependencies == [provider]

    def test_all_wait_for_permissions_of_whenever(self, stack: Stack) -> None:
        service = service_of(stack)
        inspect(stack, service=service)
        service.allow_principals(iam.AccountPrincipal(ACCOUNT))
        found = resources_of(stack, ENDPOINT).values()
        assert [told(each["DependsOn"]) for each in found] == [["PaymentsPermissions"]] * 2

    def test_a_gateway_load_balancer_of_this_app(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        gateway = GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
        service = make_service(stack, load_balancers=LoadBalancers.gateway(gateway))
        assert inspect(stack, vpc=vpc, service=service).availability_zones == [
            "eu-west-1a",
            "eu-west-1b",
        ]

    @pytest.mark.parametrize(
        "name",
        [lambda stack: CfnParameter(stack, "Name").value_as_string, lambda _: Aws.STACK_NAME],
    )
    def test_names_known_at_deployment(self, stack: Stack, name: Callable[[Stack], str]) -> None:
        token = name(stack)
        inspect(stack, service=token)
        for endpoint in resources_of(stack, ENDPOINT).values():
            assert endpoint["Properties"]["ServiceName"] == stack.resolve(token)

    def test_an_import(self, stack: Stack) -> None:
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", NAME)
        inspect(stack, service=service)
        names = [
            each["Properties"]["ServiceName"] for each in resources_of(stack, ENDPOINT).values()
        ]
        assert names == [NAME] * 2

    def test_one_behind_network_load_balancers(self, stack: Stack) -> None:
        service = make_service(stack)
        assert said(stack, PrivateLinkValueError, service=service) == (
            "`service` must have gateway load balancers, got `Stack/Payments`; connect to "
            "this service with `InterfaceEndpoint`  [Stack/Inspection]"
        )

    def test_a_name_of_another_region(self) -> None:
        stack = Stack(App(), "Stack", env=VIRGINIA)
        assert said(stack, PrivateLinkValueError, service=NAME) == (
            "`service` must be in the Region of the VPC, unlike services for interface "
            f"endpoints, got `{NAME}`; pass a service in the Region of the VPC  "
            "[Stack/Inspection]"
        )

    def test_one_of_a_stack_in_another_region(self) -> None:
        app = App()
        provider, stack = Stack(app, "Ireland", env=IRELAND), Stack(app, "Stack", env=VIRGINIA)
        service = service_of(provider)
        assert said(stack, PrivateLinkValueError, service=service) == (
            "`service` must be in the Region of the VPC, unlike services for interface "
            "endpoints, got `Ireland/Payments`; pass a service in the Region of the VPC  "
            "[Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, Stack(), PrivateLinkEndpointService])
    def test_what_is_no_service(self, stack: Stack, wrong: Any) -> None:
        assert said(stack, PrivateLinkTypeError, service=wrong) == (
            "`service` must be an endpoint service of this library, or the name of an "
            f"endpoint service, got `{wrong!r}`; pass a `PrivateLinkEndpointService`, or a "
            "name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  "
            "[Stack/Inspection]"
        )


class TestRefused:
    def test_two_subnets_in_one_zone(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert said(stack, PrivateLinkValueError, vpc=vpc, subnets=both) == (
            "`subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/PrivateSubnet1` and `Stack/Vpc/IsolatedSubnet1`; pass "
            "`one_per_az=True` to `ec2.SubnetSelection`  [Stack/Inspection]"
        )

    @pytest.mark.parametrize(
        ("option", "wrong", "takes", "fix"),
        [
            (
                "vpc",
                "vpc-0123456789abcdef0",
                "a VPC",
                "pass an `ec2.Vpc`, or import a VPC with `ec2.Vpc.from_lookup()`",
            ),
            (
                "subnets",
                ["subnet-0123456789abcdef0"],
                "an `ec2.SubnetSelection`",
                "pass a selection like `ec2.SubnetSelection(subnet_group_name=...)`",
            ),
            (
                "ip_address_type",
                "dualstack",
                "a member of `ec2.VpcEndpointIpAddressType`",
                "pass `ec2.VpcEndpointIpAddressType.IPV4`, `ec2.VpcEndpointIpAddressType.IPV6` or "
                "`ec2.VpcEndpointIpAddressType.DUALSTACK`",
            ),
        ],
    )
    def test_options_of_other_types(
        self, stack: Stack, option: str, wrong: Any, takes: str, fix: str
    ) -> None:
        assert said(stack, PrivateLinkTypeError, **{option: wrong}) == (
            f"`{option}` must be {takes}, got `{wrong!r}`; {fix}  [Stack/Inspection]"
        )

    def test_no_subnets(self, stack: Stack) -> None:
        assert said(stack, PrivateLinkValueError, subnets=ec2.SubnetSelection(subnets=[])) == (
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC "
            "`Stack/Vpc`; pass a selection that the VPC has  [Stack/Inspection]"
        )


def test_they_make_nothing_before_there_are_routes(stack: Stack) -> None:
    inspect(stack)
    assert [path for path in elements(stack) if "Rout" in path] == []
