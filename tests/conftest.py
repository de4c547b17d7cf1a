"""Which tests stay together when others run beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

_HANDLERS = Path(__file__).with_name("handlers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Tests of a module share what it deploys, and all handlers are played side by side.
        group = _HANDLERS if item.path.is_relative_to(_HANDLERS) else item.path
        item.add_marker(pytest.mark.xdist_group(group.name))
