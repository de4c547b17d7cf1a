"""Gateway Load Balancer endpoints: one per zone, and their services."""

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
    catch_error,
    elements,
    existing_vpc,
    group,
    ids,
    resolve_reference,
    vpc_of,
)
from tests.unit.templates import GATEWAY_ARN, make_service, resources_of, template_of

ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


def inspect(stack: Stack, id: str = "Inspection", **options: Any) -> GatewayLoadBalancerEndpoints:
    """Create endpoints. Default: in an imported VPC, to an existing service."""
    options.setdefault("service", NAME)
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return GatewayLoadBalancerEndpoints(stack, id, **options)


def get_error(stack: Stack, error_type: type[Exception], **options: Any) -> str:
    if "vpc" not in options:
        options["vpc"] = existing_vpc(stack)
    return catch_error(stack, error_type, lambda: inspect(stack, **options))


def service_of(stack: Stack, **options: Any) -> PrivateLinkEndpointService:
    return make_service(stack, load_balancers=LoadBalancers.gateway(GATEWAY_ARN), **options)


class TestResources:
    def test_one_endpoint_per_zone_is_created_by_default(self, stack: Stack) -> None:
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
        # EC2 supports these endpoints for services in the same Region only.
        assert "Conditions" not in template

    def test_endpoints_can_be_in_selected_subnets(self, stack: Stack) -> None:
        vpc = vpc_of(stack, Gate=ec2.SubnetType.PUBLIC, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        endpoints = inspect(stack, vpc=vpc, subnets=group("Gate"))
        assert [resolve_reference(each) for each in resources_of(stack, ENDPOINT)] == [
            "InspectionEndpointGateSubnet1",
            "InspectionEndpointGateSubnet2",
        ]
        assert resolve_reference(stack.resolve(endpoints.vpc_endpoint_ids)) == [
            "InspectionEndpointGateSubnet1",
            "InspectionEndpointGateSubnet2",
        ]
        assert endpoints.availability_zones == vpc.availability_zones

    def test_logical_ids_do_not_change_if_a_zone_is_added_before_others(self) -> None:
        # GIVEN a VPC with another zone before the existing one
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
        # THEN the endpoint of the existing zone is not replaced
        assert found[0] < found[1]

    def test_endpoints_are_in_one_private_subnet_per_zone_by_default(self, stack: Stack) -> None:
        zones = ["eu-west-1a", "eu-west-1b", "eu-west-1a"]
        vpc = existing_vpc(
            stack, availability_zones=zones, private_subnet_ids=ids("subnet", 1, 3), zones=zones
        )
        assert inspect(stack, vpc=vpc).availability_zones == zones[:2]

    @pytest.mark.parametrize("kind", ec2.VpcEndpointIpAddressType)
    def test_the_ip_address_type_is_in_the_template(
        self, stack: Stack, kind: ec2.VpcEndpointIpAddressType
    ) -> None:
        inspect(stack, ip_address_type=kind)
        found = resources_of(stack, ENDPOINT).values()
        assert [each["Properties"]["IpAddressType"] for each in found] == [kind.name.lower()] * 2

    def test_the_path_of_an_imported_subnet_is_part_of_the_logical_id(self, stack: Stack) -> None:
        network = Construct(stack, "Network")
        subnet = ec2.Subnet.from_subnet_attributes(
            network, "Gate", subnet_id="subnet-0123456789abcdef0", availability_zone="eu-west-1a"
        )
        inspect(stack, subnets=ec2.SubnetSelection(subnets=[subnet]))
        (found,) = resources_of(stack, ENDPOINT)
        assert resolve_reference(found) == "InspectionEndpointNetworkGate"

    def test_the_vpc_can_be_in_another_stack(self) -> None:
        app = App()
        network, stack = Stack(app, "Network"), Stack(app, "Stack")
        inspect(stack, vpc=vpc_of(network))
        found = resources_of(stack, ENDPOINT)
        assert [resolve_reference(each) for each in found] == [
            "InspectionEndpointPrivateSubnet1",
            "InspectionEndpointPrivateSubnet2",
        ]
        assert resources_of(network, ENDPOINT) == {}


class TestServices:
    @pytest.mark.parametrize("env", [None, IRELAND], ids=["agnostic", "concrete"])
    def test_the_service_can_be_defined_in_the_same_app(self, env: Environment | None) -> None:
        app = App()
        provider, stack = (Stack(app, name, env=env) for name in ("Provider", "Stack"))
        inspect(stack, service=service_of(provider, allowed_principals=[iam.AnyPrincipal()]))
        names = [
            each["Properties"]["ServiceName"] for each in resources_of(stack, ENDPOINT).values()
        ]
        assert [resolve_reference(name).partition("ServiceName")[0] for name in names] == [
            "Provider:ExportsOutputFnGetAttPayments"
        ] * 2
        assert stack.dependencies == [provider]

    def test_all_endpoints_depend_on_later_permissions(self, stack: Stack) -> None:
        service = service_of(stack)
        inspect(stack, service=service)
        service.allow_principals(iam.AccountPrincipal(ACCOUNT))
        found = resources_of(stack, ENDPOINT).values()
        assert [resolve_reference(each["DependsOn"]) for each in found] == [
            ["PaymentsPermissions"]
        ] * 2

    def test_the_gateway_load_balancer_can_be_in_the_same_vpc(self, stack: Stack) -> None:
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
    def test_the_service_can_be_a_token_name(
        self, stack: Stack, name: Callable[[Stack], str]
    ) -> None:
        token = name(stack)
        inspect(stack, service=token)
        for endpoint in resources_of(stack, ENDPOINT).values():
            assert endpoint["Properties"]["ServiceName"] == stack.resolve(token)

    def test_the_service_can_be_imported(self, stack: Stack) -> None:
        service = PrivateLinkEndpointService.from_service_name(stack, "Service", NAME)
        inspect(stack, service=service)
        names = [
            each["Properties"]["ServiceName"] for each in resources_of(stack, ENDPOINT).values()
        ]
        assert names == [NAME] * 2

    def test_a_service_of_network_load_balancers_is_rejected(self, stack: Stack) -> None:
        service = make_service(stack)
        assert get_error(stack, PrivateLinkValueError, service=service) == (
            "`service` must have gateway load balancers, got `Stack/Payments`; connect to "
            "this service with `InterfaceEndpoint`  [Stack/Inspection]"
        )

    def test_a_service_name_of_another_region_is_rejected(self) -> None:
        stack = Stack(App(), "Stack", env=VIRGINIA)
        assert get_error(stack, PrivateLinkValueError, service=NAME) == (
            "`service` must be in the Region of the VPC, unlike services for interface "
            f"endpoints, got `{NAME}`; pass a service in the Region of the VPC  "
            "[Stack/Inspection]"
        )

    def test_a_service_in_a_stack_in_another_region_is_rejected(self) -> None:
        app = App()
        provider, stack = Stack(app, "Ireland", env=IRELAND), Stack(app, "Stack", env=VIRGINIA)
        service = service_of(provider)
        assert get_error(stack, PrivateLinkValueError, service=service) == (
            "`service` must be in the Region of the VPC, unlike services for interface "
            "endpoints, got `Ireland/Payments`; pass a service in the Region of the VPC  "
            "[Stack/Inspection]"
        )

    @pytest.mark.parametrize("wrong", [None, 1, Stack(), PrivateLinkEndpointService])
    def test_a_value_that_is_not_a_service_is_rejected(self, stack: Stack, wrong: Any) -> None:
        assert get_error(stack, PrivateLinkTypeError, service=wrong) == (
            "`service` must be an endpoint service or the name of an "
            f"endpoint service, got `{wrong!r}`; pass a `PrivateLinkEndpointService`, or a "
            "name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`  "
            "[Stack/Inspection]"
        )


class TestRefused:
    def test_two_subnets_in_one_zone_are_rejected(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        both = ec2.SubnetSelection(subnets=[*vpc.private_subnets, *vpc.isolated_subnets])
        assert get_error(stack, PrivateLinkValueError, vpc=vpc, subnets=both) == (
            "`subnets` must have at most one subnet per Availability Zone, got "
            "`Stack/Vpc/PrivateSubnet1` and `Stack/Vpc/IsolatedSubnet1`; pass "
            "`one_per_az=True` to `ec2.SubnetSelection`  [Stack/Inspection]"
        )

    @pytest.mark.parametrize(
        ("option", "wrong", "expected", "fix"),
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
    def test_an_option_of_another_type_is_rejected(
        self, stack: Stack, option: str, wrong: Any, expected: str, fix: str
    ) -> None:
        assert get_error(stack, PrivateLinkTypeError, **{option: wrong}) == (
            f"`{option}` must be {expected}, got `{wrong!r}`; {fix}  [Stack/Inspection]"
        )

    def test_an_empty_selection_of_subnets_is_rejected(self, stack: Stack) -> None:
        assert get_error(stack, PrivateLinkValueError, subnets=ec2.SubnetSelection(subnets=[])) == (
            "`subnets` must select subnets of the VPC, got `subnets=[]` for VPC "
            "`Stack/Vpc`; pass a selection that the VPC has  [Stack/Inspection]"
        )


def test_endpoints_without_routes_add_no_routing_resources(stack: Stack) -> None:
    inspect(stack)
    assert [path for path in elements(stack) if "Rout" in path] == []
