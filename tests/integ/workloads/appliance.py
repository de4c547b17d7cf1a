"""An appliance behind a Gateway Load Balancer, which returns each packet and counts it.

It swaps the addresses of the outer header and keeps everything else, as AWS requires it:
https://aws.amazon.com/blogs/networking-and-content-delivery/integrate-your-custom-logic-or-appliance-with-aws-gateway-load-balancer/
The port of the health check returns the number of packets per inner source and destination.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GENEVE = 6081
UDP_HEADER, GENEVE_HEADER = 8, 8
counts: Counter[str] = Counter()


def turn(packet: bytes) -> tuple[bytes, tuple[str, str]] | None:
    """Return the answer to an IPv4 packet with GENEVE, and its inner addresses. `None`: ignore."""
    length = (packet[0] & 15) * 4
    udp = packet[length:]
    if struct.unpack_from("!H", udp, 2)[0] != GENEVE:
        return None
    options = (udp[UDP_HEADER] & 63) * 4
    inner = udp[UDP_HEADER + GENEVE_HEADER + options :]
    # The kernel fills in the checksum of the outer header, and a UDP checksum of zero is none.
    header = packet[:10] + b"\0\0" + packet[16:20] + packet[12:16] + packet[20:length]
    return header + udp[:6] + b"\0\0" + udp[UDP_HEADER:], addresses(inner)


def addresses(packet: bytes) -> tuple[str, str]:
    """Return source and destination of a packet."""
    if packet[0] >> 4 == 6:
        family, source, destination = socket.AF_INET6, packet[8:24], packet[24:40]
    else:
        family, source, destination = socket.AF_INET, packet[12:16], packet[16:20]
    return socket.inet_ntop(family, source), socket.inet_ntop(family, destination)


def open_sockets(address: str) -> list[socket.socket]:
    # Without a socket for the port, the kernel would answer that it is closed.
    reserved = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reserved.bind((address, GENEVE))
    receiver = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    receiver.bind((address, 0))
    return [reserved, receiver, socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)]


def forward(receiver: socket.socket, sender: socket.socket) -> None:
    while True:
        packet, address = receiver.recvfrom(65535)
        turned = turn(packet)
        if turned is not None:
            answer, inner = turned
            counts[" > ".join(inner)] += 1
            sender.sendto(answer, (address[0], 0))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(counts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 80
    # All addresses, unless a test passes one.
    sockets = open_sockets(sys.argv[2] if len(sys.argv) > 2 else "")
    threading.Thread(target=ThreadingHTTPServer(("", port), Handler).serve_forever).start()
    forward(*sockets[1:])
