"""Assertions on templates for unit tests, like ``aws_cdk.assertions``."""

from .errors import PrivateLinkAssertionError
from .routes import Routes
from .trace import Hop

__all__ = ["Hop", "PrivateLinkAssertionError", "Routes"]
