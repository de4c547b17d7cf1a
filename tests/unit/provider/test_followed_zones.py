"""Services that follow the Availability Zones of their load balancers."""

from __future__ import annotations

from typing import Any

import jsii
import pytest
from aws_cdk import Aspects, IAspect, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Template
from constructs import Construct, IConstruct

from cdk_privatelink import (
    GatewayLoadBalancer,
    LoadBalancers,
    PrivateDns,
    PrivateLinkValueError,
    ServiceNameSource,
)
from tests.unit.networks import catch_error, existing_vpc
from tests.unit.templates import (
    LOOKUP,
    NETWORK_ARN,
    NETWORK_ARN_2,
    SERVICE,
    make_service,
    only,
    resources_of,
)

FUNCTION, POLICY = "AWS::Lambda::Function", "AWS::IAM::Policy"
MODIFY = "ec2:ModifyVpcEndpointServiceConfiguration"


def make_nlb(stack: Stack, id: str = "Nlb", **options: Any) -> elbv2.NetworkLoadBalancer:
    return elbv2.NetworkLoadBalancer(stack, id, vpc=existing_vpc(stack, f"{id}Vpc"), **options)


def follow(stack: Stack, *load_balancers: Any, id: str = "Payments", **options: Any) -> Any:
    return make_service(
        stack,
        id,
        load_balancers=LoadBalancers.network(*load_balancers or [make_nlb(stack)]),
        follow_availability_zones=True,
        **options,
    )


def resource_of(load_balancer: Construct) -> elbv2.CfnLoadBalancer:
    resource = load_balancer.node.default_child
    assert isinstance(resource, elbv2.CfnLoadBalancer)
    return resource


def lookup_of(stack: Stack) -> dict[str, Any]:
    (lookup,) = Template.from_stack(stack).find_resources(LOOKUP).values()
    return dict(lookup)


class TestFollowing:
    def test_the_lookup_has_the_zones_and_the_time(self, stack: Stack) -> None:
        follow(stack)
        properties = lookup_of(stack)["Properties"]
        assert properties["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b"]
        assert properties["ServiceTimeout"] == "1920"
        assert only(stack, FUNCTION)["Properties"]["Timeout"] == 900

    def test_the_lookup_may_modify_this_service_only(self, stack: Stack) -> None:
        service = follow(stack)
        ((policy_id, policy),) = resources_of(stack, POLICY).items()
        assert policy["Properties"]["PolicyDocument"]["Statement"] == [
            {"Action": MODIFY, "Effect": "Allow", "Resource": stack.resolve(service.service_arn)}
        ]
        assert policy_id in lookup_of(stack)["DependsOn"]

    def test_a_service_that_does_not_follow_has_none_of_it(self, stack: Stack) -> None:
        make_service(stack)
        properties = lookup_of(stack)["Properties"]
        assert "AvailabilityZones" not in properties
        assert properties["ServiceTimeout"] == "600"
        assert resources_of(stack, POLICY) == {}

    def test_other_services_of_the_stack_keep_their_time(self, stack: Stack) -> None:
        follow(stack)
        make_service(stack, "Other")
        lookups = resources_of(stack, LOOKUP).values()
        timeouts = [each["Properties"]["ServiceTimeout"] for each in lookups]
        assert sorted(timeouts) == ["1920", "600"]

    def test_subnets_that_change_later_count(self, stack: Stack) -> None:
        nlb = make_nlb(stack)
        follow(stack, nlb)
        resource_of(nlb).subnets = [nlb.vpc.private_subnets[1].subnet_id]  # type: ignore[union-attr]
        assert lookup_of(stack)["Properties"]["AvailabilityZones"] == ["eu-west-1b"]

    def test_the_zones_of_all_load_balancers_are_followed_once(self, stack: Stack) -> None:
        vpc = existing_vpc(stack, zones=["eu-west-1b", "eu-west-1c"])
        other = elbv2.NetworkLoadBalancer(stack, "Other", vpc=vpc)
        follow(stack, make_nlb(stack), other)
        zones = lookup_of(stack)["Properties"]["AvailabilityZones"]
        assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

    def test_a_gateway_load_balancer_can_be_followed(self, stack: Stack) -> None:
        gateway = GatewayLoadBalancer(stack, "Gateway", vpc=existing_vpc(stack))
        make_service(
            stack, load_balancers=LoadBalancers.gateway(gateway), follow_availability_zones=True
        )
        zones = lookup_of(stack)["Properties"]["AvailabilityZones"]
        assert zones == ["eu-west-1a", "eu-west-1b"]

    def test_subnets_of_a_gateway_load_balancer_that_change_later_count(self, stack: Stack) -> None:
        vpc = existing_vpc(stack)
        gateway = GatewayLoadBalancer(stack, "Gateway", vpc=vpc)
        make_service(
            stack, load_balancers=LoadBalancers.gateway(gateway), follow_availability_zones=True
        )
        resource_of(gateway).subnets = [vpc.private_subnets[1].subnet_id]
        assert lookup_of(stack)["Properties"]["AvailabilityZones"] == ["eu-west-1b"]

    def test_a_subnet_without_a_literal_zone_has_the_zone_that_ec2_assigns(
        self, stack: Stack
    ) -> None:
        subnet = ec2.CfnSubnet(
            stack, "Subnet", vpc_id="vpc-0123456789abcdef0", cidr_block="10.0.1.0/24"
        )
        follow(stack, elbv2.CfnLoadBalancer(stack, "Nlb", type="network", subnets=[subnet.ref]))
        zones = lookup_of(stack)["Properties"]["AvailabilityZones"]
        assert zones == [{"Fn::GetAtt": ["Subnet", "AvailabilityZone"]}]

    def test_an_imported_subnet_outside_of_the_vpc_is_followed(self, stack: Stack) -> None:
        subnet = ec2.Subnet.from_subnet_attributes(
            stack,
            "Subnet",
            subnet_id="subnet-0123456789abcdef0",
            availability_zone="eu-west-1c",
        )
        ec2.Subnet.from_subnet_id(stack, "WithoutZone", "subnet-00000000000000001")
        follow(stack, make_nlb(stack, vpc_subnets=ec2.SubnetSelection(subnets=[subnet])))
        assert lookup_of(stack)["Properties"]["AvailabilityZones"] == ["eu-west-1c"]

    def test_zones_can_be_tokens(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=ec2.Vpc(stack, "Vpc", max_azs=2))
        follow(stack, nlb)
        zones = lookup_of(stack)["Properties"]["AvailabilityZones"]
        assert zones == [{"Fn::Select": [n, {"Fn::GetAZs": ""}]} for n in (0, 1)]


class TestRejected:
    def test_a_derived_name_is_rejected(self, stack: Stack) -> None:
        nlb = make_nlb(stack)
        assert catch_error(
            stack,
            PrivateLinkValueError,
            lambda: follow(stack, nlb, service_name_source=ServiceNameSource.DERIVED),
        ) == (
            "`follow_availability_zones` must be used on a service whose name is looked up, got "
            "`service_name_source=ServiceNameSource.DERIVED`; pass `ServiceNameSource.LOOKUP`  "
            "[Stack/Payments]"
        )

    def test_load_balancers_with_unknown_subnets_are_rejected(self, stack: Stack) -> None:
        nlb = make_nlb(stack)
        assert catch_error(
            stack, PrivateLinkValueError, lambda: follow(stack, nlb, NETWORK_ARN)
        ) == (
            "`follow_availability_zones` must be used with load balancers whose Availability Zones "
            "are known at synthesis, so that a change of them starts an update, got a load "
            "balancer with unknown zones; pass load balancers and subnets that are defined in the "
            "same app, or import subnets with their zones  [Stack/Payments]"
        )

    def test_subnets_that_become_unknown_after_the_service_are_rejected(self, stack: Stack) -> None:
        nlb = make_nlb(stack)
        follow(stack, nlb)
        resource_of(nlb).subnets = ["subnet-0123456789abcdef0"]
        with pytest.raises(RuntimeError, match="got a load balancer with unknown zones"):
            Template.from_stack(stack)

    def test_more_services_than_the_policies_of_one_role_can_contain_are_rejected(
        self, stack: Stack
    ) -> None:
        vpc = existing_vpc(stack)
        for number in range(39):
            nlb = elbv2.NetworkLoadBalancer(stack, f"Nlb{number}", vpc=vpc)
            follow(stack, nlb, id=f"Service{number}", allowed_regions=["us-east-1"])
        assert len(resources_of(stack, POLICY)) == 39
        nlb = elbv2.NetworkLoadBalancer(stack, "LastNlb", vpc=vpc)
        with pytest.raises(PrivateLinkValueError) as error:
            follow(stack, nlb, id="Last", allowed_regions=["us-east-1"])
        assert str(error.value) == (
            "`follow_availability_zones` must need permissions for which the IAM role of the stack "
            "has room, because all constructs of this library in the stack share it, got `9672 "
            "characters of policies before`; move the service into another stack  [Stack/Last]"
        )


class TestOtherRegions:
    @pytest.mark.parametrize("regions", [None, ["us-east-1"]])
    def test_functions_may_change_services_with_other_regions(
        self, stack: Stack, regions: Any
    ) -> None:
        zone = route53.PublicHostedZone.from_hosted_zone_id(stack, "Zone", "Z0123456789")
        follow(
            stack,
            allowed_regions=regions,
            private_dns=PrivateDns("payments.example.com", hosted_zone=zone),
        )
        more = ["vpce:AllowMultiRegion"] if regions else []
        actions = [
            statement["Action"]
            for policy in resources_of(stack, POLICY).values()
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]
        verify = "ec2:StartVpcEndpointServicePrivateDnsVerification"
        # A feature flag of the CDK sorts them.
        assert [sorted(each) for each in actions] == [sorted([MODIFY, *more, verify])]


class TestExchangedLoadBalancers:
    """Load balancers that are exchanged at the L1 repeat the lookup."""

    def assert_exchanged(self, stack: Stack) -> None:
        assert only(stack, SERVICE)["Properties"]["NetworkLoadBalancerArns"] == [NETWORK_ARN_2]
        assert lookup_of(stack)["Properties"]["LoadBalancerArns"] == [NETWORK_ARN_2]

    def test_an_escape_hatch_counts(self, stack: Stack) -> None:
        service = make_service(stack)
        service.cfn_endpoint_service.network_load_balancer_arns = [NETWORK_ARN_2]
        self.assert_exchanged(stack)

    def test_the_default_child_counts(self, stack: Stack) -> None:
        resource: Any = make_service(stack).node.default_child
        resource.network_load_balancer_arns = [NETWORK_ARN_2]
        self.assert_exchanged(stack)

    def test_an_aspect_counts(self, stack: Stack) -> None:
        @jsii.implements(IAspect)
        class Exchange:
            def visit(self, node: IConstruct) -> None:
                if isinstance(node, ec2.CfnVPCEndpointService):
                    node.network_load_balancer_arns = [NETWORK_ARN_2]

        make_service(stack)
        Aspects.of(stack).add(Exchange())
        self.assert_exchanged(stack)

    def test_a_derived_name_needs_no_lookup(self, stack: Stack) -> None:
        service = make_service(stack, service_name_source=ServiceNameSource.DERIVED)
        service.cfn_endpoint_service.network_load_balancer_arns = [NETWORK_ARN_2]
        assert only(stack, SERVICE)["Properties"]["NetworkLoadBalancerArns"] == [NETWORK_ARN_2]
