"""A table of results as Markdown, or as JSON with all samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """The results, one row per contender."""

    title: str
    about: str
    """A description of the figures."""
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    samples: dict[str, Any] = field(default_factory=dict)
    """All samples of the rows."""

    def as_markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
        return f"## {self.title}\n\n{self.about}\n\n{table}\n"

    def as_json(self) -> dict[str, Any]:
        """Return the table and samples as JSON."""
        return asdict(self)
