"""The default security group of a VPC, whose rules the CDK removes in apps of `cdk init`."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from .resource_request import ResourceRequest


class DefaultSecurityGroup:
    """`Custom::VpcRestrictDefaultSG`, which removes all rules."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = request.properties["DefaultSecurityGroupId"]
        backend = ec2_backends[request.account_id][request.region]
        group = backend.get_security_group_from_id(self.physical_resource_id)
        if group is not None:
            group.ingress_rules.clear()
            group.egress_rules.clear()

    def update(self, request: ResourceRequest) -> DefaultSecurityGroup:
        """Remove the rules of the new group."""
        return DefaultSecurityGroup(request)

    def delete(self, *_place: str) -> None:
        """Leave the group without rules: it goes with its VPC."""
