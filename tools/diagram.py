"""Diagrams of the examples, drawn from their templates: `npx --yes projen diagrams [NAME ...]`.

The drawings are in docs/images. A test fails if one of them is out of date.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.assembly import Assembly, Resource, synthesize
from tools.drawing import ROOT, Arrow, Group, Node, draw

EXAMPLES = ROOT / "examples"
IMAGES = ROOT / "docs" / "images"
# The icon and the description of each resource type that is drawn as a node.
# Braces hold properties of the resource.
NODES = {
    "AWS::AutoScaling::AutoScalingGroup": ("resource/AmazonEC2AutoScaling", "Auto Scaling group"),
    "AWS::DynamoDB::Table": ("architecture-service/AmazonDynamoDB", "DynamoDB table"),
    "AWS::EC2::InternetGateway": ("resource/AmazonVPCInternetGateway", "Internet gateway"),
    "AWS::EC2::NatGateway": ("resource/AmazonVPCNATGateway", "NAT gateway"),
    "AWS::EC2::TransitGateway": ("architecture-service/AWSTransitGateway", "Transit gateway"),
    "AWS::EC2::VPCEndpoint": ("resource/AmazonVPCEndpoints", "{VpcEndpointType} endpoint"),
    "AWS::EC2::VPCEndpointService": ("architecture-service/AWSPrivateLink", "Endpoint service"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "resource/ElasticLoadBalancing{Type}LoadBalancer",
        "{Type} Load Balancer",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "resource/Servers",
        "Target group, {Protocol} {Port}",
    ),
    # Stands for the parameters of a published service.
    "AWS::RAM::ResourceShare": (
        "resource/AWSSystemsManagerParameterStore",
        "Shared parameters",
    ),
    "AWS::Route53::HostedZone": ("resource/AmazonRoute53HostedZone", "Hosted zone {Name}"),
    "AWS::S3::Bucket": ("resource/AmazonSimpleStorageServiceBucket", "S3 bucket"),
    "AWS::SNS::Topic": ("resource/AmazonSimpleNotificationServiceTopic", "SNS topic"),
    "AWS::SQS::Queue": ("resource/AmazonSimpleQueueServiceQueue", "SQS queue"),
    # Stands for all resources of a connection manager.
    "Custom::PrivateLinkConnectionRules": (
        "resource/AWSLambdaLambdaFunction",
        "Connection manager",
    ),
}
# Types that are drawn as a group or an arrow, or that every reader expects.
NOT_DRAWN_AS_NODES = {
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::Alarm",
    "AWS::EC2::EIP",
    "AWS::EC2::GatewayRouteTableAssociation",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpointConnectionNotification",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::Events::Rule",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::Pipes::Pipe",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "Custom::PrivateLinkPrivateDnsVerification",
    "Custom::PrivateLinkServiceName",
}
_PSEUDO_PARAMETERS = {"AWS::Region": "<Region>", "AWS::URLSuffix": "amazonaws.com"}
_MANAGER = "Custom::PrivateLinkConnectionRules"
_PARAMETER_ICON = "resource/Documents"


class Diagram:
    """The architecture of an app: groups of nodes, and arrows between them."""

    def __init__(self, assembly: Assembly) -> None:
        """Collect the arrows of all resources.

        :raises ValueError: if a resource type is neither drawn nor implicit.
        """
        self._assembly = assembly
        # Resources of the same name, such as one endpoint per Availability Zone, share a node.
        self._ids: dict[tuple[str, ...], str] = {}
        self._arrows: dict[Arrow, None] = {}
        unknown = {each.type for each in assembly.resources} - NODES.keys() - NOT_DRAWN_AS_NODES
        if unknown:
            raise ValueError(f"tools/diagram.py must define how to draw {sorted(unknown)}")
        self._connect_endpoints()
        self._connect_services()
        self._connect_managers()
        self._connect_load_balancers()
        self._connect_routes()
        self._connect_transit_gateways()
        self._connect_records()

    @property
    def arrows(self) -> list[Arrow]:
        """The arrows, without duplicates."""
        return list(self._arrows)

    @property
    def groups(self) -> list[Group]:
        """One group per stack. Stacks of consumers come first."""
        stacks = list(self._assembly.templates)
        services = {each.stack for each in self._assembly.of_type("AWS::EC2::VPCEndpointService")}
        return [self._stack(stack) for stack in sorted(stacks, key=lambda each: each in services)]

    def svg(self, title: str) -> str:
        """Return the diagram as an SVG document."""
        return draw(self.groups, self.arrows, title=title)

    def _stack(self, stack: str) -> Group:
        drawn = [
            each
            for each in self._assembly.of_type(*NODES)
            if each.stack == stack and not self._is_in_manager(each)
        ]
        vpcs = [each for each in self._assembly.of_type("AWS::EC2::VPC") if each.stack == stack]
        content: list[Node | Group] = [self._vpc(vpc, drawn) for vpc in vpcs]
        content += self._nodes([each for each in drawn if self._location(each) is None])
        content += [
            Node(node, f"{_PARAMETER_ICON}.svg", key[2], ["Parameter"])
            for key, node in self._ids.items()
            if key[:2] == ("parameter", stack)
        ]
        account, region = self._assembly.environments[stack]
        title = [f"Stack {stack}", f"account {account}" if account else "", region or ""]
        return Group(self._id("stack", stack), "stack", ", ".join(filter(None, title)), content)

    def _vpc(self, vpc: Resource, drawn: list[Resource]) -> Group:
        content: list[Node | Group] = []
        subnets = [
            each for each in self._assembly.of_type("AWS::EC2::Subnet") if vpc in self._vpcs(each)
        ]
        for name in dict.fromkeys(_subnet_group(each) for each in subnets):
            count = len([each for each in subnets if _subnet_group(each) == name])
            nodes = self._nodes([each for each in drawn if self._location(each) == (vpc, name)])
            group = self._id("subnets", vpc.stack, vpc.id, name)
            content.append(Group(group, "subnets", f"{name} subnets, {count} zones", nodes))
        content += self._nodes([each for each in drawn if self._location(each) == (vpc, None)])
        others = [each for each in self._assembly.of_type("AWS::EC2::VPC") if each != vpc]
        title = "VPC"
        if vpc.stack in [each.stack for each in others]:
            title += f" {vpc.name}, {vpc.properties['CidrBlock']}"
        return Group(self._id("vpc", vpc.stack, vpc.id), "vpc", title, content)

    def _nodes(self, resources: list[Resource]) -> list[Node]:
        groups: dict[str, list[Resource]] = {}
        for each in resources:
            groups.setdefault(self._node_id(each), []).append(each)
        return [self._node(node, group) for node, group in groups.items()]

    def _node(self, id: str, resources: list[Resource]) -> Node:
        first = resources[0]
        properties = first.properties
        values = {key: _literal(value) for key, value in properties.items()}
        for key in ("Type", "VpcEndpointType"):
            if key in values:
                values[key] = {"gateway": "Gateway", "network": "Network"}.get(
                    values[key], values[key].replace("GatewayLoadBalancer", "Gateway Load Balancer")
                )
        icon, description = (text.format_map(values) for text in NODES[first.type])
        details = [description]
        if len(resources) > 1:
            details.append("one per Availability Zone")
        if isinstance(properties.get("AcceptanceRequired"), bool):
            required = properties["AcceptanceRequired"]
            details.append("acceptance required" if required else "accepts automatically")
        if properties.get("PrivateDnsEnabled") is True:
            services = self._references(first, "ServiceName")
            details += [each.properties.get("PrivateDnsName", "") for each in services]
        if first.type == "AWS::Route53::HostedZone" and len(properties.get("VPCs", [])) > 1:
            details.append(f"in {len(properties['VPCs'])} VPCs")
        name = description if first.name in ("IGW", "NATGateway") else first.name
        return Node(id, f"{icon}.svg", name, [each for each in details if each not in ("", name)])

    def _location(self, resource: Resource) -> tuple[Resource, str | None] | None:
        """Return the VPC of a resource, and the name of its subnets if it is in subnets."""
        for subnet in self._references(
            resource, "Subnets", "SubnetId", "SubnetIds", "VPCZoneIdentifier"
        ):
            (vpc,) = self._vpcs(subnet)
            return vpc, _subnet_group(subnet)
        if resource.type == "AWS::EC2::InternetGateway":
            for attachment in self._assembly.of_type("AWS::EC2::VPCGatewayAttachment"):
                if resource in self._references(attachment, "InternetGatewayId"):
                    return self._vpcs(attachment)[0], None
        vpcs = self._references(resource, "VpcId", "VPCs")
        # A hosted zone of several VPCs is in none of them.
        return (vpcs[0], None) if len(vpcs) == 1 else None

    def _connect_endpoints(self) -> None:
        for endpoint in self._assembly.of_type("AWS::EC2::VPCEndpoint"):
            by_parameter = "Ref" in endpoint.properties["ServiceName"]
            for service in self._references(endpoint, "ServiceName"):
                self._add_arrow(endpoint, service, "by service name" if by_parameter else "")
                for share in self._shares_of(service):
                    self._add_arrow(service, share, "service name", control=True)
                    self._add_arrow(endpoint, share, "reads", control=True)
            for resource in self._references(endpoint, "PolicyDocument"):
                self._add_arrow(endpoint, resource)

    def _shares_of(self, service: Resource) -> list[Resource]:
        """Return the shares of parameters that contain the name of a service."""
        return [
            share
            for share in self._assembly.of_type("AWS::RAM::ResourceShare")
            for parameter in self._references(share, "ResourceArns")
            if service in self._references(parameter, "Value")
        ]

    def _connect_services(self) -> None:
        for service in self._assembly.of_type("AWS::EC2::VPCEndpointService"):
            for name in ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns"):
                arns = service.properties.get(name)
                for target in self._assembly.references(arns, service.stack):
                    self._add_arrow(service, target)
        for permissions in self._assembly.of_type("AWS::EC2::VPCEndpointServicePermissions"):
            principals = permissions.properties["AllowedPrincipals"]
            for parameter in self._assembly.referenced_parameters(principals, permissions.stack):
                for service in self._references(permissions, "ServiceId"):
                    self._add_arrow(parameter, service, "may connect", control=True)
        for notification in self._assembly.of_type("AWS::EC2::VPCEndpointConnectionNotification"):
            for service in self._references(notification, "ServiceId"):
                for topic in self._references(notification, "ConnectionNotificationArn"):
                    if not self._is_in_manager(topic):
                        self._add_arrow(service, topic, "connection events", control=True)
        for alarm in self._assembly.of_type("AWS::CloudWatch::Alarm"):
            for service in self._references(alarm, "Dimensions"):
                for topic in self._references(alarm, "AlarmActions"):
                    if service.type == "AWS::EC2::VPCEndpointService":
                        self._add_arrow(service, topic, "alarms", control=True)

    def _connect_managers(self) -> None:
        for manager in self._assembly.of_type(_MANAGER):
            for parameter in self._assembly.of_type("AWS::SSM::Parameter"):
                if not parameter.path.startswith(_manager_path(manager)):
                    continue
                for each in self._references(parameter, "Value"):
                    if each.type == "AWS::EC2::VPCEndpointService":
                        self._add_arrow(manager, each, "accepts, rejects", control=True)
                    elif each.type == "AWS::DynamoDB::Table":
                        self._add_arrow(each, manager, "rules", control=True)

    def _is_in_manager(self, resource: Resource) -> bool:
        """Return whether the node of a connection manager stands for a resource."""
        return resource.type != _MANAGER and any(
            resource.path.startswith(_manager_path(manager))
            for manager in self._assembly.of_type(_MANAGER)
        )

    def _connect_load_balancers(self) -> None:
        for listener in self._assembly.of_type("AWS::ElasticLoadBalancingV2::Listener"):
            for load_balancer in self._references(listener, "LoadBalancerArn"):
                for targets in self._references(listener, "DefaultActions"):
                    self._add_arrow(load_balancer, targets)
        for group in self._assembly.of_type("AWS::AutoScaling::AutoScalingGroup"):
            for targets in self._references(group, "TargetGroupARNs"):
                self._add_arrow(targets, group)

    def _connect_routes(self) -> None:
        for route in self._assembly.of_type("AWS::EC2::Route"):
            destination: str = route.properties["DestinationCidrBlock"]
            for subnet in self._assembly.of_type("AWS::EC2::Subnet"):
                if subnet.stack == route.stack and subnet.properties["CidrBlock"] == destination:
                    destination = f"to {_subnet_group(subnet)}"
            for target in self._references(route, "VpcEndpointId", "GatewayId", "NatGatewayId"):
                for table in self._references(route, "RouteTableId"):
                    self._add_arrow(self._route_table_owner(table), target, destination)

    def _connect_transit_gateways(self) -> None:
        """Connect subnets and transit gateways in both directions: with routes and propagation."""
        destinations: dict[tuple[Resource, Resource], dict[str, None]] = {}
        for route in self._assembly.of_type("AWS::EC2::Route"):
            for gateway in self._references(route, "TransitGatewayId"):
                for table in self._references(route, "RouteTableId"):
                    subnet = self._route_table_owner(table)
                    ends = destinations.setdefault((subnet, gateway), {})
                    ends[route.properties["DestinationCidrBlock"]] = None
        for route in self._assembly.of_type("AWS::EC2::TransitGatewayRoute"):
            for attachment in self._references(route, "TransitGatewayAttachmentId"):
                for subnet in self._references(attachment, "SubnetIds"):
                    for gateway in self._references(attachment, "TransitGatewayId"):
                        self._add_arrow(gateway, subnet, route.properties["DestinationCidrBlock"])
        occupied = [self._location(each) for each in self._assembly.of_type(*NODES)]
        for (subnet, gateway), blocks in destinations.items():
            label = f"routes to {', '.join(blocks)}"
            # Clients connect to what is in the subnets, so that their subnets come first.
            if (self._vpcs(subnet)[0], _subnet_group(subnet)) in occupied:
                self._add_arrow(gateway, subnet, label, both=True)
            else:
                self._add_arrow(subnet, gateway, label, both=True)

    def _route_table_owner(self, table: Resource) -> Resource:
        """Return the subnet or the gateway that a route table is associated with."""
        for association in self._assembly.of_type(
            "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::GatewayRouteTableAssociation"
        ):
            if table in self._references(association, "RouteTableId"):
                for owner in self._references(association, "SubnetId", "GatewayId"):
                    return owner
        raise LookupError(f"The route table {table.path} has no association")

    def _connect_records(self) -> None:
        for record in self._assembly.of_type("AWS::Route53::RecordSet"):
            (zone,) = self._references(record, "HostedZoneId")
            for target in self._references(record, "AliasTarget"):
                self._add_arrow(zone, target, "alias", control=True)
            for service in self._references(record, "ResourceRecords"):
                self._add_arrow(service, zone, "verification record", control=True)

    def _references(self, resource: Resource, *names: str) -> list[Resource]:
        """Return the resources that properties of a resource refer to."""
        values = [resource.properties.get(name) for name in names]
        return self._assembly.referenced_resources(values, resource.stack)

    def _vpcs(self, resource: Resource) -> list[Resource]:
        return self._references(resource, "VpcId")

    def _add_arrow(
        self,
        start: Resource | str,
        end: Resource | str,
        label: str = "",
        *,
        control: bool = False,
        both: bool = False,
    ) -> None:
        self._arrows[Arrow(self._node_id(start), self._node_id(end), label, control, both)] = None

    def _node_id(self, resource: Resource | str) -> str:
        if isinstance(resource, str):
            stack, name = resource.split(".")
            return self._id("parameter", stack, name)
        if resource.type == "AWS::EC2::Subnet":
            (vpc,) = self._vpcs(resource)
            return self._id("subnets", vpc.stack, vpc.id, _subnet_group(resource))
        return self._id(resource.stack, resource.type, resource.name)

    def _id(self, *key: str) -> str:
        return self._ids.setdefault(key, f"n{len(self._ids) + 1}")


def draw_example(assembly: Assembly, name: str) -> str:
    """Return the drawing of an example."""
    return Diagram(assembly).svg(f"Architecture of the example {name}")


def image_path(name: str) -> Path:
    """Return the file that holds the drawing of an example."""
    return IMAGES / f"{name}.svg"


def main() -> None:
    """Draw the named examples, or all of them."""
    names = sys.argv[1:] or sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            assembly = synthesize(EXAMPLES / name, Path(folder))
            image_path(name).write_text(draw_example(assembly, name), encoding="utf-8")
        print(f"Wrote docs/images/{name}.svg")


def _manager_path(manager: Resource) -> str:
    return manager.path.removesuffix("Rules/Default")


def _subnet_group(subnet: Resource) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in subnet.properties["Tags"]}
    return str(tags["aws-cdk:subnet-name"])


def _literal(value: Any) -> str:
    """Return the literal parts of a value, and a word for the Region."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(map(_literal_part, value["Fn::Join"][1])).rstrip(".")
    return str(value).rstrip(".")


def _literal_part(part: Any) -> str:
    return part if isinstance(part, str) else _PSEUDO_PARAMETERS.get(part.get("Ref"), "")


if __name__ == "__main__":
    main()
