"""The contract of an edition: public names, arguments, types, defaults and first sentences.

Contracts of both editions have the same format, with names of Python, so that tests compare them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import griffe

from tests.construct_hub.naming import snake_case, translate_to_python

# By the name of a type or member. pytest displays the difference of dictionaries.
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


def load_python_contract(package: Path) -> Contract:
    """Return the contract of the Python edition or of a similar package."""
    module = griffe.load(package.name, search_paths=[package.parent], docstring_parser="sphinx")
    assert isinstance(module, griffe.Module)
    definition: Contract = {}
    for name in module.exports or []:
        public = module[f"{name}"]
        target = public.final_target if isinstance(public, griffe.Alias) else public
        definition[f"{name}"] = {"doc": _first_sentence(_get_docstring(target))}
        if not isinstance(target, griffe.Class):
            continue
        for member in target.all_members.values():
            member_contract = member.final_target if isinstance(member, griffe.Alias) else member
            # jsii lists members of an exported interface only there.
            owner = member_contract.parent
            if owner is not target and owner is not None and owner.name in (module.exports or []):
                continue
            if member_contract.name == "__init__" or not member_contract.name.startswith("_"):
                definition[f"{name}.{member_contract.name}"] = _load_member(member_contract)
    return definition


def _load_member(member: griffe.Object) -> dict[str, Any]:
    doc = _first_sentence(_get_docstring(member))
    if isinstance(member, griffe.Attribute):
        if "property" not in member.labels:
            return {"kind": "value", "doc": doc}
        return {
            "kind": "property",
            "doc": doc,
            "type": _get_annotation_names(member.annotation, member.module),
        }
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
                **_get_kind(parameter),
                "type": _get_annotation_names(parameter.annotation, member.module),
                **_parse_doc(documented.get(parameter.name, "")),
            }
            for parameter in parameters
        },
        "type": _get_annotation_names(member.annotation, member.module),
    }


def _get_kind(parameter: griffe.Parameter) -> dict[str, Any]:
    assert parameter.kind is not None
    kind = _KINDS[parameter.kind]
    if kind in ("variadic", "options"):
        return {"kind": kind}
    return {"kind": kind, "required": parameter.required}


def load_assembly_contract(assembly: dict[str, Any]) -> Contract:
    """Return the contract of the edition for Construct Hub from the jsii assembly."""
    types = assembly["types"]
    contract: Contract = {}
    for definition in types.values():
        # The properties of structs are listed as arguments.
        if not definition.get("datatype"):
            contract[definition["name"]] = {"doc": _first_sentence(_get_docs(definition))}
            for name, member_contract in _iterate_members(definition, types):
                contract[f"{definition['name']}.{name}"] = member_contract
    return contract


def _iterate_members(
    definition: dict[str, Any], types: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for member in definition.get("members", []):
        yield member["name"], {"kind": "value", "doc": _first_sentence(_get_docs(member))}
    for member in definition.get("properties", []):
        doc, type_names = _first_sentence(_get_docs(member)), _get_type_names(member["type"])
        yield snake_case(member["name"]), {"kind": "property", "doc": doc, "type": type_names}
    if "initializer" in definition:
        yield "__init__", _load_method(definition["initializer"], types)
    for member in definition.get("methods", []):
        yield snake_case(member["name"]), _load_method(member, types)


def _load_method(definition: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    returns = definition.get("returns")
    return {
        "kind": "static method" if definition.get("static") else "method",
        "doc": _first_sentence(_get_docs(definition)),
        "arguments": dict(_iterate_arguments(definition, types)),
        "type": _get_type_names(returns["type"]) if returns else [],
    }


def _iterate_arguments(
    member: dict[str, Any], types: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in member.get("parameters", []):
        fqn = parameter["type"].get("fqn", "")
        # Only jsii lists the options of the CDK as arguments.
        options = fqn.endswith(".MetricOptions")
        if types.get(fqn, {}).get("datatype"):
            for option in types[fqn]["properties"]:
                yield snake_case(option["name"]), _load_argument(option, "keyword")
        else:
            kind = "options" if options else "positional"
            name = snake_case(parameter["name"])
            yield name, _load_argument(parameter, "variadic" if parameter.get("variadic") else kind)


def _load_argument(definition: dict[str, Any], kind: str) -> dict[str, Any]:
    described: dict[str, Any] = _parse_doc(_get_docs(definition))
    default = definition.get("docs", {}).get("default")
    if default is not None:
        # A default that is not a value starts with a hyphen.
        words = default.removeprefix("- ") if default.startswith("- ") else f"`{default}`"
        described["default"] = _first_sentence(words)
    if kind in ("keyword", "positional"):
        described["required"] = not definition.get("optional", False)
    return {"kind": kind, "type": _get_type_names(definition["type"]), **described}


def _parse_doc(text: str) -> dict[str, str]:
    match = _DEFAULT.search(text)
    if not match:
        return {"doc": _first_sentence(text)}
    return {
        "doc": _first_sentence(text[: match.start()]),
        "default": _first_sentence(match["default"]),
    }


def _get_docs(definition: dict[str, Any]) -> str:
    docs = definition.get("docs", {})
    return f"{docs.get('summary', '')}\n\n{docs.get('remarks', '')}".strip()


def _get_docstring(definition: griffe.Object) -> str:
    return definition.docstring.value if definition.docstring else ""


def _first_sentence(text: str) -> str:
    """Return the first sentence, with code in single backticks and in Python."""
    match = _SENTENCE.match(text.split("\n\n")[0])
    sentence = " ".join((match[0] if match else text).split()).replace("``", "`")
    sentence = _ROLE.sub(
        lambda role: f"`{role['name']}{'()' if role['role'] == 'meth' else ''}`", sentence
    )
    return translate_to_python(sentence).rstrip(".")


def _get_type_names(definition: dict[str, Any]) -> list[str]:
    """Return the names in a jsii type."""
    if "primitive" in definition:
        return [_PRIMITIVES[definition["primitive"]]]
    if "fqn" in definition:
        return [definition["fqn"].split(".")[-1]]
    if "collection" in definition:
        return _normalize(["list", *_get_type_names(definition["collection"]["elementtype"])])
    return _normalize(
        name for option in definition["union"]["types"] for name in _get_type_names(option)
    )


def _get_annotation_names(annotation: griffe.Expr | str | None, module: griffe.Module) -> list[str]:
    """Return the names in an annotation and in the unions that it refers to."""
    text = f"{annotation}"
    if text.startswith("Literal["):
        return ["str"]
    names: list[str] = []
    for name in (path.split(".")[-1] for path in re.findall(r"[\w.]+", text)):
        target = module[name] if name in module.members else None
        if isinstance(target, griffe.Alias):
            target = (
                target.final_target if target.target_path.startswith("cdk_privatelink") else None
            )
        if isinstance(target, griffe.Attribute):
            names += _get_annotation_names(target.value, target.module)
        elif name not in _MEANINGLESS:
            names.append("list" if name == "Sequence" else name)
    return _normalize(names)


def _normalize(names: Iterable[str]) -> list[str]:
    """Normalize names: sort them, and remove duplicates and classes with an interface."""
    unique = set(names)
    return sorted(name for name in unique if f"I{name}" not in unique)
