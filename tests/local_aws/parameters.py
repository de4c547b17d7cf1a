"""SSM parameters with tiers, and shares of AWS RAM with which other accounts read them."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.cloudformation import exceptions
from moto.cloudformation.parsing import ResourceMap
from moto.ram.models import ResourceShare as MotoResourceShare
from moto.ram.models import ram_backends
from moto.ssm.exceptions import ValidationException
from moto.ssm.models import Parameter as MotoParameter
from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends

from .resource_request import ResourceRequest, is_true

_ARN = re.compile(r"arn:aws:ssm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):parameter(?P<name>/.+)")


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    put = SimpleSystemManagerBackend.put_parameter
    get = SimpleSystemManagerBackend.get_parameter

    def put_parameter(
        backend: SimpleSystemManagerBackend, name: str, *arguments: Any, **options: Any
    ) -> MotoParameter:
        versions = list(backend._parameters.get(name, []))
        parameter = put(backend, name, *arguments, **options)
        try:
            parameter.tier = resolve_tier(options.get("tier"), versions)
        except ValidationException:
            backend._parameters[name].remove(parameter)
            raise
        return parameter

    def get_parameter(backend: SimpleSystemManagerBackend, name: str) -> MotoParameter | None:
        arn = _ARN.fullmatch(name)
        return find_parameter(backend.account_id, arn) if arn else get(backend, name)

    def get_parameters(
        backend: SimpleSystemManagerBackend, names: list[str]
    ) -> dict[str, MotoParameter]:
        found = {name: backend.get_parameter(name) for name in names}
        return {name: each for name, each in found.items() if each is not None}

    return [
        patch.multiple(
            SimpleSystemManagerBackend,
            put_parameter=put_parameter,
            get_parameter=get_parameter,
            get_parameters=get_parameters,
        ),
        patch.object(ResourceMap, "parse_ssm_parameter", read_template_parameter),
        # moto shares no parameters.
        patch.object(
            MotoResourceShare,
            "SHAREABLE_RESOURCES",
            [*MotoResourceShare.SHAREABLE_RESOURCES, "parameter"],
        ),
    ]


def resolve_tier(tier: str | None, versions: list[MotoParameter]) -> str:
    """Return the tier of a new version of a parameter.

    With intelligent tiering, a small parameter is standard, and an advanced one stays advanced. A
    request without a tier is one for the default tier of the account, standard.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-default-tier.html

    :raises ValidationException: The parameter is advanced, and the tier is standard.
        https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
    """
    is_advanced = any(version.tier == "Advanced" for version in versions)
    if tier == "Intelligent-Tiering":
        return "Advanced" if is_advanced else "Standard"
    if is_advanced and tier != "Advanced":
        raise ValidationException(
            "You can't downgrade a parameter from the advanced-parameter tier to the "
            "standard-parameter tier. If necessary, you can delete the advanced parameter and "
            "recreate it as a standard parameter."
        )
    return tier or "Standard"


def find_parameter(reader: str, arn: re.Match[str]) -> MotoParameter | None:
    """Return the parameter of an ARN if the account can read it.

    Another account reads a parameter only while it is shared with the account.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
    """
    if reader != arn["account"] and not _is_shared(reader, arn):
        return None
    parameters = ssm_backends[arn["account"]][arn["region"]]._parameters
    # The ARN of `/payments` and of `payments` is the same.
    for name in (arn["name"], arn["name"].removeprefix("/")):
        if parameters.get(name):
            return parameters[name][-1]
    return None


def read_template_parameter(target: ResourceMap, value: str, value_type: str) -> Any:
    """Return the value of a template parameter, or reject the template.

    CloudFormation reads parameters of the Region of the stack.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
    """
    arn = _ARN.fullmatch(value)
    backend = ssm_backends[target._account_id][target._region_name]
    is_elsewhere = arn is not None and arn["region"] != target._region_name
    parameter = None if is_elsewhere else backend.get_parameter(value)
    if parameter is None:
        raise exceptions.ValidationError(
            message=f"Unable to fetch parameters [{value}] from parameter store for this account."
        )
    return parameter.value.split(",") if "List<" in value_type else parameter.value


class Parameter:
    """`AWS::SSM::Parameter`, which moto deletes and creates again in every update."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = ssm_backends[request.account_id][request.region]
        # A generated name has no slash.
        self._name: str = request.properties.get("Name", request.name)
        self._put(request.properties, overwrite=False)

    def update(self, request: ResourceRequest) -> Parameter:
        """Update all properties in place, or replace the parameter if its name changes."""
        if request.properties.get("Name", self._name) != self._name:
            vars(new := Parameter(request))["replaced"] = self
            return new
        self._put(request.properties, overwrite=True)
        return self

    def delete(self, *_place: str) -> None:
        self._backend.delete_parameter(self._name)

    @property
    def physical_resource_id(self) -> str:
        return self._name

    def get_cfn_attribute(self, name: str) -> str:
        parameter = self._backend._parameters[self._name][-1]
        return str({"Type": parameter.parameter_type, "Value": parameter.value}[name])

    def _put(self, properties: dict[str, Any], *, overwrite: bool) -> None:
        self._backend.put_parameter(
            name=self._name,
            description=properties.get("Description", ""),
            value=properties["Value"],
            parameter_type=properties["Type"],
            allowed_pattern=properties.get("AllowedPattern", ""),
            keyid="",
            overwrite=overwrite,
            tags=[],
            data_type=properties.get("DataType", "text"),
            tier=properties.get("Tier"),
            policies=properties.get("Policies"),
        )


class ResourceShare:
    """`AWS::RAM::ResourceShare` of parameters."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = ram_backends[request.account_id][request.region]
        self._share = self._create(request)

    def update(self, request: ResourceRequest) -> ResourceShare:
        """Update all properties in place: none of them requires replacement."""
        new = self._create(request)
        new.arn = self._share.arn
        self.delete()
        self._share = new
        return self

    def delete(self, *_place: str) -> None:
        self._share.delete()
        self._backend.resource_shares.remove(self._share)

    @property
    def physical_resource_id(self) -> str:
        return str(self._share.arn)

    def get_cfn_attribute(self, name: str) -> str:
        return str({"Arn": self._share.arn}[name])

    def _create(self, request: ResourceRequest) -> Any:
        properties = request.properties
        for arn in properties["ResourceArns"]:
            _validate_resource(arn, owner=request.account_id)
        # Type checkers see another class, since moto registers its models.
        share: Any = MotoResourceShare(
            request.account_id,
            request.region,
            name=properties["Name"],
            allowExternalPrincipals=is_true(properties.get("AllowExternalPrincipals", True)),
        )
        share.add_principals(properties.get("Principals", []))
        share.add_resources(properties["ResourceArns"])
        self._backend.resource_shares.append(share)
        return share


def _validate_resource(arn: str, *, owner: str) -> None:
    """Check that an account owns a parameter, in the advanced tier.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html#prereqs
    """
    match = _ARN.fullmatch(arn)
    parameter = find_parameter(owner, match) if match and match["account"] == owner else None
    if parameter is None or parameter.tier != "Advanced":
        raise RuntimeError(f"The resource {arn} must be an advanced parameter of the account")


def _is_shared(reader: str, arn: re.Match[str]) -> bool:
    return any(
        arn[0] in share.resource_arns and _includes(share.principals, reader)
        for share in ram_backends[arn["account"]][arn["region"]].resource_shares
    )


def _includes(principals: list[str], account: str) -> bool:
    """Return whether a principal is an account, or a role or user of the account."""
    return any(account in (each, *each.split(":")[4:5]) for each in principals)
