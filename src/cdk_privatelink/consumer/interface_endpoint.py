"""An interface endpoint to a service with Network Load Balancers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, cast

from aws_cdk import Aws, ContextProvider, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._internal.arguments import (
    Argument,
    Arguments,
    Rule,
    boolean,
    cdk_object,
    list_of,
    optional,
)
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.regions import REGION, region_condition
from .._internal.scopes import (
    checked_construction,
    child_path,
    translate_cdk_errors,
    validate_placement,
)
from .._internal.subnets import (
    VPC,
    SelectedSubnets,
    literal_cidr_block,
    validate_ipv6,
    validate_one_per_zone,
)
from .._internal.tokens import is_literal
from ..errors import PrivateLinkValueError
from ..provider.interface import IPrivateLinkEndpointService
from ..provider.service_reference import ServiceReference
from .acceptance import add_acceptance, validate_acceptance
from .address_types import validate_address_type, validate_record_type
from .permissions import warn_of_missing_principal
from .ports import PORTS, default_tcp_port, resolve_ports, to_port, warn_of_unused_ports
from .private_dns import register_private_dns, resolve_private_dns_enabled
from .service_resolution import is_cross_region, resolve_service, select_supported_subnets

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam

_SECURITY_GROUP: Rule[ec2.ISecurityGroup] = cdk_object(
    "node",
    "security_group_id",
    "add_ingress_rule",
    problem="must be a security group",
    fix="pass security groups of `aws_ec2`, or leave it out for a new security group",
)


class InterfaceEndpoint(ec2.InterfaceVpcEndpoint):
    """An interface endpoint that follows the properties of its endpoint service.

    ::

        endpoint = InterfaceEndpoint(self, "Payments", vpc=vpc, service=service)

    It is an ``ec2.InterfaceVpcEndpoint``, with ``connections`` and all other members. Only
    ``add_to_policy()`` raises an error, because EC2 accepts no policy for these endpoints.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-saas.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | ec2.Vpc,
        service: IPrivateLinkEndpointService | ec2.VpcEndpointService | str,
        ports: Sequence[int | ec2.Port] | None = None,
        private_dns_enabled: bool | None = None,
        subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup | ec2.SecurityGroup] | None = None,
        open: bool = True,
        ip_address_type: ec2.VpcEndpointIpAddressType | None = None,
        dns_record_ip_type: ec2.VpcEndpointDnsRecordIpType | None = None,
        lookup_supported_azs: bool = False,
        service_region: str | None = None,
        auto_accept: bool = False,
    ) -> None:
        """Connect a VPC to an endpoint service.

        For a service defined in the same app, CloudFormation creates the endpoint after the
        permissions of the service and the verification of its private DNS name.

        :param scope: The stack, or a construct in the stack, that contains this endpoint.
        :param id: The id of this construct in ``scope``.
        :param vpc: The VPC to connect.
        :param service: The service, a service of aws-cdk-lib in the same app, or the name of an
            endpoint service as a string or token. The service must have Network Load Balancers.
        :param ports: The ports that the security groups admit, like ``[443, ec2.Port.udp(53)]``.
            Numbers are TCP ports. ``endpoint.connections`` has one default port: the first TCP port
            number, or 443 without any. Default: the ports on which load balancers that are defined
            in the same app listen so far, otherwise ``[443]``
        :param private_dns_enabled: ``True`` to resolve the private DNS name of the service to this
            endpoint in the VPC. EC2 allows this after the verification of the name and the
            acceptance of the connection: if the service requires acceptance, use
            ``auto_accept``, or deploy without the name first. Default: ``True`` if the service is
            defined in the same app, verifies its name (with a ``hosted_zone``, or with
            ``verify_private_dns()``), and requires no acceptance or ``auto_accept`` is ``True``.
            Otherwise ``False``.
        :param subnets: The subnets for the network interfaces, one per Availability Zone. Subnets
            in zones in which the service is certainly not available are left out. Default: the
            private subnets.
        :param security_groups: The security groups of the endpoint. Default: a new security group.
        :param open: ``True`` to let the security groups admit the whole VPC on the ports. Default:
            ``True``
        :param ip_address_type: The IP address types of the endpoint. Default: IPv4
        :param dns_record_ip_type: The DNS record types of the endpoint. Default: EC2 derives the
            types from ``ip_address_type``.
        :param lookup_supported_azs: ``True`` to look up the Availability Zones of the service with
            the CDK CLI at synthesis. It requires an existing service, passed by its literal name,
            and a stack with a literal account and Region. Default: ``False``
        :param service_region: The Region of the service, like ``"eu-west-1"``, if it is another
            one. The service must allow the Region of the endpoint. Default: the Region of the
            service or in its name, or the Region of the endpoint if the name is a token.
        :param auto_accept: ``True`` to accept the connection in the same deployment, for a service
            in the same account that requires acceptance. CloudFormation waits until the endpoint
            is available, and its private DNS name is enabled after that. What depends on this
            construct waits, too. Default: ``False``
        :raises PrivateLinkValueError: EC2 would reject a value, or the CDK rejects ``scope`` or
            ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        validate_placement(scope, id)
        # The constructor of the CDK creates all resources, so all checks come before it.
        path = child_path(scope, id)
        check = Arguments(path)
        checked_vpc = check("vpc", vpc, VPC)
        reference = resolve_service(
            Argument("service", path), service, type="network", consumer=scope
        )
        endpoint_ports = resolve_ports(check("ports", ports, PORTS), reference)
        check("open", open, boolean)
        groups = check("security_groups", security_groups, optional(list_of(_SECURITY_GROUP)))
        check("service_region", service_region, optional(REGION))
        region = _resolve_region(service_region, reference, path)
        cross_region = is_cross_region(region, scope, is_explicit=service_region is not None)
        check("auto_accept", auto_accept, boolean)
        if auto_accept:
            validate_acceptance(Argument("auto_accept", path), reference, consumer=scope)
        has_private_dns = resolve_private_dns_enabled(
            check, private_dns_enabled, reference, checked_vpc, auto_accept=auto_accept
        )
        address_types = validate_address_type(check, ip_address_type, reference)
        validate_record_type(check, dns_record_ip_type, address_types=address_types)
        if cross_region:
            _validate_allowed_region(reference, consumer=scope, path=path)
        peers = _resolve_peers(checked_vpc, address_types, path) if open else []
        check("lookup_supported_azs", lookup_supported_azs, boolean)
        if lookup_supported_azs:
            if cross_region:
                # The CLI queries the Region of the endpoint, where EC2 does not find the service.
                raise Argument("lookup_supported_azs", path).value_error(
                    "must be used with a service in the Region of the endpoint",
                    got=region,
                    fix="leave it out: endpoints to another Region can be in any zone",
                )
            reference = reference._replace(
                availability_zones=_look_up_zones(reference.name, consumer=scope, path=path)
            )
        argument = Argument("subnets", path)
        selected = select_supported_subnets(
            argument, checked_vpc, subnets, reference, consumer=scope, one_per_zone=True
        )
        validate_one_per_zone(argument, selected, consumer=scope)
        if lookup_supported_azs:
            _require_literal_zones(selected, path)

        with checked_construction(scope, id):
            super().__init__(
                scope,
                id,
                vpc=checked_vpc,
                service=cast(
                    ec2.IInterfaceVpcEndpointService,
                    ec2.InterfaceVpcEndpointService(
                        reference.name, default_tcp_port(endpoint_ports)
                    ),
                ),
                private_dns_enabled=has_private_dns and not auto_accept,
                subnets=ec2.SubnetSelection(subnets=selected.subnets),
                security_groups=groups,
                # The CDK would admit a CIDR block that is a token. cdk-nag takes a token for an
                # open security group.
                open=False,
                ip_address_type=ip_address_type,
                dns_record_ip_type=dns_record_ip_type,
                service_region=region if cross_region else None,
            )
        for peer in peers:
            for port in endpoint_ports:
                self.connections.allow_from(peer, to_port(port))
        resource = cast(ec2.CfnVPCEndpoint, self.node.default_child)
        if open:
            add_final_check(resource, lambda: warn_of_unused_ports(self, endpoint_ports, reference))
        add_final_check(resource, lambda: warn_of_missing_principal(self, reference))
        if has_private_dns:
            register_private_dns(self, reference, checked_vpc, auto_accept=auto_accept)
        if "ipv6" in address_types:
            argument = Argument("ip_address_type", self)
            add_final_validation(self, lambda: validate_ipv6(argument, checked_vpc))
        if cross_region is None:
            # EC2 may reject the Region of the endpoint itself as the Region of the service.
            same_region = region_condition(cast(str, region), self)
            value = Fn.condition_if(same_region.logical_id, Aws.NO_VALUE, region)
            resource.service_region = value.to_string()
        if reference.ready is not None:
            resource.node.add_dependency(reference.ready)
        if auto_accept:
            add_acceptance(
                self,
                [resource],
                reference,
                service_region=None if cross_region is False else region,
                private_dns_vpc=checked_vpc if has_private_dns else None,
            )
            if has_private_dns:
                # With the value of the CDK, CloudFormation would switch the name off again.
                resource.add_property_deletion_override("PrivateDnsEnabled")

    def add_to_policy(self, statement: iam.PolicyStatement) -> NoReturn:
        """Raise an error: EC2 accepts policies for endpoints to AWS services only.

        :param statement: Not used.
        :raises PrivateLinkValueError: Always.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        raise PrivateLinkValueError(
            "add_to_policy",
            "must not be called for an endpoint to an endpoint service, for which EC2 accepts full "
            "access only",
            got=f"`{statement.to_json()}`",
            fix="restrict the access with security groups",
            scope=self,
        )


def _resolve_region(
    service_region: str | None, reference: ServiceReference, path: str
) -> str | None:
    """Return the Region of the service, or ``None`` if it is unknown."""
    known = reference.region
    if service_region is None or known is None or service_region == known:
        return service_region or known
    if is_literal(service_region) and is_literal(known):
        raise PrivateLinkValueError(
            "service_region",
            "must be the Region of the service",
            got=f"`{service_region}` for `{reference.display_name}`",
            fix=f"leave it out, or pass `{known}`",
            scope=path,
        )
    return service_region


def _validate_allowed_region(
    reference: ServiceReference, *, consumer: Construct, path: str
) -> None:
    """Check that a service defined in the same app allows the Region of the endpoint."""
    region = Stack.of(consumer).region
    if reference.ready is None or not is_literal(region):
        return
    allowed = reference.allowed_regions or []
    if region not in allowed and all(map(is_literal, allowed)):
        raise PrivateLinkValueError(
            "service",
            f"must allow connections from {region}, the Region of the endpoint",
            got=f"`{reference.display_name}` in {reference.region}",
            fix=f'pass `allowed_regions=["{region}"]` to the service',
            scope=path,
        )


def _resolve_peers(vpc: ec2.IVpc, address_types: set[str], path: str) -> list[ec2.IPeer]:
    """Return the CIDR blocks of a VPC, for the address types of the endpoint."""
    peers = []
    if "ipv4" in address_types:
        peers.append(ec2.Peer.ipv4(_ipv4_block(vpc, path)))
    if "ipv6" in address_types:
        peers.append(ec2.Peer.ipv6(_ipv6_block(vpc, path)))
    return peers


def _ipv4_block(vpc: ec2.IVpc, path: str) -> str:
    """Return the IPv4 CIDR block of a VPC, as a literal if possible."""
    with translate_cdk_errors(
        Argument("vpc", path),
        "must have a known IPv4 CIDR block, which the security group admits",
        got=lambda: f"`{vpc.node.path}`",
        fix="import the VPC with its `vpc_cidr_block`, or pass `open=False`",
    ):
        return literal_cidr_block(vpc) or vpc.vpc_cidr_block


def _ipv6_block(vpc: ec2.IVpc, path: str) -> str:
    blocks = vpc.vpc_ipv6_cidr_blocks if isinstance(vpc, ec2.Vpc) else []
    # The list is a token even if the VPC has no IPv6 CIDR block.
    if not blocks or not any(isinstance(child, ec2.CfnVPCCidrBlock) for child in vpc.node.children):
        raise PrivateLinkValueError(
            "vpc",
            "must have a known IPv6 CIDR block, which the security group admits",
            got=f"`{vpc.node.path}`",
            fix="pass a dual-stack VPC of the same app, or pass `open=False` and add the rules of "
            "the security group yourself",
            scope=path,
        )
    return Fn.select(0, blocks)


def _look_up_zones(name: str, *, consumer: Construct, path: str) -> list[str]:
    """Return the zones of an existing service, or an empty list until the CLI has the result.

    The endpoint of the CDK has the same option, and raises an error before the first lookup if a
    subnet is not in the zones of the stack. The error would keep the CLI from the lookup.
    """
    stack = Stack.of(consumer)
    for expected, value in (
        ("the literal name of a service", name),
        ("a stack with a literal account", stack.account),
        ("a stack with a literal Region", stack.region),
    ):
        if not is_literal(value):
            raise Argument("lookup_supported_azs", path).value_error(
                f"must be used with {expected}",
                got=value,
                fix="pass `subnets` in the zones of the service instead",
            )
    zones: list[str] = ContextProvider.get_value(
        consumer,
        provider="endpoint-service-availability-zones",
        props={"serviceName": name},
        dummy_value=[],
    ).value
    return zones


def _require_literal_zones(selected: SelectedSubnets, path: str) -> None:
    for subnet in selected.subnets:
        if not is_literal(subnet.availability_zone):
            raise Argument("lookup_supported_azs", path).value_error(
                "must be used with subnets in literal Availability Zones",
                got=subnet.node.path,
                fix="pass `subnets` in the zones of the service instead",
            )
