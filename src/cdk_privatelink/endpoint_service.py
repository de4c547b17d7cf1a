"""The provider's side: a service that other VPCs reach over AWS PrivateLink."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Annotations, Fn, IResolvable, RemovalPolicy, Resource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .load_balancers import LoadBalancers, checked_arns
from .principals import checked_principals
from .service_name import ServiceNameSource, derive_service_name, look_up_service


class PrivateLinkEndpointService(Resource):
    """A VPC endpoint service, who may connect to it, and the name that consumers need.

    ::

        service = PrivateLinkEndpointService(
            self, "Payments",
            load_balancers=LoadBalancers.network(nlb),
            allowed_principals=[iam.AccountPrincipal("111122223333")],
        )
        CfnOutput(self, "ServiceName", value=service.service_name)

    :see: https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        load_balancers: LoadBalancers,
        allowed_principals: Sequence[iam.ArnPrincipal] | None = None,
        acceptance_required: bool | IResolvable = True,
        service_name_source: ServiceNameSource = ServiceNameSource.LOOKUP,
    ) -> None:
        """Make an endpoint service.

        :param scope: The stack, or a construct in it, that this service belongs to.
        :param id: The name of this construct within ``scope``.
        :param load_balancers: What answers the consumers' connections:
            ``LoadBalancers.network(...)`` or ``LoadBalancers.gateway(...)``.
        :param allowed_principals: Who may ask for a connection: accounts
            (``iam.AccountPrincipal``), roles and users without a path in their name
            (``iam.ArnPrincipal``), everyone (``iam.AnyPrincipal``). Repetitions are folded.
            Default: no one, until :meth:`allow_principals` is called.
        :param acceptance_required: Whether the owner must accept each connection before traffic
            flows: a bool, or what is decided at deployment, like ``CfnParameter.value``.
            Default: ``True``
        :param service_name_source: Where :attr:`service_name` comes from.
            Default: ``ServiceNameSource.LOOKUP``, asked of EC2 when the stack is deployed.
        :raises PrivateLinkValueError: A value that EC2 would refuse.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpointservice.html
        """
        super().__init__(scope, id)
        # Everything is checked before any resource is made, so that an error leaves nothing behind.
        arns = checked_arns(load_balancers, scope=self)
        principals = checked_principals(
            [] if allowed_principals is None else allowed_principals,
            already={},
            argument="allowed_principals",
            scope=self,
        )
        _check_acceptance_required(acceptance_required, scope=self)
        _check_service_name_source(service_name_source, scope=self)

        network = load_balancers.load_balancer_type == "network"
        self._resource = ec2.CfnVPCEndpointService(
            self,
            "Resource",
            acceptance_required=acceptance_required,
            network_load_balancer_arns=arns if network else None,
            gateway_load_balancer_arns=None if network else arns,
        )
        self._load_balancers = load_balancers
        self._service_id = self._resource.ref
        self._is_open = acceptance_required is False
        self._permissions: ec2.CfnVPCEndpointServicePermissions | None = None
        self._removal_policy: RemovalPolicy | None = None
        self._allow(principals)
        self._look_up = (
            look_up_service(self, service_id=self._service_id, load_balancer_arns=arns)
            if service_name_source is ServiceNameSource.LOOKUP
            else None
        )
        self._service_name: str | None = None

    def allow_principals(self, *principals: iam.ArnPrincipal) -> None:
        """Allow more principals to ask for a connection.

        All calls together make one ``AWS::EC2::VPCEndpointServicePermissions``. To take a
        principal away later does not cut the connections that it has.

        :param principals: Accounts (``iam.AccountPrincipal``), roles and users without a path in
            their name (``iam.ArnPrincipal``), everyone (``iam.AnyPrincipal``). Those that are
            already allowed are folded.
        :raises PrivateLinkValueError: An ARN that EC2 does not accept.
        :raises PrivateLinkTypeError: A principal that has no ARN.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
        """
        self._allow(
            checked_principals(
                principals, already=self._principals, argument="principals", scope=self
            )
        )

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Say what becomes of the service, and of who may connect to it, when it is removed.

        :param policy: ``RemovalPolicy.RETAIN`` keeps both when the stack or this construct goes.
            Default: they are deleted, which fails as long as endpoints are connected.
        """
        super().apply_removal_policy(policy)
        self._removal_policy = policy
        if self._permissions is not None:
            self._permissions.apply_removal_policy(policy)

    @property
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name that consumers connect to.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``. Where it comes from is
        ``service_name_source``'s to say.
        """
        if self._service_name is None:
            self._service_name = (
                derive_service_name(self, self._service_id)
                if self._look_up is None
                else self._look_up.get_att_string("ServiceName")
            )
        return self._service_name

    @property
    def service_arn(self) -> str:
        """The ARN of the service, for IAM policies."""
        return Stack.of(self).format_arn(
            service="ec2", resource="vpc-endpoint-service", resource_name=self._service_id
        )

    @property
    def availability_zones(self) -> list[str]:
        """The names of the zones that the service is offered in, a list known at deployment.

        Take it apart with ``Fn.select`` and put it together with ``Fn.join``. Zone names differ
        between accounts; :attr:`availability_zone_ids` do not. Asked again when the load balancers
        are exchanged, not when one of them gains or loses a zone.

        :raises PrivateLinkValueError: With a derived name, since nothing is looked up then.
        """
        return self._looked_up_list("AvailabilityZones", "availability_zones")

    @property
    def availability_zone_ids(self) -> list[str]:
        """The ids of the zones that the service is offered in, a list known at deployment.

        Take it apart with ``Fn.select`` and put it together with ``Fn.join``. They mean the same
        zones in every account. Asked again when the load balancers are exchanged, not when one of
        them gains or loses a zone.

        :raises PrivateLinkValueError: With a derived name, since nothing is looked up then.
        """
        return self._looked_up_list("AvailabilityZoneIds", "availability_zone_ids")

    @property
    def base_endpoint_dns_names(self) -> list[str]:
        """The DNS names that every endpoint of the service extends, a list known at deployment.

        Take it apart with ``Fn.select`` and put it together with ``Fn.join``. Where EC2 gives none,
        as for Gateway Load Balancers, it is a single empty string.

        :raises PrivateLinkValueError: With a derived name, since nothing is looked up then.
        """
        return self._looked_up_list("BaseEndpointDnsNames", "base_endpoint_dns_names")

    @property
    def load_balancers(self) -> LoadBalancers:
        """The load balancers that this service was made with."""
        return self._load_balancers

    @property
    def endpoint_service(self) -> ec2.CfnVPCEndpointService:
        """The CloudFormation resource, for what this construct does not offer."""
        return self._resource

    def _allow(self, principals: dict[str, str]) -> None:
        self._principals = principals
        if not principals:
            return
        arns = list(principals.values())
        if self._permissions is None:
            self._permissions = ec2.CfnVPCEndpointServicePermissions(
                self, "Permissions", service_id=self._service_id, allowed_principals=arns
            )
            if self._removal_policy is not None:
                self._permissions.apply_removal_policy(self._removal_policy)
        else:
            self._permissions.allowed_principals = arns
        if self._is_open and "*" in arns:
            Annotations.of(self).add_warning_v2(
                "cdk-privatelink:openToEveryone",
                "Everyone may connect to this service and no connection has to be accepted. "
                "Name the principals or require acceptance; if it is meant to be public, "
                "acknowledge this warning.",
            )

    def _looked_up_list(self, answer: str, attribute: str) -> list[str]:
        if self._look_up is None:
            raise PrivateLinkValueError(
                attribute,
                "is only known when the service is looked up",
                got="`service_name_source=ServiceNameSource.DERIVED`",
                fix="use `ServiceNameSource.LOOKUP`",
                scope=self,
            )
        # Custom resources are only sure to hand over strings, so lists travel joined by commas.
        return Fn.split(",", self._look_up.get_att_string(answer))


def _check_acceptance_required(value: object, *, scope: Construct) -> None:
    # A stack has a `resolve` too, and is none.
    resolvable = hasattr(value, "resolve") and not isinstance(value, Construct)
    if not isinstance(value, bool) and not resolvable:
        raise PrivateLinkTypeError(
            "acceptance_required",
            "takes a bool or a value known at deployment",
            got=f"`{value!r}`",
            fix="pass `True`, `False` or an `IResolvable` like `CfnParameter.value`",
            scope=scope,
        )


def _check_service_name_source(value: object, *, scope: Construct) -> None:
    if not isinstance(value, ServiceNameSource):
        raise PrivateLinkTypeError(
            "service_name_source",
            "takes a `ServiceNameSource`",
            got=f"`{value!r}`",
            fix="pass `ServiceNameSource.LOOKUP` or `ServiceNameSource.DERIVED`",
            scope=scope,
        )
