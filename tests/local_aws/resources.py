"""Resources: moto's, and those that its CloudFormation lacks or has with too little in them."""

from __future__ import annotations

import base64
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.ec2.exceptions import NoLoadBalancersProvided
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.models.vpcs import VPCEndPoint
from moto.elbv2.exceptions import LoadBalancerNotFoundError
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup, elbv2_backends

from .asked import Asked
from .custom_resource import CustomResource


class NotEmulatedError(Exception):
    """Neither moto nor this package knows how to do it; the stack goes on without."""


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    get_attribute = FakeLoadBalancer.get_cfn_attribute

    def get_load_balancer_attribute(balancer: FakeLoadBalancer, name: str) -> Any:
        if name == "LoadBalancerFullName":
            return balancer.arn.split(":loadbalancer/")[1]
        if name == "CanonicalHostedZoneID":
            return balancer.canonical_hosted_zone_id
        return get_attribute(balancer, name)

    # moto passes these two on unresolved, as the text of their own Fn::GetAtt.
    return [patch.object(FakeLoadBalancer, "get_cfn_attribute", get_load_balancer_attribute)]


class EndpointService(VPCServiceConfiguration):
    """`AWS::EC2::VPCEndpointService`, which moto has in EC2 alone."""

    @classmethod
    def create(cls, asked: Asked) -> EndpointService:
        backend = ec2_backends[asked.account_id][asked.region]
        service = cls([], asked.region, True, "", [], backend)
        service.update(asked)
        backend.configurations[service.id] = service
        return service

    def update(self, asked: Asked) -> EndpointService:
        """Take over all properties: none of them asks for a new service."""
        properties = asked.properties
        networks = properties.get("NetworkLoadBalancerArns", [])
        gateways = properties.get("GatewayLoadBalancerArns", [])
        if not networks and not gateways:
            raise NoLoadBalancersProvided
        balancers = elbv2_backends[asked.account_id][asked.region].load_balancers
        if not {*networks, *gateways} <= balancers.keys():
            raise LoadBalancerNotFoundError
        zones = {
            subnet.availability_zone: subnet.availability_zone_id
            for arn in [*networks, *gateways]
            for subnet in balancers[arn].subnets
        }
        self.availability_zones = sorted(zones)
        self.availability_zone_ids = [zones[zone] for zone in self.availability_zones]
        self.network_load_balancer_arns = networks
        self.gateway_load_balancer_arns = gateways
        self._service_type_name = "GatewayLoadBalancer" if gateways else "Interface"
        # A parameter's value arrives as a string.
        self.acceptance_required = str(properties.get("AcceptanceRequired", True)).lower() == "true"
        self.private_dns_name = properties.get("PrivateDnsName", "")
        self.payer_responsibility = properties.get("PayerResponsibility")
        self.supported_ip_address_types = properties.get("SupportedIpAddressTypes", ["ipv4"])
        regions = properties.get("SupportedRegions", [])
        self._supported_region_names = [region["Region"] for region in regions]
        old_tags = [tag["key"] for tag in self.get_tags() if not tag["key"].startswith("aws:")]
        self.ec2_backend.delete_tag_keys([self.id], old_tags)
        self.add_tags({tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])})
        return self

    def delete(self, *_place: str) -> None:
        self.ec2_backend.delete_vpc_endpoint_service_configurations([self.id])

    @property
    def physical_resource_id(self) -> str:
        return self.id

    def get_cfn_attribute(self, name: str) -> str:
        if name == "ServiceId":
            return self.id
        return self.private_dns_name_configuration.get(name.split(".")[-1], "")


class EndpointServicePermissions:
    """`AWS::EC2::VPCEndpointServicePermissions`: the whole list of who may connect to a service."""

    def __init__(self, asked: Asked) -> None:
        self.physical_resource_id = asked.properties["ServiceId"]
        self._services = ec2_backends[asked.account_id][asked.region].configurations
        self._allow(asked.properties.get("AllowedPrincipals", []))

    def update(self, asked: Asked) -> EndpointServicePermissions:
        """Revoke all, for the new list may leave some out or be about another service."""
        self._allow([])
        return EndpointServicePermissions(asked)

    def delete(self, *_place: str) -> None:
        self._allow([])

    def _allow(self, principals: list[str]) -> None:
        self._services[self.physical_resource_id].principals = list(dict.fromkeys(principals))


def create_load_balancer(asked: Asked) -> FakeLoadBalancer:
    """Make the type asked for, with an ARN that tells it; moto's stacks make ALBs only."""
    properties = asked.properties
    kind = properties.get("Type", "application")
    backend = elbv2_backends[asked.account_id][asked.region]
    balancer = backend.create_load_balancer(
        asked.name,
        properties.get("SecurityGroups", []),
        properties.get("Subnets", []),
        subnet_mappings=properties.get("SubnetMappings"),
        scheme=properties.get("Scheme", "internet-facing"),
        loadbalancer_type=kind,
        ip_address_type=properties.get("IpAddressType", "ipv4"),
    )
    del backend.load_balancers[balancer.arn]
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    balancer.arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{short}/")
    backend.load_balancers[balancer.arn] = balancer
    backend.tagging_service.tag_resource(balancer.arn, properties.get("Tags"))
    return balancer


def create(asked: Asked) -> Any:
    """Create what moto's CloudFormation can create, and the above."""
    if asked.kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
        return CustomResource(asked)
    if asked.kind == "AWS::EC2::VPCEndpointService":
        return EndpointService.create(asked)
    if asked.kind == "AWS::EC2::VPCEndpointServicePermissions":
        return EndpointServicePermissions(asked)
    if asked.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer":
        return create_load_balancer(asked)
    if asked.kind not in parsing.get_model_map():
        raise NotEmulatedError
    resource = parsing.get_model_map()[asked.kind].create_from_cloudformation_json(
        asked.name,
        {"Type": asked.kind, "Properties": asked.properties},
        asked.account_id,
        asked.region,
        LogicalId=asked.logical_id,
        StackId=asked.stack_id,
        ResourceType=asked.kind,
    )
    if isinstance(resource, LambdaFunction):
        _set_log_group(resource, asked)
    return resource


def update(resource: Any, asked: Asked) -> Any:
    """Update a resource in place, or replace it where moto does."""
    if isinstance(resource, (CustomResource, EndpointService, EndpointServicePermissions)):
        return resource.update(asked)
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
    if isinstance(resource, RouteTable):
        resource._associations.clear()
        resource.ec2_backend.delete_route_table(resource.id)
    elif isinstance(resource, VPCEndPoint):
        resource.ec2_backend.delete_vpc_endpoints([resource.id])
    elif isinstance(resource, FakeTargetGroup):
        elbv2_backends[place[0]][place[1]].delete_target_group(resource.arn)
    elif hasattr(resource, "delete"):
        resource.delete(*place)
    elif hasattr(resource.delete_from_cloudformation_json, "__isabstractmethod__"):
        raise NotEmulatedError
    else:
        definition = {"Type": asked.kind, "Properties": asked.properties}
        resource.delete_from_cloudformation_json(resource.physical_resource_id, definition, *place)


def _set_log_group(function: LambdaFunction, asked: Asked) -> None:
    """moto knows the default group only."""
    default = f"/aws/lambda/{function.function_name}"
    function.logs_group_name = asked.properties.get("LoggingConfig", {}).get("LogGroup", default)
