"""What comes from the CDK, and can be passed to it."""

from __future__ import annotations


def is_of_cdk(value: object) -> bool:
    """Whether it is an object that jsii knows: the CDK's, or one that implements its interfaces."""
    return hasattr(type(value), "__jsii_type__") or (
        # What is imported is a proxy of no class of the CDK.
        not isinstance(value, type) and hasattr(value, "__jsii_ref__")
    )


def is_resource(value: object, *attributes: str) -> bool:
    """Whether it is a construct with such attributes, like a topic with a ``topic_arn``."""
    return is_of_cdk(value) and all(hasattr(value, name) for name in ("node", *attributes))
