"""The private addresses of interface endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from cdk_privatelink import InterfaceEndpoint, PrivateLinkValueError
from tests.unit.intrinsics import evaluate
from tests.unit.networks import NAME, catch_error, existing_vpc
from tests.unit.templates import make_service, only, resources_of, template_of

ADDRESSES = "Custom::PrivateLinkAddresses"
ADDRESS_TYPES = ec2.VpcEndpointIpAddressType


def connect(stack: Stack, **options: Any) -> InterfaceEndpoint:
    return InterfaceEndpoint(
        stack,
        "Endpoint",
        vpc=existing_vpc(stack),
        open=False,
        **{"service": NAME} | options,
    )


def function_of(stack: Stack) -> dict[str, Any]:
    return dict(only(stack, "AWS::Lambda::Function")["Properties"])


def test_an_endpoint_without_the_property_has_no_function(stack: Stack) -> None:
    connect(stack)
    assert not resources_of(stack, ADDRESSES)
    assert not resources_of(stack, "AWS::Lambda::Function")


def test_there_is_one_address_per_subnet(stack: Stack) -> None:
    addresses = connect(stack).private_ip_addresses
    resolved = [
        evaluate(stack.resolve(each), {"PrivateIpAddresses": "10.0.10.4,10.0.11.5"})
        for each in addresses
    ]
    assert resolved == ["10.0.10.4", "10.0.11.5"]


def test_the_custom_resource_reads_the_network_interfaces_of_the_endpoint(stack: Stack) -> None:
    assert connect(stack).private_ip_addresses
    (endpoint_id,) = resources_of(stack, "AWS::EC2::VPCEndpoint")
    found = only(stack, ADDRESSES)
    properties = dict(found["Properties"])
    assert properties.pop("ServiceToken")
    assert properties == {
        "ServiceId": "vpce-svc-0123456789abcdef0",
        "ServiceTimeout": "600",
        "NetworkInterfaceIds": {"Fn::GetAtt": [endpoint_id, "NetworkInterfaceIds"]},
        "SubnetIds": ["subnet-00000000000000001", "subnet-00000000000000002"],
    }
    assert "'Custom::PrivateLinkAddresses'" in function_of(stack)["Code"]["ZipFile"]


def test_the_function_may_describe_network_interfaces_before_it_runs(stack: Stack) -> None:
    assert connect(stack).private_ip_addresses
    policies = {
        key: each["Properties"]["PolicyDocument"]["Statement"]
        for key, each in resources_of(stack, "AWS::IAM::Policy").items()
    }
    ((policy_id, (statement,)),) = policies.items()
    assert statement == {
        "Action": "ec2:DescribeNetworkInterfaces",
        "Effect": "Allow",
        "Resource": "*",
    }
    assert policy_id in only(stack, ADDRESSES)["DependsOn"]


def test_further_uses_share_one_custom_resource(stack: Stack) -> None:
    endpoint = connect(stack, ip_address_type=ADDRESS_TYPES.DUALSTACK)
    first, second = (stack.resolve(endpoint.private_ip_addresses) for _ in range(2))
    assert first == second
    addresses = endpoint.ipv6_addresses
    resolved = [
        evaluate(stack.resolve(each), {"Ipv6Addresses": "fd00::1,fd00::2"}) for each in addresses
    ]
    assert resolved == ["fd00::1", "fd00::2"]
    assert len(resources_of(stack, ADDRESSES)) == 1


def test_the_addresses_wait_for_the_acceptance(stack: Stack) -> None:
    endpoint = connect(stack, service=make_service(stack), auto_accept=True)
    assert endpoint.private_ip_addresses
    (acceptance_id,) = resources_of(stack, "Custom::PrivateLinkAcceptance")
    assert acceptance_id in only(stack, ADDRESSES)["DependsOn"]


def test_a_template_with_the_addresses_is_valid(stack: Stack) -> None:
    for number, address in enumerate(connect(stack).private_ip_addresses):
        CfnOutput(stack, f"Address{number}", value=f"{address}/32")
    assert len(template_of(stack)["Outputs"]) == 2


@pytest.mark.parametrize(
    ("member", "address_type", "expected", "got"),
    [
        ("private_ip_addresses", ADDRESS_TYPES.IPV6, "IPv4", "ipv6"),
        ("ipv6_addresses", ADDRESS_TYPES.IPV4, "IPv6", "ipv4"),
    ],
)
def test_addresses_of_a_type_that_the_endpoint_does_not_have_are_rejected(
    stack: Stack, member: str, address_type: Any, expected: str, got: str
) -> None:
    endpoint = connect(stack, ip_address_type=address_type)
    message = catch_error(stack, PrivateLinkValueError, lambda: getattr(endpoint, member))
    assert message == (
        f"`{member}` must be used on an endpoint with {expected} addresses, got an endpoint with "
        f"{got}; pass `ip_address_type=ec2.VpcEndpointIpAddressType.DUALSTACK`  [Stack/Endpoint]"
    )


def test_a_construct_of_the_user_cannot_have_the_id_of_the_custom_resource(stack: Stack) -> None:
    endpoint = connect(stack)
    Construct(endpoint, "Addresses")
    with pytest.raises(PrivateLinkValueError, match="must keep the ids of this library free"):
        assert endpoint.private_ip_addresses
