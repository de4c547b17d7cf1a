"""Connection notifications and SNS topics."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager, suppress
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, UnknownVpcEndpointService
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response
from moto.moto_api._internal import mock_random
from moto.sns import models

from .resource_request import ResourceRequest


def patches() -> list[AbstractContextManager[Any]]:
    """Return the patches of moto for the time that the emulator runs."""
    # moto does not support this call.
    name = "describe_vpc_endpoint_connection_notifications"
    return [patch.object(EC2Response, name, describe_notifications, create=True)]


class Topic:
    """`AWS::SNS::Topic`. In moto, it has no tags, and an update changes its ARN and policy."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = models.sns_backends[request.account_id][request.region]
        self._topic = self._backend.create_topic(request.name, request.properties)
        self.physical_resource_id = self._topic.arn
        self._configure(request.properties)

    def update(self, request: ResourceRequest) -> Topic:
        """Update all properties in place, or replace the topic if its name changes."""
        if request.properties.get("TopicName", self._topic.name) != self._topic.name:
            new = Topic(request)
            self.delete()
            return new
        self._configure(request.properties)
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


class Subscription:
    """`AWS::SNS::Subscription` of a queue, which moto does not support."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = models.sns_backends[request.account_id][request.region]
        properties = request.properties
        subscription = self._backend.subscribe(
            properties["TopicArn"], properties["Endpoint"], properties["Protocol"]
        )
        self.physical_resource_id = subscription.arn

    def update(self, request: ResourceRequest) -> Subscription:
        """Replace the subscription."""
        self.delete()
        return Subscription(request)

    def delete(self, *_place: str) -> None:
        self._backend.unsubscribe(self.physical_resource_id)


class TopicPolicy:
    """`AWS::SNS::TopicPolicy`, which moto does not support. It replaces the default policy."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = request.name
        self._backend = models.sns_backends[request.account_id][request.region]
        self._arns = set(request.properties["Topics"])
        for arn in self._arns:
            self._backend.get_topic(arn).policy = json.dumps(request.properties["PolicyDocument"])

    def update(self, request: ResourceRequest) -> TopicPolicy:
        """Set the new policy, and restore the default policy of the other topics."""
        new = TopicPolicy(request._replace(name=self.physical_resource_id))
        self._arns -= new._arns
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        """Restore the default policy of the topics."""
        for arn in self._arns:
            # The topic does not exist if it was replaced.
            if topic := self._backend.topics.get(arn):
                place = self._backend.region_name, self._backend.account_id
                topic.policy = json.dumps(topic._create_default_topic_policy(*place, topic.name))


class ConnectionNotification:
    """`AWS::EC2::VPCEndpointConnectionNotification`, deleted with its service or endpoint."""

    def __init__(self, request: ResourceRequest) -> None:
        self.physical_resource_id = f"vpce-nfn-{mock_random.get_random_hex(17)}"
        self._owner_id = _owner_id(request)
        self._configure(request)

    def update(self, request: ResourceRequest) -> ConnectionNotification:
        """Update events and topic in place, or replace the notification if its owner changes."""
        if _owner_id(request) == self._owner_id:
            self._configure(request)
            return self
        new = ConnectionNotification(request)
        self.delete()
        return new

    def delete(self, *_place: str) -> None:
        self._notifications.pop(self.physical_resource_id, None)

    def get_cfn_attribute(self, name: str) -> str:
        return {"VPCEndpointConnectionNotificationId": self.physical_resource_id}[name]

    def _configure(self, request: ResourceRequest) -> None:
        owner = _find_owner(request, self._owner_id)
        arn = request.properties["ConnectionNotificationArn"]
        topic = models.sns_backends[request.account_id][request.region].get_topic(arn)
        if not _allows_publishing(topic):
            message = f"The policy of {arn} does not allow vpce.amazonaws.com to sns:Publish"
            raise EC2ClientError("InvalidParameter", message)
        self._notifications = _get_notifications(owner)
        self._notifications[self.physical_resource_id] = {
            "ConnectionNotificationId": self.physical_resource_id,
            "ServiceId"
            if isinstance(owner, VPCServiceConfiguration)
            else "VpcEndpointId": owner.id,
            "ConnectionNotificationType": "Topic",
            "ConnectionNotificationArn": arn,
            "ConnectionEvents": request.properties["ConnectionEvents"],
            "ConnectionNotificationState": "Enabled",
        }


def publish(service: VPCServiceConfiguration, event: str, endpoint_id: str) -> None:
    """Send an event to the topics that want it, after the API call that caused it.

    AWS does not document the form of the message.
    """
    owners: list[VPCServiceConfiguration | VPCEndPoint] = [service]
    owners += [
        backend.vpc_end_points[endpoint_id]
        for account in list(ec2_backends.values())
        for backend in account.values()
        if endpoint_id in backend.vpc_end_points
    ]

    def send() -> None:
        for each in [each for owner in owners for each in _get_notifications(owner).values()]:
            if event not in each["ConnectionEvents"]:
                continue
            _, _, _, region, account, _ = each["ConnectionNotificationArn"].split(":")
            # The queue behind a topic may be deleted already.
            with suppress(Exception):
                models.sns_backends[account][region].publish(
                    message=f"{event} {endpoint_id}", arn=each["ConnectionNotificationArn"]
                )

    threading.Thread(target=send, daemon=True).start()


def describe_notifications(response: EC2Response) -> ActionResult:
    """Handle EC2's DescribeVpcEndpointConnectionNotifications."""
    notifications: dict[str, dict[str, Any]] = {}
    backend = response.ec2_backend
    for owner in (*backend.configurations.values(), *backend.vpc_end_points.values()):
        notifications |= _get_notifications(owner)
    notification_id = response._get_param("ConnectionNotificationId")
    if notification_id and notification_id not in notifications:
        message = f"The connection notification '{notification_id}' does not exist"
        raise EC2ClientError("InvalidConnectionNotification", message)
    selection = (
        [notifications[notification_id]] if notification_id else list(notifications.values())
    )
    return ActionResult({"ConnectionNotificationSet": selection})


def _owner_id(request: ResourceRequest) -> str:
    ids = [request.properties.get(name) for name in ("ServiceId", "VPCEndpointId")]
    return next((each for each in ids if each), "")


def _find_owner(request: ResourceRequest, owner_id: str) -> VPCServiceConfiguration | VPCEndPoint:
    """Return the service or the endpoint, which must be of the type Interface.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpointConnectionNotification.html
    """
    backend = ec2_backends[request.account_id][request.region]
    owner: VPCServiceConfiguration | VPCEndPoint
    if owner_id in backend.vpc_end_points:
        owner = endpoint = backend.vpc_end_points[owner_id]
        is_interface = endpoint.vpc_endpoint_type == "Interface"
    elif owner_id in backend.configurations:
        owner = service = backend.configurations[owner_id]
        is_interface = not service.gateway_load_balancer_arns
    else:
        raise UnknownVpcEndpointService(owner_id)
    if not is_interface:
        message = f"{owner_id}: Connection notifications are for interface endpoints only"
        raise EC2ClientError("InvalidParameter", message)
    return owner


def _get_notifications(
    owner: VPCServiceConfiguration | VPCEndPoint,
) -> dict[str, dict[str, Any]]:
    """Return the notifications of a service or an endpoint, by id. The owner stores them."""
    notifications: dict[str, dict[str, Any]] = vars(owner).setdefault(
        "connection_notifications", {}
    )
    return notifications


def _allows_publishing(topic: models.Topic) -> bool:
    """Return whether a statement allows PrivateLink to publish. Conditions are ignored."""
    for statement in _as_list(json.loads(topic.policy)["Statement"]):
        principal = statement.get("Principal")
        # "*" and {"AWS": ...}, as in the default policy, are not service principals.
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
    """Return the list of a policy element, which can be a value, a list or absent."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
