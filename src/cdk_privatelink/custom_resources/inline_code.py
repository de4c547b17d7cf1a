"""The code of Lambda functions, as it is in templates."""

from __future__ import annotations

import re
from pathlib import Path

_HANDLERS = Path(__file__).parent / "handlers"


def read_inline_code(name: str) -> str:
    """Return the code of a handler, with one space per level of indentation and short gaps.

    CloudFormation accepts 51,200 bytes without a bucket, and white space is a tenth of the code.
    """
    code = (_HANDLERS / name).read_text(encoding="utf-8").replace("\n\n\n", "\n\n")
    return re.sub(r"^(?: {4})+", lambda match: " " * (len(match[0]) // 4), code, flags=re.MULTILINE)
