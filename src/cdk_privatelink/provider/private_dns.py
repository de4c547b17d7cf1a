"""The private DNS name of an endpoint service, and the verification of its domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup, IDependable

from .._internal.arguments import (
    Argument,
    Arguments,
    Rule,
    cdk_object,
    instance_of,
    matching,
    optional,
)
from .._internal.scopes import taken_id
from .._internal.tokens import is_cdk_object, is_literal
from ..custom_resources.custom_resource_function import (
    LONG_SERVICE_TIMEOUT_SECONDS,
    VERIFICATION_TYPE,
    CustomResourceFunction,
    validate_permissions,
)
from .lifecycle import Lifecycle
from .load_balancers import LoadBalancers, require_network

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53

    from .endpoint_service_base import EndpointServiceBase

# Lower case, up to 63 characters per label and 255 in total, a wildcard as the first label only.
# https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN_NAME = matching(
    re.compile(rf"(?=.{{1,255}}$)(\*\.)?({_LABEL}\.)+{_LABEL}", re.ASCII),
    problem="must be a domain name that EC2 accepts",
    fix="pass a name in lower case without a final dot, like `payments.example.com` or "
    "`*.example.com`, of at most 255 characters with at most 63 between two dots",
)
HOSTED_ZONE: Rule[route53.IHostedZone] = cdk_object(
    "node",
    "hosted_zone_id",
    "hosted_zone_arn",
    problem="must be a hosted zone",
    fix="pass a public hosted zone of `aws_route53`, or leave it out",
)

# AWS suggests this value for the record.
_RECORD_TTL_SECONDS = 1800
_PRIVATE_ZONE = "aws-cdk-lib.aws_route53.IPrivateHostedZone"
_VERIFICATION_ID = "PrivateDnsVerification"
_ACTION = "ec2:StartVpcEndpointServicePrivateDnsVerification"


class PrivateDns:
    """A domain name of yours, under which consumers reach the service from within their VPCs.

    Consumers can use the name when EC2 has verified that you own the domain: EC2 looks for a TXT
    record in public DNS. The construct that receives the name validates it, so that errors can name
    the construct.

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
    """

    def __init__(
        self,
        domain_name: str,
        *,
        hosted_zone: route53.HostedZone | route53.IHostedZone | None = None,
    ) -> None:
        """Define the name and where its DNS is hosted.

        :param domain_name: The name, in lower case and without a final dot, like
            ``payments.example.com``. A wildcard, like ``*.example.com``, must not be a token: its
            verification record would have a wrong name.
        :param hosted_zone: The public hosted zone of the domain. The service then publishes the TXT
            record in the zone, and the deployment waits until EC2 has verified the name. Default:
            no zone. Publish ``service.domain_verification_name`` with
            ``service.domain_verification_value``, then call ``service.verify_private_dns()``.
        """
        self._domain_name = domain_name
        self._hosted_zone = hosted_zone

    @property
    def domain_name(self) -> str:
        """The domain name."""
        return self._domain_name

    @property
    def hosted_zone(self) -> route53.HostedZone | route53.IHostedZone | None:
        """The public hosted zone of the domain, if the service publishes its record there."""
        return self._hosted_zone


PRIVATE_DNS = instance_of(
    PrivateDns, problem="must be a `PrivateDns`", fix='pass `PrivateDns("<name>", hosted_zone=...)`'
)


class PrivateDnsName:
    """The private DNS name of one service: the name, the TXT record and the verification."""

    def __init__(
        self,
        service: EndpointServiceBase,
        resource: ec2.CfnVPCEndpointService,
        private_dns: PrivateDns,
        *,
        stack: Stack,
        lifecycle: Lifecycle,
        more_actions: Sequence[str],
    ) -> None:
        """Set the name of the service. With a hosted zone, publish the record and verify it."""
        self._service = service
        self._stack = stack
        self._resource = resource
        self._lifecycle = lifecycle
        self._more_actions = more_actions
        self.domain_name = private_dns.domain_name
        self.verification: CustomResource | None = None
        """The verification at deployment, if there is one."""
        # Older releases of aws-cdk-lib have no property for the name.
        resource.add_property_override("PrivateDnsName", private_dns.domain_name)
        if private_dns.hosted_zone is not None:
            record = self._publish(private_dns.hosted_zone)
            lifecycle.track_dependent(record)
            self.verify([record])

    @property
    def record_name(self) -> str:
        """The full name of the TXT record that EC2 looks for."""
        # EC2 verifies a domain for all names in it, so that the record of a wildcard is at the
        # parent. A wildcard label further right has no meaning in DNS.
        return f"{self._configuration('Name')}.{self.domain_name.removeprefix('*.')}"

    @property
    def record_value(self) -> str:
        """The value of the TXT record that EC2 looks for."""
        return self._configuration("Value")

    def verify(self, after: Sequence[IDependable]) -> None:
        """Verify the name at deployment, and wait for success.

        :param after: The constructs to deploy before.
        """
        function = CustomResourceFunction.get_or_create(self._stack, scope=self._service)
        policy = function.allow(
            self._service,
            actions=[_ACTION, *self._more_actions],
            resource_arn=self._service.service_arn,
        )
        self.verification = CustomResource(
            self._service,
            _VERIFICATION_ID,
            resource_type=VERIFICATION_TYPE,
            service_token=function.arn,
            service_timeout=Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
            # Another name is an update, which starts another verification.
            properties={"ServiceId": self._service.service_id, "DomainName": self.domain_name},
        )
        self.verification.node.add_dependency(policy, *after)
        self._lifecycle.add_prerequisite(self.verification)

    def _publish(self, hosted_zone: route53.IHostedZone) -> route53.CfnRecordSet:
        # Imported lazily: only services with a hosted zone need this module.
        from aws_cdk import aws_route53 as route53

        # An L1: the L2 requires the name of the zone, which zones imported by id do not have.
        return route53.CfnRecordSet(
            self._service,
            "PrivateDnsRecord",
            hosted_zone_id=hosted_zone.hosted_zone_id,
            name=self.record_name,
            type="TXT",
            ttl=str(_RECORD_TTL_SECONDS),
            resource_records=[f'"{self.record_value}"'],
        )

    def _configuration(self, attribute: str) -> str:
        return self._resource.get_att(f"PrivateDnsNameConfiguration.{attribute}").to_string()


def validate_private_dns(
    private_dns: PrivateDns | None,
    *,
    load_balancers: LoadBalancers,
    stack: Stack,
    scope: Construct,
    more_actions: Sequence[str],
) -> None:
    """Check the name and its hosted zone.

    :raises PrivateLinkTypeError: The name is not a string, or the zone not a hosted zone.
    :raises PrivateLinkValueError: The service has Gateway Load Balancers, EC2 does not accept the
        name, or the zone does not contain the name.
    """
    if private_dns is None:
        return
    require_network("private_dns", load_balancers, scope=scope)
    check = Arguments(scope)
    check("private_dns.domain_name", private_dns.domain_name, DOMAIN_NAME)
    zone = check("private_dns.hosted_zone", private_dns.hosted_zone, optional(HOSTED_ZONE))
    if zone is not None:
        _validate_hosted_zone(private_dns.domain_name, zone, scope)
        validate_verification(stack, service=scope, more_actions=more_actions)


def validate_verification(stack: Stack, *, service: Construct, more_actions: Sequence[str]) -> None:
    """Check that the name can be verified.

    :raises PrivateLinkValueError: The function of the stack cannot be allowed more, or another
        construct in the service has the id of the verification.
    """
    argument = Argument("private_dns", service)
    validate_permissions(argument, [_ACTION, *more_actions], stack=stack, construct=service)
    if service.node.try_find_child(_VERIFICATION_ID) is not None:
        raise taken_id(service, _VERIFICATION_ID, scope=service)


def dependable(argument: Argument, value: object) -> IDependable:
    """Require a construct or a ``DependencyGroup``."""
    # Imported constructs are proxies without a class.
    if isinstance(value, DependencyGroup) or (is_cdk_object(value) and hasattr(value, "node")):
        return value
    raise argument.type_error(
        "must be a construct",
        got=value,
        fix="pass the construct that publishes the record; `*` unpacks a list",
    )


def reject_parents(argument: Argument, after: Sequence[IDependable], *, service: Construct) -> None:
    """Check that the verification does not wait for a construct that contains it.

    :raises PrivateLinkValueError: A value is the stack of the service, or another parent.
    """
    path = service.node.path
    for value in after:
        parent = value.node.path if isinstance(value, Construct) else path
        if parent != path and f"{path}/".startswith(f"{parent}/".lstrip("/")):
            raise argument.value_error(
                "must not contain a parent of the service, which would wait for itself",
                got=parent,
                fix="pass the construct that publishes the record",
            )


def _validate_hosted_zone(
    domain_name: str, hosted_zone: route53.IHostedZone, scope: Construct
) -> None:
    argument = Argument("private_dns.hosted_zone", scope)
    if _is_private(hosted_zone):
        raise argument.value_error(
            "must be a public hosted zone, where EC2 can find the TXT record",
            got=hosted_zone.node.path,
            fix="pass the public hosted zone of the domain",
        )
    zone_name = _find_zone_name(hosted_zone)
    if zone_name is None or not is_literal(zone_name) or not is_literal(domain_name):
        return
    if not f".{domain_name}".endswith(f".{zone_name.lower().rstrip('.')}"):
        raise argument.value_error(
            f"must contain the domain name `{domain_name}`",
            got=zone_name,
            fix="pass the public hosted zone of that domain",
        )


def _is_private(hosted_zone: route53.IHostedZone) -> bool:
    """Return whether a zone is visible in VPCs only, as far as the app knows."""
    from aws_cdk import aws_route53 as route53

    # An imported zone is a proxy without a class, which has the names of its interfaces.
    interfaces = cast(Any, hosted_zone).__jsii_ref__.interfaces or ()
    if _PRIVATE_ZONE in interfaces:
        return True
    if not isinstance(hosted_zone, Construct):
        return False
    zone = hosted_zone.node.default_child
    return isinstance(zone, route53.CfnHostedZone) and bool(Stack.of(zone).resolve(zone.vpcs))


def _find_zone_name(hosted_zone: route53.IHostedZone) -> str | None:
    try:
        return hosted_zone.zone_name
    except RuntimeError:
        # The CDK raises an error for zones that are imported by id alone.
        return None
