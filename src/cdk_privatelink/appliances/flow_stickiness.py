"""The packets that go to the same appliance."""

from __future__ import annotations

from enum import Enum


class FlowStickiness(Enum):
    """The packets that go to the same appliance.

    :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/edit-target-group-attributes.html#flow-stickiness
    """

    TWO_TUPLE = "source_ip_dest_ip"
    """All packets between a source and a destination address."""

    THREE_TUPLE = "source_ip_dest_ip_proto"
    """All packets between a source and a destination address with one protocol."""

    FIVE_TUPLE = "none"
    """The packets of one connection: the same addresses, ports and protocol."""
