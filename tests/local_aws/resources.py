"""The resource types of the emulator: from moto, and additional or extended ones."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC
from moto.elbv2.models import FakeListener, FakeLoadBalancer

from . import deletions, network, transit_gateways
from .alarm import Alarm
from .custom_resource import CustomResource
from .default_security_group import DefaultSecurityGroup
from .dns_zone import HostedZone, RecordSet
from .endpoint_service import EndpointService, EndpointServicePermissions
from .endpoints import Endpoint
from .events import Pipe
from .instances import AddressAssociation, create_instance
from .load_balancer import create_load_balancer, update_load_balancer
from .notifications import ConnectionNotification, Subscription, Topic, TopicPolicy
from .parameters import Parameter, ResourceShare
from .resource_request import NotEmulatedError, ResourceRequest
from .routes import Route, RouteTableAssociation
from .target_groups import TargetGroup, create_listener, update_listener

# Resource types that this package creates, updates and deletes.
_EMULATED: dict[str, Callable[[ResourceRequest], Any]] = {
    "AWS::CloudFormation::CustomResource": CustomResource,
    "AWS::CloudWatch::Alarm": Alarm,
    "AWS::EC2::EIPAssociation": AddressAssociation,
    "AWS::EC2::GatewayRouteTableAssociation": RouteTableAssociation,
    "AWS::EC2::Route": Route,
    "AWS::EC2::SubnetRouteTableAssociation": RouteTableAssociation,
    "AWS::EC2::TransitGateway": transit_gateways.TransitGateway,
    "AWS::EC2::TransitGatewayRoute": transit_gateways.Route,
    "AWS::EC2::TransitGatewayRouteTable": transit_gateways.RouteTable,
    "AWS::EC2::TransitGatewayRouteTableAssociation": transit_gateways.RouteTableAssociation,
    "AWS::EC2::TransitGatewayRouteTablePropagation": transit_gateways.RouteTablePropagation,
    "AWS::EC2::TransitGatewayVpcAttachment": transit_gateways.VpcAttachment,
    "AWS::EC2::VPCEndpoint": Endpoint.create,
    "AWS::EC2::VPCEndpointConnectionNotification": ConnectionNotification,
    "AWS::EC2::VPCEndpointService": EndpointService.create,
    "AWS::EC2::VPCEndpointServicePermissions": EndpointServicePermissions,
    "AWS::ElasticLoadBalancingV2::TargetGroup": TargetGroup,
    "AWS::Pipes::Pipe": Pipe,
    "AWS::RAM::ResourceShare": ResourceShare,
    "AWS::Route53::HostedZone": HostedZone,
    "AWS::Route53::RecordSet": RecordSet.create,
    "AWS::SNS::Topic": Topic,
    "AWS::SNS::Subscription": Subscription,
    "AWS::SNS::TopicPolicy": TopicPolicy,
    "AWS::SSM::Parameter": Parameter,
    # A Node.js function of the CDK, which the emulator does not run.
    "Custom::VpcRestrictDefaultSG": DefaultSecurityGroup,
}


# Resource types of moto whose properties moto's stacks support in part only.
_EXTENDED: dict[str, Callable[[ResourceRequest], Any]] = {
    "AWS::EC2::Instance": create_instance,
    "AWS::ElasticLoadBalancingV2::Listener": create_listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": create_load_balancer,
}


def create(request: ResourceRequest) -> Any:
    """Create a resource."""
    if create_resource := _find_emulated(request.kind):
        return create_resource(request)
    network.prepare(request)
    resource = _EXTENDED.get(request.kind, _create_with_moto)(request)
    if isinstance(resource, LambdaFunction):
        _set_log_group(resource, request)
    network.complete(resource, request)
    return resource


def update(resource: Any, request: ResourceRequest) -> Any:
    """Update a resource in place, or replace it if its class does."""
    if _find_emulated(request.kind):
        return resource.update(request)
    if isinstance(resource, VPC | Subnet):
        network.complete(resource, request)
        return resource
    if isinstance(resource, FakeListener):
        return update_listener(resource, request)
    if isinstance(resource, FakeLoadBalancer):
        return update_load_balancer(resource, request)
    model = parsing.get_model_map()[request.kind]
    if hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
        raise NotEmulatedError
    if isinstance(resource, LambdaFunction):
        _set_log_group(resource, request)
        code = request.properties["Code"]
        if "ZipFile" in code:
            # moto zips inline code when it creates a function, but not when it updates one.
            archive = resource._create_zipfile_from_plaintext_code(code["ZipFile"])
            code["ZipFile"] = base64.b64encode(archive)
    return model.update_from_cloudformation_json(
        resource,
        request.name,
        {"Type": request.kind, "Properties": request.properties},
        request.account_id,
        request.region,
    )


def delete(resource: Any, request: ResourceRequest) -> None:
    """Delete a resource, also of the types that moto's stacks retain."""
    account_and_region = request.account_id, request.region
    if deletion := deletions.find_deletion(resource, request):
        deletion()
    elif hasattr(resource, "delete"):
        resource.delete(*account_and_region)
    elif hasattr(resource.delete_from_cloudformation_json, "__isabstractmethod__"):
        raise NotEmulatedError
    else:
        definition = {"Type": request.kind, "Properties": request.properties}
        resource.delete_from_cloudformation_json(
            resource.physical_resource_id, definition, *account_and_region
        )


def _create_with_moto(request: ResourceRequest) -> Any:
    if request.kind not in parsing.get_model_map():
        raise NotEmulatedError
    return parsing.get_model_map()[request.kind].create_from_cloudformation_json(
        request.name,
        {"Type": request.kind, "Properties": request.properties},
        request.account_id,
        request.region,
        LogicalId=request.logical_id,
        StackId=request.stack_id,
        ResourceType=request.kind,
    )


def _find_emulated(kind: str) -> Callable[[ResourceRequest], Any] | None:
    default = CustomResource if kind.startswith("Custom::") else None
    return _EMULATED.get(kind, default)


def _set_log_group(function: LambdaFunction, request: ResourceRequest) -> None:
    """Set the log group. moto supports the default group only."""
    default = f"/aws/lambda/{function.function_name}"
    function.logs_group_name = request.properties.get("LoggingConfig", {}).get("LogGroup", default)
