"""Instances, and the Elastic IP addresses that stand for them."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.utils import parse_user_data

from .asked import Asked


def create_instance(asked: Asked) -> Instance:
    """Make an instance; moto's stacks forget its security groups and launch template."""
    properties = asked.properties
    backend = ec2_backends[asked.account_id][asked.region]
    # As the CDK asks for a public address.
    interface: dict[str, Any] = next(iter(properties.get("NetworkInterfaces", [])), {})
    options: dict[str, Any] = {
        "associate_public_ip": interface.get("AssociatePublicIpAddress"),
        "instance_type": properties.get("InstanceType", "m1.small"),
        "is_instance_type_default": "InstanceType" not in properties,
        "key_name": properties.get("KeyName"),
        "launch_template": properties.get("LaunchTemplate", {}),
        "private_ip": properties.get("PrivateIpAddress"),
        "region_name": asked.region,
        "security_group_ids": interface.get("GroupSet") or properties.get("SecurityGroupIds", []),
        "subnet_id": interface.get("SubnetId") or properties.get("SubnetId"),
    }
    data = parse_user_data(properties.get("UserData"))
    made = backend.run_instances(properties.get("ImageId", ""), 1, data, [], **options)
    (instance,) = made.instances
    if profile := properties.get("IamInstanceProfile"):
        backend.associate_iam_instance_profile(instance.id, profile)
    return instance


class AddressAssociation:
    """`AWS::EC2::EIPAssociation`, which moto has not."""

    def __init__(self, asked: Asked) -> None:
        properties = asked.properties
        self._backend = ec2_backends[asked.account_id][asked.region]
        instance_id, eni_id = properties.get("InstanceId"), properties.get("NetworkInterfaceId")
        self._address = self._backend.associate_address(
            self._backend.get_instance(instance_id) if instance_id else None,
            self._backend.get_network_interface(eni_id) if eni_id else None,
            properties.get("EIP"),
            properties.get("AllocationId"),
        )
        self.physical_resource_id = str(self._address.association_id)

    def update(self, asked: Asked) -> AddressAssociation:
        """Be another association, for none of its properties can change."""
        self.delete()
        return AddressAssociation(asked)

    def delete(self, *_place: str) -> None:
        # An address forgets it with the instance that it stood for.
        if self._address.association_id == self.physical_resource_id:
            self._backend.disassociate_address(association_id=self.physical_resource_id)

    def get_cfn_attribute(self, name: str) -> str:
        return {"Id": self.physical_resource_id}[name]
