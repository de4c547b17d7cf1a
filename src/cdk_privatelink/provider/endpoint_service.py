"""A service that other VPCs reach over AWS PrivateLink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Fn, IResolvable, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IDependable

from .._internal.arguments import (
    REMOVAL_POLICY,
    Argument,
    Arguments,
    boolean,
    boolean_or_token,
    list_of,
    member_of,
    optional,
    or_list_token,
    sequence_of,
)
from .._internal.end_of_synthesis import add_final_check
from .._internal.regions import REGION, ZONE_NAMES
from .._internal.scopes import (
    named_construct,
    reserved_construct,
    validate_id,
)
from .._internal.stack_cache import StackCache
from ..custom_resources.custom_resource_function import CustomResourceFunction
from ..errors import PrivateLinkValueError
from .alarms import THRESHOLD, add_alarms, resolve_dimensions
from .allowed_principals import AllowedPrincipal, AllowedPrincipals, resolve_principals
from .allowed_regions import ALLOW_MULTI_REGION, resolve_allowed_regions
from .connection_notifications import ConnectionEvent, add_notification
from .cross_region import warn_of_unsupported_load_balancers
from .draining import add_draining, validate_draining
from .endpoint_service_base import EndpointServiceBase
from .followed_zones import allow_following, followed_zones, validate_following
from .imported_endpoint_service import ServiceById, ServiceByName
from .interface import IPrivateLinkEndpointService, IPublishedEndpointService
from .ip_address_types import known_ip_address_types, resolve_ip_address_types
from .lifecycle import Lifecycle
from .load_balancer_usage import validate_single_use
from .load_balancers import (
    LOAD_BALANCERS,
    LoadBalancers,
    bind_load_balancers,
    require_network,
    resolve_arns,
    zones_of,
)
from .logical_ids import FORMER_PATH, keep_logical_ids
from .parameter_names import new_parameter_name, validate_length
from .payer_responsibility import PayerResponsibility, warn_of_payment
from .private_dns import (
    PRIVATE_DNS,
    PrivateDns,
    PrivateDnsName,
    dependable,
    reject_parents,
    validate_private_dns,
    validate_verification,
)
from .published_endpoint_service import ServiceByParameter
from .publishing import (
    ALLOWED_REGIONS,
    AVAILABILITY_ZONE_IDS,
    PRIVATE_DNS_NAME,
    SharePrincipal,
    add_parameters,
    resolve_share_principals,
    with_own_region,
)
from .removal import warn_of_removed_load_balancers
from .service_name import (
    ServiceNameSource,
    add_lookup,
    derive_service_name,
)
from .service_reference import ServiceReference
from .service_resource import CfnEndpointService

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_ssm as ssm


class PrivateLinkEndpointService(EndpointServiceBase):
    """A VPC endpoint service with its permissions and its service name.

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
        allowed_principals: Sequence[AllowedPrincipal] | None = None,
        allowed_regions: Sequence[str] | None = None,
        acceptance_required: bool | IResolvable = True,
        private_dns: PrivateDns | None = None,
        supported_ip_address_types: Sequence[ec2.IpAddressType] | None = None,
        payer_responsibility: PayerResponsibility | None = None,
        contributor_insights: bool | IResolvable | None = None,
        service_name_source: ServiceNameSource = ServiceNameSource.LOOKUP,
        follow_availability_zones: bool = False,
    ) -> None:
        """Create an endpoint service.

        :param scope: The stack, or a construct in the stack, that contains this service.
        :param id: The id of this construct in ``scope``.
        :param load_balancers: The load balancers that receive the traffic of consumers:
            ``LoadBalancers.network(...)`` or ``LoadBalancers.gateway(...)``. You can replace them
            without replacing the service.
        :param allowed_principals: The principals that can request a connection: accounts
            (``iam.AccountPrincipal``), roles and users without a path (``iam.Role``, ``iam.User``,
            ``iam.ArnPrincipal``), AWS services (``iam.ServicePrincipal``), or everyone
            (``iam.AnyPrincipal``). Duplicates are removed. Default: none, until you call
            :meth:`allow_principals`.
        :param allowed_regions: The Regions from which consumers can connect, like
            ``"us-east-1"``. The deploying identity needs the permission
            ``vpce:AllowMultiRegion``. Duplicates are removed, and the Region of the service is
            added. For Network Load Balancers only. Default: the Region of the service only.
        :param acceptance_required: ``True`` if you must accept each connection before traffic
            flows. Tokens like ``CfnParameter.value`` are supported. Default: ``True``
        :param private_dns: Your own domain name for the service, for Network Load Balancers only.
            Default: consumers use the DNS names that AWS gives to their endpoints.
        :param supported_ip_address_types: The IP address types with which consumers can connect.
            IPv6 requires dual-stack load balancers. Default: EC2 derives the types from the load
            balancers when it creates the service, usually IPv4.
        :param payer_responsibility: The payer for the endpoints. EC2 does not allow you to revert
            ``PayerResponsibility.SERVICE_OWNER``, so synthesis adds a warning. Default: the
            owners of the endpoints.
        :param contributor_insights: ``True`` to create the CloudWatch Contributor Insights rules of
            AWS PrivateLink, for which CloudWatch charges. Tokens are supported. Default: no rules.
        :param service_name_source: The source of :attr:`service_name`. Default:
            ``ServiceNameSource.LOOKUP``, a query to EC2 at deployment.
        :param follow_availability_zones: ``True`` to make the service available in Availability
            Zones that its load balancers get later: when their subnets change, the lookup modifies
            the service and waits until it is available there, for at most 14 minutes. The load
            balancers must be defined in the same app. With ``False``, the service keeps the zones
            that its load balancers had when it was created or last modified. Default: ``False``
        :raises PrivateLinkValueError: EC2 would reject a value, or the CDK rejects ``scope`` or
            ``id``.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpointservice.html
        """
        super().__init__(scope, id)
        # All checks come first, so that an error leaves no resource behind.
        check = Arguments(self)
        check("load_balancers", load_balancers, LOAD_BALANCERS)
        arns = resolve_arns(load_balancers, stack=self._stack, scope=self)
        principals = self._resolve_principals(
            "allowed_principals", () if allowed_principals is None else allowed_principals
        )
        regions = check(
            "allowed_regions", allowed_regions, optional(list_of(or_list_token(REGION)))
        )
        supported_regions = resolve_allowed_regions(
            regions, load_balancers=load_balancers, stack=self._stack, scope=self
        )
        check("acceptance_required", acceptance_required, boolean_or_token)
        check("private_dns", private_dns, optional(PRIVATE_DNS))
        self._more_actions = [ALLOW_MULTI_REGION] if supported_regions else []
        validate_private_dns(
            private_dns,
            load_balancers=load_balancers,
            stack=self._stack,
            scope=self,
            more_actions=self._more_actions,
        )
        types = check(
            "supported_ip_address_types",
            supported_ip_address_types,
            optional(list_of(member_of(ec2.IpAddressType))),
        )
        ip_address_types = resolve_ip_address_types(
            types, load_balancers=load_balancers, scope=self
        )
        payer = check(
            "payer_responsibility", payer_responsibility, optional(member_of(PayerResponsibility))
        )
        check("contributor_insights", contributor_insights, optional(boolean_or_token))
        check("service_name_source", service_name_source, member_of(ServiceNameSource))
        check("follow_availability_zones", follow_availability_zones, boolean)
        if follow_availability_zones:
            validate_following(
                check.argument("follow_availability_zones"),
                load_balancers,
                service_name_source,
                stack=self._stack,
                service=self,
                more_actions=self._more_actions,
            )

        uses_lookup = service_name_source is ServiceNameSource.LOOKUP
        function = (
            CustomResourceFunction.get_or_create(self._stack, scope=self) if uses_lookup else None
        )

        is_network = load_balancers.load_balancer_type == "network"
        self._resource = CfnEndpointService(
            self,
            "Resource",
            acceptance_required=acceptance_required,
            network_load_balancer_arns=arns if is_network else None,
            gateway_load_balancer_arns=None if is_network else arns,
            supported_regions=supported_regions,
            supported_ip_address_types=ip_address_types,
            payer_responsibility=payer.value if payer else None,
            contributor_insights_enabled=contributor_insights,
        )
        bind_load_balancers(load_balancers, service=self)
        validate_single_use(
            load_balancers, arns, stack=self._stack, service=self, resource=self._resource
        )
        if supported_regions is not None:
            add_final_check(
                self._resource,
                lambda: warn_of_unsupported_load_balancers(load_balancers, service=self),
            )
        self._service_id = self._resource.ref
        self._service_name: str | None = None
        self._load_balancers = load_balancers
        self._load_balancer_arns = arns
        self._acceptance_required = acceptance_required
        self._allowed_regions = regions
        self._ip_address_types = ip_address_types or known_ip_address_types(load_balancers)
        self._lifecycle = Lifecycle()
        self._alarms: Construct | None = None
        self._draining: Construct | None = None
        self._published: Construct | None = None
        self._principals = AllowedPrincipals(
            self,
            service_id=self._service_id,
            acceptance_required=acceptance_required,
            lifecycle=self._lifecycle,
        )
        self._principals.replace(principals)
        if payer is PayerResponsibility.SERVICE_OWNER:
            warn_of_payment(self)
        self._lookup = (
            None
            if function is None
            else add_lookup(
                self,
                function,
                service_id=self._service_id,
                load_balancer_arns=arns,
                followed_zones=followed_zones(load_balancers)
                if follow_availability_zones
                else None,
            )
        )
        self._resource.lookup = self._lookup
        if function is not None and self._lookup is not None and follow_availability_zones:
            self._lookup.node.add_dependency(
                allow_following(
                    self, function, service_arn=self.service_arn, more_actions=self._more_actions
                )
            )
        self._private_dns = (
            None
            if private_dns is None
            else PrivateDnsName(
                self,
                self._resource,
                private_dns,
                stack=self._stack,
                lifecycle=self._lifecycle,
                more_actions=self._more_actions,
            )
        )

    @staticmethod
    def from_service_id(scope: Construct, id: str, service_id: str) -> IPrivateLinkEndpointService:
        """Import a service in the Region of the stack by its id.

        The name of the service is derived, as with ``ServiceNameSource.DERIVED``.

        :param scope: The stack, or a construct in the stack, that uses the service.
        :param id: The id of this construct in ``scope``.
        :param service_id: The id of the service, like ``vpce-svc-0123456789abcdef0``, or a token.
        :raises PrivateLinkValueError: The value is not the id of an endpoint service.
        :raises PrivateLinkTypeError: The value is not a string.
        """
        return ServiceById(scope, id, service_id)

    @staticmethod
    def from_service_name(
        scope: Construct, id: str, service_name: str
    ) -> IPrivateLinkEndpointService:
        """Import a service by its name, in any account and Region.

        The name determines the id, the Region and the partition of the service.

        :param scope: The stack, or a construct in the stack, that uses the service.
        :param id: The id of this construct in ``scope``.
        :param service_name: The name of the service, like
            ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``, or a token. The name does
            not contain the account: ARN and metrics use the account of the stack.
        :raises PrivateLinkValueError: The value is not the name of an endpoint service.
        :raises PrivateLinkTypeError: The value is not a string.
        """
        return ServiceByName(scope, id, service_name)

    @staticmethod
    def from_parameter(scope: Construct, id: str, parameter: str) -> IPublishedEndpointService:
        """Import a service by the SSM parameter in which :meth:`publish` has written its name.

        CloudFormation reads the parameter in every deployment of the stack. The name can be the
        name of a service in another Region.

        :param scope: The stack, or a construct in the stack, that uses the service.
        :param id: The id of this construct in ``scope``.
        :param parameter: The literal name of a parameter in the account and Region of the stack,
            like ``/payments/endpoint-service``, or the literal ARN of a parameter that another
            account shares, like
            ``arn:aws:ssm:eu-west-1:111122223333:parameter/payments/endpoint-service``. The
            parameter must exist before the deployment. In the app that defines the service, pass
            the service itself to its consumers.
        :raises PrivateLinkValueError: The value is a token, CloudFormation cannot read such a
            parameter, or the ARN is in another Region than the stack.
        :raises PrivateLinkTypeError: The value is not a string.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
        """
        return ServiceByParameter(scope, id, parameter)

    def allow_principals(self, *principals: AllowedPrincipal) -> None:
        """Allow more principals to request a connection.

        All calls share one ``AWS::EC2::VPCEndpointServicePermissions``. If you remove a principal
        later, its connections stay.

        :param principals: Accounts (``iam.AccountPrincipal``), roles and users without a path
            (``iam.Role``, ``iam.User``, ``iam.ArnPrincipal``), AWS services
            (``iam.ServicePrincipal``), or everyone (``iam.AnyPrincipal``). Duplicates are removed.
        :raises PrivateLinkValueError: EC2 does not accept a principal.
        :raises PrivateLinkTypeError: A principal has no ARN.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
        """
        self._principals.replace(
            self._resolve_principals("principals", principals, allowed=self._principals.arns)
        )

    def add_connection_notification(
        self,
        topic: sns.Topic | sns.ITopic,
        *,
        events: Sequence[ConnectionEvent] | None = None,
    ) -> None:
        """Send connection events to an SNS topic, for Network Load Balancers only.

        The method extends the policies of the topic, and of the key that encrypts the topic, to
        allow it. If the topic or the key is imported, its policy must allow it already, and
        synthesis adds a warning. The policy of a key, or of a topic in another stack, allows all
        endpoint services of the account and Region: with the id of this service, the two would
        depend on each other.

        :param topic: The topic. You can call the method again for the same topic to add events.
        :param events: The events to send. Default: every ``ConnectionEvent``.
        :raises PrivateLinkValueError: The list is empty, the service has Gateway Load Balancers, or
            the key of the topic is ``alias/aws/sns``.
        :raises PrivateLinkTypeError: The value is not a topic, or not a list of events.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/create-notification-endpoint-service.html
        """
        require_network("add_connection_notification", self._load_balancers, scope=self)
        add_notification(
            self,
            topic,
            events,
            resource="vpc-endpoint-service",
            resource_id=self._service_id,
        )

    def add_rst_packets_sent_alarms(
        self, id: str, *, threshold: float, availability_zones: Sequence[str] | None = None
    ) -> list[cloudwatch.Alarm]:
        """Add the alarms that AWS recommends for unhealthy targets.

        There is one alarm per load balancer and Availability Zone. Its state is ALARM when the load
        balancer sends more than ``threshold`` reset packets per minute for five minutes. Add
        actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :param threshold: The number of reset packets per minute that you tolerate. Use a low number
            if no target may be unhealthy.
        :param availability_zones: The names of the Availability Zones of the load balancers.
            Duplicates are removed. Default: the zones of their subnets, for load balancers that are
            defined in the same app.
        :returns: The alarms, in the order of the load balancers.
        :raises PrivateLinkValueError: The threshold is negative, or the zones are unknown.
        :raises PrivateLinkTypeError: The value is not a number, or not a list of names.
        :see: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkServices
        """
        validate_id(id, scope=self)
        check = Arguments(self)
        check("threshold", threshold, THRESHOLD)
        zones = check("availability_zones", availability_zones, optional(ZONE_NAMES))
        dimensions = resolve_dimensions(
            zones,
            load_balancers=self._load_balancers,
            arns=self._load_balancer_arns,
            scope=self,
        )
        if self._alarms is None:
            self._alarms = reserved_construct(self, "RstPacketsSentAlarms")
        alarms = named_construct(self._alarms, id)
        return add_alarms(alarms, self, dimensions, threshold)

    def publish(
        self, id: str, *, parameter_name: str, share_with: Sequence[SharePrincipal] | None = None
    ) -> ssm.StringParameter:
        """Write the service name to an SSM parameter, for stacks and accounts of consumers.

        More parameters have the same name with a suffix: ``-allowed-regions``, a list that starts
        with the Region of the service, ``-availability-zone-ids``, a list, if the service name is
        looked up, and ``-private-dns-name``, if the service has one. CloudFormation creates them
        after the permissions of the service and the verification of its private DNS name. Import
        the service with :meth:`from_parameter`.

        :param id: The id of the parameters in this construct.
        :param parameter_name: The name of the parameter, like ``/payments/endpoint-service``. A
            name that starts with a token must start with a slash when it is resolved.
        :param share_with: The principals that can read the parameters from other accounts through
            AWS RAM: ids of accounts, ARNs of organizations, organizational units, roles and users,
            or principals like ``iam.AccountPrincipal``. Duplicates are removed. An account outside
            of your organization has to accept an invitation of AWS RAM. Shared parameters are
            advanced parameters, for which AWS charges. Default: no sharing, and no charge.
        :returns: The parameter with the service name.
        :raises PrivateLinkValueError: Parameter Store does not accept the name, or AWS RAM does not
            accept a principal.
        :raises PrivateLinkTypeError: The name is not a string, or ``share_with`` is not a list of
            principals.
        :see: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
        """
        validate_id(id, scope=self)
        name = Arguments(self)("parameter_name", parameter_name, new_parameter_name)
        regions = with_own_region(StackCache.of(self._stack).region, self._allowed_regions)
        values: dict[str, str | list[str]] = {"": self.service_name, ALLOWED_REGIONS: regions}
        if self._lookup is not None:
            # The function has joined the ids with commas already.
            values[AVAILABILITY_ZONE_IDS] = [self._lookup.get_att_string("AvailabilityZoneIds")]
        if self._private_dns is not None:
            values[PRIVATE_DNS_NAME] = self._private_dns.domain_name
        validate_length(Argument("parameter_name", self), name, list(values))
        principals = resolve_share_principals(
            Argument("share_with", self),
            () if share_with is None else share_with,
            stack=self._stack,
        )
        if self._published is None:
            self._published = reserved_construct(self, "Published")
        parameters = named_construct(self._published, id)
        return add_parameters(
            parameters, name, values, share_with=principals, lifecycle=self._lifecycle
        )

    def verify_private_dns(self, *after: IDependable) -> None:
        """Start the verification of the private DNS name at deployment, and wait for it.

        Call the method only if you publish the TXT record yourself: with a ``hosted_zone``, the
        service verifies its name already. If public DNS does not have the record, the deployment
        fails after 15 minutes.

        :param after: The constructs to deploy before, like the construct that publishes the record,
            in the same stack. Default: the service only.
        :raises PrivateLinkValueError: The service has no private DNS name, or verifies it already.
        :raises PrivateLinkTypeError: A value is not a construct.
        """
        private_dns = self._require_private_dns("verify_private_dns")
        checked_after = Arguments(self)("after", after, sequence_of(dependable))
        reject_parents(Argument("after", self), checked_after, service=self)
        if private_dns.verification is not None:
            raise PrivateLinkValueError(
                "verify_private_dns",
                "must be called once, and never with a `hosted_zone`",
                got=f"`{private_dns.domain_name}`, which the service verifies already",
                fix="remove this call",
                scope=self,
            )
        validate_verification(self._stack, service=self, more_actions=self._more_actions)
        private_dns.verify(after)

    def reject_connections_on_delete(self) -> None:
        """Reject all connections before CloudFormation deletes the service.

        Without this call, CloudFormation cannot delete a service that has connections. With it, the
        deletion of the stack, or of the service in the stack, disconnects all consumers: it first
        removes the allowed principals, and then rejects all requests and connections, for at most
        14 minutes. A consumer may have to create another endpoint to connect again.

        Nothing is rejected if the service stays: if it is retained, if you remove only this call,
        or if CloudFormation rolls back the update that added it. Further calls change nothing.

        :raises PrivateLinkValueError: The IAM role of the stack has no room for more permissions,
            or another construct has the id ``Draining`` in this service.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html
        """
        if self._draining is not None:
            return
        validate_draining(
            Argument("reject_connections_on_delete", self),
            stack=self._stack,
            service=self,
            more_actions=self._more_actions,
        )
        self._draining = add_draining(
            self,
            self._resource,
            service_arn=self.service_arn,
            more_actions=self._more_actions,
        )
        self._principals.create_after(self._draining)
        self._lifecycle.add_prerequisite(self._draining)

    def keep_logical_ids(self, former_path: str) -> None:
        """Keep the logical ids of all resources of this service, after you have moved it.

        With another logical id, CloudFormation replaces the service, which disconnects all
        consumers, or deletes its permissions, which revokes all principals. Call the method when
        you give the construct another id or scope in the same stack.

        :param former_path: The ids from the stack to the former place of this construct, like
            ``Payments`` or ``Api/Payments``.
        :raises PrivateLinkValueError: The path is empty, or has an empty id.
        :raises PrivateLinkTypeError: The path is not a string.
        :see: https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-logical-ids
        """
        keep_logical_ids(self, Arguments(self)("former_path", former_path, FORMER_PATH))

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Apply a removal policy to the service and to the resources that it needs.

        :param policy: ``RemovalPolicy.RETAIN`` keeps the service when you delete the stack or this
            construct, with its permissions, the TXT record of its private DNS name and its SSM
            parameters. They are no longer shared then. Retain a hosted zone of the same stack as
            well, since it is not empty then. Default: CloudFormation deletes the service, which
            fails while endpoints are connected.
        :raises PrivateLinkValueError: The policy is ``RemovalPolicy.SNAPSHOT``, which endpoint
            services do not support.
        :raises PrivateLinkTypeError: The value is not a ``RemovalPolicy``.
        """
        Arguments(self)("policy", policy, REMOVAL_POLICY)
        super().apply_removal_policy(policy)
        add_final_check(
            self._resource,
            lambda: warn_of_removed_load_balancers(
                self._resource, self._load_balancers, service=self
            ),
        )
        self._lifecycle.apply_removal_policy(policy)

    @property
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name to which consumers connect.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``. ``service_name_source``
        determines its source.
        """
        if self._service_name is None:
            self._service_name = (
                derive_service_name(self._stack, self._service_id)
                if self._lookup is None
                else self._lookup.get_att_string("ServiceName")
            )
        return self._service_name

    @property
    def availability_zones(self) -> list[str]:
        """The names of the Availability Zones of the service, as a list token.

        Use ``Fn.select`` and ``Fn.join`` with the list. The names differ between accounts, while
        :attr:`availability_zone_ids` do not. A deployment updates the list when you replace a load
        balancer. When a load balancer gains a zone, it does so with ``follow_availability_zones``
        only.

        :raises PrivateLinkValueError: The service name is derived, so there is no lookup.
        """
        return self._get_lookup_list("AvailabilityZones", "availability_zones")

    @property
    def availability_zone_ids(self) -> list[str]:
        """The ids of the Availability Zones of the service, as a list token.

        Use ``Fn.select`` and ``Fn.join`` with the list. An id stands for the same zone in every
        account. A deployment updates the list when you replace a load balancer. When a load
        balancer gains a zone, it does so with ``follow_availability_zones`` only.

        :raises PrivateLinkValueError: The service name is derived, so there is no lookup.
        """
        return self._get_lookup_list("AvailabilityZoneIds", "availability_zone_ids")

    @property
    def base_endpoint_dns_names(self) -> list[str]:
        """The DNS names on which the names of all endpoints are based, as a list token.

        Use ``Fn.select`` and ``Fn.join`` with the list. If EC2 returns no name, as for Gateway Load
        Balancers, the list contains one empty string.

        :raises PrivateLinkValueError: The service name is derived, so there is no lookup.
        """
        return self._get_lookup_list("BaseEndpointDnsNames", "base_endpoint_dns_names")

    @property
    def load_balancers(self) -> LoadBalancers:
        """The load balancers of this service."""
        return self._load_balancers

    @property
    def cfn_endpoint_service(self) -> ec2.CfnVPCEndpointService:
        """The CloudFormation resource, for properties that this construct does not offer."""
        return self._resource

    @property
    def cfn_permissions(self) -> ec2.CfnVPCEndpointServicePermissions:
        """The CloudFormation resource of the allowed principals.

        :raises PrivateLinkValueError: The service has no allowed principals yet.
        """
        if self._principals.resource is None:
            raise PrivateLinkValueError(
                "cfn_permissions",
                "must be used on a service with allowed principals",
                got="no principals",
                fix="pass `allowed_principals`, or call `allow_principals()` first",
                scope=self,
            )
        return self._principals.resource

    @property
    def domain_verification_name(self) -> str:
        """The full name of the TXT record that verifies your domain, as a token.

        Like ``_6e86v84tqgqubxbwii1m.payments.example.com``.

        :raises PrivateLinkValueError: The service has no private DNS name.
        """
        return self._require_private_dns("domain_verification_name").record_name

    @property
    def domain_verification_value(self) -> str:
        """The value of the TXT record that verifies your domain, as a token.

        Like ``vpce:l6p0ERxlTt45jevFwOCp``.

        :raises PrivateLinkValueError: The service has no private DNS name.
        """
        return self._require_private_dns("domain_verification_value").record_value

    def _resolve_principals(
        self, argument: str, principals: object, *, allowed: dict[str, str] | None = None
    ) -> dict[str, str]:
        return resolve_principals(
            Argument(argument, self), principals, allowed=allowed or {}, stack=self._stack
        )

    def _require_private_dns(self, member: str) -> PrivateDnsName:
        if self._private_dns is None:
            raise PrivateLinkValueError(
                member,
                "must be used on a service with a private DNS name",
                got="`private_dns=None`",
                fix="pass `private_dns=PrivateDns(...)` to the service",
                scope=self,
            )
        return self._private_dns

    def _get_lookup_list(self, attribute: str, member: str) -> list[str]:
        if self._lookup is None:
            raise PrivateLinkValueError(
                member,
                "must be used on a service whose name is looked up",
                got="`service_name_source=ServiceNameSource.DERIVED`",
                fix="pass `ServiceNameSource.LOOKUP`",
                scope=self,
            )
        # Attributes of custom resources are strings, so the function joins lists with commas.
        return Fn.split(",", self._lookup.get_att_string(attribute))

    def _reference(self, consumer: Construct) -> ServiceReference:
        private_dns = self._private_dns
        return (
            super()
            ._reference(consumer)
            ._replace(
                account=self._environment[0],
                load_balancers=self._load_balancers,
                load_balancer_type=self._load_balancers.load_balancer_type,
                ip_address_types=self._ip_address_types,
                principals=lambda: list(self._principals.arns.values()),
                availability_zones=self._zones_in_account_of(consumer),
                has_private_dns=private_dns is not None,
                verifies_private_dns=private_dns is not None
                and private_dns.verification is not None,
                accepts_all=self._acceptance_required is False,
                requires_acceptance=self._acceptance_required is True,
                allowed_regions=self._allowed_regions,
                ready=self._lifecycle.readiness,
            )
        )

    def _zones_in_account_of(self, consumer: Construct) -> list[str] | None:
        stack = StackCache.of(consumer)
        # Zone names are specific to an account, and zones to a Region.
        if (stack.account, stack.region) != self._environment:
            return None
        zones: list[str] = []
        for found in zones_of(self._load_balancers):
            if found is None:
                return None
            zones += found
        return zones
