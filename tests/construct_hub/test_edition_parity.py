"""Both editions have the same contract except for the listed differences."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import cdk_privatelink
from tests.construct_hub.contract import Contract, load_assembly_contract, load_python_contract
from tests.construct_hub.naming import translate_to_python
from tests.local_hub.package import Package

# The folders of the library that only the Python edition has.
PYTHON_ROOMS = ("appliances", "connections", "consumer")
# Other names that only the Python edition has, by reason.
ONLY_IN_PYTHON = {
    "jsii has no type aliases, so the union is written in full": {
        "AllowedPrincipal",
        "SharePrincipal",
    },
    "the compiler and jsii check types, and errors from jsii have a message and no class": {
        "PrivateLinkError",
        "PrivateLinkTypeError",
        "PrivateLinkValueError",
    },
    "TypeScript uses the type of the CDK": {"MetricOptions"},
    "not for direct use, and private in TypeScript": {"LoadBalancers.__init__"},
}
# Methods of TypeScript with an argument that the method of Python has too, because jsii has no
# options after a variadic argument.
METHODS_WITH_OPTIONS = {
    "LoadBalancers.network_with_options": ("LoadBalancers.network", "enforce_security_groups"),
}
# Structs that are keyword arguments in Python.
STRUCTS = {
    "NetworkLoadBalancerOptions",
    "ConnectionNotificationOptions",
    "PrivateDnsOptions",
    "PrivateLinkEndpointServiceProps",
    "PublishOptions",
    "RstPacketsSentAlarmsOptions",
}


@pytest.fixture
def python() -> Contract:
    return load_python_contract(Path(cdk_privatelink.__file__).parent)


@pytest.fixture(scope="module")
def hub(assembly: dict[str, Any]) -> Contract:
    return load_assembly_contract(assembly)


def test_names_in_only_one_edition_are_listed(python: Contract, hub: Contract) -> None:
    only_in_python = {
        # A type that only Python has is listed without its members.
        name if name.split(".")[0] in hub else name.split(".")[0]
        for name in python.keys() - hub.keys()
    }
    assert only_in_python == names_in_python_rooms().union(*ONLY_IN_PYTHON.values())
    assert hub.keys() - python.keys() == METHODS_WITH_OPTIONS.keys()


def names_in_python_rooms() -> set[str]:
    """Return the exported classes in the folders that only the Python edition has."""
    modules = tuple(f"cdk_privatelink.{room}." for room in PYTHON_ROOMS)
    exported = {name: getattr(cdk_privatelink, name) for name in cdk_privatelink.__all__}
    return {
        name
        for name, each in exported.items()
        if inspect.isclass(each) and each.__module__.startswith(modules)
    }


def test_the_readme_starts_with_the_names_in_only_the_python_edition(package: Package) -> None:
    start = package.files["package/README.md"].decode().partition("\n## ")[0]
    public_modules = {
        name
        for _, name, is_package in pkgutil.iter_modules(
            cdk_privatelink.__path__, "cdk_privatelink."
        )
        if is_package and hasattr(importlib.import_module(name), "__all__")
    }
    assert public_modules
    assert set(re.findall(r"`([\w.]+)`", start)) == names_in_python_rooms() | public_modules


def test_structs_are_keyword_arguments_in_python(assembly: dict[str, Any]) -> None:
    structs = {
        definition["name"]
        for definition in assembly["types"].values()
        if definition.get("datatype")
    }
    assert structs == STRUCTS


def test_both_editions_have_the_same_contract(python: Contract, hub: Contract) -> None:
    for name, (method, argument) in METHODS_WITH_OPTIONS.items():
        option = python[method]["arguments"].pop(argument)
        # The documentation of the option is the same.
        assert hub[name]["arguments"][argument] == option
    common = {name: member for name, member in hub.items() if name not in METHODS_WITH_OPTIONS}
    assert {name: member for name, member in python.items() if name in common} == common


def test_documented_defaults_match_the_code(python: Contract, hub: Contract) -> None:
    """Compare the documented defaults with the defaults in Python code."""
    code_defaults = {
        (f"{public.__name__}.{function.__name__}", parameter.name): parameter.default
        for name in cdk_privatelink.__all__
        if inspect.isclass(public := getattr(cdk_privatelink, name))
        for _, function in inspect.getmembers(public, inspect.isfunction)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default not in (inspect.Parameter.empty, None)
        and f"{public.__name__}.{function.__name__}" in hub
    }
    assert len(code_defaults) >= 2
    for (name, argument), default in code_defaults.items():
        documented = python[name]["arguments"][argument]["default"]
        assert documented.startswith(f"`{default}`"), f"{name}: {argument}"


def test_python_names_match_the_generated_names(
    generated: Path, python: Contract, hub: Contract
) -> None:
    """Compare the names with the Python package that jsii generates."""
    generated_contract = load_python_contract(generated / cdk_privatelink.__name__)
    structs = {name for name in generated_contract if name.split(".")[0] in STRUCTS}
    assert generated_contract.keys() - structs == hub.keys()
    fields = [name.split(".")[1] for name in python if name.startswith("MetricOptions.")]
    for name in hub.keys() - METHODS_WITH_OPTIONS.keys():
        member = hub[name]
        expected = _argument_kinds(member)
        if expected.pop("options", None):
            expected.update(dict.fromkeys(fields, ("keyword", False)))
        assert _argument_kinds(generated_contract[name]) == expected, name


def _argument_kinds(member: dict[str, Any]) -> dict[str, tuple[str, bool | None]]:
    return {
        name: (argument["kind"], argument.get("required"))
        for name, argument in member.get("arguments", {}).items()
    }


def test_typescript_code_is_translated_to_python() -> None:
    assert translate_to_python(
        "`privateDns: new PrivateDns(...)`, not privateDns: `undefined`"
    ) == ("`private_dns=PrivateDns(...)`, not privateDns: `None`")
    unchanged = "`eu-west-1/Nlb`, `arn:aws:iam::<account>:root` and `ServiceNameSource.DERIVED`"
    assert translate_to_python(unchanged) == unchanged
