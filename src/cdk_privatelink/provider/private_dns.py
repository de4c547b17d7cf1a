"""The private DNS name of an endpoint service, and the proof that it is its owner's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup, IDependable

from .._internal.arguments import is_resource
from .._internal.tokens import is_string_token
from ..custom_resources.singleton_function import StackFunction
from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .load_balancers import LoadBalancers, check_network

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53

# Lower case, up to 63 characters a label and 255 in all, with a wildcard as the first label only.
# https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN_NAME = re.compile(rf"(?=.{{1,255}}$)(\*\.)?({_LABEL}\.)+{_LABEL}", re.ASCII)

# What AWS suggests for this record.
_RECORD_SECONDS = 1800
# The longest that Lambda allows. Two attempts fit into the time that CloudFormation waits.
_FUNCTION_SECONDS = 900
_VERIFICATION_SECONDS = 1920
_FUNCTION = "PrivateLinkPrivateDnsVerification"
_POLICY_ID, _VERIFICATION_ID = "PrivateDnsPolicy", "PrivateDnsVerification"
# All policies of a role may have 10,240 characters. That of a name has some 220, and what the role
# may do besides some 500.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_NAMES = 40


class PrivateDns:
    """A domain name of yours, by which consumers reach the service from within their VPCs.

    EC2 has to see that the domain is yours before consumers can use the name: it looks for a TXT
    record in public DNS. It is checked when it is given to a construct, so that errors can name it.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
    """

    def __init__(
        self,
        domain_name: str,
        *,
        hosted_zone: route53.HostedZone | route53.IHostedZone | None = None,
    ) -> None:
        """Say which name, and where its DNS is hosted.

        :param domain_name: The name, in lower case and without a final dot, like
            ``payments.example.com``. A wildcard, like ``*.example.com``, has to be literal: the
            record of one that is only known at deployment would have the wrong name.
        :param hosted_zone: The public hosted zone that the name lies in. The TXT record is then
            published in it, and the deployment waits until EC2 has verified the name. Default:
            DNS is hosted elsewhere. Publish ``service.domain_verification_name`` with
            ``service.domain_verification_value`` there, then call ``service.verify_private_dns()``.
        """
        self._domain_name = domain_name
        self._hosted_zone = hosted_zone

    @property
    def domain_name(self) -> str:
        """The name."""
        return self._domain_name

    @property
    def hosted_zone(self) -> route53.HostedZone | route53.IHostedZone | None:
        """The public hosted zone that it lies in, if DNS is hosted in one."""
        return self._hosted_zone


def check_private_dns(
    private_dns: object, *, load_balancers: LoadBalancers, stack: Stack, scope: Construct
) -> None:
    """Check the name and its zone, if there are any.

    :raises PrivateLinkTypeError: It is no ``PrivateDns``, or what is in it has another type.
    :raises PrivateLinkValueError: A gateway service, a name that EC2 does not take, or a zone that
        the name is not in.
    """
    if private_dns is None:
        return
    check_network("private_dns", load_balancers, scope=scope)
    if not isinstance(private_dns, PrivateDns):
        raise PrivateLinkTypeError(
            "private_dns",
            "takes a `PrivateDns`",
            got=f"`{private_dns!r}`",
            fix='pass `PrivateDns("<name>", hosted_zone=...)`',
            scope=scope,
        )
    _check_domain_name(private_dns.domain_name, scope)
    if private_dns.hosted_zone is not None:
        _check_hosted_zone(private_dns.domain_name, private_dns.hosted_zone, scope)
        check_room(stack, scope=scope)


def check_room(stack: Stack, *, scope: Construct) -> None:
    """Check that the function of the stack can be allowed to verify one more name.

    :raises PrivateLinkValueError: It cannot.
    """
    function = StackFunction.find(stack, _FUNCTION, scope=scope)
    if function is not None and function.allowed >= _MOST_NAMES:
        raise PrivateLinkValueError(
            "private_dns",
            "is one too many for one stack, where a single IAM role has to be allowed to verify "
            "each name",
            got=f"{_MOST_NAMES} that are verified already",
            fix="put the service into another stack",
            scope=scope,
        )


def check_dependables(after: Sequence[object], *, scope: Construct) -> None:
    """Check that each is something to wait for.

    :raises PrivateLinkTypeError: Something is not.
    """
    for item in after:
        # Imported constructs are proxies of no class of their own.
        if not isinstance(item, DependencyGroup) and not is_resource(item):
            raise PrivateLinkTypeError(
                "after",
                "takes constructs",
                got=f"`{item!r}`",
                fix="pass what publishes the record, each construct as an argument of its own",
                scope=scope,
            )


def check_verification_ids(scope: Construct) -> None:
    """Check that nothing else has the ids of what verifies the name.

    :raises PrivateLinkValueError: Something has.
    """
    for taken in (_POLICY_ID, _VERIFICATION_ID):
        if scope.node.try_find_child(taken) is not None:
            raise PrivateLinkValueError(
                "verify_private_dns",
                "needs an id that is taken",
                got=f"`{taken}`",
                fix="give that construct another id",
                scope=scope,
            )


def set_name(service: ec2.CfnVPCEndpointService, private_dns: PrivateDns) -> None:
    """Give the service its name, in a way that older releases of aws-cdk-lib know too."""
    service.add_property_override("PrivateDnsName", private_dns.domain_name)


def record_name(service: ec2.CfnVPCEndpointService, domain_name: str) -> str:
    """Tell the whole name of the TXT record that EC2 looks for."""
    # A wildcard is only one as the first label. Its parent stands for it: EC2 takes the proof of a
    # domain for all names in it.
    parent = domain_name.removeprefix("*.")
    return f"{_proof(service, 'Name')}.{parent}"


def record_value(service: ec2.CfnVPCEndpointService) -> str:
    """Tell the value of the TXT record that EC2 looks for."""
    return _proof(service, "Value")


def publish_record(
    scope: Construct, service: ec2.CfnVPCEndpointService, private_dns: PrivateDns
) -> route53.CfnRecordSet:
    """Publish the TXT record that EC2 looks for."""
    from aws_cdk import aws_route53 as route53

    hosted_zone = cast(route53.IHostedZone, private_dns.hosted_zone)
    # An L1, since the L2 needs to know the name of the zone, which imports by id do not.
    return route53.CfnRecordSet(
        scope,
        "PrivateDnsRecord",
        hosted_zone_id=hosted_zone.hosted_zone_id,
        name=record_name(service, private_dns.domain_name),
        type="TXT",
        ttl=str(_RECORD_SECONDS),
        resource_records=[f'"{record_value(service)}"'],
    )


def await_verification(
    scope: Construct,
    *,
    stack: Stack,
    service_id: str,
    service_arn: str,
    domain_name: str,
    after: Sequence[IDependable],
) -> CustomResource:
    """Start the verification when the stack is deployed, and wait for it to end well."""
    function = StackFunction.of(
        stack,
        _FUNCTION,
        handler="verify_private_dns",
        description="Verifies private DNS names of VPC endpoint services for CloudFormation",
        timeout_seconds=_FUNCTION_SECONDS,
        scope=scope,
    )
    policy = function.allow(
        scope,
        _POLICY_ID,
        action="ec2:StartVpcEndpointServicePrivateDnsVerification",
        resource=service_arn,
    )
    verification = CustomResource(
        scope,
        _VERIFICATION_ID,
        resource_type="Custom::PrivateLinkPrivateDnsVerification",
        service_token=function.arn,
        service_timeout=Duration.seconds(_VERIFICATION_SECONDS),
        # A changed name is an update, and so verified anew.
        properties={"ServiceId": service_id, "DomainName": domain_name},
    )
    verification.node.add_dependency(policy, *after)
    return verification


def _proof(service: ec2.CfnVPCEndpointService, part: str) -> str:
    return service.get_att(f"PrivateDnsNameConfiguration.{part}").to_string()


def _check_domain_name(domain_name: object, scope: Construct) -> None:
    if not isinstance(domain_name, str):
        raise PrivateLinkTypeError(
            "private_dns",
            "has a domain name that is not a string",
            got=f"`{domain_name!r}`",
            fix="pass a name like `payments.example.com`",
            scope=scope,
        )
    if not is_string_token(domain_name) and not _DOMAIN_NAME.fullmatch(domain_name):
        raise PrivateLinkValueError(
            "private_dns",
            "has a domain name that EC2 does not accept",
            got=f"`{domain_name}`",
            fix="pass a name in lower case and without a final dot, like `payments.example.com` or "
            "`*.example.com`, of at most 255 characters with 63 between two dots",
            scope=scope,
        )


def _check_hosted_zone(domain_name: str, hosted_zone: object, scope: Construct) -> None:
    if not is_resource(hosted_zone, "hosted_zone_id", "hosted_zone_arn"):
        raise PrivateLinkTypeError(
            "private_dns",
            "has something that is not a hosted zone",
            got=f"`{hosted_zone!r}`",
            fix="pass a public hosted zone of `aws_route53`, or leave it out",
            scope=scope,
        )
    if _is_private(hosted_zone):
        raise PrivateLinkValueError(
            "private_dns",
            "has a hosted zone that the public cannot see",
            got="a private hosted zone",
            fix="pass the public hosted zone of the domain, where EC2 can find the TXT record",
            scope=scope,
        )
    zone_name = _zone_name(cast("route53.IHostedZone", hosted_zone))
    if zone_name is None or is_string_token(zone_name) or is_string_token(domain_name):
        return
    if not f".{domain_name}".endswith(f".{zone_name.lower().rstrip('.')}"):
        raise PrivateLinkValueError(
            "private_dns",
            "has a hosted zone that the name does not lie in",
            got=f"`{domain_name}` and the zone `{zone_name}`",
            fix="pass the public hosted zone of that domain",
            scope=scope,
        )


def _is_private(hosted_zone: object) -> bool:
    """Whether it is a zone of this app that is only there for some VPCs."""
    from aws_cdk import aws_route53 as route53

    if not isinstance(hosted_zone, Construct):
        return False
    zone = hosted_zone.node.default_child
    return isinstance(zone, route53.CfnHostedZone) and bool(Stack.of(zone).resolve(zone.vpcs))


def _zone_name(hosted_zone: route53.IHostedZone) -> str | None:
    try:
        return hosted_zone.zone_name
    except RuntimeError:
        # A zone that was imported by its id alone does not know its name, and says so.
        return None
