"""Translation of names and code from TypeScript to Python."""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Names in camel case, unlike types, members of enums, paths and ids.
_CAMEL = re.compile(r"(?<![\w:-])[a-z][a-z0-9]*[A-Z]\w*")
_CODE = re.compile(r"`[^`]*`")
_WORDS = {"undefined": "None", "true": "True", "false": "False"}


def snake_case(name: str) -> str:
    """Return the name that jsii uses in Python."""
    return _HUMP.sub("_", name).lower()


def translate_to_python(text: str) -> str:
    """Translate the code between backticks in a text to Python."""
    return _CODE.sub(lambda match: _translate_code(match[0]), text)


def _translate_code(code: str) -> str:
    code = _CAMEL.sub(lambda match: snake_case(match[0]), code)
    code = re.sub(r"\bnew (?=\w+\()", "", code)
    code = re.sub(r"(?<=\w): ", "=", code)
    return re.sub("|".join(map(r"\b{}\b".format, _WORDS)), lambda match: _WORDS[match[0]], code)
