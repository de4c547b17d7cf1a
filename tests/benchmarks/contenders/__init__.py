"""The contenders: one module per way to create a service."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

# Labels by module name. Contenders with a derived name are first, then contenders with a lookup.
NAMES = {
    "raw_l1s": "raw L1s",
    "l2": "L2",
    "derived": "this library, derived",
    "l2_and_lookup": "L2 + AwsCustomResource",
    "lookup": "this library, looked up",
}
# The contender that each way of this library is compared with.
COUNTERPARTS = {"derived": "l2", "lookup": "l2_and_lookup"}


def load_contender(contender: str) -> Callable[[Any, int], None]:
    """Import a contender and return its function."""
    create_service: Callable[[Any, int], None] = import_module(
        f"{__name__}.{contender}"
    ).create_service
    return create_service
