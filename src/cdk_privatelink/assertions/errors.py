"""The error of failed assertions."""

from __future__ import annotations

from ..errors import PrivateLinkError


class PrivateLinkAssertionError(PrivateLinkError, AssertionError):
    """A packet that does not take the expected path."""
