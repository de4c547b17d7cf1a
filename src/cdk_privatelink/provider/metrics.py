"""What CloudWatch measures of an endpoint service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from aws_cdk import Duration, Resource
from constructs import Construct

from .._internal.tokens import is_string_token
from ..errors import PrivateLinkTypeError, PrivateLinkValueError

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from typing_extensions import Unpack

_FIX = "pass what `MetricOptions` has"
_NAME_FIX = "pass a name like `ActiveConnections`"


class MetricOptions(TypedDict, total=False):
    """How to read a metric: what ``cloudwatch.Metric`` takes besides its name and namespace.

    :see: https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.aws_cloudwatch/MetricOptions.html
    """

    account: str
    """The account that the metric comes from. Default: that of the service."""

    color: str
    """The colour in graphs, like ``"#ff8800"``. Default: one that CloudWatch chooses."""

    dimensions_map: Mapping[str, str]
    """What to narrow it down to: ``Az``, ``Load Balancer Arn``, ``VPC Endpoint Id``.

    Default: the whole service.
    """

    id: str
    """The name that math expressions have for it. Default: none."""

    label: str
    """The label in graphs. Default: one that CloudWatch chooses."""

    period: Duration
    """Over how long values are put together. Default: five minutes."""

    region: str
    """The region that the metric comes from. Default: that of the service."""

    stack_account: str
    """The account of the stack that it is attached to. Default: that of the service."""

    stack_region: str
    """The region of the stack that it is attached to. Default: that of the service."""

    statistic: str
    """How values are put together, like ``cloudwatch.Stats.SUM``. Default: as each method says."""

    unit: cloudwatch.Unit
    """The unit to read, should there be several. Default: all."""

    visible: bool
    """Whether graphs show it. Default: ``True``"""


def service_metric(
    metric_name: str, *, service: Resource, service_id: str, **options: Unpack[MetricOptions]
) -> cloudwatch.Metric:
    """Make the metric of this name, in the account and region of the service.

    :raises PrivateLinkTypeError: What is no option, or has another type.
    :raises PrivateLinkValueError: No name, or what ``cloudwatch.Metric`` refuses.
    """
    from aws_cdk import aws_cloudwatch as cloudwatch

    _check(metric_name, options, service)
    # As every metric of the CDK tells where it comes from, for alarms and dashboards elsewhere. An
    # imported service may be elsewhere than the stack that it is imported into.
    environment = service.env
    region, account = environment.region, environment.account
    if not is_string_token(region):
        options.setdefault("stack_region", region)
    if not is_string_token(account):
        options.setdefault("stack_account", account)
    narrowed = options.get("dimensions_map") or {}
    options["dimensions_map"] = {**narrowed, "Service Id": service_id}
    try:
        return cloudwatch.Metric(
            namespace="AWS/PrivateLinkServices", metric_name=metric_name, **options
        )
    except (TypeError, RuntimeError) as error:
        refusal = PrivateLinkTypeError if isinstance(error, TypeError) else PrivateLinkValueError
        raise refusal(
            "options",
            "has what `cloudwatch.Metric` does not take",
            got=f"`{f'{error}'.splitlines()[0]}`",
            fix=_FIX,
            scope=service,
        ) from error


def _check(metric_name: object, options: Mapping[str, object], scope: Construct) -> None:
    if not isinstance(metric_name, str):
        raise PrivateLinkTypeError(
            "metric_name", "takes a string", got=f"`{metric_name!r}`", fix=_NAME_FIX, scope=scope
        )
    if not metric_name:
        raise PrivateLinkValueError(
            "metric_name", "is empty", got=f"`{metric_name!r}`", fix=_NAME_FIX, scope=scope
        )
    for name in options:
        if name not in MetricOptions.__annotations__:
            raise PrivateLinkTypeError(
                "options", "has something unknown", got=f"`{name}`", fix=_FIX, scope=scope
            )
    narrowed = options.get("dimensions_map")
    if narrowed is not None and not _is_map_of_strings(narrowed):
        raise PrivateLinkTypeError(
            "options",
            "has a `dimensions_map` that is not from strings to strings",
            got=f"`{narrowed!r}`",
            fix='pass one like `{"Az": "eu-west-1a"}`',
            scope=scope,
        )


def _is_map_of_strings(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )
