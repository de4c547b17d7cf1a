"""From which regions consumers may connect."""

from __future__ import annotations

import re

from constructs import Construct

from .errors import PrivateLinkValueError
from .lists import checked_list
from .tokens import check_list_tokens, is_token

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+", re.ASCII)


def checked_regions(regions: object, *, scope: Construct) -> list[str] | None:
    """Check the regions, if there are any, and return them without repetitions.

    :raises PrivateLinkTypeError: Not a list of strings.
    :raises PrivateLinkValueError: Nothing in it, or what cannot be a region.
    """
    if regions is None:
        return None
    argument, fix = "allowed_regions", "pass names of regions like `eu-west-1`"
    checked = checked_list(argument, regions, str, takes="regions", fix=fix, scope=scope)
    check_list_tokens(argument, checked, scope=scope)
    for region in checked:
        if not is_token(region) and not _REGION.fullmatch(region):
            raise PrivateLinkValueError(
                argument,
                "has something that is not a region",
                got=f"`{region}`",
                fix=fix,
                scope=scope,
            )
    return checked
