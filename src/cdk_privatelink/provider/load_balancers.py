"""Which load balancers stand behind an endpoint service: network or gateway, never mixed."""

from __future__ import annotations

import re
from typing import Literal, Protocol

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .._internal.stack_cache import StackFacts
from .._internal.tokens import check_list_tokens, is_list_token, is_token
from ..appliances.gateway_load_balancer import GatewayLoadBalancer
from ..errors import PrivateLinkTypeError, PrivateLinkValueError

LoadBalancerType = Literal["network", "gateway"]

_ARN = re.compile(
    r"arn:[^:\s]+:elasticloadbalancing:(?P<region>[^:\s]+):[^:\s]+"
    r":loadbalancer/(?P<type>[^/\s]+)/[^/\s]+/[^/\s]+"
)
_TYPES = {"net": "network", "gwy": "gateway", "app": "application"}
# Until its context is filled, `from_lookup` gives one and the same placeholder for every load
# balancer, which spells the type out. Refusing it would keep the CLI from ever looking it up.
_PLACEHOLDER = re.compile(r".*:loadbalancer/(network|application)/.*")


class IGatewayLoadBalancer(Protocol):
    """Any construct that makes a Gateway Load Balancer.

    ``GatewayLoadBalancer`` is one.
    """

    @property
    def load_balancer_arn(self) -> str:
        """The ARN of the load balancer."""
        ...

    @property
    def load_balancer_type(self) -> str:
        """``"gateway"``, which tells it from other load balancers."""
        ...


class LoadBalancers:
    """The load balancers behind an endpoint service.

    Made by :meth:`network` or :meth:`gateway`; one service cannot have both. They are checked when
    they are given to a construct, so that errors can name it.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
    """

    def __init__(self, load_balancer_type: LoadBalancerType, *load_balancers: object) -> None:
        """Not for direct use: call :meth:`network` or :meth:`gateway`."""
        self._type: LoadBalancerType = load_balancer_type
        self._load_balancers = load_balancers

    @classmethod
    def network(
        cls,
        *load_balancers: elbv2.NetworkLoadBalancer
        | elbv2.INetworkLoadBalancer
        | elbv2.CfnLoadBalancer
        | str,
    ) -> LoadBalancers:
        """Network Load Balancers: consumers connect through interface endpoints.

        :param load_balancers: One or more: ``elbv2.NetworkLoadBalancer``, imported ones,
            ``elbv2.CfnLoadBalancer`` of type ``network``, or ARNs, literal or token. They must be
            in the region of the service, which is offered in the zones that they have together.
        """
        return cls("network", *load_balancers)

    @classmethod
    def gateway(
        cls, *load_balancers: IGatewayLoadBalancer | elbv2.CfnLoadBalancer | str
    ) -> LoadBalancers:
        """Gateway Load Balancers: consumers route traffic to Gateway Load Balancer endpoints.

        :param load_balancers: One or more: constructs with a ``load_balancer_arn`` and the
            ``load_balancer_type`` ``"gateway"``, ``elbv2.CfnLoadBalancer`` of type ``gateway``, or
            ARNs, literal or token. ``GatewayLoadBalancer`` is such a construct. They must be in the
            region of the service, which is offered in the zones that they have together.
        """
        return cls("gateway", *load_balancers)

    @property
    def load_balancer_type(self) -> LoadBalancerType:
        """``"network"`` or ``"gateway"``."""
        return self._type


def checked_arns(load_balancers: object, *, stack: Stack, scope: Construct) -> list[str]:
    """Check the load balancers and return their ARNs in the order given.

    :param stack: That of the service, whose region has to be theirs.

    :raises PrivateLinkTypeError: Something is neither a load balancer nor an ARN.
    :raises PrivateLinkValueError: None at all, a duplicate, or one of another type.
    """
    if not isinstance(load_balancers, LoadBalancers):
        raise PrivateLinkTypeError(
            "load_balancers",
            "takes `LoadBalancers`",
            got=f"`{load_balancers!r}`",
            fix="wrap it in `LoadBalancers.network()` or `LoadBalancers.gateway()`",
            scope=scope,
        )
    kind = load_balancers.load_balancer_type
    arns = [_checked_arn(item, kind, stack, scope) for item in load_balancers._load_balancers]
    if not arns:
        raise PrivateLinkValueError(
            "load_balancers",
            "is empty",
            got=f"`LoadBalancers.{kind}()`",
            fix="pass one load balancer or more",
            scope=scope,
        )
    check_list_tokens("load_balancers", arns, scope=scope)
    for index, arn in enumerate(arns):
        first = arns.index(arn)
        if first != index and not _PLACEHOLDER.fullmatch(arn):
            raise PrivateLinkValueError(
                "load_balancers",
                "names a load balancer twice",
                got=f"the same one as number {first + 1} and number {index + 1}",
                fix="pass each load balancer once",
                scope=scope,
            )
    return arns


def _zones(load_balancer: object) -> list[str] | None:
    if isinstance(load_balancer, GatewayLoadBalancer):
        return load_balancer.availability_zones
    vpc = load_balancer.vpc if isinstance(load_balancer, elbv2.NetworkLoadBalancer) else None
    zones = [] if vpc is None else vpc.availability_zones
    return None if any(is_list_token(zone) for zone in zones) else zones or None


def check_network(argument: str, load_balancers: LoadBalancers, *, scope: Construct) -> None:
    """Check that consumers connect through interface endpoints.

    :raises PrivateLinkValueError: They route to Gateway Load Balancer endpoints.
    """
    if load_balancers.load_balancer_type != "network":
        raise PrivateLinkValueError(
            argument,
            "is not supported by EC2 for Gateway Load Balancers",
            got="`LoadBalancers.gateway()`",
            fix="leave it out, or put the service behind Network Load Balancers",
            scope=scope,
        )


def zones_of(load_balancers: LoadBalancers) -> list[list[str] | None]:
    """Tell the zones of each load balancer, ``None`` where that is not known here."""
    return [_zones(item) for item in load_balancers._load_balancers]


def first_without_ipv6(load_balancers: LoadBalancers) -> Construct | None:
    """Find a load balancer that is known here to answer no connections over IPv6."""
    return next(
        (
            item
            for item in load_balancers._load_balancers
            # Imported load balancers and ARNs do not tell.
            if isinstance(
                item, (elbv2.NetworkLoadBalancer, elbv2.CfnLoadBalancer, GatewayLoadBalancer)
            )
            and item.ip_address_type in (None, elbv2.IpAddressType.IPV4, "ipv4")
        ),
        None,
    )


def _checked_arn(
    load_balancer: object, expected: LoadBalancerType, stack: Stack, scope: Construct
) -> str:
    if isinstance(load_balancer, Construct):
        its = StackFacts.of(Stack.of(load_balancer)).region
        _check_region(its, load_balancer, stack, scope)
    if isinstance(load_balancer, elbv2.CfnLoadBalancer):
        # CloudFormation makes an Application Load Balancer where the type is left out.
        found = load_balancer.type or "application"
        if found != expected and not is_token(found):
            raise _wrong_type(found, f"load balancer `{load_balancer.node.path}`", scope)
        return load_balancer.ref
    if isinstance(load_balancer, elbv2.ApplicationLoadBalancer):
        raise _wrong_type("application", f"load balancer `{load_balancer.node.path}`", scope)
    if isinstance(load_balancer, elbv2.NetworkLoadBalancer) and expected == "gateway":
        raise _wrong_type("network", f"load balancer `{load_balancer.node.path}`", scope)
    # An imported load balancer is a proxy of no class of its own: only its ARN tells its type.
    arn = getattr(load_balancer, "load_balancer_arn", load_balancer)
    if not isinstance(arn, str):
        raise PrivateLinkTypeError(
            "load_balancers",
            "has something that is neither a load balancer nor an ARN",
            got=f"`{load_balancer!r}`",
            fix="pass load balancers of `aws_elasticloadbalancingv2` or their ARNs, each as an "
            "argument of its own; `*` unpacks a list",
            scope=scope,
        )
    declared = getattr(load_balancer, "load_balancer_type", expected)
    if declared != expected and declared in _TYPES.values():
        raise _wrong_type(declared, f"load balancer `{arn}`", scope)
    return _checked_literal(arn, expected, stack, scope)


def _checked_literal(arn: str, expected: LoadBalancerType, stack: Stack, scope: Construct) -> str:
    match = _ARN.fullmatch(arn)
    found = _TYPES.get(match["type"]) if match else None
    if match is None or found is None:
        if is_token(arn) or _PLACEHOLDER.fullmatch(arn):
            return arn
        raise PrivateLinkValueError(
            "load_balancers",
            "has something that is not the ARN of a load balancer",
            got=f"`{arn}`",
            fix="pass `arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/"
            f"{'net' if expected == 'network' else 'gwy'}/<name>/<id>`",
            scope=scope,
        )
    if found != expected:
        raise _wrong_type(found, f"ARN `{arn}`", scope)
    _check_region(match["region"], arn, stack, scope)
    return arn


def _check_region(
    region: str, load_balancer: Construct | str, stack: Stack, scope: Construct
) -> None:
    own = StackFacts.of(stack).region
    if region != own and not is_token(region) and not is_token(own):
        known_as = load_balancer if isinstance(load_balancer, str) else load_balancer.node.path
        raise PrivateLinkValueError(
            "load_balancers",
            "has a load balancer of another region than the service's",
            got=f"`{known_as}`",
            fix=f"pass one of {own}",
            scope=scope,
        )


def _wrong_type(found: str, load_balancer: str, scope: Construct) -> PrivateLinkValueError:
    if found not in ("network", "gateway"):
        return PrivateLinkValueError(
            "load_balancers",
            "has a load balancer that cannot host an endpoint service",
            got=f"{found} {load_balancer}",
            fix="put a Network Load Balancer in front of it and pass that one",
            scope=scope,
        )
    other = "gateway" if found == "network" else "network"
    return PrivateLinkValueError(
        "load_balancers",
        f"has a {found} load balancer in `LoadBalancers.{other}()`",
        got=f"{found} {load_balancer}",
        fix=f"pass it to `LoadBalancers.{found}()`, to a service of its own",
        scope=scope,
    )
