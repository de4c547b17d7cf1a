"""CloudWatch metrics and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypedDict

from aws_cdk import Duration
from constructs import Construct

from ..errors import PrivateLinkTypeError, PrivateLinkValueError
from .arguments import Argument, instance_of
from .scopes import cdk_reason
from .tokens import is_string_token

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack

_OPTIONS_FIX = "pass the options of `MetricOptions`"
_METRIC_NAME_FIX = "pass a name like `ActiveConnections`"
_METRIC_NAME = instance_of(str, problem="must be a string", fix=_METRIC_NAME_FIX)


class Environment(Protocol):
    """An account and a Region: ``Stack`` and ``Resource.env`` of the CDK."""

    @property
    def account(self) -> str:
        """The account, possibly a token."""
        ...

    @property
    def region(self) -> str:
        """The Region, possibly a token."""
        ...


class MetricOptions(TypedDict, total=False):
    """The options of ``cloudwatch.Metric``, except for its name and namespace.

    :see: https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.aws_cloudwatch/MetricOptions.html
    """

    account: str
    """The account of the metric. Default: the account of the service or endpoint."""

    color: str
    """The color in graphs, like ``"#ff8800"``. Default: CloudWatch chooses a color."""

    dimensions_map: Mapping[str, str]
    """The dimensions that narrow the metric.

    For services: ``Az``, ``Load Balancer Arn`` and ``VPC Endpoint Id``. For endpoints: ``Subnet
    Id``. Default: the whole service or endpoint.
    """

    id: str
    """The name of the metric in math expressions. Default: none."""

    label: str
    """The label in graphs. Default: CloudWatch chooses a label."""

    period: Duration
    """The period over which CloudWatch aggregates values. Default: five minutes."""

    region: str
    """The Region of the metric. Default: the Region of the service or endpoint."""

    stack_account: str
    """The account of the stack that uses the metric.

    Default: the account of the service or endpoint.
    """

    stack_region: str
    """The Region of the stack that uses the metric.

    Default: the Region of the service or endpoint.
    """

    statistic: str
    """The aggregation, like ``cloudwatch.Stats.SUM``. Default: documented at each method."""

    unit: cloudwatch.Unit
    """The unit to read, if there are several. Default: all units."""

    visible: bool
    """The visibility of the metric in graphs. Default: ``True``"""


def create_metric(
    metric_name: str,
    *,
    scope: Construct,
    environment: Environment,
    namespace: str,
    dimensions: Mapping[str, str],
    default_statistic: str | None = None,
    **options: Unpack[MetricOptions],
) -> cloudwatch.Metric:
    """Return a metric in the account and Region of a resource.

    :param scope: The construct that errors name.
    :param environment: The stack of the resource, or the environment of an imported resource, which
        can be another one.
    :param dimensions: The dimensions that identify the resource.
    :raises PrivateLinkTypeError: An option does not exist, or has the wrong type.
    :raises PrivateLinkValueError: The name is empty, or ``cloudwatch.Metric`` rejects an option.
    """
    # Imported lazily: only metrics need this module.
    from aws_cdk import aws_cloudwatch as cloudwatch

    _validate(metric_name, options, scope)
    given = list(options)
    if default_statistic is not None and options.get("statistic") is None:
        options["statistic"] = default_statistic
    # The CDK adds the environment to every metric, for alarms and dashboards of other stacks.
    region, account = environment.region, environment.account
    if not is_string_token(region):
        options.setdefault("stack_region", region)
    if not is_string_token(account):
        options.setdefault("stack_account", account)
    options["dimensions_map"] = {**(options.get("dimensions_map") or {}), **dimensions}
    try:
        return cloudwatch.Metric(namespace=namespace, metric_name=metric_name, **options)
    except (TypeError, RuntimeError) as error:
        wrong = PrivateLinkTypeError if isinstance(error, TypeError) else PrivateLinkValueError
        raise wrong(
            "options",
            f"must be accepted by `cloudwatch.Metric` ({cdk_reason(error)})",
            got=", ".join(f"`{name}`" for name in given),
            fix=_OPTIONS_FIX,
            scope=scope,
        ) from error


def add_recommended_alarm(
    scope: Construct,
    id: str,
    *,
    metric: cloudwatch.Metric,
    description: str,
    threshold: float,
    missing_is_good: bool = False,
) -> cloudwatch.Alarm:
    """Add an alarm with the evaluation that AWS recommends: five of five periods.

    :param missing_is_good: ``True`` if periods without values do not exceed the threshold.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
    """
    # Imported lazily: only alarms need this module.
    from aws_cdk import aws_cloudwatch as cloudwatch

    return cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=5,
        datapoints_to_alarm=5,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING if missing_is_good else None,
    )


def _validate(metric_name: object, options: Mapping[str, object], scope: Construct) -> None:
    name = Argument("metric_name", scope)
    if not _METRIC_NAME(name, metric_name):
        raise name.value_error("must not be empty", got=metric_name, fix=_METRIC_NAME_FIX)
    for option in options:
        if option not in MetricOptions.__annotations__:
            raise Argument("options", scope).type_error(
                "must be options of a metric", got=option, fix=_OPTIONS_FIX
            )
    dimensions = options.get("dimensions_map")
    if dimensions is not None and not _maps_strings(dimensions):
        raise Argument("options", scope).type_error(
            "must have a `dimensions_map` from strings to strings",
            got=dimensions,
            fix='pass a map like `{"Az": "eu-west-1a"}`',
        )


def _maps_strings(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )
