from __future__ import annotations

from typing import Any

import pytest
from jsii._kernel.providers.process import _NodeProcess


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Collect the requests of jsii to Node.js."""
    sent: list[object] = []
    send = _NodeProcess.send

    def record(process: _NodeProcess, request: Any, response_type: Any) -> Any:
        sent.append(request)
        return send(process, request, response_type)

    monkeypatch.setattr(_NodeProcess, "send", record)
    return sent
