"""Draws the examples: a picture of each, made from its templates, in its README.

`npx --yes projen diagrams` draws them all anew; a test fails where one is out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from examples.assembly import Assembly, Resource, synthesise

EXAMPLES = Path(__file__).parent
BLOCK = re.compile(r"```mermaid\n.*?```", re.DOTALL)
# What resources are called that are drawn, with their properties in braces.
DRAWN = {
    "AWS::AutoScaling::AutoScalingGroup": "Auto Scaling group",
    "AWS::DynamoDB::Table": "Amazon DynamoDB table",
    "AWS::EC2::InternetGateway": "internet gateway",
    "AWS::EC2::VPCEndpoint": "{VpcEndpointType} endpoint",
    "AWS::EC2::VPCEndpointService": "endpoint service",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "{Type} load balancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "target group, {Protocol} {Port}",
    "AWS::Route53::HostedZone": "hosted zone of {Name}",
    "AWS::S3::Bucket": "Amazon S3 bucket",
    "AWS::SNS::Topic": "Amazon SNS topic",
    "AWS::SQS::Queue": "Amazon SQS queue",
}
# What is drawn as a frame, or as a line, or goes without saying.
NOT_DRAWN = {
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::Alarm",
    "AWS::EC2::GatewayRouteTableAssociation",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpointConnectionNotification",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::PrivateLinkPrivateDnsVerification",
    "Custom::PrivateLinkServiceName",
}


class Picture:
    """A flowchart of an app: what there is, where it is, and which way the traffic goes."""

    def __init__(self, assembly: Assembly) -> None:
        """Look at everything once, and draw lines between what is known then."""
        self._assembly = assembly
        # Nodes by what tells them apart: what there are several of, one a zone, is one node.
        self._ids: dict[tuple[str, ...], str] = {}
        self._lines: dict[tuple[str, str, str], None] = {}
        unknown = {each.kind for each in assembly.resources} - DRAWN.keys() - NOT_DRAWN
        if unknown:
            raise ValueError(f"The picture does not know {sorted(unknown)}")
        for service in assembly.of("AWS::EC2::VPCEndpointService"):
            self._connect_service(service)
        for permissions in assembly.of("AWS::EC2::VPCEndpointServicePermissions"):
            principals = permissions.properties["AllowedPrincipals"]
            for parameter in assembly.parameters_in(principals, permissions.stack):
                for service in self._in(permissions, "ServiceId"):
                    self._line(self._node(parameter), self._node(service), "may connect")
        for listener in assembly.of("AWS::ElasticLoadBalancingV2::Listener"):
            for load_balancer in self._in(listener, "LoadBalancerArn"):
                for targets in self._in(listener, "DefaultActions"):
                    self._line(self._node(load_balancer), self._node(targets))
        for group in assembly.of("AWS::AutoScaling::AutoScalingGroup"):
            for targets in self._in(group, "TargetGroupARNs"):
                self._line(self._node(targets), self._node(group))
        for endpoint in assembly.of("AWS::EC2::VPCEndpoint"):
            self._connect_endpoint(endpoint)
        for route in assembly.of("AWS::EC2::Route"):
            self._connect_route(route)
        for notification in assembly.of("AWS::EC2::VPCEndpointConnectionNotification"):
            for service in self._in(notification, "ServiceId"):
                for topic in self._in(notification, "ConnectionNotificationArn"):
                    self._line(self._node(service), self._node(topic), "connections")
        for alarm in assembly.of("AWS::CloudWatch::Alarm"):
            for watched in self._in(alarm, "Dimensions"):
                for told in self._in(alarm, "AlarmActions"):
                    if watched.kind == "AWS::EC2::VPCEndpointService":
                        self._line(self._node(watched), self._node(told), "alarms")
        for record in assembly.of("AWS::Route53::RecordSet"):
            self._connect_record(record)

    def mermaid(self) -> str:
        """Write it down in the language of Mermaid."""
        lines = ["flowchart LR"]
        for stack in self._assembly.templates:
            lines += [f"  subgraph {self._id('stack', stack)}[{_quoted(self._title(stack))}]"]
            lines += [f"    {line}" for line in self._inside(stack)]
            lines += ["  end"]
        for start, end, label in self._lines:
            arrow = f'-- "{label}" -->' if label else "-->"
            lines.append(f"  {start} {arrow} {end}")
        return "\n".join(lines)

    def _title(self, stack: str) -> str:
        place = self._assembly.places[stack]
        return ", ".join([stack, *(known for known in place if known)])

    def _inside(self, stack: str) -> list[str]:
        own = [each for each in self._assembly.of(*DRAWN) if each.stack == stack]
        vpcs = [each for each in self._assembly.of("AWS::EC2::VPC") if each.stack == stack]
        lines = []
        for vpc in vpcs:
            lines.append(f"subgraph {self._id('vpc', stack, vpc.id)}[{_quoted('VPC')}]")
            for name in self._subnet_groups(vpc):
                within = [each for each in own if self._place(each) == (vpc, name)]
                lines += [f"  {line}" for line in self._subnets(vpc, name, within)]
            lines += [
                f"  {line}"
                for line in self._nodes([each for each in own if self._place(each) == (vpc, None)])
            ]
            lines.append("end")
        lines += self._nodes([each for each in own if self._place(each) is None])
        lines += [
            f"{self._ids[key]}[/{_quoted(key[2])}/]"
            for key in self._ids
            if key[:2] == ("parameter", stack)
        ]
        return lines

    def _subnets(self, vpc: Resource, name: str, within: list[Resource]) -> list[str]:
        node = self._id("subnets", vpc.stack, vpc.id, name)
        zones = len([each for each in self._subnets_of(vpc) if _subnet_name(each) == name])
        title = _quoted(f"{name} subnets, {zones} zones")
        if not within:
            return [f"{node}[{title}]"]
        return [
            f"subgraph {node}[{title}]",
            *(f"  {line}" for line in self._nodes(within)),
            "end",
        ]

    def _nodes(self, resources: list[Resource]) -> list[str]:
        groups: dict[str, list[Resource]] = {}
        for each in resources:
            groups.setdefault(self._node(each), []).append(each)
        return [f"{node}({_quoted(*self._label(group))})" for node, group in groups.items()]

    def _label(self, group: list[Resource]) -> list[str]:
        first = group[0]
        properties = first.properties
        kind = DRAWN[first.kind].format_map({key: _plain(properties[key]) for key in properties})
        kind = kind.replace("GatewayLoadBalancer ", "Gateway Load Balancer ")
        kind = kind[0].upper() + kind[1:]
        label = [kind] if first.name == "IGW" else [f"<b>{first.name}</b>", kind]
        if len(group) > 1:
            label[-1] += f", {len(group)} of them"
        if first.kind == "AWS::EC2::VPCEndpointService":
            accepted = {True: "accepted by hand", False: "accepted at once"}
            acceptance = properties["AcceptanceRequired"]
            label += [accepted[acceptance]] if isinstance(acceptance, bool) else []
        if properties.get("PrivateDnsEnabled") is True:
            label += [
                service.properties["PrivateDnsName"]
                for service in self._in(first, "ServiceName")
                if "PrivateDnsName" in service.properties
            ]
        return label

    def _place(self, resource: Resource) -> tuple[Resource, str | None] | None:
        """Tell the VPC and the subnets that a resource is in."""
        names = "Subnets", "SubnetIds", "VPCZoneIdentifier"
        for subnet in self._in(resource, *names):
            (vpc,) = self._in(subnet, "VpcId")
            return vpc, _subnet_name(subnet)
        if resource.kind == "AWS::EC2::InternetGateway":
            for attachment in self._assembly.of("AWS::EC2::VPCGatewayAttachment"):
                if resource in self._in(attachment, "InternetGatewayId"):
                    return self._in(attachment, "VpcId")[0], None
        vpcs = self._in(resource, "VpcId", "VPCs")
        return (vpcs[0], None) if vpcs else None

    def _subnet_groups(self, vpc: Resource) -> list[str]:
        return list(dict.fromkeys(_subnet_name(each) for each in self._subnets_of(vpc)))

    def _subnets_of(self, vpc: Resource) -> list[Resource]:
        subnets = self._assembly.of("AWS::EC2::Subnet")
        return [each for each in subnets if vpc in self._in(each, "VpcId")]

    def _connect_service(self, service: Resource) -> None:
        for name in ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns"):
            arns = service.properties.get(name)
            for target in self._assembly.referred(arns, service.stack):
                self._line(self._node(service), self._node(target))

    def _connect_endpoint(self, endpoint: Resource) -> None:
        told = "Ref" in endpoint.properties["ServiceName"]
        for service in self._in(endpoint, "ServiceName"):
            self._line(self._node(endpoint), self._node(service), "by its name" if told else "")
        for resource in self._in(endpoint, "PolicyDocument"):
            self._line(self._node(endpoint), self._node(resource))

    def _connect_route(self, route: Resource) -> None:
        destination: str = route.properties["DestinationCidrBlock"]
        for subnet in self._assembly.of("AWS::EC2::Subnet"):
            if subnet.stack == route.stack and subnet.properties["CidrBlock"] == destination:
                destination = f"to {_subnet_name(subnet)}"
        for target in self._in(route, "VpcEndpointId", "GatewayId"):
            for table in self._in(route, "RouteTableId"):
                self._line(self._owner(table), self._node(target), destination)

    def _owner(self, table: Resource) -> str:
        """Find the node of what has a route table."""
        for association in self._assembly.of(
            "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::GatewayRouteTableAssociation"
        ):
            if table in self._in(association, "RouteTableId"):
                for owner in self._in(association, "SubnetId", "GatewayId"):
                    return self._node(owner)
        raise LookupError(f"Nothing has the route table {table.path}")

    def _connect_record(self, record: Resource) -> None:
        (zone,) = self._in(record, "HostedZoneId")
        name = _plain(record.properties["Name"])
        for target in self._in(record, "AliasTarget"):
            self._line(self._node(zone), self._node(target))
        for service in self._in(record, "ResourceRecords"):
            self._line(self._node(service), self._node(zone), f"proof of {name.strip('.')}")

    def _in(self, resource: Resource, *names: str) -> list[Resource]:
        """List the resources that some properties of a resource refer to."""
        values = [resource.properties.get(name) for name in names]
        return self._assembly.resources_in(values, resource.stack)

    def _line(self, start: str, end: str, label: str = "") -> None:
        self._lines[start, end, label] = None

    def _node(self, of: Resource | str) -> str:
        if isinstance(of, str):
            stack, name = of.split(".")
            return self._id("parameter", stack, name)
        if of.kind == "AWS::EC2::Subnet":
            (vpc,) = self._in(of, "VpcId")
            return self._id("subnets", vpc.stack, vpc.id, _subnet_name(of))
        return self._id(of.stack, of.kind, of.name)

    def _id(self, *what: str) -> str:
        return self._ids.setdefault(what, f"n{len(self._ids) + 1}")


def draw(example: Path) -> str:
    """Draw an example."""
    return Picture(synthesise(example)).mermaid()


def with_picture(example: Path) -> str:
    """Give the README of an example with its picture as it should be."""
    text = (example / "README.md").read_text(encoding="utf-8")
    picture = f"```mermaid\n{draw(example)}\n```"
    return BLOCK.sub(lambda _: picture, text, count=1)


def main() -> None:
    """Draw all examples, or those that are named."""
    named = [EXAMPLES / name for name in sys.argv[1:]]
    for example in named or sorted(path.parent for path in EXAMPLES.glob("*/app.py")):
        (example / "README.md").write_text(with_picture(example), encoding="utf-8")


def _subnet_name(subnet: Resource) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in subnet.properties["Tags"]}
    return str(tags["aws-cdk:subnet-name"])


def _plain(value: Any) -> str:
    """Give what is literal in a value."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(part for part in value["Fn::Join"][1] if isinstance(part, str))
    return str(value).rstrip(".")


def _quoted(*lines: str) -> str:
    return '"' + "<br/>".join(lines) + '"'


if __name__ == "__main__":
    main()
