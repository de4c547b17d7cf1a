"""Which load balancers stand behind an endpoint service: network or gateway, never mixed."""

from __future__ import annotations

import re
from typing import Literal

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .tokens import check_list_tokens, is_token

LoadBalancerType = Literal["network", "gateway"]

_ARN = re.compile(
    r"arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:loadbalancer/(?P<type>[^/]+)/[^/]+/[^/]+"
)

# ARNs carry the short form. The long form stands in the placeholder that `from_lookup` gives
# until the context has been filled; refusing it would break the first synthesis.
_TYPE_IN_ARN = {
    "net": "network",
    "network": "network",
    "gwy": "gateway",
    "gateway": "gateway",
    "app": "application",
    "application": "application",
}


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
    def gateway(cls, *load_balancers: elbv2.CfnLoadBalancer | str) -> LoadBalancers:
        """Gateway Load Balancers: consumers route traffic to Gateway Load Balancer endpoints.

        :param load_balancers: One or more: ``elbv2.CfnLoadBalancer`` of type ``gateway``, or ARNs,
            literal or token. They must be in the region of the service, which is offered in the
            zones that they have together.
        """
        return cls("gateway", *load_balancers)

    @property
    def load_balancer_type(self) -> LoadBalancerType:
        """``"network"`` or ``"gateway"``."""
        return self._type


def checked_arns(load_balancers: object, *, scope: Construct) -> list[str]:
    """Check the load balancers and return their ARNs in the order given.

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
    arns = [_checked_arn(item, kind, scope) for item in load_balancers._load_balancers]
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
        if arn in arns[:index]:
            raise PrivateLinkValueError(
                "load_balancers",
                "names a load balancer twice",
                got=f"`{arn}`",
                fix="pass each load balancer once",
                scope=scope,
            )
    return arns


def _checked_arn(load_balancer: object, expected: LoadBalancerType, scope: Construct) -> str:
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
            fix="pass load balancers of `aws_elasticloadbalancingv2` or their ARNs",
            scope=scope,
        )
    return _checked_literal(arn, expected, scope)


def _checked_literal(arn: str, expected: LoadBalancerType, scope: Construct) -> str:
    match = _ARN.fullmatch(arn)
    found = _TYPE_IN_ARN.get(match["type"]) if match else None
    if found == expected or (found is None and is_token(arn)):
        return arn
    if found is not None:
        raise _wrong_type(found, f"ARN `{arn}`", scope)
    raise PrivateLinkValueError(
        "load_balancers",
        "has something that is not the ARN of a load balancer",
        got=f"`{arn}`",
        fix="pass `arn:<partition>:elasticloadbalancing:<region>:<account>:loadbalancer/"
        f"{'net' if expected == 'network' else 'gwy'}/<name>/<id>`",
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
    return PrivateLinkValueError(
        "load_balancers",
        "mixes network and gateway load balancers",
        got=f"{found} {load_balancer}",
        fix=f"pass {found} load balancers to `LoadBalancers.{found}()`",
        scope=scope,
    )
