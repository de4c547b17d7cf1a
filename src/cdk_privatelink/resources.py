"""Resources of the CDK that are passed in."""

from __future__ import annotations


def is_resource(value: object, attribute: str) -> bool:
    """Whether it is a construct with such an attribute, like a topic with a ``topic_arn``.

    Imported constructs are proxies of no class of their own, so their class does not tell.
    """
    return not isinstance(value, type) and hasattr(value, "node") and hasattr(value, attribute)
