"""IP address types of endpoints: what service, VPC and DNS records support."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from aws_cdk import CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Template

from cdk_privatelink import (
    GatewayLoadBalancer,
    GatewayLoadBalancerEndpoints,
    InterfaceEndpoint,
    LoadBalancers,
    PrivateLinkValueError,
)
from tests.unit.networks import NAME, catch_error, existing_vpc, vpc_of
from tests.unit.templates import GATEWAY_ARN, NETWORK_ARN, make_service

Address: TypeAlias = ec2.VpcEndpointIpAddressType
Record: TypeAlias = ec2.VpcEndpointDnsRecordIpType
IPV4, IPV6 = ec2.IpAddressType.IPV4, ec2.IpAddressType.IPV6
NO_BLOCK = (
    "must not contain IPv6 in a VPC without an IPv6 CIDR block, got `Stack/Vpc`; pass "
    "`ip_protocol=ec2.IpProtocol.DUAL_STACK` to the VPC"
)


def dual_stack(stack: Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "DualStack", ip_protocol=ec2.IpProtocol.DUAL_STACK)


def dual_stack_endpoint(stack: Stack, service: Any) -> InterfaceEndpoint:
    return InterfaceEndpoint(
        stack,
        "Endpoint",
        vpc=dual_stack(stack),
        service=service,
        ip_address_type=Address.DUALSTACK,
    )


class TestService:
    @pytest.mark.parametrize(
        ("supported", "wanted"),
        [
            ([IPV4], Address.DUALSTACK),
            ([IPV4], Address.IPV6),
            ([IPV6], Address.IPV4),
            ([IPV6], Address.DUALSTACK),
        ],
    )
    def test_an_interface_endpoint_with_a_type_that_the_service_lacks_is_rejected(
        self, stack: Stack, supported: Any, wanted: Address
    ) -> None:
        service = make_service(stack, supported_ip_address_types=supported)
        vpc = dual_stack(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: InterfaceEndpoint(
                stack, "Endpoint", vpc=vpc, service=service, ip_address_type=wanted
            ),
        )
        assert message == (
            "`ip_address_type` must be an IP address type that the service supports, got "
            f"`ec2.VpcEndpointIpAddressType.{wanted.name}`; pass the type of the service "
            f"`Stack/Payments`, which supports {supported[0].name.lower()}, or make its load "
            "balancers dual-stack  [Stack/Endpoint]"
        )

    def test_gateway_load_balancer_endpoints_with_a_type_that_the_service_lacks_are_rejected(
        self, stack: Stack
    ) -> None:
        gateways = LoadBalancers.gateway(GATEWAY_ARN)
        service = make_service(stack, load_balancers=gateways, supported_ip_address_types=[IPV4])
        with pytest.raises(PrivateLinkValueError, match="that the service supports"):
            GatewayLoadBalancerEndpoints(
                stack,
                "Endpoints",
                vpc=dual_stack(stack),
                service=service,
                ip_address_type=Address.DUALSTACK,
            )

    def test_a_service_with_an_ipv4_load_balancer_supports_ipv4_only(self, stack: Stack) -> None:
        nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=existing_vpc(stack))
        service = make_service(stack, load_balancers=LoadBalancers.network(nlb))
        with pytest.raises(PrivateLinkValueError, match="which supports ipv4, or"):
            dual_stack_endpoint(stack, service)

    @pytest.mark.parametrize("types", [None, [IPV4, IPV6]])
    def test_types_that_the_service_may_support_are_accepted(
        self, stack: Stack, types: Any
    ) -> None:
        service = make_service(stack, supported_ip_address_types=types)
        dual_stack_endpoint(stack, service)


class TestRecords:
    @pytest.mark.parametrize(
        ("addresses", "records"),
        [
            (None, Record.IPV6),
            (None, Record.DUALSTACK),
            (Address.IPV4, Record.IPV6),
            (Address.IPV6, Record.IPV4),
            (Address.IPV6, Record.DUALSTACK),
        ],
    )
    def test_records_without_addresses_are_rejected(
        self, stack: Stack, addresses: Any, records: Record
    ) -> None:
        vpc = dual_stack(stack)
        message = catch_error(
            stack,
            PrivateLinkValueError,
            lambda: InterfaceEndpoint(
                stack,
                "Endpoint",
                vpc=vpc,
                service=NAME,
                ip_address_type=addresses,
                dns_record_ip_type=records,
            ),
        )
        assert message == (
            "`dns_record_ip_type` must be a type for which the endpoint has addresses, got "
            f"`ec2.VpcEndpointDnsRecordIpType.{records.name}`; leave it out, or pass "
            "`ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK`  [Stack/Endpoint]"
        )

    @pytest.mark.parametrize(
        ("addresses", "records"),
        [
            (None, Record.IPV4),
            (None, Record.SERVICE_DEFINED),
            (Address.IPV6, Record.IPV6),
            *((Address.DUALSTACK, each) for each in Record),
        ],
    )
    def test_records_with_addresses_are_accepted(
        self, stack: Stack, addresses: Any, records: Record
    ) -> None:
        InterfaceEndpoint(
            stack,
            "Endpoint",
            vpc=dual_stack(stack),
            service=NAME,
            ip_address_type=addresses,
            dns_record_ip_type=records,
        )


def interface_endpoint(stack: Stack, vpc: ec2.IVpc) -> None:
    InterfaceEndpoint(
        stack, "It", vpc=vpc, service=NAME, open=False, ip_address_type=Address.DUALSTACK
    )


def gateway_endpoints(stack: Stack, vpc: ec2.IVpc) -> None:
    GatewayLoadBalancerEndpoints(
        stack, "It", vpc=vpc, service=NAME, ip_address_type=Address.DUALSTACK
    )


def gateway_load_balancer(stack: Stack, vpc: ec2.IVpc) -> None:
    GatewayLoadBalancer(stack, "It", vpc=vpc, ip_address_type=elbv2.IpAddressType.DUAL_STACK)


@pytest.mark.parametrize("create", [interface_endpoint, gateway_endpoints, gateway_load_balancer])
class TestVpc:
    def test_ipv6_in_a_vpc_without_a_block_is_an_error_at_the_end(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        create(stack, vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED))
        with pytest.raises(RuntimeError) as error:
            Template.from_stack(stack)
        assert f"`ip_address_type` {NO_BLOCK}  [Stack/It]" in f"{error.value}"

    def test_a_secondary_ipv4_block_is_not_enough(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        vpc = vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        create(stack, vpc)
        ec2.CfnVPCCidrBlock(stack, "Ipv4", vpc_id=vpc.vpc_id, cidr_block="10.1.0.0/16")
        with pytest.raises(RuntimeError, match="without an IPv6 CIDR block"):
            Template.from_stack(stack)

    def test_the_block_of_another_vpc_is_not_enough(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        create(stack, vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED))
        dual_stack(stack)
        with pytest.raises(RuntimeError, match="without an IPv6 CIDR block"):
            Template.from_stack(stack)

    def test_a_block_that_is_added_later_is_enough(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        vpc = vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED)
        create(stack, vpc)
        ec2.CfnVPCCidrBlock(stack, "Ipv6", vpc_id=vpc.vpc_id, amazon_provided_ipv6_cidr_block=True)
        Template.from_stack(stack)

    def test_a_block_without_a_class_is_enough(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        create(stack, vpc_of(stack, Application=ec2.SubnetType.PRIVATE_ISOLATED))
        CfnResource(stack, "Ipv6", type="AWS::EC2::VPCCidrBlock", properties={"VpcId": "vpc-1"})
        Template.from_stack(stack)

    def test_an_imported_vpc_is_accepted(
        self, stack: Stack, create: Callable[[Stack, ec2.IVpc], None]
    ) -> None:
        create(stack, existing_vpc(stack))
        Template.from_stack(stack)


def test_an_arn_alone_reveals_no_address_type(stack: Stack) -> None:
    service = make_service(stack, load_balancers=LoadBalancers.network(NETWORK_ARN))
    InterfaceEndpoint(
        stack,
        "Endpoint",
        vpc=dual_stack(stack),
        service=service,
        ip_address_type=Address.DUALSTACK,
    )
