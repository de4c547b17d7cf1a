"""How what is written in TypeScript reads in Python."""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What begins with a small letter and has a capital, unlike types, members of enums, paths and ids.
_CAMEL = re.compile(r"(?<![\w:-])[a-z][a-z0-9]*[A-Z]\w*")
_CODE = re.compile(r"`[^`]*`")
_WORDS = {"undefined": "None", "true": "True", "false": "False"}


def snake_case(name: str) -> str:
    """Name it as jsii names it in Python."""
    return _HUMP.sub("_", name).lower()


def in_python(text: str) -> str:
    """Write the code in a text, which stands between backticks, in Python."""
    return _CODE.sub(lambda match: _code_in_python(match[0]), text)


def _code_in_python(code: str) -> str:
    code = _CAMEL.sub(lambda match: snake_case(match[0]), code)
    code = re.sub(r"\bnew (?=\w+\()", "", code)
    code = re.sub(r"(?<=\w): ", "=", code)
    return re.sub("|".join(map(r"\b{}\b".format, _WORDS)), lambda match: _WORDS[match[0]], code)
