"""The provider's side: a service that other VPCs reach over AWS PrivateLink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from aws_cdk import (
    Annotations,
    CfnResource,
    CustomResource,
    Fn,
    IResolvable,
    RemovalPolicy,
)
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup, IDependable

from .._internal.arguments import check_flag, check_kind
from .._internal.regions import checked_regions
from .._internal.scopes import check_id, told_as_ours
from ..errors import PrivateLinkValueError
from .alarms import add_alarms, check_threshold, checked_zones
from .allowed_principals import AllowedPrincipal, checked_principals
from .connection_notifications import ConnectionEvent, check_topic, checked_events, notify_topic
from .endpoint_service_base import IPrivateLinkEndpointService
from .imported_endpoint_service import ServiceById, ServiceByName
from .ip_address_types import checked_ip_address_types
from .load_balancers import LoadBalancers, check_network, checked_arns
from .payer_responsibility import (
    PayerResponsibility,
    check_payer_responsibility,
    warn_of_paying,
)
from .private_dns import (
    PrivateDns,
    await_verification,
    check_dependables,
    check_private_dns,
    check_room,
    check_verification_ids,
    publish_record,
    record_name,
    record_value,
    set_name,
)
from .service_name import (
    ServiceNameSource,
    derive_service_name,
    look_up_function,
    look_up_service,
)

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_sns as sns


class PrivateLinkEndpointService(IPrivateLinkEndpointService):
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
        allowed_principals: Sequence[AllowedPrincipal] | None = None,
        allowed_regions: Sequence[str] | None = None,
        acceptance_required: bool | IResolvable = True,
        private_dns: PrivateDns | None = None,
        supported_ip_address_types: Sequence[ec2.IpAddressType] | None = None,
        payer_responsibility: PayerResponsibility | None = None,
        contributor_insights: bool | IResolvable | None = None,
        service_name_source: ServiceNameSource = ServiceNameSource.LOOKUP,
    ) -> None:
        """Make an endpoint service.

        :param scope: The stack, or a construct in it, that this service belongs to.
        :param id: The name of this construct within ``scope``.
        :param load_balancers: What answers the consumers' connections:
            ``LoadBalancers.network(...)`` or ``LoadBalancers.gateway(...)``. They can be exchanged
            while the service stays.
        :param allowed_principals: Who may ask for a connection: accounts
            (``iam.AccountPrincipal``), roles and users without a path in their name (``iam.Role``,
            ``iam.User``, ``iam.ArnPrincipal``), everyone (``iam.AnyPrincipal``). Repetitions are
            folded. Default: no one, until :meth:`allow_principals` is called.
        :param allowed_regions: The regions that consumers may connect from, like ``"us-east-1"``.
            Who deploys it needs the permission ``vpce:AllowMultiRegion``. Repetitions are folded.
            Default: the region of the service alone.
        :param acceptance_required: Whether the owner must accept each connection before traffic
            flows. What is decided at deployment can be passed too, like ``CfnParameter.value``.
            Default: ``True``
        :param private_dns: A domain name of yours for consumers to use, for Network Load Balancers
            only. Default: consumers use the names that AWS gives to their endpoints.
        :param supported_ip_address_types: The kinds of IP addresses that consumers may connect
            with. IPv6 needs load balancers that are dualstack. Default: what EC2 finds that the
            load balancers support when the service is made, which is IPv4 as a rule.
        :param payer_responsibility: Who pays for the endpoints.
            ``PayerResponsibility.SERVICE_OWNER`` cannot be taken back, of which synthesis warns.
            Default: the owners of the endpoints.
        :param contributor_insights: Whether to have the rules of CloudWatch Contributor Insights
            that AWS PrivateLink provides, at the prices of CloudWatch. What is decided at
            deployment can be passed too. Default: they are not made.
        :param service_name_source: Where :attr:`service_name` comes from.
            Default: ``ServiceNameSource.LOOKUP``, asked of EC2 when the stack is deployed.
        :raises PrivateLinkValueError: A value that EC2 would refuse, or a place in the tree that
            the CDK refuses.
        :raises PrivateLinkTypeError: A value of a type that this construct does not take.
        :see: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpointservice.html
        """
        super().__init__(scope, id)
        # Everything is checked before any resource is made, so that an error leaves nothing behind.
        arns = checked_arns(load_balancers, stack=self._stack, scope=self)
        principals = checked_principals(
            [] if allowed_principals is None else allowed_principals,
            already={},
            argument="allowed_principals",
            stack=self._stack,
            scope=self,
        )
        regions = checked_regions(allowed_regions, scope=self)
        check_flag("acceptance_required", acceptance_required, scope=self)
        check_private_dns(private_dns, load_balancers=load_balancers, stack=self._stack, scope=self)
        ip_address_types = checked_ip_address_types(
            supported_ip_address_types, load_balancers=load_balancers, scope=self
        )
        check_payer_responsibility(payer_responsibility, scope=self)
        if contributor_insights is not None:
            check_flag("contributor_insights", contributor_insights, scope=self)
        check_kind(
            "service_name_source",
            service_name_source,
            ServiceNameSource,
            takes="a `ServiceNameSource`",
            fix="pass `ServiceNameSource.LOOKUP` or `ServiceNameSource.DERIVED`",
            scope=self,
        )

        looks_up = service_name_source is ServiceNameSource.LOOKUP
        function = look_up_function(self._stack, scope=self) if looks_up else None

        network = load_balancers.load_balancer_type == "network"
        self._resource = ec2.CfnVPCEndpointService(
            self,
            "Resource",
            acceptance_required=acceptance_required,
            network_load_balancer_arns=arns if network else None,
            gateway_load_balancer_arns=None if network else arns,
            supported_regions=regions,
            supported_ip_address_types=ip_address_types,
            payer_responsibility=payer_responsibility.value if payer_responsibility else None,
            contributor_insights_enabled=contributor_insights,
        )
        self._service_id = self._resource.ref
        self._service_name: str | None = None
        self._load_balancers = load_balancers
        self._load_balancer_arns = arns
        self._acceptance_required = acceptance_required
        self._allowed_regions = regions
        # What an endpoint service is of no use without, in the order of its making.
        self._companions: list[CfnResource] = []
        self._removal_policy: RemovalPolicy | None = None
        # What consumers of this app wait for, once there is one.
        self._usable: DependencyGroup | None = None
        self._permissions: ec2.CfnVPCEndpointServicePermissions | None = None
        self._allow(principals)
        if payer_responsibility is PayerResponsibility.SERVICE_OWNER:
            warn_of_paying(self)
        self._look_up = (
            look_up_service(self, function, service_id=self._service_id, load_balancer_arns=arns)
            if function is not None
            else None
        )
        self._verification: CustomResource | None = None
        self._private_dns = private_dns
        if private_dns is not None:
            self._set_private_dns(private_dns)

    @staticmethod
    def from_service_id(scope: Construct, id: str, service_id: str) -> IPrivateLinkEndpointService:
        """Take an existing service of the stack's region by its id.

        Its name is composed, as with ``ServiceNameSource.DERIVED``.

        :param scope: The stack, or a construct in it, that uses the service.
        :param id: The name of this construct within ``scope``.
        :param service_id: Like ``vpce-svc-0123456789abcdef0``, or known at deployment.
        :raises PrivateLinkValueError: It cannot be the id of an endpoint service.
        :raises PrivateLinkTypeError: It is not a string.
        """
        return ServiceById(scope, id, service_id)

    @staticmethod
    def from_service_name(
        scope: Construct, id: str, service_name: str
    ) -> IPrivateLinkEndpointService:
        """Take an existing service, of this or another account and region, by its name.

        Its id, region and partition are those that the name tells.

        :param scope: The stack, or a construct in it, that uses the service.
        :param id: The name of this construct within ``scope``.
        :param service_name: Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``, or
            known at deployment. It does not tell the account: ARN and metrics take that of the
            stack.
        :raises PrivateLinkValueError: It cannot be the name of an endpoint service.
        :raises PrivateLinkTypeError: It is not a string.
        """
        return ServiceByName(scope, id, service_name)

    def allow_principals(self, *principals: AllowedPrincipal) -> None:
        """Allow more principals to ask for a connection.

        All calls together make one ``AWS::EC2::VPCEndpointServicePermissions``. To take a
        principal away later does not cut the connections that it has.

        :param principals: Accounts (``iam.AccountPrincipal``), roles and users without a path in
            their name (``iam.Role``, ``iam.User``, ``iam.ArnPrincipal``), everyone
            (``iam.AnyPrincipal``). Those that are already allowed are folded.
        :raises PrivateLinkValueError: An ARN that EC2 does not accept.
        :raises PrivateLinkTypeError: A principal that has no ARN.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html#add-remove-permissions
        """
        self._allow(
            checked_principals(
                principals,
                already=self._principals,
                argument="principals",
                stack=self._stack,
                scope=self,
            )
        )

    def add_connection_notification(
        self,
        topic: sns.Topic | sns.ITopic,
        *,
        events: Sequence[ConnectionEvent] | None = None,
    ) -> None:
        """Have a topic told what becomes of connections, for Network Load Balancers only.

        The policy of the topic, and of the key that it is encrypted with, is extended to allow it.
        Those of imported topics and keys have to allow it already. A key, and a topic of another
        stack, are opened to all endpoint services of the account and region, since they could
        not name this one without depending on it while it depends on them.

        :param topic: The topic. It can be passed again to add events.
        :param events: What it is told of. Default: every ``ConnectionEvent``.
        :raises PrivateLinkValueError: An empty list, or a service behind Gateway Load Balancers.
        :raises PrivateLinkTypeError: It is no topic, or no list of events.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/create-notification-endpoint-service.html
        """
        check_network("add_connection_notification", self._load_balancers, scope=self)
        check_topic(topic, scope=self)
        notify_topic(self, cast("sns.ITopic", topic), checked_events(events, scope=self))

    def add_rst_packets_sent_alarms(
        self, id: str, *, threshold: float, availability_zones: Sequence[str] | None = None
    ) -> list[cloudwatch.Alarm]:
        """Alarm when targets seem unhealthy, as AWS recommends it.

        One alarm for each load balancer in each zone goes off when more than ``threshold`` packets
        that reset a connection are sent in each of five minutes in a row. Add what shall
        be done then with ``alarm.add_alarm_action()``.

        :param id: The name of the alarms within this construct.
        :param threshold: How many packets in a minute are still tolerated: few, where no target may
            be unhealthy.
        :param availability_zones: The names of the zones that the load balancers are in. Default:
            all of their VPC, for load balancers that are made in this app. Repetitions are folded.
        :returns: The alarms, in the order of the load balancers.
        :raises PrivateLinkValueError: A threshold below zero, or zones that are not known here.
        :raises PrivateLinkTypeError: It is no number, or no list of names.
        :see: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#PrivateLinkServices
        """
        check_id(id, scope=self)
        check_threshold(threshold, scope=self)
        pairs = checked_zones(
            availability_zones,
            load_balancers=self._load_balancers,
            arns=self._load_balancer_arns,
            scope=self,
        )
        # Below a construct of their own, so that no id can meet those of this library.
        alarms = self.node.try_find_child("RstPacketsSentAlarms") or Construct(
            self, "RstPacketsSentAlarms"
        )
        with told_as_ours("id", fix="pass one that is free", scope=self):
            place = Construct(cast(Construct, alarms), id)
        return add_alarms(place, self, pairs, threshold)

    def verify_private_dns(self, *after: IDependable) -> None:
        """Start the verification of the private DNS name, and wait for it, at deployment.

        Only for DNS that is hosted elsewhere: with a ``hosted_zone`` it is done already. Call it
        when the TXT record is published, or else the deployment fails after a quarter of an hour.

        :param after: What has to be deployed first, like the construct that publishes the record,
            in the same stack. Default: nothing but the service.
        :raises PrivateLinkValueError: No private DNS name, or one that is verified already.
        :raises PrivateLinkTypeError: Something that is not a construct.
        """
        private_dns = self._with_private_dns("verify_private_dns")
        check_dependables(after, scope=self)
        if self._verification is not None:
            raise PrivateLinkValueError(
                "verify_private_dns",
                "is called although the name is verified already",
                got=f"`{private_dns.domain_name}`",
                fix="call it once, and not at all with a `hosted_zone`",
                scope=self,
            )
        check_room(self._stack, scope=self)
        check_verification_ids(self)
        self._await_verification(private_dns.domain_name, after)

    def apply_removal_policy(self, policy: RemovalPolicy) -> None:
        """Say what becomes of the service, and of what it needs to be used, when it is removed.

        :param policy: ``RemovalPolicy.RETAIN`` keeps it when the stack or this construct goes,
            with who may connect to it and the TXT record of its private DNS name. A hosted zone
            of the same stack has to be retained as well, for it is not empty then.
            Default: they are deleted, which fails as long as endpoints are connected.
        :raises PrivateLinkValueError: ``RemovalPolicy.SNAPSHOT``, which endpoint services lack.
        :raises PrivateLinkTypeError: It is no ``RemovalPolicy``.
        """
        _check_removal_policy(policy, scope=self)
        super().apply_removal_policy(policy)
        self._removal_policy = policy
        for companion in self._companions:
            companion.apply_removal_policy(policy)

    @property
    def service_id(self) -> str:
        """The id of the service, like ``vpce-svc-0123456789abcdef0``."""
        return self._service_id

    @property
    def service_name(self) -> str:
        """The name that consumers connect to.

        Like ``com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0``. ``service_name_source``
        says where it comes from.
        """
        if self._service_name is None:
            self._service_name = (
                derive_service_name(self._stack, self._service_id)
                if self._look_up is None
                else self._look_up.get_att_string("ServiceName")
            )
        return self._service_name

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
    def cfn_endpoint_service(self) -> ec2.CfnVPCEndpointService:
        """The CloudFormation resource, for what this construct does not offer."""
        return self._resource

    @property
    def domain_verification_name(self) -> str:
        """The whole name of the TXT record that proves a private DNS name to be yours.

        Like ``_6e86v84tqgqubxbwii1m.payments.example.com``, known at deployment.

        :raises PrivateLinkValueError: No private DNS name.
        """
        private_dns = self._with_private_dns("domain_verification_name")
        return record_name(self._resource, private_dns.domain_name)

    @property
    def domain_verification_value(self) -> str:
        """The value of that TXT record, like ``vpce:l6p0ERxlTt45jevFwOCp``, known at deployment.

        :raises PrivateLinkValueError: No private DNS name.
        """
        self._with_private_dns("domain_verification_value")
        return record_value(self._resource)

    def _allow(self, principals: dict[str, str]) -> None:
        self._principals = principals
        if not principals:
            return
        arns = list(principals.values())
        if self._permissions is None:
            fix = "keep the id `Permissions` free"
            with told_as_ours("allow_principals", fix=fix, scope=self):
                self._permissions = ec2.CfnVPCEndpointServicePermissions(
                    self, "Permissions", service_id=self._service_id, allowed_principals=arns
                )
            self._accompany(self._permissions)
            self._have_awaited(self._permissions)
        else:
            self._permissions.allowed_principals = arns
        if self._acceptance_required is False and "*" in arns:
            Annotations.of(self).add_warning_v2(
                "cdk-privatelink:openToEveryone",
                "Everyone may connect to this service and no connection has to be accepted, so its "
                "load balancers are public. Name the principals or require acceptance. If it is "
                "meant, say so: `Annotations.of(service).acknowledge_warning("
                '"cdk-privatelink:openToEveryone")`.',
            )

    def _accompany(self, resource: CfnResource) -> None:
        self._companions.append(resource)
        if self._removal_policy is not None:
            resource.apply_removal_policy(self._removal_policy)

    def _set_private_dns(self, private_dns: PrivateDns) -> None:
        set_name(self._resource, private_dns)
        if private_dns.hosted_zone is not None:
            record = publish_record(self, self._resource, private_dns)
            self._accompany(record)
            self._await_verification(private_dns.domain_name, [record])

    def _await_verification(self, domain_name: str, after: Sequence[IDependable]) -> None:
        self._verification = await_verification(
            self,
            stack=self._stack,
            service_id=self._service_id,
            service_arn=self.service_arn,
            domain_name=domain_name,
            after=after,
        )
        self._have_awaited(self._verification)

    def _until_usable(self) -> DependencyGroup:
        """Tell what has to be there before anyone connects, be it made later than this call.

        Until it is allowed, no one may connect; until its name is verified, no one may use it.
        """
        if self._usable is None:
            self._usable = DependencyGroup()
            for resource in (self._permissions, self._verification):
                if resource is not None:
                    self._usable.add(resource)
        return self._usable

    def _have_awaited(self, resource: Construct) -> None:
        if self._usable is not None:
            self._usable.add(resource)

    def _with_private_dns(self, asked: str) -> PrivateDns:
        if self._private_dns is None:
            raise PrivateLinkValueError(
                asked,
                "is only there with a private DNS name",
                got="`private_dns=None`",
                fix="pass `private_dns=PrivateDns(...)` to the service",
                scope=self,
            )
        return self._private_dns

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


def _check_removal_policy(policy: object, *, scope: Construct) -> None:
    fix = "pass `RemovalPolicy.RETAIN`, `.RETAIN_ON_UPDATE_OR_DELETE` or `.DESTROY`"
    check_kind("policy", policy, RemovalPolicy, takes="a `RemovalPolicy`", fix=fix, scope=scope)
    if policy is RemovalPolicy.SNAPSHOT:
        raise PrivateLinkValueError(
            "policy",
            "asks for a snapshot, which endpoint services do not have",
            got="`RemovalPolicy.SNAPSHOT`",
            fix=fix,
            scope=scope,
        )
