"""The consumer's side of Network Load Balancers: an interface endpoint in a VPC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import cast

from aws_cdk import Aws, ContextProvider, Fn, Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import check_bool, checked_resources
from .._internal.regions import checked_region, is_in
from .._internal.scopes import check_place, new_construct, path_in, told_as_ours, types_told_as_ours
from .._internal.subnets import Subnets, check_one_per_zone, checked_vpc, literal_block
from .._internal.tokens import is_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from ..provider.endpoint_service_base import IPrivateLinkEndpointService
from .service_reference import ConsumedService, consumed, is_elsewhere, select_offered


class InterfaceEndpoint(ec2.InterfaceVpcEndpoint):
    """An interface endpoint to an endpoint service, with what the service asks for.

    ::

        endpoint = InterfaceEndpoint(self, "Payments", vpc=vpc, service=service)

    It is an ``ec2.InterfaceVpcEndpoint``, with ``connections``, ``add_to_policy()`` and all.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-saas.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        service: IPrivateLinkEndpointService | str,
        port: int = 443,
        private_dns_enabled: bool | None = None,
        subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup | ec2.SecurityGroup] | None = None,
        open: bool = True,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
        dns_record_ip_type: ec2.VpcEndpointDnsRecordIpType | None = None,
        lookup_supported_azs: bool = False,
        service_region: str | None = None,
    ) -> None:
        """Connect a VPC to an endpoint service.

        A service of this app is complete, with its permissions and its private DNS name, before the
        endpoint is made.

        :param scope: The stack, or a construct in it, that this endpoint belongs to.
        :param id: The name of this construct within ``scope``.
        :param vpc: The VPC to connect.
        :param service: The service, or the name of any: literal, or known at deployment. It has to
            be behind Network Load Balancers.
        :param port: The port that the service answers on, for the security group. Default: ``443``
        :param private_dns_enabled: Whether the private DNS name of the service leads to this
            endpoint, within the VPC. EC2 allows that once the name is verified and the connection
            is accepted: where acceptance is required, deploy without it first. Default: ``True`` if
            this app has the name verified by then (with a ``hosted_zone``, or by
            ``verify_private_dns()``) and the service requires no acceptance. ``False`` otherwise.
        :param subnets: The subnets to have network interfaces in, one for each zone. Those in zones
            that the service is known not to be offered in are left out. Default: the private ones.
        :param security_groups: Who may use the endpoint. Default: a new one.
        :param open: Whether everything in the VPC may use the endpoint on that port.
            Default: ``True``
        :param ip_address_type: The kinds of IP addresses that the endpoint has. Default: IPv4
        :param dns_record_ip_type: The kinds of DNS records that the endpoint has. Default: those
            that EC2 finds fit for ``ip_address_type``.
        :param lookup_supported_azs: Whether to look up, when the app is synthesised, in which zones
            the service is offered, for a service that exists, by its literal name, in a stack with
            a known account and region. Default: ``False``
        :param service_region: The region of the service, where it is another one, like
            ``"eu-west-1"``. The service has to allow the region of the endpoint. Default: the one
            of the service or in its name, and that of the endpoint if neither is known here.
        :raises PrivateLinkValueError: What EC2 would refuse, or a place in the tree that the CDK
            refuses.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        check_place(scope, id)
        # An ``ec2.InterfaceVpcEndpoint`` makes its resources at once: all is checked before.
        path = path_in(scope, id)
        own_vpc = checked_vpc(vpc, scope=path)
        known = consumed(service, type="network", consumer=scope, scope=path)
        _check_port(port, scope=path)
        check_bool("open", open, scope=path)
        groups = _checked_groups(security_groups, scope=path)
        region = _checked_region(service_region, known, scope=path)
        elsewhere = is_elsewhere(region, scope, asked=service_region is not None)
        if private_dns_enabled is None:
            private_dns_enabled = known.offers_private_dns
        _check_private_dns(private_dns_enabled, known, vpc, scope=path)
        _check_allowed(known, elsewhere, consumer=scope, scope=path)
        peers = _checked_peers(own_vpc, ip_address_type, scope=path) if open else []
        check_bool("lookup_supported_azs", lookup_supported_azs, scope=path)
        if lookup_supported_azs:
            known = known._replace(zones=_looked_up_zones(known.name, consumer=scope, scope=path))
        chosen = select_offered(
            own_vpc, subnets, known, consumer=scope, scope=path, one_per_zone=True
        )
        check_one_per_zone(chosen, argument="subnets", consumer=scope, scope=path)
        if lookup_supported_azs:
            _check_comparable(chosen, scope=path)

        with types_told_as_ours(path), new_construct(scope, id):
            super().__init__(
                scope,
                id,
                vpc=own_vpc,
                service=cast(
                    ec2.IInterfaceVpcEndpointService,
                    ec2.InterfaceVpcEndpointService(known.name, port),
                ),
                private_dns_enabled=private_dns_enabled,
                subnets=ec2.SubnetSelection(subnets=chosen.subnets),
                security_groups=groups,
                # It would let in a block that is known at deployment: cdk-nag fears that of all.
                open=False,
                ip_address_type=ip_address_type,
                dns_record_ip_type=dns_record_ip_type,
                service_region=region if elsewhere else None,
            )
        for peer in peers:
            self.connections.allow_default_port_from(peer)
        resource = cast(ec2.CfnVPCEndpoint, self.node.default_child)
        if elsewhere is None:
            # EC2 may refuse to be told its own region.
            here = is_in(cast(str, region), self)
            told = Fn.condition_if(here.logical_id, Aws.NO_VALUE, region)
            resource.service_region = told.to_string()
        if known.usable is not None:
            resource.node.add_dependency(known.usable)


def _checked_peers(vpc: ec2.IVpc, address_type: object, *, scope: str) -> list[ec2.IPeer]:
    """Tell the addresses of everything in a VPC, of the kinds that the endpoint has."""
    kinds = ec2.VpcEndpointIpAddressType
    peers = []
    if address_type is not kinds.IPV6:
        peers.append(ec2.Peer.ipv4(_ipv4_block(vpc, scope)))
    if address_type in (kinds.IPV6, kinds.DUALSTACK):
        peers.append(ec2.Peer.ipv6(_ipv6_block(vpc, scope)))
    return peers


def _ipv4_block(vpc: ec2.IVpc, scope: str) -> str:
    """Tell the IPv4 block of a VPC, literally where that is possible."""
    fix = "import the VPC with its `vpc_cidr_block`, or pass `open=False`"
    with told_as_ours("open", fix=fix, scope=scope):
        return literal_block(vpc) or vpc.vpc_cidr_block


def _ipv6_block(vpc: ec2.IVpc, scope: str) -> str:
    blocks = vpc.vpc_ipv6_cidr_blocks if isinstance(vpc, ec2.Vpc) else []
    # A VPC has a list of them, which is known at deployment, whether it has any or not.
    if not blocks or not any(isinstance(child, ec2.CfnVPCCidrBlock) for child in vpc.node.children):
        raise PrivateLinkValueError(
            "open",
            "is for everything in the VPC, whose IPv6 block is not known here",
            got=f"`{vpc.node.path}`",
            fix="pass a dual-stack VPC of this app, or `open=False`, and say who may connect",
            scope=scope,
        )
    return Fn.select(0, blocks)


def _check_allowed(
    known: ConsumedService, elsewhere: bool | None, *, consumer: Construct, scope: str
) -> None:
    """Check that a service of this app lets in the region of the endpoint."""
    own = Stack.of(consumer).region
    if not elsewhere or known.usable is None or is_token(own):
        return
    allowed = known.allowed_regions or []
    if own not in allowed and not any(map(is_token, allowed)):
        raise PrivateLinkValueError(
            "service",
            f"does not let the region of the endpoint, {own}, connect",
            got=f"`{known.known_as}` in {known.region}",
            fix=f'make the service with `allowed_regions=["{own}"]`',
            scope=scope,
        )


def _check_port(port: object, *, scope: str) -> None:
    fix = "pass the number of a port, like `443`"
    if isinstance(port, bool) or not isinstance(port, int):
        # A number that is only known at deployment is an odd float.
        if (
            isinstance(port, float)
            and abs(port) <= sys.float_info.max
            and Token.is_unresolved(port)
        ):
            return
        raise PrivateLinkTypeError(
            "port", "takes a whole number", got=f"`{port!r}`", fix=fix, scope=scope
        )
    if not 1 <= port <= 65535:
        raise PrivateLinkValueError("port", "is none", got=f"`{port}`", fix=fix, scope=scope)


def _checked_groups(groups: object, *, scope: str) -> list[ec2.ISecurityGroup] | None:
    if groups is None:
        return None
    fix = "pass security groups of `aws_ec2`, or leave it out for a new one"
    checked = checked_resources(
        "security_groups",
        groups,
        "security_group_id",
        "add_ingress_rule",
        takes="security groups",
        fix=fix,
        scope=scope,
    )
    if not checked:
        raise PrivateLinkValueError(
            "security_groups", "is empty", got=f"`{groups!r}`", fix=fix, scope=scope
        )
    return cast(list[ec2.ISecurityGroup], checked)


def _checked_region(region: object, known: ConsumedService, *, scope: str) -> str | None:
    """Tell the region of the service, as far as it is known."""
    if region is None:
        return known.region
    checked = checked_region("service_region", region, scope=scope)
    named = known.region
    if named is not None and checked != named and not is_token(checked) and not is_token(named):
        raise PrivateLinkValueError(
            "service_region",
            "is not the region of the service",
            got=f"`{checked}` for `{known.known_as}`",
            fix=f"leave it out, or pass `{named}`",
            scope=scope,
        )
    return checked


def _check_private_dns(enabled: object, known: ConsumedService, vpc: object, *, scope: str) -> None:
    if enabled is not True:
        return
    if known.has_private_dns is False:
        raise PrivateLinkValueError(
            "private_dns_enabled",
            "is for services that have a private DNS name",
            got=f"`{known.known_as}` without one",
            fix="leave it out, or make the service with `private_dns=PrivateDns(...)`",
            scope=scope,
        )
    # Of existing VPCs it is not known.
    if isinstance(vpc, ec2.Vpc) and not (vpc.dns_hostnames_enabled and vpc.dns_support_enabled):
        raise PrivateLinkValueError(
            "private_dns_enabled",
            "needs a VPC with DNS hostnames and DNS support",
            got=f"`{vpc.node.path}` without",
            fix="make the VPC with `enable_dns_hostnames` and `enable_dns_support`, or pass "
            "`private_dns_enabled=False`",
            scope=scope,
        )


def _looked_up_zones(name: str, *, consumer: Construct, scope: str) -> list[str]:
    """Tell the zones of a service that exists, none before the CLI has looked them up.

    Not by the CDK's own endpoint: until the look-up is done, that takes the service to be in the
    zones of the stack, and refuses other subnets, which keeps the CLI from ever doing it.
    """
    _check_lookup(name, consumer=consumer, scope=scope)
    zones: list[str] = ContextProvider.get_value(
        consumer,
        provider="endpoint-service-availability-zones",
        props={"serviceName": name},
        dummy_value=[],
    ).value
    return zones


def _check_comparable(subnets: Subnets, *, scope: str) -> None:
    for subnet in subnets.subnets:
        if is_token(subnet.availability_zone):
            raise PrivateLinkValueError(
                "lookup_supported_azs",
                "needs subnets in zones that are known here",
                got=f"`{subnet.node.path}` in a zone that is known at deployment",
                fix="pass `subnets` in the zones of the service instead",
                scope=scope,
            )


def _check_lookup(name: str, *, consumer: Construct, scope: str) -> None:
    stack = Stack.of(consumer)
    for problem, value in (
        ("needs the literal name of a service", name),
        ("needs a stack with a known account", stack.account),
        ("needs a stack with a known region", stack.region),
    ):
        if is_token(value):
            raise PrivateLinkValueError(
                "lookup_supported_azs",
                problem,
                got=f"`{value}`, known at deployment",
                fix="pass `subnets` in the zones of the service instead",
                scope=scope,
            )
