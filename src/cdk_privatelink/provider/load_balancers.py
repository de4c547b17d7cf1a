"""The load balancers of an endpoint service: network or gateway, never both."""

from __future__ import annotations

import re
from typing import Literal, Protocol

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.arguments import Argument, boolean, instance_of, reject_mixed_list_tokens
from .._internal.stack_cache import StackCache
from .._internal.subnets import (
    all_zones_by_subnet_id,
    has_placeholder_zones,
    zones_by_subnet_id,
)
from .._internal.tokens import is_list_token, is_literal, is_token, referenced_resource
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .security_groups import stop_enforcement, warn_of_missing_egress, warn_of_missing_rules

LoadBalancerType = Literal["network", "gateway"]

_ARN = re.compile(
    r"arn:[^:\s]+:elasticloadbalancing:(?P<region>[^:\s]+):(?P<account>[^:\s]+)"
    r":loadbalancer/(?P<type>[^/\s]+)/[^/\s]+/[^/\s]+"
)
_TYPES = {"net": "network", "gwy": "gateway", "app": "application"}
# `from_lookup()` returns the same placeholder for every load balancer until the CLI has looked it
# up. An error would keep the CLI from the lookup.
_PLACEHOLDER = re.compile(r".*:loadbalancer/(network|application)/.*")


class IGatewayLoadBalancer(Protocol):
    """A construct that defines a Gateway Load Balancer.

    ``GatewayLoadBalancer`` is one.
    """

    @property
    def load_balancer_arn(self) -> str:
        """The ARN of the load balancer."""
        ...

    @property
    def load_balancer_type(self) -> str:
        """The type of the load balancer: ``"gateway"``."""
        ...


class LoadBalancers:
    """The load balancers of an endpoint service.

    Created by :meth:`network` or :meth:`gateway`. One service cannot have both types. The construct
    that receives the load balancers validates them, so that errors can name the construct.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
    """

    def __init__(
        self,
        load_balancer_type: LoadBalancerType,
        *load_balancers: object,
        enforce_security_groups: bool = True,
    ) -> None:
        """Call :meth:`network` or :meth:`gateway` instead."""
        self._type: LoadBalancerType = load_balancer_type
        self._load_balancers = load_balancers
        self._enforce_security_groups = enforce_security_groups

    @classmethod
    def network(
        cls,
        *load_balancers: elbv2.NetworkLoadBalancer
        | elbv2.INetworkLoadBalancer
        | elbv2.CfnLoadBalancer
        | str,
        enforce_security_groups: bool = True,
    ) -> LoadBalancers:
        """Use Network Load Balancers: consumers connect through interface endpoints.

        :param load_balancers: One or more ``elbv2.NetworkLoadBalancer``, imported Network Load
            Balancers, ``elbv2.CfnLoadBalancer`` of type ``network``, or ARNs. They must be in the
            Region of the service. The service is available in all of their Availability Zones.
        :param enforce_security_groups: ``False`` to admit all connections that the service accepts,
            whatever the inbound rules of the load balancers' security groups are. The load
            balancers must be defined in the same app. With ``True``, the inbound rules must admit
            the private IP addresses of the clients in the consumers' VPCs, and synthesis shows a
            warning if there is no rule. Default: ``True``
        :see: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
        """
        return cls("network", *load_balancers, enforce_security_groups=enforce_security_groups)

    @classmethod
    def gateway(
        cls, *load_balancers: IGatewayLoadBalancer | elbv2.CfnLoadBalancer | str
    ) -> LoadBalancers:
        """Use Gateway Load Balancers: consumers route traffic to Gateway Load Balancer endpoints.

        :param load_balancers: One or more constructs with a ``load_balancer_arn`` and the
            ``load_balancer_type`` ``"gateway"``, ``elbv2.CfnLoadBalancer`` of type ``gateway``, or
            ARNs. ``GatewayLoadBalancer`` is such a construct. The load balancers must be in the
            Region of the service. The service is available in all of their Availability Zones.
        """
        return cls("gateway", *load_balancers)

    @property
    def load_balancer_type(self) -> LoadBalancerType:
        """The type of the load balancers: ``"network"`` or ``"gateway"``."""
        return self._type


LOAD_BALANCERS = instance_of(
    LoadBalancers,
    problem="must be `LoadBalancers`",
    fix="call `LoadBalancers.network()` or `LoadBalancers.gateway()` with the load balancers",
)


def bind_load_balancers(load_balancers: LoadBalancers, *, service: Construct) -> None:
    """Apply the enforcement of security groups to the load balancers of the app."""
    if load_balancers.load_balancer_type != "network":
        return
    for resource in find_resources(load_balancers):
        warn_of_missing_egress(resource, service=service)
        if load_balancers._enforce_security_groups:
            warn_of_missing_rules(resource, service=service)
        else:
            stop_enforcement(resource)


def resolve_arns(load_balancers: LoadBalancers, *, stack: Stack, scope: Construct) -> list[str]:
    """Check the load balancers and return their ARNs in the given order.

    :param stack: The stack of the service, whose Region all load balancers must be in.
    :raises PrivateLinkTypeError: An element is neither a load balancer nor an ARN.
    :raises PrivateLinkValueError: The list is empty, or an element repeated or of another type.
    """
    argument = Argument("load_balancers", scope)
    expected = load_balancers.load_balancer_type
    arns = [
        _resolve_arn(argument, each, expected, stack) for each in load_balancers._load_balancers
    ]
    if not arns:
        raise argument.value_error(
            "must not be empty",
            got=f"LoadBalancers.{expected}()",
            fix="pass one load balancer or more",
        )
    reject_mixed_list_tokens(argument, arns)
    _validate_enforcement(load_balancers, scope)
    for index, arn in enumerate(arns):
        if arn in arns[:index] and not is_placeholder_arn(arn):
            raise PrivateLinkValueError(
                "load_balancers",
                "must not contain a load balancer twice",
                got=f"the same one as number {arns.index(arn) + 1} and number {index + 1}",
                fix="pass each load balancer once",
                scope=scope,
            )
    return arns


def require_network(argument: str, load_balancers: LoadBalancers, *, scope: Construct) -> None:
    """Check that the service has Network Load Balancers.

    :raises PrivateLinkValueError: The service has Gateway Load Balancers.
    """
    if load_balancers.load_balancer_type != "network":
        raise PrivateLinkValueError(
            argument,
            "must not be used with Gateway Load Balancers, for which EC2 does not support it",
            got="`LoadBalancers.gateway()`",
            fix="leave it out, or use Network Load Balancers",
            scope=scope,
        )


def zones_of(load_balancers: LoadBalancers) -> list[list[str] | None]:
    """Return the Availability Zones of each load balancer, ``None`` where the app cannot know."""
    return [_zones_of(each) for each in load_balancers._load_balancers]


def is_placeholder_arn(arn: str) -> bool:
    """Return whether the CLI has yet to look up the ARN of a load balancer."""
    return _PLACEHOLDER.fullmatch(arn) is not None or not (is_literal(arn) or is_token(arn))


def resources_of(load_balancers: LoadBalancers) -> list[elbv2.CfnLoadBalancer | None]:
    """Return the resource of each load balancer, ``None`` for one that the app does not define."""
    return [_find_resource(each) for each in load_balancers._load_balancers]


def find_resources(load_balancers: LoadBalancers) -> list[elbv2.CfnLoadBalancer]:
    """Return the load balancers that the app defines."""
    return [each for each in resources_of(load_balancers) if each is not None]


def are_all_defined(load_balancers: LoadBalancers) -> bool:
    """Return whether the app defines all load balancers."""
    return all(resources_of(load_balancers))


def find_ipv4_only(load_balancers: LoadBalancers) -> Construct | None:
    """Return a load balancer of the app that certainly accepts no IPv6 connections."""
    for each in load_balancers._load_balancers:
        # Imported load balancers and ARNs have no address type.
        if isinstance(each, Construct) and getattr(each, "ip_address_type", "unknown") in (
            None,
            elbv2.IpAddressType.IPV4,
            "ipv4",
        ):
            return each
    return None


def _zones_of(load_balancer: object) -> list[str] | None:
    resource = _find_resource(load_balancer)
    zones = _zones_of_subnets(resource) if resource is not None else []
    return None if any(is_list_token(zone) for zone in zones) else zones or None


def _zones_of_subnets(resource: elbv2.CfnLoadBalancer) -> list[str]:
    """Return the zones of the subnets, which may be fewer than the zones of the VPC.

    The list is empty if the app does not know all subnets.
    """
    ids = _subnet_ids(resource)
    parent = resource.node.scope
    vpc = parent.vpc if isinstance(parent, elbv2.NetworkLoadBalancer) else None
    if vpc is not None and not ids and has_placeholder_zones(vpc):
        # The CDK knows the subnets of a group after the lookup of the VPC.
        return list(vpc.availability_zones)
    zone_by_id = zones_by_subnet_id(vpc) if vpc is not None else {}
    if not zone_by_id.keys() >= set(ids):
        # An L1 has ids only, and subnets of a selection can be anywhere in the app.
        zone_by_id |= all_zones_by_subnet_id(resource)
    zones = [zone_by_id.get(subnet_id) for subnet_id in ids]
    return list(dict.fromkeys(zone for zone in zones if zone)) if all(zones) else []


def _subnet_ids(resource: elbv2.CfnLoadBalancer) -> list[str]:
    mappings = resource.subnet_mappings
    if isinstance(mappings, list):
        return [
            each.subnet_id
            for each in mappings
            if isinstance(each, elbv2.CfnLoadBalancer.SubnetMappingProperty)
        ]
    return resource.subnets or []


def _find_resource(load_balancer: object) -> elbv2.CfnLoadBalancer | None:
    """Return the CloudFormation resource of a load balancer, ``None`` if it is imported."""
    resource: object
    if isinstance(load_balancer, str):
        resource = referenced_resource(load_balancer)
    elif isinstance(load_balancer, Construct):
        # An L1 is its own default child. A construct around one has it as the default child.
        resource = load_balancer.node.default_child or load_balancer
    else:
        resource = None
    return resource if isinstance(resource, elbv2.CfnLoadBalancer) else None


def _validate_enforcement(load_balancers: LoadBalancers, scope: Construct) -> None:
    argument = Argument("enforce_security_groups", scope)
    if boolean(argument, load_balancers._enforce_security_groups):
        return
    for each in load_balancers._load_balancers:
        if _find_resource(each) is None:
            raise PrivateLinkValueError(
                argument.name,
                "must be `True` for load balancers that the app does not define",
                got=f"load balancer `{_display_name(each)}`",
                fix="switch the enforcement off where the load balancer is defined, and leave it "
                "out here",
                scope=scope,
            )


def _resolve_arn(
    argument: Argument, load_balancer: object, expected: LoadBalancerType, stack: Stack
) -> str:
    if isinstance(load_balancer, str):
        load_balancer = _resolve_reference(argument, load_balancer)
    if isinstance(load_balancer, Construct):
        cache = StackCache.of(load_balancer)
        _validate_environment(argument, cache.region, cache.account, load_balancer, stack)
    if isinstance(load_balancer, elbv2.CfnLoadBalancer):
        # CloudFormation creates an Application Load Balancer by default.
        actual = load_balancer.type or "application"
        if actual != expected and is_literal(actual):
            raise _wrong_type(argument, actual, load_balancer)
        return load_balancer.ref
    if isinstance(load_balancer, elbv2.ApplicationLoadBalancer):
        raise _wrong_type(argument, "application", load_balancer)
    if isinstance(load_balancer, elbv2.NetworkLoadBalancer) and expected == "gateway":
        raise _wrong_type(argument, "network", load_balancer)
    # Imported load balancers are proxies without a class: only the ARN contains the type.
    arn = getattr(load_balancer, "load_balancer_arn", load_balancer)
    if not isinstance(arn, str):
        raise PrivateLinkTypeError(
            argument.name,
            "must contain load balancers or ARNs",
            got=f"`{load_balancer!r}`",
            fix="pass each load balancer as a separate argument; `*` unpacks a list",
            scope=argument.scope,
        )
    declared = getattr(load_balancer, "load_balancer_type", expected)
    if declared != expected and declared in _TYPES.values():
        raise _wrong_type(argument, declared, load_balancer)
    return _validate_arn(argument, arn, expected, stack)


def _validate_arn(argument: Argument, arn: str, expected: LoadBalancerType, stack: Stack) -> str:
    match = _ARN.fullmatch(arn)
    actual = _TYPES.get(match["type"]) if match else None
    if match is None or actual is None:
        if not is_literal(arn) or _PLACEHOLDER.fullmatch(arn):
            return arn
        raise _no_arn(argument, arn, "net" if expected == "network" else "gwy")
    if actual != expected:
        raise _wrong_type(argument, actual, arn)
    _validate_environment(argument, match["region"], match["account"], arn, stack)
    return arn


def _resolve_reference(argument: Argument, arn: str) -> object:
    """Return the load balancer of the app whose ARN a token is, or the ARN itself."""
    resource = referenced_resource(arn)
    if isinstance(resource, (elbv2.CfnListener, elbv2.CfnTargetGroup)):
        raise _no_arn(argument, resource.node.path, "net")
    return resource if isinstance(resource, elbv2.CfnLoadBalancer) else arn


def _validate_environment(
    argument: Argument, region: str, account: str, load_balancer: object, stack: Stack
) -> None:
    cache = StackCache.of(stack)
    for name, actual, expected in (
        ("Region", region, cache.region),
        ("account", account, cache.account),
    ):
        if actual != expected and is_literal(actual) and is_literal(expected):
            raise argument.value_error(
                f"must be in the {name} of the service",
                got=_display_name(load_balancer),
                fix=f"pass a load balancer in {expected}",
            )


def _no_arn(argument: Argument, got: str, kind: str) -> PrivateLinkValueError:
    return argument.value_error(
        "must contain ARNs of load balancers",
        got=got,
        fix="pass `arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/"
        f"{kind}/<name>/<id>`",
    )


def _wrong_type(argument: Argument, actual: str, load_balancer: object) -> PrivateLinkValueError:
    got = f"{actual} load balancer `{_display_name(load_balancer)}`"
    if actual not in ("network", "gateway"):
        return PrivateLinkValueError(
            argument.name,
            "must contain Network or Gateway Load Balancers only",
            got=got,
            fix="put a Network Load Balancer in front of this load balancer and pass that one",
            scope=argument.scope,
        )
    return PrivateLinkValueError(
        argument.name,
        "must contain load balancers of one type only",
        got=got,
        fix=f"pass this load balancer to `LoadBalancers.{actual}()`, in a service of its own",
        scope=argument.scope,
    )


def _display_name(load_balancer: object) -> str:
    node = getattr(load_balancer, "node", None)
    return f"{load_balancer}" if node is None else node.path
