"""Docstrings, which are written for Sphinx and editors, in the Markdown of the site."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_REWRITTEN = (
    (re.compile(r":(?:attr|class|meth):`([^`]+)`"), r"[`\1`][\1]"),
    (re.compile(r"``([^`]+)``"), r"`\1`"),
    # What follows two colons is code.
    (re.compile(r"^::\n\n((?: {4}.*\n|\n)+)", re.MULTILINE), r"\n\1\n"),
    # What is to be seen belongs to the text, which ends where the first field begins.
    (
        re.compile(r"^((?::(?!see)\w+.*\n(?: .*\n)*)*):see: (\S+)$", re.MULTILINE),
        r"\n[What AWS says of it](\2)\n\n\1",
    ),
)


class Markdown(Extension):
    """Rewrites each docstring as it is found."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            for pattern, replacement in _REWRITTEN:
                obj.docstring.value = pattern.sub(replacement, obj.docstring.value)
