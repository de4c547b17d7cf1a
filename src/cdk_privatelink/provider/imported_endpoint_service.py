"""Endpoint services that exist already."""

from __future__ import annotations

import re

from aws_cdk import Fn
from constructs import Construct

from .._internal.tokens import is_string_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .endpoint_service_base import IPrivateLinkEndpointService
from .service_name import PREFIX_BY_PARTITION, derive_service_name

_ID = re.compile(r"vpce-svc-[0-9a-f]+", re.ASCII)
_NAME = re.compile(
    rf"(?P<prefix>{'|'.join(map(re.escape, set(PREFIX_BY_PARTITION.values())))})"
    r"\.(?P<region>[a-z0-9-]+)\.(?P<id>vpce-svc-[0-9a-f]+)",
    re.ASCII,
)

_EXAMPLE = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"


class ServiceById(IPrivateLinkEndpointService):
    """A service of which the id is known, in the region of the stack."""

    def __init__(self, scope: Construct, id: str, service_id: str) -> None:
        """Check the id and take the service."""
        super().__init__(scope, id)
        _check(service_id, _ID, "service_id", "vpce-svc-0123456789abcdef0", scope=self)
        self._service_id = service_id
        self._service_name: str | None = None

    @property
    def service_id(self) -> str:
        """The id that it was taken by."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name that EC2 gives to a service of this id."""
        if self._service_name is None:
            self._service_name = derive_service_name(self._stack, self._service_id)
        return self._service_name


class ServiceByName(IPrivateLinkEndpointService):
    """A service of which the name is known, in the region that the name tells."""

    def __init__(self, scope: Construct, id: str, service_name: str) -> None:
        """Check the name and take the service."""
        partition, region, service_id = _parts(service_name)
        super().__init__(scope, id, region=region)
        check_service_name(service_name, "service_name", scope=self)
        self._service_name = service_name
        self._service_id = service_id
        self._partition = partition

    @property
    def service_id(self) -> str:
        """The id that the name ends in."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name that it was taken by."""
        return self._service_name


def check_service_name(name: object, argument: str, *, scope: Construct | str) -> None:
    """Check that it can be the name of an endpoint service.

    :raises PrivateLinkTypeError: It is not a string.
    :raises PrivateLinkValueError: It is not the name of one.
    """
    _check(name, _NAME, argument, _EXAMPLE, scope=scope)


def region_in(name: str) -> str | None:
    """Tell the region in a name, unless it is only known at deployment."""
    match = _NAME.fullmatch(name)
    return match["region"] if match else None


def _parts(name: object) -> tuple[str | None, str | None, str]:
    """Tell the partition, region and id in a name, as far as they are known."""
    if not isinstance(name, str):
        return None, None, ""
    match = _NAME.fullmatch(name)
    if match:
        return _partition(match["prefix"], match["region"]), match["region"], match["id"]
    if not is_string_token(name):
        return None, None, ""
    # All prefixes end alike, whatever their length.
    place = Fn.select(1, Fn.split(".vpce.", name))
    return None, Fn.select(0, Fn.split(".", place)), Fn.select(1, Fn.split(".", place))


def _partition(prefix: str, region: str) -> str:
    """Tell the partition, of which two have the same prefix."""
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return next(name for name, known in PREFIX_BY_PARTITION.items() if known == prefix)


def _check(
    value: object,
    pattern: re.Pattern[str],
    argument: str,
    example: str,
    *,
    scope: Construct | str,
) -> None:
    if not isinstance(value, str):
        raise PrivateLinkTypeError(
            argument,
            "takes a string",
            got=f"`{value!r}`",
            fix=f"pass one like `{example}`",
            scope=scope,
        )
    if not is_string_token(value) and not pattern.fullmatch(value):
        raise PrivateLinkValueError(
            argument,
            "is not that of an endpoint service",
            got=f"`{value}`",
            fix=f"pass one like `{example}`",
            scope=scope,
        )
