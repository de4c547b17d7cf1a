"""The construct that lets rules decide who is connected to a service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CustomResource, Duration, Stack
from constructs import Construct, DependencyGroup, IDependable

from .._internal.arguments import (
    Argument,
    Arguments,
    boolean,
    list_of,
    number,
    optional,
    seconds,
)
from .._internal.end_of_synthesis import add_final_check, add_final_validation
from .._internal.metrics import create_metric
from .._internal.scopes import checked_construction, named_construct, validate_id
from .._internal.tokens import is_literal
from .._internal.warnings import add_warning
from ..custom_resources.connection_manager_function import (
    FUNCTION_SECONDS,
    MANAGER_CHARACTERS,
    MAX_MANAGERS,
    MAX_POLICY_CHARACTERS,
    TABLE_CHARACTERS,
    ConnectionManagerFunction,
)
from ..custom_resources.custom_resource_function import (
    LONG_SERVICE_TIMEOUT_SECONDS,
    RULES_TYPE,
    CustomResourceFunction,
    validate_permissions,
)
from ..errors import PrivateLinkValueError
from ..provider.accepted_endpoints import accepted_endpoints
from ..provider.allowed_principals import may_allow
from ..provider.connection_notifications import ConnectionEvent
from ..provider.endpoint_service import PrivateLinkEndpointService
from ..provider.endpoint_service_base import EndpointServiceBase
from ..provider.interface import IPrivateLinkEndpointService
from ..provider.service_reference import ServiceReference, reference_to
from .rules import CONNECTION_RULE, ConnectionRule, has_tokens, may_match, resolve_rule, tables_of

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs
    from typing_extensions import Unpack

    from .._internal.metrics import MetricOptions

_NAMESPACE = "CdkPrivateLink"
_INVOKE = "lambda:InvokeFunction"
_DAY = 86_400
_AFTER = optional(seconds(at_least=60, at_most=365 * _DAY))
# So many ids of transit gateway attachments, with their times, fit into one parameter.
_MAX_DISCONNECTS = number(
    at_least=1, at_most=90, whole=True, fix="pass the number of connections per day"
)


class ConnectionManager(Construct):
    """Accepts, and on request rejects, the connections of a service by rules.

    ::

        customers = ConnectionRule.accounts("111122223333", "444455556666", limit=2)
        manager = ConnectionManager(self, "Connections", service=service, accept=[customers])

    A Lambda function reads all connections and all rules, and makes EC2 agree: when a consumer
    requests or deletes a connection, when a table of rules changes, after each deployment that
    changes rules, and after each ``interval``. Without further options, it accepts what a rule
    matches and leaves everything else as it is.

    A connection with the tag ``cdk-privatelink:hold`` stays as it is.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: IPrivateLinkEndpointService,
        accept: Sequence[ConnectionRule],
        reject_unmatched_after: Duration | None = None,
        disconnect_unmatched_after: Duration | None = None,
        max_disconnects: int = 5,
        interval: Duration | None = None,
        dry_run: bool = False,
    ) -> None:
        """Create the manager.

        :param scope: The stack or construct that contains the manager.
        :param id: The id of the construct, unique in ``scope``.
        :param service: The service, in the stack of the manager, or imported from its account and
            Region.
        :param accept: The rules. If several match, the one with the highest limit counts.
        :param reject_unmatched_after: The time after which requests that no rule matches are
            rejected, from the first run that found them. EC2 may not allow the consumer to connect
            the same endpoint again. Default: they wait for you.
        :param disconnect_unmatched_after: The time after which existing connections that no rule
            matches are rejected, from the first run that found them. Default: never.
        :param max_disconnects: The number of existing connections that may be rejected within a
            day. With more than five connections, it is never more than a fifth of them. The rest is
            blocked, logged and counted by :meth:`metric_blocked`.
        :param interval: The time between two runs that nothing else starts, in whole minutes.
            Default: five minutes.
        :param dry_run: ``True`` logs the decisions and changes nothing. Default: ``False``
        :raises PrivateLinkValueError: A value cannot work, the service has a manager already, or
            the stack has too many managers.
        :raises PrivateLinkTypeError: A value has a type that this construct does not accept.
        :see: https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
        """
        # Imported lazily: only stacks with a manager need these modules and those of the CDK.
        from .manager_permissions import grant_permissions
        from .nudges import add_mapping, add_pipes, add_queue, add_schedule, add_topic
        from .rule_parameters import add_parameters

        with checked_construction(scope, id) as stack:
            super().__init__(scope, id)
        self._stack = stack
        check = Arguments(self)
        self._service = _validate_service(check.argument("service"), service, stack)
        reference = reference_to(self._service, self)
        rules = check("accept", accept, list_of(CONNECTION_RULE, is_required=True))
        resolved = [
            part
            for index, rule in enumerate(rules)
            for part in resolve_rule(check.argument(f"accept[{index}]"), rule)
        ]
        tables = tables_of(check.argument("accept"), rules)
        reject_after = check("reject_unmatched_after", reject_unmatched_after, _AFTER)
        disconnect_after = check("disconnect_unmatched_after", disconnect_unmatched_after, _AFTER)
        check("max_disconnects", max_disconnects, _MAX_DISCONNECTS)
        interval = check("interval", interval or Duration.minutes(5), _interval)
        check("dry_run", dry_run, boolean)
        characters = _validate_room(check, stack, self, tables=len(tables))
        validate_permissions(check.argument("scope"), [_INVOKE], stack=stack, construct=self)
        _register(reference, self)
        if disconnect_after is not None and not dry_run:
            add_final_validation(
                self, lambda: _validate_accepted_endpoints(self, reference, resolved)
            )

        managers = ConnectionManagerFunction.get_or_create(stack, scope=self)
        managers.manager_count += 1
        managers.policy_characters += characters
        self._managers = managers
        self._queue, self._dead_letter_queue = add_queue(self, function_seconds=FUNCTION_SECONDS)
        name = self._queue.queue_name
        parameters, version = add_parameters(
            self,
            name=name,
            settings={
                "service": self._service.service_id,
                "queue": self._queue.queue_url,
                "reject_after": _seconds_of(reject_after),
                "disconnect_after": _seconds_of(disconnect_after),
                "max_disconnects": max_disconnects,
                "dry_run": dry_run,
            },
            rules=resolved,
        )
        policy = grant_permissions(
            self,
            managers.role,
            service_arn=self._service.service_arn,
            queue=self._queue,
            tables=tables,
            changes=not dry_run,
            rejects=reject_after is not None or disconnect_after is not None,
            disconnects=disconnect_after is not None,
            has_other_regions=bool(reference.allowed_regions),
        )
        after: list[IDependable] = [policy, *parameters]
        if reference.ready is not None:
            after.append(reference.ready)
        add_mapping(self, managers.resource, self._queue, after=after)
        add_schedule(self, self._queue, interval)
        add_pipes(self, self._queue, tables, dead_letter_queue=self._dead_letter_queue)
        if (
            isinstance(self._service, PrivateLinkEndpointService)
            and reference.load_balancer_type == "network"
        ):
            # EC2 has no notifications for services behind Gateway Load Balancers. Changes by the
            # function itself, Accept and Reject, start no run.
            topic = add_topic(self, self._queue)
            self._service.add_connection_notification(
                topic, events=[ConnectionEvent.CONNECT, ConnectionEvent.DELETE]
            )
        # The version does not show another value of a token.
        values = [each.attr_value for each in parameters] if has_tokens(resolved, stack) else None
        self._apply_rules(
            name,
            version,
            values=values,
            after=[policy] if values else [policy, *parameters],
            ready=reference.ready,
        )
        add_final_check(
            parameters[0], lambda: _warn_of_unreachable_rules(self, reference, resolved)
        )

    @property
    def function(self) -> lambda_.IFunction:
        """The function that all managers of the stack share."""
        return self._managers.function

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """The queue of the messages whose runs failed three times."""
        return cast("sqs.IQueue", self._dead_letter_queue)

    def metric_accepted(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of accepted connections.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("Accepted", "Sum", options)

    def metric_rejected(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of rejected requests.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("Rejected", "Sum", options)

    def metric_disconnected(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of existing connections that were rejected.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("Disconnected", "Sum", options)

    def metric_pending(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of requests that wait: beyond a limit, or without a rule.

        :param options: See :class:`MetricOptions`. Default: the maximum over five minutes.
        """
        return self._metric("Pending", "Maximum", options)

    def metric_oldest_pending_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the age of the oldest request that waits, in seconds.

        :param options: See :class:`MetricOptions`. Default: the maximum over five minutes.
        """
        return self._metric("OldestPendingAge", "Maximum", options)

    def metric_blocked(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of connections that would be rejected if the brake did not hold.

        :param options: See :class:`MetricOptions`. Default: the maximum over five minutes.
        """
        return self._metric("Blocked", "Maximum", options)

    def metric_held(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of connections with the tag ``cdk-privatelink:hold``.

        :param options: See :class:`MetricOptions`. Default: the maximum over five minutes.
        """
        return self._metric("Held", "Maximum", options)

    def metric_failed(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """Return the number of failures: changes that EC2 rejects, and tables without access.

        :param options: See :class:`MetricOptions`. Default: the sum over five minutes.
        """
        return self._metric("Failed", "Sum", options)

    def add_alarms(self, id: str) -> list[cloudwatch.Alarm]:
        """Add alarms for what needs you: blocked connections, failures, and dead letters.

        Add actions with ``alarm.add_alarm_action()``.

        :param id: The id of the alarms in this construct.
        :returns: The alarms, in this order.
        :raises PrivateLinkValueError: The id is empty or in use.
        :raises PrivateLinkTypeError: The id is not a string.
        """
        # Imported lazily: only alarms need this module.
        from aws_cdk import aws_cloudwatch as cloudwatch

        validate_id(id, scope=self)
        alarms = named_construct(self, id)
        metrics = {
            "Blocked": (self.metric_blocked(), "The brake of a connection manager holds"),
            "Failed": (self.metric_failed(), "Changes of a connection manager fail"),
            "DeadLetters": (
                self._dead_letter_queue.metric_approximate_number_of_messages_visible(),
                "Runs of a connection manager fail",
            ),
        }
        return [
            cloudwatch.Alarm(
                alarms,
                name,
                metric=metric,
                alarm_description=f"{description}: read the log of the function.",
                threshold=0,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for name, (metric, description) in metrics.items()
        ]

    def _metric(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        return create_metric(
            name,
            scope=self,
            environment=self._service.env,
            namespace=_NAMESPACE,
            dimensions={"Service Id": self._service.service_id},
            default_statistic=statistic,
            **options,
        )

    def _apply_rules(
        self,
        name: str,
        version: str,
        *,
        values: list[str] | None,
        after: Sequence[Construct],
        ready: DependencyGroup | None,
    ) -> None:
        """Run the manager at each deployment that changes rules, and wait for it."""
        function = CustomResourceFunction.get_or_create(self._stack, scope=self)
        invocation = function.allow(
            self, actions=[_INVOKE], resource_arn=self._managers.resource.attr_arn
        )
        rules = CustomResource(
            self,
            "Rules",
            resource_type=RULES_TYPE,
            service_token=function.arn,
            service_timeout=Duration.seconds(LONG_SERVICE_TIMEOUT_SECONDS),
            properties={
                "Function": self._managers.resource.ref,
                "Manager": name,
                "Version": version,
                "Values": values,
            },
        )
        rules.node.add_dependency(invocation, *after)
        if ready is not None:
            # The manager is deleted before the permissions of the service are.
            rules.node.add_dependency(ready)


_INTERVAL = seconds(at_least=60, at_most=_DAY)


def _interval(argument: Argument, value: object) -> Duration:
    """Require whole minutes, because the rates of EventBridge have no seconds."""
    interval = _INTERVAL(argument, value)
    if not interval.is_unresolved() and interval.to_seconds() % 60:
        raise argument.value_error(
            "must be in whole minutes",
            got=interval.to_string(),
            fix="pass a duration like `Duration.minutes(5)`",
        )
    return interval


# The manager of each service, by the app and the id of the service.
_MANAGED: dict[tuple[str, str], str] = {}


def _validate_service(argument: Argument, service: object, stack: Stack) -> EndpointServiceBase:
    if not isinstance(service, EndpointServiceBase):
        raise argument.type_error(
            "must be an endpoint service of this library",
            got=service,
            fix="pass a `PrivateLinkEndpointService`, or import a service with "
            "`PrivateLinkEndpointService.from_service_id()`",
        )
    if isinstance(service, PrivateLinkEndpointService) and Stack.of(service) is not stack:
        raise argument.value_error(
            "must be in the stack of the manager",
            got=service.node.path,
            fix="create the manager in that stack, or import the service with "
            "`PrivateLinkEndpointService.from_service_id()`",
        )
    region, expected = service.env.region, stack.region
    if region != expected and is_literal(region) and is_literal(expected):
        raise argument.value_error(
            "must be in the Region of the manager",
            got=f"{service.node.path} in {region}",
            fix=f"create the manager in a stack in {region}",
        )
    return service


def _validate_room(check: Arguments, stack: Stack, manager: Construct, *, tables: int) -> int:
    """Return the characters that the permissions of a manager need, if there is room."""
    existing = ConnectionManagerFunction.find(stack, scope=manager)
    if existing is not None and existing.manager_count >= MAX_MANAGERS:
        raise check.argument("scope").value_error(
            f"must contain at most {MAX_MANAGERS} managers per stack, because the permissions for "
            "all of them share one IAM role",
            got=f"number {existing.manager_count + 1}",
            fix="move the service and its manager into another stack",
        )
    needed = MANAGER_CHARACTERS + tables * TABLE_CHARACTERS
    used = 0 if existing is None else existing.policy_characters
    if used + needed > MAX_POLICY_CHARACTERS:
        raise check.argument("accept").value_error(
            "must have as many tables as the IAM role of all managers of the stack has room for",
            got=f"{tables} tables",
            fix="use fewer tables, or move the service and its manager into another stack",
        )
    return needed


def _register(service: ServiceReference, manager: Construct) -> None:
    other = _MANAGED.setdefault(service.identity, manager.node.path)
    if other != manager.node.path:
        raise PrivateLinkValueError(
            "service",
            "must have one manager only, because two would undo the changes of each other",
            got=f"`{service.display_name}` with the manager `{other}`",
            fix="put the rules of both into one manager",
            scope=manager,
        )


def _validate_accepted_endpoints(
    manager: Construct, service: ServiceReference, rules: Sequence[dict[str, Any]]
) -> None:
    """Check that no endpoint that the app itself accepts is certainly without a rule."""
    for each in accepted_endpoints(service.identity):
        if not any(may_match(rule, each.account, each.region) for rule in rules):
            raise PrivateLinkValueError(
                "accept",
                "must match each endpoint with `auto_accept=True`, or the manager disconnects it",
                got=f"no rule for `{each.path}` in {each.account}, {each.region}",
                fix="add the account and Region to a rule, or leave out "
                "`disconnect_unmatched_after`",
                scope=manager,
            )


def _seconds_of(duration: Duration | None) -> object:
    return None if duration is None else duration.to_seconds()


def _warn_of_unreachable_rules(
    manager: Construct, service: ServiceReference, rules: Sequence[dict[str, Any]]
) -> None:
    """Warn of requests that EC2 accepts or rejects before the manager sees them."""
    if service.accepts_all:
        add_warning(
            manager,
            "cdk-privatelink:managerWithoutAcceptance",
            "EC2 accepts every request to the service at once, so that no rule decides. Pass "
            "`acceptance_required=True` to the service.",
            variable="manager",
        )
    if service.principals is None:
        return
    principals = service.principals()
    if any("table" in rule for rule in rules) and "*" not in principals:
        add_warning(
            manager,
            "cdk-privatelink:tableWithoutEveryone",
            "A table has rules for accounts that the service may not allow: EC2 rejects requests "
            "of accounts that are not allowed principals. Allow everyone, and require acceptance: "
            "`service.allow_principals(iam.AnyPrincipal())`.",
            variable="manager",
        )
    accounts = {
        account: None
        for rule in rules
        for account in rule.get("accounts") or ()
        # AWS documents permissions for other accounts only.
        if is_literal(account) and account != service.account
    }
    missing = [
        account
        for account in accounts
        if not any(may_allow(principal, account) for principal in principals)
    ]
    if missing:
        add_warning(
            manager,
            "cdk-privatelink:ruleWithoutPrincipal",
            f"The service does not allow {len(missing)} of the accounts in rules, like "
            f"{missing[0]}: EC2 rejects their requests. Call "
            "`service.allow_principals(iam.AccountPrincipal(...))`.",
            variable="manager",
        )
