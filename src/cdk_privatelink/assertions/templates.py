"""The resources of templates, and the values of their properties.

CloudFormation evaluates expressions at deployment. Here, an expression is a literal value, a
resource, or unknown. Two unknown values are equal if their expressions are.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# The attributes that return the same id as `Ref`, in addition to `Id`.
_IDS = {
    "AWS::EC2::InternetGateway": "InternetGatewayId",
    "AWS::EC2::NatGateway": "NatGatewayId",
    "AWS::EC2::PrefixList": "PrefixListId",
    "AWS::EC2::RouteTable": "RouteTableId",
    "AWS::EC2::Subnet": "SubnetId",
    "AWS::EC2::TransitGatewayNetworkFunctionAttachment": "TransitGatewayAttachmentId",
    "AWS::EC2::TransitGatewayRouteTable": "TransitGatewayRouteTableId",
    "AWS::EC2::VPC": "VpcId",
    "AWS::EC2::VPNGateway": "VPNGatewayId",
    "AWS::NetworkFirewall::Firewall": "TransitGatewayAttachmentId",
}
_FIREWALL = "AWS::NetworkFirewall::Firewall"
# Amazon assigns the IPv6 CIDR block of a VPC at deployment. This block stands for the first one.
_ASSIGNED = ipaddress.IPv6Network("2600:1f00::/56")


@dataclass(frozen=True, eq=False)
class Resource:
    """A resource of a template, which is equal to itself only."""

    stack: str
    id: str
    type: str
    path: str
    properties: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """Return the path, as messages contain it."""
        return self.path


@dataclass(frozen=True)
class Unknown:
    """A value that CloudFormation evaluates at deployment."""

    function: str
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        """Return the expression in short form."""
        return f"{self.function}({', '.join(map(str, self.arguments))})"

    def find(self, function: str) -> Iterator[Unknown]:
        """Yield this expression and the expressions in it that call a function."""
        if self.function == function:
            yield self
        for each in self.arguments:
            if isinstance(each, Unknown):
                yield from each.find(function)


class Templates:
    """The templates of an app."""

    def __init__(
        self,
        templates: Mapping[str, Mapping[str, Any]],
        paths: Mapping[tuple[str, str], str],
    ) -> None:
        """Read the resources.

        :param templates: The templates by the name of their stack.
        :param paths: The paths of constructs by stack and logical id.
        """
        self._templates = templates
        self.resources = {
            (stack, logical_id): Resource(
                stack,
                logical_id,
                resource["Type"],
                paths.get((stack, logical_id))
                or resource.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{logical_id}"),
                resource.get("Properties", {}),
            )
            for stack, template in templates.items()
            for logical_id, resource in template.get("Resources", {}).items()
        }
        self._vpcs = self.of_type("AWS::EC2::VPC")

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of some types."""
        return [each for each in self.resources.values() if each.type in types]

    def get(self, resource: Resource, *names: str) -> Any:
        """Return the first property that a resource has, evaluated."""
        for name in names:
            if name in resource.properties:
                return self.resolve(resource.properties[name], resource.stack)
        return None

    def get_list(self, resource: Resource, name: str) -> list[Any]:
        """Return a property, which may be a token for a whole list, as a list."""
        value = self.get(resource, name)
        return [] if value is None else value if isinstance(value, list) else [value]

    def resolve(self, value: Any, stack: str) -> Any:
        """Return a literal value, a resource or an unknown value for an expression."""
        if isinstance(value, list):
            return [self.resolve(each, stack) for each in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) != 1:
            return {name: self.resolve(each, stack) for name, each in value.items()}
        ((function, argument),) = value.items()
        if function == "Ref":
            return self._resolve_ref(argument, stack)
        if function == "Fn::GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            return self._resolve_attribute(parts[0], parts[1], stack)
        arguments = self.resolve(argument, stack)
        if function == "Fn::ImportValue":
            return self._resolve_import(arguments)
        if function.startswith("Fn::"):
            return _evaluate(function, arguments)
        return {function: arguments}

    def _resolve_ref(self, name: str, stack: str) -> Any:
        resource = self.resources.get((stack, name))
        if resource is not None:
            return resource
        if name.startswith("AWS::"):
            return Unknown("Ref", (name,))
        parameter = self._templates.get(stack, {}).get("Parameters", {}).get(name, {})
        if "Default" in parameter and not parameter["Type"].startswith("AWS::SSM"):
            return parameter["Default"]
        for nested in self.of_type("AWS::CloudFormation::Stack"):
            parameters = nested.properties.get("Parameters", {})
            if name in parameters and nested.stack != stack:
                return self.resolve(parameters[name], nested.stack)
        return Unknown("Ref", (stack, name))

    def _resolve_attribute(self, logical_id: str, attribute: str, stack: str) -> Any:
        resource = self.resources.get((stack, logical_id))
        if resource is not None:
            if attribute in ("Id", _IDS.get(resource.type)):
                return resource
            if attribute == "CidrBlock" and attribute in resource.properties:
                return self.get(resource, attribute)
            if attribute == "Ipv6CidrBlocks" and resource.type == "AWS::EC2::VPC":
                return [str(each) for each in self.ipv6_blocks(resource)]
            if attribute.startswith("Outputs."):
                return self._resolve_nested_output(attribute.removeprefix("Outputs."))
        return Unknown("Fn::GetAtt", (resource or (stack, logical_id), attribute))

    def ipv6_blocks(self, vpc: Resource) -> list[IpNetwork]:
        """Return the IPv6 CIDR blocks of a VPC, with a stand-in for an assigned block."""
        blocks: list[IpNetwork] = []
        for each in self.of_type("AWS::EC2::VPCCidrBlock"):
            if self.get(each, "VpcId") is not vpc or self._is_ipv4(each):
                continue
            literal = parse_network(self.get(each, "Ipv6CidrBlock"))
            offset = (self._vpcs.index(vpc) << 8 | len(blocks)) << 72
            blocks.append(
                literal or ipaddress.IPv6Network((int(_ASSIGNED.network_address) + offset, 56))
            )
        return blocks

    def ipv4_blocks(self, vpc: Resource) -> list[IpNetwork]:
        """Return the literal IPv4 CIDR blocks of a VPC."""
        secondary = [
            self.get(each, "CidrBlock")
            for each in self.of_type("AWS::EC2::VPCCidrBlock")
            if self.get(each, "VpcId") is vpc
        ]
        parsed = [parse_network(each) for each in (self.get(vpc, "CidrBlock"), *secondary)]
        return [each for each in parsed if each is not None]

    def _is_ipv4(self, block: Resource) -> bool:
        return any(name in block.properties for name in ("CidrBlock", "Ipv4IpamPoolId"))

    def _resolve_import(self, name: Any) -> Any:
        for stack, template in self._templates.items():
            for output in template.get("Outputs", {}).values():
                export = output.get("Export", {}).get("Name")
                if export is not None and self.resolve(export, stack) == name:
                    return self.resolve(output["Value"], stack)
        return Unknown("Fn::ImportValue", (name,))

    def _resolve_nested_output(self, name: str) -> Any:
        for stack, template in self._templates.items():
            if name in template.get("Outputs", {}):
                return self.resolve(template["Outputs"][name]["Value"], stack)
        return Unknown("Fn::GetAtt", ("Outputs", name))


def parse_network(value: Any) -> IpNetwork | None:
    """Return a CIDR block, or ``None`` for an unknown value."""
    if not isinstance(value, str) or "/" not in value:
        return None
    return ipaddress.ip_network(value, strict=False)


def firewall_zone(value: Any) -> tuple[Resource, str] | None:
    """Return the firewall and the zone of an endpoint whose id is split from ``EndpointIds``."""
    if not isinstance(value, Unknown):
        return None
    firewalls = [
        owner
        for each in value.find("Fn::GetAtt")
        if isinstance(owner := each.arguments[0], Resource) and owner.type == _FIREWALL
    ]
    zones = [
        each.arguments[0].removesuffix(":")
        for each in value.find("Fn::Split")
        if isinstance(each.arguments[0], str) and each.arguments[0].endswith(":")
    ]
    return (firewalls[0], zones[0]) if len(firewalls) == len(zones) == 1 else None


def _evaluate(function: str, arguments: Any) -> Any:
    """Evaluate a function with literal arguments.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
    """
    if function == "Fn::Select" and isinstance(arguments[1], list):
        return arguments[1][int(arguments[0])]
    if function == "Fn::Split" and isinstance(arguments[1], str):
        return arguments[1].split(arguments[0])
    if function == "Fn::Join" and _is_literal_list(arguments[1]):
        return arguments[0].join(arguments[1])
    if function == "Fn::Cidr" and (network := parse_network(arguments[0])) is not None:
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(arguments[2]))
        return [str(each) for each in itertools.islice(subnets, int(arguments[1]))]
    return Unknown(function, _freeze(arguments if isinstance(arguments, list) else [arguments]))


def _is_literal_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _freeze(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return hashable arguments. Lists become expressions, so that they can be searched."""
    return tuple(
        Unknown("List", _freeze(each))
        if isinstance(each, list)
        else Unknown("Map", _freeze([item for pair in each.items() for item in pair]))
        if isinstance(each, dict)
        else each
        for each in values
    )
