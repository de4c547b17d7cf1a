"""Who is compared: one module for each, that makes a service its own way."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

# By their modules. Those with a composed name come first, then those that ask EC2 for it.
NAMES = {
    "raw_l1s": "raw L1s",
    "l2": "L2",
    "derived": "this library, derived",
    "l2_and_look_up": "L2 + AwsCustomResource",
    "look_up": "this library, looked up",
}
# What each of this library's own is measured against.
OPPONENTS = {"derived": "l2", "look_up": "l2_and_look_up"}


def offer_of(contender: str) -> Callable[[Any, int], None]:
    """Import a contender, with what it needs and nothing else."""
    offer: Callable[[Any, int], None] = import_module(f"{__name__}.{contender}").offer
    return offer
