"""The custom resource that reads the private addresses of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cdk_privatelink.custom_resources.custom_resource_function import ADDRESSES_TYPE
from cdk_privatelink.custom_resources.inline_function import read_inline_code
from tests.handlers.managed_service import SERVICE, FaultError, ManagedService
from tests.handlers.sent_events import Send, sender

DESCRIBE = "DescribeNetworkInterfaces"
# Enough for each success, and little for failures: a minute is reserved for the response.
SECONDS, FEW_SECONDS = 150, 62
XMLNS = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'


class Interfaces(ManagedService):
    """The network interfaces of an endpoint, by subnet."""

    def __init__(self, **addresses: tuple[str, str]) -> None:
        """Start with an IPv4 and an IPv6 address for each subnet. An empty one does not exist."""
        super().__init__()
        self._addresses = addresses

    def _describe_network_interfaces(self, arguments: dict[str, Any]) -> str:
        assert [arguments["NetworkInterfaceId.1"], arguments["NetworkInterfaceId.2"]] == [
            "eni-1",
            "eni-2",
        ]
        items = "".join(
            f"<item><subnetId>{subnet}</subnetId>"
            + (f"<privateIpAddress>{ipv4}</privateIpAddress>" if ipv4 else "")
            + (
                f"<ipv6AddressesSet><item><ipv6Address>{ipv6}</ipv6Address></item>"
                "</ipv6AddressesSet>"
                if ipv6
                else ""
            )
            + "</item>"
            for subnet, (ipv4, ipv6) in self._addresses.items()
        )
        return (
            f"<{DESCRIBE}Response {XMLNS}><networkInterfaceSet>{items}</networkInterfaceSet>"
            f"</{DESCRIBE}Response>"
        )


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Return a function that sends an event, and returns the response to CloudFormation."""
    with sender(
        tmp_path_factory.mktemp("addresses"),
        read_inline_code("custom_resources.py", "addresses.py"),
        resource_type=ADDRESSES_TYPE,
        properties_of=lambda _: {
            "ServiceId": SERVICE,
            "NetworkInterfaceIds": ["eni-1", "eni-2"],
            "SubnetIds": ["a", "b"],
        },
        request_type="Create",
        seconds=SECONDS,
    ) as send:
        yield send


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_addresses_are_in_the_order_of_the_subnets(send: Send, request_type: str) -> None:
    service = Interfaces(b=("10.0.1.5", ""), a=("10.0.0.4", ""))
    response = send(service, request_type)
    assert response["Status"] == "SUCCESS"
    assert response["Data"] == {"PrivateIpAddresses": "10.0.0.4,10.0.1.5", "Ipv6Addresses": ","}


def test_dual_stack_endpoints_have_addresses_of_both_types(send: Send) -> None:
    service = Interfaces(a=("10.0.0.4", "2001:db8::1"), b=("10.0.1.5", "2001:db8::2"))
    data = send(service)["Data"]
    assert data["PrivateIpAddresses"] == "10.0.0.4,10.0.1.5"
    assert data["Ipv6Addresses"] == "2001:db8::1,2001:db8::2"


def test_ipv6_endpoints_have_ipv6_addresses_only(send: Send) -> None:
    data = send(Interfaces(a=("", "2001:db8::1"), b=("", "2001:db8::2")))["Data"]
    assert data == {"PrivateIpAddresses": ",", "Ipv6Addresses": "2001:db8::1,2001:db8::2"}


def test_a_failure_of_ec2_is_repeated(send: Send) -> None:
    service = Interfaces(a=("10.0.0.4", ""), b=("10.0.1.5", ""))

    def fail() -> None:
        raise FaultError("InvalidNetworkInterfaceID.NotFound")

    service.before[DESCRIBE] = [fail, fail]
    assert send(service)["Status"] == "SUCCESS"
    assert service.calls == [DESCRIBE] * 3


def test_a_subnet_without_a_network_interface_is_a_failure_with_its_id(send: Send) -> None:
    response = send(Interfaces(a=("10.0.0.4", "")), seconds=FEW_SECONDS)
    assert response["Status"] == "FAILED"
    assert response["Reason"] == (
        "The network interfaces eni-1, eni-2 were not found in time. Check the network interfaces "
        "of the endpoint. Last response from EC2: no network interface in ['b']"
    )


@pytest.mark.parametrize("ids", [[], None])
def test_an_endpoint_without_network_interfaces_fails_at_once(send: Send, ids: Any) -> None:
    service = Interfaces()
    response = send(service, NetworkInterfaceIds=ids)
    assert response["Status"] == "FAILED"
    assert response["Reason"] == (
        "Check that EC2 has created the network interfaces of the endpoint: NetworkInterfaceIds "
        f"is {ids!r} in the subnets ['a', 'b']"
    )
    assert service.calls == []


def test_missing_permissions_are_named(send: Send) -> None:
    service = Interfaces()

    def deny() -> None:
        raise FaultError("UnauthorizedOperation", 403)

    service.before[DESCRIBE] = [deny] * 9
    reason = send(service, seconds=FEW_SECONDS)["Reason"]
    assert "Check the permissions of this function's role" in reason


def test_a_deletion_reads_nothing(send: Send) -> None:
    service = Interfaces()
    assert send(service, "Delete")["Status"] == "SUCCESS"
    assert service.calls == []
