"""The private addresses of an endpoint, which CloudFormation does not return."""

from __future__ import annotations

from aws_cdk import CustomResource, Duration, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import Argument
from .._internal.scopes import reserved_id
from ..custom_resources.custom_resource_function import (
    ADDRESSES_TYPE,
    CustomResourceFunction,
    validate_permissions,
)

_POLICY_ID = "AddressesPolicy"
_RESOURCE_ID = "Addresses"
# Two attempts of the function, which returns after two minutes at most.
_SERVICE_SECONDS = 600


class EndpointAddresses:
    """The addresses of an endpoint, which the function of the stack reads at deployment."""

    def __init__(
        self,
        endpoint: ec2.InterfaceVpcEndpoint,
        member: str,
        *,
        service_id: str,
        acceptance: Construct | None,
    ) -> None:
        """Add the custom resource.

        :param member: The property that needs the addresses, which errors name.
        :param service_id: The id of the service, with which the custom resource is replaced.
        :param acceptance: The construct that accepts the endpoint.
        :raises PrivateLinkValueError: The IAM role of the stack has no room for more permissions,
            or another construct has an id of this library.
        """
        stack = Stack.of(endpoint)
        resource: ec2.CfnVPCEndpoint = endpoint.node.default_child  # type: ignore[assignment]
        validate_permissions(
            Argument(member, endpoint),
            [],
            stack=stack,
            construct=endpoint,
            shared_policy=_POLICY_ID,
        )
        function = CustomResourceFunction.get_or_create(stack, scope=endpoint)
        function.require_handler("addresses.py")
        with reserved_id(endpoint, _RESOURCE_ID, scope=endpoint):
            self._resource = CustomResource(
                endpoint,
                _RESOURCE_ID,
                resource_type=ADDRESSES_TYPE,
                service_token=function.arn,
                service_timeout=Duration.seconds(_SERVICE_SECONDS),
                properties={
                    "ServiceId": service_id,
                    "NetworkInterfaceIds": resource.attr_network_interface_ids,
                    "SubnetIds": resource.subnet_ids,
                },
            )
        self._resource.node.add_dependency(
            function.share_policy(_POLICY_ID, actions=["ec2:DescribeNetworkInterfaces"])
        )
        if acceptance is not None:
            self._resource.node.add_dependency(acceptance)

    def get(self, attribute: str, *, count: int) -> list[str]:
        """Return an address per subnet.

        :param attribute: ``"PrivateIpAddresses"`` or ``"Ipv6Addresses"``.
        """
        addresses = Fn.split(",", self._resource.get_att_string(attribute))
        return [Fn.select(number, addresses) for number in range(count)]
