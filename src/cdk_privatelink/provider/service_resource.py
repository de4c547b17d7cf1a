"""The CloudFormation resource of an endpoint service."""

from __future__ import annotations

from typing import cast

from aws_cdk import CfnResource, CustomResource
from aws_cdk import aws_ec2 as ec2

_LOAD_BALANCERS = ("network_load_balancer_arns", "gateway_load_balancer_arns")


class CfnEndpointService(ec2.CfnVPCEndpointService):
    """An ``ec2.CfnVPCEndpointService`` whose new load balancers repeat the lookup.

    A token that reads the load balancers at the end of synthesis would do the same, and cost each
    service two more round trips to jsii.
    """

    lookup: CustomResource | None = None

    def __setattr__(self, name: str, value: object) -> None:
        """Set a property, also as an escape hatch or in an aspect."""
        super().__setattr__(name, value)
        if name in _LOAD_BALANCERS and self.lookup is not None:
            lookup = cast(CfnResource, self.lookup.node.default_child)
            lookup.add_property_override("LoadBalancerArns", value)
