"""The interface of endpoints that inspect traffic, which the app defines or imports."""

from __future__ import annotations

from typing import Protocol

from aws_cdk import aws_ec2 as ec2


class IGatewayLoadBalancerEndpoints(Protocol):
    """Endpoints that inspect traffic, one per Availability Zone.

    Created by ``GatewayLoadBalancerEndpoints``, and by its methods ``from_endpoint_ids()`` and
    ``from_network_firewall()``.
    """

    @property
    def availability_zones(self) -> list[str]:
        """The names of the Availability Zones of the endpoints.

        The list is empty if a subnet is imported without its zone.
        """
        ...

    @property
    def vpc_endpoint_ids(self) -> list[str]:
        """The ids of the endpoints, in the order of :attr:`availability_zones`."""
        ...

    def add_routes(
        self,
        *,
        subnets: ec2.SubnetSelection,
        destination: str | ec2.SubnetSelection,
        return_path: str | ec2.SubnetSelection | None = None,
    ) -> None:
        """Route traffic between subnets and a destination through the endpoints, both ways.

        :param subnets: The subnets whose traffic you inspect, in zones with an endpoint.
        :param destination: An IPv4 or IPv6 CIDR block outside of the VPC, like ``"0.0.0.0/0"``, or
            other subnets of the VPC.
        :param return_path: The place where return traffic from the CIDR block enters the VPC.
            Default: the internet gateway of the VPC, if the endpoints are in public subnets.
        :raises PrivateLinkValueError: A zone has no endpoint, a route exists already, or the return
            path is unknown.
        :raises PrivateLinkTypeError: A value is not a subnet selection, a CIDR block or the id of a
            gateway.
        """
        ...
