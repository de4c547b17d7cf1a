"""The programs of hosts and clients as real processes, with real packets on loopback."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integ.workloads import appliance, client

pytestmark = pytest.mark.local_only
WORKLOADS = Path(__file__).parent / "workloads"
LOAD_BALANCER, APPLIANCE = "127.0.0.2", "127.0.0.1"
GENEVE = 6081
FLOW_PORT = 60_123
# An option as a Gateway Load Balancer adds it: the id of the endpoint.
OPTION = struct.pack("!HBBQ", 0x0108, 1, 2, 0x0123456789ABCDEF)


@contextmanager
def running(program: str, *arguments: str) -> Iterator[int]:
    """Run a program on a free port, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = int(reserved.getsockname()[1])
    command = [sys.executable, str(WORKLOADS / f"{program}.py"), f"{port}", *arguments]
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            if "error" not in client.handler({"url": f"http://127.0.0.1:{port}/"}, None):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.kill()
        process.wait()


def inner_packet(source: str, destination: str) -> bytes:
    """Return an IPv4 header without payload."""
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20, 0, 0, 64, 6, 0) + addresses


def geneve(inner: bytes) -> bytes:
    """Return the payload of a UDP packet of a Gateway Load Balancer."""
    return struct.pack("!BBHI", len(OPTION) // 4, 0, 0x0800, 0) + OPTION + inner


def test_a_client_receives_the_response_of_a_host() -> None:
    with running("server") as port:
        response = client.handler({"url": f"http://127.0.0.1:{port}/"}, None)
    assert response == {"status": 200, "body": "hello 127.0.0.1"}


def test_a_client_returns_why_it_is_not_connected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    response = client.handler({"url": f"http://127.0.0.1:{port}/"}, None)
    assert response == {"error": "URLError: <urlopen error [Errno 111] Connection refused>"}


def test_an_appliance_swaps_the_outer_addresses_only() -> None:
    payload = geneve(inner_packet("10.1.0.4", "10.1.1.5"))
    udp = struct.pack("!HHHH", FLOW_PORT, GENEVE, 8 + len(payload), 0xABCD) + payload
    addresses = socket.inet_aton("10.0.0.9") + socket.inet_aton("10.0.0.20")
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 7, 0, 255, 17, 0x1234) + addresses
    turned = appliance.turn(header + udp)
    assert turned is not None
    answer, inner = turned
    assert inner == ("10.1.0.4", "10.1.1.5")
    assert answer[12:20] == addresses[4:] + addresses[:4]
    assert struct.unpack("!HHHH", answer[20:28]) == (FLOW_PORT, GENEVE, 8 + len(payload), 0)
    assert answer[28:] == payload
    # Another port is not for the appliance.
    assert appliance.turn(header + struct.pack("!HHHH", FLOW_PORT, 53, 8, 0)) is None


def test_an_appliance_counts_packets_of_both_ip_versions() -> None:
    ipv6 = b"\x60" + bytes(7) + socket.inet_pton(socket.AF_INET6, "fd00::1")
    ipv6 += socket.inet_pton(socket.AF_INET6, "fd00::2")
    assert appliance.addresses(ipv6) == ("fd00::1", "fd00::2")


def test_an_appliance_returns_packets_to_the_load_balancer_and_counts_them() -> None:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).close()
    except PermissionError:
        pytest.skip("raw sockets need root")
    there, back = inner_packet("10.1.0.4", "10.1.1.5"), inner_packet("10.1.1.5", "10.1.0.4")
    with (
        running("appliance", APPLIANCE) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.bind((LOAD_BALANCER, GENEVE))
        receiver.settimeout(10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flow:
            flow.bind((LOAD_BALANCER, FLOW_PORT))
            for inner in (there, there, back):
                flow.sendto(geneve(inner), (APPLIANCE, GENEVE))
                # From the same port, so that the load balancer recognizes the flow.
                assert receiver.recvfrom(65535) == (geneve(inner), (APPLIANCE, FLOW_PORT))
        response = client.handler({"url": f"http://127.0.0.1:{port}/"}, None)
    assert json.loads(response["body"]) == {"10.1.0.4 > 10.1.1.5": 2, "10.1.1.5 > 10.1.0.4": 1}
