"""The resources of templates, and the values of their properties.

CloudFormation evaluates expressions at deployment. Here, an expression is a literal value, a
resource, or unknown. Two unknown values are equal if their expressions are.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import PrivateLinkValueError

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
    condition: str | None = None

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


@dataclass(frozen=True)
class StackTemplate:
    """The template of a stack, with the values that only the stack itself has."""

    content: Mapping[str, Any]
    name: str | None
    """The name of the stack in CloudFormation, ``None`` for a token."""
    region: str | None = None
    """The Region of the stack, ``None`` if it is unknown."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The paths of constructs by logical id."""
    nested_in: tuple[str, str] | None = None
    """The parent of a nested stack, and the logical id of the nested stack there."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The outputs of the template."""
        return dict(self.content.get("Outputs", {}))


class Templates:
    """The templates of an app."""

    def __init__(self, stacks: Mapping[str, StackTemplate]) -> None:
        """Read the resources.

        :param stacks: The templates by the name or path of their stack.
        :raises PrivateLinkValueError: A resource has no type.
        """
        self._stacks = stacks
        self.resources = {
            (stack, logical_id): _read_resource(
                stack, logical_id, resource, template.paths.get(logical_id)
            )
            for stack, template in stacks.items()
            for logical_id, resource in template.content.get("Resources", {}).items()
        }
        self._vpcs = self.of_type("AWS::EC2::VPC")
        self._parents = {
            stack: template.nested_in or self._find_parent(stack)
            for stack, template in stacks.items()
        }

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
            return self._resolve_import(arguments, stack)
        if function == "Fn::GetStackOutput" and isinstance(arguments, Mapping):
            return self._resolve_stack_output(arguments, stack)
        if function.startswith("Fn::"):
            return _evaluate(function, arguments)
        return {function: arguments}

    def _resolve_ref(self, name: str, stack: str) -> Any:
        resource = self.resources.get((stack, name))
        if resource is not None:
            return resource
        if name.startswith("AWS::"):
            return Unknown("Ref", (name,))
        parent = self._parents.get(stack)
        nested = self.resources.get(parent) if parent is not None else None
        if nested is not None and name in nested.properties.get("Parameters", {}):
            return self.resolve(nested.properties["Parameters"][name], nested.stack)
        template = self._stacks.get(stack)
        parameter = template.content.get("Parameters", {}).get(name, {}) if template else {}
        # The parent of a nested stack can pass another value than the default.
        is_final = parent is None or nested is not None
        if is_final and "Default" in parameter and not parameter["Type"].startswith("AWS::SSM"):
            return parameter["Default"]
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
                for nested, parent in self._parents.items():
                    if parent == (stack, logical_id):
                        return self._resolve_output(nested, attribute.removeprefix("Outputs."))
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
        parsed = [parse_network(each) for each in self._ipv4_values(vpc)]
        return [each for each in parsed if each is not None]

    def has_known_blocks(self, vpc: Resource) -> bool:
        """Return whether the IPv4 CIDR blocks of a VPC are literal."""
        return None not in map(parse_network, self._ipv4_values(vpc))

    def _ipv4_values(self, vpc: Resource) -> list[Any]:
        secondary = [
            self.get(each, "CidrBlock")
            for each in self.of_type("AWS::EC2::VPCCidrBlock")
            if self.get(each, "VpcId") is vpc and self._is_ipv4(each)
        ]
        return [self.get(vpc, "CidrBlock"), *secondary]

    def _is_ipv4(self, block: Resource) -> bool:
        return any(name in block.properties for name in ("CidrBlock", "Ipv4IpamPoolId"))

    def _resolve_import(self, name: Any, stack: str) -> Any:
        exports = [
            (other, output)
            for other, template in self._stacks.items()
            for output, each in template.outputs.items()
            if "Export" in each and self.resolve(each["Export"]["Name"], other) == name
        ]
        region = self._region_of(stack)
        found = [each for each in exports if self._is_in_region(each[0], region)]
        if len(found) == 1:
            return self._resolve_output(*found[0])
        return Unknown("Fn::ImportValue", (name,))

    def _resolve_stack_output(self, reference: Mapping[str, Any], stack: str) -> Any:
        """Return the output of another stack, to which apps of ``cdk init`` refer.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
        """
        name, output = reference.get("StackName"), reference.get("OutputName")
        region = reference.get("Region", self._region_of(stack))
        found = [
            other
            for other, template in self._stacks.items()
            if template.name == name and self._is_in_region(other, region)
        ]
        if len(found) == 1 and isinstance(output, str):
            return self._resolve_output(found[0], output)
        return Unknown("Fn::GetStackOutput", _freeze([name, output]))

    def _resolve_output(self, stack: str, name: str) -> Any:
        output = self._stacks[stack].outputs.get(name)
        if output is None:
            return Unknown("Fn::GetStackOutput", (stack, name))
        return self.resolve(output["Value"], stack)

    def _region_of(self, stack: str) -> str | None:
        return self._stacks[stack].region if stack in self._stacks else None

    def _is_in_region(self, stack: str, region: Any) -> bool:
        """Return whether a stack can be in a Region, as far as both are known."""
        known = self._region_of(stack)
        return known is None or not isinstance(region, str) or known == region

    def _find_parent(self, stack: str) -> tuple[str, str] | None:
        """Return the nested stack whose logical id is the name of a template."""
        found = [
            (each.stack, each.id)
            for each in self.of_type("AWS::CloudFormation::Stack")
            if each.id == stack
        ]
        return found[0] if len(found) == 1 else None


def _read_resource(stack: str, logical_id: str, content: Any, path: str | None) -> Resource:
    if not isinstance(content, Mapping) or not isinstance(content.get("Type"), str):
        raise PrivateLinkValueError(
            "templates",
            "must have resources with a type",
            got=f"`{logical_id}`",
            fix="pass the template after its transforms, without `Fn::ForEach`",
            scope=stack,
        )
    return Resource(
        stack,
        logical_id,
        content["Type"],
        path or content.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{logical_id}"),
        content.get("Properties", {}),
        content.get("Condition"),
    )


def parse_network(value: Any) -> IpNetwork | None:
    """Return a CIDR block, or ``None`` for an unknown value."""
    if not isinstance(value, str) or "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


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
    values = arguments if isinstance(arguments, list) else [arguments]
    try:
        return _EVALUATORS[function](*values)
    except (KeyError, IndexError, TypeError, ValueError):
        # Not a function that is evaluated here, or not with literal arguments only.
        return Unknown(function, _freeze(values))


def _select(index: Any, values: Any) -> Any:
    if not isinstance(values, list):
        raise TypeError(values)
    return values[int(index)]


def _split(delimiter: str, value: Any) -> list[str]:
    return str.split(value, delimiter)


def _join(delimiter: str, values: Any) -> str:
    if not isinstance(values, list):
        raise TypeError(values)
    return delimiter.join(values)


def _split_block(block: Any, count: Any, bits: Any) -> list[str]:
    network = ipaddress.ip_network(block, strict=False)
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
    return [str(each) for each in itertools.islice(subnets, int(count))]


_EVALUATORS: Mapping[str, Callable[..., Any]] = {
    "Fn::Cidr": _split_block,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
}


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
