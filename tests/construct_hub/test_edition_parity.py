"""Both editions have the same contract except for the listed differences."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import cdk_privatelink
from tests.construct_hub.contract import Contract, load_assembly_contract, load_python_contract
from tests.construct_hub.naming import translate_to_python

# Names that only the Python edition has, with the reason.
ONLY_IN_PYTHON = {
    "AllowedPrincipal": "jsii has no type aliases, so the union is written in full",
    "SharePrincipal": "jsii has no type aliases, so the union is written in full",
    "ConnectionManager": "the edition for Construct Hub has no connection managers",
    "ConnectionRule": "the edition for Construct Hub has no connection managers",
    "FlowHandling": "the edition for Construct Hub has no consumer constructs",
    "FlowStickiness": "the edition for Construct Hub has no consumer constructs",
    "IGatewayLoadBalancerEndpoints": "the edition for Construct Hub has no consumer constructs",
    "GatewayLoadBalancer": "the edition for Construct Hub has no consumer constructs",
    "GatewayLoadBalancerEndpoints": "the edition for Construct Hub has no consumer constructs",
    "TransitGatewayInspection": "the edition for Construct Hub has no consumer constructs",
    "InterfaceEndpoint": "the edition for Construct Hub has no consumer constructs",
    "LoadBalancers.__init__": "not for direct use, and private in TypeScript",
    "MetricOptions": "TypeScript uses the type of the CDK",
    "PrivateLinkError": "errors in jsii have a message and no class",
    "PrivateLinkTypeError": "the compiler and jsii check types",
    "PrivateLinkValueError": "errors in jsii have a message and no class",
}
# Names that only the edition for Construct Hub has, with the reason.
ONLY_IN_TYPESCRIPT = {
    "LoadBalancers.network_with_options": "jsii has no options after a variadic argument",
}
# Arguments of common names that only the Python edition has, with the reason.
ARGUMENTS_ONLY_IN_PYTHON = {
    ("LoadBalancers.network", "enforce_security_groups"): "see `network_with_options`",
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
    assert only_in_python == ONLY_IN_PYTHON.keys()
    assert hub.keys() - python.keys() == ONLY_IN_TYPESCRIPT.keys()


def test_structs_are_keyword_arguments_in_python(assembly: dict[str, Any]) -> None:
    structs = {
        definition["name"]
        for definition in assembly["types"].values()
        if definition.get("datatype")
    }
    assert structs == STRUCTS


def test_both_editions_have_the_same_contract(python: Contract, hub: Contract) -> None:
    for name, argument in ARGUMENTS_ONLY_IN_PYTHON:
        option = python[name]["arguments"].pop(argument)
        # The documentation of the option is the same.
        assert hub[f"{name}_with_options"]["arguments"][argument] == option
    common = {name: member for name, member in hub.items() if name not in ONLY_IN_TYPESCRIPT}
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
    for name in hub.keys() - ONLY_IN_TYPESCRIPT.keys():
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
