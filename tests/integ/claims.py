"""The claims in docs/unproven.md, which only AWS can prove."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "unproven.md"
_ROW = re.compile(r"^\| `(?P<id>[a-z0-9-]+)` \| (?P<text>.+?) \| (?P<check>.+?) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


class Claim(NamedTuple):
    """A row of the page."""

    id: str
    text: str
    check: str
    """The name of the test that proves the claim, or the reason why no test does."""


def read_claims() -> list[Claim]:
    """Return the claims, without links."""
    rows = _ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return [Claim(*(_LINK.sub(r"\1", part) for part in row.groups())) for row in rows]
