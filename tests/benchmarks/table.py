"""A table of results: Markdown for people, JSON with all samples for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """What was measured, a row for each contender."""

    title: str
    about: str
    """What the figures are, in a sentence or two."""
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    samples: dict[str, Any] = field(default_factory=dict)
    """All that the rows are made of."""

    def as_markdown(self) -> str:
        """Write it down for people."""
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
        return f"## {self.title}\n\n{self.about}\n\n{table}\n"

    def as_json(self) -> dict[str, Any]:
        """Write it down for programs."""
        return asdict(self)
