"""The endpoints that the app accepts itself, which a connection manager must not disconnect."""

from __future__ import annotations

from typing import NamedTuple


class AcceptedEndpoint(NamedTuple):
    """An endpoint with `auto_accept=True`. Account and Region may be tokens."""

    path: str
    account: str
    region: str


def record_endpoint(service: tuple[str, str], endpoint: AcceptedEndpoint) -> None:
    """Record an endpoint to a service.

    :param service: The identity of the service.
    """
    _ENDPOINTS.setdefault(service, []).append(endpoint)


def accepted_endpoints(service: tuple[str, str]) -> list[AcceptedEndpoint]:
    """Return the endpoints to a service, so far."""
    return _ENDPOINTS.get(service, [])


_ENDPOINTS: dict[tuple[str, str], list[AcceptedEndpoint]] = {}
