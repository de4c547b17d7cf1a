"""Imported endpoint services."""

from __future__ import annotations

import re

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument, Arguments, matching
from .._internal.tokens import is_string_token, referenced_resource
from ..custom_resources.custom_resource_function import LOOKUP_TYPE
from .endpoint_service_base import EndpointServiceBase
from .service_name import PREFIX_BY_PARTITION, derive_service_name

_NAME = re.compile(
    rf"(?P<prefix>{'|'.join(map(re.escape, set(PREFIX_BY_PARTITION.values())))})"
    r"\.(?P<region>[a-z0-9-]+)\.(?P<id>vpce-svc-[0-9a-f]+)",
    re.ASCII,
)
_ID_PROBLEM = "must be the id of an endpoint service"
_ID_FIX = "pass an id like `vpce-svc-0123456789abcdef0`"
_NAME_PROBLEM = "must be the name of an endpoint service"
_NAME_FIX = "pass a name like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`"
_ID = matching(re.compile(r"vpce-svc-[0-9a-f]+", re.ASCII), problem=_ID_PROBLEM, fix=_ID_FIX)
_NAME_OR_TOKEN = matching(_NAME, problem=_NAME_PROBLEM, fix=_NAME_FIX)


def service_id_rule(argument: Argument, value: object) -> str:
    """Require the id of a service, or a token that is not its name."""
    checked = _ID(argument, value)
    resource = referenced_resource(checked)
    if resource is not None and resource.cfn_resource_type == LOOKUP_TYPE:
        raise argument.value_error(
            _ID_PROBLEM,
            got=f"the name of {resource.node.path.rpartition('/ServiceName')[0]}",
            fix="pass `service.service_id`, or the service itself where a service is accepted",
        )
    return checked


def service_name_rule(argument: Argument, value: object) -> str:
    """Require the name of a service, or a token that is not its id."""
    checked = _NAME_OR_TOKEN(argument, value)
    resource = referenced_resource(checked)
    if isinstance(resource, ec2.CfnVPCEndpointService):
        raise argument.value_error(
            _NAME_PROBLEM,
            got=f"the id of {resource.node.path.removesuffix('/Resource')}",
            fix="pass `service.service_name`, or the service itself where a service is accepted",
        )
    return checked


class ServiceById(EndpointServiceBase):
    """A service imported by its id, in the Region of the stack."""

    def __init__(self, scope: Construct, id: str, service_id: str) -> None:
        """Import the service."""
        super().__init__(scope, id)
        self._service_id = Arguments(self)("service_id", service_id, service_id_rule)
        self._service_name: str | None = None

    @property
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name that EC2 gives to a service with this id."""
        if self._service_name is None:
            self._service_name = derive_service_name(self._stack, self._service_id)
        return self._service_name


class ServiceByName(EndpointServiceBase):
    """A service imported by its name, in the Region that the name contains."""

    def __init__(
        self, scope: Construct, id: str, service_name: str, *, account: str | None = None
    ) -> None:
        """Import the service.

        :param account: The account of the service. Default: unknown, so that ARN and metrics use
            the one of the stack.
        """
        partition, region, service_id = _parse(service_name)
        super().__init__(scope, id, region=region, account=account)
        self._partition = partition
        self._service_id = service_id
        self._service_name = Arguments(self)("service_name", service_name, service_name_rule)

    @property
    def service_id(self) -> str:
        """The id at the end of the name."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name to which consumers connect."""
        return self._service_name


def region_in(service_name: str) -> str | None:
    """Return the Region in the name of a service, or ``None`` if the name is a token."""
    match = _NAME.fullmatch(service_name)
    return match["region"] if match else None


def service_id_in(service_name: str) -> str:
    """Return the id in the name of a service, which is a token if the name is."""
    return _parse(service_name)[2]


def _parse(name: object) -> tuple[str | None, str | None, str]:
    """Return the partition, the Region and the id in the name of a service."""
    if not isinstance(name, str):
        return None, None, ""
    match = _NAME.fullmatch(name)
    if match:
        return _partition(match["prefix"], match["region"]), match["region"], match["id"]
    if not is_string_token(name):
        return None, None, ""
    # Every prefix ends with `.vpce`, whatever its length.
    rest = Fn.select(1, Fn.split(".vpce.", name))
    return None, Fn.select(0, Fn.split(".", rest)), Fn.select(1, Fn.split(".", rest))


def _partition(prefix: str, region: str) -> str:
    """Return the partition. Two partitions have the same prefix, and differ in their Regions."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return next(name for name, known in PREFIX_BY_PARTITION.items() if known == prefix)
