"""Resources: moto's, and those that its CloudFormation lacks or has with too little in them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC
from moto.elbv2.models import FakeListener

from . import leftovers, network
from .alarm import Alarm
from .asked import Asked, NotEmulatedError
from .custom_resource import CustomResource
from .dns_zone import HostedZone, RecordSet
from .endpoint_service import EndpointService, EndpointServicePermissions
from .endpoints import Endpoint
from .instances import AddressAssociation, create_instance
from .load_balancer import create_load_balancer
from .notifications import ConnectionNotification, Topic, TopicPolicy
from .routes import Route, RouteTableAssociation
from .target_groups import TargetGroup, create_listener, update_listener

# What makes a resource that this package knows how to update, too.
_OWN: dict[str, Callable[[Asked], Any]] = {
    "AWS::CloudFormation::CustomResource": CustomResource,
    "AWS::CloudWatch::Alarm": Alarm,
    "AWS::EC2::EIPAssociation": AddressAssociation,
    "AWS::EC2::GatewayRouteTableAssociation": RouteTableAssociation,
    "AWS::EC2::Route": Route,
    "AWS::EC2::SubnetRouteTableAssociation": RouteTableAssociation,
    "AWS::EC2::VPCEndpoint": Endpoint.create,
    "AWS::EC2::VPCEndpointConnectionNotification": ConnectionNotification,
    "AWS::EC2::VPCEndpointService": EndpointService.create,
    "AWS::EC2::VPCEndpointServicePermissions": EndpointServicePermissions,
    "AWS::ElasticLoadBalancingV2::TargetGroup": TargetGroup,
    "AWS::Route53::HostedZone": HostedZone,
    "AWS::Route53::RecordSet": RecordSet.create,
    "AWS::SNS::Topic": Topic,
    "AWS::SNS::TopicPolicy": TopicPolicy,
}


# What makes a resource of moto's, where its own stacks would make too little of it.
_BETTER: dict[str, Callable[[Asked], Any]] = {
    "AWS::EC2::Instance": create_instance,
    "AWS::ElasticLoadBalancingV2::Listener": create_listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": create_load_balancer,
}


def create(asked: Asked) -> Any:
    """Create what moto's CloudFormation can create, and the above."""
    if make := _find_own(asked.kind):
        return make(asked)
    network.prepare(asked)
    resource = _BETTER.get(asked.kind, _create_as_moto_does)(asked)
    if isinstance(resource, LambdaFunction):
        _set_log_group(resource, asked)
    network.complete(resource, asked)
    return resource


def update(resource: Any, asked: Asked) -> Any:
    """Update a resource in place, or replace it where its model does."""
    if _find_own(asked.kind):
        return resource.update(asked)
    if isinstance(resource, VPC | Subnet):
        network.complete(resource, asked)
        return resource
    if isinstance(resource, FakeListener):
        return update_listener(resource, asked)
    model = parsing.get_model_map()[asked.kind]
    if hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
        raise NotEmulatedError
    if isinstance(resource, LambdaFunction):
        _set_log_group(resource, asked)
        code = asked.properties["Code"]
        if "ZipFile" in code:
            # moto zips inline code when it creates a function, and forgets to when it updates one.
            archive = resource._create_zipfile_from_plaintext_code(code["ZipFile"])
            code["ZipFile"] = base64.b64encode(archive)
    return model.update_from_cloudformation_json(
        resource,
        asked.name,
        {"Type": asked.kind, "Properties": asked.properties},
        asked.account_id,
        asked.region,
    )


def delete(resource: Any, asked: Asked) -> None:
    """Delete a resource, also of the types that moto's stacks leave behind."""
    place = asked.account_id, asked.region
    if deletion := leftovers.find_deletion(resource, asked):
        deletion()
    elif hasattr(resource, "delete"):
        resource.delete(*place)
    elif hasattr(resource.delete_from_cloudformation_json, "__isabstractmethod__"):
        raise NotEmulatedError
    else:
        definition = {"Type": asked.kind, "Properties": asked.properties}
        resource.delete_from_cloudformation_json(resource.physical_resource_id, definition, *place)


def _create_as_moto_does(asked: Asked) -> Any:
    if asked.kind not in parsing.get_model_map():
        raise NotEmulatedError
    return parsing.get_model_map()[asked.kind].create_from_cloudformation_json(
        asked.name,
        {"Type": asked.kind, "Properties": asked.properties},
        asked.account_id,
        asked.region,
        LogicalId=asked.logical_id,
        StackId=asked.stack_id,
        ResourceType=asked.kind,
    )


def _find_own(kind: str) -> Callable[[Asked], Any] | None:
    return CustomResource if kind.startswith("Custom::") else _OWN.get(kind)


def _set_log_group(function: LambdaFunction, asked: Asked) -> None:
    """moto knows the default group only."""
    default = f"/aws/lambda/{function.function_name}"
    function.logs_group_name = asked.properties.get("LoggingConfig", {}).get("LogGroup", default)
