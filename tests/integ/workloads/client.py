"""A Lambda function that requests a URL and returns the response, or the error."""

from __future__ import annotations

from typing import Any
from urllib.request import urlopen


def handler(event: dict[str, str], _context: object) -> dict[str, Any]:
    try:
        with urlopen(event["url"], timeout=5) as response:
            return {"status": response.status, "body": response.read().decode()}
    # No route, no name, no response in time, or a connection that is reset.
    except OSError as error:
        return {"error": f"{type(error).__name__}: {error}"}
