"""Draws the overview in the README: the resources of its first example, in two accounts."""

from __future__ import annotations

from tools.diagram import IMAGES, NODES
from tools.drawing import Arrow, Group, Node, draw

IMAGE = IMAGES / "privatelink.svg"
# Resources of the README's first example, by the name of their node.
TYPES = {
    "endpoint": "AWS::EC2::VPCEndpoint",
    "service": "AWS::EC2::VPCEndpointService",
    "load_balancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
}


def draw_overview() -> str:
    """Return the drawing."""
    client = Node("client", "resource/Client.svg", "Client", ["connects to a private IP address"])
    targets = Node("targets", "resource/Servers.svg", "Targets", ["your application"])
    consumer = Group("consumer_vpc", "vpc", "VPC", [client, _node("endpoint", "VPC endpoint")])
    provider = Group(
        "provider_vpc",
        "vpc",
        "VPC",
        [_node("load_balancer", "Network Load Balancer", "or Gateway Load Balancer"), targets],
    )
    service = _node("service", "Endpoint service", "allows principals, accepts connections")
    groups = [
        Group("consumer", "stack", "Consumer account", [consumer]),
        Group("provider", "stack", "Provider account: your app", [service, provider]),
    ]
    arrows = [
        Arrow("client", "endpoint"),
        Arrow("endpoint", "service", "AWS network: no internet, no peering"),
        Arrow("service", "load_balancer"),
        Arrow("load_balancer", "targets"),
    ]
    return draw(groups, arrows, title="A consumer connects to an endpoint service")


def _node(id: str, name: str, *details: str) -> Node:
    icon, _ = NODES[TYPES[id]]
    return Node(id, f"{icon.format(Type='Network')}.svg", name, details)


if __name__ == "__main__":
    IMAGE.write_text(draw_overview(), encoding="utf-8")
