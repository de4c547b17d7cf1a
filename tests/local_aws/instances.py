"""Instances and associations of Elastic IP addresses."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.utils import parse_user_data

from .resource_request import ResourceRequest


def create_instance(request: ResourceRequest) -> Instance:
    """Create an instance. moto's stacks omit its security groups and launch template."""
    properties = request.properties
    backend = ec2_backends[request.account_id][request.region]
    # The CDK requests a public address in `NetworkInterfaces`.
    interface: dict[str, Any] = next(iter(properties.get("NetworkInterfaces", [])), {})
    options: dict[str, Any] = {
        "associate_public_ip": interface.get("AssociatePublicIpAddress"),
        "instance_type": properties.get("InstanceType", "m1.small"),
        "is_instance_type_default": "InstanceType" not in properties,
        "key_name": properties.get("KeyName"),
        "launch_template": properties.get("LaunchTemplate", {}),
        "private_ip": properties.get("PrivateIpAddress"),
        "region_name": request.region,
        "security_group_ids": interface.get("GroupSet") or properties.get("SecurityGroupIds", []),
        "subnet_id": interface.get("SubnetId") or properties.get("SubnetId"),
    }
    data = parse_user_data(properties.get("UserData"))
    reservation = backend.run_instances(properties.get("ImageId", ""), 1, data, [], **options)
    (instance,) = reservation.instances
    if profile := properties.get("IamInstanceProfile"):
        backend.associate_iam_instance_profile(instance.id, profile)
    return instance


class AddressAssociation:
    """`AWS::EC2::EIPAssociation`, which moto does not support."""

    def __init__(self, request: ResourceRequest) -> None:
        properties = request.properties
        self._backend = ec2_backends[request.account_id][request.region]
        instance_id, eni_id = properties.get("InstanceId"), properties.get("NetworkInterfaceId")
        self._address = self._backend.associate_address(
            self._backend.get_instance(instance_id) if instance_id else None,
            self._backend.get_network_interface(eni_id) if eni_id else None,
            properties.get("EIP"),
            properties.get("AllocationId"),
        )
        self.physical_resource_id = str(self._address.association_id)

    def update(self, request: ResourceRequest) -> AddressAssociation:
        """Replace the association, because none of its properties can change."""
        self.delete()
        return AddressAssociation(request)

    def delete(self, *_place: str) -> None:
        # moto disassociates an address when its instance is terminated.
        if self._address.association_id == self.physical_resource_id:
            self._backend.disassociate_address(association_id=self.physical_resource_id)

    def get_cfn_attribute(self, name: str) -> str:
        return {"Id": self.physical_resource_id}[name]
