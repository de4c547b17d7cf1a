"""The provider's side: a service that other VPCs reach over AWS PrivateLink."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Annotations, CustomResource, Fn, IResolvable, Resource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .errors import PrivateLinkTypeError, PrivateLinkValueError
from .load_balancers import LoadBalancers, checked_arns
from .principals import checked_principal_arns, distinct
from .service_name import ServiceNameSource, derive_service_name, look_up_service
from .tokens import check_list_tokens


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
            flows. Default: ``True``
        :param service_name_source: Where :attr:`service_name` comes from.
            Default: ``ServiceNameSource.LOOKUP``, asked of EC2 when the stack is deployed.
        :raises PrivateLinkValueError: A value that EC2 would refuse.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpointservice.html
        """
        super().__init__(scope, id)
        # Everything is checked before any resource is made, so that an error leaves nothing behind.
        arns = checked_arns(load_balancers, scope=self)
        principals = (
            []
            if allowed_principals is None
            else checked_principal_arns(allowed_principals, scope=self)
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
        self._principals: list[str] = []
        self._permissions: ec2.CfnVPCEndpointServicePermissions | None = None
        self._allow(principals)

        self._look_up: CustomResource | None = None
        if service_name_source is ServiceNameSource.LOOKUP:
            self._look_up = look_up_service(
                self, service_id=self._service_id, load_balancer_arns=arns
            )
            self._service_name = self._look_up.get_att_string("ServiceName")
        else:
            self._service_name = derive_service_name(self, self._service_id)

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
        arns = checked_principal_arns(principals, scope=self)
        check_list_tokens("allowed_principals", [*self._principals, *arns], scope=self)
        self._allow(arns)

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

        Zone names differ between accounts; :attr:`availability_zone_ids` do not. Asked again when
        the load balancers are exchanged, not when one of them gains or loses a zone.

        :raises PrivateLinkValueError: With a derived name, since nothing is looked up then.
        """
        return self._looked_up_list("AvailabilityZones", "availability_zones")

    @property
    def availability_zone_ids(self) -> list[str]:
        """The ids of the zones that the service is offered in, a list known at deployment.

        They mean the same zones in every account. Asked again when the load balancers are
        exchanged, not when one of them gains or loses a zone.

        :raises PrivateLinkValueError: With a derived name, since nothing is looked up then.
        """
        return self._looked_up_list("AvailabilityZoneIds", "availability_zone_ids")

    @property
    def base_endpoint_dns_names(self) -> list[str]:
        """The DNS names that every endpoint of the service extends, a list known at deployment.

        Empty strings stand where EC2 gives none, as for Gateway Load Balancers.

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

    def _allow(self, arns: list[str]) -> None:
        if not arns:
            return
        self._principals = distinct([*self._principals, *arns], Stack.of(self))
        if self._permissions is None:
            self._permissions = ec2.CfnVPCEndpointServicePermissions(
                self,
                "Permissions",
                service_id=self._service_id,
                allowed_principals=self._principals,
            )
        else:
            self._permissions.allowed_principals = self._principals
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
    if not isinstance(value, bool) and not hasattr(value, "resolve"):
        raise PrivateLinkTypeError(
            "acceptance_required",
            "takes a bool or a value known at deployment",
            got=f"`{value!r}`",
            fix="pass `True`, `False` or an `IResolvable`",
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
