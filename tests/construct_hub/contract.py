"""What an edition promises: its public names, arguments, types, defaults and first sentences.

Both editions are told in the same shape, in the words of Python, so that they can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import griffe

from tests.construct_hub.naming import in_python, snake_case

# By the name of a type or member. Plain dictionaries, of which pytest shows how they differ.
Contract: TypeAlias = dict[str, dict[str, Any]]

_SENTENCE = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)
_ROLE = re.compile(r":(?P<role>\w+):`(?P<name>[^`]*)`")
_DEFAULT = re.compile(r"\s*\bDefault:\s+(?P<default>.*)", re.DOTALL)
_KINDS = {
    griffe.ParameterKind.positional_or_keyword: "positional",
    griffe.ParameterKind.keyword_only: "keyword",
    griffe.ParameterKind.var_positional: "variadic",
    griffe.ParameterKind.var_keyword: "options",
}
_MEANINGLESS = {"None", "Optional", "Union", "Unpack"}
_PRIMITIVES = {"string": "str", "boolean": "bool", "number": "float", "any": "Any"}


def of_python(package: Path) -> Contract:
    """Read the contract of the Python edition, or of another package that is written like it."""
    module = griffe.load(package.name, search_paths=[package.parent], docstring_parser="sphinx")
    assert isinstance(module, griffe.Module)
    found: Contract = {}
    for name in module.exports or []:
        public = module[f"{name}"]
        target = public.final_target if isinstance(public, griffe.Alias) else public
        found[f"{name}"] = {"doc": _sentence(_doc(target))}
        if not isinstance(target, griffe.Class):
            continue
        for member in target.all_members.values():
            promised = member.final_target if isinstance(member, griffe.Alias) else member
            if promised.name == "__init__" or not promised.name.startswith("_"):
                found[f"{name}.{promised.name}"] = _of_member(promised)
    return found


def _of_member(member: griffe.Object) -> dict[str, Any]:
    doc = _sentence(_doc(member))
    if isinstance(member, griffe.Attribute):
        if "property" not in member.labels:
            return {"kind": "value", "doc": doc}
        return {"kind": "property", "doc": doc, "type": _names(member.annotation, member.module)}
    assert isinstance(member, griffe.Function)
    sections = member.docstring.parsed if member.docstring else []
    documented = {
        parameter.name: parameter.description
        for section in sections
        if isinstance(section, griffe.DocstringSectionParameters)
        for parameter in section.value
    }
    static = {"staticmethod", "classmethod"} & member.labels
    parameters = [p for p in member.parameters if p.name not in ("self", "cls")]
    return {
        "kind": "static method" if static else "method",
        "doc": doc,
        "arguments": {
            parameter.name: {
                **_kind(parameter),
                "type": _names(parameter.annotation, member.module),
                **_described(documented.get(parameter.name, "")),
            }
            for parameter in parameters
        },
        "type": _names(member.annotation, member.module),
    }


def _kind(parameter: griffe.Parameter) -> dict[str, Any]:
    assert parameter.kind is not None
    kind = _KINDS[parameter.kind]
    if kind in ("variadic", "options"):
        return {"kind": kind}
    return {"kind": kind, "required": parameter.required}


def of_assembly(assembly: dict[str, Any]) -> Contract:
    """Read the contract of the edition for Construct Hub from what jsii has compiled."""
    types = assembly["types"]
    contract: Contract = {}
    for found in types.values():
        # Structs are told as the arguments that they are.
        if not found.get("datatype"):
            contract[found["name"]] = {"doc": _sentence(_text(found))}
            for name, promised in _members(found, types):
                contract[f"{found['name']}.{name}"] = promised
    return contract


def _members(found: dict[str, Any], types: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for member in found.get("members", []):
        yield member["name"], {"kind": "value", "doc": _sentence(_text(member))}
    for member in found.get("properties", []):
        doc, leaves = _sentence(_text(member)), _leaves(member["type"])
        yield snake_case(member["name"]), {"kind": "property", "doc": doc, "type": leaves}
    if "initializer" in found:
        yield "__init__", _method(found["initializer"], types)
    for member in found.get("methods", []):
        yield snake_case(member["name"]), _method(member, types)


def _method(found: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    returned = found.get("returns")
    return {
        "kind": "static method" if found.get("static") else "method",
        "doc": _sentence(_text(found)),
        "arguments": dict(_arguments(found, types)),
        "type": _leaves(returned["type"]) if returned else [],
    }


def _arguments(
    member: dict[str, Any], types: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in member.get("parameters", []):
        fqn = parameter["type"].get("fqn", "")
        # Those of the CDK are spelt out by nobody but jsii itself.
        options = fqn.endswith(".MetricOptions")
        if types.get(fqn, {}).get("datatype"):
            for option in types[fqn]["properties"]:
                yield snake_case(option["name"]), _argument(option, "keyword")
        else:
            kind = "options" if options else "positional"
            name = snake_case(parameter["name"])
            yield name, _argument(parameter, "variadic" if parameter.get("variadic") else kind)


def _argument(found: dict[str, Any], kind: str) -> dict[str, Any]:
    described: dict[str, Any] = _described(_text(found))
    default = found.get("docs", {}).get("default")
    if default is not None:
        # What is no value begins with a hyphen.
        words = default.removeprefix("- ") if default.startswith("- ") else f"`{default}`"
        described["default"] = _sentence(words)
    if kind in ("keyword", "positional"):
        described["required"] = not found.get("optional", False)
    return {"kind": kind, "type": _leaves(found["type"]), **described}


def _described(text: str) -> dict[str, str]:
    match = _DEFAULT.search(text)
    if not match:
        return {"doc": _sentence(text)}
    return {"doc": _sentence(text[: match.start()]), "default": _sentence(match["default"])}


def _text(found: dict[str, Any]) -> str:
    docs = found.get("docs", {})
    return f"{docs.get('summary', '')}\n\n{docs.get('remarks', '')}".strip()


def _doc(found: griffe.Object) -> str:
    return found.docstring.value if found.docstring else ""


def _sentence(text: str) -> str:
    """Tell the first sentence, with code between single backticks and in Python."""
    match = _SENTENCE.match(text.split("\n\n")[0])
    sentence = " ".join((match[0] if match else text).split()).replace("``", "`")
    sentence = _ROLE.sub(
        lambda role: f"`{role['name']}{'()' if role['role'] == 'meth' else ''}`", sentence
    )
    return in_python(sentence).rstrip(".")


def _leaves(found: dict[str, Any]) -> list[str]:
    """Tell the names in a type of jsii."""
    if "primitive" in found:
        return [_PRIMITIVES[found["primitive"]]]
    if "fqn" in found:
        return [found["fqn"].split(".")[-1]]
    if "collection" in found:
        return _tidy(["list", *_leaves(found["collection"]["elementtype"])])
    return _tidy(leaf for option in found["union"]["types"] for leaf in _leaves(option))


def _names(annotation: griffe.Expr | str | None, module: griffe.Module) -> list[str]:
    """Tell the names in an annotation, and in the unions that it names."""
    text = f"{annotation}"
    if text.startswith("Literal["):
        return ["str"]
    names: list[str] = []
    for name in (path.split(".")[-1] for path in re.findall(r"[\w.]+", text)):
        meant = module[name] if name in module.members else None
        if isinstance(meant, griffe.Alias):
            meant = meant.final_target if meant.target_path.startswith("cdk_privatelink") else None
        if isinstance(meant, griffe.Attribute):
            names += _names(meant.value, meant.module)
        elif name not in _MEANINGLESS:
            names.append("list" if name == "Sequence" else name)
    return _tidy(names)


def _tidy(names: Iterable[str]) -> list[str]:
    """Leave out what makes no difference: order, repetitions, classes beside their interfaces."""
    known = set(names)
    return sorted(name for name in known if f"I{name}" not in known)
