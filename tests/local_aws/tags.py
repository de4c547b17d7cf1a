"""Tags of EC2 resources in stacks."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource


def put_tags(resource: TaggedEC2Resource, properties: dict[str, Any]) -> None:
    """Replace the tags of a resource, without the tags that CloudFormation adds."""
    backend, identifier = vars(resource)["ec2_backend"], vars(resource)["id"]
    old = [tag["key"] for tag in resource.get_tags() if not tag["key"].startswith("aws:")]
    backend.delete_tag_keys([identifier], old)
    resource.add_tags({tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])})
