"""What comes from the CDK, and can be passed to it."""

from __future__ import annotations

from collections.abc import Iterable

from constructs import Construct

from .errors import PrivateLinkTypeError


def is_of_cdk(value: object) -> bool:
    """Whether it is an object that jsii knows: the CDK's, or one that implements its interfaces."""
    return hasattr(type(value), "__jsii_type__") or (
        # What is imported is a proxy of no class of the CDK.
        not isinstance(value, type) and hasattr(value, "__jsii_ref__")
    )


def is_resource(value: object, *attributes: str) -> bool:
    """Whether it is a construct with such attributes, like a topic with a ``topic_arn``."""
    return is_of_cdk(value) and all(hasattr(value, name) for name in ("node", *attributes))


def checked_resources(
    argument: str, values: object, *attributes: str, takes: str, fix: str, scope: Construct | str
) -> list[object]:
    """Check that it is a list of what comes from the CDK and has such attributes.

    :raises PrivateLinkTypeError: It is not, or there is something else in it.
    """

    def wrong(got: object) -> PrivateLinkTypeError:
        return PrivateLinkTypeError(
            argument, f"takes a list of {takes}", got=f"`{got!r}`", fix=fix, scope=scope
        )

    if isinstance(values, str) or not isinstance(values, Iterable):
        raise wrong(values)
    checked = list(values)
    for value in checked:
        if not is_of_cdk(value) or not all(hasattr(value, name) for name in attributes):
            raise wrong(value)
    return checked
