from __future__ import annotations

import pytest
from aws_cdk import App, Stack


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")
