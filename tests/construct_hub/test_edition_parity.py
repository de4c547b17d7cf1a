"""Both editions promise the same, but for what is listed here. A change to one alone fails."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import cdk_privatelink
from tests.construct_hub.contract import Contract, of_assembly, of_python
from tests.construct_hub.naming import in_python

# What the Python edition has beyond the other, and why.
ONLY_IN_PYTHON = {
    "AllowedPrincipal": "jsii knows no names for unions; it is spelt out",
    "FlowStickiness": "the consumer's side is not in the core",
    "GatewayLoadBalancer": "the consumer's side is not in the core",
    "GatewayLoadBalancerEndpoints": "the consumer's side is not in the core",
    "InterfaceEndpoint": "the consumer's side is not in the core",
    "LoadBalancers.__init__": "not for direct use, and private where there is such a thing",
    "MetricOptions": "there it is the CDK's own",
    "PrivateLinkError": "errors of jsii have a message and no class",
    "PrivateLinkTypeError": "types are the compiler's, and jsii's, to check",
    "PrivateLinkValueError": "errors of jsii have a message and no class",
}
# What Python writes as keyword arguments.
STRUCTS = {
    "ConnectionNotificationOptions",
    "PrivateDnsOptions",
    "PrivateLinkEndpointServiceProps",
    "RstPacketsSentAlarmsOptions",
}


@pytest.fixture(scope="module")
def python() -> Contract:
    return of_python(Path(cdk_privatelink.__file__).parent)


@pytest.fixture(scope="module")
def hub(assembly: dict[str, Any]) -> Contract:
    return of_assembly(assembly)


def test_what_only_one_edition_has(python: Contract, hub: Contract) -> None:
    only_in_python = {
        # All of a type that the other edition lacks is listed by its name alone.
        name if name.split(".")[0] in hub else name.split(".")[0]
        for name in python.keys() - hub.keys()
    }
    assert only_in_python == ONLY_IN_PYTHON.keys()
    assert hub.keys() - python.keys() == set()


def test_structs_are_keyword_arguments(assembly: dict[str, Any]) -> None:
    structs = {found["name"] for found in assembly["types"].values() if found.get("datatype")}
    assert structs == STRUCTS


def test_what_both_editions_have(python: Contract, hub: Contract) -> None:
    assert {name: promised for name, promised in python.items() if name in hub} == hub


def test_defaults_are_those_documented(python: Contract, hub: Contract) -> None:
    """The contract has the defaults of the documentation, Python has them as code too."""
    written = {
        (f"{public.__name__}.{function.__name__}", parameter.name): parameter.default
        for name in cdk_privatelink.__all__
        if inspect.isclass(public := getattr(cdk_privatelink, name))
        for _, function in inspect.getmembers(public, inspect.isfunction)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default not in (inspect.Parameter.empty, None)
        and f"{public.__name__}.{function.__name__}" in hub
    }
    assert len(written) >= 2
    for (name, argument), default in written.items():
        documented = python[name]["arguments"][argument]["default"]
        assert documented.startswith(f"`{default}`"), f"{name}: {argument}"


def test_the_names_are_those_that_jsii_gives(
    generated: Path, python: Contract, hub: Contract
) -> None:
    """What jsii would generate for Python, and is never published, has the same names."""
    by_jsii = of_python(generated / cdk_privatelink.__name__)
    structs = {name for name in by_jsii if name.split(".")[0] in STRUCTS}
    assert by_jsii.keys() - structs == hub.keys()
    fields = [name.split(".")[1] for name in python if name.startswith("MetricOptions.")]
    for name, promised in hub.items():
        expected = _kinds(promised)
        if expected.pop("options", None):
            expected.update(dict.fromkeys(fields, ("keyword", False)))
        assert _kinds(by_jsii[name]) == expected, name


def _kinds(promised: dict[str, Any]) -> dict[str, tuple[str, bool | None]]:
    return {
        name: (argument["kind"], argument.get("required"))
        for name, argument in promised.get("arguments", {}).items()
    }


def test_the_words_of_typescript_in_python() -> None:
    assert in_python("`privateDns: new PrivateDns(...)`, not privateDns: `undefined`") == (
        "`private_dns=PrivateDns(...)`, not privateDns: `None`"
    )
    unchanged = "`eu-west-1/Nlb`, `arn:aws:iam::<account>:root` and `ServiceNameSource.DERIVED`"
    assert in_python(unchanged) == unchanged
