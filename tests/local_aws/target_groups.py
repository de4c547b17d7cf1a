"""Target groups and listeners for every type of load balancer."""

from __future__ import annotations

from typing import Any

from moto.elbv2.exceptions import ValidationError
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeListener, elbv2_backends

from .resource_request import ResourceRequest

# A change of these properties requires replacement.
_FIXED = ("IpAddressType", "Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")
_HEALTH_CHECK = {
    "HealthCheckProtocol": "healthcheck_protocol",
    "HealthCheckPort": "healthcheck_port",
    "HealthCheckPath": "healthcheck_path",
    "HealthCheckIntervalSeconds": "healthcheck_interval_seconds",
    "HealthCheckTimeoutSeconds": "healthcheck_timeout_seconds",
    "HealthyThresholdCount": "healthy_threshold_count",
    "UnhealthyThresholdCount": "unhealthy_threshold_count",
    "Matcher": "matcher",
}
_GENEVE_PORT = 6081
_GENEVE_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "send_tcp_reset.on_deregistration.enabled": "false",
    "send_tcp_reset.on_unhealthy.enabled": "false",
    "stickiness.enabled": "false",
    "stickiness.type": "source_ip_dest_ip_proto",
    "target_failover.on_deregistration": "no_rebalance",
    "target_failover.on_unhealthy": "no_rebalance",
}


class TargetGroup:
    """`AWS::ElasticLoadBalancingV2::TargetGroup`. In moto, it has no targets or attributes."""

    def __init__(self, request: ResourceRequest) -> None:
        self._backend = elbv2_backends[request.account_id][request.region]
        self._properties, properties = request.properties, request.properties
        geneve = properties.get("Protocol") == "GENEVE"
        if geneve and properties.get("Port") != _GENEVE_PORT:
            raise ValidationError("Port must be 6081 for target groups with the GENEVE protocol")
        self._group = self._backend.create_target_group(
            request.name,
            protocol=properties.get("Protocol"),
            protocol_version=properties.get("ProtocolVersion"),
            port=properties.get("Port"),
            vpc_id=properties.get("VpcId"),
            target_type=properties.get("TargetType"),
            ip_address_type=properties.get("IpAddressType"),
            **{option: properties.get(name) for name, option in _HEALTH_CHECK.items()},
        )
        if geneve:
            self._group.attributes = dict(_GENEVE_ATTRIBUTES)
        self._defaults = dict(self._group.attributes)
        self.physical_resource_id = self._group.arn
        try:
            self._configure(properties)
        except Exception:
            self.delete()
            raise

    def update(self, request: ResourceRequest) -> TargetGroup:
        """Update the target group in place, or replace it if a fixed property changes."""
        if any(request.properties.get(name) != self._properties.get(name) for name in _FIXED):
            new = TargetGroup(request)
            # The stack deletes the old one when nothing refers to it.
            vars(new)["replaced"] = self
            return new
        self._backend.modify_target_group(
            self._group.arn,
            request.properties.get("HealthCheckProtocol"),
            request.properties.get("HealthCheckPort"),
            request.properties.get("HealthCheckPath"),
            request.properties.get("HealthCheckIntervalSeconds"),
            request.properties.get("HealthCheckTimeoutSeconds"),
            request.properties.get("HealthyThresholdCount"),
            request.properties.get("UnhealthyThresholdCount"),
        )
        self._configure(request.properties)
        self._properties = request.properties
        return self

    def delete(self, *_place: str) -> None:
        self._backend.delete_target_group(self._group.arn)

    def get_cfn_attribute(self, name: str) -> Any:
        return {
            "LoadBalancerArns": self._group.load_balancer_arns,
            "TargetGroupArn": self._group.arn,
            "TargetGroupFullName": self._group.arn.rsplit(":", 1)[1],
            "TargetGroupName": self._group.name,
        }[name]

    def _configure(self, properties: dict[str, Any]) -> None:
        arn = self._group.arn
        values = properties.get("TargetGroupAttributes", [])
        attributes = {each["Key"]: str(each["Value"]) for each in values}
        if self._group.protocol == "GENEVE":
            _validate_geneve_attributes(_GENEVE_ATTRIBUTES | attributes)
        self._group.attributes = dict(self._defaults)
        self._backend.modify_target_group_attributes(arn, attributes)
        targets = properties.get("Targets", [])
        # Only the stack's targets: targets can also be registered outside of the stack.
        old_ids = {target["Id"] for target in self._properties.get("Targets", [])}
        old_ids -= {target["Id"] for target in targets}
        for identifier in old_ids & self._group.targets.keys():
            self._backend.deregister_targets(arn, [{"Id": identifier}])
        self._backend.register_targets(arn, targets)
        self._backend.tagging_service.delete_all_tags_for_resource(arn)
        self._backend.tagging_service.tag_resource(arn, properties.get("Tags"))


def create_listener(request: ResourceRequest) -> FakeListener:
    """Create a listener. For gateways, it has no port or protocol, and can have weights."""
    properties = request.properties
    certificates = [each["CertificateArn"] for each in properties.get("Certificates", [])]
    names = {
        "LoadBalancerArn": "load_balancer_arn",
        "Protocol": "protocol",
        "Port": "port",
        "SslPolicy": "ssl_policy",
        "DefaultActions": "actions",
        "AlpnPolicy": "alpn_policy",
        "Tags": "tags",
    }
    values: dict[str, Any] = {option: properties.get(name) for name, option in names.items()}
    values["certificate"] = next(iter(certificates), None)
    backend = elbv2_backends[request.account_id][request.region]
    listener = backend.create_listener(**values)
    # moto would return an empty string.
    vars(listener)["protocol"] = listener.protocol or None
    return listener


def update_listener(listener: FakeListener, request: ResourceRequest) -> FakeListener:
    """Update a listener. moto's stacks support fewer protocols, and no weights."""
    properties = request.properties
    backend = elbv2_backends[request.account_id][request.region]
    arn = properties["LoadBalancerArn"]
    if arn != listener.load_balancer_arn:
        new = create_listener(request)
        vars(new)["replaced"] = listener
        return new
    port, protocol = properties.get("Port"), properties.get("Protocol")
    actions = [FakeAction(action) for action in properties["DefaultActions"]]
    backend._validate_port_and_protocol(backend.load_balancers[arn].type, port, protocol)
    backend._validate_actions(actions)
    certificates = [each["CertificateArn"] for each in properties.get("Certificates", [])]
    vars(listener).update(
        alpn_policy=properties.get("AlpnPolicy", []),
        certificate=next(iter(certificates), None),
        certificates=certificates,
        default_actions=actions,
        port=port,
        protocol=protocol,
        ssl_policy=properties.get("SslPolicy"),
    )
    vars(listener._default_rule[0])["actions"] = actions
    _update_target_groups(backend)
    return listener


def delete_listener(backend: ELBv2Backend, listener: FakeListener) -> None:
    """Delete a listener, and update the load balancers of the target groups."""
    del backend.load_balancers[listener.load_balancer_arn].listeners[listener.arn]
    _update_target_groups(backend)


def _update_target_groups(backend: ELBv2Backend) -> None:
    """Set the load balancers of every target group."""
    for group in backend.target_groups.values():
        group.load_balancer_arns = [
            balancer.arn
            for balancer in backend.load_balancers.values()
            if any(
                group.arn in backend._get_target_group_arns_from(action.data)
                for listener in balancer.listeners.values()
                for rule in listener.rules.values()
                for action in rule.actions
            )
        ]


def _validate_geneve_attributes(attributes: dict[str, str]) -> None:
    if unknown := attributes.keys() - _GENEVE_ATTRIBUTES.keys():
        keys = ", ".join(sorted(unknown))
        raise ValidationError(f"Target group attribute key '{keys}' is not recognized")
    failover = {attributes[key] for key in attributes if key.startswith("target_failover.")}
    if len(failover) > 1:
        raise ValidationError(
            "target_failover.on_deregistration and target_failover.on_unhealthy must be the same"
        )
    resets = {attributes[key] for key in attributes if key.startswith("send_tcp_reset.")}
    if "true" in resets and (attributes["stickiness.enabled"], failover) != (
        "false",
        {"no_rebalance"},
    ):
        raise ValidationError("send_tcp_reset requires 5-tuple stickiness and no_rebalance")
