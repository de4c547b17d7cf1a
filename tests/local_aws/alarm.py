"""CloudWatch alarms on one metric, which moto supports in CloudWatch but not in stacks."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import Alarm as MotoAlarm
from moto.cloudwatch.models import cloudwatch_backends

from .resource_request import NotEmulatedError, ResourceRequest, is_true


class Alarm:
    """`AWS::CloudWatch::Alarm`."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = cloudwatch_backends[request.account_id][request.region]
        self._alarm = self._put(request, request.properties.get("AlarmName", request.name))

    def update(self, request: ResourceRequest) -> Alarm:
        """Update all properties in place, or replace the alarm if its name changes."""
        name = self._alarm.name
        if request.properties.get("AlarmName", name) == name:
            self._backend.tagger.delete_all_tags_for_resource(self._alarm.alarm_arn)
            self._alarm = self._put(request, name)
            return self
        new = Alarm(request)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._backend.delete_alarms([self._alarm.name])

    @property
    def physical_resource_id(self) -> str:
        return self._alarm.name

    def get_cfn_attribute(self, name: str) -> str:
        return {"Arn": self._alarm.alarm_arn}[name]

    def _put(self, request: ResourceRequest, name: str) -> MotoAlarm:
        properties = request.properties
        if "Metrics" in properties:
            # Alarms on expressions, on anomalies and on metrics of other accounts.
            raise NotEmulatedError
        settings: dict[str, Any] = {
            "name": name,
            "namespace": properties["Namespace"],
            "metric_name": properties["MetricName"],
            "dimensions": properties.get("Dimensions", []),
            "statistic": properties.get("Statistic"),
            "extended_statistic": properties.get("ExtendedStatistic"),
            "unit": properties.get("Unit"),
            "period": properties["Period"],
            "evaluation_periods": properties["EvaluationPeriods"],
            "datapoints_to_alarm": properties.get("DatapointsToAlarm"),
            "threshold": properties["Threshold"],
            "comparison_operator": properties["ComparisonOperator"],
            "treat_missing_data": properties.get("TreatMissingData"),
            "description": properties.get("AlarmDescription"),
            "actions_enabled": is_true(properties.get("ActionsEnabled", True)),
            "alarm_actions": properties.get("AlarmActions", []),
            "ok_actions": properties.get("OKActions", []),
            "insufficient_data_actions": properties.get("InsufficientDataActions", []),
            "tags": properties.get("Tags", []),
        }
        return self._backend.put_metric_alarm(**settings)
