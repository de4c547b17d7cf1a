"""An endpoint service that another stack has published in SSM parameters."""

from __future__ import annotations

from aws_cdk import CfnParameter, Stack
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.construct_cache import jsii_reference
from .._internal.scopes import child_path, reserved_id, validate_placement
from .._internal.stack_cache import StackCache
from .imported_endpoint_service import ServiceByName
from .parameter_names import account_in, validate_parameter
from .publishing import ALLOWED_REGIONS, AVAILABILITY_ZONE_IDS, PRIVATE_DNS_NAME
from .service_reference import ServiceReference

_PARENT_ID = "PrivateLinkParameters"
# By the reference of the stack.
_PARENTS: dict[str, Construct] = {}


class ServiceByParameter(ServiceByName):
    """A service imported by the SSM parameter that contains its name.

    The template reads the other parameters only if somebody uses their properties: an SSM
    parameter that does not exist fails the deployment.
    """

    def __init__(self, scope: Construct, id: str, parameter: str) -> None:
        """Import the service."""
        stack = validate_placement(scope, id)
        argument = Argument("parameter", child_path(scope, id))
        self._parameter = validate_parameter(argument, parameter, StackCache.of(stack))
        # The owner of a shared parameter is the owner of the service.
        self._owner = account_in(self._parameter)
        name = _read(stack, self._parameter, "String").value_as_string
        super().__init__(scope, id, name, account=self._owner)

    @property
    def availability_zone_ids(self) -> list[str]:
        """The ids of the Availability Zones of the service, as a list token."""
        return self._read_list(AVAILABILITY_ZONE_IDS)

    @property
    def allowed_regions(self) -> list[str]:
        """The Regions from which consumers can connect, as a list token."""
        return self._read_list(ALLOWED_REGIONS)

    @property
    def private_dns_name(self) -> str:
        """The private DNS name of the service, as a token."""
        parameter = f"{self._parameter}{PRIVATE_DNS_NAME}"
        return _read(self._stack, parameter, "String").value_as_string

    def _reference(self, consumer: Construct) -> ServiceReference:
        return super()._reference(consumer)._replace(account=self._owner)

    def _read_list(self, suffix: str) -> list[str]:
        return _read(self._stack, f"{self._parameter}{suffix}", "List<String>").value_as_list


def _read(stack: Stack, parameter: str, type: str) -> CfnParameter:
    """Return the template parameter that reads an SSM parameter, one per stack.

    The CDK has a similar method, which rejects ARNs. Its method for ARNs gives the template
    parameter a logical id without the ARN: with another ARN, the CDK CLI would keep the value of
    the last deployment.
    """
    reference = jsii_reference(stack)
    parent = _PARENTS.get(reference)
    if parent is None:
        with reserved_id(stack, _PARENT_ID, scope=stack):
            parent = _PARENTS[reference] = Construct(stack, _PARENT_ID)
    # The CDK replaces each slash in an id with two hyphens. Escaped hyphens keep ids different.
    child_id = parameter.replace("-", "%-")
    existing = parent.node.try_find_child(child_id)
    if isinstance(existing, CfnParameter):
        return existing
    return CfnParameter(
        parent, child_id, type=f"AWS::SSM::Parameter::Value<{type}>", default=parameter
    )
