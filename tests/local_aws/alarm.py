"""CloudWatch alarms on one metric, which moto has in CloudWatch alone."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import Alarm as MotoAlarm
from moto.cloudwatch.models import cloudwatch_backends

from .asked import Asked, NotEmulatedError, is_true


class Alarm:
    """`AWS::CloudWatch::Alarm`."""

    def __init__(self, asked: Asked) -> None:
        self._backend = cloudwatch_backends[asked.account_id][asked.region]
        self._alarm = self._put(asked, asked.properties.get("AlarmName", asked.name))

    def update(self, asked: Asked) -> Alarm:
        """Take over all properties; another name is another alarm."""
        name = self._alarm.name
        if asked.properties.get("AlarmName", name) == name:
            self._backend.tagger.delete_all_tags_for_resource(self._alarm.alarm_arn)
            self._alarm = self._put(asked, name)
            return self
        new = Alarm(asked)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._backend.delete_alarms([self._alarm.name])

    @property
    def physical_resource_id(self) -> str:
        return self._alarm.name

    def get_cfn_attribute(self, name: str) -> str:
        return {"Arn": self._alarm.alarm_arn}[name]

    def _put(self, asked: Asked, name: str) -> MotoAlarm:
        properties = asked.properties
        if "Metrics" in properties:
            # Alarms on expressions, on anomalies and on other accounts' metrics.
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
