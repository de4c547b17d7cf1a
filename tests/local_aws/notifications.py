"""Connection notifications, and the topics that they would be sent to."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, UnknownVpcEndpointService
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.responses import EC2Response
from moto.moto_api._internal import mock_random
from moto.sns import models

from .asked import Asked


def patches() -> list[AbstractContextManager[Any]]:
    """List what to change in moto while the emulator runs."""
    # moto lacks it.
    name = "describe_vpc_endpoint_connection_notifications"
    return [patch.object(EC2Response, name, describe_notifications, create=True)]


class Topic:
    """`AWS::SNS::Topic`; moto's loses its tags, and with every update its ARN and its policy."""

    def __init__(self, asked: Asked) -> None:
        self._backend = models.sns_backends[asked.account_id][asked.region]
        self._topic = self._backend.create_topic(asked.name, asked.properties)
        self.physical_resource_id = self._topic.arn
        self._configure(asked.properties)

    def update(self, asked: Asked) -> Topic:
        """Take over all properties; another name is another topic."""
        if asked.properties.get("TopicName", self._topic.name) != self._topic.name:
            new = Topic(asked)
            self.delete()
            return new
        self._configure(asked.properties)
        return self

    def delete(self, *_place: str) -> None:
        self._backend.delete_topic(self._topic.arn)

    def get_cfn_attribute(self, name: str) -> str:
        return {"TopicArn": self._topic.arn, "TopicName": self._topic.name}[name]

    def _configure(self, properties: dict[str, Any]) -> None:
        self._topic.display_name = properties.get("DisplayName", "")
        self._topic.kms_master_key_id = properties.get("KmsMasterKeyId", "")
        self._topic._tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        for subscription in properties.get("Subscription", []):
            self._backend.subscribe(
                self._topic.arn, subscription["Endpoint"], subscription["Protocol"]
            )


class TopicPolicy:
    """`AWS::SNS::TopicPolicy`, which moto has not: it takes the place of a topic's own policy."""

    def __init__(self, asked: Asked) -> None:
        self.physical_resource_id = asked.name
        self._backend = models.sns_backends[asked.account_id][asked.region]
        self._arns = set(asked.properties["Topics"])
        for arn in self._arns:
            self._backend.get_topic(arn).policy = json.dumps(asked.properties["PolicyDocument"])

    def update(self, asked: Asked) -> TopicPolicy:
        """Put the new policy in place, and none where it is no more asked for."""
        new = TopicPolicy(asked._replace(name=self.physical_resource_id))
        self._arns -= new._arns
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        """Give the topics back the policy that they had at first."""
        for arn in self._arns:
            # The topic is gone already if it was replaced by one of another name.
            if topic := self._backend.topics.get(arn):
                place = self._backend.region_name, self._backend.account_id
                topic.policy = json.dumps(topic._create_default_topic_policy(*place, topic.name))


class ConnectionNotification:
    """`AWS::EC2::VPCEndpointConnectionNotification` of a service, and gone with it."""

    def __init__(self, asked: Asked) -> None:
        self.physical_resource_id = f"vpce-nfn-{mock_random.get_random_hex(17)}"
        self._service_id = asked.properties.get("ServiceId", "")
        self._configure(asked)

    def update(self, asked: Asked) -> ConnectionNotification:
        """Take over events and topic; another service needs another notification."""
        if asked.properties.get("ServiceId", "") == self._service_id:
            self._configure(asked)
            return self
        new = ConnectionNotification(asked)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._of_service.pop(self.physical_resource_id, None)

    def get_cfn_attribute(self, name: str) -> str:
        return {"VPCEndpointConnectionNotificationId": self.physical_resource_id}[name]

    def _configure(self, asked: Asked) -> None:
        services = ec2_backends[asked.account_id][asked.region].configurations
        if self._service_id not in services:
            raise UnknownVpcEndpointService(self._service_id)
        service = services[self._service_id]
        if service.gateway_load_balancer_arns:
            message = f"{service.id}: Connection notifications are for interface endpoints only"
            raise EC2ClientError("InvalidParameter", message)
        arn = asked.properties["ConnectionNotificationArn"]
        topic = models.sns_backends[asked.account_id][asked.region].get_topic(arn)
        if not _may_be_told(topic):
            message = f"The policy of {arn} does not allow vpce.amazonaws.com to sns:Publish"
            raise EC2ClientError("InvalidParameter", message)
        self._of_service = _notifications_of(service)
        self._of_service[self.physical_resource_id] = {
            "ConnectionNotificationId": self.physical_resource_id,
            "ServiceId": service.id,
            "ConnectionNotificationType": "Topic",
            "ConnectionNotificationArn": arn,
            "ConnectionEvents": asked.properties["ConnectionEvents"],
            "ConnectionNotificationState": "Enabled",
        }


def describe_notifications(response: EC2Response) -> ActionResult:
    """Answer EC2's DescribeVpcEndpointConnectionNotifications."""
    found: dict[str, dict[str, Any]] = {}
    for service in response.ec2_backend.configurations.values():
        found |= _notifications_of(service)
    wanted = response._get_param("ConnectionNotificationId")
    if wanted and wanted not in found:
        message = f"The connection notification '{wanted}' does not exist"
        raise EC2ClientError("InvalidConnectionNotification", message)
    told = [found[wanted]] if wanted else list(found.values())
    return ActionResult({"ConnectionNotificationSet": told})


def _notifications_of(service: VPCServiceConfiguration) -> dict[str, dict[str, Any]]:
    """Give what belongs to a service, by id; kept in the service, that both end together."""
    kept: dict[str, dict[str, Any]] = vars(service).setdefault("connection_notifications", {})
    return kept


def _may_be_told(topic: models.Topic) -> bool:
    """Look for a statement that lets PrivateLink publish, whatever its conditions."""
    for statement in _as_list(json.loads(topic.policy)["Statement"]):
        principal = statement.get("Principal")
        # "*" or {"AWS": ...} do not name a service: the topic's first policy is one of these.
        services = _as_list(principal.get("Service")) if isinstance(principal, dict) else []
        actions = [action.lower() for action in _as_list(statement.get("Action"))]
        if (
            statement["Effect"] == "Allow"
            and "vpce.amazonaws.com" in services
            and any(fnmatchcase("sns:publish", action) for action in actions)
            and any(fnmatchcase(topic.arn, arn) for arn in _as_list(statement.get("Resource")))
        ):
            return True
    return False


def _as_list(value: Any) -> list[Any]:
    """Read what a policy may give as one, as several or not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
