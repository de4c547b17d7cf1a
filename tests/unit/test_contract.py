"""What users build upon: exported names, construct ids, defaults. Changing it is breaking."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

import cdk_privatelink
from cdk_privatelink import PrivateLinkEndpointService, ServiceNameSource
from tests.unit.templates import make_service, template_of

PUBLIC = [getattr(cdk_privatelink, name) for name in cdk_privatelink.__all__]


def test_exports() -> None:
    assert cdk_privatelink.__all__ == [
        "LoadBalancers",
        "PrivateLinkEndpointService",
        "PrivateLinkTypeError",
        "PrivateLinkValueError",
        "ServiceNameSource",
    ]
    # Nothing else can be mistaken for a part of the API, but for the modules themselves.
    modules = {path.stem for path in Path(cdk_privatelink.__file__).parent.glob("*.py")}
    names = {name for name in vars(cdk_privatelink) if not name.startswith("_")}
    assert names - modules == set(cdk_privatelink.__all__)


def test_logical_ids(stack: Stack) -> None:
    """A changed id replaces a live service; a changed function cannot be deployed at all."""
    make_service(stack, allowed_principals=[iam.AccountPrincipal("111122223333")])
    resources = template_of(stack)["Resources"]
    assert {key: resource["Type"] for key, resource in resources.items()} == {
        "Payments130453D3": "AWS::EC2::VPCEndpointService",
        "PaymentsPermissionsF79ED177": "AWS::EC2::VPCEndpointServicePermissions",
        "PaymentsServiceName33A27103": "Custom::PrivateLinkServiceName",
        "PrivateLinkServiceNameLookupFunctionF4038EFB": "AWS::Lambda::Function",
        "PrivateLinkServiceNameLookupLogGroup18EF4EF4": "AWS::Logs::LogGroup",
        "PrivateLinkServiceNameLookupRole2219D054": "AWS::IAM::Role",
    }


def test_logical_ids_do_not_depend_on_the_order_of_construction() -> None:
    app = App()
    one, other = Stack(app, "One"), Stack(app, "Other")
    for where, ids in ((one, ("First", "Second")), (other, ("Second", "First"))):
        for service_id in ids:
            make_service(where, service_id)
    assert set(template_of(one)["Resources"]) == set(template_of(other)["Resources"])


@pytest.mark.parametrize("id", ["Resource", "Default"])
def test_ids_that_cdk_treats_specially_work(stack: Stack, id: str) -> None:
    make_service(stack, id)
    kinds = [resource["Type"] for resource in template_of(stack)["Resources"].values()]
    assert kinds.count("AWS::EC2::VPCEndpointService") == 1


def test_signature() -> None:
    signature = inspect.signature(PrivateLinkEndpointService.__init__)
    assert {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    } == {
        "load_balancers": inspect.Parameter.empty,
        "allowed_principals": None,
        "acceptance_required": True,
        "service_name_source": ServiceNameSource.LOOKUP,
    }


@pytest.mark.parametrize("public", PUBLIC, ids=cdk_privatelink.__all__)
def test_docstrings_are_complete(public: type) -> None:
    assert public.__doc__
    for name, member in vars(public).items():
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(member, (classmethod, property)) or inspect.isfunction(member):
            function: Any = getattr(member, "fget", None) or getattr(member, "__func__", member)
            doc = inspect.getdoc(function) or ""
            assert doc.splitlines()[0].endswith("."), f"{public.__name__}.{name}"
            parameters = list(inspect.signature(function).parameters)[1:]
            if name != "__init__" or public is PrivateLinkEndpointService:
                undocumented = [p for p in parameters if f":param {p}:" not in doc]
                assert undocumented == [], f"{public.__name__}.{name}"


def test_every_enum_member_is_documented() -> None:
    tree = ast.parse(inspect.getsource(ServiceNameSource))
    (cls,) = tree.body
    assert isinstance(cls, ast.ClassDef)
    kinds = [type(node) for node in cls.body[1:]]
    assert kinds == [ast.Assign, ast.Expr] * len(ServiceNameSource)
