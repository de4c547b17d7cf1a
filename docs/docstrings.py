"""Translation of docstrings from the format of Sphinx into the Markdown of the site."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_REWRITTEN = (
    (re.compile(r":(?:attr|class|meth):`([^`]+)`"), r"[`\1`][\1]"),
    (re.compile(r"``([^`]+)``"), r"`\1`"),
    # Two colons start a code block.
    (re.compile(r"^::\n\n((?: {4}.*\n|\n)+)", re.MULTILINE), r"\n\1\n"),
    # The link belongs to the text, which ends before the first field.
    (
        re.compile(r"^((?::(?!see)\w+.*\n(?: .*\n)*)*):see: (\S+/(\S+)\.html\S*)$", re.MULTILINE),
        r"\n[AWS documentation: \3](\2)\n\n\1",
    ),
)


class Markdown(Extension):
    """The translation as an extension of griffe."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Translate the docstring of one object."""
        if obj.docstring:
            for pattern, replacement in _REWRITTEN:
                obj.docstring.value = pattern.sub(replacement, obj.docstring.value)
